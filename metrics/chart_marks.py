"""The marks that a chart is drawn with: lines, points by kind, bands between limits, flags."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from metrics.chart_axes import Scale
from metrics.chart_labels import Line

Point = tuple[float, float]
SYMBOL_WIDTH = 18.0  # that the symbol of a key takes with its gap


@dataclass(frozen=True)
class Dot:
    """A measured month: where it is drawn, by which symbol, and its tooltip."""

    x: float
    y: float
    tip: str = ""
    symbol: str = ""


@dataclass(frozen=True)
class Series:
    """The pieces of a line; a month without a figure is a gap between two of them."""

    pieces: tuple[tuple[Point, ...], ...] = ()
    dash: float = 6.0

    @classmethod
    def through(
        cls,
        figures: Sequence[tuple[int, float]],
        x: Scale,
        y: Scale,
        *,
        period: int = 1,
        dash: float = 6.0,
    ) -> "Series":
        """A line through (month, figure), broken where a period of so many months is missing."""
        pieces: list[list[Point]] = []
        before: int | None = None
        for month, figure in figures:
            if before is None or month // period - before // period > 1:
                pieces.append([])
            pieces[-1].append((x.at(month), y.at(figure)))
            before = month
        return cls(tuple(tuple(piece) for piece in pieces), dash)

    @property
    def strokes(self) -> list[tuple[Point, ...]]:
        """The pieces as they are drawn: a lone point becomes a short dash."""
        return [piece if len(piece) > 1 else self._dashed(*piece[0]) for piece in self.pieces]

    @property
    def paths(self) -> list[str]:
        """Each stroke as the points of an SVG polyline."""
        return [" ".join(f"{x:.1f},{y:.1f}" for x, y in stroke) for stroke in self.strokes]

    @property
    def lines(self) -> list[Line]:
        """Every straight line of the strokes."""
        return [(*start, *end) for stroke in self.strokes for start, end in pairwise(stroke)]

    @property
    def end(self) -> Point:
        """Where the line ends."""
        return self.pieces[-1][-1]

    def _dashed(self, x: float, y: float) -> tuple[Point, Point]:
        return (x - self.dash, y), (x + self.dash, y)


@dataclass(frozen=True)
class Band:
    """A step of the process: its mean from ``left`` to ``right``, between its limits."""

    left: float
    right: float
    mean: float | None
    upper: float | None
    lower: float | None

    @property
    def width(self) -> float:
        return round(self.right - self.left, 1)

    @property
    def height(self) -> float:
        """How far apart the limits lie; 0 without limits."""
        if self.upper is None or self.lower is None:
            return 0.0
        return round(self.lower - self.upper, 1)

    @property
    def lines(self) -> list[Line]:
        heights = (self.mean, self.upper, self.lower)
        return [(self.left, y, self.right, y) for y in heights if y is not None]


@dataclass(frozen=True)
class Flag:
    """A lettered note over a month: its line stands at ``x``, its letter at ``letter_x``."""

    x: float
    letter_x: float
    letter: str
    starts_step: bool
    tip: str


@dataclass(frozen=True)
class KeyItem:
    """A piece of the key under a chart: its words, after a letter, a band or the symbol of a point.

    ``x`` is where it begins, ``y`` the baseline of its words.
    """

    symbol: str
    words: str
    x: float
    y: float

    @property
    def words_x(self) -> float:
        return round(self.x + SYMBOL_WIDTH, 1) if self.symbol else self.x

    @property
    def symbol_x(self) -> float:
        return round(self.x + 6, 1)

    @property
    def symbol_y(self) -> float:
        return round(self.y - 4.5, 1)
