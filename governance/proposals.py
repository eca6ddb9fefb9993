"""What a change request asks for, held against what stands in the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from governance.actions import ActionLine, actions_problem, due_dates
from governance.models import Change, ChangeKind, ChangeRequest, Subject
from governance.models.changes import IN_PLAN, WITHDRAWN
from metrics.models import Indicator
from metrics.numbers import plain
from metrics.standing import reporting_month
from metrics.trajectories import UNCHANGED, Targets, Unchanged, check_targets
from milestones.models import Milestone
from milestones.plan_changes import NewMilestone, why_not_withdraw
from workstreams.calendar import format_month, parse_month
from workstreams.dates import DatePrecision, long_day, long_month, span_end
from workstreams.models import Programme, Project
from workstreams.models.programme import LIVE_ROLES

YEARS_AHEAD = 10
LONGEST_TITLE = 300
NOTHING = "This asks for what is in the plan already. Change at least one thing, or cancel"
Errors = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The changes asked for, and why. What is left out, or is in the plan already, stays."""

    reason: str
    delivery_impact: str
    actions: tuple[ActionLine, ...] = ()
    # Of a milestone.
    planned_date: date | None = None
    precision: str = DatePrecision.DAY
    title: str | None = None
    scope: str | None = None
    withdraw: bool = False
    # Of an indicator: the months whose target changes; None takes a month out.
    trajectory: Targets = field(default_factory=dict)
    final_target: Decimal | None | Unchanged = UNCHANGED
    # Of a project.
    addition: NewMilestone | None = None

    @property
    def stored_date(self) -> date | None:
        """The day that is stored: for a month its last day, whichever was typed."""
        return self.planned_date and span_end(self.planned_date, self.precision)


def asked_changes(
    subject: Subject, proposal: Proposal, *, revised: ChangeRequest | None = None
) -> list[Change]:
    """Give the unsaved changes of a proposal: those of its fields that differ from the plan.

    ``revised`` is the request that they are to take the place of, if there is one. Raises
    ValidationError by field for what cannot be asked for, and where nothing differs.
    """
    today = subject.programme.today()
    errors: Errors = {}
    match subject:
        case Milestone():
            wanted = _of_milestone(subject, proposal, errors, today=today)
        case Indicator():
            wanted = _of_indicator(subject, proposal, errors, today=today)
        case _:
            wanted = _of_project(subject, proposal, errors, revised=revised, today=today)
    changes = [
        Change(kind=kind, old_value=old, new_value=new)
        for kind, new in wanted.items()
        if (old := value_now(kind, subject, new)) != new
    ]
    if not changes and not errors:
        errors = _nothing(subject, proposal)
    errors |= _reasons_missing(proposal)
    problem = actions_problem(
        subject.programme, proposal.actions, known=due_dates(revised) if revised else {}
    )
    errors |= {"actions": problem} if problem else {}
    if errors:
        raise ValidationError(errors)
    return changes


def value_now(kind: str, subject: Subject, new: Any) -> Any:
    """Give what the plan holds now of what a change is about, in the shape of its new value."""
    match subject, ChangeKind(kind):
        case Milestone(), ChangeKind.PLANNED_DATE:
            return _stored(subject.planned_date, subject.planned_precision)
        case Milestone(), ChangeKind.TITLE:
            return subject.title
        case Milestone(), ChangeKind.SCOPE:
            return subject.note
        case Milestone(), ChangeKind.WITHDRAWAL:
            return IN_PLAN if subject.is_open else subject.status
        case Indicator(), ChangeKind.FINAL_TARGET:
            return plain(subject.final_target)
        case Indicator(), ChangeKind.TRAJECTORY:
            months = [parse_month(month) for month in new]
            points = subject.trajectory_points.filter(month__in=months)
            now = {format_month(month): plain(value) for month, value in _values(points)}
            return {month: now.get(month, "") for month in new}
        case _:
            return None


def _values(points: Any) -> Any:
    return points.values_list("month", "value")


def _stored(day: date | None, precision: str) -> dict[str, str] | None:
    return {"date": day.isoformat(), "precision": precision} if day else None


def _of_milestone(
    milestone: Milestone, proposal: Proposal, errors: Errors, *, today: date
) -> dict[ChangeKind, Any]:
    wanted: dict[ChangeKind, Any] = {}
    day = proposal.stored_date
    # A day more or less exact is not another date.
    if day and day != milestone.planned_date:
        errors |= _date_problem(day, today)
        wanted[ChangeKind.PLANNED_DATE] = _stored(day, proposal.precision)
    # Space round a text is no change of it.
    if proposal.title is not None and proposal.title.strip() != milestone.title.strip():
        errors |= _title_problem(proposal.title)
        wanted[ChangeKind.TITLE] = proposal.title.strip()
    if proposal.scope is not None and proposal.scope.strip() != milestone.note.strip():
        wanted[ChangeKind.SCOPE] = proposal.scope.strip()
    if wanted and not milestone.is_baselined:
        errors |= {
            kind.value: f"{milestone.reference} has no baseline yet, so the PMO edits its "
            "plan without a request. Ask here only to withdraw it"
            for kind in wanted
        }
    if proposal.withdraw:
        both = "Ask to withdraw it or to change it, not for both"
        problem = both if wanted else why_not_withdraw(milestone)
        errors |= {"withdraw": problem} if problem else {}
        wanted[ChangeKind.WITHDRAWAL] = WITHDRAWN
    return wanted


def _of_indicator(
    indicator: Indicator, proposal: Proposal, errors: Errors, *, today: date
) -> dict[ChangeKind, Any]:
    wanted: dict[ChangeKind, Any] = {}
    points = dict(_values(indicator.trajectory_points))
    moved = {
        month: value
        for month, value in sorted(proposal.trajectory.items())
        if value != points.get(month)
    }
    first = first_open_month(today)
    over = [month for month in moved if month < first]
    errors |= {
        format_month(month): f"{long_month(month)} is over, so its target stays as it was"
        for month in over
    }
    target = proposal.final_target
    try:
        check_targets(indicator, moved, None if isinstance(target, Unchanged) else target)
    except ValidationError as error:
        errors |= {name: texts[0] for name, texts in error.message_dict.items()}
    if not isinstance(target, Unchanged):
        wanted[ChangeKind.FINAL_TARGET] = plain(target)
    if moved:
        texts = {format_month(month): plain(value) for month, value in moved.items()}
        wanted[ChangeKind.TRAJECTORY] = texts
    return wanted


def first_open_month(today: date) -> date:
    """Give the first month whose target may still move: the one that is being reported."""
    return reporting_month(today)


def _of_project(
    project: Project,
    proposal: Proposal,
    errors: Errors,
    *,
    revised: ChangeRequest | None,
    today: date,
) -> dict[ChangeKind, Any]:
    new = proposal.addition
    if new is None:
        return {}
    errors |= _title_problem(new.title) | _date_problem(new.stored_date, today)
    errors |= _people_problems(project.programme, new)
    if twin := twin_of(project, new.title.strip()):
        errors["title"] = f"{twin} has this title already. Ask for a change of that one"
    elif standing := _asked_already(project, new.title.strip(), revised):
        errors["title"] = (
            f"{standing} asks for this milestone already. Wait for its decision, or withdraw it"
        )
    return {ChangeKind.ADDITION: stored_addition(new)}


def twin_of(project: Subject, title: str) -> str:
    """Give the reference of a milestone of the project that has this title; "" for none."""
    twins = Milestone.objects.filter(project=project.pk, title__iexact=title).in_plan()
    return twins.values_list("reference", flat=True).first() or ""


def _asked_already(project: Project, title: str, revised: ChangeRequest | None) -> str:
    """Give the label of another request under way for a milestone of this title; "" for none."""
    requests = ChangeRequest.objects.under_way().filter(
        project=project,
        changes__kind=ChangeKind.ADDITION,
        changes__new_value__title__iexact=title,
    )
    other = requests.exclude(pk=revised.pk if revised else 0).first()
    return other.label if other else ""


def stored_addition(new: NewMilestone) -> dict[str, Any]:
    """Give a new milestone in the shape in which a change keeps it."""
    return {
        "title": new.title.strip(),
        "scope": new.scope.strip(),
        "date": new.stored_date.isoformat(),
        "precision": new.precision,
        "lead_director": new.lead_director.pk,
        "lead_director_name": str(new.lead_director),
        "local_owner": new.local_owner.pk,
        "local_owner_name": str(new.local_owner),
    }


def _people_problems(programme: Programme, new: NewMilestone) -> Errors:
    people: Mapping[str, User] = {
        "lead_director": new.lead_director,
        "local_owner": new.local_owner,
    }
    return {
        name: f"{person} is no member of this programme"
        for name, person in people.items()
        if programme.roles_of(person).isdisjoint(LIVE_ROLES)
    }


def _date_problem(day: date, today: date) -> Errors:
    if day < today:
        return {"planned_date": f"New planned date must be today, {long_day(today)}, or later"}
    if day.year > today.year + YEARS_AHEAD:
        return {"planned_date": f"New planned date must be within {YEARS_AHEAD} years of today"}
    return {}


def _title_problem(title: str) -> Errors:
    if not title.strip():
        return {"title": "Enter the title"}
    if len(title.strip()) > LONGEST_TITLE:
        return {"title": f"The title must be {LONGEST_TITLE} characters or fewer"}
    return {}


def _nothing(subject: Subject, proposal: Proposal) -> Errors:
    if isinstance(subject, Milestone) and not subject.is_baselined:
        return {"withdraw": "Tick it to ask that the milestone is withdrawn"}
    if isinstance(subject, Milestone) and proposal.planned_date:
        planned = subject.planned_text
        return {"planned_date": f"The planned date is {planned} already. Ask for another date"}
    first = {Milestone: "planned_date", Indicator: "final_target"}.get(type(subject), "title")
    return {first: NOTHING}


def _reasons_missing(proposal: Proposal) -> Errors:
    errors = {}
    if not proposal.reason.strip():
        errors["reason"] = "Enter the reason for the change"
    if not proposal.delivery_impact.strip():
        errors["delivery_impact"] = (
            "Enter the delivery impact: patients, CQC actions, dependants, cost"
        )
    return errors
