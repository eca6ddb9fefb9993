import gc
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase

from accounts.models import User
from tests import append_only
from tests.demonstration import PASSWORD, Demonstration
from tests.factories.accounts import UserFactory
from tests.factories.workstreams import MembershipFactory, ProgrammeFactory, WorkstreamFactory
from tests.together import Together
from workstreams.models import Programme, Role, Workstream

# Thousands of short tests leave little behind: looking for it less often saves a tenth.
gc.set_threshold(200_000, 50, 100)

# Transactional tests empty every table afterwards, which append-only tables refuse.
_teardown = TransactionTestCase._fixture_teardown


def _teardown_without_guards(self):
    with append_only.guards_lifted():
        _teardown(self)


TransactionTestCase._fixture_teardown = _teardown_without_guards


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Together(config, log)


def pytest_collection_modifyitems(config, items):
    """Leave the long runs out unless they are asked for."""
    if "chaos" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("chaos")]
    items[:] = [item for item in items if not item.get_closest_marker("chaos")]
    config.hook.pytest_deselected(items=long)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database, whose PostgreSQL never analyses it.

    It would do so between tests, find only rows that were rolled back, plan for empty tables, and
    take minutes over a test with thousands of rows.
    """
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for table in connection.introspection.table_names(cursor):
                    name = connection.ops.quote_name(table)
                    cursor.execute(f"ALTER TABLE {name} SET (autovacuum_enabled = false)")


@pytest.fixture(autouse=True)
def own_media_folder(settings, tmp_path):
    """Packs and mail of a test go into its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(scope="session")
def lived_once(tmp_path_factory) -> Demonstration:
    return Demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture
def demonstration(transactional_db, lived_once, monkeypatch) -> Programme:
    """The demonstration of the London Ambulance Service's plan, on 14 November 2016."""
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    lived_once.lay_out()
    return Programme.objects.get(slug="las-2016")


@pytest.fixture
def programme(db) -> Programme:
    """The programme on 14 March 2016."""
    return ProgrammeFactory()


@pytest.fixture
def member(programme) -> Callable[..., User]:
    """Make a person with roles in a programme (the test's own unless another is given)."""

    def make(*roles: Role, programme: Programme = programme, **fields: str) -> User:
        user = UserFactory(**fields)
        for role in roles:
            MembershipFactory(programme=programme, user=user, role=role)
        return user

    return make


@pytest.fixture
def pmo_administrator(member) -> User:
    return member(Role.PMO_ADMINISTRATOR, full_name="PMO administrator")


@pytest.fixture
def pmo_officer(member) -> User:
    return member(Role.PMO_OFFICER, full_name="PMO officer")


@pytest.fixture
def executive_lead(member) -> User:
    """Leads WS2 (the fixture `workstream`) and sits on the ELT, as the trust's directors do."""
    return member(Role.EXECUTIVE_LEAD, Role.ELT_MEMBER, full_name="Director of Corporate Affairs")


@pytest.fixture
def local_owner(member) -> User:
    return member(Role.LOCAL_OWNER, full_name="WS2 local owner")


@pytest.fixture
def elt_member(member) -> User:
    return member(Role.ELT_MEMBER, full_name="ELT member")


@pytest.fixture
def auditor(member) -> User:
    return member(Role.AUDITOR, full_name="Auditor")


@pytest.fixture
def external_reader(member) -> User:
    return member(Role.EXTERNAL_READER, full_name="CQRG reader")


@pytest.fixture
def workstream(programme, executive_lead) -> Workstream:
    return WorkstreamFactory(programme=programme, executive_lead=executive_lead)


@pytest.fixture
def client_of(db) -> Callable[[User], Client]:
    """Make a browser in which the person is signed in."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make
