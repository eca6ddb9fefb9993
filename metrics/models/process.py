from django.db import models
from django.db.models import Q

from accounts.models import User


class RebaseQuerySet(models.QuerySet["Rebase"]):
    def standing(self) -> "RebaseQuerySet":
        """Those that nobody took back, in the order of the months."""
        return self.filter(removed_by__isnull=True).order_by("month", "pk")


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def standing(self) -> "AnnotationQuerySet":
        """Those that nobody took back, in the order of the months."""
        return self.filter(removed_by__isnull=True).order_by("month", "pk")


class MonthNote(models.Model):
    """Something that a person said of one month of an indicator. Taken back, never deleted."""

    month = models.DateField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    removed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Rebase(MonthNote):
    """From this month on the process is another one: its own mean, limits and runs.

    Set by the PMO with a reason, never automatically (NHS Making Data Count).
    """

    indicator = models.ForeignKey(
        "metrics.Indicator", on_delete=models.PROTECT, related_name="rebases"
    )
    reason = models.CharField(max_length=300)

    objects = RebaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="rebase_once_per_month",
                fields=["indicator", "month"],
                condition=Q(removed_by__isnull=True),
            ),
            models.CheckConstraint(name="rebase_month_is_a_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="rebase_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.reference} rebased at {self.month:%Y-%m}"


class Annotation(MonthNote):
    """What happened in a month, marked on the indicator's chart."""

    indicator = models.ForeignKey(
        "metrics.Indicator", on_delete=models.PROTECT, related_name="annotations"
    )
    text = models.CharField(max_length=120)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="annotation_month_is_a_first_day", condition=Q(month__day=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.reference} {self.month:%Y-%m}: {self.text}"
