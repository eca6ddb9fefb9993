from datetime import date

import pytest

from milestones.models import MilestoneStatus
from milestones.rating import DeliveryRating
from milestones.services import Position, record_update
from reports import places
from reports.figures import programme_figures
from reports.months import freeze_month
from tests.factories.milestones import MilestoneFactory
from tests.reports.test_views_dashboard import number_links, rows_of
from workstreams.models import Workstream

pytestmark = pytest.mark.django_db
WORKSTREAM, PROJECT = "/las-2016/work-streams/WS2/", "/las-2016/projects/WS2-P3/"


@pytest.fixture
def busy(programme, milestone, local_owner):
    """Of project WS2-P3 on 14 March: at risk, delayed, due, complete, without a date, withdrawn."""
    project = milestone.project
    for day in (date(2016, 2, 1), date(2016, 3, 1), date(2016, 4, 1)):
        MilestoneFactory(project=project, planned_date=day)
    MilestoneFactory(
        project=project,
        planned_date=date(2016, 2, 29),
        status=MilestoneStatus.COMPLETE,
        completed_date=date(2016, 3, 1),
    )
    MilestoneFactory(project=project, planned_date=None, planned_precision="")
    MilestoneFactory(project=project, status=MilestoneStatus.WITHDRAWN)
    position = Position(status=MilestoneStatus.IN_PROGRESS)
    record_update(milestone_id=milestone.pk, by=local_owner, seen_version=1, position=position)
    return project


def row_of(programme):
    figures = programme_figures(programme, as_of=programme.today())
    return figures.workstreams[0].projects[0]


def test_the_facts_say_what_is_done_was_planned_and_is_silent(programme, busy):
    facts = places.progress_facts(
        row_of(programme), as_of=programme.today(), moved="", list_url="/list/?project=WS2-P3"
    )

    assert [(fact.label, fact.value, fact.note) for fact in facts] == [
        ("Complete", "1 of 6", "3 planned by now"),
        ("No update for 30 days", "4 open", ""),
    ]


@pytest.mark.parametrize("url", [WORKSTREAM, PROJECT, f"{WORKSTREAM}?as-at=2016-03-13"])
def test_each_number_of_the_page_leads_to_as_many_rows(client_of, auditor, busy, url):
    client = client_of(auditor)
    links = list(number_links(client.get(url).content.decode()))

    found = [(link, number, rows_of(client.get(link).context, "")) for link, number in links]

    assert len(found) > 5
    assert [row for row in found if row[1] != row[2]] == []


def test_a_project_says_why_it_is_rated_so_by_its_worst_milestones(client_of, auditor, busy):
    response = client_of(auditor).get(PROJECT)

    (reason,) = response.context["reasons"]
    assert reason.line.rating == DeliveryRating.AT_RISK
    assert [(step.label, step.value) for step in reason.steps[-2:]] == [
        ("Days late", "42"),
        ("Rating", "At risk"),
    ]
    assert "Why it is rated At risk" in response.content.decode()


def test_what_is_done_needs_no_reason(programme, milestone):
    milestone.status, milestone.completed_date = MilestoneStatus.COMPLETE, date(2016, 3, 1)
    milestone.save()

    assert places.reasons(row_of(programme), as_of=programme.today()) == []


def test_a_work_stream_shows_what_is_due_and_its_projects_along_time(client_of, auditor, busy):
    response = client_of(auditor).get(WORKSTREAM)

    html = response.content.decode()
    (due,) = response.context["due"]
    assert due.milestone.planned_date == date(2016, 4, 1)
    assert "Due by 13 April 2016" in html
    assert response.context["timeline"].is_by_project
    assert f'<a href="{busy.get_absolute_url()}">WS2-P3 Improve incident reporting</a>' in html


def test_a_project_shows_its_milestones_along_time(client_of, auditor, busy):
    timeline = client_of(auditor).get(PROJECT).context["timeline"]

    rows = [row for group in timeline.groups for row in group.rows]
    assert len(rows) == 5  # withdrawn and undated ones have no place
    assert len(timeline.undated) == 1


def test_without_any_date_there_is_no_picture(client_of, auditor, milestone):
    milestone.planned_date, milestone.planned_precision = None, ""
    milestone.save()

    response = client_of(auditor).get(PROJECT)

    assert response.context["timeline"] is None
    assert 'id="along"' not in response.content.decode()


def test_a_work_stream_without_projects_has_a_page_that_says_so(client_of, auditor, programme):
    Workstream.objects.create(
        programme=programme, code="WS9", name="New", executive_role="Director", position=9
    )

    html = client_of(auditor).get("/las-2016/work-streams/WS9/").content.decode()

    assert "This work stream has no projects yet." in html
    assert "No milestone is late." in html


def test_a_work_stream_as_at_a_freeze_day_equals_the_frozen_month(
    client_of, auditor, programme, busy, march, pmo_officer, local_owner, milestone
):
    snapshot = freeze_month(month_id=march.pk, by=pmo_officer)
    programme.demonstration_date = date(2016, 5, 2)
    programme.save()

    response = client_of(auditor).get(f"{WORKSTREAM}?as-at=2016-03-14")

    (then,) = snapshot.data["workstreams"]
    counts = {rating.value: n for rating, n in response.context["row"].counts.items()}
    assert counts == then["counts"]
    html = response.content.decode()
    assert f'href="{PROJECT}?as-at=2016-03-14"' in html
    assert "What has no record by day is not shown here" in html


@pytest.mark.parametrize("day", ["2016-03-15", "2015-05-31", "x"])
def test_a_day_without_a_state_is_told_at_the_field(client_of, auditor, busy, day):
    html = client_of(auditor).get(WORKSTREAM, {"as-at": day}).content.decode()

    assert html.count("The day must be") == 2


def test_how_a_work_stream_moved_is_told(client_of, auditor, programme, busy, march, pmo_officer):
    freeze_month(month_id=march.pk, by=pmo_officer)
    programme.demonstration_date = date(2016, 5, 2)
    programme.save()

    facts = client_of(auditor).get(WORKSTREAM).context["facts"]

    assert facts[0].note == "5 planned by now. Since March: at risk +2, on track −2"
