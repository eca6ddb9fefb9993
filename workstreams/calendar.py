"""Working days of England, and the days of one month's reporting cycle."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

import holidays

from workstreams.dates import span_end

ONE_DAY = timedelta(days=1)
# Years near the ends of the calendar are refused, so that a month always has a neighbour.
MONTH_PATTERN = re.compile(r"(?P<year>(?:19|20|21)[0-9]{2})-(?P<month>0[1-9]|1[0-2])")

# No month of England has fewer working days: April 2011, with Easter and a royal wedding, had 18.
FEWEST_WORKING_DAYS = 18


@dataclass(frozen=True, kw_only=True)
class MonthOffsets:
    """On which working day of the following month each step of the cycle falls (1 is the first).

    The defaults are the programme's published calendar. Steps may share a day but not change
    places; anything else raises ValueError.
    """

    updates_due: int = 3
    pmo_check: int = 5
    workstream_meetings: int = 7
    qig: int = 9
    elt: int = 11
    issue: int = 12

    def __post_init__(self) -> None:
        steps = (
            self.updates_due,
            self.pmo_check,
            self.workstream_meetings,
            self.qig,
            self.elt,
            self.issue,
        )
        if steps[0] < 1 or steps[-1] > FEWEST_WORKING_DAYS:
            raise ValueError(
                f"The working days of the reporting cycle run from 1 to {FEWEST_WORKING_DAYS}."
            )
        if any(later < earlier for earlier, later in pairwise(steps)):
            raise ValueError(
                "The steps of the reporting cycle must be in order: updates due, PMO check, "
                "work stream meetings, QIG, ELT, issue."
            )


@dataclass(frozen=True, kw_only=True)
class MonthDates:
    """The days of one reporting month's cycle; ``month`` is its first day."""

    month: date
    cut_off: date
    updates_due: date
    pmo_check: date
    workstream_meetings: date
    qig: date
    elt: date
    issue: date


@lru_cache(maxsize=4096)
def month_dates(month: date, offsets: MonthOffsets | None = None) -> MonthDates:
    """The days on which a reporting month is cut off, checked, decided and issued.

    ``month`` is any day of the reporting month. The cut-off is its last working day; every other
    step is a working day of the following month (design: the month).
    """
    offsets = offsets or MonthOffsets()
    following = next_month(month)

    def nth(n: int) -> date:
        return working_day(following.year, following.month, n)

    return MonthDates(
        month=month_start(month),
        cut_off=last_working_day(month.year, month.month),
        updates_due=nth(offsets.updates_due),
        pmo_check=nth(offsets.pmo_check),
        workstream_meetings=nth(offsets.workstream_meetings),
        qig=nth(offsets.qig),
        elt=nth(offsets.elt),
        issue=nth(offsets.issue),
    )


def is_working_day(day: date) -> bool:
    """Whether a day is neither a weekend nor a bank holiday of England."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def working_day(year: int, month: int, n: int) -> date:
    """The n-th working day of a month, counted from 1; ValueError if the month has no such day."""
    days = [day for day in _days_of(date(year, month, 1)) if is_working_day(day)]
    if not 1 <= n <= len(days):
        raise ValueError(f"{year}-{month:02d} has working days 1 to {len(days)}, not {n}.")
    return days[n - 1]


def last_working_day(year: int, month: int) -> date:
    """The last working day of a month."""
    day = span_end(date(year, month, 1), "month")
    while not is_working_day(day):
        day -= ONE_DAY
    return day


def add_working_days(day: date, n: int) -> date:
    """The day n working days after (n > 0) or before (n < 0) a day.

    The day itself is not counted: five working days from a Friday is the next Friday. With n = 0
    it is the day itself, or the next working day if it is none.
    """
    step = ONE_DAY if n >= 0 else -ONE_DAY
    while n == 0 and not is_working_day(day):
        day += step
    for _ in range(abs(n)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def month_start(day: date) -> date:
    """The first day of the month that a day lies in."""
    return date(day.year, day.month, 1)


def next_month(day: date) -> date:
    """The first day of the month after the one that a day lies in."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def previous_month(day: date) -> date:
    """The first day of the month before the one that a day lies in."""
    return month_start(month_start(day) - ONE_DAY)


def parse_month(text: str) -> date:
    """The first day of a month written as in an address, "2016-11"; ValueError otherwise."""
    match = MONTH_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"“{text[:40]}” is not a month: write it as 2016-11.")
    return date(int(match["year"]), int(match["month"]), 1)


def format_month(day: date) -> str:
    """The month of a day as written in an address, "2016-11"."""
    return f"{day.year:04d}-{day.month:02d}"


def _days_of(first: date) -> Iterator[date]:
    day = first
    while day.month == first.month:
        yield day
        day += ONE_DAY


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
