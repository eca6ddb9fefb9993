"""What a chart of an indicator is made from, and the words that go with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from metrics.chart_labels import shortened, text_width, wrapped
from metrics.numbers import Number, show_value
from workstreams.dates import long_month, short_month

# Control characters and those that turn the direction of text: no XML reader takes the first,
# and the second would turn a whole label round.
NOT_PRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+"
)
MOST_NOTES = 8


def month_number(month: date) -> int:
    """Months since year 0, so that neighbouring months differ by one."""
    return month.year * 12 + month.month - 1


@dataclass(frozen=True)
class ChartPoint:
    """One month of an indicator (its first day), with what was measured and what was planned.

    ``symbol`` says how the point is drawn (common, improvement, concern or neutral; a plain ring
    without one), ``signal`` says the same in the words of its tooltip.
    """

    month: date
    value: Number | None = None
    trajectory: Number | None = None
    symbol: str = ""
    signal: str = ""

    @property
    def number(self) -> int:
        return month_number(self.month)


@dataclass(frozen=True)
class ChartStep:
    """A stretch of months with one mean and one pair of limits; None where there are none."""

    first: date
    mean: Number | None = None
    lower: Number | None = None
    upper: Number | None = None


@dataclass(frozen=True)
class ChartNote:
    """Something said of a month: what happened, or why a new step of the process starts there."""

    month: date
    text: str
    starts_step: bool = False


@dataclass(frozen=True)
class ChartData:
    """An indicator's figures, in the order of the months; one is due every ``period`` months."""

    points: Sequence[ChartPoint]
    unit: str
    yes_no: bool
    period: int
    baseline: Number | None
    baseline_label: str
    final_target: Number | None
    steps: Sequence[ChartStep] = ()
    notes: Sequence[ChartNote] = ()
    remark: str = ""

    def __post_init__(self) -> None:
        if any(earlier.number >= later.number for earlier, later in pairwise(self.points)):
            raise ValueError("A month is given twice.")

    @property
    def is_percent(self) -> bool:
        return show_value(1, self.unit).endswith("%")

    @property
    def figures(self) -> list[float]:
        """Every figure that the drawing has to hold."""
        figures = [self.baseline, self.final_target]
        for point in self.points:
            figures += [point.value, point.trajectory]
        for step in self.steps:
            figures += [step.mean, step.lower, step.upper]
        return [float(figure) for figure in figures if figure is not None]

    @property
    def measured(self) -> list[ChartPoint]:
        """The months that have a value."""
        return [point for point in self.points if point.value is not None]

    @property
    def drawn_notes(self) -> list[ChartNote]:
        """The latest notes within the months of the chart; older ones stand in the table."""
        if not self.points:
            return []
        first, last = self.points[0].month, self.points[-1].month
        within = [note for note in self.notes if first <= note.month <= last]
        return sorted(within, key=lambda note: note.month)[-MOST_NOTES:]

    def show(self, figure: Number | None) -> str:
        """A figure in full, with its unit."""
        return "" if figure is None else show_value(figure, self.unit, yes_no=self.yes_no)

    def show_short(self, figure: Number) -> str:
        """A figure as on the drawing, where the axis carries the unit unless it is percent."""
        return show_value(figure, "%" if self.is_percent else "", yes_no=self.yes_no)

    def caption(self, room: float) -> str:
        """The unit as written above the axis; none where the figures carry it."""
        if self.yes_no or self.is_percent:
            return ""
        unit = clean(self.unit)
        return shortened(unit[:1].upper() + unit[1:], room)

    def tip(self, point: ChartPoint) -> str:
        """The words shown over a measured month."""
        words = f"{short_month(point.month)}: {self.show(point.value)}"
        if point.trajectory is not None:
            words += f", trajectory {self.show(point.trajectory)}"
        return clean(f"{words}. {point.signal}" if point.signal else words)

    def names(self, room: float) -> dict[str, tuple[str, ...]]:
        """What each line of the drawing is called, in up to three lines of a width."""
        texts: dict[str, tuple[str, str]] = {}
        if self.final_target is not None:
            texts["target"] = "Target", self.show_short(self.final_target)
        if any(point.trajectory is not None for point in self.points):
            texts["trajectory"] = "Trajectory", ""
        if not self.measured:
            texts["empty"] = "Not measured yet", ""
        for point in self.measured[-1:]:
            texts["actual"] = "Actual", self.show_short(point.value or 0)
        if self.baseline is not None:
            name = clean(self.baseline_label) or "Baseline"
            texts["baseline"] = name, self.show_short(self.baseline)
        for step in self.steps[-1:]:
            texts |= self._names_of_step(step, room)
        return {kind: _in_lines(*text, room) for kind, text in texts.items()}

    def description(self) -> str:
        """What the drawing shows, for those who do not see it."""
        sentences = ["Nothing has been measured yet."]
        if self.measured:
            first, last = self.measured[0], self.measured[-1]
            month = long_month(last.month)
            sentences = [f"Latest value: {self.show(last.value)} in {month}."]
            if last.trajectory is not None:
                sentences.append(f"Trajectory for {month}: {self.show(last.trajectory)}.")
        if self.final_target is not None:
            sentences.append(f"Target: {self.show(self.final_target)}.")
        if self.baseline is not None:
            name = self.baseline_label.strip()
            name = f"Baseline ({name})" if name else "Baseline"
            sentences.append(f"{name}: {self.show(self.baseline)}.")
        sentences += [self._described(step) for step in self.steps[-1:] if step.mean is not None]
        if len(self.measured) > 1:
            sentences.append(
                f"{len(self.measured)} months measured from {long_month(first.month)} to {month}."
            )
        if self.remark:
            sentences.append(f"{self.remark}.")
        return clean(" ".join(sentences))

    def _names_of_step(self, step: ChartStep, room: float) -> dict[str, tuple[str, str]]:
        if step.mean is None:
            return {}
        texts = {"mean": ("Mean", self.show_short(step.mean))}
        if step.lower is None or step.upper is None or step.lower == step.upper:
            return texts
        for kind, figure in (("upper", step.upper), ("lower", step.lower)):
            shown = self.show_short(figure)
            long_name = f"{kind.capitalize()} limit"
            fits = text_width(f"{long_name} {shown}", bold=True) <= room
            texts[kind] = (long_name if fits else kind.capitalize()), shown
        return texts

    def _described(self, step: ChartStep) -> str:
        words = f"Mean since {long_month(step.first)}: {self.show(step.mean)}"
        if step.lower is None or step.upper is None:
            return f"{words}."
        return f"{words}, limits {self.show(step.lower)} to {self.show(step.upper)}."


def clean(text: str) -> str:
    """A text without characters that cannot be drawn."""
    return " ".join(NOT_PRINTABLE.sub(" ", text).split())


def label_room(width: float) -> float:
    """How much of a chart's width the names of its lines may take."""
    return max(text_width("Upper 100.25%", bold=True), width * 0.19)


def _in_lines(name: str, figure: str, room: float) -> tuple[str, ...]:
    lines = wrapped(f"{name} {figure}".strip(), room)
    if not lines[-1].endswith("…") or not figure:
        return lines
    # A name may be cut, a figure never.
    return *wrapped(name, room, most=2), figure
