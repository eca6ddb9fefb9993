from typing import Any

from django import template

from accounts.models import User
from reports.tour import tour_steps
from workstreams.models import Programme

register = template.Library()


@register.inclusion_tag("reports/_tour_panel.html")
def tour_panel(programme: Programme, user: User, csrf_token: str) -> dict[str, Any]:
    """The tour on a person's first page, in a demonstration, until the person closes it."""
    is_shown = programme.is_demonstration and not user.has_closed_tour
    steps = tour_steps(programme) if is_shown else []
    return {"steps": steps, "programme": programme, "csrf_token": csrf_token}
