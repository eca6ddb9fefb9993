from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestones.rating import DeliveryRating, computation, days_late, delivery_rating

PLANNED, AS_OF = date(2016, 11, 30), date(2016, 11, 14)
DAYS = st.none() | st.dates(min_value=date(2015, 1, 1), max_value=date(2020, 12, 31))


def lines(**given):
    dates = {"planned": PLANNED, "forecast": None, "completed": None, "as_of": AS_OF} | given
    return [(step.label, step.value, step.note) for step in computation(**dates)]


@pytest.mark.parametrize(
    ("late", "shown", "word", "rule"),
    [
        (-1, "−1", "On track", "0 days late or fewer"),
        (0, "0", "On track", "0 days late or fewer"),
        (1, "1", "Delayed", "1 to 28 days late, 28 included"),
        (28, "28", "Delayed", "1 to 28 days late, 28 included"),
        (29, "29", "At risk", "more than 28 days late"),
    ],
)
def test_a_forecast_is_taken_and_its_distance_worked_out(late, shown, word, rule):
    steps = lines(forecast=PLANNED + timedelta(days=late))

    assert steps[3][2] == "the forecast"
    assert steps[-2:] == [
        ("Days late", shown, "expected finish less planned date"),
        ("Rating", word, rule),
    ]


def test_every_line_of_the_way_is_given():
    assert lines(forecast=date(2016, 12, 25)) == [
        ("Planned date", "30 November 2016", ""),
        ("Forecast", "25 December 2016", ""),
        ("As at", "14 November 2016", ""),
        ("Expected finish", "25 December 2016", "the forecast"),
        ("Days late", "25", "expected finish less planned date"),
        ("Rating", "Delayed", "1 to 28 days late, 28 included"),
    ]


@pytest.mark.parametrize(
    ("given", "finish", "why"),
    [
        ({}, "30 November 2016", "the planned date, as there is no forecast"),
        ({"as_of": PLANNED}, "30 November 2016", "the planned date, as there is no forecast"),
        (
            {"as_of": date(2016, 12, 1)},
            "1 December 2016",
            "the planned date has passed and it is not done, so no earlier than this day",
        ),
        (
            {"as_of": date(2016, 12, 1), "forecast": date(2016, 11, 20)},
            "1 December 2016",
            "the planned date has passed and it is not done, so no earlier than this day",
        ),
    ],
)
def test_where_the_expected_finish_is_from_is_said(given, finish, why):
    assert lines(**given)[3] == ("Expected finish", finish, why)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"completed": date(2016, 11, 10)},
            [
                ("Planned date", "30 November 2016", ""),
                ("Completed", "10 November 2016", ""),
                ("Days late", "−20", ""),
                ("Rating", "Complete", "it is done, however late"),
            ],
        ),
        (
            {"completed": date(2016, 11, 10), "planned": None},
            [
                ("Planned date", "None", ""),
                ("Completed", "10 November 2016", ""),
                ("Rating", "Complete", "it is done, however late"),
            ],
        ),
        (
            {"planned": None},
            [
                ("Planned date", "None", ""),
                ("Forecast", "None", ""),
                ("Rating", "No date", "nothing to hold it against, so it is never on track"),
            ],
        ),
        (
            {"withdrawn": True},
            [("Rating", "Withdrawn", "taken out of the plan by an approved change request")],
        ),
    ],
)
def test_what_is_not_open_with_a_date_has_a_shorter_way(given, expected):
    assert lines(**given) == expected


def test_the_programmes_own_words_and_tolerance_are_used():
    steps = lines(
        forecast=PLANNED + timedelta(days=8),
        tolerance_days=7,
        word_for=lambda rating: {DeliveryRating.AT_RISK: "Red"}[rating],
    )

    assert steps[-1] == ("Rating", "Red", "more than 7 days late")


@given(DAYS, DAYS, DAYS, st.dates(date(2015, 1, 1), date(2020, 12, 31)), st.booleans())
def test_the_way_always_ends_at_the_rating(planned, forecast, completed, as_of, withdrawn):
    dates = {"planned": planned, "forecast": forecast, "completed": completed, "as_of": as_of}

    steps = computation(**dates, withdrawn=withdrawn)

    assert steps[-1].value == delivery_rating(**dates, withdrawn=withdrawn).label
    said = {step.label: step.value for step in steps}
    if "Days late" in said:
        assert int(said["Days late"].replace("−", "-")) == days_late(**dates)
