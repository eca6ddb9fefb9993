"""What brings something back on plan: followed until done, whatever became of the exception."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from governance.errors import StaleRecord, WrongState
from governance.models import RemedialAction
from workstreams.dates import long_day

LONGEST_REASON = 300


def may_change(action: RemedialAction, by: User) -> bool:
    """Whether a person marks it as done or moves it: its owner, or who reports what it is for."""
    record = action.record
    is_owner = action.owner_id == by.pk and by.has_perm("workstreams.view_programme", record)
    return is_owner or by.has_perm("governance.raise_report", record)


@transaction.atomic
def complete_action(*, action_id: int, by: User) -> RemedialAction:
    """Mark a remedial action as done today. For its owner and whoever may report its subject."""
    action = _locked(action_id)
    if not may_change(action, by):
        raise PermissionDenied("Only the action's owner or the exception's owner marks it as done.")
    if action.done_date is None:
        action.done_date = action.programme.today()
        action.save(update_fields=["done_date"])
        audit.record(
            actor=by,
            action="remedial_action.done",
            target=action.record,
            changes={"done_date": (None, action.done_date)},
            details={"text": action.text},
        )
    return action


@transaction.atomic
def move_due_date(
    *, action_id: int, by: User, to: date, reason: str, seen_due_date: date
) -> RemedialAction:
    """Give a remedial action another due date; the journal keeps the old one and the reason.

    Raises PermissionDenied, WrongState once it is done, StaleRecord when it moved since
    `seen_due_date` was shown, and ValidationError by field.
    """
    action = _locked(action_id)
    if not may_change(action, by):
        raise PermissionDenied("Only the action's owner or the exception's owner moves its date.")
    if action.done_date is not None:
        raise WrongState(f"“{action.text}” was done on {long_day(action.done_date)}.")
    if action.due_date != seen_due_date:
        raise StaleRecord(
            f"Somebody else moved this action to {long_day(action.due_date)} meanwhile. "
            "Look at the date again, then save."
        )
    _check_move(action, to=to, reason=reason)
    old, action.due_date = action.due_date, to
    action.save(update_fields=["due_date"])
    audit.record(
        actor=by,
        action="remedial_action.moved",
        target=action.record,
        changes={"due_date": (old, to)},
        details={"text": action.text, "why": reason.strip()},
    )
    return action


def _check_move(action: RemedialAction, *, to: date, reason: str) -> None:
    errors: dict[str, str] = {}
    if to < action.programme.today():
        errors["due_date"] = "New due date must be today or later"
    elif to == action.due_date:
        errors["due_date"] = f"It is due on {long_day(to)} already. Enter another date"
    if not reason.strip():
        errors["reason"] = "Enter why the date moves"
    elif len(reason) > LONGEST_REASON:
        errors["reason"] = f"Reason must be {LONGEST_REASON} characters or fewer"
    if errors:
        raise ValidationError(errors)


def _locked(action_id: int) -> RemedialAction:
    actions = RemedialAction.objects.select_for_update(of=("self",))
    return actions.with_record().get(pk=action_id)
