"""What a meeting has before it, and what it has done: the agenda builds itself."""

from dataclasses import dataclass, field
from datetime import date

from governance.models import (
    ChangeRequest,
    ChangeRequestState,
    Decision,
    ExceptionReport,
    Meeting,
    MeetingAction,
    MeetingKind,
    Ratification,
    RemedialAction,
)
from governance.queue import Waiting, decision_queue
from governance.ratification import chairs_actions
from workstreams.models import Programme

ON_THEIR_WAY = (
    ChangeRequestState.SUBMITTED,
    ChangeRequestState.ENDORSED,
    ChangeRequestState.CHECKED,
    ChangeRequestState.RETURNED,
)


@dataclass(frozen=True)
class Agenda:
    """What waits for a meeting. An ELT meeting decides and ratifies; the others look at what is
    off plan, at the requests under way and at actions that are overdue.
    """

    to_decide: list[Waiting] = field(default_factory=list)
    to_ratify: list[Decision] = field(default_factory=list)
    exceptions: list[ExceptionReport] = field(default_factory=list)
    change_requests: list[ChangeRequest] = field(default_factory=list)
    overdue: list[RemedialAction] = field(default_factory=list)


@dataclass(frozen=True)
class Minutes:
    """What a meeting decided, ratified and agreed, and what was carried over to it."""

    decisions: list[Decision]
    ratifications: list[Ratification]
    actions: list[MeetingAction]
    carried_over: list[MeetingAction]


def agenda_of(meeting: Meeting, *, on: date) -> Agenda:
    """Give what waits for a meeting on a day; nothing once its minutes stand."""
    if meeting.is_closed:
        return Agenda()
    if meeting.is_elt:
        return Agenda(
            to_decide=decision_queue(meeting.programme, on=on).for_elt,
            to_ratify=chairs_actions(meeting.programme),
        )
    reports = ExceptionReport.objects.filter(programme=meeting.programme)
    requests = ChangeRequest.objects.filter(programme=meeting.programme, state__in=ON_THEIR_WAY)
    if meeting.workstream:
        reports = reports.of_workstream(meeting.workstream)
        requests = requests.of_workstream(meeting.workstream)
    overdue = RemedialAction.objects.of_programme(meeting.programme).overdue(on=on)
    if meeting.workstream:
        overdue = overdue.of_workstream(meeting.workstream)
    return Agenda(
        exceptions=list(reports.open().with_subject().order_by("number")),
        change_requests=list(requests.with_subject().order_by("number")),
        overdue=list(overdue.with_record().order_by("due_date", "pk")),
    )


def minutes_of(meeting: Meeting) -> Minutes:
    """Give what a meeting has done, in the order in which it was done."""
    decisions = Decision.objects.filter(meeting=meeting).with_subject()
    ratifications = Ratification.objects.filter(meeting=meeting).select_related(
        "ratified_by",
        "decision__decided_by",
        "decision__change_request__milestone",
        "decision__change_request__indicator",
        "decision__change_request__project",
        "decision__change_request__programme",
        "decision__exception__programme",
        "decision__exception__milestone",
        "decision__exception__indicator",
    )
    carried = MeetingAction.objects.carried_into(meeting).first_due_first()
    return Minutes(
        decisions=list(decisions.order_by("decided_at", "pk")),
        ratifications=list(ratifications.order_by("ratified_at", "pk")),
        actions=list(meeting.actions.first_due_first()),
        carried_over=list(carried),
    )


def next_meeting(programme: Programme, *, on: date) -> Meeting | None:
    """Give the next ELT meeting on the list, today's included; None where none is planned."""
    meetings = Meeting.objects.filter(
        programme=programme, kind=MeetingKind.ELT, held_date__gte=on, closed_date__isnull=True
    )
    return meetings.with_subject().order_by("held_date").first()
