from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from reports.schedule import Window, digests_owed

MONDAY, FRIDAY = date(2016, 3, 14), date(2016, 3, 11)


@pytest.mark.parametrize(
    ("now", "today", "since", "is_owed"),
    [
        ("2016-03-14T06:59", MONDAY, FRIDAY, False),
        ("2016-03-14T07:00", MONDAY, FRIDAY, True),
        ("2016-03-14T23:59", MONDAY, FRIDAY, True),
        ("2016-03-14T09:00", MONDAY, MONDAY, False),
        ("2016-03-12T09:00", date(2016, 3, 12), FRIDAY, False),  # a Saturday
        ("2016-03-25T09:00", date(2016, 3, 25), FRIDAY, False),  # Good Friday
        ("2016-03-14T09:00", MONDAY, None, True),
    ],
)
def test_digests_are_written_once_on_a_working_day_from_seven(now, today, since, is_owed):
    local = timezone.make_aware(datetime.fromisoformat(now))

    assert (digests_owed(now=local, today=today, since=since) is not None) == is_owed


@pytest.mark.parametrize(
    ("instant", "is_owed"),
    [
        (datetime(2016, 3, 28, 6, 0, tzinfo=UTC), False),  # Easter Monday
        (datetime(2016, 3, 29, 5, 59, tzinfo=UTC), False),  # summer time began on the 27th
        (datetime(2016, 3, 29, 6, 0, tzinfo=UTC), True),
        (datetime(2016, 10, 31, 6, 59, tzinfo=UTC), False),  # and ended on 30 October
        (datetime(2016, 10, 31, 7, 0, tzinfo=UTC), True),
    ],
)
def test_seven_is_seven_in_london_on_either_side_of_a_clock_change(instant, is_owed):
    local = timezone.localtime(instant)

    window = digests_owed(now=local, today=local.date(), since=date(2016, 3, 1))

    assert (window is not None) == is_owed


@pytest.mark.parametrize(
    ("due", "day", "since", "is_told"),
    [
        # Due on Friday: overdue on Saturday, told on Monday; then again a week later.
        (FRIDAY, MONDAY, FRIDAY, True),
        (FRIDAY, date(2016, 3, 15), MONDAY, False),
        (FRIDAY, date(2016, 3, 21), date(2016, 3, 18), True),
        (MONDAY, MONDAY, FRIDAY, False),
        (MONDAY, date(2016, 3, 15), MONDAY, True),
        # An outage from Monday to Thursday.
        (date(2016, 3, 15), date(2016, 3, 17), MONDAY, True),
        (FRIDAY, date(2016, 3, 17), MONDAY, False),
        (FRIDAY, date(2016, 3, 17), None, True),
    ],
)
def test_what_is_overdue_is_told_at_once_and_then_once_a_week(due, day, since, is_told):
    assert Window(day, since).tells_overdue(due) == is_told
