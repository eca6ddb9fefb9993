"""An indicator's values as a process: the series, its steps, and what SPC makes of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics.models import Annotation, Indicator, IndicatorKind, Measurement, Rebase
from metrics.rating import Direction
from metrics.spc import Analysis, Assurance, Improvement, Kind, analyse
from workstreams.calendar import month_start, next_month

# Fewer points in the latest step than this make a run chart, without limits or icons.
POINTS_NEEDED = 13
IMPROVEMENT: dict[str, Improvement] = {
    Direction.UP: "increase",
    Direction.DOWN: "decrease",
    Direction.NEITHER: "neutral",
}
UNCHARTED = (IndicatorKind.YES_NO, IndicatorKind.NARRATIVE)


@dataclass(frozen=True)
class Remark:
    """What somebody said of a month: an annotation, or the reason for a rebase."""

    month: date
    text: str
    by: str


@dataclass(frozen=True)
class Process:
    """An indicator's series up to a month, oldest first, and its SPC analysis.

    ``months`` runs from the first measured to the last measured month; a month without a value
    is a gap (None). A quarterly indicator has one per quarter. ``provisional`` are months whose
    value is not final.
    """

    indicator: Indicator
    months: tuple[date, ...]
    values: tuple[Decimal | None, ...]
    provisional: frozenset[date]
    analysis: Analysis
    rebases: tuple[Remark, ...]
    annotations: tuple[Remark, ...]
    needed: int = POINTS_NEEDED

    @property
    def points_in_step(self) -> int:
        """How many values the latest step has."""
        step = self.analysis.latest_step
        return step.count if step else 0

    @property
    def is_chartable(self) -> bool:
        """Whether the indicator is a figure at all, so that enough values make an SPC chart."""
        return self.indicator.kind not in UNCHARTED

    @property
    def is_spc(self) -> bool:
        """Whether the chart shows limits and icons; else it is a run chart."""
        return self.is_chartable and self.points_in_step >= self.needed

    @property
    def variation(self) -> Kind | None:
        """The latest point's kind, for the icon; None on a run chart."""
        return self.analysis.variation if self.is_spc else None

    @property
    def assurance(self) -> Assurance | None:
        """The target against the limits, for the icon; None on a run chart."""
        return self.analysis.assurance if self.is_spc else None

    @property
    def progress(self) -> str:
        """How far a run chart is from SPC: "SPC from 13 points: 9 of 13"; else empty."""
        if self.is_spc or not self.is_chartable:
            return ""
        return f"SPC from {self.needed} points: {self.points_in_step} of {self.needed}"


def process_of(indicator: Indicator, *, month: date) -> Process:
    """The process of an indicator up to the month of the day given.

    Costs no query for an indicator from ``with_series``. The final target is what the limits
    are held against.
    """
    until = month_start(month)
    measured = {each.month: each for each in _measurements(indicator) if each.month <= until}
    figures = {at: each.value for at, each in measured.items() if each.value is not None}
    months = _months(figures, quarterly=indicator.is_quarterly)
    rebases = [each for each in _rebases(indicator) if each.month <= until]
    values = tuple(figures.get(at) for at in months)
    return Process(
        indicator=indicator,
        months=months,
        values=values,
        provisional=frozenset(at for at in figures if measured[at].is_provisional),
        analysis=analyse(
            values,
            improvement=IMPROVEMENT[indicator.direction],
            target=indicator.final_target,
            screen_outliers=indicator.screen_outliers,
            fix_after=indicator.fix_after,
            rebase_at=_starts(months, rebases),
        ),
        rebases=tuple(Remark(each.month, each.reason, str(each.made_by)) for each in rebases),
        annotations=tuple(
            Remark(each.month, each.text, str(each.made_by))
            for each in _annotations(indicator)
            if each.month <= until
        ),
    )


def _months(measured: Iterable[date], *, quarterly: bool) -> tuple[date, ...]:
    """Every month from the first to the last measured; per quarter the measured ones, or one."""
    known = sorted(measured)
    if not known:
        return ()
    months = [known[0]]
    while months[-1] < known[-1]:
        months.append(next_month(months[-1]))
    if not quarterly:
        return tuple(months)
    covered = {_quarter(month) for month in known}
    empty_quarters = (
        month for month in months if month.month % 3 == 0 and _quarter(month) not in covered
    )
    return tuple(sorted([*known, *empty_quarters]))


def _quarter(month: date) -> tuple[int, int]:
    return month.year, (month.month - 1) // 3


def _starts(months: tuple[date, ...], rebases: list[Rebase]) -> list[int]:
    """Where each rebase begins its step: at its month, or the next one on the chart."""
    return [
        next(index for index, month in enumerate(months) if month >= rebase.month)
        for rebase in rebases
        if months and rebase.month <= months[-1]
    ]


def _measurements(indicator: Indicator) -> list[Measurement]:
    loaded: list[Measurement] | None = getattr(indicator, "loaded_measurements", None)
    return list(indicator.measurements.in_force()) if loaded is None else loaded


def _rebases(indicator: Indicator) -> list[Rebase]:
    loaded: list[Rebase] | None = getattr(indicator, "loaded_rebases", None)
    return list(indicator.rebases.standing()) if loaded is None else loaded


def _annotations(indicator: Indicator) -> list[Annotation]:
    loaded: list[Annotation] | None = getattr(indicator, "loaded_annotations", None)
    return list(indicator.annotations.standing()) if loaded is None else loaded
