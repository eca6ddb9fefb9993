"""The meetings of the demonstration: minuted month by month, and what waits for the next."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from accounts.models import User
from governance import decisions, meeting_actions, meetings
from governance.decisions import Sitting
from governance.meetings import Record
from governance.models import (
    ExceptionReport,
    ExceptionState,
    Meeting,
    MeetingAction,
    MeetingKind,
    Outcome,
)
from reports.demonstration import DEMONSTRATION_DATE
from workstreams.calendar import add_working_days, month_dates, next_month
from workstreams.models import Programme

NOTES = (
    "In attendance: the PMO officer, who took these minutes.\n\n"
    "Illustrative: the ELT went through the exceptions of the month, decided what was before it, "
    "and asked for no paper beyond the pack."
)
# Who does what after which ELT meeting; the last two are open on the demonstration's day.
AGREED = [
    ("lead-ws1", "Bring the workforce plan for the winter to the next meeting"),
    ("lead-ws2", "Write to all team leaders about how incidents are reported"),
    ("pmo", "Show the age of each open exception in the pack"),
    ("lead-ws3", "Agree handover times with the three busiest hospitals"),
    ("lead-ws4", "Bring a paper on vehicles off the road"),
    ("lead-ws5", "Say which medicines rooms are still without a lock"),
    ("lead-ws2", "Meet the non-executive directors about the risk register"),
    ("pmo", "List the CQC actions whose projects are complete, with their evidence"),
]


def minute_elt_meeting(programme: Programme, people: Mapping[str, User], day: date) -> None:
    """Write down the ELT meeting of a day: what was said, agreed and done since.

    The minutes are closed, but those of the demonstration's own day: who tries it decides there.
    """
    known = Meeting.objects.filter(programme=programme, kind=MeetingKind.ELT, held_date=day)
    meeting = known.with_subject().first() or meetings.plan_meeting(
        programme=programme, by=people["pmo"], kind=MeetingKind.ELT, held_date=day
    )
    meeting.programme = programme
    earlier = MeetingAction.objects.open().filter(meeting__programme=programme)
    number = Meeting.objects.of_series(meeting).filter(held_date__lt=day).count()
    # What was agreed is done two meetings later.
    for action in earlier.filter(meeting__held_date__lt=day - timedelta(days=45)).order_by("pk"):
        meeting_actions.complete_meeting_action(action_id=action.pk, by=action.owner)
    owner, text = AGREED[number % len(AGREED)]
    meeting_actions.agree_action(
        meeting_id=meeting.pk,
        by=people["pmo"],
        text=text,
        owner=people[owner],
        due_date=add_working_days(day, 15),
    )
    attendees = [*meeting.attendees.all()] or [
        people[name] for name in ("elt", "elt-2", "lead-ws1")
    ]
    _record(meeting, people, attendees, apologies="Illustrative: one director")
    if day == DEMONSTRATION_DATE:
        return
    meeting.refresh_from_db()
    meetings.close_meeting(meeting_id=meeting.pk, by=people["pmo"], seen_version=meeting.version)


def hold_other_meetings(programme: Programme, people: Mapping[str, User], month: date) -> None:
    """Hold the QIG's meeting about a month and WS1's, with an action each; plan the next ones."""
    dates = month_dates(month, programme.month_offsets)
    ahead = month_dates(next_month(month), programme.month_offsets)
    pmo, workstream = people["pmo"], programme.workstreams.in_order()[0]
    held = [
        (MeetingKind.QIG, None, dates.qig, ("pmo", "lead-ws1", "lead-ws3", "elt")),
        (MeetingKind.WORKSTREAM, workstream, dates.workstream_meetings, ("lead-ws1", "owner-ws1")),
    ]
    for kind, of, day, attendees in held:
        meeting = meetings.plan_meeting(
            programme=programme, by=pmo, kind=kind, workstream=of, held_date=day
        )
        _record(meeting, people, [people[name] for name in attendees])
        meeting_actions.agree_action(
            meeting_id=meeting.pk,
            by=pmo,
            text="Chase the reports that are still owed, by telephone",
            owner=people["owner-ws1"],
            due_date=add_working_days(day, 2),
        )
    for kind, day in ((MeetingKind.ELT, dates.elt), (MeetingKind.QIG, ahead.qig)):
        meetings.plan_meeting(programme=programme, by=pmo, kind=kind, held_date=day)


def take_chairs_action(programme: Programme, people: Mapping[str, User]) -> None:
    """Accept the newest report that waits as chair's action, for the next meeting to ratify."""
    waiting = ExceptionReport.objects.filter(programme=programme, state=ExceptionState.SUBMITTED)
    report = waiting.order_by("-number").first()
    if report is None or waiting.count() < 2:
        return
    decisions.decide_exception(
        exception_id=report.pk,
        by=people["elt-2"],
        outcome=Outcome.ACCEPTED,
        sitting=Sitting(
            held_date=DEMONSTRATION_DATE,
            chairs_action_reason="Illustrative: the commissioner asked for the recovery plan today",
        ),
    )


def _record(
    meeting: Meeting, people: Mapping[str, User], attendees: Iterable[User], *, apologies: str = ""
) -> None:
    meetings.record_meeting(
        meeting_id=meeting.pk,
        by=people["pmo"],
        seen_version=meeting.version,
        record=Record(
            held_date=meeting.held_date,
            attendees=frozenset(attendees),
            apologies=apologies,
            notes=NOTES if meeting.is_elt else "",
        ),
    )
