from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from milestones.models.history import FieldChange
from workstreams.models import Programme


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def standing(self) -> "EvidenceQuerySet":
        """What nobody took off."""
        return self.filter(removed_date__isnull=True)

    def for_panel(self) -> "EvidenceQuerySet":
        return self.select_related("milestone__programme", "added_by", "removed_by").order_by("pk")


class Evidence(models.Model):
    """A file or a link that shows that a milestone was done. Adding one changes no date.

    Never deleted: taking it off keeps the row, with who did so and when.
    """

    milestone = models.ForeignKey("Milestone", on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=200)
    url = models.URLField(max_length=500, blank=True)
    # Stored under a random name outside the web root; `file_name` is what members see.
    file = models.FileField(max_length=200, blank=True)
    file_name = models.CharField(max_length=150, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_date = models.DateField()
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_date = models.DateField(null=True, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="evidence_is_file_or_link",
                condition=Q(url="") & ~Q(file="") & ~Q(sha256="") | ~Q(url="") & Q(file=""),
            ),
            models.CheckConstraint(
                name="evidence_removed_by_somebody",
                condition=Q(removed_by__isnull=True, removed_date__isnull=True)
                | Q(removed_by__isnull=False, removed_date__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where it is: the link itself, or the download of the file."""
        if self.url:
            return self.url
        milestone = self.milestone
        keys = [milestone.programme.slug, milestone.reference, self.pk]
        return reverse("milestones:evidence_download", args=keys)

    @property
    def programme(self) -> Programme:
        return self.milestone.programme


class AssuranceOutcome(models.TextChoices):
    ASSURED = "assured", "Assured"
    RETURNED = "returned", "Returned"


# A change of one of these ends what was said of the completion before.
COMPLETION_FIELDS = ("status", "completed_date")


class AssuranceQuerySet(models.QuerySet["Assurance"]):
    def standing(self) -> "AssuranceQuerySet":
        """Acceptances of a completion that is still the one that they were given for."""
        return self.standing_on(None).filter(completed_date=F("milestone__completed_date"))

    def standing_on(self, day: date | None) -> "AssuranceQuerySet":
        """Acceptances that stood at the end of a day; for None, that nothing since has ended."""
        later = FieldChange.objects.filter(
            milestone=OuterRef("milestone"),
            field__in=COMPLETION_FIELDS,
            made_at__gt=OuterRef("given_at"),
        )
        given = self
        if day:
            later, given = later.filter(made_date__lte=day), self.filter(given_date__lte=day)
        return given.filter(
            ~Exists(later),
            outcome=AssuranceOutcome.ASSURED,
        )

    def newest_first(self) -> "AssuranceQuerySet":
        return self.select_related("given_by").order_by("-given_at", "-pk")


class Assurance(models.Model):
    """What a second person, never the owner, said of a milestone's completion. Append-only.

    The newest counts, while the milestone is complete as it was when it was given.
    """

    milestone = models.ForeignKey("Milestone", on_delete=models.PROTECT, related_name="assurances")
    outcome = models.CharField(max_length=10, choices=AssuranceOutcome)
    comment = models.TextField(blank=True, max_length=2000)
    # The completion that it is about: reopening ends it.
    completed_date = models.DateField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_date = models.DateField()
    given_at = models.DateTimeField()

    objects = AssuranceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="assurance_return_has_comment",
                condition=Q(outcome=AssuranceOutcome.ASSURED) | ~Q(comment=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.milestone}: {self.get_outcome_display()}"

    @property
    def programme(self) -> Programme:
        return self.milestone.programme
