from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from accounts.models import User
from governance import change_requests, decisions
from governance.decisions import Sitting
from governance.models import Outcome, Risk
from governance.proposals import Proposal
from metrics.models import Indicator
from metrics.trajectories import baseline_trajectory
from milestones.models import Milestone
from milestones.plan_changes import NewMilestone
from milestones.services import set_baseline
from tests.factories.governance import RiskFactory
from tests.factories.metrics import IndicatorFactory, TrajectoryPointFactory
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import ProjectFactory
from workstreams.models import Role


@pytest.fixture
def milestone(workstream, executive_lead, local_owner, pmo_officer) -> Milestone:
    """Baselined for 30 April 2016, in WS2, which the executive lead leads."""
    milestone = MilestoneFactory(
        project=ProjectFactory(workstream=workstream),
        reference="WS2-P3-03",
        lead_director=executive_lead,
        local_owner=local_owner,
    )
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    milestone.refresh_from_db()
    return milestone


@pytest.fixture
def risk(workstream, local_owner) -> Risk:
    """R-001 of project WS2-P3 in WS2, scored 16, which the local owner owns."""
    project = ProjectFactory(workstream=workstream, local_owner=local_owner)
    return RiskFactory(project=project, number=1, owner=local_owner)


@pytest.fixture
def elt_attendees(member) -> list[User]:
    """Two more ELT members: with the one who decides they are the quorum."""
    return [member(Role.ELT_MEMBER) for _ in range(2)]


@pytest.fixture
def person(
    pmo_administrator, pmo_officer, executive_lead, local_owner, elt_member, auditor, member
) -> Callable[[str], User]:
    """Give the person of a role, by the role's name."""
    people = {
        "pmo_administrator": pmo_administrator,
        "pmo_officer": pmo_officer,
        "executive_lead": executive_lead,
        "local_owner": local_owner,
        "elt_member": elt_member,
        "auditor": auditor,
        "other_owner": member(Role.LOCAL_OWNER),
        "other_lead": member(Role.EXECUTIVE_LEAD, Role.ELT_MEMBER),
    }
    return people.__getitem__


@pytest.fixture
def sitting(elt_attendees) -> Sitting:
    return Sitting(held_date=date(2016, 3, 14), attendees=frozenset(elt_attendees))


@pytest.fixture
def indicator(workstream, local_owner, pmo_officer) -> Indicator:
    """Agreed: 85 in March and 90 in April 2016, and 95 in the end."""
    indicator = IndicatorFactory(
        workstream=workstream,
        local_owner=local_owner,
        reference="WS2-I1",
        final_target=Decimal(95),
    )
    for month, value in [(3, 85), (4, 90)]:
        TrajectoryPointFactory(indicator=indicator, month=date(2016, month, 1), value=value)
    baseline_trajectory(indicator_id=indicator.pk, by=pmo_officer, seen_version=1)
    return indicator


@pytest.fixture
def addition(executive_lead, local_owner) -> NewMilestone:
    return NewMilestone(
        title="Review of the launch",
        scope="Asks every team leader.",
        lead_director=executive_lead,
        local_owner=local_owner,
        planned_date=date(2016, 9, 1),
        precision="month",
    )


@pytest.fixture
def ask(local_owner, executive_lead, pmo_officer):
    """Ask for changes of a subject, and take the request to the ELT."""

    def make(subject, **asked):
        request = change_requests.raise_change_request(
            **{f"{type(subject).__name__.lower()}_id": subject.pk},
            by=local_owner if getattr(subject, "local_owner", None) else pmo_officer,
            proposal=Proposal(**{"reason": "Late", "delivery_impact": "None", **asked}),
            submit=True,
        )
        change_requests.endorse(change_request_id=request.pk, by=executive_lead)
        return change_requests.check(change_request_id=request.pk, by=pmo_officer)

    return make


@pytest.fixture
def approve(elt_member, sitting):
    def make(request):
        return decisions.decide_change_request(
            change_request_id=request.pk,
            by=elt_member,
            outcome=Outcome.APPROVED,
            sitting=sitting,
            seen_version=request.version,
        )

    return make
