"""What stands on a trace: one node for each thing that happened, with links to its neighbours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from governance.models import ChangeRequest, Decision, ExceptionReport, RemedialAction
from metrics.models import Indicator, Measurement
from metrics.standing import standing
from milestones.models import Milestone, MilestoneUpdate, PlanVersion
from milestones.rating import DeliveryRating, delivery_rating
from reports.models import Pack, Snapshot
from workstreams.calendar import month_dates
from workstreams.dates import DatePrecision, long_month, show_date
from workstreams.models import Programme

LONGEST_NOTE = 300


class TraceKind(models.TextChoices):
    """What a trace starts from and is made of, in the order in which one follows from another."""

    UPDATE = "update", "Update"
    MEASUREMENT = "measurement", "Measurement"
    MILESTONE = "milestone", "Milestone"
    INDICATOR = "indicator", "Indicator"
    EXCEPTION = "exception", "Exception"
    ACTION = "remedial-action", "Remedial action"
    REQUEST = "change-request", "Change request"
    DECISION = "decision", "Decision"
    VERSION = "plan-version", "Plan version"
    SNAPSHOT = "snapshot", "Snapshot"
    PACK = "pack", "Pack"


# Nobody starts from one update or measurement: they have no page of their own.
STARTS = frozenset(TraceKind) - {TraceKind.UPDATE, TraceKind.MEASUREMENT}
ORDER = {kind: place for place, kind in enumerate(TraceKind)}


@dataclass(frozen=True)
class TraceLink:
    """A neighbour on the chain: how it is called, and the trace that starts from it."""

    label: str
    url: str


@dataclass(frozen=True)
class TraceNode:
    """One thing that happened on a day."""

    kind: TraceKind
    day: date
    text: str
    # What tells it from others of its kind in an address; "" where a trace cannot start from it.
    key: str = ""
    # The page of the thing itself.
    url: str = ""
    who: str = ""
    note: str = ""
    rating: str = ""
    word: str = ""
    # What it follows from, and what follows from it.
    because: tuple[TraceLink, ...] = ()
    leads_to: tuple[TraceLink, ...] = ()
    # Within a day: what ends something stands after what began it.
    is_end: bool = False

    @property
    def place(self) -> tuple[date, bool, int]:
        return (self.day, self.is_end, ORDER[self.kind])


def trace_url(programme: Programme, kind: TraceKind, key: object) -> str:
    """Give the address of the trace that starts at one record."""
    return reverse("reports:trace_detail", args=[programme.slug, kind.value, key])


def link_to_exception(report: ExceptionReport, programme: Programme) -> TraceLink:
    """Give the trace's link to an exception."""
    return TraceLink(report.label, trace_url(programme, TraceKind.EXCEPTION, report.number))


def link_to_request(request: ChangeRequest) -> TraceLink:
    """Give the trace's link to a change request."""
    return TraceLink(request.label, trace_url(request.programme, TraceKind.REQUEST, request.number))


def update_nodes(
    milestones: Sequence[Milestone],
    updates: Iterable[MilestoneUpdate],
    versions: Iterable[PlanVersion],
) -> list[TraceNode]:
    """Each update of an owner with the rating that its dates gave on that day."""
    by_milestone = {milestone.pk: milestone for milestone in milestones}
    history: dict[int, list[PlanVersion]] = {}
    for version in versions:
        history.setdefault(version.milestone_id, []).append(version)
    nodes = []
    for update in updates:
        milestone = by_milestone[update.milestone_id]
        known = history.get(milestone.pk, [])
        in_force = [each for each in known if each.made_at <= update.made_at]
        planned = in_force[-1].planned_date if in_force else milestone.planned_date
        rating = delivery_rating(
            planned=planned,
            forecast=update.forecast_date,
            completed=update.completed_date,
            as_of=update.made_date,
            tolerance_days=milestone.programme.tolerance_days,
            withdrawn=False,
        )
        nodes.append(
            TraceNode(
                TraceKind.UPDATE,
                update.made_date,
                f"{milestone.reference}: {_position(update)}",
                url=milestone.get_absolute_url(),
                who=str(update.made_by),
                note=update.narrative,
                rating=rating.value,
                word=milestone.programme.word_for(rating),
            )
        )
    return nodes


def _position(update: MilestoneUpdate) -> str:
    if update.completed_date:
        return f"completed {_shown(update.completed_date)}"
    if update.forecast_date:
        return f"forecast {_shown(update.forecast_date)}"
    return update.get_status_display().lower()


def measurement_nodes(
    indicators: Iterable[Indicator], measurements: Iterable[Measurement]
) -> list[TraceNode]:
    """Each value in force with its month's rating; `indicators` come from ``with_series``."""
    by_pk = {indicator.pk: indicator for indicator in indicators}
    nodes = []
    for each in measurements:
        indicator = by_pk[each.indicator_id]
        stands = standing(indicator, month=each.month)
        value = indicator.show(each.value) or "in words"
        against = f", trajectory {stands.shown_trajectory}" if stands.shown_trajectory else ""
        nodes.append(
            TraceNode(
                TraceKind.MEASUREMENT,
                _recorded_on(each, indicator.programme),
                f"{indicator.reference}: {long_month(each.month)} {value}{against}",
                url=indicator.get_absolute_url(),
                who=str(each.recorded_by or ""),
                note=each.text,
                rating=stands.rating.value,
                word=stands.word,
            )
        )
    return nodes


def _recorded_on(measurement: Measurement, programme: Programme) -> date:
    """The day of the entry; in a demonstration, whose clock stands still, when it was due."""
    day, today = timezone.localdate(measurement.recorded_at), programme.today()
    if day <= today:
        return day
    return min(month_dates(measurement.month, programme.month_offsets).updates_due, today)


def version_nodes(
    versions: Iterable[PlanVersion], requests: Mapping[int, ChangeRequest]
) -> list[TraceNode]:
    """Each plan version; `requests` are those of the programme by their number."""
    nodes = []
    for version in versions:
        milestone = version.milestone
        made_by = requests.get(version.change_request_number or 0)
        what = "baseline" if version.number == 1 else "planned date"
        nodes.append(
            TraceNode(
                TraceKind.VERSION,
                version.made_date,
                f"{milestone.reference}, version {version.number}: {what} {version.planned_text}",
                key=str(version.pk),
                url=milestone.get_absolute_url(),
                who=str(version.made_by),
                because=(link_to_request(made_by),) if made_by else (),
                is_end=version.number > 1,
            )
        )
    return nodes


def exception_nodes(
    reports: Iterable[ExceptionReport], *, shown: Mapping[str, str] | None = None
) -> list[TraceNode]:
    """Each exception as it was opened, then its report and its closing.

    With `shown`, the states that a snapshot shows by their labels, the opening alone.
    """
    nodes = []
    for report in reports:
        said: dict[str, Any] = {"key": str(report.number), "url": report.get_absolute_url()}
        subject = report.subject
        kind = TraceKind.MILESTONE if report.milestone else TraceKind.INDICATOR
        link = TraceLink(subject.reference, trace_url(report.programme, kind, subject.reference))
        opened = f"{report.label} opened on {subject.reference}"
        note = report.trigger if shown is None else _state_in(shown, report.label)
        nodes.append(
            TraceNode(
                TraceKind.EXCEPTION, report.opened_date, opened, note=note, because=(link,), **said
            )
        )
        if report.submitted_date and shown is None:
            who = str(report.submitted_by)
            text, note = f"{report.label}: report submitted", report.cause
            day = report.submitted_date
            nodes.append(TraceNode(TraceKind.EXCEPTION, day, text, who=who, note=note, **said))
        if report.closed_date and shown is None:
            text, note, day = f"{report.label} closed", report.closed_because, report.closed_date
            nodes.append(TraceNode(TraceKind.EXCEPTION, day, text, note=note, is_end=True, **said))
    return nodes


def _state_in(shown: Mapping[str, str], label: str) -> str:
    return f"Shown as {shown[label]}" if shown.get(label) else ""


def action_nodes(actions: Iterable[RemedialAction]) -> list[TraceNode]:
    """Each remedial action from the day it was promised, and again on the day it was done."""
    nodes = []
    for action in actions:
        record = action.record
        said: dict[str, Any] = {
            "key": str(action.pk),
            "url": f"{record.get_absolute_url()}#actions",
            "who": str(action.owner),
        }
        if isinstance(record, ChangeRequest):
            said["because"] = (link_to_request(record),)
            day = record.raised_date
        else:
            said["because"] = (link_to_exception(record, record.programme),)
            day = record.submitted_date or record.opened_date
        due = f"Due {_shown(action.due_date)}"
        nodes.append(TraceNode(TraceKind.ACTION, day, action.text, note=due, **said))
        if action.done_date:
            done = f"Done: {action.text}"
            nodes.append(TraceNode(TraceKind.ACTION, action.done_date, done, **said))
    return nodes


def request_nodes(
    requests: Iterable[ChangeRequest], *, shown: Mapping[str, str] | None = None
) -> list[TraceNode]:
    """Each request as it was raised, with its reason or the state that a snapshot shows."""
    return [
        TraceNode(
            TraceKind.REQUEST,
            request.raised_date,
            f"{request.label} on {request.subject_reference}: {request.asked}",
            key=str(request.number),
            url=request.get_absolute_url(),
            who=str(request.raised_by),
            note=request.reason if shown is None else _state_in(shown, request.label),
            because=_cause_of(request),
        )
        for request in requests
    ]


def _cause_of(request: ChangeRequest) -> tuple[TraceLink, ...]:
    report = request.exception
    return (link_to_exception(report, request.programme),) if report else ()


def decision_nodes(
    decisions: Iterable[Decision], versions: Iterable[PlanVersion]
) -> list[TraceNode]:
    """Each decision with what it is on and, for an approval, the plan versions that it made."""
    made: dict[int | None, list[TraceLink]] = {}
    for version in versions:
        programme = version.milestone.programme
        link = TraceLink(str(version), trace_url(programme, TraceKind.VERSION, version.pk))
        made.setdefault(version.change_request_number, []).append(link)
    nodes = []
    for decision in decisions:
        request, report = decision.change_request, decision.exception
        links = [link_to_request(request)] if request else []
        links += [link_to_exception(report, decision.programme)] if report else []
        is_approved = request is not None and decision.outcome == "approved"
        nodes.append(
            TraceNode(
                TraceKind.DECISION,
                decision.decided_date,
                f"{decision.get_outcome_display()}: {links[0].label}, {decision.place}",
                key=str(decision.pk),
                url=decision.subject.get_absolute_url(),
                who=str(decision.decided_by),
                note=decision.comment,
                because=tuple(links),
                leads_to=tuple(made.get(request.number, ())) if request and is_approved else (),
            )
        )
    return nodes


def snapshot_node(snapshot: Snapshot, packs: Iterable[Pack], *, shows: str = "") -> TraceNode:
    """A snapshot, what it shows of the things traced, and the packs that show them."""
    programme = snapshot.programme
    return TraceNode(
        TraceKind.SNAPSHOT,
        _frozen_on(snapshot),
        f"{snapshot.month.name}, version {snapshot.version}",
        key=snapshot.key,
        url=snapshot.month.get_absolute_url(),
        note=shows,
        leads_to=tuple(
            TraceLink(f"Pack for {pack.audience}", trace_url(programme, TraceKind.PACK, pack.key))
            for pack in packs
        ),
        is_end=True,
    )


def _frozen_on(snapshot: Snapshot) -> date:
    """The day of the freeze; in a demonstration, whose clock stands still, when it was due."""
    programme = snapshot.programme
    if not programme.is_demonstration:
        return timezone.localdate(snapshot.frozen_at)
    return min(max(snapshot.as_of_date, snapshot.month.dates.pmo_check), programme.today())


def rating_word(programme: Programme, code: str) -> str:
    """The programme's word for a delivery rating that a snapshot holds."""
    return programme.word_for(DeliveryRating(code)) if code in DeliveryRating.values else code


def _shown(day: date) -> str:
    return show_date(day, DatePrecision.DAY)
