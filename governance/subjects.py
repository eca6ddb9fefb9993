"""What a change may be asked for by whom, and what a request for it touches."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User
from governance.change_requests import dependants_hit
from governance.models import UNDER_WAY, ChangeKind, ChangeRequest
from metrics.models import Indicator
from milestones.models import Milestone
from milestones.plan_changes import dependants
from workstreams.models import CqcAction, Programme, Project, Role

PMO = frozenset({Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER})
# Who may ask for a change of anything at all (``governance.raise_report``).
ASKING = PMO | {Role.EXECUTIVE_LEAD, Role.LOCAL_OWNER}
Choice = tuple[str, str]


@dataclass(frozen=True)
class Askable:
    """What a person may ask for a change of, as choices by reference."""

    milestones: list[Choice]
    indicators: list[Choice]
    projects: list[Choice]


def askable_by(user: User, programme: Programme, *, roles: frozenset[str]) -> Askable:
    """Give what a person may ask for a change of now; three queries.

    What has a request under way is left out, and an indicator without an agreed trajectory.
    """
    milestones = (
        programme.milestones.open()
        .filter(
            _own(
                user,
                roles,
                Q(project__workstream__executive_lead=user)
                | Q(project__isnull=True, lead_director=user),
            )
        )
        .exclude(change_requests__state__in=UNDER_WAY)
    )
    indicators = programme.indicators.filter(trajectory_versions__number=1)
    indicators = indicators.filter(_own(user, roles, Q(workstream__executive_lead=user))).exclude(
        change_requests__state__in=UNDER_WAY
    )
    projects = Project.objects.filter(workstream__programme=programme)
    projects = projects.filter(_own(user, roles, Q(workstream__executive_lead=user)))
    return Askable(
        milestones=_choices(milestones.in_plan_order().values_list("reference", "title")),
        indicators=_choices(indicators.in_plan_order().values_list("reference", "name")),
        projects=_choices(
            projects.order_by("workstream__position", "position", "pk").values_list("code", "name")
        ),
    )


def _own(user: User, roles: frozenset[str], leads: Q) -> Q:
    if roles & PMO:
        return Q()
    own = Q(pk__in=[])
    if Role.EXECUTIVE_LEAD in roles:
        own |= leads
    if Role.LOCAL_OWNER in roles:
        own |= Q(local_owner=user)
    return own


def _choices(rows: Iterable[Choice]) -> list[Choice]:
    return [(reference, f"{reference} {words}") for reference, words in rows]


@dataclass(frozen=True)
class Touched:
    """What a request reaches beyond its subject."""

    dependants: Iterable[Milestone]
    cqc_actions: Iterable[CqcAction]
    indicators: Iterable[Indicator]


def touched_by(request: ChangeRequest) -> Touched:
    """Give the milestones that wait for it and would be hit, and what its project serves."""
    hit = dependants_hit(request)
    if request.milestone and request.change(ChangeKind.WITHDRAWAL):
        hit = dependants(request.milestone)
    if request.indicator:
        actions = CqcAction.objects.filter(projects__indicators=request.indicator).distinct()
        return Touched(hit, _in_order(actions), [])
    project = request.home
    if project is None:
        return Touched(hit, [], [])
    indicators = project.indicators.with_people().in_plan_order()
    return Touched(hit, _in_order(project.cqc_actions.all()), indicators)


def _in_order(actions: "QuerySet[CqcAction]") -> Iterable[CqcAction]:
    return actions.select_related("programme").order_by("position", "pk")
