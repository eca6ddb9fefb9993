"""What was agreed at meetings to be done: carried over until it is."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from governance.actions import programme_people
from governance.errors import WrongState
from governance.meetings import locked
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
    errors: dict[str, str] = {}
    if not text.strip():
        errors["text"] = "Enter what will be done"
    if owner not in programme_people(meeting.programme):
        errors["owner"] = "The owner of an action must be a member of the programme"
    if due_date < meeting.held_date:
        day = long_day(meeting.held_date)
        errors["due_date"] = f"Due date must be on or after {day}, the day of the meeting"
    if errors:
        raise ValidationError(errors)
    action = MeetingAction.objects.create(
        meeting=meeting, text=text.strip(), owner=owner, due_date=due_date
    )
    details = {"text": action.text, "owner": owner.pk, "due": due_date.isoformat()}
    audit.record(actor=by, action="meeting_action.agreed", target=meeting, details=details)
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
