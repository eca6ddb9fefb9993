"""What is due from one person this month, and what waits for them. Constant queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from governance.cqc_queue import Turn, turns_of
from governance.models import CqcState, ExceptionReport, MeetingAction, RemedialAction, Risk
from metrics.models import Measurement
from metrics.standing import Standing, reporting_month, standings
from milestones.models import (
    FieldChange,
    Milestone,
    MilestoneQuerySet,
    MilestoneStatus,
    MilestoneUpdate,
)
from milestones.rating import DeliveryRating
from milestones.writing import restored
from reports.waiting import Asked, waiting_for
from workstreams.calendar import next_month
from workstreams.dates import long_day
from workstreams.models import Programme, ReportingMonth, Role, Workstream
from workstreams.months import month_to_update

PMO = frozenset({Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER})
UPDATERS = PMO | {Role.EXECUTIVE_LEAD, Role.LOCAL_OWNER}
# Of more CQC actions that nobody has begun yet than these only the number is said.
MOST_OPEN_ACTIONS = 5


@dataclass(frozen=True)
class MilestoneWork:
    """One milestone on the page of who updates it.

    ``update`` is its newest; it counts for the month under way if ``is_updated``. ``moved_days``
    is by how much that update moved the forecast (or set it off the planned date).
    """

    milestone: Milestone
    rating: DeliveryRating
    days_late: int | None
    forecast_passed: bool
    update: MilestoneUpdate | None
    is_updated: bool
    saved_at: str
    moved_days: int | None

    @property
    def anchor(self) -> str:
        return f"milestone-{self.milestone.pk}"

    @property
    def word(self) -> str:
        return self.milestone.programme.word_for(self.rating)

    @property
    def may_confirm(self) -> bool:
        """Whether one press can say "still on track": true by its dates, and not yet said."""
        return self.is_confirmable and not self.is_updated

    @property
    def is_confirmable(self) -> bool:
        return self.rating == DeliveryRating.ON_TRACK and not self.forecast_passed

    @property
    def confirmation(self) -> str:
        """What that press says for the monthly report."""
        expected = self.milestone.expected_date
        return f"Still on track for {long_day(expected)}." if expected else ""

    @property
    def ask(self) -> str:
        """Why one press is not enough, in words; "" where it is."""
        if self.is_updated or self.may_confirm:
            return ""
        if self.milestone.planned_date is None:
            return "It has no planned date yet. Say how it stands."
        if self.forecast_passed:
            return "Its forecast has passed. Say when it will be done."
        return "It is late. Say what happens and when it will be done."


@dataclass(frozen=True)
class MeasurementWork:
    """One indicator and its value of the last complete month, which is due or saved."""

    standing: Standing
    saved_at: str
    # Of the month under way, whose value may be known before the month is over.
    is_ahead: bool

    @property
    def anchor(self) -> str:
        return f"indicator-{self.standing.indicator.pk}"

    @property
    def month_under_way(self) -> date:
        return next_month(self.standing.month)


@dataclass(frozen=True)
class Share:
    """Milestones, measurements and reports that belong to one person, or to who reports to them."""

    milestones: Sequence[MilestoneWork]
    measurements: Sequence[MeasurementWork]
    reports: Sequence[ExceptionReport]

    @property
    def due(self) -> list[MilestoneWork]:
        return [row for row in self.milestones if not row.is_updated]

    @property
    def updated_count(self) -> int:
        return len(self.milestones) - len(self.due)

    @property
    def measurements_due(self) -> list[MeasurementWork]:
        return [row for row in self.measurements if not row.standing.is_reported]

    @property
    def count_due(self) -> int:
        return len(self.due) + len(self.measurements_due)

    @property
    def due_words(self) -> str:
        """How much is due, in words: "12 milestones and 2 measurements"."""
        counts = ((len(self.due), "milestone"), (len(self.measurements_due), "measurement"))
        return " and ".join(_number(count, noun) for count, noun in counts if count)

    @property
    def confirmable(self) -> list[MilestoneWork]:
        return [row for row in self.milestones if row.may_confirm]


@dataclass(frozen=True)
class MyWork:
    """Everything due from one person. ``led`` is the own work stream's, of other people."""

    programme: Programme
    today: date
    month: ReportingMonth
    measured_month: date
    own: Share
    led: Share
    led_workstreams: Sequence[Workstream]
    asked: Sequence[Asked]
    actions: Sequence[RemedialAction]
    # Risks and issues of the person whose review is overdue.
    reviews: Sequence[Risk]
    meeting_actions: Sequence[MeetingAction]
    # CQC actions that the person may take a step on now.
    cqc: Sequence[Turn]
    # Milestones nobody has updated yet, for the PMO; None for everybody else.
    missing: int | None

    @property
    def escalated(self) -> list[ExceptionReport]:
        """Overdue reports of the work that they lead, of which they were told."""
        return [report for report in self.led.reports if report.is_escalated]

    @property
    def reports_of_others(self) -> list[ExceptionReport]:
        """The other reports owed in the work that they lead."""
        return [report for report in self.led.reports if not report.is_escalated]

    @property
    def cqc_open(self) -> list[Turn]:
        return [turn for turn in self.cqc if turn.state == CqcState.OPEN]

    @property
    def cqc_listed(self) -> list[Turn]:
        """The CQC actions to name one by one: all, or those that are under way if many are open."""
        if len(self.cqc_open) <= MOST_OPEN_ACTIONS:
            return list(self.cqc)
        return [turn for turn in self.cqc if turn.state != CqcState.OPEN]

    @property
    def cqc_open_left_out(self) -> int:
        return len(self.cqc) - len(self.cqc_listed)

    @property
    def lead(self) -> str:
        """The page's first sentence: how much is due, and by when."""
        day = long_day(self.month.dates.updates_due)
        is_past = self.today > self.month.dates.updates_due
        due = f"overdue since {day}" if is_past else f"due by {day}"
        own, led = self.own.count_due, self.led.count_due
        if own:
            return f"{self.own.due_words} {_are(own)} {due}."
        if led:
            return f"{self.led.due_words} of the work you lead {_are(led)} {due}."
        if self.missing:
            open_ones = _number(self.missing, "open milestone")
            return f"{open_ones} {_are(self.missing)} {due}, from their owners."
        if self.own.milestones or self.own.measurements or self.led.milestones:
            return f"Everything due by {day} is saved."
        return "No update is due from you."


def my_work(
    programme: Programme, user: User, *, roles: frozenset[str], today: date, at: datetime
) -> MyWork:
    """Give what is due from a person on a day of the programme; `at` is the clock's instant."""
    month = month_to_update(programme, today=today)
    milestones = _milestones_of(programme, user, roles, month)
    rows = milestone_work(milestones, month=month, today=today, at=at)
    measured_month = reporting_month(today)
    measured = [
        measurement_work(standing, at=at)
        for standing in standings(programme, month=measured_month)
        if _is_for(standing.indicator, user, roles)
    ]
    reports = [
        report
        for report in ExceptionReport.objects.filter(programme=programme)
        .report_due()
        .with_subject()
        .order_by("report_due_date", "number")
        if _is_for(report, user, roles)
    ]
    actions = RemedialAction.objects.of_programme(programme).open().filter(owner=user)
    agreed = MeetingAction.objects.open().filter(owner=user, meeting__programme=programme)

    def share(*, own: bool) -> Share:
        def belongs(owner_id: int | None) -> bool:
            return _owns(owner_id, user, roles) == own

        return Share(
            [row for row in rows if belongs(row.milestone.local_owner_id)],
            [row for row in measured if belongs(row.standing.indicator.local_owner_id)],
            [report for report in reports if belongs(report.local_owner_id)],
        )

    is_lead = Role.EXECUTIVE_LEAD in roles
    led_workstreams = programme.workstreams.filter(executive_lead=user) if is_lead else []
    return MyWork(
        programme=programme,
        today=today,
        month=month,
        measured_month=measured_month,
        own=share(own=True),
        led=share(own=False),
        led_workstreams=list(led_workstreams),
        asked=waiting_for(user, programme, roles=roles, on=today),
        actions=list(actions.with_record().order_by("due_date", "pk")),
        reviews=list(Risk.objects.filter(programme=programme, owner=user).reviews_owed(on=today)),
        meeting_actions=list(agreed.first_due_first()),
        cqc=turns_of(user, programme, roles=roles),
        missing=_not_updated(programme, month).count() if roles & PMO else None,
    )


def milestone_work(
    milestones: Iterable[Milestone], *, month: ReportingMonth, today: date, at: datetime
) -> list[MilestoneWork]:
    """Give milestones from ``with_people`` as rows to update; two queries for all of them."""
    shown = list(milestones)
    newest = MilestoneUpdate.objects.newest_of(month.programme).filter(milestone__in=shown)
    updates = {update.milestone_id: update for update in newest.select_related("made_by", "month")}
    changes = FieldChange.objects.filter(milestone__in=updates, field="forecast_date")
    # A version makes one change of a field, so the newest is enough to find that of the update.
    moves = {(change.milestone_id, change.version): change for change in changes.order_by("pk")}
    rows = []
    for milestone in shown:
        update = updates.get(milestone.pk)
        rows.append(
            MilestoneWork(
                milestone=milestone,
                rating=milestone.rating(as_of=today),
                days_late=milestone.days_late(as_of=today),
                forecast_passed=milestone.has_forecast_in_past(as_of=today),
                update=update,
                is_updated=bool(update and update.month.month == month.month),
                saved_at=_saved_at(update.made_at, update.made_date, today, at) if update else "",
                moved_days=_moved(milestone, moves.get((milestone.pk, update.version)))
                if update
                else None,
            )
        )
    return rows


def measurement_work(standing: Standing, *, at: datetime) -> MeasurementWork:
    """Give an indicator of ``standings`` as a row to fill in; no query."""
    loaded: list[Measurement] = getattr(standing.indicator, "loaded_measurements", [])
    saved = next((each for each in loaded if each.month == standing.month), None)
    made = timezone.localdate(saved.recorded_at) if saved else None
    return MeasurementWork(
        standing,
        _saved_at(saved.recorded_at, made, made, at) if saved and made else "",
        any(each.month == next_month(standing.month) for each in loaded),
    )


def _milestones_of(
    programme: Programme, user: User, roles: frozenset[str], month: ReportingMonth
) -> MilestoneQuerySet:
    """Open milestones to update by the person, and those that this month's update completed."""
    mine = Q(pk__in=[])
    if Role.LOCAL_OWNER in roles:
        mine |= Q(local_owner=user)
    if Role.EXECUTIVE_LEAD in roles:
        mine |= Q(project__workstream__executive_lead=user)
        mine |= Q(enabler__isnull=False, lead_director=user)
    said = MilestoneUpdate.objects.filter(month__programme=programme, month__month=month.month)
    open_or_said = ~Q(status__in=[MilestoneStatus.COMPLETE, MilestoneStatus.WITHDRAWN]) | Q(
        status=MilestoneStatus.COMPLETE, pk__in=said.values("milestone")
    )
    milestones = Milestone.objects.filter(mine, open_or_said, programme=programme).with_people()
    return milestones.order_by(F("planned_date").asc(nulls_last=True), "reference", "pk")


def _not_updated(programme: Programme, month: ReportingMonth) -> MilestoneQuerySet:
    return Milestone.objects.filter(programme=programme).not_updated_for(month.month)


def _is_for(subject: object, user: User, roles: frozenset[str]) -> bool:
    """Whether the person owns or leads it: ``workstreams.roles`` without a query per row."""
    if _owns(getattr(subject, "local_owner_id", None), user, roles):
        return True
    workstream = getattr(subject, "workstream", None)
    lead = workstream.executive_lead_id if workstream else getattr(subject, "lead_director_id", 0)
    return Role.EXECUTIVE_LEAD in roles and lead == user.pk


def _owns(owner_id: int | None, user: User, roles: frozenset[str]) -> bool:
    return owner_id == user.pk and Role.LOCAL_OWNER in roles


def _moved(milestone: Milestone, change: FieldChange | None) -> int | None:
    if change is None or milestone.forecast_date is None:
        return None
    before = restored("forecast_date", change.old_value) or milestone.planned_date
    return (milestone.forecast_date - before).days if before else None


def _saved_at(instant: datetime, made_date: date, today: date, at: datetime) -> str:
    """When it was saved, as its owner remembers it: "14:02" on the same day, else the day."""
    local = timezone.localtime(instant)
    if made_date == today and local.date() == timezone.localdate(at):
        return f"{local:%H:%M}"
    return long_day(made_date)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
