from django.db import models
from django.db.models import Q

from accounts.models import User


class TrajectoryPoint(models.Model):
    """The target value of an indicator for one month."""

    indicator = models.ForeignKey(
        "metrics.Indicator", on_delete=models.CASCADE, related_name="trajectory_points"
    )
    month = models.DateField()
    value = models.DecimalField(max_digits=16, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="trajectory_point_once_per_month", fields=["indicator", "month"]
            ),
            models.CheckConstraint(
                name="trajectory_month_is_a_first_day", condition=Q(month__day=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.reference} {self.month:%Y-%m}: {self.value}"


class TrajectoryVersion(models.Model):
    """The whole trajectory and final target as they were from one act on. Append-only.

    Version 1 is the baseline; each later one names the change request that made it.
    """

    indicator = models.ForeignKey(
        "metrics.Indicator", on_delete=models.PROTECT, related_name="trajectory_versions"
    )
    number = models.PositiveSmallIntegerField()
    # Month ("2016-03") to value, as exact decimal text.
    values = models.JSONField()
    final_target = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    # Its number within the programme: a foreign key would point up to `governance`.
    change_request_number = models.PositiveIntegerField(null=True, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_date = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="trajectory_version_number_once", fields=["indicator", "number"]
            ),
            models.CheckConstraint(
                name="trajectory_version_after_first_names_its_request",
                condition=Q(number=1, change_request_number__isnull=True)
                | Q(number__gt=1, change_request_number__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.reference} trajectory version {self.number}"

    @property
    def summary(self) -> str:
        """The months it spans and the final target, in words."""
        months = sorted(self.values)
        span = f"{months[0]} to {months[-1]}, {len(months)} months" if months else "no months"
        target = "none" if self.final_target is None else f"{self.final_target.normalize():f}"
        return f"{span}; final target {target}"
