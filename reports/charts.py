"""The dashboard's two charts: geometry worked out here, drawn by a Django template.

In the manner of ``metrics.charts``: pixels, y downwards, colours as attributes. Each is as wide as
a phone; on a page it stands beside other panels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.chart_axes import Scale, Tick, month_ticks, tick_labels, value_ticks
from metrics.chart_data import month_number
from metrics.chart_labels import Box
from metrics.chart_marks import Point, Series
from reports.curve import Curve
from reports.trend import TrendRow
from workstreams.calendar import next_month
from workstreams.dates import long_day

WIDTH, CURVE_HEIGHT = 400, 260
ROW_HEIGHT, BAR_HEIGHT, BAR_LEFT = 22, 16, 54
# Pixels that a digit takes in a bar, and what stays free beside it.
DIGIT, FREE = 7.0, 5.0


@dataclass(frozen=True)
class CompletionChart:
    """The curve, ready to draw: three lines and the day of the figures."""

    title: str
    description: str
    width: int
    height: int
    plot: Box
    y_ticks: list[Tick]
    x_ticks: list[Tick]
    planned: Series
    complete: Series
    forecast: Series
    today: Point
    area: str
    # What stands beside the day's line: to its left where the right has no room.
    today_anchor: str
    done: int
    plan: int


def completion_chart(curve: Curve, *, word: str = "Complete") -> CompletionChart:
    """Lay out the completion curve; ``word`` is the programme's own for a completed milestone."""
    numbers = [month_number(next_month(point.day)) for point in curve.points]
    ticks = value_ticks([0, max(curve.total, 1)])
    plot = Box(36, 14, WIDTH - 12, CURVE_HEIGHT - 28)
    x = Scale(numbers[0], max(numbers[-1], numbers[0] + 1), plot.left, plot.right)
    y = Scale(ticks[0], ticks[-1], plot.bottom, plot.top)
    today = (x.at(_exact_month(curve)), y.at(curve.complete))
    points = list(zip(numbers, curve.points, strict=True))
    done = ((x.at(n), y.at(p.complete)) for n, p in points if p.complete is not None)
    ahead = ((x.at(n), y.at(p.forecast)) for n, p in points if p.forecast is not None)
    complete, forecast = [*done, today], [today, *ahead]
    return CompletionChart(
        title="Milestones complete against plan",
        description=_curve_words(curve, word),
        width=WIDTH,
        height=CURVE_HEIGHT,
        plot=plot,
        y_ticks=[
            Tick(y.at(tick), label)
            for tick, label in zip(ticks, tick_labels(ticks), strict=True)
            if tick == int(tick)
        ],
        x_ticks=month_ticks(numbers[0], numbers[-1], x),
        planned=Series((tuple((x.at(n), y.at(p.planned)) for n, p in points),)),
        complete=Series((tuple(complete),)),
        forecast=Series((tuple(forecast),)),
        today=today,
        area=" ".join(
            f"{left:.1f},{top:.1f}"
            for left, top in [(complete[0][0], plot.bottom), *complete, (today[0], plot.bottom)]
        ),
        today_anchor="end" if today[0] > (plot.left + plot.right) / 2 else "start",
        done=curve.complete,
        plan=curve.planned_by_today,
    )


def _exact_month(curve: Curve) -> float:
    """The day of the figures as a month's number and the share of the month that has passed."""
    days_in_month = (next_month(curve.as_of) - curve.as_of.replace(day=1)).days
    return month_number(curve.as_of) + curve.as_of.day / days_in_month


def _curve_words(curve: Curve, word: str) -> str:
    last = curve.points[-1]
    said = (
        f"On {long_day(curve.as_of)} {curve.complete} of {curve.total} milestones were "
        f"{word.lower()}; {curve.planned_by_today} were planned to be. "
        f"By the end of {last.month} {last.planned} are planned"
    )
    said += f" and {last.forecast} forecast to be complete." if last.forecast is not None else "."
    if curve.undated:
        said += f" {curve.undated} without a date are in no line."
    return said


@dataclass(frozen=True)
class TrendSegment:
    code: str
    x: float
    width: float
    text: str

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class TrendBar:
    label: str
    y: int
    is_today: bool
    segments: list[TrendSegment]

    @property
    def text_y(self) -> int:
        return self.y + 12


@dataclass(frozen=True)
class TrendChart:
    """A bar for each month, as long as the milestones that counted in it."""

    title: str
    description: str
    width: int
    height: int
    bars: list[TrendBar]
    bar_height: int = BAR_HEIGHT


def trend_chart(rows: Sequence[TrendRow]) -> TrendChart:
    """Lay out the months' ratings as bars."""
    x = Scale(0, max([1, *(row.total for row in rows)]), BAR_LEFT, WIDTH - 2)
    bars = [
        TrendBar(row.label, 2 + index * ROW_HEIGHT, row.is_today, _segments(row, x))
        for index, row in enumerate(rows)
    ]
    return TrendChart(
        title="Ratings of the milestones, month by month",
        description=_trend_words(rows),
        width=WIDTH,
        height=len(rows) * ROW_HEIGHT + 2,
        bars=bars,
    )


def _segments(row: TrendRow, x: Scale) -> list[TrendSegment]:
    segments, before = [], 0
    for count in row.counts:
        if not count.count:
            continue
        left, right = x.at(before), x.at(before + count.count)
        text, width = str(count.count), round(right - left, 1)
        fits = width >= len(text) * DIGIT + FREE
        segments.append(TrendSegment(count.code, left, width, text if fits else ""))
        before += count.count
    return segments


def _trend_words(rows: Sequence[TrendRow]) -> str:
    first, last = rows[0], rows[-1]
    said = [
        f"{now.word.lower()} from {then.count} to {now.count}"
        for then, now in zip(first.counts, last.counts, strict=True)
        if then.count or now.count
    ]
    if len(rows) == 1 or not said:
        return f"{last.total} milestones in {last.label}."
    return f"From {first.label} to {last.label}: {', '.join(said)}."
