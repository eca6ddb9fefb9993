from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.request_id import current_request_id
from milestones.models.status import MilestoneStatus
from milestones.rating import DeliveryRating
from workstreams.dates import DatePrecision, show_date
from workstreams.models import Programme, ReportingMonth


class UpdateChannel(models.TextChoices):
    PAGE = "page", "Page"
    BULK = "bulk", "Bulk change"
    IMPORT = "import", "Import"
    JOB = "job", "Job"


class MilestoneUpdateQuerySet(models.QuerySet["MilestoneUpdate"]):
    def newest_of(self, programme: Programme) -> "MilestoneUpdateQuerySet":
        """The last update of each of a programme's milestones."""
        own = self.filter(milestone__programme=programme)
        newest = own.order_by().values("milestone").annotate(newest=models.Max("pk"))
        return self.filter(pk__in=newest.values("newest"))


class MilestoneUpdate(models.Model):
    """An owner's position on a milestone for one reporting month. Append-only.

    The newest of a month is the month's; ``owner_view`` is the rating the owner believes in,
    kept beside the computed one and never mixed with it.
    """

    milestone = models.ForeignKey("Milestone", on_delete=models.PROTECT, related_name="updates")
    month = models.ForeignKey(ReportingMonth, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=MilestoneStatus)
    forecast_date = models.DateField(null=True, blank=True)
    completed_date = models.DateField(null=True, blank=True)
    owner_view = models.CharField(max_length=20, choices=DeliveryRating, blank=True)
    narrative = models.TextField(blank=True, max_length=2000)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_date = models.DateField()
    made_at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=UpdateChannel, default=UpdateChannel.PAGE)
    # Why it was completed without evidence, or changed in bulk.
    reason = models.CharField(max_length=300, blank=True)
    # The milestone's version that this update made.
    version = models.PositiveIntegerField(default=0)

    objects = MilestoneUpdateQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.milestone.reference} {self.made_date}"


class PlanVersion(models.Model):
    """One value that a milestone's planned date has had, and the change request that made it.

    Version 1 is the baseline. Append-only: the database itself refuses a change.
    """

    milestone = models.ForeignKey(
        "Milestone", on_delete=models.PROTECT, related_name="plan_versions"
    )
    number = models.PositiveSmallIntegerField()
    planned_date = models.DateField()
    planned_precision = models.CharField(max_length=20, choices=DatePrecision)
    # Its number within the programme: a foreign key would point up to `governance`.
    change_request_number = models.PositiveIntegerField(null=True, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_date = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="plan_version_number_once", fields=["milestone", "number"]
            ),
            models.CheckConstraint(
                name="plan_version_after_first_names_its_request",
                condition=Q(number=1, change_request_number__isnull=True)
                | Q(number__gt=1, change_request_number__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone.reference} version {self.number}"

    @property
    def planned_text(self) -> str:
        return show_date(self.planned_date, self.planned_precision)


class FieldChange(models.Model):
    """One field of a milestone that changed: from, to, who, when, how and why. Append-only.

    Written by ``milestones.writing.write`` alone, for every change. The milestone as at a day is
    the milestone of today with every later change undone.
    """

    milestone = models.ForeignKey("Milestone", on_delete=models.PROTECT, related_name="changes")
    # The milestone's version that the change made; changes of one act share it.
    version = models.PositiveIntegerField()
    field = models.CharField(max_length=40)
    old_value = models.JSONField(null=True)
    new_value = models.JSONField(null=True)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_date = models.DateField()
    made_at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=UpdateChannel, default=UpdateChannel.PAGE)
    reason = models.CharField(max_length=300, blank=True)
    change_request_number = models.PositiveIntegerField(null=True, blank=True)
    request_id = models.CharField(max_length=36, blank=True, default=current_request_id)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="field_change_once_per_version", fields=["milestone", "version", "field"]
            )
        ]
        indexes = [models.Index(fields=["milestone", "made_date"], name="field_change_by_day")]

    def __str__(self) -> str:
        return f"{self.milestone.reference} {self.field}"
