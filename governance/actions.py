"""Remedial actions as they are typed into an exception report or a change request."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from governance.models import ChangeRequest, ExceptionReport, RemedialAction
from workstreams.models import Programme
from workstreams.models.programme import LIVE_ROLES


@dataclass(frozen=True, kw_only=True)
class ActionLine:
    """One remedial action as typed; `id` names an action that exists already."""

    text: str
    owner: User
    due_date: date
    id: int | None = None


def programme_people(programme: Programme) -> list[User]:
    """Give everybody who may own a remedial action: the programme's live members, by name."""
    people = User.objects.filter(
        memberships__programme=programme, memberships__role__in=LIVE_ROLES, is_active=True
    )
    return list(people.distinct().order_by("full_name", "pk"))


def due_dates(record: ExceptionReport | ChangeRequest) -> dict[int, date]:
    """Give the stored due date of each remedial action, which may have passed meanwhile."""
    return dict(record.remedial_actions.values_list("pk", "due_date"))


def actions_problem(
    programme: Programme, lines: Collection[ActionLine], *, known: Mapping[int, date]
) -> str:
    """Say what is wrong with the remedial actions typed; "" when nothing is.

    `known` are the due dates stored already: one that has passed meanwhile may stay.
    """
    if not lines:
        return ""
    today = programme.today()
    if any(line.due_date < today and known.get(line.id or 0) != line.due_date for line in lines):
        return "A remedial action must be due today or later"
    if any(not line.text.strip() for line in lines):
        return "Enter what will be done for each remedial action"
    members = {person.pk for person in programme_people(programme)}
    if any(line.owner.pk not in members for line in lines):
        return "The owner of a remedial action must be a member of the programme"
    return ""


def save_actions(record: ExceptionReport | ChangeRequest, lines: Iterable[ActionLine]) -> None:
    """Make the record's actions those of the lines; what was done stays, whatever they say."""
    # Locked, because somebody may mark one as done meanwhile.
    existing = {action.pk: action for action in record.remedial_actions.select_for_update()}
    kept = set()
    for line in lines:
        action = existing.get(line.id or 0) or RemedialAction(**_of(record))
        if action.done_date is None:
            action.text, action.owner, action.due_date = line.text, line.owner, line.due_date
            action.save()
        kept.add(action.pk)
    record.remedial_actions.exclude(pk__in=kept).filter(done_date__isnull=True).delete()


def said_actions(record: ExceptionReport | ChangeRequest) -> list[list[str]]:
    """Give what a record's remedial actions say, for the journal: text, owner's number, due day."""
    actions = RemedialAction.objects.filter(**_of(record)).order_by("pk")
    return [[action.text, str(action.owner_id), action.due_date.isoformat()] for action in actions]


def _of(record: ExceptionReport | ChangeRequest) -> dict[str, ExceptionReport | ChangeRequest]:
    kind = "exception" if isinstance(record, ExceptionReport) else "change_request"
    return {kind: record}
