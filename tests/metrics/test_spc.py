import json
import math
from decimal import Decimal
from pathlib import Path

import pytest

from metrics.spc import analyse

CASES = json.loads((Path(__file__).parent / "spc_cases.json").read_text())
# Fixed after these twelve: mean 10.5, two-sigma lines at 5.18 and 15.82, limits at 2.52 and 18.48.
CALM = [9, 12] * 6


def after_calm(*values, **options):
    """What the rules say of the values that follow twelve calm ones, which set the limits."""
    analysis = analyse([*CALM, *values], fix_after=12, **options)
    return [point.special_cause for point in analysis.points[12:]]


def kinds(*values, **options):
    return [point.kind for point in analyse([*CALM, *values], fix_after=12, **options).points[12:]]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_reference_case_comes_out_the_same(case):
    analysis = analyse(
        case["values"],
        improvement=case["improvement"],
        target=case["target"],
        screen_outliers=case["screen_outliers"],
        fix_after=case["fix_after"],
        rebase_at=case["rebase_at"],
    )

    assert [[step.mean, step.lower, step.upper] for step in analysis.steps] == [
        pytest.approx(step, rel=1e-9, abs=0) for step in case["steps"]
    ]
    special = {
        str(index): [point.special_cause, point.kind]
        for index, point in enumerate(analysis.points)
        if point.special_cause
    }
    assert special == case["special_causes"]
    assert all(point.special_cause or point.kind == "common_cause" for point in analysis.points)
    assert analysis.variation == case["variation"]
    assert analysis.assurance == case["assurance"]


def test_mean_and_limits_are_2_66_average_moving_ranges_apart():
    (step,) = analyse([4, 6, 5, 9]).steps

    assert (step.first, step.last, step.count) == (0, 3, 4)
    assert step.mean == 6
    assert step.lower == pytest.approx(6 - 2.66 * 7 / 3, rel=1e-12)
    assert step.upper == pytest.approx(6 + 2.66 * 7 / 3, rel=1e-12)


def test_a_gap_breaks_the_moving_range_but_not_the_mean():
    (step,) = analyse([4, None, 6, 5]).steps

    assert (step.mean, step.count) == (5, 3)
    assert (step.lower, step.upper) == (5 - 2.66, 5 + 2.66)


@pytest.mark.parametrize(("value", "cause"), [(18.48, None), (18.49, "outside")])
def test_a_point_on_the_upper_limit_is_not_outside(value, cause):
    assert after_calm(value) == [cause]


@pytest.mark.parametrize(("value", "cause"), [(2.52, None), (2.51, "outside")])
def test_a_point_on_the_lower_limit_is_not_outside(value, cause):
    assert after_calm(value) == [cause]


def test_six_on_one_side_of_the_mean_are_no_shift_and_seven_are():
    assert after_calm(9, 11, 12, 11, 12, 11, 12) == [None] * 7
    assert after_calm(9, 11, 12, 11, 12, 11, 12, 11) == [None] + ["shift"] * 7
    assert after_calm(10, 9, 10, 9, 10, 9, 10) == ["shift"] * 7


def test_every_point_of_a_longer_shift_is_part_of_it_and_knows_how_far_it_runs():
    analysis = analyse([*CALM, 9, *[11, 12] * 5, 9], fix_after=12)

    assert [point.run for point in analysis.points[12:]] == [0, *range(1, 11), 0]


def test_a_point_on_the_mean_breaks_a_shift():
    assert after_calm(9, 11, 12, 11, 10.5, 12, 11, 12) == [None] * 8


def test_a_gap_breaks_a_shift():
    assert after_calm(9, 11, 12, 11, None, 12, 11, 12, 11) == [None] * 9


def test_six_rising_are_no_trend_and_seven_are():
    assert after_calm(8, 9, 10, 11, 12, 13, 9) == [None] * 7
    assert after_calm(8, 9, 9.5, 10, 11, 12, 13, 9) == ["trend"] * 7 + [None]


def test_seven_falling_are_a_trend():
    assert after_calm(13, 12, 11, 10, 9.5, 9, 8, 11) == ["trend"] * 7 + [None]


def test_two_equal_neighbours_break_a_trend():
    assert after_calm(8, 9, 10, 10, 11, 12, 13, 9) == [None] * 8


def test_a_gap_breaks_a_trend():
    assert after_calm(8, 9, 10, None, 10.2, 11, 12, 13, 9) == [None] * 9


def test_a_trend_is_judged_by_its_movement_on_either_side_of_the_mean():
    rising = (8, 9, 9.5, 10, 11, 12, 13)

    assert kinds(*rising) == ["improvement"] * 7
    assert kinds(*rising, improvement="decrease") == ["concern"] * 7
    assert kinds(*rising, improvement="neutral") == ["neutral_high"] * 7


def test_a_turning_point_belongs_to_the_trend_that_begins_there():
    rise, fall = (7, 8, 9, 10, 11, 12, 13), (12.5, 11.5, 10, 9.5, 8.5, 7.5)

    analysis = analyse([*CALM, *rise, *fall], fix_after=12)

    assert [point.direction for point in analysis.points[12:]] == [1] * 6 + [-1] * 7
    assert [point.run for point in analysis.points[12:]] == [*range(1, 7), *range(1, 8)]


def test_two_of_three_lie_strictly_beyond_two_sigma():
    assert after_calm(15.82, 11, 15.9, 9) == [None] * 4
    assert after_calm(15.83, 11, 15.9, 9) == ["two_of_three", None, "two_of_three", None]
    assert after_calm(9, 5.17, 5.16) == [None, "two_of_three", "two_of_three"]
    assert after_calm(9, 5.18, 5.16) == [None] * 3


def test_two_of_three_count_only_inside_the_limits():
    assert after_calm(9, 18.48, 16, 9) == [None, None, None, None]
    assert after_calm(11, 18.48, 16) == [None, "two_of_three", "two_of_three"]
    assert after_calm(11, 18.49, 16) == [None, "outside", None]


def test_a_point_outside_may_be_the_third_of_three():
    assert after_calm(18.49, 16, 17, 9) == ["outside", "two_of_three", "two_of_three", None]


def test_all_three_must_lie_on_the_same_side():
    assert after_calm(16, 9, 16, 9) == [None] * 4
    assert after_calm(16, 10.5, 16, 9) == [None] * 4
    assert after_calm(9, 16, 5, 9) == [None] * 4


def test_two_of_four_are_not_two_of_three():
    assert after_calm(16, 11, 12, 16, 9) == [None] * 5


def test_a_gap_is_not_one_of_three():
    assert after_calm(16, None, 16, 9) == [None] * 4


def test_two_of_three_tell_how_many_they_are():
    analysis = analyse([*CALM, 11, 16, 17, 16, 9], fix_after=12)

    assert [point.run for point in analysis.points[12:]] == [0, 3, 3, 3, 0]
    assert analyse([*CALM, 11, 16, 17], fix_after=12).latest.run == 2


def test_outside_comes_before_a_trend():
    assert after_calm(8, 9, 10, 11, 12, 13, 19) == ["trend"] * 6 + ["outside"]


def test_a_trend_comes_before_two_of_three():
    assert after_calm(8, 9, 10, 11, 12, 16, 17) == ["trend"] * 7


def test_two_of_three_come_before_a_shift():
    assert after_calm(11, 12, 11, 12, 11, 16, 17) == ["shift"] * 5 + ["two_of_three"] * 2


def test_a_trend_comes_before_a_shift():
    assert after_calm(10.6, 11, 11.5, 12, 12.5, 13, 13.5) == ["trend"] * 7


@pytest.mark.parametrize(
    ("improvement", "high", "low"),
    [
        ("increase", "improvement", "concern"),
        ("decrease", "concern", "improvement"),
        ("neutral", "neutral_high", "neutral_low"),
    ],
)
def test_direction_makes_a_special_cause_good_or_bad(improvement, high, low):
    assert kinds(20, 11, 1, improvement=improvement) == [high, "common_cause", low]


def test_a_moving_range_of_3_267_averages_is_screened_out_and_a_smaller_one_is_not():
    # Thirteen moving ranges whose average is 1, one of them the given.
    def spread(largest):
        ranges = [0.8] * 6 + [largest] + [0.8] * 5 + [13 - largest - 11 * 0.8]
        values = [0.0]
        for index, each in enumerate(ranges):
            values.append(round(values[-1] + (each if index % 2 else -each), 6))
        (step,) = analyse(values, screen_outliers=True).steps
        return (step.upper - step.mean) / 2.66

    assert spread(3.266) == pytest.approx(1)
    assert spread(3.267) == pytest.approx((13 - 3.267) / 12)


def test_outliers_are_screened_once_only():
    # Average 3.13 of 1 x 12, 5 and 30: the 30 goes, and 5 stays though it is 3.8 times the rest.
    values = [10, 11] * 6 + [10, 15, 45]

    (step,) = analyse(values, screen_outliers=True).steps

    assert step.upper - step.mean == pytest.approx(2.66 * 17 / 13)


def test_a_screened_moving_range_s_points_stay_in_the_mean():
    values = [10, 11] * 6 + [90]

    screened, plain = analyse(values, screen_outliers=True), analyse(values)

    assert screened.steps[0].mean == plain.steps[0].mean == pytest.approx(216 / 13)


def test_outliers_are_not_screened_unless_asked_for():
    assert analyse([10, 11] * 6 + [90]).steps[0].upper == pytest.approx(216 / 13 + 2.66 * 90 / 12)


def test_fixed_limits_take_the_first_points_only_and_gaps_are_not_points():
    analysis = analyse([9, 12, None, *[9, 12] * 5, 40, 50], fix_after=12)

    assert analysis.steps[0].mean == 10.5
    assert analysis.steps[0].count == 14
    assert [point.special_cause for point in analysis.points[13:]] == ["outside"] * 2


def test_limits_are_fixed_in_each_step_anew():
    analysis = analyse([*CALM, 40, *[19, 22] * 6, 40], fix_after=12, rebase_at=[13])

    assert [step.mean for step in analysis.steps] == [10.5, 20.5]


def test_fewer_points_than_to_fix_on_all_count():
    assert analyse([1, 2, 3], fix_after=12).steps[0].mean == 2


def test_a_rebase_begins_a_step_with_its_own_mean_limits_and_runs():
    high = [30, 33] * 7
    analysis = analyse([*CALM, *high], rebase_at=[12])

    assert [(step.first, step.last, step.mean) for step in analysis.steps] == [
        (0, 11, 10.5),
        (12, 25, 31.5),
    ]
    assert {point.special_cause for point in analysis.points} == {None}


def test_a_run_does_not_reach_across_a_rebase():
    values = [*CALM, 8, 9, 9.5, 10, 11, 12, 13]

    assert analyse(values, fix_after=12).latest.special_cause == "trend"
    assert analyse(values, fix_after=12, rebase_at=[15]).latest.special_cause is None


def test_rebases_may_come_in_any_order_twice_and_at_the_start():
    analysis = analyse([1, 2, 3, 4], rebase_at=[2, 0, 2, 1])

    assert [(step.first, step.last) for step in analysis.steps] == [(0, 0), (1, 1), (2, 3)]


def test_a_step_without_points_has_no_figures_and_the_one_before_counts():
    analysis = analyse([1, 2, 1, None], target=9, rebase_at=[3])

    assert analysis.steps[1].count == 0
    assert analysis.steps[1].mean is None
    assert analysis.latest_step == analysis.steps[0]
    assert analysis.assurance == "fail"
    assert analysis.variation == "common_cause"


@pytest.mark.parametrize(
    ("improvement", "target", "assurance"),
    [
        ("increase", 18.49, "fail"),
        ("increase", 18.48, "hit_or_miss"),
        ("increase", 10.5, "hit_or_miss"),
        ("increase", 2.52, "hit_or_miss"),
        ("increase", 2.51, "pass"),
        ("decrease", 18.49, "pass"),
        ("decrease", 18.48, "hit_or_miss"),
        ("decrease", 2.52, "hit_or_miss"),
        ("decrease", 2.51, "fail"),
        ("neutral", 18.49, None),
        ("increase", None, None),
    ],
)
def test_assurance_holds_the_target_against_the_limits(improvement, target, assurance):
    assert analyse(CALM, improvement=improvement, target=target).assurance == assurance


def test_assurance_is_that_of_the_latest_step():
    values = [*CALM, *[30, 33] * 6]

    assert analyse(values, target=20).assurance == "hit_or_miss"
    assert analyse(values, target=20, rebase_at=[12]).assurance == "pass"


@pytest.mark.parametrize("screen_outliers", [False, True])
@pytest.mark.parametrize(
    ("improvement", "target", "assurance"),
    [
        ("increase", 99.9, "pass"),
        ("increase", 100, "pass"),
        ("increase", 100.1, "fail"),
        ("decrease", 100.1, "pass"),
        ("decrease", 100, "pass"),
        ("decrease", 99.9, "fail"),
        ("neutral", 100, None),
    ],
)
def test_a_constant_passes_if_it_meets_the_target(improvement, target, assurance, screen_outliers):
    analysis = analyse(
        [100] * 14, improvement=improvement, target=target, screen_outliers=screen_outliers
    )

    assert (analysis.steps[0].lower, analysis.steps[0].upper) == (100, 100)
    assert analysis.variation == "common_cause"
    assert analysis.assurance == assurance


def test_an_empty_series_and_one_of_gaps_say_nothing():
    assert analyse([]).steps == ()
    for analysis in (analyse([]), analyse([None, None], target=1)):
        assert (analysis.variation, analysis.assurance, analysis.latest) == (None, None, None)
    assert analyse([None]).points[0].kind is None


def test_one_point_has_a_mean_but_no_limits():
    analysis = analyse([5], target=4)

    assert (analysis.steps[0].mean, analysis.steps[0].lower) == (5, None)
    assert analysis.variation == "common_cause"
    assert analysis.assurance is None


def test_a_gap_at_the_end_leaves_the_latest_point_the_latest():
    analysis = analyse([*CALM, 30, None], fix_after=12)

    assert analysis.variation == "improvement"
    assert analysis.points[-1].value is None


def test_what_a_float_cannot_tell_apart_is_the_same():
    # 0.1 + 0.2 is more than 0.3 in binary, and 1.1 + 2.66 * 0.2 is not 1.632.
    on_the_mean = analyse([0.2, 0.4] * 6 + [0.35] * 4 + [0.1 + 0.2] + [0.35] * 4, fix_after=12)
    on_the_limit = analyse([1, 1.2] * 6 + [1.632], fix_after=12)

    constant = analyse([0.3, 0.1 + 0.2] * 7, target=0.3)

    assert on_the_mean.latest.special_cause is None
    assert on_the_limit.latest.special_cause is None
    assert constant.assurance == "pass"


def test_integers_decimals_and_floats_are_the_same_figures():
    assert analyse([Decimal("0.5"), 1, 1.5]) == analyse([0.5, 1.0, Decimal("1.5")])


def test_the_largest_figures_do_not_fail():
    (step,) = analyse([1.7e308, -1.7e308] * 7).steps

    assert step.mean == 0
    assert (step.lower, step.upper) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    "options",
    [
        {"improvement": "up"},
        {"fix_after": 11},
        {"rebase_at": [3]},
        {"rebase_at": [-1]},
        {"target": math.nan},
    ],
)
def test_what_makes_no_sense_is_refused(options):
    with pytest.raises(ValueError, match=r".+"):
        analyse([1, 2, 3], **options)


@pytest.mark.parametrize("value", [math.nan, math.inf, Decimal("NaN")])
def test_a_figure_that_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="finite"):
        analyse([1, value])
