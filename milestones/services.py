from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from milestones.models import (
    Milestone,
    MilestoneStatus,
    MilestoneUpdate,
    PlanVersion,
    UpdateChannel,
)
from milestones.versions import check_version, plan_since, position_since, reconcile
from milestones.writing import Act, StaleVersion, locked, write
from workstreams.dates import DatePrecision, long_day, span_end
from workstreams.models.programme import LIVE_ROLES
from workstreams.months import month_taking_updates

FORECAST_YEARS = 10
LONGEST_REASON = 300


class NotReady(Exception):
    """The milestone lacks something that the act needs; the message names it."""


class AlreadyBaselined(Exception):
    """The baseline is written once; only an approved change request moves the plan."""


@dataclass(frozen=True, kw_only=True)
class Position:
    """What an owner says of a milestone: where it stands and when it will be done."""

    status: MilestoneStatus
    forecast_date: date | None = None
    completed_date: date | None = None
    owner_view: str = ""
    narrative: str = ""
    # Only for a completion that has no evidence.
    no_evidence_reason: str = ""


def check_position(position: Position, *, milestone: Milestone, today: date) -> None:
    """Raise ValidationError with one message per wrong field of an owner's position.

    A completed date must not lie in the future; a forecast neither before the programme nor more
    than ten years ahead. Completing it asks for evidence, or for the reason why there is none.
    """
    errors: dict[str, str] = {}
    completed = position.completed_date
    if position.forecast_date:
        problem = date_problem("Forecast date", position.forecast_date, milestone, today)
        errors |= {"forecast_date": problem} if problem else {}
    if position.status == MilestoneStatus.COMPLETE and completed is None:
        errors["completed_date"] = "Enter the date on which it was completed"
    if position.status != MilestoneStatus.COMPLETE and completed is not None:
        errors["completed_date"] = "Remove the completed date, or say that it is complete"
    if completed and completed > today:
        errors["completed_date"] = (
            f"Completed date must be today, {long_day(today)}, or in the past"
        )
    if position.status == MilestoneStatus.WITHDRAWN:
        errors["status"] = "Only an approved change request withdraws a milestone"
    problem = _evidence_problem(position, milestone)
    errors |= {"no_evidence_reason": problem} if problem else {}
    if errors:
        raise ValidationError(errors)


def _evidence_problem(position: Position, milestone: Milestone) -> str:
    if len(position.no_evidence_reason) > LONGEST_REASON:
        return f"The reason must be {LONGEST_REASON} characters or fewer"
    completes = position.status == MilestoneStatus.COMPLETE != milestone.status
    if not completes or position.no_evidence_reason.strip() or has_evidence(milestone):
        return ""
    return "Add evidence before you complete it, or say why there is none"


def has_evidence(milestone: Milestone) -> bool:
    """Say whether a file or a link that nobody took off shows that it was done. One query."""
    return milestone.evidence.filter(removed_date__isnull=True).exists()


def date_problem(label: str, day: date, milestone: Milestone, today: date) -> str:
    """Say what is wrong with a date typed for the future; empty if nothing is."""
    start = milestone.programme.start_date
    if day < start:
        return f"{label} must be on or after {long_day(start)}, when the programme began"
    if day.year > today.year + FORECAST_YEARS:
        return f"{label} must be within {FORECAST_YEARS} years of today"
    return ""


def require_update(*, milestone: Milestone, by: User) -> None:
    """Raise PermissionDenied, with the sentence for the page, for who may not update it."""
    if not by.has_perm("milestones.update_milestone", milestone):
        raise PermissionDenied("Only its owner, its executive lead or the PMO updates a milestone.")
    if milestone.status == MilestoneStatus.WITHDRAWN:
        raise PermissionDenied("This milestone was withdrawn, so it takes no updates.")


def require_plan_edit(*, milestone: Milestone, by: User) -> None:
    """Raise PermissionDenied for who is not the PMO, and AlreadyBaselined after the baseline."""
    if not by.has_perm("milestones.set_baseline", milestone):
        raise PermissionDenied("Only the PMO edits the plan of a milestone.")
    if milestone.is_baselined:
        raise AlreadyBaselined(
            f"{milestone.reference} has its baseline. From now on only an approved change request "
            "changes its plan: ask for one."
        )
    if milestone.status == MilestoneStatus.WITHDRAWN:
        raise PermissionDenied("This milestone was withdrawn, so its plan stays as it is.")


@transaction.atomic
def record_update(
    *,
    milestone_id: int,
    by: User,
    seen_version: int,
    position: Position,
    channel: UpdateChannel = UpdateChannel.PAGE,
    reason: str = "",
) -> MilestoneUpdate:
    """Record an owner's position and make it the milestone's own.

    What others changed since `seen_version` and this person left alone stays theirs. The same
    form sent twice is one update; the second time gives the first's. Raises PermissionDenied,
    StaleVersion with each field that both changed differently, and ValidationError by field or,
    for a version that never was, for the whole. The update belongs to the earliest month that is
    not frozen.
    """
    milestone = locked(milestone_id)
    require_update(milestone=milestone, by=by)
    check_version(milestone, seen_version)
    if seen_version < milestone.version:
        position = _merged_position(position, milestone=milestone, seen_version=seen_version)
        sent_before = _sent_before(position, milestone=milestone, seen_version=seen_version, by=by)
        if sent_before:
            return sent_before
    today = milestone.programme.today()
    check_position(position, milestone=milestone, today=today)
    write(
        milestone,
        seen_version=milestone.version,
        fields=_fields_of(position, milestone=milestone),
        act=Act(by=by, channel=channel, reason=reason),
    )
    return MilestoneUpdate.objects.create(
        milestone=milestone,
        month=month_taking_updates(milestone.programme, today=today),
        status=position.status,
        forecast_date=position.forecast_date,
        completed_date=position.completed_date,
        owner_view=position.owner_view,
        narrative=position.narrative,
        made_by=by,
        made_date=today,
        made_at=timezone.now(),
        channel=channel,
        reason=reason or position.no_evidence_reason.strip(),
        version=milestone.version,
    )


def _fields_of(position: Position, *, milestone: Milestone) -> dict[str, Any]:
    precision = DatePrecision.DAY if position.completed_date else ""
    if position.completed_date == milestone.completed_date:
        # "by Jan 2016" stays so until somebody says another day.
        precision = milestone.completed_precision
    return {
        "status": position.status,
        "forecast_date": position.forecast_date,
        "completed_date": position.completed_date,
        "completed_precision": precision,
    }


def _merged_position(position: Position, *, milestone: Milestone, seen_version: int) -> Position:
    since = position_since(milestone, seen_version)
    mine = {name: getattr(position, name) for name in since.theirs}
    return replace(position, **reconcile(milestone, since, mine))


def _sent_before(
    position: Position, *, milestone: Milestone, seen_version: int, by: User
) -> MilestoneUpdate | None:
    """Give the update that this form made already, if it is still what is stored."""
    update = milestone.updates.order_by("version", "made_at", "pk").last()
    if update is None or update.version <= seen_version or update.made_by_id != by.pk:
        return None
    reason = position.no_evidence_reason.strip()
    stored = position_since(milestone, milestone.version).theirs | {"reason": update.reason}
    asked = {name: getattr(position, name) for name in stored if name != "reason"}
    return update if stored == asked | {"reason": reason} else None


@dataclass(frozen=True, kw_only=True)
class PlanText:
    """What the PMO may write about a milestone until it is baselined."""

    title: str
    lead_director: User | None = None
    local_owner: User | None = None
    planned_date: date | None = None
    planned_precision: str = DatePrecision.DAY


@transaction.atomic
def edit_plan(*, milestone_id: int, by: User, seen_version: int, plan: PlanText) -> Milestone:
    """Change title, people and planned date of a milestone that is not baselined yet.

    The date is stored as the last day of its span. What others changed since `seen_version` and
    this person left alone stays theirs. Raises PermissionDenied, AlreadyBaselined, StaleVersion
    with each field that both changed differently, and ValidationError by field or, for a version
    that never was, for the whole.
    """
    milestone = locked(milestone_id)
    require_plan_edit(milestone=milestone, by=by)
    check_version(milestone, seen_version)
    _check_plan(plan, milestone=milestone)
    planned = plan.planned_date and span_end(plan.planned_date, plan.planned_precision)
    precision = plan.planned_precision if planned else ""
    mine = vars(replace(plan, planned_date=planned, planned_precision=precision))
    fields = reconcile(milestone, plan_since(milestone, seen_version), mine)
    old = {name: getattr(milestone, name) for name in fields}
    if fields == old and seen_version < milestone.version:
        # Sent twice, or somebody else made the same change first.
        return milestone
    write(milestone, seen_version=milestone.version, fields=fields, act=Act(by=by))
    changes = audit.changed(old, fields)
    audit.record(actor=by, action="milestone.plan_edited", target=milestone, changes=changes)
    return milestone


def _check_plan(plan: PlanText, *, milestone: Milestone) -> None:
    errors: dict[str, str] = {}
    programme = milestone.programme
    if plan.planned_date:
        problem = date_problem("Planned date", plan.planned_date, milestone, programme.today())
        errors |= {"planned_date": problem} if problem else {}
    for name, person in [
        ("lead_director", plan.lead_director),
        ("local_owner", plan.local_owner),
    ]:
        if person and programme.roles_of(person).isdisjoint(LIVE_ROLES):
            errors[name] = f"{person} is no member of this programme"
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def set_baseline(*, milestone_id: int, by: User, seen_version: int | None = None) -> PlanVersion:
    """Write a milestone's baseline date, once, and with it plan version 1.

    Raises PermissionDenied, AlreadyBaselined, NotReady while a person or the date is missing, and
    StaleVersion when the milestone moved since `seen_version`, where that is given.
    """
    milestone = locked(milestone_id)
    if not by.has_perm("milestones.set_baseline", milestone):
        raise PermissionDenied("Only the PMO sets a baseline.")
    if milestone.is_baselined:
        raise AlreadyBaselined(f"{milestone.reference} has its baseline already.")
    if seen_version not in (None, milestone.version):
        raise StaleVersion(milestone)
    missing = milestone.missing_for_baseline
    if missing:
        raise NotReady(f"{milestone.reference} still needs {' and '.join(missing)}.")
    write(
        milestone,
        seen_version=milestone.version,
        fields={
            "baseline_date": milestone.planned_date,
            "baseline_precision": milestone.planned_precision,
        },
        act=Act(by=by),
    )
    version = add_plan_version(milestone, by=by, change_request_number=None)
    audit.record(
        actor=by,
        action="milestone.baselined",
        target=milestone,
        changes={"baseline_date": (None, milestone.baseline_date)},
    )
    return version


@transaction.atomic
def move_planned_date(
    *, milestone_id: int, to: date, precision: str, change_request_number: int, by: User
) -> PlanVersion:
    """Move the planned date and write the plan version that names its change request.

    Called by the approval of a change request and by nothing else; it has checked who decides.
    Raises NotReady for a milestone that was never baselined.
    """
    milestone = locked(milestone_id)
    if not milestone.is_baselined:
        raise NotReady(f"{milestone.reference} has no baseline yet.")
    moved_from = milestone.planned_date
    write(
        milestone,
        seen_version=milestone.version,
        fields={"planned_date": to, "planned_precision": precision},
        act=Act(by=by, change_request_number=change_request_number),
    )
    version = add_plan_version(milestone, by=by, change_request_number=change_request_number)
    audit.record(
        actor=by,
        action="milestone.planned_date_moved",
        target=milestone,
        changes={"planned_date": (moved_from, to)},
        details={"request": change_request_number},
    )
    return version


def add_plan_version(
    milestone: Milestone, *, by: User, change_request_number: int | None
) -> PlanVersion:
    """Keep the planned date in force as the milestone's next plan version, in its transaction."""
    if milestone.planned_date is None:
        raise NotReady(f"{milestone.reference} has no planned date.")
    return PlanVersion.objects.create(
        milestone=milestone,
        number=milestone.plan_versions.count() + 1,
        planned_date=milestone.planned_date,
        planned_precision=milestone.planned_precision,
        change_request_number=change_request_number,
        made_by=by,
        made_date=milestone.programme.today(),
        made_at=timezone.now(),
    )
