"""How many milestones were to be, are and will be complete, month by month."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from milestones.models import Milestone
from milestones.rating import finish_date
from reports.figures import ProgrammeFigures
from workstreams.calendar import month_start, next_month
from workstreams.dates import DatePrecision, short_month, span_end

# Where the plan reaches further than this, the rest stands in the register.
MOST_MONTHS = 120


@dataclass(frozen=True)
class CurvePoint:
    """The end of a month (or the day itself): planned by then, and complete or forecast by then.

    ``complete`` is None after the day of the figures, ``forecast`` before it.
    """

    day: date
    planned: int
    complete: int | None
    forecast: int | None

    @property
    def month(self) -> str:
        return short_month(self.day)


@dataclass(frozen=True)
class Curve:
    """A point for each month's end, and the state on the day of the figures between them."""

    as_of: date
    total: int
    points: Sequence[CurvePoint]
    planned_by_today: int
    complete: int
    undated: int


def completion_curve(figures: ProgrammeFigures) -> Curve:
    """Work out the cumulative curve of the milestones that count.

    A milestone completed without a planned date counts as planned for the day of completion. One
    that is open without a date is in no line; ``undated`` says how many there are.
    """
    as_of = figures.as_of
    milestones = [line.milestone for line in figures.counted]
    planned = _sorted(each.planned_date or _done(each, as_of) for each in milestones)
    done = _sorted(_done(each, as_of) for each in milestones)
    finished = _sorted(_finish(each, as_of) for each in milestones)
    return Curve(
        as_of=as_of,
        total=figures.total,
        points=[
            CurvePoint(
                day=end,
                planned=bisect_right(planned, end),
                complete=bisect_right(done, end) if end <= as_of else None,
                forecast=bisect_right(finished, end) if end >= as_of else None,
            )
            for end in _month_ends([*planned, *finished], as_of)
        ],
        planned_by_today=bisect_right(planned, as_of),
        complete=len(done),
        undated=figures.total - len(finished),
    )


def _sorted(days: Iterable[date | None]) -> list[date]:
    return sorted(day for day in days if day)


def _done(milestone: Milestone, as_of: date) -> date | None:
    completed = milestone.completed_date
    return completed if completed and completed <= as_of else None


def _finish(milestone: Milestone, as_of: date) -> date | None:
    """When it was done, or is to be expected; None for one that is open without a planned date."""
    completed = _done(milestone, as_of)
    if completed is None and milestone.planned_date is None:
        return None
    return finish_date(
        planned=milestone.planned_date,
        forecast=milestone.forecast_date,
        completed=completed,
        as_of=as_of,
    )


def _month_ends(days: Sequence[date], as_of: date) -> list[date]:
    """Give the ends of the months from the one before the first day to the one of the last."""
    if not days:
        return []
    first, last = month_start(min(*days, as_of)), month_start(max(*days, as_of))
    ends = [first - date.resolution]
    while first <= last and len(ends) < MOST_MONTHS:
        ends.append(span_end(first, DatePrecision.MONTH))
        first = next_month(first)
    return ends
