from typing import Any

from django import template
from django.core.exceptions import PermissionDenied

from milestones.dependencies import (
    Wait,
    late_waits_of,
    references_to_wait_for,
    require_linking,
    waiting_for,
    waits_of,
)
from milestones.figures import milestone_rows
from milestones.forecasts import ForecastMoves, moves_of
from milestones.models import Milestone
from milestones.plan_forms import DependencyForm, SubTaskForm
from milestones.services import require_update
from milestones.sub_tasks import progress_of

register = template.Library()


@register.simple_tag
def forecast_moves(milestone: Milestone) -> ForecastMoves:
    """How often the forecast moved until the day shown: false if it never did."""
    return moves_of([milestone], until=milestone.as_at_day).get(milestone.pk, ForecastMoves())


@register.simple_tag
def late_waits(milestone: Milestone) -> list[Wait]:
    """What comes too late for a milestone, the worst first; nothing on a page of an earlier day."""
    if milestone.as_at_day:
        return []  # links have no record by day
    today = milestone.programme.today()
    return late_waits_of([milestone], as_of=today).get(milestone.pk, [])


@register.inclusion_tag("milestones/_sub_tasks.html", takes_context=True)
def sub_tasks_panel(context: Any, milestone: Milestone) -> dict[str, Any]:
    """The panel of a milestone's steps, with forms for who may update it."""
    try:
        require_update(milestone=milestone, by=context["request"].user)
        form = SubTaskForm(milestone=milestone)
    except PermissionDenied:
        form = None
    return {
        "milestone": milestone,
        "programme": milestone.programme,
        "progress": progress_of(milestone, as_of=milestone.programme.today()),
        "form": form,
    }


@register.inclusion_tag("milestones/_dependencies.html", takes_context=True)
def dependencies_panel(context: Any, milestone: Milestone) -> dict[str, Any]:
    """The panel of what a milestone waits for and what waits for it, with a form for the PMO."""
    user, today = context["request"].user, milestone.programme.today()
    try:
        require_linking(milestone=milestone, by=user)
        form = DependencyForm(milestone=milestone)
    except PermissionDenied:
        form = None
    before = waits_of(milestone, as_of=today)
    after = waiting_for(milestone, as_of=today)
    return {
        "milestone": milestone,
        "programme": milestone.programme,
        "before": _lines(before, [wait.predecessor for wait in before]),
        "after": _lines(after, [wait.successor for wait in after]),
        "form": form,
        "may_ask": not form and user.has_perm("milestones.update_milestone", milestone),
        "references": references_to_wait_for(milestone) if form else [],
    }


def _lines(waits: list[Wait], milestones: list[Milestone]) -> list[dict[str, Any]]:
    """Each wait with the row of the milestone at its other end."""
    if not waits:
        return []
    rows = milestone_rows(milestones, as_of=waits[0].as_of)
    return [{"wait": wait, "row": row} for wait, row in zip(waits, rows, strict=True)]
