"""Meetings of the ELT, the QIG and the work streams."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from governance.actions import programme_people
from governance.decisions import elt_members
from governance.errors import StaleRecord, WrongState
from governance.models import Decision, Meeting, MeetingKind, Ratification
from workstreams.dates import long_day
from workstreams.models import Programme, Workstream

DAYS_AHEAD = 366


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is written down about a meeting: when it was, who was there, what was said."""

    held_date: date
    attendees: frozenset[User] = frozenset()
    apologies: str = ""
    notes: str = ""


@transaction.atomic
def plan_meeting(
    *,
    programme: Programme,
    by: User,
    kind: str,
    held_date: date,
    workstream: Workstream | None = None,
) -> Meeting:
    """Put a meeting on the list, ahead or already held.

    Raises PermissionDenied and ValidationError by field: one body meets once on a day.
    """
    meeting = Meeting(programme=programme, kind=kind, workstream=workstream, held_date=held_date)
    _require_holder(meeting, by)
    _check_day(meeting, held_date)
    _save_on_its_day(meeting)
    audit.record(actor=by, action="meeting.planned", target=meeting)
    return meeting


@transaction.atomic
def record_meeting(*, meeting_id: int, by: User, seen_version: int, record: Record) -> Meeting:
    """Write down when a meeting is or was, who attended and what was noted.

    Raises PermissionDenied, WrongState (StaleRecord when it changed since `seen_version`) and
    ValidationError by field. What was decided there keeps its day, its people and its quorum.
    """
    meeting = locked(meeting_id, by, seen_version)
    before = _recorded(meeting)
    _check_record(meeting, record, before=set(meeting.attendees.all()))
    meeting.held_date = record.held_date
    meeting.apologies, meeting.notes = record.apologies.strip(), record.notes.strip()
    meeting.version += 1
    _save_on_its_day(meeting)
    meeting.attendees.set(record.attendees)
    changes = audit.changed(before, _recorded(meeting))
    audit.record(actor=by, action="meeting.recorded", target=meeting, changes=changes)
    return meeting


def _recorded(meeting: Meeting) -> dict[str, Any]:
    """Give what is written down about a meeting, for the journal."""
    said = {name: getattr(meeting, name) for name in ("held_date", "apologies", "notes")}
    return said | {"attendees": sorted(meeting.attendees.values_list("pk", flat=True))}


@transaction.atomic
def close_meeting(*, meeting_id: int, by: User, seen_version: int) -> Meeting:
    """Close a meeting that was held: from then on its minutes stand.

    Raises PermissionDenied and WrongState (StaleRecord when it changed since `seen_version`).
    """
    meeting = locked(meeting_id, by, seen_version)
    today = meeting.programme.today()
    if meeting.is_ahead(on=today):
        raise WrongState(
            f"The {meeting.name} is on {long_day(meeting.held_date)}. Close it once it was held."
        )
    if not meeting.attendees.exists():
        raise WrongState("Record who attended first: minutes without attendees prove nothing.")
    meeting.closed_by, meeting.closed_date = by, today
    meeting.version += 1
    meeting.save(update_fields=["closed_by", "closed_date", "version"])
    changes = {"closed_date": (None, today)}
    audit.record(actor=by, action="meeting.closed", target=meeting, changes=changes)
    return meeting


def people_of(meeting: Meeting) -> list[User]:
    """Give who may attend a meeting, by name: ELT members, or everybody who works on the plan.

    Who is recorded already stays, whatever roles they hold now.
    """
    programme = meeting.programme
    members = elt_members(programme) if meeting.is_elt else programme_people(programme)
    recorded = meeting.attendees.all() if meeting.pk else ()
    return sorted({*members, *recorded}, key=lambda person: (person.full_name, person.pk))


def is_quorate(meeting: Meeting) -> bool:
    """Whether an ELT meeting may decide: its attendees are ELT members alone."""
    return meeting.is_elt and meeting.attendees.count() >= meeting.programme.elt_quorum


def _require_holder(meeting: Meeting, by: User) -> None:
    if not by.has_perm("governance.hold_meeting", meeting):
        raise PermissionDenied(
            "Only the PMO, or the executive lead for the own work stream, keeps its meetings."
        )


def held(meeting_id: int, by: User) -> Meeting:
    """Give the meeting as it is now, locked, for who keeps it."""
    meetings = Meeting.objects.select_for_update(of=("self",)).with_subject()
    meeting = meetings.get(pk=meeting_id)
    _require_holder(meeting, by)
    return meeting


def locked(meeting_id: int, by: User, seen_version: int | None = None) -> Meeting:
    """Give the meeting as it is now, locked, for who may write on it while nothing stands yet."""
    meeting = held(meeting_id, by)
    if meeting.is_closed:
        raise WrongState(f"The minutes of the {meeting} are closed: they stand as they are.")
    if seen_version is not None and meeting.version != seen_version:
        raise StaleRecord(
            f"Somebody else saved the {meeting} after you opened it. "
            "Compare with what is stored, then save again."
        )
    return meeting


def _check_day(meeting: Meeting, day: date) -> None:
    days_ahead = (day - meeting.programme.today()).days
    if days_ahead > DAYS_AHEAD:
        raise ValidationError({"held_date": "Date must be within a year from today"})
    if day < meeting.programme.start_date:
        start = long_day(meeting.programme.start_date)
        raise ValidationError({"held_date": f"Date must be on or after {start}: the plan’s start"})


def _check_record(meeting: Meeting, record: Record, *, before: set[User]) -> None:
    if record.held_date != meeting.held_date:
        _check_day(meeting, record.held_date)
    errors: dict[str, str] = {}
    decisions = Decision.objects.filter(meeting=meeting)
    ratifications = Ratification.objects.filter(meeting=meeting)
    deciders = {decision.decided_by for decision in decisions.select_related("decided_by")}
    deciders |= {row.ratified_by for row in ratifications.select_related("ratified_by")}
    if deciders and record.held_date != meeting.held_date:
        errors["held_date"] = "The ELT decided at this meeting, so its date stays"
    elif record.held_date != meeting.held_date and meeting.actions.exists():
        errors["held_date"] = "Actions were agreed at this meeting, so its date stays"
    strangers = record.attendees - before - set(people_of(meeting))
    missing = deciders - record.attendees
    quorum = meeting.programme.elt_quorum
    if record.attendees and record.held_date > meeting.programme.today():
        errors["attendees"] = "Record who attended once the meeting was held"
    elif strangers:
        who = "ELT members" if meeting.is_elt else "members of the programme"
        errors["attendees"] = f"Only {who} attend: {_names(strangers)}"
    elif missing:
        errors["attendees"] = f"Who decided there attended: {_names(missing)}"
    elif deciders and len(record.attendees) < min(quorum, len(before)):
        errors["attendees"] = f"The ELT decided at this meeting, so the quorum of {quorum} attended"
    if errors:
        raise ValidationError(errors)


def _names(people: Iterable[User]) -> str:
    return ", ".join(sorted(map(str, people)))


def _save_on_its_day(meeting: Meeting) -> None:
    # The database holds the rule, so that two who plan it at once do not both succeed.
    try:
        with transaction.atomic():
            meeting.save()
    except IntegrityError as error:
        body = "the work stream" if meeting.workstream_id else MeetingKind(meeting.kind).name
        day = long_day(meeting.held_date)
        raise ValidationError(
            {"held_date": f"There is a meeting of {body} on {day} already"}
        ) from error
