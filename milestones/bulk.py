"""One change of many milestones: planned in full first, then applied in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.module_loading import import_string

from accounts import audit
from accounts.models import User
from milestones.models import (
    FieldChange,
    Milestone,
    MilestoneStatus,
    MilestoneUpdate,
    UpdateChannel,
)
from milestones.register import PMO_ROLES, last_updates, may_update
from milestones.services import Position, check_position
from milestones.writing import Act, StaleVersion, restored, write
from workstreams.dates import short_day
from workstreams.models import Programme
from workstreams.models.programme import LIVE_ROLES

# One transaction holds the programme while each item is saved; bench/register.py tells how long.
MOST_ITEMS = 250
WITHDRAWN = "It was withdrawn, so it takes no updates."
NOT_YOURS = "Only its owner, its executive lead or the PMO updates it."
NO_CHANGE = "It says so already."


@dataclass(frozen=True, kw_only=True)
class BulkChange:
    """What to set on every item; what is None or empty stays as each has it."""

    local_owner: User | None = None
    status: str = ""
    forecast_date: date | None = None
    completed_date: date | None = None
    narrative: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """One field of one item: from, to, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class ItemPlan:
    """What a bulk change does to one milestone; with a problem, nothing."""

    milestone: Milestone
    position: Position
    lines: list[Line] = field(default_factory=list)
    moves_position: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Refusal:
    """An item that the bulk change left alone, why, and what somebody else did to it meanwhile."""

    milestone: Milestone
    why: str
    moved: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class BulkOutcome:
    changed: list[Milestone]
    refused: list[Refusal]


def plan_change(
    milestones: Iterable[Milestone],
    change: BulkChange,
    *,
    by: User,
    roles: frozenset[str],
    today: date,
) -> list[ItemPlan]:
    """Work out, item by item, what a change would do. One query, however many there are.

    The milestones come ``with_people``; `roles` are the person's in their programme.
    """
    milestones = list(milestones)
    last = last_updates(milestones)
    return [
        _plan(each, change, last.get(each.pk), by=by, roles=roles, today=today)
        for each in milestones
    ]


def _plan(
    milestone: Milestone,
    change: BulkChange,
    last: MilestoneUpdate | None,
    *,
    by: User,
    roles: frozenset[str],
    today: date,
) -> ItemPlan:
    old = _position_of(milestone, last)
    new = _position_after(old, change)
    owner, position_lines = _owner_lines(milestone, change), _position_lines(old, new)
    lines = [*owner, *position_lines]
    problem = "" if lines else NO_CHANGE
    if not may_update(milestone, by=by, roles=roles):
        is_withdrawn = milestone.status == MilestoneStatus.WITHDRAWN
        problem = WITHDRAWN if is_withdrawn else NOT_YOURS
    elif owner and roles.isdisjoint(PMO_ROLES):
        problem = "Only the PMO gives a milestone to another owner."
    elif position_lines:
        problem = _position_problem(new, milestone, today)
    return ItemPlan(milestone, new, lines, bool(position_lines), problem)


def _position_of(milestone: Milestone, last: MilestoneUpdate | None) -> Position:
    return Position(
        status=MilestoneStatus(milestone.status),
        forecast_date=milestone.forecast_date,
        completed_date=milestone.completed_date,
        owner_view=last.owner_view if last else "",
        narrative=last.narrative if last else "",
    )


def _position_after(old: Position, change: BulkChange) -> Position:
    status = MilestoneStatus(change.status or old.status)
    completed = change.completed_date or old.completed_date
    return Position(
        status=status,
        forecast_date=change.forecast_date or old.forecast_date,
        completed_date=completed if status == MilestoneStatus.COMPLETE else None,
        owner_view=old.owner_view,
        narrative=change.narrative or old.narrative,
        # The reason of the change is also the reason why a completion brings no evidence.
        no_evidence_reason=change.reason,
    )


def _owner_lines(milestone: Milestone, change: BulkChange) -> list[Line]:
    person = change.local_owner
    if person is None or person.pk == milestone.local_owner_id:
        return []
    return [Line("Local owner", _shown(milestone.local_owner), str(person))]


def _position_lines(old: Position, new: Position) -> list[Line]:
    labels = {
        "status": "Status",
        "forecast_date": "Forecast date",
        "completed_date": "Completed date",
        "narrative": "What happened",
    }
    pairs = [(label, getattr(old, name), getattr(new, name)) for name, label in labels.items()]
    return [Line(label, _shown(was), _shown(now)) for label, was, now in pairs if was != now]


def _position_problem(position: Position, milestone: Milestone, today: date) -> str:
    try:
        check_position(position, milestone=milestone, today=today)
    except ValidationError as error:
        return ". ".join(error.messages) + "."
    return ""


def _shown(value: Any) -> str:
    if isinstance(value, MilestoneStatus):
        return str(value.label)
    if isinstance(value, date):
        return short_day(value)
    return str(value or "Nothing")


@transaction.atomic
def apply_change(
    *, programme_id: int, seen: Mapping[int, int], change: BulkChange, by: User
) -> BulkOutcome:
    """Change the milestones, each as it was seen (version by id), and journal every one.

    All in one transaction. What moved since it was seen, or may not be changed, is left alone and
    told. Raises PermissionDenied for who holds no role here, and ValidationError for a change
    without a reason, or to an owner who is no member.
    """
    # The programme, then every milestone, before the first journal entry: what a single update
    # locks, in its order, or two writers could wait for each other.
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme_id)
    _check_change(programme, change, by)
    milestones = Milestone.objects.filter(programme=programme, pk__in=list(seen)).with_people()
    locked = milestones.order_by("pk").select_for_update(of=("self",))
    roles, today = programme.roles_of(by), programme.today()
    outcome = BulkOutcome([], [])
    for plan in plan_change(locked, change, by=by, roles=roles, today=today):
        version = seen[plan.milestone.pk]
        if plan.milestone.version != version:
            outcome.refused.append(_moved(plan.milestone, version))
        elif plan.problem:
            outcome.refused.append(Refusal(plan.milestone, plan.problem))
        else:
            _apply(plan, change, by, outcome)
    return outcome


def _check_change(programme: Programme, change: BulkChange, by: User) -> None:
    if programme.roles_of(by).isdisjoint(LIVE_ROLES):
        raise PermissionDenied("Only members of the programme change its milestones.")
    if not change.reason.strip():
        raise ValidationError({"reason": "Enter the reason for the change"})
    owner = change.local_owner
    if owner and programme.roles_of(owner).isdisjoint(LIVE_ROLES):
        raise ValidationError({"local_owner": f"{owner} is no member of this programme"})


def _apply(plan: ItemPlan, change: BulkChange, by: User, outcome: BulkOutcome) -> None:
    milestone = plan.milestone
    try:
        with transaction.atomic():
            _write(plan, change, by)
    except (PermissionDenied, StaleVersion, ValidationError) as error:
        why = " ".join(getattr(error, "messages", [str(error)]))
        outcome.refused.append(Refusal(milestone, why))
        return
    audit.record(
        actor=by,
        action="milestone.bulk_changed",
        target=milestone,
        changes={line.label.lower(): (line.old, line.new) for line in plan.lines},
        details={"why": change.reason},
    )
    outcome.changed.append(milestone)


def _write(plan: ItemPlan, change: BulkChange, by: User) -> None:
    milestone = plan.milestone
    if change.local_owner and change.local_owner.pk != milestone.local_owner_id:
        write(
            milestone,
            seen_version=milestone.version,
            fields={"local_owner": change.local_owner},
            act=Act(by=by, channel=UpdateChannel.BULK, reason=change.reason),
        )
    if plan.moves_position:
        record = import_string(settings.RECORD_MILESTONE_UPDATE)
        record(
            milestone_id=milestone.pk,
            by=by,
            seen_version=milestone.version,
            position=plan.position,
            channel=UpdateChannel.BULK,
            reason=change.reason,
        )


def _moved(milestone: Milestone, version: int) -> Refusal:
    changes = FieldChange.objects.filter(milestone=milestone, version__gt=version)
    ordered = changes.select_related("made_by").order_by("version", "pk")
    who = {str(each.made_by or "the tracker") for each in ordered}
    by = f" by {', '.join(sorted(who))}" if who else ""
    why = f"It was changed{by} after you looked, so it was left alone."
    return Refusal(milestone, why, _lines_of(ordered))


def _lines_of(changes: Iterable[FieldChange]) -> list[Line]:
    return [
        Line(_label(each.field), _stored(each, each.old_value), _stored(each, each.new_value))
        for each in changes
        if not each.field.endswith("_precision")
    ]


def _label(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ").capitalize()


def _stored(change: FieldChange, value: Any) -> str:
    if value is None or value == "":
        return "Nothing"
    if change.field.endswith("_id"):
        person = User.objects.filter(pk=value).first()
        return str(person or "Somebody")
    if change.field == "status":
        return str(MilestoneStatus(value).label)
    return _shown(restored(change.field, value))
