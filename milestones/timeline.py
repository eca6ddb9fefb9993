"""The geometry of the timeline page: from dates to places. Pure; knows no database and no HTML.

Across, a place is a per cent of the picture's width, rounded to two decimals, so that the drawing
keeps its letters' size on any screen. Down, it is a per cent of one row's height.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from milestones.rating import DeliveryRating
from workstreams.calendar import month_start
from workstreams.dates import MONTHS, DatePrecision, span_end

WIDTH = 100.0
# Today is shown when it lies within this many days of the marks; an old plan keeps its width.
NEAR_DAYS = 92
MOST_MONTHS, MOST_QUARTER_MONTHS, MOST_YEARS = 24, 72, 12
# Marks of one row that are closer than this stand in lanes of their own.
LEAST_GAP, MOST_LANES = 2.4, 4


class Zoom(StrEnum):
    """What the axis counts in."""

    MONTHS = "months"
    QUARTERS = "quarters"
    YEARS = "years"


@dataclass(frozen=True)
class Span:
    """The whole months that the picture shows, from the first day to the last."""

    first: date
    last: date

    @property
    def months(self) -> int:
        return _month_number(self.last) - _month_number(self.first) + 1

    @property
    def zoom(self) -> Zoom:
        if self.months <= MOST_MONTHS:
            return Zoom.MONTHS
        return Zoom.QUARTERS if self.months <= MOST_QUARTER_MONTHS else Zoom.YEARS

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def place(self, day: date) -> float:
        """Where a day lies, 0 to 100; a day outside lies on the nearer edge."""
        days = (self.last - self.first).days + 1
        inside = min(max((day - self.first).days, 0), days)
        return round(WIDTH * inside / days, 2)


def span_of(
    days: Iterable[date], *, today: date, first: date | None = None, last: date | None = None
) -> Span:
    """Give the whole months that hold all the days, and today if it is near them.

    ``first`` and ``last`` are any days of the months wanted instead. Raises ValueError if the
    first month comes after the last.
    """
    found = sorted(days) or [today]
    start, end = found[0], found[-1]
    if max((start - today).days, (today - end).days) <= NEAR_DAYS:
        start, end = min(start, today), max(end, today)
    start, end = first or start, last or end
    if first is None and end < start:
        start = end
    elif last is None and end < start:
        end = start
    if month_start(start) > month_start(end):
        raise ValueError("The first month comes after the last.")
    return Span(month_start(start), span_end(end, DatePrecision.MONTH))


@dataclass(frozen=True)
class Tick:
    """A line of the axis; ``minor`` ones go without a label where there is little room."""

    x: float
    label: str
    year: str = ""
    minor: bool = False


def ticks(span: Span) -> tuple[Tick, ...]:
    """The lines of the axis in order: a month's, a quarter's or a year's first day."""
    first, last = _month_number(span.first), _month_number(span.last)
    step = {Zoom.MONTHS: 1, Zoom.QUARTERS: 3, Zoom.YEARS: 12}[span.zoom]
    first = -(-first // step) * step
    if span.zoom == Zoom.YEARS:
        step *= -(-span.months // (12 * MOST_YEARS))
    return tuple(
        _tick(number, span, with_year=number == first or number % 12 == 0)
        for number in range(first, last + 1, step)
    )


def _tick(number: int, span: Span, *, with_year: bool) -> Tick:
    year, month = divmod(number, 12)
    if span.zoom == Zoom.YEARS:
        return Tick(span.place(date(year, 1, 1)), str(year))
    minor = month % (3 if span.zoom == Zoom.MONTHS else 6) != 0
    label = MONTHS[month][:3]
    x = span.place(date(year, month + 1, 1))
    return Tick(x, label, str(year) if with_year else "", minor)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


@dataclass(frozen=True)
class Dates:
    """What the picture needs of a milestone; ``finish`` is done, or expected (``finish_date``)."""

    rating: DeliveryRating
    baseline: date | None = None
    planned: date | None = None
    finish: date | None = None

    @property
    def days(self) -> list[date]:
        return [day for day in (self.baseline, self.planned, self.finish) if day]


class MarkKind(StrEnum):
    """The marks that are no rating: a rating's own mark stands where the milestone finishes."""

    BASELINE = "baseline"
    PLANNED = "planned"
    EARLIER = "earlier"
    LATER = "later"


EDGES = frozenset({MarkKind.EARLIER.value, MarkKind.LATER.value})


@dataclass(frozen=True)
class Mark:
    kind: str
    x: float


@dataclass(frozen=True)
class Line:
    """A level line of a bar, from left to right."""

    kind: str
    x1: float
    x2: float


@dataclass(frozen=True)
class Bar:
    """One milestone drawn: lines below, then marks, the finish on top; ``y`` is its lane."""

    marks: tuple[Mark, ...]
    lines: tuple[Line, ...] = ()
    y: float = 50.0

    @property
    def left(self) -> float:
        return min(mark.x for mark in self.marks)

    @property
    def right(self) -> float:
        return max(mark.x for mark in self.marks)


def bar_of(dates: Dates, span: Span) -> Bar:
    """Draw one milestone that has at least one date.

    The line from the baseline to the planned date is a move that was approved; the one from the
    planned date to a later finish is the slip, in the rating's colour. What lies outside the span
    is shown by an arrow at its edge.
    """
    marks = []
    if dates.baseline:
        marks.append((dates.baseline, MarkKind.BASELINE.value))
    if dates.planned and dates.planned != dates.baseline:
        marks.append((dates.planned, MarkKind.PLANNED.value))
    if dates.finish:
        marks.append((dates.finish, dates.rating.value))
    shown = [Mark(kind, span.place(day)) for day, kind in marks if span.holds(day)]
    edges = []
    if any(day < span.first for day, _ in marks):
        edges.append(Mark(MarkKind.EARLIER, 0.0))
    if any(day > span.last for day, _ in marks):
        edges.append(Mark(MarkKind.LATER, WIDTH))
    return Bar(marks=(*edges, *shown), lines=_lines(dates, span))


def _lines(dates: Dates, span: Span) -> tuple[Line, ...]:
    lines = []
    if dates.baseline and dates.planned and dates.baseline != dates.planned:
        lines.append(_line("moved", dates.baseline, dates.planned, span))
    due = dates.planned or dates.baseline
    if due and dates.finish and dates.finish > due:
        lines.append(_line(dates.rating.value, due, dates.finish, span))
    return tuple(line for line in lines if line.x1 < line.x2)


def _line(kind: str, start: date, end: date, span: Span) -> Line:
    x1, x2 = sorted((span.place(start), span.place(end)))
    return Line(kind, x1, x2)


def in_lanes(bars: Iterable[Bar]) -> tuple[tuple[Bar, ...], int]:
    """Spread the bars of one row over lanes, so that marks do not hide each other.

    Gives the bars from left to right, each at its lane's height, and the number of lanes. When
    all lanes are full, the one that ends first takes the bar. The arrows at the edges are drawn
    once for the whole row, in a bar of their own.
    """
    drawn = list(bars)
    edges = {mark.kind: mark for bar in drawn for mark in bar.marks if mark.kind in EDGES}
    inner = [
        Bar(tuple(mark for mark in bar.marks if mark.kind not in EDGES), bar.lines) for bar in drawn
    ]
    ends: list[float] = []
    placed: list[tuple[Bar, int]] = []
    for bar in sorted((bar for bar in inner if bar.marks), key=lambda bar: (bar.left, bar.right)):
        free = [lane for lane, end in enumerate(ends) if bar.left - end >= LEAST_GAP]
        if free:
            lane = free[0]
        elif len(ends) < MOST_LANES:
            lane = len(ends)
            ends.append(0.0)
        else:
            lane = ends.index(min(ends))
        ends[lane] = max(ends[lane], bar.right)
        placed.append((bar, lane))
    lanes = max(len(ends), 1)
    heights = [round(WIDTH * (lane + 0.5) / lanes, 2) for lane in range(lanes)]
    spread = [Bar(bar.marks, bar.lines, heights[lane]) for bar, lane in placed]
    if edges:
        spread.append(Bar(tuple(edges.values())))
    return tuple(spread), lanes
