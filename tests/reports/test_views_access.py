from datetime import date

import pytest
from django.urls import reverse

from tests.factories.metrics import IndicatorFactory
from tests.factories.workstreams import CqcActionFactory, ProgrammeFactory
from workstreams.models import Role

PAGES = [
    ("dashboard", []),
    ("plan", []),
    ("workstream_detail", ["WS2"]),
    ("project_detail", ["WS2-P3"]),
    ("cqc_action_list", []),
    ("cqc_action_detail", ["WS2-S1"]),
    ("month_detail", [date(2016, 3, 1)]),
]
OPEN_PAGES = [("month_list", []), ("definitions", [])]
ACTS = [
    ("month_freeze", [date(2016, 3, 1)]),
    ("month_sign_off", [date(2016, 3, 1)]),
    ("month_issue", [date(2016, 3, 1)]),
    ("member_add", []),
    ("member_remove", [1]),
    ("recipient_add", []),
    ("recipient_remove", [1]),
]
LIVE = [role for role in Role if role != Role.EXTERNAL_READER]

pytestmark = pytest.mark.django_db


def address(programme, page):
    name, args = page
    return reverse(f"reports:{name}", args=[programme.slug, *args])


@pytest.fixture
def filled(programme, milestone, march):
    """The programme with one of everything that the pages show."""
    action = CqcActionFactory(workstream=milestone.project.workstream, reference="WS2-S1")
    action.projects.add(milestone.project)
    IndicatorFactory(workstream=milestone.project.workstream)
    return programme


@pytest.mark.parametrize("page", [*PAGES, *OPEN_PAGES], ids=lambda page: page[0])
@pytest.mark.parametrize("role", LIVE)
def test_whoever_sees_the_live_programme_sees_each_page(client_of, member, filled, role, page):
    client = client_of(member(role))

    response = client.get(address(filled, page))

    assert response.status_code == 200


@pytest.mark.parametrize("page", [*PAGES, ("settings", [])], ids=lambda page: page[0])
def test_an_external_reader_finds_no_live_page(client_of, external_reader, filled, page):
    response = client_of(external_reader).get(address(filled, page))

    assert response.status_code == 404


@pytest.mark.parametrize("page", OPEN_PAGES, ids=lambda page: page[0])
def test_an_external_reader_sees_the_packs_and_what_their_words_mean(
    client_of, external_reader, filled, page
):
    response = client_of(external_reader).get(address(filled, page))

    assert response.status_code == 200


@pytest.mark.parametrize("page", [*PAGES, *OPEN_PAGES, ("settings", [])], ids=lambda page: page[0])
def test_a_member_of_another_programme_finds_no_page(client_of, member, filled, page):
    other = ProgrammeFactory(slug="other-trust")
    outsider = member(Role.PMO_ADMINISTRATOR, programme=other)

    response = client_of(outsider).get(address(filled, page))

    assert response.status_code == 404


@pytest.mark.parametrize("page", [*PAGES, *OPEN_PAGES, ("settings", [])], ids=lambda page: page[0])
def test_nobody_reads_without_signing_in(client, filled, page):
    response = client.get(address(filled, page))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("page", [*PAGES, *OPEN_PAGES], ids=lambda page: page[0])
def test_a_page_takes_no_post(client_of, pmo_administrator, filled, page):
    response = client_of(pmo_administrator).post(address(filled, page))

    assert response.status_code == 405


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act[0])
def test_an_act_is_never_a_get(client_of, pmo_administrator, filled, act):
    response = client_of(pmo_administrator).get(address(filled, act))

    assert response.status_code == 405


@pytest.mark.parametrize("role", [role for role in LIVE if role != Role.PMO_ADMINISTRATOR])
@pytest.mark.parametrize("act", ACTS[3:], ids=lambda act: act[0])
def test_only_the_administrator_changes_settings(client_of, member, filled, role, act):
    response = client_of(member(role)).post(address(filled, act))

    assert response.status_code == 403
    assert b"Only a PMO administrator" in response.content


@pytest.mark.parametrize(
    "page",
    [
        ("workstream_detail", ["WS9"]),
        ("workstream_detail", ["\0"]),
        ("project_detail", ["WS2-P99"]),
        ("project_detail", ["\0"]),
        ("cqc_action_detail", ["WS2-S99"]),
        ("cqc_action_detail", ["\0"]),
    ],
    ids=str,
)
def test_an_unknown_code_is_no_page(client_of, pmo_officer, filled, page):
    response = client_of(pmo_officer).get(address(filled, page))

    assert response.status_code == 404


def test_the_same_code_of_another_programme_stays_apart(client_of, member, filled):
    other = ProgrammeFactory(slug="other-trust")
    outsider = member(Role.PMO_OFFICER, programme=other)

    response = client_of(outsider).get(address(other, ("project_detail", ["WS2-P3"])))

    assert response.status_code == 404


@pytest.mark.parametrize(
    "page",
    [
        ("dashboard", []),
        ("plan", []),
        ("cqc_action_list", []),
        ("month_list", []),
        ("definitions", []),
        ("settings", []),
    ],
    ids=lambda page: page[0],
)
def test_an_empty_programme_has_every_page(client_of, pmo_administrator, programme, page):
    response = client_of(pmo_administrator).get(address(programme, page))

    assert response.status_code == 200


def test_an_empty_programme_has_a_month_page(client_of, pmo_officer, march):
    response = client_of(pmo_officer).get(march.get_absolute_url())

    assert b"Every open milestone has its update." in response.content


def test_a_work_stream_and_a_project_without_anything_have_their_pages(
    client_of, pmo_officer, workstream
):
    project = workstream.projects.create(code="WS2-P1", name="Risk management", position=1)
    client = client_of(pmo_officer)

    assert client.get(workstream.get_absolute_url()).status_code == 200
    assert b"no milestones yet" in client.get(project.get_absolute_url()).content
