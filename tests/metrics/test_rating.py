from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.numbers import show_attainment, show_value
from metrics.rating import PerformanceRating, attainment, explain, performance_rating

MET, NEAR, BELOW = PerformanceRating.MET, PerformanceRating.NEAR, PerformanceRating.BELOW
NO_TARGET = PerformanceRating.NO_TARGET
FIGURES = st.decimals(min_value=-10_000, max_value=10_000, places=4)


@pytest.mark.parametrize(
    ("value", "trajectory", "direction", "rating"),
    [
        # Up is good: boundaries at 95 and 85 of 100.
        (101, 100, "up", MET),
        (95, 100, "up", MET),
        (Decimal("94.9999"), 100, "up", NEAR),
        (85, 100, "up", NEAR),
        (Decimal("84.9999"), 100, "up", BELOW),
        (0, 100, "up", BELOW),
        (-1, 100, "up", BELOW),
        # Down is good: trajectory / value.
        (100, 100, "down", MET),
        (100, 95, "down", MET),
        (100, Decimal("94.9999"), "down", NEAR),
        (100, 85, "down", NEAR),
        (100, Decimal("84.9999"), "down", BELOW),
        (0, 5, "down", MET),
        (-3, 5, "down", MET),
        # Trajectory 0: 0 or better.
        (0, 0, "up", MET),
        (3, 0, "up", MET),
        (Decimal("-0.0001"), 0, "up", BELOW),
        (0, 0, "down", MET),
        (-1, 0, "down", MET),
        (Decimal("0.0001"), 0, "down", BELOW),
        # A ratio of negative figures says nothing: as good as the trajectory or not.
        (-5, -10, "up", MET),
        (-10, -10, "up", MET),
        (-11, -10, "up", BELOW),
        (-11, -10, "down", MET),
        (-9, -10, "down", BELOW),
        (5, -10, "up", MET),
        # Neither direction is good.
        (95, 100, "neither", NO_TARGET),
    ],
)
def test_a_figure_is_rated_by_its_ratio_to_the_trajectory(value, trajectory, direction, rating):
    assert performance_rating(value=value, trajectory=trajectory, direction=direction) == rating


@pytest.mark.parametrize(
    ("value", "trajectory", "baseline", "direction", "rating"),
    [
        (-5, -5, -25, "up", MET),
        (-6, -5, -25, "up", MET),
        (Decimal("-6.01"), -5, -25, "up", NEAR),
        (-8, -5, -25, "up", NEAR),
        (Decimal("-8.01"), -5, -25, "up", BELOW),
        (-30, -5, -25, "up", BELOW),
        (81, 80, 100, "down", MET),
        (83, 80, 100, "down", NEAR),
        (84, 80, 100, "down", BELOW),
        # Trajectory 0 is met by 0 or better only, but may be near.
        (0, 0, -10, "up", MET),
        (Decimal("-0.1"), 0, -10, "up", NEAR),
        (-2, 0, -10, "up", BELOW),
        # No baseline, a trajectory that holds, a trajectory that allows a dip: met or below.
        (90, 100, None, "up", BELOW),
        (100, 100, None, "up", MET),
        (69, 70, 70, "up", BELOW),
        (70, 70, 70, "up", MET),
        (60, 65, 70, "up", BELOW),
        (66, 65, 70, "up", MET),
    ],
)
def test_progress_counts_from_the_baseline(value, trajectory, baseline, direction, rating):
    rated = performance_rating(
        value=value,
        trajectory=trajectory,
        baseline=baseline,
        direction=direction,
        method="progress",
    )

    assert rated == rating


@pytest.mark.parametrize(
    ("value", "trajectory", "final_target", "rating"),
    [
        (None, 94, 95, PerformanceRating.NOT_REPORTED),
        (None, None, None, PerformanceRating.NOT_REPORTED),
        (88, None, None, NO_TARGET),
        (95, None, 100, MET),
        (90, None, 100, NEAR),
        (90, 90, 100, MET),
        (90, 0, 100, MET),
    ],
)
def test_the_final_target_stands_in_for_a_missing_trajectory(
    value, trajectory, final_target, rating
):
    rated = performance_rating(
        value=value, trajectory=trajectory, final_target=final_target, direction="up"
    )

    assert rated == rating


@pytest.mark.parametrize(
    ("value", "target", "direction", "rating"),
    [
        (1, 1, "up", MET),
        (0, 1, "up", BELOW),
        (1, 0, "up", MET),
        (0, 0, "down", MET),
        (1, 0, "down", BELOW),
        (0, 0, "neither", MET),
        (1, 0, "neither", BELOW),
        (True, 1, "up", MET),
        (1, None, "up", NO_TARGET),
    ],
)
def test_yes_or_no_is_met_or_below(value, target, direction, rating):
    rated = performance_rating(value=value, trajectory=target, direction=direction, yes_no=True)

    assert rated == rating


@pytest.mark.parametrize("trajectory", [0.7, 0.3, 94.1, 3.3, 1e-7, 12345.678])
def test_a_figure_exactly_on_a_threshold_reaches_it_even_in_floats(trajectory):
    met = performance_rating(value=0.95 * trajectory, trajectory=trajectory, direction="up")
    near = performance_rating(value=0.85 * trajectory, trajectory=trajectory, direction="up")

    assert (met, near) == (MET, NEAR)


def test_thirds_are_exact_at_the_threshold():
    value, trajectory = Decimal("0.3167"), Decimal("0.3333684210526315789473684211")

    rated = performance_rating(value=value, trajectory=trajectory, direction="up")

    assert value / trajectory < Decimal("0.95")
    assert rated == NEAR


def test_thresholds_are_the_indicators_own():
    limits = {"met_threshold": 99, "near_threshold": Decimal("97.5")}

    ratings = [
        performance_rating(value=value, trajectory=100, direction="up", **limits)
        for value in (99, 98.9, 97.5, 97.4)
    ]

    assert ratings == [MET, NEAR, NEAR, BELOW]


@pytest.mark.parametrize(("met", "near"), [(80, 85), (101, 85), (95, 0), (95, -1)])
def test_thresholds_out_of_order_are_refused(met, near):
    with pytest.raises(ValueError, match="Thresholds"):
        performance_rating(
            value=1, trajectory=1, direction="up", met_threshold=met, near_threshold=near
        )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN")])
def test_a_figure_that_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="Not a finite number"):
        performance_rating(value=value, trajectory=1, direction="up")


@pytest.mark.parametrize(
    ("figures", "percent"),
    [
        ({"value": 47, "trajectory": 50, "direction": "up"}, Decimal(94)),
        ({"value": 50, "trajectory": 47, "direction": "down"}, Decimal(94)),
        ({"value": 0, "trajectory": 50, "direction": "up"}, Decimal(0)),
        ({"value": 0, "trajectory": 50, "direction": "down"}, None),
        ({"value": 3, "trajectory": 0, "direction": "up"}, None),
        ({"value": -3, "trajectory": 5, "direction": "up"}, None),
        ({"value": 3, "trajectory": 5, "direction": "neither"}, None),
        ({"value": None, "trajectory": 5, "direction": "up"}, None),
        ({"value": 3, "trajectory": None, "direction": "up"}, None),
        ({"value": 3, "trajectory": None, "final_target": 4, "direction": "up"}, Decimal(75)),
        ({"value": 1, "trajectory": 1, "direction": "up", "yes_no": True}, None),
        (
            {"value": -15, "trajectory": -5, "baseline": -25, "direction": "up"}
            | {"method": "progress"},
            Decimal(50),
        ),
    ],
)
def test_attainment_is_a_percentage_where_it_means_something(figures, percent):
    assert attainment(**figures) == percent


@given(value=FIGURES, trajectory=FIGURES, baseline=st.none() | FIGURES)
@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("method", ["ratio", "progress"])
def test_a_figure_as_good_as_the_trajectory_is_always_met(
    direction, method, value, trajectory, baseline
):
    good = value >= trajectory if direction == "up" else value <= trajectory

    rated = performance_rating(
        value=value,
        trajectory=trajectory,
        baseline=baseline,
        direction=direction,
        method=method,
    )

    assert rated == MET or not good


@given(value=FIGURES, worse=FIGURES, trajectory=FIGURES, baseline=FIGURES)
@pytest.mark.parametrize("method", ["ratio", "progress"])
def test_a_worse_figure_never_gets_a_better_rating(method, value, worse, trajectory, baseline):
    order = [BELOW, NEAR, MET]
    value, worse = max(value, worse), min(value, worse)

    better, poorer = (
        performance_rating(
            value=each, trajectory=trajectory, baseline=baseline, direction="up", method=method
        )
        for each in (value, worse)
    )

    assert order.index(better) >= order.index(poorer)


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        (
            {"value": 88, "trajectory": 94, "direction": "up", "unit": "%"},
            "88% is 93.6% of the trajectory, 94%; 85% to less than 95% is Near.",
        ),
        (
            {"value": 12, "trajectory": None, "final_target": 10, "direction": "down"}
            | {"unit": "minutes"},
            "12 minutes against the target, 10 minutes, is an attainment of 83.3%; "
            "less than 85% is Below.",
        ),
        (
            {"value": -6, "trajectory": -5, "baseline": -25, "direction": "up"}
            | {"method": "progress"},
            "−6 is 95% of the way from the baseline to the trajectory, −5; 95% or more is Met.",
        ),
        (
            {"value": -0.1, "trajectory": 0, "baseline": -10, "direction": "up"}
            | {"method": "progress"},
            "−0.1 is 99% of the way from the baseline to the trajectory, 0; "
            "0 is met only by 0 or better, 85% or more is Near.",
        ),
        (
            {"value": 0, "trajectory": 5, "direction": "down"},
            "0 is as good as the trajectory, 5: Met.",
        ),
        (
            {"value": 0, "trajectory": 1, "direction": "up", "yes_no": True},
            "No is not as good as the trajectory, Yes: Below.",
        ),
        (
            {"value": 3, "trajectory": 5, "direction": "neither"},
            "3 against the trajectory, 5; neither direction is good, so it is not rated.",
        ),
        (
            {"value": None, "trajectory": 5, "direction": "up"},
            "No value is reported for this month.",
        ),
        (
            {"value": 3, "trajectory": None, "direction": "up"},
            "There is neither a trajectory nor a target to hold the value against.",
        ),
    ],
)
def test_a_rating_is_explained_in_one_sentence_with_its_figures(figures, sentence):
    assert explain(**figures) == sentence


def test_a_shown_attainment_is_never_rounded_up_across_a_threshold():
    assert show_attainment(Decimal("94.99")) == "94.9%"
    assert show_attainment(Decimal("95")) == "95%"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (88, "%", "88%"),
        (Decimal("93.6000"), "percent", "93.6%"),
        (12.5, "minutes", "12.5 minutes"),
        (3169, "WTE", "3,169 WTE"),
        (1_250_000, "", "1.25m"),
        (0.0123, "", "0.0123"),
        (1e-9, "", "1e-09"),
        (-0.001, "", "−0.001"),
        (-4, "", "−4"),
        (0, "", "0"),
        (1e15, "", "1e+15"),
    ],
)
def test_figures_are_shown_short_and_with_their_unit(value, unit, shown):
    assert show_value(value, unit) == shown
