from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestones.rating import (
    DeliveryRating,
    count_ratings,
    days_after_baseline,
    days_late,
    delivery_rating,
    explain,
    finish_date,
    forecast_in_past,
    worst,
)

PLANNED = date(2016, 4, 30)
DAYS = st.dates(min_value=date(2015, 1, 1), max_value=date(2035, 12, 31))
MAYBE_DAYS = st.none() | DAYS


def after_planned(days):
    return PLANNED + timedelta(days=days)


@pytest.mark.parametrize(
    ("late", "rating"),
    [
        (-1, DeliveryRating.ON_TRACK),
        (0, DeliveryRating.ON_TRACK),
        (1, DeliveryRating.DELAYED),
        (28, DeliveryRating.DELAYED),
        (29, DeliveryRating.AT_RISK),
    ],
)
class TestBoundaries:
    def test_a_forecast_is_rated_by_its_distance_from_the_planned_date(self, late, rating):
        as_of = date(2016, 3, 1)

        rated = delivery_rating(
            planned=PLANNED, forecast=after_planned(late), completed=None, as_of=as_of
        )

        assert rated == rating

    def test_without_a_forecast_the_as_of_day_stands_for_it_once_the_plan_is_past(
        self, late, rating
    ):
        as_of = after_planned(late)

        rated = delivery_rating(planned=PLANNED, forecast=None, completed=None, as_of=as_of)

        assert rated == rating

    def test_a_forecast_before_a_planned_date_that_is_past_cannot_hide_the_delay(
        self, late, rating
    ):
        as_of = after_planned(late)

        rated = delivery_rating(
            planned=PLANNED, forecast=date(2016, 4, 1), completed=None, as_of=as_of
        )

        assert rated == rating

    def test_a_completed_milestone_is_complete_however_late(self, late, rating):
        completed = after_planned(late)

        rated = delivery_rating(
            planned=PLANNED, forecast=None, completed=completed, as_of=completed
        )

        assert rated == DeliveryRating.COMPLETE
        assert rating != rated
        assert days_late(planned=PLANNED, forecast=None, completed=completed, as_of=completed) == (
            late
        )


def test_a_completion_after_the_as_of_day_has_not_happened_yet():
    completed = after_planned(40)

    before = delivery_rating(
        planned=PLANNED, forecast=None, completed=completed, as_of=after_planned(39)
    )
    on_the_day = delivery_rating(
        planned=PLANNED, forecast=None, completed=completed, as_of=completed
    )

    assert before == DeliveryRating.AT_RISK
    assert on_the_day == DeliveryRating.COMPLETE


def test_a_forecast_still_ahead_of_today_counts_in_full_when_the_planned_day_is_past():
    late = days_late(
        planned=PLANNED, forecast=after_planned(30), completed=None, as_of=after_planned(2)
    )

    assert late == 30


def test_an_early_forecast_counts_while_the_planned_day_is_ahead_or_today():
    forecast = date(2016, 4, 10)

    ahead = days_late(planned=PLANNED, forecast=forecast, completed=None, as_of=date(2016, 4, 20))
    today = days_late(planned=PLANNED, forecast=forecast, completed=None, as_of=PLANNED)

    assert ahead == today == -20


@pytest.mark.parametrize("forecast", [None, date(2016, 6, 1)])
def test_an_open_milestone_without_a_planned_date_has_no_date_whatever_its_forecast(forecast):
    rated = delivery_rating(
        planned=None, forecast=forecast, completed=None, as_of=date(2016, 11, 14)
    )

    assert rated == DeliveryRating.NO_DATE
    assert days_late(planned=None, forecast=forecast, completed=None, as_of=PLANNED) is None


def test_a_completed_milestone_without_a_planned_date_is_complete():
    rated = delivery_rating(
        planned=None, forecast=None, completed=date(2016, 1, 31), as_of=date(2016, 1, 31)
    )

    assert rated == DeliveryRating.COMPLETE


def test_withdrawn_comes_before_everything_else():
    rated = delivery_rating(
        planned=PLANNED, forecast=None, completed=PLANNED, as_of=PLANNED, withdrawn=True
    )

    assert rated == DeliveryRating.WITHDRAWN


@pytest.mark.parametrize(
    ("tolerance", "late", "rating"),
    [
        (0, 0, DeliveryRating.ON_TRACK),
        (0, 1, DeliveryRating.AT_RISK),
        (14, 14, DeliveryRating.DELAYED),
        (14, 15, DeliveryRating.AT_RISK),
    ],
)
def test_the_tolerance_is_the_programmes_own(tolerance, late, rating):
    rated = delivery_rating(
        planned=PLANNED,
        forecast=after_planned(late),
        completed=None,
        as_of=PLANNED,
        tolerance_days=tolerance,
    )

    assert rated == rating


def test_a_negative_tolerance_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        delivery_rating(
            planned=PLANNED, forecast=None, completed=None, as_of=PLANNED, tolerance_days=-1
        )


def test_days_are_counted_across_a_leap_day():
    leap = days_late(
        planned=date(2016, 2, 1), forecast=date(2016, 3, 1), completed=None, as_of=PLANNED
    )
    forecast = days_late(
        planned=date(2016, 2, 28),
        forecast=date(2016, 3, 28),
        completed=None,
        as_of=date(2016, 2, 1),
    )

    assert leap == (PLANNED - date(2016, 2, 1)).days
    assert forecast == 29


def test_lateness_against_the_baseline_survives_an_approved_move():
    dates = {
        "planned": date(2016, 6, 30),
        "forecast": None,
        "completed": None,
        "as_of": date(2016, 5, 15),
    }

    against_plan = days_late(**dates)
    against_baseline = days_after_baseline(baseline=PLANNED, **dates)

    assert (against_plan, against_baseline) == (0, 61)


def test_lateness_against_the_baseline_is_unknown_without_one_or_without_any_date():
    nothing = {"planned": None, "forecast": None, "completed": None, "as_of": PLANNED}

    without_dates = days_after_baseline(baseline=PLANNED, **nothing)
    without_baseline = days_after_baseline(baseline=None, **{**nothing, "planned": PLANNED})

    assert without_dates is None
    assert without_baseline is None


def test_a_forecast_is_in_the_past_only_before_the_day_and_while_open():
    forecast = date(2016, 4, 29)

    assert forecast_in_past(forecast=forecast, completed=None, as_of=PLANNED)
    assert not forecast_in_past(forecast=PLANNED, completed=None, as_of=PLANNED)
    assert not forecast_in_past(forecast=forecast, completed=PLANNED, as_of=PLANNED)
    assert forecast_in_past(forecast=forecast, completed=after_planned(1), as_of=PLANNED)
    assert not forecast_in_past(forecast=None, completed=None, as_of=PLANNED)


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([], None),
        (["withdrawn"], None),
        (["complete", "complete", "withdrawn"], DeliveryRating.COMPLETE),
        (["complete", "on_track"], DeliveryRating.ON_TRACK),
        (["on_track", "no_date"], DeliveryRating.NO_DATE),
        (["no_date", "delayed"], DeliveryRating.DELAYED),
        (["delayed", "at_risk", "complete"], DeliveryRating.AT_RISK),
    ],
)
def test_a_group_is_as_good_as_its_worst_open_milestone(ratings, expected):
    assert worst(ratings) == expected


def test_counts_hold_every_rating_in_order_and_leave_the_withdrawn_out():
    counts = count_ratings(["complete", "at_risk", "withdrawn", DeliveryRating.AT_RISK])

    assert list(counts.items()) == [
        (DeliveryRating.COMPLETE, 1),
        (DeliveryRating.ON_TRACK, 0),
        (DeliveryRating.DELAYED, 0),
        (DeliveryRating.AT_RISK, 2),
        (DeliveryRating.NO_DATE, 0),
    ]


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        (
            {"planned": PLANNED, "forecast": date(2016, 6, 4)},
            "Forecast 4 June 2016 is 35 days after the planned date, 30 April 2016; "
            "more than 28 days is At risk.",
        ),
        (
            {"planned": PLANNED, "forecast": date(2016, 5, 1)},
            "Forecast 1 May 2016 is 1 day after the planned date, 30 April 2016; "
            "up to 28 days is Delayed.",
        ),
        (
            {"planned": date(2016, 3, 11), "forecast": date(2016, 3, 1)},
            "Still open on 14 March 2016, 3 days after the planned date, 11 March 2016; "
            "up to 28 days is Delayed.",
        ),
        ({"planned": date(2016, 3, 14)}, "Due today, 14 March 2016: not late."),
        ({"planned": PLANNED}, "Planned for 30 April 2016, 47 days ahead."),
        (
            {"planned": PLANNED, "forecast": date(2016, 4, 29)},
            "Forecast 29 April 2016 is 1 day before the planned date, 30 April 2016.",
        ),
        (
            {"planned": PLANNED, "forecast": PLANNED},
            "Forecast 30 April 2016 is on the planned date.",
        ),
        ({}, "No planned date is set."),
        (
            {"forecast": PLANNED},
            "Forecast 30 April 2016, but no planned date is set.",
        ),
        ({"completed": date(2016, 1, 31)}, "Completed 31 January 2016; no planned date was set."),
        (
            {"planned": date(2016, 1, 29), "completed": date(2016, 1, 31)},
            "Completed 31 January 2016, 2 days after the planned date, 29 January 2016.",
        ),
        ({"withdrawn": True}, "Withdrawn by an approved change request."),
    ],
)
def test_a_rating_is_explained_in_one_sentence_with_its_dates(dates, sentence):
    known = {"planned": None, "forecast": None, "completed": None, **dates}

    assert explain(as_of=date(2016, 3, 14), **known) == sentence


@given(planned=DAYS, forecast=MAYBE_DAYS, completed=MAYBE_DAYS, as_of=DAYS)
def test_rating_lateness_and_sentence_agree_on_any_dates(planned, forecast, completed, as_of):
    dates = {"planned": planned, "forecast": forecast, "completed": completed, "as_of": as_of}

    rated, late, sentence = delivery_rating(**dates), days_late(**dates), explain(**dates)

    if completed and completed <= as_of:
        assert rated == DeliveryRating.COMPLETE
        assert sentence.startswith("Completed ")
    else:
        assert (rated == DeliveryRating.ON_TRACK) == (late <= 0)
        assert (rated == DeliveryRating.AT_RISK) == (late > 28)
        assert late >= min((as_of - planned).days, 0) or forecast < planned
        assert (rated.label in sentence) == (late > 0)


@given(planned=DAYS, forecast=MAYBE_DAYS, as_of=DAYS)
def test_an_overdue_milestone_never_finishes_before_the_as_of_day(planned, forecast, as_of):
    finish = finish_date(planned=planned, forecast=forecast, completed=None, as_of=as_of)

    assert finish >= as_of or planned >= as_of
