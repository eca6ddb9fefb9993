import pytest

from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import ProjectFactory


@pytest.fixture
def milestone(workstream, local_owner):
    project = ProjectFactory(workstream=workstream)
    return MilestoneFactory(project=project, reference="WS2-P3-01", local_owner=local_owner)
