from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import User
from workstreams.models import Programme


class EntryChannel(models.TextChoices):
    PAGE = "page", "Page"
    GRID = "grid", "Grid"
    IMPORT = "import", "Import"


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    def in_force(self) -> "MeasurementQuerySet":
        """Values that no correction has replaced."""
        return self.filter(replaced_at__isnull=True)

    def up_to(self, month: date) -> "MeasurementQuerySet":
        return self.filter(month__lte=month)

    def with_author(self) -> "MeasurementQuerySet":
        return self.select_related("recorded_by").order_by("month", "recorded_at", "pk")

    def version(self) -> int:
        """A number that grows with every value entered, for the check of a stale form."""
        return self.aggregate(newest=models.Max("pk"))["newest"] or 0


class Measurement(models.Model):
    """One value of an indicator for one month. A correction adds a row and keeps the old one."""

    indicator = models.ForeignKey(
        "metrics.Indicator", on_delete=models.PROTECT, related_name="measurements"
    )
    month = models.DateField()
    value = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    text = models.TextField(blank=True, max_length=2000)
    # Provisional until its source confirms it; a final one replaces it without a reason.
    is_provisional = models.BooleanField(default=False)
    channel = models.CharField(max_length=10, choices=EntryChannel, default=EntryChannel.PAGE)
    # From the plan file itself, not entered here: never illustrative.
    is_from_plan = models.BooleanField(default=False)
    recorded_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()
    correction_reason = models.CharField(max_length=300, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="measurement_in_force_once_per_month",
                fields=["indicator", "month"],
                condition=Q(replaced_at__isnull=True),
            ),
            models.CheckConstraint(
                name="measurement_month_is_a_first_day", condition=Q(month__day=1)
            ),
            models.CheckConstraint(
                name="measurement_has_value_or_text",
                condition=Q(value__isnull=False) | ~Q(text=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.reference} {self.month:%Y-%m}: {self.value}"


class MeasurementFile(models.Model):
    """A spreadsheet of values as uploaded, read and checked; its rows wait to be confirmed.

    Confirming writes all of them or none. Kept afterwards as the record of the import.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=150)
    sha256 = models.CharField(max_length=64)
    # The rows as read: [{"row": 2, "indicator": "WS1-I1a", "month": "2016-10", "value": "95.2"}].
    rows = models.JSONField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.file_name
