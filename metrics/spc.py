"""XmR charts as NHS England's Making Data Count draws them: limits, special causes, icons.

Pure arithmetic: no Django, no database. It is exact, save that two figures count as the same when
a float cannot tell them apart, so that a point on a limit is on it. ``docs/spc.md`` says where each
rule comes from and how the numbers are checked.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

Number = float | int | Decimal
Improvement = Literal["increase", "decrease", "neutral"]
SpecialCause = Literal["outside", "trend", "two_of_three", "shift"]
Kind = Literal["common_cause", "improvement", "concern", "neutral_high", "neutral_low"]
Assurance = Literal["pass", "fail", "hit_or_miss"]

# Limits lie this many average moving ranges from the mean: three sigma.
LIMIT = Fraction("2.66")
# A moving range this many times the average or more is an outlier.
SCREEN = Fraction("3.267")
RUN = 7
FEWEST_FIXED = 12
# Two figures closer than this share of the largest are the same: floats hold no more digits.
DUST = Fraction(1, 2**48)

GOOD_DIRECTION = {"increase": 1, "decrease": -1, "neutral": 0}


@dataclass(frozen=True)
class Point:
    """One month. In a gap ``value`` and ``kind`` are None.

    ``direction`` is 1 where the special cause is high or rising, -1 where low or falling, else 0.
    ``run`` counts the points of a shift or trend up to and including this one; of two of three
    it counts those of the three beyond two sigma; else it is 0.
    """

    value: float | None
    special_cause: SpecialCause | None
    kind: Kind | None
    direction: int
    run: int


@dataclass(frozen=True)
class Step:
    """A stretch of months with its own mean and limits; ``first`` and ``last`` are indexes.

    ``count`` is its number of points. Without a point there is no mean; without two neighbouring
    points there are no limits.
    """

    first: int
    last: int
    count: int
    mean: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Analysis:
    """A series on its chart. ``variation`` is the latest point's kind; None without a point."""

    points: tuple[Point, ...]
    steps: tuple[Step, ...]
    variation: Kind | None
    assurance: Assurance | None

    @property
    def latest(self) -> Point | None:
        """The latest point that has a value."""
        return next((each for each in reversed(self.points) if each.value is not None), None)

    @property
    def latest_step(self) -> Step | None:
        """The step of the latest point."""
        return next((each for each in reversed(self.steps) if each.count), None)


def analyse(
    values: Sequence[Number | None],
    *,
    improvement: Improvement = "increase",
    target: Number | None = None,
    screen_outliers: bool = False,
    fix_after: int | None = None,
    rebase_at: Iterable[int] = (),
) -> Analysis:
    """Work out the XmR chart of a series, in order of time; None is a gap.

    Each index of ``rebase_at`` begins a step with its own mean, limits and runs. ``fix_after``
    takes mean and limits from the first so many points of each step. ``screen_outliers`` leaves
    the largest moving ranges out of the limits. Raises ValueError for a figure that is not
    finite, an unknown direction, an index beyond the series, or fewer than 12 points to fix on.
    """
    good = GOOD_DIRECTION.get(improvement)
    if good is None:
        raise ValueError(f"Improvement is increase, decrease or neutral, not {improvement!r}.")
    if fix_after is not None and fix_after < FEWEST_FIXED:
        raise ValueError(f"Limits are fixed after {FEWEST_FIXED} points or more.")
    exact = [None if value is None else _exact(value) for value in values]
    points: list[Point] = []
    steps: list[Step] = []
    process = None
    for first, end in pairwise(_bounds(len(exact), rebase_at)):
        months = exact[first:end]
        here = _process(_fixed(months, fix_after), screen_outliers=screen_outliers)
        points += _points(months, here, good)
        steps.append(_step(first, months, here))
        process = here or process
    return Analysis(
        points=tuple(points),
        steps=tuple(steps),
        variation=next((each.kind for each in reversed(points) if each.kind), None),
        assurance=_assurance(process, None if target is None else _exact(target), good),
    )


@dataclass(frozen=True)
class _Process:
    """What a step's points say of it: their mean, and how far the limits lie from that."""

    mean: Fraction
    spread: Fraction | None
    dust: Fraction

    def side(self, value: Fraction) -> int:
        """1 above the mean, -1 below, 0 on it."""
        return self.beyond(value, Fraction(0))

    def beyond(self, value: Fraction, distance: Fraction) -> int:
        """1 or -1 if the value lies further than this above or below the mean, else 0."""
        away = value - self.mean
        if abs(away) - distance <= max(self.dust, DUST * abs(value)):
            return 0
        return 1 if away > 0 else -1


@dataclass(frozen=True)
class _Signal:
    cause: SpecialCause | None = None
    direction: int = 0
    run: int = 0


def _exact(value: Number) -> Fraction:
    if not Decimal(value).is_finite():
        raise ValueError(f"Not a finite number: {value}.")
    return Fraction(value)


def _bounds(length: int, rebase_at: Iterable[int]) -> list[int]:
    rebased = set(rebase_at)
    if any(not 0 <= index < length for index in rebased):
        raise ValueError("A step begins at a point of the series.")
    return sorted(rebased | {0, length})


def _fixed(months: list[Fraction | None], fix_after: int | None) -> list[Fraction | None]:
    """The months up to the last point that counts for mean and limits."""
    measured = [index for index, value in enumerate(months) if value is not None]
    if fix_after is None or len(measured) <= fix_after:
        return months
    return months[: measured[fix_after - 1] + 1]


def _process(months: list[Fraction | None], *, screen_outliers: bool) -> _Process | None:
    counted = [value for value in months if value is not None]
    if not counted:
        return None
    ranges = [
        abs(after - before)
        for before, after in pairwise(months)
        if before is not None and after is not None
    ]
    dust = DUST * max(abs(value) for value in counted)
    if screen_outliers and ranges:
        bound = SCREEN * _mean(ranges)
        # Where nothing ever moved, nothing is an outlier.
        ranges = [each for each in ranges if bound - each > dust] or ranges
    return _Process(
        mean=_mean(counted),
        spread=LIMIT * _mean(ranges) if ranges else None,
        dust=dust,
    )


def _mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _step(first: int, months: list[Fraction | None], process: _Process | None) -> Step:
    mean = lower = upper = None
    if process:
        mean = _as_float(process.mean)
        if process.spread is not None:
            lower = _as_float(process.mean - process.spread)
            upper = _as_float(process.mean + process.spread)
    count = sum(value is not None for value in months)
    return Step(first, first + len(months) - 1, count, mean, lower, upper)


def _as_float(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _points(months: list[Fraction | None], process: _Process | None, good: int) -> list[Point]:
    if process is None:
        return [Point(None, None, None, 0, 0) for _ in months]
    return [
        Point(
            value=None if value is None else _as_float(value),
            special_cause=signal.cause,
            kind=None if value is None else _kind(signal.direction, good),
            direction=signal.direction,
            run=signal.run,
        )
        for value, signal in zip(months, _signals(months, process), strict=True)
    ]


def _kind(direction: int, good: int) -> Kind:
    if not direction:
        return "common_cause"
    if not good:
        return "neutral_high" if direction > 0 else "neutral_low"
    return "improvement" if direction == good else "concern"


def _signals(months: list[Fraction | None], process: _Process) -> list[_Signal]:
    """What each point signals; where several rules hold, the later line of these wins."""
    sides = [0 if value is None else process.side(value) for value in months]
    signals = [_Signal()] * len(months)
    for rule in (_shifts(sides), _two_of_three(months, sides, process), _trends(months)):
        for index, signal in rule.items():
            signals[index] = signal
    for index, direction in enumerate(_outside(months, process)):
        if direction:
            signals[index] = _Signal("outside", direction)
    return signals


def _outside(months: list[Fraction | None], process: _Process) -> list[int]:
    spread = process.spread
    return [
        0 if value is None or spread is None else process.beyond(value, spread) for value in months
    ]


def _shifts(sides: list[int]) -> dict[int, _Signal]:
    """Every point of a run on one side of the mean. A gap or a point on the mean ends the run."""
    runs = _runs(sides)
    return {
        index: _Signal("shift", sides[index], runs[index])
        for last, run in enumerate(runs)
        if run >= RUN
        for index in range(last - RUN + 1, last + 1)
    }


def _trends(months: list[Fraction | None]) -> dict[int, _Signal]:
    """Every point of a run of rises or falls. A gap or a tie ends it.

    A turning point belongs to the trend that begins there.
    """
    moves = [0] + [
        0 if before is None or after is None else (after > before) - (after < before)
        for before, after in pairwise(months)
    ]
    runs = _runs(moves)
    return {
        index: _Signal("trend", moves[last], run + 1 - (last - index))
        for last, run in enumerate(runs)
        if run >= RUN - 1  # seven points make six moves
        for index in range(last - RUN + 1, last + 1)
    }


def _two_of_three(
    months: list[Fraction | None], sides: list[int], process: _Process
) -> dict[int, _Signal]:
    """The points beyond two sigma, but inside the limits, of three neighbours on one side."""
    if process.spread is None:
        return {}
    two_sigma = process.spread * 2 / 3
    outside = _outside(months, process)
    near = [
        value is not None and not outside[index] and process.beyond(value, two_sigma) != 0
        for index, value in enumerate(months)
    ]
    return {
        index: _Signal("two_of_three", sides[index], sum(near[first : first + 3]))
        for first in range(len(months) - 2)
        if sum(near[first : first + 3]) >= 2 and abs(sum(sides[first : first + 3])) == 3
        for index in range(first, first + 3)
        if near[index]
    }


def _runs(signs: list[int]) -> list[int]:
    """How many equal signs in a row end at each place; 0 where there is none."""
    runs: list[int] = []
    before = 0
    for sign in signs:
        longer = runs[-1] + 1 if runs and sign == before else 1
        runs.append(longer if sign else 0)
        before = sign
    return runs


def _assurance(process: _Process | None, target: Fraction | None, good: int) -> Assurance | None:
    """The target held against the latest step's limits."""
    if process is None or process.spread is None or target is None or not good:
        return None
    if process.spread <= process.dust:
        return "fail" if process.side(target) == good else "pass"
    # Good is up: a target above the upper limit is out of reach, one below the lower always met.
    match process.beyond(target, process.spread) * good:
        case 1:
            return "fail"
        case -1:
            return "pass"
        case _:
            return "hit_or_miss"
