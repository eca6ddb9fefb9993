from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from milestones.models import FieldChange, Milestone, MilestoneStatus
from milestones.rating import DeliveryRating
from milestones.services import Position, record_update
from milestones.writing import Act, write
from reports.figures import programme_figures
from reports.plan_loading import load_plan
from tests.factories.milestones import MilestoneFactory
from workstreams.models import Project
from workstreams.planfile import read_plan

LAS = Path(__file__).parents[2] / "plans" / "las-2016.yaml"


@pytest.fixture
def lived(programme, milestone, local_owner):
    """On 1 June 2016 its owner forecasts 1 July; on 1 August it is planned for 31 August."""
    for day, act in [
        (date(2016, 6, 1), lambda: _update(milestone, local_owner)),
        (date(2016, 8, 1), lambda: _plan(milestone)),
        (date(2016, 9, 1), lambda: None),
    ]:
        programme.demonstration_date = day
        programme.save()
        act()
    return Milestone.objects.with_people().get(pk=milestone.pk)


def _update(milestone, local_owner):
    forecast = Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=date(2016, 7, 1))
    record_update(milestone_id=milestone.pk, by=local_owner, seen_version=1, position=forecast)


def _plan(milestone):
    fresh = Milestone.objects.with_people().get(pk=milestone.pk)
    fields = {"planned_date": date(2016, 8, 31), "title": "Datix Web in use"}
    write(fresh, seen_version=2, fields=fields, act=Act(by=None))


def page_of(client, project, day):
    url = reverse("reports:project_detail", args=["las-2016", project.code])
    return client.get(url, {"as-at": day})


@pytest.mark.parametrize(
    ("day", "rating", "late", "title", "updated"),
    [
        ("2016-05-31", DeliveryRating.AT_RISK, 31, "Datix Web launched", False),
        ("2016-06-01", DeliveryRating.AT_RISK, 62, "Datix Web launched", True),
        ("2016-08-01", DeliveryRating.ON_TRACK, -61, "Datix Web in use", True),
    ],
)
def test_the_project_shows_its_milestones_as_they_stood(
    client_of, auditor, lived, day, rating, late, title, updated
):
    response = page_of(client_of(auditor), lived.project, day)

    (line,) = response.context["row"].lines
    assert (line.rating, line.days_late, line.milestone.title) == (rating, late, title)
    assert (line.update is not None) == updated
    page = response.content.decode()
    assert "Back to today" in page
    assert f"{lived.reference}/?as-at={day}" in page
    assert f"project={lived.project.code}&amp;as-at={day}" in page


def test_a_milestone_counts_where_it_belonged_then(programme, lived):
    then = lived.project
    now = Project.objects.create(
        workstream=then.workstream, code="WS2-P9", name="Forms", position=9
    )
    write(lived, seen_version=3, fields={"project": now}, act=Act(by=None))

    figures = programme_figures(programme, as_of=date(2016, 8, 31), as_it_stood=True)

    totals = {row.project: row.total for each in figures.workstreams for row in each.projects}
    assert totals == {then: 1, now: 0}


@pytest.mark.parametrize("day", ["2016-09-02", "2015-05-31", "2016-02-30", "x", "9" * 300])
def test_a_day_without_a_state_is_told_at_the_field(client_of, auditor, lived, day):
    response = page_of(client_of(auditor), lived.project, day)

    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("The day must be") == 2
    assert "Back to today" not in page


def test_a_project_of_many_milestones_costs_no_more_queries_as_at_a_day(
    client_of, auditor, lived, django_assert_max_num_queries
):
    browser = client_of(auditor)
    page_of(browser, lived.project, "2016-06-01")
    for milestone in MilestoneFactory.create_batch(20, project=lived.project):
        write(milestone, seen_version=1, fields={"title": "New"}, act=Act(by=None))

    with django_assert_max_num_queries(30) as counted:
        response = page_of(browser, lived.project, "2016-06-01")

    assert len(response.context["row"].lines) == 21
    few = len(counted.captured_queries)
    MilestoneFactory.create_batch(20, project=lived.project)
    with django_assert_max_num_queries(few):
        page_of(browser, lived.project, "2016-06-01")


@pytest.mark.django_db
def test_what_the_plan_file_corrects_goes_on_the_record_once_and_stays_in_its_hands(tmp_path):
    text = LAS.read_text()
    title = read_plan(LAS).milestones[0].title
    corrected = tmp_path / "plan.yaml"
    corrected.write_text(text.replace(title, "Corrected title", 1))
    load_plan(plan=read_plan(LAS), by=None, dry_run=False)

    loads = [
        load_plan(plan=read_plan(path), by=None, dry_run=False)
        for path in (corrected, corrected, LAS)
    ]

    assert [result.updated.get("milestones") for result in loads] == [1, None, 1]
    assert [result.kept for result in loads] == [(), (), ()]
    changes = FieldChange.objects.order_by("version")
    assert list(changes.values_list("field", "old_value", "new_value")) == [
        ("title", title, "Corrected title"),
        ("title", "Corrected title", title),
    ]
    assert set(changes.values_list("channel", "made_by")) == {("import", None)}
