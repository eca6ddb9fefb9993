"""How the ratings moved over the last twelve months: a row for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from milestones.as_at import counts_on
from milestones.rating import WORST_FIRST
from reports.figures import ProgrammeFigures, RatingCount, rating_counts
from reports.frozen import FrozenMonth
from workstreams.calendar import last_working_day, month_start, previous_month
from workstreams.dates import short_month
from workstreams.models import Programme

MONTHS_SHOWN = 12


@dataclass(frozen=True)
class TrendRow:
    """The counts of one month, worst first: as frozen, or else worked out for its last day.

    ``day`` is the day that they are of: the register as at that day lists the same milestones.
    """

    month: date
    day: date
    counts: Sequence[RatingCount]
    is_frozen: bool
    is_today: bool = False

    @property
    def total(self) -> int:
        return sum(count.count for count in self.counts)

    @property
    def label(self) -> str:
        """Give the month as axes do: "Nov 16"."""
        name, year = short_month(self.month).split()
        return f"{name} {year[2:]}"


def rating_trend(figures: ProgrammeFigures, frozen: Sequence[FrozenMonth]) -> list[TrendRow]:
    """Give the months up to the figures' own, the earliest first; the last row is the figures'."""
    programme, this_month = figures.programme, month_start(figures.as_of)
    by_month = {each.snapshot.month.month: each for each in frozen}
    months = _months_before(this_month, programme.start_date)
    computed = [month for month in months if month not in by_month]
    days = {month: last_working_day(month.year, month.month) for month in computed}
    counts = counts_on((line.milestone for line in figures.lines), days.values())
    rows = [
        _frozen_row(programme, by_month[month])
        if month in by_month
        else TrendRow(
            month,
            days[month],
            rating_counts(programme, counts[days[month]], WORST_FIRST),
            is_frozen=False,
        )
        for month in months
    ]
    return [*rows, TrendRow(this_month, figures.as_of, figures.rating_counts, False, True)]


def with_links(rows: Sequence[TrendRow], list_url: str, *, today: date) -> list[TrendRow]:
    """Give each count a link to the register as at its day; `list_url` has no question yet."""
    return [
        replace(row, counts=[_linked(count, row, list_url, today) for count in row.counts])
        for row in rows
    ]


def _linked(count: RatingCount, row: TrendRow, list_url: str, today: date) -> RatingCount:
    as_at = "" if row.day == today else f"&as-at={row.day.isoformat()}"
    return replace(count, url=f"{list_url}?rating={count.code}{as_at}")


def _months_before(month: date, start: date) -> list[date]:
    months: list[date] = []
    while len(months) < MONTHS_SHOWN - 1:
        month = previous_month(month)
        if last_working_day(month.year, month.month) < start:
            break
        months.insert(0, month)
    return months


def _frozen_row(programme: Programme, frozen: FrozenMonth) -> TrendRow:
    counts: Mapping[str, int] = frozen.counts.programme
    return TrendRow(
        frozen.snapshot.month.month,
        frozen.snapshot.as_of_date,
        [
            RatingCount(rating.value, programme.word_for(rating), counts.get(rating.value, 0))
            for rating in WORST_FIRST
        ],
        is_frozen=True,
    )
