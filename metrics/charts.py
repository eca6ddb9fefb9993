"""Charts of indicators: geometry worked out here, drawn by a Django template.

The same SVG serves the page and the PDF, so it carries its colours as attributes, names a font
that the PDF has, and needs no style sheet and no script. Positions are pixels to one decimal, y
downwards.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from metrics.chart_axes import Scale, Tick, month_ticks, tick_labels, value_ticks
from metrics.chart_data import (
    ChartData,
    ChartNote,
    ChartPoint,
    ChartStep,
    clean,
    label_room,
    month_number,
)
from metrics.chart_key import ROW_HEIGHT, SYMBOLS, flags_of, key_of
from metrics.chart_labels import Box, Label, Line, floating, stacked, text_width
from metrics.chart_marks import Band, Dot, Flag, KeyItem, Point, Series
from metrics.numbers import Number

__all__ = [
    "ChartNote",
    "ChartPoint",
    "ChartStep",
    "IndicatorChart",
    "indicator_chart",
    "render_svg",
]

SMALLEST = (280, 180)
TOP, BOTTOM, LEAST_LEFT = 30.0, 30.0, 28.0
FLAG_HEIGHT = 18.0
COLUMN_GAP = 8.0
# The names of lines that the smallest chart can do without, first the one missed least.
DISPENSABLE = ("baseline", "lower", "upper", "mean")


@dataclass(frozen=True)
class IndicatorChart:
    """A chart of one indicator, ready to draw."""

    key: str
    title: str
    description: str
    caption: str
    width: int
    height: int
    plot: Box
    y_ticks: list[Tick]
    x_ticks: list[Tick]
    bands: list[Band]
    actual: Series
    dots: list[Dot]
    trajectory: Series
    target: float | None
    baseline: float | None
    flags: list[Flag]
    key_items: list[KeyItem]
    labels: list[Label]

    @property
    def lines(self) -> list[Line]:
        """Everything drawn in the plot that a label should not hide."""
        across = [y for y in (self.target, self.baseline) if y is not None]
        return [
            *((self.plot.left, y, self.plot.right, y) for y in across),
            *(line for band in self.bands for line in band.lines),
            *((flag.x, self.plot.top, flag.x, self.plot.bottom) for flag in self.flags),
            *self.trajectory.lines,
            *self.actual.lines,
        ]


def indicator_chart(
    *,
    key: str,
    title: str,
    unit: str,
    points: Sequence[ChartPoint],
    baseline: Number | None = None,
    baseline_label: str = "",
    final_target: Number | None = None,
    yes_no: bool = False,
    quarterly: bool = False,
    steps: Sequence[ChartStep] = (),
    notes: Sequence[ChartNote] = (),
    remark: str = "",
    with_key: bool = True,
    width: int = 720,
    height: int = 320,
) -> IndicatorChart:
    """Lay out an indicator's measurements, trajectory, baseline and target.

    ``key`` makes the ids of the title and description unique on a page (the indicator's reference
    will do). ``baseline_label`` names the baseline's line ("2015 average"), which else is called
    "Baseline". Months may come in any order; one (or a quarter) that is missing is a gap.
    ``steps`` are the means and limits of an SPC chart, each up to the next one, the last to the
    edge. ``remark`` is a sentence without its full stop that stands below. ``height`` is that of
    the drawing above its key; ``with_key=False`` leaves symbols and notes to the page.
    ValueError for a month given twice and for a chart of less than 280 by 180 pixels.
    """
    if width < SMALLEST[0] or height < SMALLEST[1]:
        raise ValueError(f"A chart needs at least {SMALLEST[0]} by {SMALLEST[1]} pixels.")
    data = ChartData(
        points=sorted(points, key=lambda point: point.month),
        unit=unit,
        yes_no=yes_no,
        period=3 if quarterly else 1,
        baseline=baseline,
        baseline_label=baseline_label,
        final_target=final_target,
        steps=sorted(steps, key=lambda step: step.first),
        notes=notes,
        remark=clean(remark),
    )
    bare = _drawing(data, title=title, width=width, height=height, with_key=with_key)
    drawn = replace(bare, key=re.sub(r"[^A-Za-z0-9_-]+", "-", key) or "chart")
    return replace(drawn, labels=_labels(drawn, data))


def render_svg(chart: IndicatorChart) -> SafeString:
    """Draw a chart as an SVG element, safe to place in a page as it is."""
    return render_to_string("metrics/charts/indicator.svg", {"chart": chart})


def _drawing(
    data: ChartData, *, title: str, width: int, height: int, with_key: bool
) -> IndicatorChart:
    """Everything but the names of the lines."""
    ticks, words = _value_axis(data)
    plot = _plot(data, words, width=width, height=height, with_flags=with_key)
    margin = 0.15 if data.yes_no else 0.0
    y = Scale(ticks[0] - margin, ticks[-1] + margin, plot.bottom, plot.top)
    x = _months(data, plot)
    key_items = key_of(
        data, width=width, top=plot.bottom + BOTTOM + ROW_HEIGHT - 4, with_symbols=with_key
    )
    return IndicatorChart(
        key="",
        title=clean(title),
        description=data.description(),
        caption=data.caption(width - 16),
        width=width,
        height=round(key_items[-1].y + 8 if key_items else plot.bottom + BOTTOM),
        plot=plot,
        y_ticks=[Tick(y.at(tick), word) for tick, word in zip(ticks, words, strict=True)],
        x_ticks=month_ticks(data.points[0].number, data.points[-1].number, x)
        if data.points
        else [],
        bands=_bands(data, plot, x, y),
        actual=_line(data, {point.number: point.value for point in data.points}, x, y),
        dots=_dots(data, x, y),
        trajectory=_line(data, {point.number: point.trajectory for point in data.points}, x, y),
        target=None if data.final_target is None else y.at(float(data.final_target)),
        baseline=None if data.baseline is None else y.at(float(data.baseline)),
        flags=flags_of(data.drawn_notes, x, left=plot.left, right=plot.right) if with_key else [],
        key_items=key_items,
        labels=[],
    )


def _plot(
    data: ChartData, words: Sequence[str], *, width: int, height: int, with_flags: bool
) -> Box:
    """The rectangle between the axes, with room for the words around it."""
    names = data.names(label_room(width)).values()
    widths = [text_width(line, bold=True) for lines in names for line in lines]
    flags = FLAG_HEIGHT if with_flags and data.drawn_notes else 0.0
    return Box(
        left=max(LEAST_LEFT, round(max(text_width(word) for word in words) + 10, 1)),
        top=TOP + flags,
        right=round(width - max(widths, default=20.0) - COLUMN_GAP - 4, 1),
        bottom=height - BOTTOM + flags,
    )


def _value_axis(data: ChartData) -> tuple[list[float], list[str]]:
    if data.yes_no:
        return [0.0, 1.0], ["No", "Yes"]
    ticks = value_ticks(data.figures, percent=data.is_percent)
    if not data.figures:
        return ticks, [""] * len(ticks)
    return ticks, tick_labels(ticks, percent=data.is_percent)


def _months(data: ChartData, plot: Box) -> Scale:
    first = data.points[0].number if data.points else 0
    last = data.points[-1].number if data.points else 0
    if first == last:
        return Scale(first - 1, last + 1, plot.left, plot.right)
    return Scale(first, last, plot.left + 12, plot.right - 8)


def _line(data: ChartData, by_month: dict[int, Number | None], x: Scale, y: Scale) -> Series:
    figures = [(month, float(figure)) for month, figure in by_month.items() if figure is not None]
    return Series.through(figures, x, y, period=data.period)


def _bands(data: ChartData, plot: Box, x: Scale, y: Scale) -> list[Band]:
    """The steps from edge to edge; a later one begins half a month before its first month."""
    if not data.steps:
        return []
    begins = [x.at(month_number(step.first) - 0.5) for step in data.steps[1:]]
    edges = [min(max(at, plot.left), plot.right) for at in begins]
    return [
        Band(
            left=left,
            right=right,
            mean=None if step.mean is None else y.at(float(step.mean)),
            upper=None if step.upper is None else y.at(float(step.upper)),
            lower=None if step.lower is None else y.at(float(step.lower)),
        )
        for step, (left, right) in zip(
            data.steps, pairwise([plot.left, *edges, plot.right]), strict=True
        )
    ]


def _dots(data: ChartData, x: Scale, y: Scale) -> list[Dot]:
    """The measured months, the remarkable ones last and so on top."""
    dots = [
        Dot(x.at(point.number), y.at(float(point.value or 0)), data.tip(point), point.symbol)
        for point in data.measured
    ]
    order = ["", *SYMBOLS]
    return sorted(dots, key=lambda dot: order.index(dot.symbol))


def _labels(chart: IndicatorChart, data: ChartData) -> list[Label]:
    """The names of the lines: beside the plot where a line reaches its edge, else at its end."""
    plot = chart.plot
    ends: dict[str, Point] = {
        "empty": ((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2),
    }
    heights = {"target": chart.target, "baseline": chart.baseline}
    for band in chart.bands[-1:]:
        heights |= {"mean": band.mean, "upper": band.upper, "lower": band.lower}
    for kind, height in heights.items():
        if height is not None:
            ends[kind] = plot.right, height
    for kind, series in (("trajectory", chart.trajectory), ("actual", chart.actual)):
        if series.pieces:
            ends[kind] = series.end
    names = data.names(label_room(chart.width))
    labels = [Label(kind, lines, ends[kind]) for kind, lines in names.items()]
    edge = plot.right - 24
    beside = [label for label in labels if label.point[0] >= edge]
    inside: list[Label] = []
    for label in labels:
        if label.point[0] >= edge:
            continue
        found = floating(
            label,
            within=replace(plot, right=plot.right + COLUMN_GAP / 2),
            taken=[other.box for other in inside],
            lines=chart.lines,
        )
        if found is None:
            beside.append(label)
        else:
            inside.append(found)
    top, bottom = plot.top - 14, plot.bottom + 4
    beside = _fitting(beside, bottom - top)
    return stacked(beside, left=plot.right + COLUMN_GAP, top=top, bottom=bottom) + inside


def _fitting(labels: list[Label], room: float) -> list[Label]:
    """The labels that have room below each other, the less important left out if need be."""
    for kind in DISPENSABLE:
        if sum(label.size[1] for label in labels) <= room:
            break
        labels = [label for label in labels if label.kind != kind]
    return labels
