from datetime import date
from itertools import pairwise

import pytest
from django.urls import reverse

from milestones import timeline_view
from milestones.models import Dependency, Milestone, MilestoneStatus
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import (
    EnablerFactory,
    ProgrammeFactory,
    ProjectFactory,
    WorkstreamFactory,
)
from workstreams.models import Role

PAGE = "/las-2016/timeline/"
UNDATED = {"planned_date": None, "planned_precision": ""}


@pytest.fixture
def project(workstream):
    return ProjectFactory(workstream=workstream)


@pytest.fixture
def late(project):
    """Baseline 30 April, forecast 4 June 2016. Today is 14 March 2016."""
    return BaselinedMilestoneFactory(
        project=project,
        reference="LATE",
        planned_precision="day",
        forecast_date=date(2016, 6, 4),
        position=2,
    )


def read(client, query=""):
    response = client.get(f"{PAGE}{query}")
    assert response.status_code == 200
    return response.content.decode()


def rows_of(response):
    timeline = response.context["timeline"]
    return [row for group in timeline.groups for row in group.rows]


def test_each_milestone_is_said_in_words_and_drawn(client_of, auditor, late, project):
    before = MilestoneFactory(
        project=project, reference="BEFORE", forecast_date=date(2016, 5, 12), position=1
    )
    Dependency.objects.create(predecessor=before, successor=late)

    page = read(client_of(auditor))

    assert "Timeline" in page
    assert "<b>At risk</b>. Baseline 30 Apr 2016, forecast 4 Jun 2016, 35 days late" in page
    assert "Waits for BEFORE, 12 days too late" in page
    for mark in ["baseline", "at_risk", "down-late", "axis", "grid"]:
        assert f'href="#time-{mark}"' in page
    assert "qip-time__line--at_risk" in page
    assert "style=" not in page


def test_a_milestone_that_waits_in_good_time_says_so_without_alarm(
    client_of, auditor, late, project
):
    after = MilestoneFactory(project=project, reference="AFTER", planned_date=date(2016, 9, 30))
    Dependency.objects.create(predecessor=late, successor=after)

    page = read(client_of(auditor))

    assert "Waits for LATE" in page
    assert "too late" not in page


def test_what_was_completed_and_what_has_passed_is_said(client_of, auditor, project):
    MilestoneFactory(
        project=project,
        status=MilestoneStatus.COMPLETE,
        completed_date=date(2016, 3, 1),
        completed_precision="month",
    )
    MilestoneFactory(
        project=project, planned_date=date(2016, 3, 1), forecast_date=date(2016, 3, 10)
    )

    page = read(client_of(auditor))

    assert "Planned Apr 2016, completed Mar 2016, 60 days early" in page
    assert "forecast 10 Mar 2016 has passed, 13 days late" in page


def test_milestones_stand_under_their_work_stream_and_project(client_of, auditor, programme, late):
    other = WorkstreamFactory(programme=programme, code="WS1", name="Great place", position=1)
    MilestoneFactory(project=ProjectFactory(workstream=other, code="WS1-P1", name="Training"))
    enabler = EnablerFactory(programme=programme, code="E1", name="Engagement")
    MilestoneFactory(project=None, enabler=enabler, programme=programme)

    response = client_of(auditor).get(PAGE)

    groups = response.context["timeline"].groups
    assert [(group.title, group.sections[0].heading.title) for group in groups] == [
        ("WS1 Great place", "WS1-P1 Training"),
        ("WS2 Achieving good governance", "WS2-P3 Improve incident reporting"),
        ("Programme level (enablers)", "E1 Engagement"),
    ]


def test_milestones_without_any_date_are_listed_at_the_end(client_of, auditor, late, project):
    MilestoneFactory.create_batch(2, project=project, title="No day yet", **UNDATED)

    page = read(client_of(auditor))

    head, _, end = page.partition("2 have no date")
    assert end.count("No day yet") == 2
    assert "No day yet" not in head


def test_a_milestone_withdrawn_is_left_out_until_it_is_asked_for(client_of, auditor, late):
    Milestone.objects.update(status=MilestoneStatus.WITHDRAWN)
    client = client_of(auditor)

    assert 'href="#time-withdrawn"' not in read(client)
    assert 'href="#time-withdrawn"' in read(client, "?rating=withdrawn")


def test_the_filters_are_the_registers_and_the_months_do_not_hide_milestones(
    client_of, auditor, late, project
):
    MilestoneFactory(project=project, reference="FINE", planned_date=date(2016, 9, 30))
    client = client_of(auditor)

    filtered = client.get(f"{PAGE}?rating=at_risk")
    zoomed = client.get(f"{PAGE}?from=2016-05&to=2016-06")

    assert [row.milestone.reference for row in rows_of(filtered)] == ["LATE"]
    assert [row.milestone.reference for row in rows_of(zoomed)] == ["LATE", "FINE"]
    assert zoomed.context["timeline"].span_text == "May 2016 to June 2016"
    assert zoomed.context["timeline"].today is None


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=x", "Enter a month as 2016-04, from 1900 to 2199"),
        ("to=2016-13", "Enter a month as 2016-04, from 1900 to 2199"),
        ("to=0001-01", "Enter a month as 2016-04, from 1900 to 2199"),
        ("from=2016-05&to=2016-04", "To month must not come before From month"),
        ("workstream=WS99", "Choose the work stream from the list"),
        ("lines=atoms", "Choose what a line is from the list"),
        ("rating=purple", "Choose"),
        ("owner=0", "Choose the local owner from the list"),
    ],
)
def test_a_value_that_is_none_is_a_message_and_no_list(client_of, auditor, late, query, said):
    page = read(client_of(auditor), f"?{query}")

    assert said in page
    assert "<title>Error: " in page
    assert "Nothing is shown until the filter is put right." in page


@pytest.mark.parametrize("query", ["", "?from=1900-01&to=2199-12", "?page=99&sort=nonsense"])
def test_a_programme_without_milestones_has_a_page(client_of, auditor, query):
    page = read(client_of(auditor), query)

    assert "0 milestones" in page


def test_a_line_may_be_a_project_which_leads_to_its_milestones(client_of, auditor, late):
    client = client_of(auditor)

    page = read(client, "?lines=projects&from=2016-01")

    assert "1 milestone" in page
    link = "?lines=milestones&amp;from=2016-01&amp;project=WS2-P3"
    assert link in page
    assert [row.milestone for row in rows_of(client.get(PAGE + link.replace("&amp;", "&")))] == [
        late
    ]


def test_many_milestones_become_a_line_per_project_or_pages(
    client_of, auditor, project, monkeypatch
):
    monkeypatch.setattr(timeline_view, "MOST_LINES", 3)
    MilestoneFactory.create_batch(4, project=project)
    client = client_of(auditor)

    folded, paged = client.get(PAGE), client.get(f"{PAGE}?lines=milestones&page=2")

    assert [row.text for row in rows_of(folded)] == ["4 milestones"]
    assert len(rows_of(paged)) == 1
    assert 'aria-label="Page 1"' in paged.content.decode()


# Session, user, programme, roles; work streams, projects and owners to choose from; milestones,
# their projects and work streams; links.
QUERIES = 11


@pytest.mark.parametrize("number", [1, 50])
@pytest.mark.parametrize("lines", ["milestones", "projects"])
def test_the_page_costs_the_same_queries_however_many_milestones(
    client_of, auditor, workstream, django_assert_num_queries, number, lines
):
    projects = [ProjectFactory(workstream=workstream, code=f"P{n}") for n in range(number)]
    rows = [MilestoneFactory(project=project) for project in projects]
    Dependency.objects.bulk_create(
        Dependency(predecessor=before, successor=after) for before, after in pairwise(rows)
    )
    client = client_of(auditor)

    with django_assert_num_queries(QUERIES):
        response = client.get(f"{PAGE}?lines={lines}")

    assert response.context["total"] == number


def test_outsiders_and_external_readers_find_no_timeline(client_of, member, late):
    outsider = member(Role.PMO_ADMINISTRATOR, programme=ProgrammeFactory(slug="other-trust"))
    reader = member(Role.EXTERNAL_READER)

    statuses = [client_of(person).get(PAGE).status_code for person in (outsider, reader)]

    assert statuses == [404, 404]


def test_nothing_of_another_programme_is_shown(client_of, auditor, late):
    other = WorkstreamFactory(programme=ProgrammeFactory(slug="other-trust"))
    project = ProjectFactory(workstream=other)
    strangers = [MilestoneFactory(project=project, reference=f"CANARY-{n}") for n in range(2)]
    Dependency.objects.create(predecessor=strangers[0], successor=strangers[1])

    page = read(client_of(auditor))

    assert "CANARY" not in page


@pytest.mark.parametrize("page", ["/las-2016/", "/las-2016/milestones/"])
def test_the_dashboard_and_the_register_lead_to_the_timeline(client_of, auditor, late, page):
    content = client_of(auditor).get(page).content.decode()

    assert f'href="{reverse("milestones:timeline", args=["las-2016"])}"' in content
