from datetime import date

import pytest

from reports.models import Audience, Recipient
from reports.rendering import PackKind
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import CqcActionFactory, ProjectFactory
from workstreams.models import Project
from workstreams.months import open_month


@pytest.fixture
def audiences(programme, external_reader):
    """An inside audience and an outside one, each with a recipient."""
    elt = Audience.objects.create(
        programme=programme,
        code="elt",
        name="Executive Leadership Team",
        kind=PackKind.DECISIONS,
        is_external=False,
        position=1,
    )
    cqrg = Audience.objects.create(
        programme=programme,
        code="cqrg",
        name="Clinical Quality Review Group",
        kind=PackKind.PROGRESS,
        position=2,
    )
    Recipient.objects.create(audience=elt, name="ELT", email="elt@las.example")
    Recipient.objects.create(
        audience=cqrg, name="CQRG", email="cqrg@las.example", user=external_reader
    )
    return [elt, cqrg]


@pytest.fixture
def milestone(workstream, executive_lead, local_owner):
    """Datix Web, planned for April 2016, with its people."""
    project = Project.objects.create(
        workstream=workstream, code="WS2-P3", name="Improve incident reporting", position=3
    )
    return MilestoneFactory(
        project=project,
        reference="WS2-P3-03",
        lead_director=executive_lead,
        local_owner=local_owner,
        planned_date=date(2016, 4, 30),
    )


@pytest.fixture
def march(programme):
    return open_month(programme, date(2016, 3, 1))


@pytest.fixture
def owned(workstream, executive_lead, local_owner):
    """Make a milestone of WS2 that the local owner owns, planned for April 2016."""

    def make(**fields):
        project = ProjectFactory(workstream=workstream)
        people = {"lead_director": executive_lead, "local_owner": local_owner}
        return MilestoneFactory(project=project, **(people | fields))

    return make


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(workstream=workstream, local_owner=local_owner, reference="WS2-I1")


@pytest.fixture
def owner(client_of, local_owner):
    return client_of(local_owner)


@pytest.fixture
def action(milestone, local_owner):
    """WS2-M1 of the CQC, which the milestone's project answers."""
    workstream = milestone.project.workstream
    action = CqcActionFactory(workstream=workstream, reference="WS2-M1", local_owner=local_owner)
    action.projects.add(milestone.project)
    return action
