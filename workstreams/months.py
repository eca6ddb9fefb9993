from datetime import date

from workstreams.calendar import month_start, next_month
from workstreams.models import Programme, ReportingMonth


def open_month(programme: Programme, month: date) -> ReportingMonth:
    """Open a reporting month, or give it as it is when it exists already."""
    return ReportingMonth.objects.get_or_create(programme=programme, month=month)[0]


def month_taking_updates(programme: Programme, *, today: date) -> ReportingMonth:
    """Give the month that an update made today belongs to: the earliest that is not frozen.

    Opens this calendar month when none is open, or the one after it when that is frozen already.
    """
    month = month_to_update(programme, today=today)
    return month if month.pk else open_month(programme, month.month)


def month_updated_on(programme: Programme, *, day: date) -> date:
    """Give the first day of the month for which updates were due on a day.

    Today's is the one that takes updates. What was frozen on an earlier day is not looked up:
    its month is that of the calendar.
    """
    today = programme.today()
    return month_start(day) if day < today else month_to_update(programme, today=today).month


def month_to_update(programme: Programme, *, today: date) -> ReportingMonth:
    """Give the month of ``month_taking_updates`` without opening it: unsaved when nobody has."""
    current = programme.months.taking_updates().first()
    if current:
        current.programme = programme
        return current
    newest = programme.months.order_by("-month").first()
    month = month_start(today)
    if newest and newest.month >= month:
        month = next_month(newest.month)
    return ReportingMonth(programme=programme, month=month)
