import re
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from milestones.models import MilestoneStatus
from reports.months import freeze_month
from tests.factories.governance import ChangeRequestFactory, SubmittedReportFactory
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import CqcActionFactory, EnablerFactory, ProjectFactory

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a\b[^>]*href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")


@pytest.fixture
def varied(programme, milestone):
    """Milestones of every rating and indicators of several, on 14 March 2016."""
    project = milestone.project
    other = ProjectFactory(workstream__code="WS4", workstream__position=4, code="WS4-P1")
    for day in [date(2016, 3, 13), date(2016, 2, 1), date(2016, 1, 5)]:
        BaselinedMilestoneFactory(project=project, planned_date=day)
    for day in [date(2016, 3, 14), date(2016, 4, 13), date(2016, 4, 14)]:
        MilestoneFactory(project=other, planned_date=day)
    MilestoneFactory(project=other, planned_date=None, planned_precision="", local_owner=None)
    MilestoneFactory(
        project=other, status=MilestoneStatus.COMPLETE, completed_date=date(2016, 3, 1)
    )
    MilestoneFactory(project=other, status=MilestoneStatus.WITHDRAWN)
    MilestoneFactory(
        project=None, enabler=EnablerFactory(), programme=programme, planned_date=date(2016, 3, 1)
    )
    for value in [80, 70, 99]:
        indicator = IndicatorFactory(workstream=project.workstream)
        TrajectoryPointFactory(indicator=indicator, value=Decimal(90))
        MeasurementFactory(indicator=indicator, value=Decimal(value))
    SubmittedReportFactory(milestone=BaselinedMilestoneFactory(project=project))
    ChangeRequestFactory(milestone=BaselinedMilestoneFactory(project=project))
    return programme


def dashboard(client, programme):
    return client.get(reverse("reports:dashboard", args=[programme.slug]))


def rows_of(context, fragment):
    """How many rows a list has on all its pages, by what its view gives."""
    if fragment == "elt":
        return len(context["queue"].for_elt)
    # A page without rows is false.
    if context.get("page_obj") is not None:
        return context["page_obj"].paginator.count
    return sum(len(standings) for _, standings in context["groups"])


def number_links(html):
    """The links that say a number: address and number."""
    for url, inner in LINK.findall(html):
        words = TAG.sub(" ", inner).split()
        numbers = [word for word in words if word.isdigit()]
        is_number = numbers and (words[0].isdigit() or words[0] == "All")
        if is_number and "/work-streams/" not in url:
            yield url.replace("&amp;", "&"), int(numbers[0])


def test_each_number_links_to_a_list_of_exactly_that_many_rows(client_of, pmo_officer, varied):
    client = client_of(pmo_officer)
    links = list(number_links(dashboard(client, varied).content.decode()))

    found = []
    for url, number in links:
        response = client.get(url)
        found.append((url, number, rows_of(response.context, urlsplit(url).fragment)))

    assert len(found) > 15
    assert [row for row in found if row[1] != row[2]] == []


@pytest.mark.parametrize("page", ["workstream_detail", "project_detail", "plan"])
def test_the_numbers_of_the_other_pages_lead_to_as_many_rows(client_of, pmo_officer, varied, page):
    code = {"workstream_detail": ["WS2"], "project_detail": ["WS4-P1"], "plan": []}[page]
    client = client_of(pmo_officer)
    html = client.get(reverse(f"reports:{page}", args=[varied.slug, *code])).content.decode()

    found = [
        (url, number, rows_of(client.get(url).context, "")) for url, number in number_links(html)
    ]

    assert found
    assert [row for row in found if row[1] != row[2]] == []


def test_the_tiles_count_what_the_lead_sentence_says(client_of, pmo_officer, varied):
    response = dashboard(client_of(pmo_officer), varied)

    tiles = {tile.label: tile.number for tile in response.context["tiles"]}
    assert tiles["At risk"] == 2
    assert tiles["Delayed"] == 2
    assert tiles["Complete"] == 1
    assert tiles["Due in 30 days"] == 2
    assert tiles["Indicators off or near trajectory"] == 2
    assert tiles["Waiting for ELT"] == 2
    assert response.context["lead"].startswith("1 of 12 milestones are complete; 2 are at risk")


def test_late_milestones_come_worst_first(client_of, pmo_officer, varied):
    response = dashboard(client_of(pmo_officer), varied)

    assert [line.days_late for line in response.context["late"]] == [69, 42, 13, 1]


def test_what_waits_for_the_elt_is_named_with_what_is_asked(client_of, pmo_officer, varied):
    html = dashboard(client_of(pmo_officer), varied).content.decode()

    assert "Move the planned date to 10 Jun 2016" in html
    assert "ELT meets 15 March 2016" in html.replace("\N{NO-BREAK SPACE}", " ")


def test_the_last_frozen_month_stands_with_its_packs(
    client_of, pmo_officer, milestone, march, audiences
):
    freeze_month(month_id=march.pk, by=pmo_officer)

    html = dashboard(client_of(pmo_officer), march.programme).content.decode()

    assert "March 2016 report" in html
    assert "Clinical Quality Review Group (CQRG): being made" in html


def test_a_demonstration_marks_what_it_made_up(client_of, pmo_officer, varied):
    html = dashboard(client_of(pmo_officer), varied).content.decode()

    assert "Illustrative" in html


def test_a_real_programme_marks_nothing(client_of, pmo_officer, varied):
    varied.demonstration_date = None
    varied.save()

    html = dashboard(client_of(pmo_officer), varied).content.decode()

    assert "Illustrative" not in html


def test_texts_of_the_plan_are_shown_and_never_run(client_of, pmo_officer, milestone):
    payload = "<script>window.__x=1</script>"
    milestone.title, milestone.planned_date = payload, date(2016, 2, 1)
    milestone.save()

    html = dashboard(client_of(pmo_officer), milestone.programme).content.decode()

    assert payload not in html
    assert escape(payload) in html


PAGES = [
    ("dashboard", []),
    ("role_home", []),
    ("workstream_detail", ["WS2"]),
    ("project_detail", ["WS2-P3"]),
    ("cqc_action_list", []),
    ("cqc_action_detail", ["WS2-S1"]),
    ("month_list", []),
    ("month_detail", [date(2016, 3, 1)]),
    ("settings", []),
]


def fill(project, number):
    for n in range(number):
        report = SubmittedReportFactory(
            milestone=BaselinedMilestoneFactory(
                project=project, planned_date=date(2016, 2, 1 + n % 28)
            )
        )
        ChangeRequestFactory(milestone=report.milestone)
        indicator = IndicatorFactory(workstream=project.workstream)
        indicator.projects.add(project)
        TrajectoryPointFactory(indicator=indicator)
        MeasurementFactory(indicator=indicator)
        CqcActionFactory(workstream=project.workstream, reference=f"WS2-S{n + 1}").projects.add(
            project
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page[0])
def test_a_page_costs_the_same_queries_for_one_row_and_for_fifty(
    client_of, pmo_administrator, milestone, march, page, django_assert_num_queries
):
    client, project = client_of(pmo_administrator), milestone.project
    url = reverse(f"reports:{page[0]}", args=[march.programme.slug, *page[1]])
    fill(project, 1)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    project.cqc_actions.all().delete()
    fill(project, 50)

    with django_assert_num_queries(len(few)):
        response = client.get(url)

    assert response.status_code == 200
