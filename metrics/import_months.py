import re
from datetime import date

from django.utils.dates import MONTHS

NUMBERS = {str(name).lower(): number for number, name in MONTHS.items()}
NUMBERS |= {name[:3]: number for name, number in NUMBERS.items()} | {"sept": 9}
YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2}))?")
NAMED = re.compile(r"(?:(?P<day>[0-9]{1,2}) )?(?P<name>[A-Za-z]+)\.? (?P<year>[0-9]{4})")
SLASHED = re.compile(r"(?P<day>[0-9]{1,2})[/.](?P<month>[0-9]{1,2})[/.](?P<year>[0-9]{4})")
FIRST_YEAR, LAST_YEAR = 1900, 2100


def read_month(value: str | date) -> date:
    """The month that a cell means, as its first day: 2016-10, Oct 2016, 31/10/2016 or a date.

    ValueError, with a sentence, for what is no month or could be one of two.
    """
    if isinstance(value, date):
        return _real(value.year, value.month, value.day)
    typed = " ".join(value.split())
    if match := YEAR_FIRST.fullmatch(typed):
        return _real(int(match["year"]), int(match["month"]), int(match["day"] or 1))
    if (match := NAMED.fullmatch(typed)) and match["name"].lower() in NUMBERS:
        return _real(int(match["year"]), NUMBERS[match["name"].lower()], int(match["day"] or 1))
    if match := SLASHED.fullmatch(typed):
        day, month, year = int(match["day"]), int(match["month"]), int(match["year"])
        if day != month and day <= 12 and 1 <= month <= 12:
            raise ValueError(
                f"“{typed}” could be one of two months. Write it as {year}-{month:02d} or "
                f"{year}-{day:02d}"
            )
        return _real(year, month, day)
    raise ValueError(f"“{typed[:30]}” is no month. Write it as 2016-10 or Oct 2016")


def _real(year: int, month: int, day: int) -> date:
    try:
        real = date(year, month, day)
    except ValueError:
        raise ValueError("the date is not a real one. Write the month as 2016-10") from None
    if not FIRST_YEAR <= real.year <= LAST_YEAR:
        raise ValueError(f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
    return real.replace(day=1)
