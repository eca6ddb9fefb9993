"""From an indicator to its chart: an SPC chart, a run chart, or a plain line."""

from collections.abc import Iterator
from datetime import date

from metrics.charts import ChartNote, ChartPoint, ChartStep, IndicatorChart, indicator_chart
from metrics.process import Process
from metrics.reading import VARIATION_WORDS
from metrics.spc import Kind, Point, Step
from metrics.standing import Standing
from workstreams.dates import short_month

SYMBOLS: dict[Kind, str] = {
    "common_cause": "common",
    "improvement": "improvement",
    "concern": "concern",
    "neutral_high": "neutral",
    "neutral_low": "neutral",
}
HIGH, LOW = 1, -1
CAUSE_WORDS = {
    ("outside", HIGH): "above the upper limit",
    ("outside", LOW): "below the lower limit",
    ("trend", HIGH): "rising without a break",
    ("trend", LOW): "falling without a break",
    ("two_of_three", HIGH): "close to the upper limit",
    ("two_of_three", LOW): "close to the lower limit",
    ("shift", HIGH): "in a run above the mean",
    ("shift", LOW): "in a run below the mean",
}


def chart_of(
    standing: Standing,
    *,
    key: str = "",
    width: int = 720,
    height: int = 320,
    with_key: bool = True,
) -> IndicatorChart:
    """Lay out the chart of an indicator up to the standing's month, with the whole trajectory.

    ``key`` must differ when one page draws it twice. Pixels; see ``indicator_chart``.
    """
    indicator, process = standing.indicator, standing.process
    baseline_month = indicator.baseline_month
    return indicator_chart(
        key=key or indicator.reference,
        title=f"{indicator.name}, by {'quarter' if indicator.is_quarterly else 'month'}",
        unit=indicator.unit,
        points=_points(standing),
        # Beside a mean and limits the baseline is one line too many; the table holds it.
        baseline=None if process.is_spc else indicator.baseline_value,
        baseline_label=f"Baseline {short_month(baseline_month)}" if baseline_month else "",
        final_target=indicator.final_target,
        yes_no=indicator.is_yes_no,
        quarterly=indicator.is_quarterly,
        steps=_steps(process),
        notes=[
            *(ChartNote(each.month, each.text, starts_step=True) for each in process.rebases),
            *(ChartNote(each.month, each.text) for each in process.annotations),
        ],
        remark=process.progress,
        with_key=with_key,
        width=width,
        height=height,
    )


def signal_words(point: Point) -> str:
    """A point's kind and why in words: "Concern: below the lower limit", "Common cause"."""
    if point.kind is None:
        return ""
    words = VARIATION_WORDS[point.kind]
    if point.special_cause is None:
        return words
    return f"{words}: {CAUSE_WORDS[point.special_cause, point.direction]}"


def judged(process: Process) -> Iterator[tuple[date, Point, Step]]:
    """Each month with a value that SPC judges, with its point and step; none on a run chart.

    A step of too few points is not judged, whatever follows it.
    """
    if not process.is_spc:
        return
    for step in process.analysis.steps:
        if step.count < process.needed:
            continue
        for index in range(step.first, step.last + 1):
            point = process.analysis.points[index]
            if point.value is not None:
                yield process.months[index], point, step


def _points(standing: Standing) -> list[ChartPoint]:
    signals = {month: point for month, point, _ in judged(standing.process)}
    return [
        ChartPoint(
            month=point.month,
            value=point.value,
            trajectory=point.trajectory,
            symbol=SYMBOLS[kind] if (kind := _kind(signals, point.month)) else "",
            signal=signal_words(signals[point.month]) if point.month in signals else "",
        )
        for point in standing.points
    ]


def _kind(signals: dict[date, Point], month: date) -> Kind | None:
    return signals[month].kind if month in signals else None


def _steps(process: Process) -> list[ChartStep]:
    """The steps of an SPC chart; one of too few points has neither mean nor limits."""
    if not process.is_spc:
        return []
    return [
        ChartStep(process.months[step.first], step.mean, step.lower, step.upper)
        if step.count >= process.needed
        else ChartStep(process.months[step.first])
        for step in process.analysis.steps
    ]
