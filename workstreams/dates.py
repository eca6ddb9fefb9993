"""How a date is stored and shown when the plan gives less than a day."""

import calendar
import re
from datetime import date

from django.db import models

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
TYPED_MONTH = re.compile(
    r"(?P<before>[12][0-9]{3})-(?P<number>[0-9]{1,2})"
    r"|(?P<name>[A-Za-z]{3,9})\.?[ -]+(?P<year>[12][0-9]{3})"
)


class DatePrecision(models.TextChoices):
    """How exactly a date is known. The stored day is always the last day of the span."""

    DAY = "day", "Day"
    MONTH = "month", "Month"
    QUARTER = "quarter", "Quarter"
    FINANCIAL_YEAR = "financial_year", "Financial year"
    BY = "by", "By (done by then, day unknown)"


def long_day(day: date) -> str:
    """A day in full, "30 April 2016", whatever the machine's locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """A day in short, "30 Apr 2016", whatever the machine's locale."""
    return f"{day.day} {short_month(day)}"


def long_month(day: date) -> str:
    """The month of a day in full, "April 2016"."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def typed_month(text: str) -> date:
    """The first day of a month as people type it: "2016-10", "Oct 2016", "october 2016".

    ValueError, with what to write instead, for anything else.
    """
    match = TYPED_MONTH.fullmatch(text.strip())
    name = (match["name"] or "").lower() if match else ""
    numbers = [n for n, each in enumerate(MONTHS, start=1) if each.lower().startswith(name)]
    number = int(match["number"] or numbers[0]) if match and numbers else 0
    if match is None or not 1 <= number <= 12:
        raise ValueError(f"“{text[:40]}” is not a month: write it as 2016-10 or Oct 2016")
    return date(int(match["year"] or match["before"]), number, 1)


def short_month(day: date) -> str:
    """The month of a day in short, "Apr 2016"."""
    return f"{MONTHS[day.month - 1][:3]} {day.year}"


def show_date(day: date, precision: DatePrecision | str = DatePrecision.DAY) -> str:
    """A stored date as its precision allows it to be read.

    "30 Apr 2016", "Apr 2016", "Apr to Jun 2016", "2016/17" or "by Jan 2016". A quarter is
    written with its months, because "Q2" means July to September to one half of the NHS (which
    counts from April) and April to June to the other. A "by" date that is not the last day of
    its month keeps its day: "by 15 Jan 2016". An unknown precision raises ValueError.
    """
    match DatePrecision(precision):
        case DatePrecision.MONTH:
            return short_month(day)
        case DatePrecision.QUARTER:
            first = MONTHS[span_end(day, DatePrecision.QUARTER).month - 3][:3]
            return f"{first} to {short_month(span_end(day, DatePrecision.QUARTER))}"
        case DatePrecision.FINANCIAL_YEAR:
            ends = span_end(day, DatePrecision.FINANCIAL_YEAR).year
            return f"{ends - 1}/{ends % 100:02d}"
        case DatePrecision.BY:
            whole_month = day == span_end(day, DatePrecision.MONTH)
            return f"by {short_month(day) if whole_month else short_day(day)}"
        case _:
            return short_day(day)


def span_end(day: date, precision: DatePrecision | str) -> date:
    """The last day of the month, quarter or financial year that a day lies in: what is stored.

    A day stays itself, and so does a "by" date. The financial year runs from 1 April to 31 March.
    """
    match DatePrecision(precision):
        case DatePrecision.MONTH:
            return _month_end(day.year, day.month)
        case DatePrecision.QUARTER:
            return _month_end(day.year, (day.month + 2) // 3 * 3)
        case DatePrecision.FINANCIAL_YEAR:
            return date(day.year if day.month <= 3 else day.year + 1, 3, 31)
        case _:
            return day


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
