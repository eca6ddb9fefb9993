"""What was agreed at meetings to be done: carried over until it is."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from governance.actions import programme_people
from governance.errors import StaleRecord, WrongState
from governance.meetings import held, locked
from governance.models import MeetingAction
from workstreams.dates import long_day


@transaction.atomic
def agree_action(
    *, meeting_id: int, by: User, text: str, owner: User, due_date: date
) -> MeetingAction:
    """Write down what somebody agreed at a meeting to do. It is carried over until it is done.

    Raises PermissionDenied, WrongState and ValidationError by field.
    """
    meeting = locked(meeting_id, by)
    if meeting.is_ahead(on=meeting.programme.today()):
        raise WrongState(
            f"The {meeting.name} is on {long_day(meeting.held_date)}. Actions are agreed there."
        )
    action = MeetingAction(meeting=meeting, text=text.strip(), owner=owner, due_date=due_date)
    _check(action)
    action.save()
    details = {"text": action.text, "owner": owner.pk, "due": due_date.isoformat()}
    audit.record(actor=by, action="meeting_action.agreed", target=meeting, details=details)
    return action


@transaction.atomic
def change_action(
    *, action_id: int, by: User, seen: str, text: str, owner: User, due_date: date
) -> MeetingAction:
    """Change what was agreed, until it is done or the minutes are closed.

    Raises PermissionDenied, WrongState (StaleRecord when its fingerprint is no longer the one that
    was `seen`) and ValidationError by field.
    """
    meeting_id = MeetingAction.objects.values_list("meeting", flat=True).get(pk=action_id)
    # Locked before the action, so that nobody closes the minutes meanwhile.
    meeting = held(meeting_id, by)
    action = (
        meeting.actions.select_for_update(of=("self",)).select_related("owner").get(pk=action_id)
    )
    if obstacle := why_not_changed(action):
        raise WrongState(obstacle)
    if action.fingerprint != seen:
        raise StaleRecord(
            "Somebody else changed this action after you opened it. "
            "Compare with what is stored, then save again."
        )
    before = _agreed(action)
    action.text, action.owner, action.due_date = text.strip(), owner, due_date
    _check(action, owner_before=before["owner"])
    changes = audit.changed(before, _agreed(action))
    if changes:
        action.save(update_fields=list(changes))
        audit.record(
            actor=by,
            action="meeting_action.changed",
            target=meeting,
            changes=changes,
            details={"text": before["text"]},
        )
    return action


@transaction.atomic
def complete_meeting_action(*, action_id: int, by: User) -> MeetingAction:
    """Mark an action of a meeting as done today. For its owner and the PMO; twice does nothing."""
    actions = MeetingAction.objects.select_for_update(of=("self",))
    action = actions.select_related("meeting__programme", "meeting__workstream").get(pk=action_id)
    if not by.has_perm("governance.complete_meeting_action", action):
        raise PermissionDenied("Only the action’s owner or the PMO marks it as done.")
    if action.done_date is None:
        action.done_date, action.done_by = action.programme.today(), by
        action.save(update_fields=["done_date", "done_by"])
        audit.record(
            actor=by,
            action="meeting_action.done",
            target=action.meeting,
            changes={"done_date": (None, action.done_date)},
            details={"text": action.text},
        )
    return action


def why_not_changed(action: MeetingAction) -> str:
    """Why what was agreed stays as it is, in a sentence; "" while it may change."""
    if action.done_date is not None:
        return f"“{action.text}” was done on {long_day(action.done_date)}, so it stays as it is."
    if action.meeting.is_closed:
        meeting = action.meeting
        return f"The minutes of the {meeting} are closed: agree a new action at the next meeting."
    return ""


def _agreed(action: MeetingAction) -> dict[str, Any]:
    return {"text": action.text, "owner": action.owner, "due_date": action.due_date}


def _check(action: MeetingAction, *, owner_before: User | None = None) -> None:
    """Raise ValidationError by field; who owns it already may have left since."""
    errors: dict[str, str] = {}
    meeting = action.meeting
    if not action.text:
        errors["text"] = "Enter what will be done"
    if action.owner not in (owner_before, *programme_people(meeting.programme)):
        errors["owner"] = "The owner of an action must be a member of the programme"
    if action.due_date < meeting.held_date:
        day = long_day(meeting.held_date)
        errors["due_date"] = f"Due date must be on or after {day}, the day of the meeting"
    if errors:
        raise ValidationError(errors)
