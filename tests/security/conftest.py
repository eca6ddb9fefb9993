import pytest

from tests.factories.workstreams import ProgrammeFactory, WorkstreamFactory
from tests.test_access import fill, people, world
from workstreams.models import Role

# The world of the role table: one of each thing, and a person of each role.
__all__ = ["people", "world"]


@pytest.fixture
def other_programme(db):
    return ProgrammeFactory(slug="other-trust", name="Other plan", organisation="Other trust")


@pytest.fixture
def strangers(other_programme, member):
    """A person of each role of the other programme."""
    return {
        role: member(role, programme=other_programme, full_name=f"Stranger {role}") for role in Role
    }


@pytest.fixture
def other_world(other_programme, strangers):
    """One of each thing in the other programme; its keys."""
    lead, owner = strangers[Role.EXECUTIVE_LEAD], strangers[Role.LOCAL_OWNER]
    workstream = WorkstreamFactory(programme=other_programme, executive_lead=lead)
    return fill(other_programme, workstream, lead, owner, strangers[Role.PMO_OFFICER])
