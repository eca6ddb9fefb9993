"""What the pages of indicators show, as read models."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from accounts.models import User
from metrics.chart_indicator import judged, signal_words
from metrics.models import Indicator, Measurement
from metrics.process import Process, Remark
from metrics.rating import Direction, PerformanceRating
from metrics.spc import Point, Step
from metrics.standing import Standing, history
from workstreams.calendar import format_month
from workstreams.dates import long_month
from workstreams.models import Programme

DIRECTION_WORDS = {
    Direction.UP: "Higher is better",
    Direction.DOWN: "Lower is better",
    Direction.NEITHER: "Neither higher nor lower is better",
}


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Correction:
    """A value that was replaced, and who replaced it when and why."""

    shown: str
    replaced_at: datetime
    by: User | None
    reason: str


@dataclass(frozen=True)
class MonthRow:
    """One month of an indicator's table. A month not due yet has only its trajectory.

    ``mean``, ``limits`` and ``signal`` are what the chart shows of the month; empty where it is
    not judged.
    """

    standing: Standing
    is_due: bool
    takes_values: bool
    measurement: Measurement | None
    corrections: tuple[Correction, ...]
    mean: str = ""
    limits: str = ""
    signal: str = ""
    rebases: tuple[Remark, ...] = ()
    annotations: tuple[Remark, ...] = ()

    @property
    def month(self) -> date:
        return self.standing.month

    @property
    def month_code(self) -> str:
        return format_month(self.month)

    @property
    def is_ahead(self) -> bool:
        """Whether the month has nothing but a trajectory, because it has not come yet."""
        return not self.is_due and self.measurement is None


@dataclass(frozen=True)
class RatingMeaning:
    code: str
    word: str
    meaning: str


def month_rows(
    indicator: Indicator, *, process: Process, due: date, open_months: Container[date]
) -> list[MonthRow]:
    """Every month of an indicator from ``with_series``, newest first; one query.

    ``process`` is the one that its chart draws, ``due`` the last month whose value should be
    there, ``open_months`` those that still take one.
    """
    entered: dict[date, list[Measurement]] = {}
    for measurement in indicator.measurements.with_author():
        entered.setdefault(measurement.month, []).append(measurement)
    signals = {month: (point, step) for month, point, step in judged(process)}
    return [
        MonthRow(
            standing=standing,
            is_due=standing.month <= due,
            takes_values=standing.month in open_months,
            measurement=entered[standing.month][-1] if standing.is_reported else None,
            corrections=_corrections(indicator, entered.get(standing.month, [])),
            rebases=tuple(each for each in process.rebases if each.month == standing.month),
            annotations=tuple(each for each in process.annotations if each.month == standing.month),
            **_judgement(indicator, *signals.get(standing.month, (None, None))),
        )
        for standing in history(indicator, up_to=due, also=_remarked(process))
    ]


def chart_figures(standing: Standing) -> list[Fact]:
    """The figures that stand on a chart beside those of the months: target and baseline."""
    indicator = standing.indicator
    facts = []
    if indicator.final_target is not None:
        facts.append(Fact("Final target", indicator.show(indicator.final_target)))
    if indicator.baseline_value is not None:
        month = indicator.baseline_month
        label = f"Baseline {long_month(month)}" if month else "Baseline"
        facts.append(Fact(label, indicator.show(indicator.baseline_value)))
    return facts


def facts_of(standing: Standing) -> list[Fact]:
    """The figures at the top of an indicator's page."""
    indicator = standing.indicator
    attainment_note = (
        f"Met from {indicator.met_percent}%, near from {indicator.near_percent}%"
        if standing.shown_attainment
        else ""
    )
    return [
        _latest(standing),
        Fact(
            f"Trajectory, {long_month(standing.month)}",
            standing.shown_trajectory or "None",
            "Illustrative" if standing.is_trajectory_illustrative else "",
        ),
        Fact("Attainment", standing.shown_attainment or "None", attainment_note),
        Fact(
            "Final target",
            indicator.show(indicator.final_target) or "None in the plan",
            "As read from the plan’s words" if indicator.is_target_inferred else "",
        ),
        Fact(
            "Baseline",
            indicator.show(indicator.baseline_value) or "None in the plan",
            long_month(indicator.baseline_month) if indicator.baseline_month else "",
        ),
    ]


def rating_key(programme: Programme) -> list[RatingMeaning]:
    """What each rating means by the thresholds in force in the programme."""
    met, near = programme.met_threshold, programme.near_threshold
    meanings = {
        PerformanceRating.MET: f"{met}% of trajectory or better",
        PerformanceRating.NEAR: f"{near}% to below {met}%",
        PerformanceRating.BELOW: f"below {near}%",
        PerformanceRating.NOT_REPORTED: "no value for the month",
        PerformanceRating.NO_TARGET: "nothing to hold the value against",
    }
    return [
        RatingMeaning(rating.value, programme.word_for(rating), meaning)
        for rating, meaning in meanings.items()
    ]


def _latest(standing: Standing) -> Fact:
    """The value of the month rated; without one the latest before, which is not rated."""
    if standing.value_month is None:
        return Fact(f"Value, {long_month(standing.month)}", "None yet")
    label = "Value" if standing.is_reported else "Latest value"
    return Fact(
        f"{label}, {long_month(standing.value_month)}",
        standing.indicator.show(standing.value) or "In words",
        "Illustrative" if standing.is_illustrative else "",
    )


def _remarked(process: Process) -> set[date]:
    return {each.month for each in (*process.rebases, *process.annotations)}


class _Judgement(TypedDict, total=False):
    mean: str
    limits: str
    signal: str


def _judgement(indicator: Indicator, point: Point | None, step: Step | None) -> _Judgement:
    """What the chart shows of a month, as it is written there."""
    if point is None or step is None:
        return {}
    found = _Judgement(signal=signal_words(point))
    if step.mean is not None:
        found["mean"] = indicator.show(step.mean)
    if step.lower is not None and step.upper is not None:
        found["limits"] = f"{indicator.show(step.lower)} to {indicator.show(step.upper)}"
    return found


def _corrections(indicator: Indicator, entered: list[Measurement]) -> tuple[Correction, ...]:
    """The values before the last one; each was replaced by the one that follows it."""
    return tuple(
        Correction(
            shown=indicator.show(old.value) or old.text,
            replaced_at=old.replaced_at or new.recorded_at,
            by=new.recorded_by,
            reason=new.correction_reason,
        )
        for old, new in zip(entered, entered[1:], strict=False)
    )
