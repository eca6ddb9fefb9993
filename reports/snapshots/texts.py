"""How days stand in a snapshot."""

from datetime import date

from workstreams.dates import DatePrecision, show_date


def iso(day: date | None) -> str:
    """Give a day for the comparison of two months, or nothing."""
    return day.isoformat() if day else ""


def shown(day: date | None) -> str:
    """Give a day as packs show it, or nothing."""
    return show_date(day, DatePrecision.DAY) if day else ""
