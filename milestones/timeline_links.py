"""The geometry of the timeline's links between milestones. Pure, as ``timeline`` is.

A link is drawn as one piece per row that it touches, so that it holds whatever the rows' heights
are, and wherever a sheet of paper ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """That one milestone waits for another; ``late``: it comes after the day it is needed.

    ``start`` and ``end`` are the places of the predecessor's finish and of the successor's.
    """

    predecessor: int
    successor: int
    start: float
    end: float
    late: bool = False


@dataclass(frozen=True)
class Piece:
    """The part of a link in one row: a level or an upright line; y in per cent of the row."""

    x1: float
    x2: float
    y1: int
    y2: int
    late: bool = False
    # Where its arrow points, if it ends at the successor's mark in this row: "down" or "up".
    arrow: str = ""


def link_pieces(rows: Sequence[int], links: Iterable[Link]) -> dict[int, tuple[Piece, ...]]:
    """Cut links into pieces by row, for rows given by their keys from top to bottom.

    A link leaves its predecessor level, and goes up or down to its successor above the day on
    which that finishes. A predecessor that is in none of the rows is a stub from the row's top; a
    successor that is in none is not drawn. Pieces that cover each other are drawn once.
    """
    at = {key: index for index, key in enumerate(rows)}
    pieces: dict[int, dict[Piece, None]] = {}
    for link in links:
        if link.successor in at:
            for index, piece in _cut(link, at):
                pieces.setdefault(rows[index], {})[piece] = None
    return {key: tuple(found) for key, found in pieces.items()}


def _cut(link: Link, at: dict[int, int]) -> list[tuple[int, Piece]]:
    end, late, x = at[link.successor], link.late, link.end
    if link.predecessor not in at:
        return [(end, Piece(x, x, 0, 50, late, "down"))]
    start = at[link.predecessor]
    down = start < end
    level = Piece(min(link.start, x), max(link.start, x), 50, 50, late)
    leaving = Piece(x, x, 50, 100, late) if down else Piece(x, x, 0, 50, late)
    arriving = Piece(x, x, 0, 50, late, "down") if down else Piece(x, x, 50, 100, late, "up")
    between = range(start + 1, end) if down else range(end + 1, start)
    through = [(index, Piece(x, x, 0, 100, late)) for index in between]
    return [(start, level), (start, leaving), *through, (end, arriving)]
