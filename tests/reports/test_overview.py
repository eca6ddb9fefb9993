from datetime import date

import pytest
from django.urls import reverse

from milestones.models import Milestone, MilestoneStatus
from milestones.rating import DeliveryRating
from milestones.services import Position, record_update
from milestones.writing import Act, write
from reports.charts import completion_chart, trend_chart
from reports.curve import completion_curve
from reports.figures import programme_figures
from reports.frozen import changes_since, frozen_months, movement_since
from reports.months import freeze_month
from reports.tiles import inspection_tile
from reports.trend import rating_trend
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import ReportingMonthFactory

pytestmark = pytest.mark.django_db


def move_on(programme, day):
    programme.demonstration_date = day
    programme.save()


def update(milestone, by, **position):
    fresh = Milestone.objects.with_people().get(pk=milestone.pk)
    fields = {"status": MilestoneStatus.IN_PROGRESS, **position}
    record_update(
        milestone_id=milestone.pk,
        by=by,
        seen_version=fresh.version,
        position=Position(**fields),
    )


def figures_of(programme, **kwargs):
    return programme_figures(programme, as_of=programme.today(), **kwargs)


@pytest.fixture
def frozen(programme, milestone, march, pmo_officer, local_owner):
    """On 31 March 2 on track and 1 late were frozen; on 14 April one is at risk and one done."""
    project = milestone.project
    done = MilestoneFactory(
        project=project, local_owner=local_owner, planned_date=date(2016, 4, 10), reference="DONE"
    )
    MilestoneFactory(project=project, planned_date=date(2016, 3, 25), reference="LATE")
    move_on(programme, date(2016, 3, 31))
    snapshot = freeze_month(month_id=march.pk, by=pmo_officer)
    move_on(programme, date(2016, 4, 14))
    update(milestone, local_owner, forecast_date=date(2016, 6, 30))
    update(
        done,
        local_owner,
        status=MilestoneStatus.COMPLETE,
        completed_date=date(2016, 4, 12),
        no_evidence_reason="Seen by the PMO.",
    )
    return snapshot


def dashboard(client, **query):
    return client.get(reverse("reports:dashboard", args=["las-2016"]), query)


def test_the_dashboard_as_at_a_freeze_day_equals_the_frozen_month(
    client_of, elt_member, frozen, programme
):
    response = dashboard(client_of(elt_member), **{"as-at": "2016-03-31"})

    figures, content = response.context["figures"], frozen.data
    then = {row["code"]: row["counts"] for row in content["workstreams"]}
    assert {r.value: n for r, n in figures.counts.items()} == content["summary"]["counts"]
    assert figures.total == content["summary"]["total"]
    assert response.context["lead"] == content["summary"]["lead"]
    assert {
        row.workstream.code: {r.value: n for r, n in row.counts.items()}
        for row in figures.workstreams
    } == then
    frozen_rows = [
        (row["reference"], row["rating"], row["late_days"], row["planned"])
        for workstream in content["workstreams"]
        for project in workstream["projects"]
        for row in project["milestones"]
    ]
    lines = [line for row in figures.workstreams for p in row.projects for line in p.lines]
    assert [
        (line.milestone.reference, line.rating, line.days_late, line.milestone.planned_text)
        for line in lines
    ] == frozen_rows
    assert "March 2016</a> was frozen with the position of this day" in response.content.decode()


def test_the_numbers_as_at_a_day_link_to_the_register_of_that_day(client_of, elt_member, frozen):
    response = dashboard(client_of(elt_member), **{"as-at": "2016-03-31"})

    tiles = {tile.label: tile for tile in response.context["tiles"]}
    assert (tiles["Delayed"].number, tiles["On track"].number) == (1, 2)
    assert tiles["Delayed"].url.endswith("?rating=delayed&as-at=2016-03-31")
    html = response.content.decode()
    assert "Waiting for ELT" not in html
    assert "Back to today" in html


@pytest.mark.parametrize("day", ["2016-04-15", "2015-05-31", "2016-02-30", "x", "9" * 300])
def test_a_day_without_a_state_is_told_and_today_is_shown(client_of, elt_member, frozen, day):
    response = dashboard(client_of(elt_member), **{"as-at": day})

    assert response.status_code == 200
    assert response.content.decode().count("The day must be") == 2
    assert response.context["figures"].as_of == date(2016, 4, 14)


def test_what_moved_since_the_frozen_month_stands_under_each_number(client_of, elt_member, frozen):
    response = dashboard(client_of(elt_member))

    notes = {tile.label: tile.note for tile in response.context["tiles"]}
    assert notes["At risk"] == "1 more than in March"
    assert notes["On track"] == "2 fewer than in March"
    assert notes["Delayed"] == "As many as in March"
    assert notes["Complete"] == "2 planned by now. 1 more than in March"
    (row,) = response.context["workstreams"]
    assert row["moved"] == "Since March: at risk +1, on track −2, complete +1"


def test_what_changed_is_told_as_the_next_pack_would(programme, frozen):
    changes = changes_since(frozen, figures_of(programme))

    assert [(change["reference"], change["text"]) for change in changes] == [
        ("WS2-P3-03", "Forecast moved from Apr 2016 to 30 Jun 2016; was On track, now At risk"),
        ("DONE", "Completed 12 Apr 2016"),
    ]


def test_a_month_frozen_on_the_day_itself_is_nothing_to_compare_with(programme, frozen):
    assert [str(each.snapshot) for each in frozen_months(programme, until=date(2016, 3, 31))] == [
        "las-2016/2016-03/v1"
    ]
    assert frozen_months(programme, until=date(2016, 3, 30)) == []


def test_a_work_stream_that_the_frozen_month_lacks_is_all_new(programme, frozen):
    (last,) = frozen_months(programme, until=programme.today())

    moved = movement_since(last, figures_of(programme).workstreams[0], workstream="WS9")

    assert moved.sentence(programme) == "Since March: at risk +1, delayed +1, complete +1"


def test_the_trend_takes_a_frozen_month_as_frozen_and_works_out_the_others(programme, frozen):
    figures = figures_of(programme)

    rows = rating_trend(figures, frozen_months(programme, until=programme.today()))

    assert [row.label for row in rows] == [
        "Jun 15", "Jul 15", "Aug 15", "Sep 15", "Oct 15", "Nov 15", "Dec 15", "Jan 16",
        "Feb 16", "Mar 16", "Apr 16",
    ]  # fmt: skip
    assert [row.is_frozen for row in rows] == [False] * 9 + [True, False]
    march, april = ({count.code: count.count for count in row.counts} for row in rows[-2:])
    assert march == {"at_risk": 0, "delayed": 1, "no_date": 0, "on_track": 2, "complete": 0}
    assert april == {"at_risk": 1, "delayed": 1, "no_date": 0, "on_track": 0, "complete": 1}
    # Without its snapshot March gives the same: it is the same day of the same milestones.
    computed = rating_trend(figures, [])[-2]
    assert (computed.day, computed.is_frozen) == (date(2016, 3, 31), False)
    assert {count.code: count.count for count in computed.counts} == march


def test_the_trend_undoes_changes_of_the_plan_too(programme, milestone):
    move_on(programme, date(2016, 6, 14))
    fresh = Milestone.objects.with_people().get(pk=milestone.pk)
    write(fresh, seen_version=1, fields={"planned_date": date(2016, 9, 30)}, act=Act(by=None))

    rows = rating_trend(figures_of(programme), [])

    ratings = {row.label: next(c.code for c in row.counts if c.count) for row in rows}
    assert (ratings["Apr 16"], ratings["May 16"], ratings["Jun 16"]) == (
        DeliveryRating.ON_TRACK,
        DeliveryRating.AT_RISK,
        DeliveryRating.ON_TRACK,
    )


def test_the_trend_begins_with_the_programme_and_is_never_empty(programme, milestone):
    move_on(programme, date(2015, 6, 20))

    (row,) = rating_trend(figures_of(programme), [])

    assert (row.label, row.is_today, row.total) == ("Jun 15", True, 1)
    assert trend_chart([row]).description == "1 milestones in Jun 15."


def curve_of(programme):
    return completion_curve(figures_of(programme))


def test_the_curve_counts_plan_completion_and_forecast_by_the_end_of_each_month(
    programme, milestone, local_owner
):
    project = milestone.project
    done = {"status": MilestoneStatus.COMPLETE}
    MilestoneFactory(
        project=project,
        planned_date=date(2016, 2, 29),
        completed_date=date(2016, 3, 10),
        **done,
    )
    MilestoneFactory(
        project=project,
        planned_date=None,
        planned_precision="",
        completed_date=date(2016, 1, 31),
        **done,
    )
    MilestoneFactory(project=project, planned_date=date(2016, 2, 15))  # overdue: today at best
    MilestoneFactory(project=project, planned_date=None, planned_precision="")
    MilestoneFactory(project=project, status=MilestoneStatus.WITHDRAWN)

    curve = curve_of(programme)

    assert [(p.month, p.planned, p.complete, p.forecast) for p in curve.points] == [
        ("Dec 2015", 0, 0, None),
        ("Jan 2016", 1, 1, None),
        ("Feb 2016", 3, 1, None),
        ("Mar 2016", 3, None, 3),
        ("Apr 2016", 4, None, 4),
    ]
    assert (curve.total, curve.complete, curve.planned_by_today, curve.undated) == (5, 2, 3, 1)


def test_a_plan_without_dates_has_no_curve_and_says_so(client_of, elt_member, programme):
    MilestoneFactory(planned_date=None, planned_precision="")

    html = dashboard(client_of(elt_member)).content.decode()

    assert curve_of(programme).points == []
    assert "No milestone has a date yet" in html


def test_the_curve_is_drawn_from_zero_to_the_day_and_on(programme, milestone):
    chart = completion_chart(curve_of(programme))

    ((first, *_, last),) = chart.planned.pieces
    assert first == (chart.plot.left, chart.plot.bottom)
    assert last[0] == chart.plot.right
    assert chart.complete.end == chart.today == chart.forecast.pieces[0][0]
    assert chart.plot.left < chart.today[0] < chart.plot.right
    assert chart.description == (
        "On 14 March 2016 0 of 1 milestones were complete; 0 were planned to be. "
        "By the end of Apr 2016 1 are planned and 1 forecast to be complete."
    )


def test_bars_are_as_long_as_their_counts_and_numbers_stand_where_they_fit(programme, milestone):
    MilestoneFactory.create_batch(99, project=milestone.project, planned_date=date(2016, 4, 30))
    MilestoneFactory(project=milestone.project, planned_date=date(2016, 3, 1))

    (bar,) = trend_chart([rating_trend(figures_of(programme), [])[-1]]).bars

    assert [(each.code, each.text) for each in bar.segments] == [
        ("delayed", ""),
        ("on_track", "100"),
    ]
    late, good = bar.segments
    assert good.width == pytest.approx(100 * late.width, rel=0.1)
    assert good.x == pytest.approx(late.x + late.width, abs=0.2)


@pytest.mark.parametrize(
    ("day", "number", "label", "note"),
    [
        (None, "–", "Next inspection", "No day is known. Set the day"),
        (date(2016, 3, 13), "–", "Next inspection", "It was on 13 March 2016"),
        (date(2016, 3, 14), 0, "days to the next inspection", "14 March 2016"),
        (date(2016, 3, 15), 1, "day to the next inspection", "15 March 2016"),
        (date(2016, 3, 27), 13, "days to the next inspection", "27 March 2016"),
        (date(2016, 3, 28), 2, "weeks to the next inspection", "28 March 2016"),
        (date(2016, 9, 5), 25, "weeks to the next inspection", "5 September 2016"),
    ],
)
def test_the_weeks_to_the_next_inspection_are_counted(programme, day, number, label, note):
    programme.next_inspection_date, programme.demonstration_date = day, None

    tile = inspection_tile(programme, on=date(2016, 3, 14), settings_url="/settings/")

    assert (tile.number, tile.label, tile.note) == (number, label, note)


def test_a_demonstration_says_that_its_day_of_inspection_is_made_up(programme):
    programme.next_inspection_date = date(2016, 9, 5)

    tile = inspection_tile(programme, on=date(2016, 3, 14), settings_url="")

    assert programme.is_demonstration
    assert tile.note == "5 September 2016, illustrative"


def test_who_may_not_set_the_inspection_is_told_who_does(programme):
    tile = inspection_tile(programme, on=date(2016, 3, 14), settings_url="")

    assert (tile.url, tile.note) == ("", "No day is known. The PMO administrator sets it")


def test_an_empty_plan_still_has_its_page(client_of, elt_member, programme):
    ReportingMonthFactory(programme=programme)

    html = dashboard(client_of(elt_member)).content.decode()

    assert "The plan holds no milestones yet." in html
    assert "No month has been frozen before this day" in html


def test_a_long_plan_costs_the_dashboard_of_a_past_day_no_more_queries(
    client_of, elt_member, frozen, django_assert_max_num_queries
):
    client = client_of(elt_member)
    dashboard(client, **{"as-at": "2016-04-01"})
    with django_assert_max_num_queries(60) as counted:
        dashboard(client, **{"as-at": "2016-04-01"})
    project = Milestone.objects.get(reference="LATE").project
    for milestone in MilestoneFactory.create_batch(20, project=project):
        write(milestone, seen_version=1, fields={"title": "New"}, act=Act(by=None))

    with django_assert_max_num_queries(len(counted.captured_queries)):
        dashboard(client, **{"as-at": "2016-04-01"})
