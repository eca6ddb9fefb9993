from datetime import date, timedelta

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from milestones.models.history import MilestoneUpdate
from milestones.models.status import WITHDRAWN, MilestoneStatus
from milestones.rating import (
    DeliveryRating,
    count_ratings,
    days_after_baseline,
    days_late,
    delivery_rating,
    explain,
    forecast_in_past,
)
from milestones.rating_sql import lateness, rating_case, urgency_case
from workstreams.calendar import month_start
from workstreams.dates import DatePrecision, show_date, span_end
from workstreams.models import Enabler, Programme, Project, Workstream


def _shown(day: date | None, precision: str) -> str:
    return show_date(day, precision or DatePrecision.DAY) if day else ""


class DueWindow(models.TextChoices):
    """When an open milestone is due, seen from a day."""

    OVERDUE = "overdue", "Overdue"
    NEXT_30_DAYS = "next_30_days", "Next 30 days"
    NEXT_90_DAYS = "next_90_days", "Next 90 days"
    THIS_MONTH = "this_month", "This month"


class MissingFact(models.TextChoices):
    """What an open milestone still lacks: work to do for the PMO."""

    DATE = "date", "No planned date"
    OWNER = "owner", "No local owner"
    BASELINE = "baseline", "No baseline"


FIELD_OF = {"date": "planned_date", "owner": "local_owner_id", "baseline": "baseline_date"}


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def in_plan(self) -> "MilestoneQuerySet":
        """Milestones that count: not withdrawn."""
        return self.exclude(WITHDRAWN)

    def open(self) -> "MilestoneQuerySet":
        return self.exclude(status__in=[MilestoneStatus.COMPLETE, MilestoneStatus.WITHDRAWN])

    def overdue(self, *, on: date) -> "MilestoneQuerySet":
        """Open milestones whose planned date had passed on the given day."""
        return self.open().filter(planned_date__lt=on)

    def due_between(self, start: date, end: date) -> "MilestoneQuerySet":
        """Milestones in the plan, done or not, planned for a day from start to end inclusive."""
        return self.in_plan().filter(planned_date__range=(start, end))

    def due_in(self, window: DueWindow | str, *, on: date) -> "MilestoneQuerySet":
        """Open milestones due in a window; the next 30 days are the day itself and 30 more."""
        match DueWindow(window):
            case DueWindow.OVERDUE:
                return self.overdue(on=on)
            case DueWindow.NEXT_30_DAYS:
                return self.open().due_between(on, on + timedelta(days=30))
            case DueWindow.NEXT_90_DAYS:
                return self.open().due_between(on, on + timedelta(days=90))
            case DueWindow.THIS_MONTH:
                return self.open().due_between(month_start(on), span_end(on, DatePrecision.MONTH))

    def missing(self, fact: MissingFact | str) -> "MilestoneQuerySet":
        """Open milestones that lack their planned date, their local owner or their baseline."""
        return self.open().filter(**{f"{FIELD_OF[fact]}__isnull": True})

    def not_updated_since(self, day: date) -> "MilestoneQuerySet":
        """Open milestones without an update made after the day, a month's cut-off."""
        recent = MilestoneUpdate.objects.filter(milestone=OuterRef("pk"), made_date__gt=day)
        return self.open().filter(~Exists(recent))

    def not_updated_for(self, month: date) -> "MilestoneQuerySet":
        """Open milestones without an update for a month, named by its first day, or a later one."""
        said = MilestoneUpdate.objects.filter(milestone=OuterRef("pk"), month__month__gte=month)
        return self.open().filter(~Exists(said))

    def rated(
        self, *ratings: DeliveryRating | str, as_of: date, tolerance_days: int
    ) -> "MilestoneQuerySet":
        """Milestones with one of the ratings on a day; the tolerance is the programme's."""
        computed = rating_case(as_of=as_of, tolerance_days=tolerance_days, withdrawn=WITHDRAWN)
        return self.alias(computed_rating=computed).filter(computed_rating__in=ratings)

    def count_by_rating(self, *, as_of: date, tolerance_days: int) -> dict[DeliveryRating, int]:
        """How many have each rating, zeroes included, withdrawn ones left out. One query."""
        computed = rating_case(as_of=as_of, tolerance_days=tolerance_days, withdrawn=WITHDRAWN)
        rows = self.in_plan().order_by().values(computed_rating=computed)
        found = rows.annotate(number=Count("pk")).values_list("computed_rating", "number")
        return count_ratings([]) | {DeliveryRating(rating): number for rating, number in found}

    def worst_first(self, *, as_of: date) -> "MilestoneQuerySet":
        """Late ones by days late, then those without a date, on track, complete, withdrawn."""
        return self.alias(
            urgency=urgency_case(as_of=as_of, withdrawn=WITHDRAWN), lateness=lateness(as_of=as_of)
        ).order_by(
            "urgency",
            F("lateness").desc(nulls_last=True),
            F("planned_date").asc(nulls_last=True),
            "reference",
            "pk",
        )

    def latest_first(self, *, as_of: date) -> "MilestoneQuerySet":
        """Most days late against the planned date first, open or done; undated last."""
        return self.alias(lateness=lateness(as_of=as_of)).order_by(
            F("lateness").desc(nulls_last=True), "reference", "pk"
        )

    def with_people(self) -> "MilestoneQuerySet":
        """Everything one row of a list shows, in one query."""
        return self.select_related(
            "programme",
            "project__workstream__executive_lead",
            "enabler",
            "lead_director",
            "local_owner",
        )

    def for_list(self) -> "MilestoneQuerySet":
        """``with_people`` and ``has_updates``: a plan file brings none, a demonstration does."""
        updates = MilestoneUpdate.objects.filter(milestone=OuterRef("pk"))
        return self.with_people().annotate(has_updates=Exists(updates))

    def in_plan_order(self) -> "MilestoneQuerySet":
        return self.order_by(
            F("project__workstream__position").asc(nulls_last=True),
            F("project__position").asc(nulls_last=True),
            "position",
            "pk",
        )


class Milestone(models.Model):
    """A dated commitment of a project or of an enabler, with two accountable people.

    ``baseline_date`` is written once. ``planned_date`` equals it until an approved change request
    moves it (``milestones.services.move_planned_date``). ``forecast_date`` is the owner's own.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="milestones")
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="milestones"
    )
    enabler = models.ForeignKey(
        Enabler, null=True, blank=True, on_delete=models.PROTECT, related_name="milestones"
    )
    reference = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    note = models.TextField(blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    # The lead as the plan names the role; `lead_director` is the person who holds it.
    lead_role = models.CharField(max_length=150, blank=True)
    lead_director = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="directed_milestones"
    )
    local_owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_milestones"
    )
    status = models.CharField(
        max_length=20, choices=MilestoneStatus, default=MilestoneStatus.NOT_STARTED
    )
    # What the plan file says, whatever happened since; null where it names no date.
    stated_date = models.DateField(null=True, blank=True)
    baseline_date = models.DateField(null=True, blank=True)
    baseline_precision = models.CharField(max_length=20, choices=DatePrecision, blank=True)
    planned_date = models.DateField(null=True, blank=True)
    planned_precision = models.CharField(max_length=20, choices=DatePrecision, blank=True)
    # When the work was planned to begin; a predecessor that ends later than this stands in its way.
    planned_start_date = models.DateField(null=True, blank=True)
    forecast_date = models.DateField(null=True, blank=True)
    completed_date = models.DateField(null=True, blank=True)
    completed_precision = models.CharField(max_length=20, choices=DatePrecision, blank=True)
    # How often it was complete and was opened again.
    reopened_count = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField()
    source_lines = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)

    predecessors = models.ManyToManyField(
        "self",
        through="Dependency",
        # Django would take the first of the two for this end, and read every link backwards.
        through_fields=("successor", "predecessor"),
        symmetrical=False,
        related_name="successors",
    )

    objects = MilestoneQuerySet.as_manager()

    # Only on what ``milestones.as_at`` gives: the day on which it stood so.
    as_at_day: date | None = None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="milestone_reference_once", fields=["programme", "reference"]
            ),
            models.CheckConstraint(
                name="milestone_of_project_or_enabler",
                condition=Q(project__isnull=False, enabler__isnull=True)
                | Q(project__isnull=True, enabler__isnull=False),
            ),
            models.CheckConstraint(
                name="milestone_completed_date_iff_complete",
                condition=Q(status=MilestoneStatus.COMPLETE, completed_date__isnull=False)
                | (~Q(status=MilestoneStatus.COMPLETE) & Q(completed_date__isnull=True)),
            ),
            models.CheckConstraint(
                name="milestone_baselined_has_people_and_date",
                condition=Q(baseline_date__isnull=True)
                | Q(
                    planned_date__isnull=False,
                    lead_director__isnull=False,
                    local_owner__isnull=False,
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "planned_date"], name="milestone_by_planned_date")
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        url = reverse("milestones:milestone_detail", args=[self.programme.slug, self.reference])
        return f"{url}?as-at={self.as_at_day.isoformat()}" if self.as_at_day else url

    @property
    def workstream(self) -> Workstream | None:
        """The work stream it belongs to; none for a milestone of an enabler."""
        return self.project.workstream if self.project else None

    @property
    def belongs_to(self) -> str:
        return str(self.project or self.enabler)

    @property
    def is_baselined(self) -> bool:
        return self.baseline_date is not None

    @property
    def missing_for_baseline(self) -> list[str]:
        """What must be filled in before the PMO can set the baseline, in words."""
        needed = {
            "a lead director": self.lead_director_id,
            "a local owner": self.local_owner_id,
            "a planned date": self.planned_date,
        }
        return [words for words, value in needed.items() if not value]

    @property
    def is_open(self) -> bool:
        return self.status not in (MilestoneStatus.COMPLETE, MilestoneStatus.WITHDRAWN)

    @property
    def has_illustrative_date(self) -> bool:
        """Whether its planned date is the demonstration's and not the plan's."""
        return self.programme.is_demonstration and self.planned_date != self.stated_date

    @property
    def expected_date(self) -> date | None:
        """When it is now expected: the owner's forecast, else the planned date."""
        return self.forecast_date or self.planned_date

    @property
    def baseline_text(self) -> str:
        return _shown(self.baseline_date, self.baseline_precision)

    @property
    def planned_text(self) -> str:
        return _shown(self.planned_date, self.planned_precision)

    @property
    def forecast_text(self) -> str:
        return _shown(self.forecast_date, DatePrecision.DAY)

    @property
    def completed_text(self) -> str:
        return _shown(self.completed_date, self.completed_precision)

    def rating(self, *, as_of: date) -> DeliveryRating:
        return delivery_rating(
            planned=self.planned_date,
            forecast=self.forecast_date,
            completed=self.completed_date,
            as_of=as_of,
            tolerance_days=self.programme.tolerance_days,
            withdrawn=self.status == MilestoneStatus.WITHDRAWN,
        )

    def explain(self, *, as_of: date) -> str:
        """One sentence with the dates behind its rating on a day."""
        return explain(
            planned=self.planned_date,
            forecast=self.forecast_date,
            completed=self.completed_date,
            as_of=as_of,
            tolerance_days=self.programme.tolerance_days,
            withdrawn=self.status == MilestoneStatus.WITHDRAWN,
        )

    def days_late(self, *, as_of: date) -> int | None:
        """Days late against the planned date in force; None without one."""
        return days_late(
            planned=self.planned_date,
            forecast=self.forecast_date,
            completed=self.completed_date,
            as_of=as_of,
        )

    def days_late_on_baseline(self, *, as_of: date) -> int | None:
        """Days late against the date first agreed, whatever was approved since."""
        return days_after_baseline(
            baseline=self.baseline_date,
            planned=self.planned_date,
            forecast=self.forecast_date,
            completed=self.completed_date,
            as_of=as_of,
        )

    def lacks(self, fact: MissingFact | str) -> bool:
        """Whether it is open without the fact, as ``missing`` finds it."""
        return self.is_open and getattr(self, FIELD_OF[fact]) is None

    def has_forecast_in_past(self, *, as_of: date) -> bool:
        return self.is_open and forecast_in_past(
            forecast=self.forecast_date, completed=self.completed_date, as_of=as_of
        )


class Dependency(models.Model):
    """One milestone that must finish before another can."""

    predecessor = models.ForeignKey(
        Milestone, on_delete=models.CASCADE, related_name="links_to_successors"
    )
    successor = models.ForeignKey(
        Milestone, on_delete=models.CASCADE, related_name="links_to_predecessors"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="dependency_once", fields=["predecessor", "successor"]),
            models.CheckConstraint(
                name="dependency_not_on_itself", condition=~Q(predecessor=F("successor"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} before {self.successor}"


class SubTask(models.Model):
    """A step of a milestone. Its progress is shown and never decides the rating."""

    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="sub_tasks")
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_date = models.DateField(null=True, blank=True)
    done_date = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.title
