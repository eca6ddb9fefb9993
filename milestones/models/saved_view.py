from django.db import models
from django.db.models import Q

from accounts.models import User
from workstreams.models import Programme, Role


class SavedView(models.Model):
    """A named filter, sorting and choice of columns of the register: one's own, or a role's."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    # The address's query string, as the register reads it.
    query = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="saved_views"
    )
    shared_with = models.CharField(max_length=20, choices=Role, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="saved_view_name_once", fields=["programme", "owner", "shared_with", "name"]
            ),
            models.CheckConstraint(
                name="saved_view_of_person_or_role",
                condition=Q(owner__isnull=False, shared_with="")
                | (Q(owner__isnull=True) & ~Q(shared_with="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name
