"""Where indicators stand in a month: the one answer for pages, exceptions and snapshots."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypedDict

from metrics.chart_spark import Spark, sparkline
from metrics.charts import ChartPoint
from metrics.models import Indicator, Measurement
from metrics.numbers import show_attainment
from metrics.process import Process, process_of
from metrics.rating import (
    PerformanceRating,
    Step,
    attainment,
    computation,
    explain,
    performance_rating,
)
from metrics.reading import Reading, reading_of
from workstreams.calendar import month_start, previous_month
from workstreams.dates import long_month
from workstreams.models import Programme

SPARK_MONTHS = 12
# Worst first; what cannot be rated comes last.
SEVERITY = (
    PerformanceRating.BELOW,
    PerformanceRating.NEAR,
    PerformanceRating.NOT_REPORTED,
    PerformanceRating.MET,
    PerformanceRating.NO_TARGET,
)


@dataclass(frozen=True)
class Standing:
    """An indicator in a month.

    ``month`` is the month asked about, and trajectory, target, attainment and rating are those of
    that month. ``value`` (``text`` for a narrative one) is the latest known by then, of
    ``value_month``; only a value of the month itself is rated. ``target`` is what the value is
    held against: the trajectory, else the final target. ``attainment`` is in percent, not rounded.
    """

    indicator: Indicator
    month: date
    value: Decimal | None
    text: str
    value_month: date | None
    trajectory: Decimal | None
    target: Decimal | None
    attainment: Decimal | None
    rating: PerformanceRating
    explanation: str
    previous_value: Decimal | None
    previous_month: date | None
    # Values up to the month, and the whole trajectory.
    points: tuple[ChartPoint, ...]
    is_illustrative: bool
    is_trajectory_illustrative: bool

    @property
    def is_reported(self) -> bool:
        """Whether the month asked about has a value, or words."""
        return self.value_month == self.month

    @property
    def word(self) -> str:
        """The programme's own word for the rating."""
        return self.indicator.programme.word_for(self.rating)

    @property
    def shown_value(self) -> str:
        return self.indicator.show(self.value) or self.text

    @property
    def shown_trajectory(self) -> str:
        return self.indicator.show(self.trajectory)

    @property
    def shown_target(self) -> str:
        return self.indicator.show(self.indicator.final_target)

    @property
    def shown_attainment(self) -> str:
        return "" if self.attainment is None else show_attainment(self.attainment)

    @property
    def computation(self) -> list[Step]:
        """The way from the month's value to its rating, line by line; none for words."""
        indicator = self.indicator
        if indicator.is_narrative:
            return []
        return computation(
            **_figures(indicator, self.value if self.is_reported else None, self.trajectory),
            **_thresholds(indicator),
            unit=indicator.unit,
            word_for=indicator.programme.word_for,
        )

    @cached_property
    def spark(self) -> Spark:
        """A sparkline of the twelve months up to the month asked about."""
        by_month = {point.month: point for point in self.points}
        months = [self.month]
        while len(months) < SPARK_MONTHS:
            months.append(previous_month(months[-1]))
        points = [by_month.get(month) for month in reversed(months)]
        return sparkline(
            [point.value if point else None for point in points],
            [point.trajectory if point else None for point in points],
        )

    @cached_property
    def process(self) -> Process:
        """The values up to the month as a process, with what SPC makes of them."""
        return process_of(self.indicator, month=self.month)

    @cached_property
    def reading(self) -> Reading:
        """The process in plain English, and the words of its icons."""
        return reading_of(self.process)


@dataclass(frozen=True)
class RatingCount:
    """How many indicators have a rating."""

    code: str
    word: str
    count: int


def reporting_month(today: date) -> date:
    """The month whose values are due on a day: the last complete one, as its first day."""
    return previous_month(today)


def standings(programme: Programme, *, month: date) -> list[Standing]:
    """Where every indicator of a programme stands in a month, in plan order; five queries."""
    indicators = Indicator.objects.filter(programme=programme).with_people().with_series()
    return [standing(indicator, month=month) for indicator in indicators.in_plan_order()]


def standing(indicator: Indicator, *, month: date) -> Standing:
    """Where an indicator stands in the month of the day given.

    Without a value of that month the rating is Not reported, and the latest earlier value is
    given with its month. Costs no query for an indicator from ``with_series``.
    """
    month = month_start(month)
    known = [each for each in _measurements(indicator) if each.month <= month]
    latest = known[-1] if known else None
    previous = next((each for each in reversed(known[:-1]) if each.value is not None), None)
    reported = latest if latest and latest.month == month else None
    trajectory = _trajectory_in_force(indicator, month)
    rated = _rated(indicator, reported.value if reported else None, trajectory)
    is_demonstration = indicator.programme.is_demonstration
    return Standing(
        indicator=indicator,
        month=month,
        value=latest.value if latest else None,
        text=latest.text if latest else "",
        value_month=latest.month if latest else None,
        trajectory=trajectory,
        target=indicator.final_target if trajectory is None else trajectory,
        attainment=rated.attainment,
        rating=PerformanceRating.NO_TARGET if reported and indicator.is_narrative else rated.rating,
        explanation=_explanation(indicator, month, latest, rated.sentence),
        previous_value=previous.value if previous else None,
        previous_month=previous.month if previous else None,
        points=_points(indicator, month),
        is_illustrative=bool(is_demonstration and latest and not latest.is_from_plan),
        # The plan has no trajectory, so one in a demonstration is the demonstration's.
        is_trajectory_illustrative=is_demonstration and trajectory is not None,
    )


def history(indicator: Indicator, *, up_to: date, also: Iterable[date] = ()) -> list[Standing]:
    """Every month that has a value or a trajectory, and those given; the newest first."""
    months = {measurement.month for measurement in _measurements(indicator)}
    months |= _trajectory(indicator).keys() | {up_to, *also}
    return [standing(indicator, month=month) for month in sorted(months, reverse=True)]


def worst_first(all_standings: Iterable[Standing]) -> list[Standing]:
    """Sort by severity of the rating, then as the plan has them."""
    return sorted(all_standings, key=lambda each: SEVERITY.index(each.rating))


def count_ratings(programme: Programme, all_standings: Iterable[Standing]) -> list[RatingCount]:
    """Count each rating, worst first, zeros included."""
    counts = Counter(each.rating for each in all_standings)
    return [
        RatingCount(rating.value, programme.word_for(rating), counts[rating]) for rating in SEVERITY
    ]


def _measurements(indicator: Indicator) -> list[Measurement]:
    loaded: list[Measurement] | None = getattr(indicator, "loaded_measurements", None)
    if loaded is None:
        return list(indicator.measurements.in_force().order_by("month"))
    return loaded


def _trajectory(indicator: Indicator) -> dict[date, Decimal]:
    loaded = getattr(indicator, "loaded_trajectory", None)
    points = indicator.trajectory_points.order_by("month") if loaded is None else loaded
    return {point.month: point.value for point in points}


def _trajectory_in_force(indicator: Indicator, month: date) -> Decimal | None:
    """The trajectory's value of the month; in a gap and after its end, the last one before."""
    begun = [value for at, value in _trajectory(indicator).items() if at <= month]
    return begun[-1] if begun else None


def _points(indicator: Indicator, month: date) -> tuple[ChartPoint, ...]:
    trajectory = _trajectory(indicator)
    values = {each.month: each.value for each in _measurements(indicator) if each.month <= month}
    return tuple(
        ChartPoint(at, values.get(at), trajectory.get(at))
        for at in sorted(trajectory.keys() | values.keys())
    )


@dataclass(frozen=True)
class _Rated:
    attainment: Decimal | None
    rating: PerformanceRating
    sentence: str


class _Figures(TypedDict):
    value: Decimal | None
    trajectory: Decimal | None
    final_target: Decimal | None
    baseline: Decimal | None
    direction: str
    method: str
    yes_no: bool


class _Thresholds(TypedDict):
    met_threshold: Decimal | int
    near_threshold: Decimal | int


def _figures(indicator: Indicator, value: Decimal | None, trajectory: Decimal | None) -> _Figures:
    return _Figures(
        value=value,
        trajectory=trajectory,
        final_target=indicator.final_target,
        baseline=indicator.baseline_value,
        direction=indicator.direction,
        method=indicator.attainment_method,
        yes_no=indicator.is_yes_no,
    )


def _thresholds(indicator: Indicator) -> _Thresholds:
    # An indicator's own threshold beside the programme's other one may be out of order.
    met, near = indicator.met_percent, min(indicator.near_percent, indicator.met_percent)
    return _Thresholds(met_threshold=met, near_threshold=near)


def _rated(indicator: Indicator, value: Decimal | None, trajectory: Decimal | None) -> _Rated:
    figures, thresholds = _figures(indicator, value, trajectory), _thresholds(indicator)
    return _Rated(
        attainment=attainment(**figures),
        rating=performance_rating(**figures, **thresholds),
        sentence=explain(**figures, **thresholds, unit=indicator.unit),
    )


def _explanation(
    indicator: Indicator, month: date, latest: Measurement | None, sentence: str
) -> str:
    if latest is None:
        return f"No value is reported for {long_month(month)}, nor for any month before."
    if latest.month != month:
        shown = indicator.show(latest.value)
        last = f"The latest is {shown} for" if shown else "The latest report is of"
        return f"No value is reported for {long_month(month)}. {last} {long_month(latest.month)}."
    if indicator.is_narrative:
        return f"{long_month(month)}: reported in words, which are not rated."
    return f"{long_month(month)}: {sentence}"
