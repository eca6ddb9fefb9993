from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.spc import analyse

# Few different values, so that ties, points on the mean and points on a limit are common.
months = st.one_of(st.none(), st.integers(-6, 6))
series = st.lists(months, min_size=1, max_size=40)
options = st.fixed_dictionaries(
    {
        "improvement": st.sampled_from(["increase", "decrease", "neutral"]),
        "screen_outliers": st.booleans(),
        "fix_after": st.one_of(st.none(), st.integers(12, 20)),
    }
)
targets = st.one_of(st.none(), st.integers(-12, 12))
FACTORS = [5e-300, 1e-12, 0.01, 1 / 3, 3.7, 1e9, 3e299]
OPPOSITE = {"increase": "decrease", "decrease": "increase", "neutral": "neutral"}
SWAPPED_KIND = {"neutral_high": "neutral_low", "neutral_low": "neutral_high"}


def judged(analysis):
    """All that is said of a series, without its figures."""
    points = [(each.special_cause, each.kind, each.direction, each.run) for each in analysis.points]
    return points, analysis.variation, analysis.assurance


def figures(step):
    return step.mean, step.lower, step.upper


def moved(figure, by):
    return None if figure is None else by(figure)


def assert_close(actual, wanted, *, dust):
    for one, other in zip(actual, wanted, strict=True):
        assert one == (other if other is None else pytest.approx(other, rel=1e-9, abs=dust))


def windows(length):
    """Every seven neighbouring places of a series."""
    return [range(first, first + 7) for first in range(length - 6)]


def plain_rules(values, screen_outliers, fix_after):
    """The rules once more, written window by window: mean, spread, and the cause of each point."""
    known = [index for index, value in enumerate(values) if value is not None]
    until = known[fix_after - 1] + 1 if fix_after and len(known) > fix_after else len(values)
    counted = [Fraction(value) for value in values[:until] if value is not None]
    if not counted:
        return None, None, [None] * len(values)
    mean = sum(counted) / len(counted)
    ranges = [abs(b - a) for a, b in pairwise(values[:until]) if None not in (a, b)]
    if ranges and screen_outliers and any(ranges):
        bound = Fraction(3267, 1000) * sum(ranges) / len(ranges)
        ranges = [each for each in ranges if each < bound]
    spread = Fraction(266, 100) * sum(ranges) / len(ranges) if ranges else None

    def side(index):
        value = values[index]
        return 0 if value is None or value == mean else 1 if value > mean else -1

    def distance(index):
        return 0 if values[index] is None else abs(values[index] - mean)

    causes = [None] * len(values)
    for window in windows(len(values)):
        if abs(sum(side(index) for index in window)) == 7:
            for index in window:
                causes[index] = "shift"
    near = [
        spread is not None and 2 * spread < 3 * distance(index) and distance(index) <= spread
        for index in range(len(values))
    ]
    for three in zip(
        range(len(values)), range(1, len(values)), range(2, len(values)), strict=False
    ):
        if abs(sum(map(side, three))) == 3 and sum(near[index] for index in three) >= 2:
            for index in three:
                causes[index] = "two_of_three" if near[index] else causes[index]
    for window in windows(len(values)):
        part = [values[index] for index in window]
        if None in part:
            continue
        if part in (sorted(set(part)), sorted(set(part), reverse=True)):
            for index in window:
                causes[index] = "trend"
    for index in range(len(values)):
        if spread is not None and distance(index) > spread:
            causes[index] = "outside"
    return mean, spread, causes


@given(series, st.booleans(), st.one_of(st.none(), st.integers(12, 20)))
def test_the_rules_written_a_second_time_say_the_same(values, screen_outliers, fix_after):
    analysis = analyse(values, screen_outliers=screen_outliers, fix_after=fix_after)

    mean, spread, causes = plain_rules(values, screen_outliers, fix_after)
    (step,) = analysis.steps
    assert [point.special_cause for point in analysis.points] == causes
    assert step.mean == moved(mean, float)
    assert (step.lower is None) == (spread is None)
    if spread is not None:
        assert (step.lower, step.upper) == (float(mean - spread), float(mean + spread))


@given(series, options, targets, st.sampled_from(FACTORS))
def test_scaling_a_series_scales_its_figures_and_changes_no_judgement(
    values, options, target, factor
):
    plain = analyse(values, target=target, **options)
    scaled = analyse(
        [moved(value, lambda each: each * factor) for value in values],
        target=moved(target, lambda each: each * factor),
        **options,
    )

    assert judged(scaled) == judged(plain)
    for before, after in zip(plain.steps, scaled.steps, strict=True):
        wanted = [moved(figure, lambda each: each * factor) for figure in figures(before)]
        assert_close(figures(after), wanted, dust=factor * 1e-9)


@given(series, options, targets, st.sampled_from([-1e6, -7, 0.1, 1000.3, 1e9]))
def test_shifting_a_series_shifts_its_figures_and_changes_no_judgement(values, options, target, by):
    plain = analyse(values, target=target, **options)
    shifted = analyse(
        [moved(value, lambda each: each + by) for value in values],
        target=moved(target, lambda each: each + by),
        **options,
    )

    assert judged(shifted) == judged(plain)
    for before, after in zip(plain.steps, shifted.steps, strict=True):
        wanted = [moved(figure, lambda each: each + by) for figure in figures(before)]
        assert_close(figures(after), wanted, dust=1e-9)


@given(series, options, targets)
def test_a_series_turned_upside_down_reads_the_same_with_the_direction_turned(
    values, options, target
):
    plain = analyse(values, target=target, **options)
    turned = analyse(
        [moved(value, lambda each: -each) for value in values],
        target=moved(target, lambda each: -each),
        **options | {"improvement": OPPOSITE[options["improvement"]]},
    )

    assert turned.assurance == plain.assurance
    for before, after in zip(plain.points, turned.points, strict=True):
        assert after.special_cause == before.special_cause
        assert after.direction == -before.direction
        assert after.kind == SWAPPED_KIND.get(before.kind, before.kind)


@given(series, options, targets)
def test_only_the_direction_s_name_turns_good_into_bad(values, options, target):
    up = analyse(values, target=target, **options | {"improvement": "increase"})
    down = analyse(values, target=target, **options | {"improvement": "decrease"})

    swapped = {"improvement": "concern", "concern": "improvement"}
    assert [each.kind for each in down.points] == [
        swapped.get(each.kind, each.kind) for each in up.points
    ]


@given(series, options, st.data())
def test_each_step_is_a_series_of_its_own(values, options, data):
    starts = data.draw(st.sets(st.integers(0, len(values) - 1)))

    whole = analyse(values, rebase_at=starts, **options)

    bounds = sorted(starts | {0, len(values)})
    parts = [analyse(values[first:end], **options) for first, end in pairwise(bounds)]
    assert whole.points == tuple(point for part in parts for point in part.points)
    assert [figures(step) for step in whole.steps] == [figures(part.steps[0]) for part in parts]


@given(series, options)
def test_gaps_at_the_ends_change_nothing(values, options):
    plain = analyse(values, **options)
    padded = analyse([None, *values, None, None], **options)

    assert padded.points[1:-2] == plain.points
    assert figures(padded.steps[0]) == figures(plain.steps[0])
    assert padded.variation == plain.variation


@given(series, series, options)
def test_nothing_is_run_together_across_a_gap(before, after, options):
    gapped = analyse([*before, None, *after], **options)

    for index in range(len(before) + 1, min(len(before) + 7, len(gapped.points))):
        if gapped.points[index].special_cause in ("shift", "trend"):
            assert gapped.points[index].run <= index - len(before)


@given(st.integers(-1000, 1000), st.integers(2, 40), options, targets)
def test_a_constant_has_limits_on_its_mean_and_no_special_cause(value, count, options, target):
    number = Decimal(value) / 10
    analysis = analyse([number] * count, target=target, **options)

    assert figures(analysis.steps[0]) == (float(number),) * 3
    assert {point.kind for point in analysis.points} == {"common_cause"}
    assert analysis.assurance in ("pass", "fail", None)


@given(st.lists(st.floats(-1e308, 1e308), min_size=1, max_size=3), options)
def test_one_to_three_points_never_show_a_special_cause(values, options):
    analysis = analyse(values, **options)

    assert {point.special_cause for point in analysis.points} == {None}
    assert analysis.variation == "common_cause"


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))), options)
def test_any_figures_give_a_chart_with_the_mean_between_its_limits(values, options):
    analysis = analyse(values, target=0, **options)

    assert len(analysis.points) == len(values)
    for step in analysis.steps:
        if step.lower is not None:
            assert step.lower <= step.mean <= step.upper


@given(series, st.lists(st.integers(-6, 6), min_size=12, max_size=12), options)
def test_fixed_limits_stay_whatever_follows(later, first, options):
    options |= {"fix_after": 12}

    assert figures(analyse([*first, *later], **options).steps[0]) == figures(
        analyse(first, **options).steps[0]
    )


@given(
    st.lists(st.integers(-6, 6), min_size=2, max_size=40),
    st.integers(-12, 12),
    st.sampled_from([("increase", 1), ("decrease", -1)]),
)
def test_assurance_says_on_which_side_of_the_limits_the_target_lies(values, target, direction):
    improvement, good = direction
    analysis = analyse(values, target=target, improvement=improvement)

    (step,) = analysis.steps
    worst, best = sorted([step.lower * good, step.upper * good])
    if target * good < worst or target * good == worst == best:
        assert analysis.assurance == "pass"
    elif target * good > best:
        assert analysis.assurance == "fail"
    else:
        assert analysis.assurance == "hit_or_miss"
