"""Sparklines: a line the size of a word, drawn beside the figure that it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.chart_axes import Scale
from metrics.chart_marks import Dot, Series
from metrics.numbers import Number

WIDTH, HEIGHT = 96, 28
MARGIN, DASH = 4.0, 2.5


@dataclass(frozen=True)
class Spark:
    """Measurements with the last one marked, and the trajectory."""

    width: int
    height: int
    actual: Series
    trajectory: Series
    last: Dot | None


def sparkline(values: Sequence[Number | None], trajectory: Sequence[Number | None] = ()) -> Spark:
    """Lay out a sparkline of consecutive months; None is a gap, and both begin in one month."""
    lines = [list(enumerate(series)) for series in (values, trajectory)]
    actual, planned = (
        [(month, float(figure)) for month, figure in line if figure is not None] for line in lines
    )
    figures = [figure for _, figure in actual + planned]
    low, high = min(figures, default=0.0), max(figures, default=0.0)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        margin = abs(low) or 1.0
        low, high = low - margin, high + margin
    months = max(len(values), len(trajectory), 2) - 1
    x = Scale(0, months, MARGIN, WIDTH - MARGIN)
    y = Scale(low, high, HEIGHT - MARGIN, MARGIN)
    series = Series.through(actual, x, y, dash=DASH)
    return Spark(
        width=WIDTH,
        height=HEIGHT,
        actual=series,
        trajectory=Series.through(planned, x, y, dash=DASH),
        last=Dot(*series.end) if series.pieces else None,
    )
