from datetime import date
from decimal import Decimal

import pytest

from milestones import services
from milestones.models import MilestoneStatus
from milestones.rating import DeliveryRating
from milestones.services import Position
from reports.figures import programme_figures
from reports.quality import checks_of
from reports.snapshots import build_content
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import MilestoneFactory

pytestmark = pytest.mark.django_db
MARCH = date(2016, 3, 1)


def found(programme):
    figures = programme_figures(programme, as_of=date(2016, 3, 14), month=MARCH)
    return {
        check.code: [(gap.reference, gap.detail) for gap in check.found]
        for check in checks_of(figures)
    }


def references(programme, code):
    return [reference for reference, _ in found(programme)[code]]


def test_what_a_milestone_lacks_is_counted_once_for_each_question(programme, milestone):
    bare = MilestoneFactory(
        project=milestone.project, reference="WS2-P3-09", planned_date=None, local_owner=None
    )

    assert references(programme, "no_owner") == [bare.reference]
    assert references(programme, "no_date") == [bare.reference]
    assert references(programme, "no_baseline") == ["WS2-P3-03", "WS2-P3-09"]
    assert found(programme)["no_recent_update"] == [("WS2-P3-03", "never"), ("WS2-P3-09", "never")]


def test_an_update_takes_a_milestone_off_the_list(programme, milestone, local_owner):
    services.record_update(
        milestone_id=milestone.pk,
        by=local_owner,
        seen_version=milestone.version,
        position=Position(
            status=MilestoneStatus.IN_PROGRESS,
            forecast_date=date(2016, 3, 20),
            owner_view=DeliveryRating.AT_RISK,
        ),
    )

    assert found(programme)["no_recent_update"] == []
    assert found(programme)["view_differs"] == [("WS2-P3-03", "owner At risk, rating On track")]


def test_a_forecast_in_the_past_is_found_with_its_date(programme, milestone):
    type(milestone).objects.filter(pk=milestone.pk).update(forecast_date=date(2016, 3, 7))

    assert found(programme)["forecast_past"] == [("WS2-P3-03", "forecast 7 Mar 2016")]


def test_complete_milestones_are_not_asked_about(programme, milestone):
    type(milestone).objects.filter(pk=milestone.pk).update(
        status=MilestoneStatus.COMPLETE, completed_date=date(2016, 3, 1), local_owner=None
    )

    assert references(programme, "no_owner") == []


def test_a_gap_in_a_trajectory_is_found_with_its_months(programme, workstream):
    indicator = IndicatorFactory(workstream=workstream, reference="WS2-I7")
    for month in (date(2016, 1, 1), date(2016, 4, 1)):
        indicator.trajectory_points.create(month=month, value=Decimal(90))

    assert found(programme)["trajectory_gaps"] == [("WS2-I7", "without Feb 2016, Mar 2016")]


@pytest.mark.parametrize(("target", "said"), [(None, "none"), (Decimal(90), "final target only")])
def test_an_indicator_without_trajectory_or_value_is_found(programme, workstream, target, said):
    IndicatorFactory(workstream=workstream, reference="WS2-I8", final_target=target)

    assert found(programme)["trajectory_gaps"] == [("WS2-I8", said)]
    assert references(programme, "not_reported") == ["WS2-I8"]


def test_a_snapshot_holds_each_question_with_its_count(march, milestone):
    content = build_content(march, as_of=date(2016, 3, 14), version=1, previous=None)

    rows = {row["code"]: row for row in content["data_quality"]}
    assert rows["no_baseline"]["count"] == len(rows["no_baseline"]["items"]) == 1
    assert rows["no_baseline"]["of"] == 1
    assert rows["no_date"]["count"] == 0
