"""Axes of a chart: round steps for figures, even steps for months."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workstreams.dates import short_month

ROUND_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
MONTH_ROOM = 56.0  # pixels that a label such as "Nov 16" takes with its gap
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Scale:
    """A straight mapping of figures from ``low`` to ``high`` onto pixels."""

    low: float
    high: float
    start: float
    end: float

    def at(self, figure: float) -> float:
        """Where a figure lies, in pixels to one decimal."""
        share = (figure - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis at a pixel position, with its label."""

    at: float
    label: str


def value_ticks(figures: Sequence[float], *, percent: bool = False) -> list[float]:
    """Round tick figures, two to eight of them, that enclose all figures given.

    Zero is included when it is near, and an axis never leaves the possible: not below 0 when
    nothing is, not above 100 % when nothing is.
    """
    low, high = min(figures, default=0.0), max(figures, default=0.0)
    low, high = _widened(low, high)
    step = _round_step((high - low) / 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if min(figures, default=0.0) < (first + 0.15) * step:
        first -= 1  # nothing but zero is drawn upon the axis itself
    if min(figures, default=0.0) >= 0:
        first = max(first, 0)
    if percent and max(figures, default=0.0) <= 100:
        last = min(last, math.ceil(100 / step - 1e-9))
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def tick_labels(ticks: Sequence[float], *, percent: bool = False) -> list[str]:
    """Labels for evenly spaced ticks, all with the decimals that their step needs."""
    step, size = ticks[1] - ticks[0], max(abs(tick) for tick in ticks)
    if size >= 1e12 or size < 1e-4:
        digits = max(1, math.ceil(math.log10(size / step) - 1e-9) + 1)
        return [f"{tick:.{digits}g}".replace("-", MINUS) for tick in ticks]
    suffix = "%" if percent else ""
    if size >= 1e9 and step >= 1e7:
        ticks, step, suffix = [tick / 1e9 for tick in ticks], step / 1e9, "bn" + suffix
    elif size >= 1e6 and step >= 1e4:
        ticks, step, suffix = [tick / 1e6 for tick in ticks], step / 1e6, "m" + suffix
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    if abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6:
        decimals += 1  # a step of 2.5
    return [f"{tick:,.{decimals}f}{suffix}".replace("-", MINUS) for tick in ticks]


def month_ticks(first: int, last: int, scale: Scale) -> list[Tick]:
    """Labels "Apr 16" for months first to last, as many as fit, at months that divide evenly.

    Months are numbers: twelve times the year, and 0 for January to 11 for December.
    """
    pixels = abs(scale.at(first + 1) - scale.at(first))
    step = next((step for step in MONTH_STEPS if step * pixels >= MONTH_ROOM), MONTH_STEPS[-1])
    offset = 3 if step >= 12 else 0  # years are marked at April, where the NHS year begins
    months = [month for month in range(first, last + 1) if (month - offset) % step == 0]
    return [Tick(scale.at(month), _month_label(month)) for month in months or [first]]


def _month_label(month: int) -> str:
    name, year = short_month(date(month // 12, month % 12 + 1, 1)).split()
    return f"{name} {year[2:]}"


def _widened(low: float, high: float) -> tuple[float, float]:
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        margin = abs(low) * 0.1 or 1.0
        return low - margin, high + margin
    if 0 < low < 0.35 * high:
        low = 0.0
    if high < 0 and high > 0.35 * low:
        high = 0.0
    return low, high


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in ROUND_STEPS if step * power >= rough * 0.999)
