from typing import Any

from django import template
from django.core.exceptions import PermissionDenied

from milestones.assurance import WrongState, completion_of, require_assurance
from milestones.evidence import evidence_rows
from milestones.evidence_forms import EvidenceForm
from milestones.models import Milestone, MilestoneStatus
from milestones.services import require_update

register = template.Library()


@register.inclusion_tag("milestones/_evidence.html", takes_context=True)
def evidence_panel(
    context: Any, milestone: Milestone, *, back: str = "", read_only: bool = False
) -> dict[str, Any]:
    """The panel of a milestone's files and links; `back` names the page to return to."""
    user = context["request"].user
    rows = evidence_rows(milestone, of=user)
    try:
        require_update(milestone=milestone, by=user)
        form = EvidenceForm(milestone=milestone, back=back)
        if back:
            # In a tab of its own, so that what is typed into the update stays where it is.
            form.helper.attrs["target"] = "_blank"
    except PermissionDenied:
        form = None
    return {
        "milestone": milestone,
        "programme": milestone.programme,
        "standing": [row for row in rows if not row.evidence.removed_date],
        "removed": [row.evidence for row in rows if row.evidence.removed_date],
        "form": None if read_only else form,
        "read_only": read_only or bool(back),
        "is_beside_update": bool(back),
    }


@register.inclusion_tag("milestones/_assurance.html", takes_context=True)
def assurance_panel(
    context: Any, milestone: Milestone, *, with_link: bool = True
) -> dict[str, Any]:
    """The panel of what second persons said of a milestone's completion."""
    refusal = ""
    try:
        require_assurance(milestone=milestone, by=context["request"].user)
    except (PermissionDenied, WrongState) as error:
        refusal = str(error)
    return {
        "milestone": milestone,
        "programme": milestone.programme,
        "is_complete": milestone.status == MilestoneStatus.COMPLETE,
        "completion": completion_of(milestone),
        "given": milestone.assurances.newest_first(),
        "may_assure": with_link and not refusal,
        "refusal": refusal,
    }
