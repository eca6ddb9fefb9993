"""What the page of a work stream or a project says at its head, and its picture along time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from milestones.figures import computation_of
from milestones.models import Milestone
from milestones.quality import UPDATE_DAYS, Gap
from milestones.rating import DeliveryRating, Step
from milestones.timeline_page import Timeline, items_of, timeline_of, whole_span
from reports.figures import DUE_SOON, LATE, MilestoneLine, Roll
from workstreams.dates import long_day

REASONS_SHOWN = 5


@dataclass(frozen=True)
class Fact:
    """One of the few facts at the head of a page, as components/facts.html takes it."""

    label: str
    value: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Reason:
    """A milestone that gives a project its rating, and the way to it."""

    line: MilestoneLine
    steps: Sequence[Step]


def progress_facts(roll: Roll, *, as_of: date, moved: str, list_url: str) -> list[Fact]:
    """Say how much is complete and was planned to be, and what nobody has updated of late.

    Each number has its rows; ``list_url`` has a question.
    """
    complete = roll.counts.get(DeliveryRating.COMPLETE, 0)
    planned = sum(_was_planned_by(line.milestone, as_of) for line in roll.counted)
    silent = sum(_is_silent(line, since=as_of - timedelta(days=UPDATE_DAYS)) for line in roll.lines)
    return [
        Fact(
            roll.programme.word_for(DeliveryRating.COMPLETE),
            f"{complete} of {roll.total}",
            f"{list_url}&rating={DeliveryRating.COMPLETE.value}" if complete else "",
            ". ".join(filter(None, [f"{planned} planned by now", moved])),
        ),
        Fact(
            f"No update for {UPDATE_DAYS} days",
            f"{silent} open" if silent else "None",
            f"{list_url}&gap={Gap.NO_RECENT_UPDATE.value}" if silent else "",
        ),
    ]


def late_lines(roll: Roll) -> list[MilestoneLine]:
    """Late milestones, the latest first."""
    late = [line for line in roll.counted if line.rating in LATE]
    return sorted(late, key=lambda line: -(line.days_late or 0))


def due_lines(roll: Roll, *, as_of: date) -> list[MilestoneLine]:
    """Open milestones planned for the day or the 30 days after it, the earliest first."""
    due = [
        line
        for line in roll.counted
        if line.milestone.is_open
        and line.milestone.planned_date
        and as_of <= line.milestone.planned_date <= as_of + DUE_SOON
    ]
    return sorted(due, key=lambda line: line.milestone.planned_date or as_of)


def reasons(roll: Roll, *, as_of: date) -> list[Reason]:
    """Give the milestones that make the roll's rating, the latest first; none when all is done."""
    if roll.worst in (None, DeliveryRating.COMPLETE):
        return []
    worst = [line for line in roll.counted if line.rating == roll.worst]
    worst.sort(key=lambda line: -(line.days_late or 0))
    return [
        Reason(line, computation_of(line.milestone, as_of=as_of)) for line in worst[:REASONS_SHOWN]
    ]


def picture(roll: Roll, *, as_of: date, by_project: bool) -> Timeline | None:
    """Lay its milestones out along time; None when none has a date. One query."""
    items = items_of((line.milestone for line in roll.counted), as_of=as_of)
    if not any(item.dates.days for item in items):
        return None
    return timeline_of(
        items,
        programme=roll.programme,
        as_of=as_of,
        span=whole_span(items, today=as_of),
        by_project=by_project,
    )


def due_heading(as_of: date) -> str:
    """Give the heading of what is due soon: "Due by 14 December 2016"."""
    return f"Due by {long_day(as_of + DUE_SOON)}"


def _is_silent(line: MilestoneLine, *, since: date) -> bool:
    """Whether it is open and had no update after a day."""
    return line.milestone.is_open and not (line.update and line.update.made_date > since)


def _was_planned_by(milestone: Milestone, day: date) -> bool:
    planned = milestone.planned_date or milestone.completed_date
    return planned is not None and planned <= day
