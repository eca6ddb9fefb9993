"""An approved change request becomes the plan: every change of it, or none."""

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from governance.errors import PlanMoved
from governance.models import (
    Change,
    ChangeKind,
    ChangeRequest,
    ExceptionReport,
    ExceptionReportQuerySet,
    Subject,
)
from governance.models.changes import figure
from governance.proposals import twin_of, value_now
from governance.review import close
from metrics.models import Indicator
from metrics.trajectories import UNCHANGED, Unchanged, move_trajectory
from milestones.models import Milestone
from milestones.plan_changes import (
    NewMilestone,
    add_milestone,
    reword_plan,
    why_not_withdraw,
    withdraw_milestone,
)
from milestones.services import move_planned_date
from workstreams.calendar import parse_month
from workstreams.dates import long_day, long_month
from workstreams.models import Project
from workstreams.models.programme import LIVE_ROLES

# What brings its subject back on plan, and so closes its exception.
CLOSES = {
    ChangeKind.PLANNED_DATE: "Planned date moved",
    ChangeKind.WITHDRAWAL: "Withdrawn",
    ChangeKind.TRAJECTORY: "Trajectory moved",
    ChangeKind.FINAL_TARGET: "Final target moved",
}


def check_plan(request: ChangeRequest) -> None:
    """Lock what the request is about, with its exceptions. Raises PlanMoved, with a sentence.

    The lock order everywhere is request, subject, exception and the journal last: an owner's
    update of the same milestone waits here and not for the journal.
    """
    subject = _locked(request)
    if isinstance(subject, Milestone) and not subject.is_open:
        raise PlanMoved(f"{subject.reference} is {subject.get_status_display().lower()} now.")
    for change in request.changes.all():
        if value_now(change.kind, subject, change.new_value) != change.old_value:
            raise PlanMoved(
                f"{_moved(change, subject)} after {request.label} was made. "
                "Return it, so that it can be asked for anew."
            )
        obstacle = _obstacle(change, subject)
        if obstacle:
            raise PlanMoved(obstacle)
    list(_exceptions(request).select_for_update(of=("self",)))


def apply(request: ChangeRequest, *, by: User, on: date) -> None:
    """Make every change of an approved request, and close the exception that it answers."""
    changes = {ChangeKind(change.kind): change for change in request.changes.all()}
    if request.milestone_id:
        _apply_to_milestone(request, request.milestone_id, changes, by=by)
    elif request.indicator_id:
        _apply_to_indicator(request, request.indicator_id, changes, by=by)
    else:
        _add(request, changes[ChangeKind.ADDITION], by=by)
    because = [words for kind, words in CLOSES.items() if kind in changes]
    if because:
        for report in _exceptions(request):
            close(report, because=f"{because[0]} by {request.label}", on=on)
    request.changes.update(is_applied=True)


def _obstacle(change: Change, subject: Subject) -> str:
    """What stands in the way of a change though its field is as it was; "" for nothing."""
    again = f"Return {change.request.label}, so that it can be asked for anew."
    if change.kind == ChangeKind.WITHDRAWAL and isinstance(subject, Milestone):
        problem = why_not_withdraw(subject)
        return f"{problem}." if problem else ""
    if change.kind != ChangeKind.ADDITION:
        return ""
    for role in ("lead_director", "local_owner"):
        person = User.objects.filter(pk=change.new_value[role]).first()
        if person is None or subject.programme.roles_of(person).isdisjoint(LIVE_ROLES):
            name = change.new_value[f"{role}_name"]
            return f"{name} is no member of this programme any more. {again}"
    twin = twin_of(subject, change.new_value["title"])
    return f"{twin} has the new milestone’s title already. {again}" if twin else ""


def _locked(request: ChangeRequest) -> Subject:
    if request.milestone_id:
        milestones = Milestone.objects.select_for_update(of=("self",)).with_people()
        return milestones.get(pk=request.milestone_id)
    if request.indicator_id:
        indicators = Indicator.objects.select_for_update(of=("self",)).with_people()
        return indicators.get(pk=request.indicator_id)
    assert request.project_id
    projects = Project.objects.select_for_update(of=("self",))
    return projects.select_related("workstream__programme").get(pk=request.project_id)


def _exceptions(request: ChangeRequest) -> ExceptionReportQuerySet:
    """The open exceptions of its milestone or indicator; a project has none of its own."""
    if request.project_id:
        return ExceptionReport.objects.none()
    reports = ExceptionReport.objects.open().order_by("pk")
    if request.milestone_id:
        return reports.filter(milestone=request.milestone_id)
    return reports.filter(indicator=request.indicator_id)


def _moved(change: Change, subject: Subject) -> str:
    if isinstance(subject, Milestone):
        if change.kind == ChangeKind.PLANNED_DATE:
            moved_to = long_day(subject.planned_date) if subject.planned_date else "no date"
            return f"The planned date of {subject.reference} moved to {moved_to}"
        label = change.get_kind_display().lower()
        now = value_now(change.kind, subject, change.new_value)
        return f"The {label} of {subject.reference} changed to “{now}”"
    assert isinstance(subject, Indicator)
    if change.kind == ChangeKind.FINAL_TARGET:
        now = subject.show(subject.final_target) or "none"
        return f"The final target of {subject.reference} moved to {now}"
    targets = value_now(change.kind, subject, change.new_value)
    asked_on: Any = change.old_value
    month = next(month for month in targets if targets[month] != asked_on[month])
    now = subject.show(figure(targets[month])) or "none"
    of = f"{subject.reference} for {long_month(parse_month(month))}"
    return f"The target of {of} moved to {now}"


def _apply_to_milestone(
    request: ChangeRequest, milestone_id: int, changes: dict[ChangeKind, Change], *, by: User
) -> None:
    if planned := changes.get(ChangeKind.PLANNED_DATE):
        move_planned_date(
            milestone_id=milestone_id,
            to=planned.new_date,
            precision=planned.new_value["precision"],
            change_request_number=request.number,
            by=by,
        )
    title, scope = changes.get(ChangeKind.TITLE), changes.get(ChangeKind.SCOPE)
    if title or scope:
        reword_plan(
            milestone_id=milestone_id,
            title=title.new_value if title else None,
            scope=scope.new_value if scope else None,
            change_request_number=request.number,
            by=by,
        )
    if ChangeKind.WITHDRAWAL in changes:
        withdraw_milestone(milestone_id=milestone_id, change_request_number=request.number, by=by)


def _apply_to_indicator(
    request: ChangeRequest, indicator_id: int, changes: dict[ChangeKind, Change], *, by: User
) -> None:
    target: Decimal | None | Unchanged = UNCHANGED
    if final := changes.get(ChangeKind.FINAL_TARGET):
        target = figure(final.new_value)
    trajectory = changes.get(ChangeKind.TRAJECTORY)
    move_trajectory(
        indicator_id=indicator_id,
        values=trajectory.new_targets if trajectory else {},
        final_target=target,
        change_request_number=request.number,
        by=by,
    )


def _add(request: ChangeRequest, change: Change, *, by: User) -> None:
    assert request.project_id
    value = change.new_value
    people = User.objects.in_bulk([value["lead_director"], value["local_owner"]])
    new = NewMilestone(
        title=value["title"],
        scope=value["scope"],
        lead_director=people[value["lead_director"]],
        local_owner=people[value["local_owner"]],
        planned_date=change.new_date,
        precision=value["precision"],
    )
    request.added_milestone = add_milestone(
        project_id=request.project_id, new=new, change_request_number=request.number, by=by
    )
    request.save(update_fields=["added_milestone"])
