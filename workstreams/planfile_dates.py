"""Reads the dates of a plan file and says how a wrong one should be written."""

import re
from calendar import monthrange
from datetime import date

from workstreams.dates import MONTHS, DatePrecision, span_end

DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
MONTH = re.compile(r"(\d{4})-(\d{2})")
QUARTER = re.compile(r"(\d{4})-Q([1-4])")
FINANCIAL_YEAR = re.compile(r"(\d{4})/(\d{2})")
# How people write dates when they do not read the instructions: day first, as in this country.
SPOKEN = re.compile(r"(?:(\d{1,2})[ /.-])?([A-Za-z]{3,9}|\d{1,2})[ /.-](\d{4})")
FIRST_YEAR, LAST_YEAR = 1948, 2099


class BadDate(ValueError):
    """A text that is no date, with a sentence on what is wrong and one on what to write."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message, self.remedy = message, remedy
        super().__init__(f"{message} {remedy}")


def read_day(text: str) -> date:
    """Read "2016-03-31". Raises BadDate."""
    if found := DAY.fullmatch(text):
        year, month, day = found.groups()
        return _make(text, year, month, day)
    raise _no_date(text)


def read_month(text: str) -> date:
    """Read "2016-03" and give its first day. Raises BadDate."""
    if found := MONTH.fullmatch(text):
        return _make(text, found[1], found[2])
    raise BadDate(f'"{text}" is not a month.', "Write it as 2016-03.")


def read_span(text: str, precision: str = "") -> tuple[date, DatePrecision]:
    """Read a day, month, quarter or financial year; give the last day of the span and its name.

    Without a precision the form of the text tells it. A precision finer than the text, such as
    a day of "2016-03", raises BadDate.
    """
    day, natural = _read_any(text)
    wanted = DatePrecision(precision) if precision else natural
    if wanted not in _allowed(natural):
        message = f'"{text}" is a {natural.label.lower()}, its precision cannot be "{precision}".'
        remedy = f'Write "precision: {natural.label.lower()}", or the date more exactly.'
        raise BadDate(message, remedy)
    return span_end(span_end(day, natural), wanted), wanted


def _allowed(natural: DatePrecision) -> list[DatePrecision]:
    """List the precisions that a form of writing is exact enough for."""
    fine_to_coarse = [
        DatePrecision.DAY,
        DatePrecision.MONTH,
        DatePrecision.QUARTER,
        DatePrecision.FINANCIAL_YEAR,
        DatePrecision.BY,
    ]
    return fine_to_coarse[fine_to_coarse.index(natural) :]


def _read_any(text: str) -> tuple[date, DatePrecision]:
    if found := MONTH.fullmatch(text):
        return _make(text, found[1], found[2]), DatePrecision.MONTH
    if found := QUARTER.fullmatch(text):
        year, quarter = found.groups()
        return _make(text, year, str(int(quarter) * 3)), DatePrecision.QUARTER
    if found := FINANCIAL_YEAR.fullmatch(text):
        year, end = found.groups()
        if (int(year) + 1) % 100 != int(end):
            remedy = f"Write it as {year}/{(int(year) + 1) % 100:02d}."
            raise BadDate(f'"{text}" is not a financial year.', remedy)
        return _make(text, year, "4"), DatePrecision.FINANCIAL_YEAR
    return read_day(text), DatePrecision.DAY


def _make(text: str, year: str, month: str, day: str = "1") -> date:
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= 31:
        raise BadDate(f'"{text}" is not a date.', "Write year, month, day, such as 2016-03-31.")
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise BadDate(f'"{text}" is not a date of our time.', "Write it as 2016-03-31.")
    last = monthrange(int(year), int(month))[1]
    if int(day) > last:
        suggestion = date(int(year), int(month), last)
        raise BadDate(f'"{text}" is not a date.', f"Write it as {suggestion}.")
    return date(int(year), int(month), int(day))


def _no_date(text: str) -> BadDate:
    """Recognise what people write instead, and show it as it should be."""
    message = f'"{text}" is not a date.'
    found = SPOKEN.fullmatch(text)
    month = _month_number(found[2]) if found else None
    if not found or month is None or not FIRST_YEAR <= int(found[3]) <= LAST_YEAR:
        return BadDate(message, "Write it as 2016-03-31, 2016-03, 2016-Q1 or 2016/17.")
    year = int(found[3])
    if found[1] is None:
        return BadDate(message, f"Write it as {year}-{month:02d}.")
    day = max(1, min(int(found[1]), monthrange(year, month)[1]))
    return BadDate(message, f"Write it as {date(year, month, day)}.")


def _month_number(text: str) -> int | None:
    if text.isdigit():
        return int(text) if 1 <= int(text) <= 12 else None
    for number, name in enumerate(MONTHS, start=1):
        if name.lower().startswith(text.lower()):
            return number
    return None
