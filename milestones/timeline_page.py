"""What the timeline page shows: milestones as rows in groups, in pictures and in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from milestones.dependencies import Wait
from milestones.models import Dependency, Milestone, MilestoneStatus
from milestones.rating import WORST_FIRST, count_ratings, finish_date
from milestones.timeline import Bar, Dates, Span, Tick, bar_of, in_lanes, span_of, ticks
from milestones.timeline_links import Link, Piece, link_pieces
from workstreams.dates import long_month
from workstreams.models import Programme, Project

ENABLERS_TITLE = "Programme level (enablers)"


@dataclass(frozen=True)
class Count:
    """How many milestones have a rating."""

    code: str
    word: str
    count: int


@dataclass(frozen=True)
class Row:
    """One line of the timeline: a heading, a milestone, or all the milestones of a project.

    ``text`` says in words what the picture shows, and ``waits`` what it waits for.
    """

    title: str
    project: Project | None = None
    milestone: Milestone | None = None
    word: str = ""
    text: str = ""
    waits: tuple[Wait, ...] = ()
    counts: tuple[Count, ...] = ()
    bars: tuple[Bar, ...] = ()
    pieces: tuple[Piece, ...] = ()
    lanes: int = 1


@dataclass(frozen=True)
class Section:
    """The rows of a project or an enabler under its heading; projects as rows have no heading."""

    heading: Row | None
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Group:
    """A work stream's part of the timeline; or the programme's own, the enablers'."""

    key: str
    title: str
    size: int
    sections: tuple[Section, ...]

    @property
    def rows(self) -> list[Row]:
        """Its rows without the headings."""
        return [row for section in self.sections for row in section.rows]


@dataclass(frozen=True)
class Item:
    """A milestone with all that was worked out of it on a day."""

    milestone: Milestone
    dates: Dates
    waits: tuple[Wait, ...] = ()

    @property
    def owner(self) -> str:
        """The project or the enabler, as a heading."""
        return self.milestone.belongs_to


@dataclass(frozen=True)
class Timeline:
    """The page: its axis, its groups, and what has no place on it."""

    span: Span
    ticks: tuple[Tick, ...]
    today: float | None
    groups: tuple[Group, ...]
    undated: tuple[Milestone, ...]
    counts: tuple[Count, ...]
    is_by_project: bool = False
    # What the key must explain, because it is drawn.
    kinds: frozenset[str] = field(default_factory=frozenset)

    @property
    def span_text(self) -> str:
        first, last = long_month(self.span.first), long_month(self.span.last)
        return first if first == last else f"{first} to {last}"


def items_of(milestones: Iterable[Milestone], *, as_of: date) -> list[Item]:
    """Work out each milestone's dates and what it waits for. One query.

    The milestones, all of one programme, come with their ``programme``, and their
    ``project__workstream`` or ``enabler``, fetched.
    """
    rows = {row.pk: row for row in milestones}
    waits: dict[int, list[Wait]] = {}
    if rows:
        programme = next(iter(rows.values())).programme
        links = Dependency.objects.filter(successor__programme=programme)
        for link in links.select_related("predecessor").order_by("predecessor__reference", "pk"):
            if link.successor_id in rows and link.predecessor.status != MilestoneStatus.WITHDRAWN:
                link.successor = rows[link.successor_id]
                waits.setdefault(link.successor_id, []).append(Wait(link, as_of))
    return [
        Item(row, dates_of(row, as_of=as_of), tuple(waits.get(row.pk, ()))) for row in rows.values()
    ]


def dates_of(milestone: Milestone, *, as_of: date) -> Dates:
    """Give the days that are drawn of a milestone, as they stood on a day."""
    return Dates(
        rating=milestone.rating(as_of=as_of),
        baseline=milestone.baseline_date,
        planned=milestone.planned_date,
        finish=finish_date(
            planned=milestone.planned_date,
            forecast=milestone.forecast_date,
            completed=milestone.completed_date,
            as_of=as_of,
        ),
    )


def timeline_of(
    items: Sequence[Item],
    *,
    programme: Programme,
    as_of: date,
    span: Span,
    by_project: bool = False,
) -> Timeline:
    """Lay out milestones, which come in the plan's order, over a span of months."""
    dated = [item for item in items if item.dates.days]
    parts: dict[str, list[Item]] = {}
    for item in dated:
        workstream = item.milestone.workstream
        parts.setdefault(str(workstream) if workstream else ENABLERS_TITLE, []).append(item)
    lay_out = _projects_as_rows if by_project else _sections
    groups = tuple(
        Group(f"part-{number}", title, len(part), lay_out(part, programme, span, as_of))
        for number, (title, part) in enumerate(parts.items(), start=1)
    )
    return Timeline(
        span=span,
        ticks=ticks(span),
        today=span.place(as_of) if span.holds(as_of) else None,
        groups=groups,
        undated=tuple(item.milestone for item in items if not item.dates.days),
        counts=_counts(items, programme),
        is_by_project=by_project,
        kinds=frozenset(_kinds(groups)),
    )


def whole_span(items: Iterable[Item], *, today: date, **months: date | None) -> Span:
    """Give the months to show: those of every date, or from ``first`` to ``last`` where given."""
    return span_of((day for item in items for day in item.dates.days), today=today, **months)


def _sections(
    items: list[Item], programme: Programme, span: Span, as_of: date
) -> tuple[Section, ...]:
    parts = _by_owner(items)
    keys: list[int] = []
    for part in parts:
        # A heading is a row too, which links cross: it has minus its first milestone's key.
        keys += [-part[0].milestone.pk, *(item.milestone.pk for item in part)]
    pieces = link_pieces(keys, _links(items, span))
    return tuple(
        Section(
            heading=_heading(part[0], pieces.get(-part[0].milestone.pk, ())),
            rows=tuple(
                _milestone_row(item, programme, span, as_of, pieces.get(item.milestone.pk, ()))
                for item in part
            ),
        )
        for part in parts
    )


def _heading(item: Item, pieces: tuple[Piece, ...]) -> Row:
    return Row(title=item.owner, project=item.milestone.project, pieces=pieces)


def _milestone_row(
    item: Item, programme: Programme, span: Span, as_of: date, pieces: tuple[Piece, ...]
) -> Row:
    return Row(
        title=item.milestone.title,
        milestone=item.milestone,
        word=programme.word_for(item.dates.rating),
        text=words(item.milestone, as_of=as_of),
        waits=item.waits,
        bars=(bar_of(item.dates, span),),
        pieces=pieces,
    )


def _projects_as_rows(
    items: list[Item], programme: Programme, span: Span, as_of: date
) -> tuple[Section, ...]:
    rows = tuple(_project_row(part, programme, span) for part in _by_owner(items))
    return (Section(heading=None, rows=rows),)


def _project_row(items: list[Item], programme: Programme, span: Span) -> Row:
    bars, lanes = in_lanes(bar_of(item.dates, span) for item in items)
    return Row(
        title=items[0].owner,
        project=items[0].milestone.project,
        text="1 milestone" if len(items) == 1 else f"{len(items)} milestones",
        counts=_counts(items, programme),
        bars=bars,
        lanes=lanes,
    )


def _by_owner(items: list[Item]) -> list[list[Item]]:
    parts: dict[str, list[Item]] = {}
    for item in items:
        parts.setdefault(item.owner, []).append(item)
    return list(parts.values())


def _links(items: list[Item], span: Span) -> list[Link]:
    ends = {item.milestone.pk: item.dates.finish or item.dates.days[-1] for item in items}
    return [
        Link(
            predecessor=wait.predecessor.pk,
            successor=item.milestone.pk,
            start=span.place(ends.get(wait.predecessor.pk, span.first)),
            end=span.place(ends[item.milestone.pk]),
            late=wait.days_too_late > 0,
        )
        for item in items
        for wait in item.waits
    ]


def words(milestone: Milestone, *, as_of: date) -> str:
    """Say a milestone's dates: "Baseline 30 Apr 2016, forecast 4 Jun 2016, 35 days late"."""
    parts = []
    if milestone.baseline_date:
        parts.append(f"baseline {milestone.baseline_text}")
    if milestone.planned_date and milestone.planned_date != milestone.baseline_date:
        parts.append(f"planned {milestone.planned_text}")
    if milestone.completed_date and milestone.completed_date <= as_of:
        parts.append(f"completed {milestone.completed_text}")
    elif milestone.forecast_date:
        passed = " has passed" if milestone.has_forecast_in_past(as_of=as_of) else ""
        parts.append(f"forecast {milestone.forecast_text}{passed}")
    late = milestone.days_late(as_of=as_of)
    if late:
        days = "1 day" if abs(late) == 1 else f"{abs(late)} days"
        parts.append(f"{days} {'late' if late > 0 else 'early'}")
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def _counts(items: Iterable[Item], programme: Programme) -> tuple[Count, ...]:
    numbers = count_ratings(item.dates.rating for item in items)
    return tuple(
        Count(rating.value, programme.word_for(rating), numbers[rating]) for rating in WORST_FIRST
    )


def _kinds(groups: Iterable[Group]) -> Iterable[str]:
    for row in (row for group in groups for row in group.rows):
        for bar in row.bars:
            yield from (mark.kind for mark in bar.marks)
            yield from ("moved" if line.kind == "moved" else "slip" for line in bar.lines)
        yield from ("late_link" if piece.late else "link" for piece in row.pieces)
