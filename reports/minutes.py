"""The minutes of a meeting as a document, from its record alone."""

from typing import Any

from governance.agenda import minutes_of
from governance.models import Decision, Meeting, MeetingAction, Ratification
from reports.rendering import typeset
from reports.snapshots.texts import shown
from workstreams.dates import long_day


def render_minutes(meeting: Meeting) -> bytes:
    """Return the minutes of a meeting as PDF; marked as a draft until they are closed.

    The same record gives the same bytes. Raises RenderFailed.
    """
    return typeset(
        "minutes.typ",
        {"minutes": minutes_content(meeting)},
        day=meeting.held_date.isoformat(),
        subject=f"The PDF of the {meeting}",
    )


def file_name(meeting: Meeting) -> str:
    """Give the name under which the minutes are saved: "las-2016-elt-2016-11-11.pdf"."""
    body = meeting.workstream.code.lower() if meeting.workstream else meeting.kind
    return f"{meeting.programme.slug}-{body}-{meeting.held_date:%Y-%m-%d}.pdf"


def minutes_content(meeting: Meeting) -> dict[str, Any]:
    """Give all that the document says, in words."""
    programme, minutes = meeting.programme, minutes_of(meeting)
    attendees = sorted(meeting.attendees.all(), key=str)
    return {
        "organisation": programme.organisation,
        "programme": programme.name,
        "meeting": meeting.name,
        "body": str(meeting.workstream or ""),
        "held": long_day(meeting.held_date),
        "is_elt": meeting.is_elt,
        "state": _state(meeting),
        "is_draft": not meeting.is_closed,
        "is_illustrative": programme.is_demonstration,
        "attendees": [{"name": str(each), "title": each.job_title} for each in attendees],
        "quorum": _quorum(meeting, len(attendees)),
        "apologies": meeting.apologies,
        "notes": meeting.notes,
        "decisions": [_decision(each) for each in minutes.decisions],
        "ratifications": [_ratification(each) for each in minutes.ratifications],
        "actions": [_action(each, meeting) for each in minutes.actions],
        "carried_over": [_action(each, meeting) for each in minutes.carried_over],
    }


def _state(meeting: Meeting) -> str:
    if meeting.closed_date is None:
        return "Draft: the minutes are not closed yet"
    return f"Closed by {meeting.closed_by}, {shown(meeting.closed_date)}"


def _quorum(meeting: Meeting, attended: int) -> str:
    if not meeting.is_elt:
        return ""
    quorum = meeting.programme.elt_quorum
    word = "Quorate" if attended >= quorum else "Below the quorum"
    return f"{word}: {attended} attended, the quorum is {quorum}"


def _decision(decision: Decision) -> dict[str, Any]:
    earlier = decision.supersedes
    return {
        **_subject(decision),
        "outcome": decision.get_outcome_display(),
        "comment": decision.comment,
        "by": str(decision.decided_by),
        "supersedes": f"Supersedes the decision of {shown(earlier.decided_date)}: "
        f"{earlier.get_outcome_display().lower()}."
        if earlier
        else "",
    }


def _ratification(row: Ratification) -> dict[str, Any]:
    decision = row.decision
    return {
        **_subject(decision),
        "outcome": decision.get_outcome_display(),
        "reason": decision.chairs_action_reason,
        "taken": f"{decision.decided_by}, {shown(decision.decided_date)}",
        "by": str(row.ratified_by),
    }


def _subject(decision: Decision) -> dict[str, str]:
    subject = decision.subject
    return {
        "number": subject.label,
        "reference": subject.subject_reference,
        "title": subject.subject_title,
    }


def _action(action: MeetingAction, meeting: Meeting) -> dict[str, str]:
    # As it stood at that meeting: what was done later is no part of its minutes.
    done = action.done_date
    was_done = done is not None and done <= meeting.held_date
    return {
        "text": action.text,
        "owner": str(action.owner),
        "due": shown(action.due_date),
        "state": f"Done {shown(done)}" if was_done else "Open",
        "from": str(action.meeting),
    }
