from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse

from accounts.models import User
from metrics.models.measurements import Measurement
from metrics.models.process import Annotation, Rebase
from metrics.models.trajectories import TrajectoryPoint
from metrics.numbers import Number, show_value
from metrics.rating import AttainmentMethod, Direction
from workstreams.models import Programme, Project, Workstream


class IndicatorKind(models.TextChoices):
    NUMBER = "number", "Number"
    PERCENT = "percent", "Per cent"
    RATE = "rate", "Rate"
    DURATION = "duration", "Duration"
    YES_NO = "yes_no", "Yes or no"
    NARRATIVE = "narrative", "Narrative"


class Frequency(models.TextChoices):
    MONTHLY = "monthly", "Every month"
    QUARTERLY = "quarterly", "Every quarter"


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def with_people(self) -> "IndicatorQuerySet":
        return self.select_related("programme", "workstream__executive_lead", "local_owner")

    def in_plan_order(self) -> "IndicatorQuerySet":
        return self.order_by("workstream__position", "position", "pk")

    def sharing_bullet_of(self, indicator: "Indicator") -> "IndicatorQuerySet":
        """The other measures of the same bullet of the plan."""
        same = self.filter(programme_id=indicator.programme_id, bullet=indicator.bullet)
        return same.exclude(pk=indicator.pk).select_related("programme").in_plan_order()

    def with_series(self) -> "IndicatorQuerySet":
        """With trajectory and values in force loaded, for lists and charts without more queries."""
        return self.prefetch_related(
            models.Prefetch(
                "trajectory_points",
                queryset=TrajectoryPoint.objects.order_by("month"),
                to_attr="loaded_trajectory",
            ),
            models.Prefetch(
                "measurements",
                queryset=Measurement.objects.in_force().order_by("month"),
                to_attr="loaded_measurements",
            ),
            models.Prefetch(
                "rebases",
                queryset=Rebase.objects.standing().select_related("made_by"),
                to_attr="loaded_rebases",
            ),
            models.Prefetch(
                "annotations",
                queryset=Annotation.objects.standing().select_related("made_by"),
                to_attr="loaded_annotations",
            ),
        )


class Indicator(models.Model):
    """A success measure of a work stream. Comes from the plan file; values come monthly.

    The PMO says how it is measured and read. Once its trajectory is baselined, only an approved
    change request moves that and the final target.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="indicators")
    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="indicators")
    projects = models.ManyToManyField(Project, related_name="indicators", blank=True)
    reference = models.CharField(max_length=20)
    # The plan's bullet: measures of one compound bullet share it (WS1-I1a, WS1-I1b: WS1-I1).
    bullet = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    unit = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=20, choices=IndicatorKind)
    direction = models.CharField(max_length=10, choices=Direction)
    attainment_method = models.CharField(
        max_length=10, choices=AttainmentMethod, default=AttainmentMethod.RATIO
    )
    met_threshold = models.PositiveSmallIntegerField(null=True, blank=True)
    near_threshold = models.PositiveSmallIntegerField(null=True, blank=True)
    baseline_value = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    baseline_month = models.DateField(null=True, blank=True)
    final_target = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    is_target_inferred = models.BooleanField(default=False)
    # Where the values come from: a system, a report, an audit.
    source = models.CharField(max_length=200, blank=True)
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.MONTHLY)
    # How its SPC chart is worked out (see metrics.spc).
    screen_outliers = models.BooleanField(default=False)
    fix_after = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(12)]
    )
    local_owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_indicators"
    )
    # Grows with every change of the indicator itself or its trajectory, for the check of a form.
    version = models.PositiveIntegerField(default=1)
    position = models.PositiveIntegerField()
    source_lines = models.CharField(max_length=60, blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="indicator_reference_once", fields=["programme", "reference"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("metrics:indicator_detail", args=[self.programme.slug, self.reference])

    @property
    def is_yes_no(self) -> bool:
        return self.kind == IndicatorKind.YES_NO

    @property
    def is_narrative(self) -> bool:
        return self.kind == IndicatorKind.NARRATIVE

    @property
    def met_percent(self) -> int:
        return self.met_threshold or self.programme.met_threshold

    @property
    def near_percent(self) -> int:
        return self.near_threshold or self.programme.near_threshold

    def show(self, value: Number | None) -> str:
        """Give a value with its unit as people read it: "12.6%", "3,169 WTE", "Yes"."""
        return "" if value is None else show_value(value, self.unit, yes_no=self.is_yes_no)

    @property
    def is_quarterly(self) -> bool:
        return self.frequency == Frequency.QUARTERLY
