from datetime import date
from decimal import Decimal

import pytest

from metrics.chart_indicator import chart_of
from metrics.models import Indicator, IndicatorKind
from metrics.rating import Direction, PerformanceRating
from metrics.standing import (
    count_ratings,
    history,
    reporting_month,
    standing,
    standings,
    worst_first,
)
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory

JANUARY, FEBRUARY, MARCH, APRIL = (date(2016, month, 1) for month in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2016, 3, 1), FEBRUARY),
        (date(2016, 3, 31), FEBRUARY),
        (date(2016, 1, 1), date(2015, 12, 1)),
    ],
)
def test_the_month_reported_on_is_the_last_complete_one(today, month):
    assert reporting_month(today) == month


def test_a_month_with_a_value_is_rated_against_its_trajectory(programme):
    indicator = IndicatorFactory(final_target=Decimal(95))
    TrajectoryPointFactory(indicator=indicator, month=FEBRUARY, value=Decimal(94))
    MeasurementFactory(indicator=indicator, month=JANUARY, value=Decimal(87))
    MeasurementFactory(indicator=indicator, month=FEBRUARY, value=Decimal(88))

    found = standing(indicator, month=FEBRUARY)

    assert found.rating == PerformanceRating.NEAR
    assert (found.value, found.trajectory, found.target) == (88, 94, 94)
    assert found.shown_attainment == "93.6%"
    assert (found.previous_value, found.previous_month) == (87, JANUARY)
    assert found.is_reported
    assert found.explanation.startswith("February 2016: 88% is 93.6% of the trajectory, 94%")


def test_a_month_without_a_value_is_not_reported_but_shows_the_latest_known(programme):
    indicator = IndicatorFactory()
    TrajectoryPointFactory(indicator=indicator, month=JANUARY)
    MeasurementFactory(indicator=indicator, month=JANUARY, value=Decimal(80))

    found = standing(indicator, month=FEBRUARY)

    assert found.rating == PerformanceRating.NOT_REPORTED
    assert (found.value, found.value_month, found.is_reported) == (80, JANUARY, False)
    assert found.attainment is None
    assert found.explanation == (
        "No value is reported for February 2016. The latest is 80% for January 2016."
    )


def test_an_indicator_without_any_series_is_not_reported(programme):
    indicator = IndicatorFactory()

    found = standing(indicator, month=FEBRUARY)

    assert found.rating == PerformanceRating.NOT_REPORTED
    assert (found.value, found.value_month, found.target, found.points) == (None, None, None, ())
    assert found.shown_value == found.shown_trajectory == found.shown_attainment == ""
    assert chart_of(found).dots == []


def test_a_later_value_does_not_change_an_earlier_month(programme):
    indicator = IndicatorFactory()
    MeasurementFactory(indicator=indicator, month=FEBRUARY, value=Decimal(80))
    MeasurementFactory(indicator=indicator, month=MARCH, value=Decimal(99))

    found = standing(indicator, month=FEBRUARY)

    assert found.value == 80
    assert [point.month for point in found.points] == [FEBRUARY]


def test_the_trajectory_holds_over_a_gap_and_after_its_end(programme):
    indicator = IndicatorFactory(final_target=Decimal(95))
    TrajectoryPointFactory(indicator=indicator, month=JANUARY, value=Decimal(80))
    TrajectoryPointFactory(indicator=indicator, month=MARCH, value=Decimal(90))

    found = {
        month: standing(indicator, month=month).target
        for month in (date(2015, 12, 1), FEBRUARY, APRIL)
    }

    assert found == {date(2015, 12, 1): 95, FEBRUARY: 80, APRIL: 90}


def test_a_replaced_value_no_longer_counts(programme):
    indicator = IndicatorFactory(final_target=Decimal(100))
    recorded_at = MeasurementFactory.recorded_at
    MeasurementFactory(indicator=indicator, value=Decimal(20), replaced_at=recorded_at)
    MeasurementFactory(indicator=indicator, value=Decimal(99))

    found = standing(indicator, month=FEBRUARY)

    assert (found.value, found.rating) == (99, PerformanceRating.MET)


def test_words_are_reported_and_not_rated(programme):
    indicator = IndicatorFactory(kind=IndicatorKind.NARRATIVE, direction=Direction.NEITHER)
    MeasurementFactory(indicator=indicator, value=None, text="The group was content.")

    found = standing(indicator, month=FEBRUARY)

    assert found.rating == PerformanceRating.NO_TARGET
    assert found.shown_value == "The group was content."
    assert found.explanation == "February 2016: reported in words, which are not rated."


def test_yes_or_no_is_met_or_below(programme):
    indicator = IndicatorFactory(kind=IndicatorKind.YES_NO, unit="", final_target=Decimal(1))
    MeasurementFactory(indicator=indicator, month=JANUARY, value=Decimal(0))
    MeasurementFactory(indicator=indicator, month=FEBRUARY, value=Decimal(1))

    found = [standing(indicator, month=month) for month in (JANUARY, FEBRUARY)]

    assert [each.rating for each in found] == [PerformanceRating.BELOW, PerformanceRating.MET]
    assert [each.shown_value for each in found] == ["No", "Yes"]


def test_a_met_threshold_of_its_own_below_the_programmes_near_one_is_no_error(programme):
    indicator = IndicatorFactory(final_target=Decimal(100), met_threshold=80)
    MeasurementFactory(indicator=indicator, value=Decimal(82))

    assert standing(indicator, month=FEBRUARY).rating == PerformanceRating.MET


def test_only_what_the_plan_does_not_hold_is_illustrative_in_a_demonstration(programme):
    indicator = IndicatorFactory()
    TrajectoryPointFactory(indicator=indicator, month=FEBRUARY)
    MeasurementFactory(indicator=indicator, month=JANUARY, is_from_plan=True)
    MeasurementFactory(indicator=indicator, month=FEBRUARY)

    january, february = (standing(indicator, month=month) for month in (JANUARY, FEBRUARY))

    assert (january.is_illustrative, january.is_trajectory_illustrative) == (False, False)
    assert (february.is_illustrative, february.is_trajectory_illustrative) == (True, True)


def test_nothing_is_illustrative_in_a_real_programme(programme):
    programme.demonstration_date = None
    programme.save(update_fields=["demonstration_date"])
    indicator = IndicatorFactory()
    TrajectoryPointFactory(indicator=indicator)
    MeasurementFactory(indicator=indicator)

    found = standing(indicator, month=FEBRUARY)

    assert (found.is_illustrative, found.is_trajectory_illustrative) == (False, False)


def test_the_history_has_every_month_of_either_series_and_the_one_due(programme):
    indicator = IndicatorFactory()
    TrajectoryPointFactory(indicator=indicator, month=APRIL)
    MeasurementFactory(indicator=indicator, month=JANUARY)
    indicator = Indicator.objects.with_people().with_series().get(pk=indicator.pk)

    months = [each.month for each in history(indicator, up_to=FEBRUARY)]

    assert months == [APRIL, FEBRUARY, JANUARY]


def test_a_sparkline_covers_twelve_months_and_shows_gaps(programme):
    indicator = IndicatorFactory()
    for month in (date(2015, 2, 1), date(2015, 3, 1), JANUARY, FEBRUARY):
        MeasurementFactory(indicator=indicator, month=month)

    pieces = standing(indicator, month=FEBRUARY).spark.actual.pieces

    assert [len(piece) for piece in pieces] == [1, 2]


@pytest.mark.parametrize("rows", [1, 42])
def test_all_standings_cost_the_same_queries_however_many(
    programme, django_assert_num_queries, rows
):
    for indicator in IndicatorFactory.create_batch(rows):
        TrajectoryPointFactory(indicator=indicator)
        MeasurementFactory(indicator=indicator)

    with django_assert_num_queries(5):  # indicators, trajectories, values, rebases, annotations
        found = standings(programme, month=FEBRUARY)
        ratings = [(each.rating, each.word, each.spark, chart_of(each)) for each in found]

    assert len(ratings) == rows


def test_ratings_are_counted_and_sorted_worst_first(programme):
    for value in (100, 50, 90):
        indicator = IndicatorFactory(final_target=Decimal(100))
        MeasurementFactory(indicator=indicator, value=Decimal(value))
    IndicatorFactory()

    found = standings(programme, month=FEBRUARY)

    assert [each.rating for each in worst_first(found)] == ["below", "near", "not_reported", "met"]
    assert {each.code: each.count for each in count_ratings(programme, found)} == {
        "below": 1,
        "near": 1,
        "not_reported": 1,
        "met": 1,
        "no_target": 0,
    }
