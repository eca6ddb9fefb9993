"""What an approved change request does to milestones, beside moving a planned date.

Called by the approval of a change request and by nothing else; it has checked who decides.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max

from accounts import audit
from accounts.models import User
from milestones.models import Milestone, MilestoneQuerySet, MilestoneStatus
from milestones.services import NotReady, add_plan_version
from milestones.writing import Act, locked, write
from workstreams.dates import DatePrecision, span_end
from workstreams.models import Project

NUMBER = re.compile(r"-(?P<number>[0-9]{1,6})")


class OthersWait(Exception):
    """Open milestones depend on it; a sentence that names them and says what to do."""


@dataclass(frozen=True, kw_only=True)
class NewMilestone:
    """A milestone to add to a project: complete enough to have its baseline at once."""

    title: str
    scope: str = ""
    lead_director: User
    local_owner: User
    planned_date: date
    precision: str = DatePrecision.DAY

    @property
    def stored_date(self) -> date:
        """The day that is stored: for a month its last day, whichever was typed."""
        return span_end(self.planned_date, self.precision)


@transaction.atomic
def reword_plan(
    *,
    milestone_id: int,
    title: str | None = None,
    scope: str | None = None,
    change_request_number: int,
    by: User,
) -> Milestone:
    """Change the title or the scope of a baselined milestone; None leaves it as it is.

    Raises NotReady for a milestone that was never baselined.
    """
    milestone = locked(milestone_id)
    _check_baselined(milestone)
    asked = {"title": title, "note": scope}
    fields = {name: text for name, text in asked.items() if text is not None}
    changes = audit.changed({name: getattr(milestone, name) for name in fields}, fields)
    act = Act(by=by, change_request_number=change_request_number)
    write(milestone, seen_version=milestone.version, fields=fields, act=act)
    audit.record(
        actor=by,
        action="milestone.reworded",
        target=milestone,
        changes=changes,
        details={"request": change_request_number},
    )
    return milestone


@transaction.atomic
def withdraw_milestone(*, milestone_id: int, change_request_number: int, by: User) -> Milestone:
    """Take a milestone, baselined or not, out of the plan and its counts; its history stays.

    Raises NotReady unless it is open, and OthersWait while open ones depend on it.
    """
    milestone = locked(milestone_id)
    if not milestone.is_open:
        raise NotReady(f"{milestone.reference} is {milestone.get_status_display().lower()}.")
    obstacle = why_not_withdraw(milestone)
    if obstacle:
        raise OthersWait(obstacle)
    was = milestone.status
    write(
        milestone,
        seen_version=milestone.version,
        fields={"status": MilestoneStatus.WITHDRAWN},
        act=Act(by=by, change_request_number=change_request_number),
    )
    audit.record(
        actor=by,
        action="milestone.withdrawn",
        target=milestone,
        changes={"status": (was, MilestoneStatus.WITHDRAWN)},
        details={"request": change_request_number},
    )
    return milestone


def why_not_withdraw(milestone: Milestone) -> str:
    """Say which open milestones depend on it and what to do about them; "" when none does."""
    waiting = [each.reference for each in dependants(milestone)]
    if not waiting:
        return ""
    named = " and ".join(filter(None, [", ".join(waiting[:-1]), waiting[-1]]))
    verb, them = ("depends", "it") if len(waiting) == 1 else ("depend", "each")
    return (
        f"{named} {verb} on {milestone.reference}. Ask the PMO to let {them} wait for another "
        f"milestone or for none, then withdraw {milestone.reference}"
    )


def dependants(milestone: Milestone) -> MilestoneQuerySet:
    """Give the open milestones that cannot finish before this one."""
    successors = Milestone.objects.filter(links_to_predecessors__predecessor=milestone)
    return successors.open().with_people().in_plan_order()


@transaction.atomic
def add_milestone(
    *, project_id: int, new: NewMilestone, change_request_number: int, by: User
) -> Milestone:
    """Add a milestone to a project, with the project's next reference, and set its baseline."""
    # Locked, or two approvals at once would give one reference twice.
    projects = Project.objects.select_for_update(of=("self",))
    project = projects.select_related("workstream__programme").get(pk=project_id)
    position = project.milestones.aggregate(highest=Max("position"))["highest"] or 0
    milestone = Milestone.objects.create(
        programme=project.programme,
        project=project,
        reference=next_reference(project),
        title=new.title,
        note=new.scope,
        lead_role=project.workstream.executive_role,
        lead_director=new.lead_director,
        local_owner=new.local_owner,
        planned_date=new.stored_date,
        planned_precision=new.precision,
        position=position + 1,
    )
    # On record from no reference to its own, so that no earlier day of the plan shows it.
    reference, milestone.reference = milestone.reference, ""
    fields = {"reference": reference, "baseline_date": new.stored_date}
    write(
        milestone,
        seen_version=milestone.version,
        fields=fields | {"baseline_precision": new.precision},
        act=Act(by=by, change_request_number=change_request_number),
    )
    add_plan_version(milestone, by=by, change_request_number=None)
    details = {"date": str(new.stored_date), "request": change_request_number}
    audit.record(actor=by, action="milestone.added", target=milestone, details=details)
    return milestone


def next_reference(project: Project) -> str:
    """Give the reference that follows the highest of a project's: after WS2-P1-06, WS2-P1-07."""
    start = f"{project.code}-"
    rows = Milestone.objects.filter(programme=project.programme, reference__startswith=start)
    numbers = [
        int(match["number"])
        for reference in rows.values_list("reference", flat=True)
        if (match := NUMBER.fullmatch(reference.removeprefix(project.code)))
    ]
    return f"{start}{max(numbers, default=0) + 1:02}"


def _check_baselined(milestone: Milestone) -> None:
    if not milestone.is_baselined:
        raise NotReady(f"{milestone.reference} has no baseline yet.")
