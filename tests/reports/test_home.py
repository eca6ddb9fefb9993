from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.governance import ChangeRequestFactory, SubmittedReportFactory
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import (
    EnablerFactory,
    MembershipFactory,
    ProgrammeFactory,
    ProjectFactory,
)
from tests.reports.test_views_dashboard import number_links, rows_of
from workstreams.models import Role

pytestmark = pytest.mark.django_db
HOME = "/las-2016/home/"


@pytest.mark.parametrize(
    ("roles", "page"),
    [
        ([Role.PMO_ADMINISTRATOR], "role_home"),
        ([Role.PMO_OFFICER], "role_home"),
        ([Role.EXECUTIVE_LEAD], "role_home"),
        ([Role.ELT_MEMBER], "role_home"),
        ([Role.LOCAL_OWNER], "my_work"),
        ([Role.LOCAL_OWNER, Role.ELT_MEMBER], "role_home"),
        ([Role.LOCAL_OWNER, Role.AUDITOR], "my_work"),
        ([Role.AUDITOR], "journal"),
        ([Role.EXTERNAL_READER], "month_list"),
        ([Role.EXTERNAL_READER, Role.AUDITOR], "journal"),
    ],
)
def test_each_role_begins_with_its_own_page(client_of, member, programme, roles, page):
    client = client_of(member(*roles))

    response = client.get("/")

    assert response["Location"] == reverse(f"reports:{page}", args=["las-2016"])
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize("role", Role)
def test_the_page_with_which_a_role_begins_is_an_entry_of_its_menu(
    client_of, member, programme, role
):
    client = client_of(member(role))

    begun = client.get("/")["Location"]
    navigation = client.get(begun).context["navigation"]

    assert [item.url for item in navigation if item.is_current] == [begun]


@pytest.mark.parametrize("role", [Role.LOCAL_OWNER, Role.AUDITOR])
def test_who_leads_nothing_is_led_on(client_of, member, programme, role):
    response = client_of(member(role)).get(HOME)

    assert response.status_code == 302
    assert response["Location"] != HOME


def test_a_member_of_no_programme_is_told_what_to_do(client_of, member, programme):
    html = client_of(member()).get("/").content.decode()

    assert "You are not in a programme yet" in html
    assert "Ask the Programme Management Office" in html


@pytest.fixture
def busy(programme, milestone, march):
    """Late milestones of the lead's own work stream and of another, and things to decide."""
    own = milestone.project
    other = ProjectFactory(workstream__code="WS4", workstream__position=4, code="WS4-P1")
    for project in (own, other):
        for day in (date(2016, 3, 1), date(2016, 2, 1), date(2016, 6, 30)):
            BaselinedMilestoneFactory(project=project, planned_date=day)
        SubmittedReportFactory(milestone=BaselinedMilestoneFactory(project=project))
        ChangeRequestFactory(milestone=BaselinedMilestoneFactory(project=project))
        IndicatorFactory(workstream=project.workstream)
    MilestoneFactory(project=own, planned_date=None, planned_precision="", local_owner=None)
    return programme


def test_a_lead_sees_the_own_work_stream_first(client_of, executive_lead, busy):
    response = client_of(executive_lead).get(HOME)

    (own,) = response.context["own"]
    assert str(own["workstream"]) == "WS2 Achieving good governance"
    assert (own["late_count"], own["exceptions"]) == (2, 1)
    assert [line.days_late for line in own["late"]] == [42, 13]
    html = response.content.decode()
    assert html.index("You lead this work stream") < html.index("Waiting for you")
    # What lies in the own work stream another decides.
    assert len(response.context["asked"]) == 2
    assert {each.item.workstream.code for each in response.context["asked"]} == {"WS4"}


def test_an_elt_member_sees_what_to_decide(client_of, elt_member, busy):
    response = client_of(elt_member).get(HOME)

    assert {each.act for each in response.context["asked"]} == {"Decide"}
    assert len(response.context["asked"]) == 4
    html = response.content.decode()
    assert "ELT meets 15 March 2016" in html.replace("\N{NO-BREAK SPACE}", " ")
    assert "Data quality" not in html


def test_the_pmo_sees_where_the_month_stands_and_what_the_record_lacks(
    client_of, pmo_officer, busy
):
    response = client_of(pmo_officer).get(HOME)

    assert str(response.context["month"]) == "2016-03"
    assert response.context["steps"][0] == {"label": "Cut-off", "day": date(2016, 3, 31)}
    assert {"no_date", "no_owner"} <= {count.code for count in response.context["quality"]}


@pytest.mark.parametrize("who", ["executive_lead", "elt_member", "pmo_officer"])
def test_each_number_of_the_home_page_leads_to_as_many_rows(request, client_of, busy, who):
    client = client_of(request.getfixturevalue(who))
    links = list(number_links(client.get(HOME).content.decode()))

    found = [(url, number, rows_of(client.get(url).context, "")) for url, number in links]

    assert len(found) > 3
    assert [row for row in found if row[1] != row[2]] == []


def second_programme(user, role=Role.ELT_MEMBER):
    other = ProgrammeFactory(slug="other-trust", name="Another plan", tolerance_days=7)
    MembershipFactory(programme=other, user=user, role=role)
    MilestoneFactory(
        project=None,
        programme=other,
        enabler=EnablerFactory(programme=other),
        planned_date=date(2016, 3, 6),
    )
    return other


def test_a_member_of_several_programmes_sees_how_each_stands(client_of, elt_member, busy):
    second_programme(elt_member)
    client = client_of(elt_member)

    response = client.get("/")

    cards = {card.programme.slug: card for card in response.context["cards"]}
    counts = {slug: {c.code: c.count for c in card.counts} for slug, card in cards.items()}
    assert counts["other-trust"]["at_risk"] == 1  # 8 days late, and its tolerance is 7
    assert (counts["las-2016"]["at_risk"], counts["las-2016"]["delayed"]) == (2, 2)
    assert (cards["las-2016"].waiting, cards["las-2016"].exceptions) == (4, 2)
    links = list(number_links(response.content.decode()))
    found = [
        (url, number, rows_of(client.get(url).context, "elt" if url.endswith("#elt") else ""))
        for url, number in links
    ]
    assert len(found) > 5
    assert [row for row in found if row[1] != row[2]] == []


def test_an_external_reader_of_several_sees_no_figure(client_of, external_reader, busy):
    second_programme(external_reader, Role.EXTERNAL_READER)

    response = client_of(external_reader).get("/")

    html = response.content.decode().partition("<main")[2]
    assert html.count("You see the packs that were issued to your group.") == 2
    assert list(number_links(html)) == []


def test_more_programmes_cost_no_more_queries(
    client_of, elt_member, busy, django_assert_num_queries
):
    client = client_of(elt_member)
    second_programme(elt_member)
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    for n in range(20):
        programme = ProgrammeFactory(slug=f"plan-{n}", name=f"Plan {n}")
        MembershipFactory(programme=programme, user=elt_member, role=Role.AUDITOR)

    with django_assert_num_queries(len(few)):
        response = client.get("/")

    assert len(response.context["cards"]) == 22
