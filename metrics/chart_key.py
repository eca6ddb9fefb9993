"""The key under a chart, and the lettered flags over its months."""

from collections.abc import Sequence
from string import ascii_uppercase

from metrics.chart_axes import Scale
from metrics.chart_data import ChartData, ChartNote, clean, month_number
from metrics.chart_labels import shortened, spread, text_width
from metrics.chart_marks import SYMBOL_WIDTH, Flag, KeyItem
from workstreams.dates import short_month

ROW_HEIGHT = 18.0
ITEM_GAP = 18.0
LETTER_WIDTH = 16.0
KEY_FONT_SIZE = 12.0
# The symbols of points in the order of the key.
SYMBOLS = {
    "common": "Common cause: usual variation",
    "improvement": "Improvement",
    "concern": "Concern",
    "neutral": "Neutral: unusual, neither good nor bad",
}


def key_of(
    data: ChartData, *, width: float, top: float, with_symbols: bool = True
) -> list[KeyItem]:
    """The symbols that a chart uses, its remark, and its notes by letter; y of each baseline.

    Without symbols only the remark is left.
    """
    items = [("", data.remark)] if data.remark else []
    if not with_symbols:
        return _flowing(items, width=width, top=top)
    if any(step.lower is not None and step.lower != step.upper for step in data.steps):
        items.insert(0, ("band", "Between the limits"))
    used = [(symbol, words) for symbol, words in SYMBOLS.items() if _is_used(data, symbol)]
    placed = _flowing([*used, *items], width=width, top=top)
    y = placed[-1].y if placed else top - ROW_HEIGHT
    for letter, note in zip(ascii_uppercase, data.drawn_notes, strict=False):
        y += ROW_HEIGHT
        words = shortened(
            _said(note),
            width - SYMBOL_WIDTH - 8,
            size=KEY_FONT_SIZE,
        )
        placed.append(KeyItem(letter, words, 2.0, y))
    return placed


def flags_of(notes: Sequence[ChartNote], x: Scale, *, left: float, right: float) -> list[Flag]:
    """A flag for each note, its letters pushed apart where months lie close together.

    The line of a new step stands before its first month, the line of an event on its month.
    """
    places = [
        min(max(x.at(month_number(note.month) - note.starts_step * 0.5), left), right)
        for note in notes
    ]
    starts = spread([(place, LETTER_WIDTH) for place in places], low=left, high=right)
    return [
        Flag(place, round(start + LETTER_WIDTH / 2, 1), letter, note.starts_step, _said(note))
        for place, start, letter, note in zip(places, starts, ascii_uppercase, notes, strict=False)
    ]


def _is_used(data: ChartData, symbol: str) -> bool:
    return any(point.symbol == symbol for point in data.measured)


def _said(note: ChartNote) -> str:
    start = f"{short_month(note.month)}, new step" if note.starts_step else short_month(note.month)
    return f"{start}: {clean(note.text)}"


def _flowing(items: Sequence[tuple[str, str]], *, width: float, top: float) -> list[KeyItem]:
    """Items side by side, on as many rows as they need."""
    placed: list[KeyItem] = []
    x, y = 2.0, top
    for symbol, words in items:
        indent = SYMBOL_WIDTH if symbol else 0.0
        shown = shortened(words, width - indent - 4, size=KEY_FONT_SIZE)
        needed = indent + text_width(shown, size=KEY_FONT_SIZE)
        if placed and x + needed > width - 2:
            x, y = 2.0, y + ROW_HEIGHT
        placed.append(KeyItem(symbol, shown, round(x, 1), y))
        x += needed + ITEM_GAP
    return placed
