"""Placing the words of a chart: how wide they are, and where they hide nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

LINE_HEIGHT = 15.0
FONT_SIZE = 13.0
# Advance widths of Arimo and Arial in thousandths of the font size, the widest of each group.
WIDTHS = {
    "ijl'|": 240,
    " .,:;!/ft[]()I\\": 290,
    'r-−`"*': 360,
    "cksvxyzJ": 510,
    "ABEKPSVXY&": 670,
    "CDHNRUw": 730,
    "GOQ": 780,
    "mM": 840,
    "%": 890,
    "W@…": 1000,
}
ADVANCE = {letter: width for letters, width in WIDTHS.items() for letter in letters}
USUAL_ADVANCE = 570
WIDEST_ADVANCE = 1000
BOLD = 1.08

Line = tuple[float, float, float, float]  # from x, y to x, y


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box", gap: float = 0.0) -> bool:
        """Whether two rectangles come nearer to each other than the gap."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def inside(self, other: "Box") -> bool:
        """Whether this rectangle lies wholly within another."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )

    def is_crossed(self, line: Line) -> bool:
        """Whether a straight line (x1, y1, x2, y2) passes through, clipped side by side."""
        x1, y1, x2, y2 = line
        enter, leave = 0.0, 1.0
        for delta, low, high in (
            (x2 - x1, self.left - x1, self.right - x1),
            (y2 - y1, self.top - y1, self.bottom - y1),
        ):
            if delta == 0:
                if low > 0 or high < 0:
                    return False
                continue
            near, far = sorted((low / delta, high / delta))
            enter, leave = max(enter, near), min(leave, far)
        return enter <= leave


@dataclass(frozen=True)
class Label:
    """A label of a chart in one or more lines, and the point of the drawing that it names."""

    kind: str
    lines: tuple[str, ...]
    point: tuple[float, float]
    box: Box = Box(0, 0, 0, 0)
    leader: Line | None = None

    @property
    def rows(self) -> list[tuple[float, str]]:
        """Each line with the y of its baseline."""
        return [
            (round(self.box.top + 11.5 + LINE_HEIGHT * row, 1), line)
            for row, line in enumerate(self.lines)
        ]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that the lines take."""
        width = max(text_width(line, bold=True) for line in self.lines)
        return width, LINE_HEIGHT * len(self.lines)


def text_width(text: str, *, size: float = FONT_SIZE, bold: bool = False) -> float:
    """About how wide a text is drawn, in pixels; rather too much than too little."""
    thousandths = sum(
        ADVANCE.get(letter, USUAL_ADVANCE if letter.isascii() else WIDEST_ADVANCE)
        for letter in text
    )
    return round(thousandths * size / 1000 * (BOLD if bold else 1), 1)


def shortened(text: str, width: float, *, size: float = FONT_SIZE, bold: bool = False) -> str:
    """A text cut to a width, its end replaced by an ellipsis if need be."""
    if text_width(text, size=size, bold=bold) <= width:
        return text
    while text and text_width(text + "…", size=size, bold=bold) > width:
        text = text[:-1]
    whole_words = text.rpartition(" ")[0]
    if len(whole_words) > len(text) * 0.6:
        text = whole_words
    return text.rstrip(" ,;:(") + "…"


def wrapped(text: str, width: float, *, most: int = 3) -> tuple[str, ...]:
    """A text broken at spaces into lines of a width; the last of ``most`` lines takes the cut."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) == most or text_width(longer, bold=True) <= width):
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(shortened(line, width, bold=True) for line in lines) or ("",)


def spread(wanted: Sequence[tuple[float, float]], *, low: float, high: float) -> list[float]:
    """Where things begin on a line, given their middles in order and their sizes.

    Each keeps its middle where it can; they are pushed apart where they would meet, and kept
    between ``low`` and ``high`` as long as there is room for all.
    """
    starts: list[float] = []
    edge = low
    for middle, size in wanted:
        edge = max(edge, middle - size / 2)
        starts.append(edge)
        edge += size
    edge = high
    for index in range(len(wanted) - 1, -1, -1):
        edge = min(edge, starts[index] + wanted[index][1]) - wanted[index][1]
        starts[index] = edge
    return starts


def stacked(labels: Sequence[Label], *, left: float, top: float, bottom: float) -> list[Label]:
    """Labels in one column beside the points that they name, pushed apart where they would meet.

    A label that had to move far gets a leader line back to its point.
    """
    ordered = sorted(labels, key=lambda label: label.point[1])
    wanted = [(label.point[1], label.size[1]) for label in ordered]
    tops = spread(wanted, low=top, high=bottom)
    return [_in_column(label, left, y) for label, y in zip(ordered, tops, strict=True)]


def floating(
    label: Label,
    *,
    within: Box,
    taken: Iterable[Box],
    lines: Sequence[Line],
) -> Label | None:
    """A label near its point where it covers the fewest lines; None where no place is free."""
    x, y = label.point
    width, height = label.size
    boxes = list(taken)
    best: tuple[float, Label] | None = None
    for distance in (9.0, 14.0, 22.0, 32.0, 46.0, 64.0):
        aside = distance * 0.8
        for across, down in (
            (distance, -height / 2),
            (-width / 2, distance),
            (-width / 2, -distance - height),
            (aside, aside / 2),
            (aside, -aside / 2 - height),
            (-aside - width, aside / 2),
            (-aside - width, -aside / 2 - height),
        ):
            box = _box(x + across, y + down, width, height)
            if not box.inside(within) or any(box.meets(other, 2) for other in boxes):
                continue
            around = _box(box.left - 3, box.top - 1, width + 6, height + 2)
            cost = sum(around.is_crossed(line) for line in lines) + distance / 100
            if best is None or cost < best[0]:
                best = cost, replace(label, box=box)
    return best[1] if best else None


def _in_column(label: Label, left: float, top: float) -> Label:
    width, height = label.size
    box = _box(left, top, width, height)
    x, y = label.point
    middle = round(top + min(height, LINE_HEIGHT) / 2, 1)
    moved = abs(top + height / 2 - y) > 6
    leader = (round(x + 4, 1), y, round(left - 3, 1), middle) if moved else None
    return replace(label, box=box, leader=leader)


def _box(left: float, top: float, width: float, height: float) -> Box:
    return Box(round(left, 1), round(top, 1), round(left + width, 1), round(top + height, 1))
