from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstreams.calendar import (
    FEWEST_WORKING_DAYS,
    MonthOffsets,
    add_working_days,
    format_month,
    is_working_day,
    last_working_day,
    month_dates,
    month_start,
    next_month,
    parse_month,
    previous_month,
    working_day,
)

DAYS = st.dates(min_value=date(2010, 1, 1), max_value=date(2035, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        date(2016, 1, 1),
        date(2016, 3, 25),  # Good Friday
        date(2016, 3, 28),  # Easter Monday
        date(2016, 5, 2),
        date(2016, 5, 30),
        date(2016, 8, 29),
        date(2016, 12, 26),
        date(2016, 12, 27),  # in place of Christmas Day, a Sunday
        date(2011, 4, 29),  # royal wedding
        date(2012, 6, 5),  # diamond jubilee
        date(2020, 5, 8),  # early May moved to VE Day
        date(2021, 12, 28),  # in place of Boxing Day, a Sunday
        date(2022, 6, 2),  # spring moved to the platinum jubilee
        date(2022, 6, 3),
        date(2022, 9, 19),  # state funeral
        date(2023, 5, 8),  # coronation
        date(2016, 11, 12),  # a Saturday
        date(2016, 11, 13),
    ],
)
def test_bank_holidays_of_england_and_weekends_are_not_working_days(day):
    assert not is_working_day(day)


@pytest.mark.parametrize(
    "day",
    [
        date(2016, 12, 28),
        date(2020, 5, 4),  # the Monday that early May left
        date(2022, 5, 30),  # the Monday that spring left
        date(2016, 1, 4),  # 4 January 2016 was a holiday in Scotland only
        date(2016, 3, 17),  # Northern Ireland only
    ],
)
def test_days_that_only_look_like_holidays_are_working_days(day):
    assert is_working_day(day)


@pytest.mark.parametrize(
    ("year", "month", "n", "day"),
    [
        (2016, 3, 11, date(2016, 3, 15)),
        (2016, 11, 12, date(2016, 11, 16)),
        (2016, 1, 1, date(2016, 1, 4)),
        (2017, 1, 1, date(2017, 1, 3)),
        (2016, 5, 1, date(2016, 5, 3)),
        (2016, 4, 5, date(2016, 4, 7)),
        (2015, 4, 3, date(2015, 4, 7)),  # Easter falls on working days 3 and 4
        (2016, 2, 21, date(2016, 2, 29)),
    ],
)
def test_the_nth_working_day_skips_weekends_and_holidays(year, month, n, day):
    assert working_day(year, month, n) == day


@pytest.mark.parametrize("n", [0, -1, 24])
def test_a_working_day_that_a_month_lacks_is_an_error(n):
    with pytest.raises(ValueError, match=r"2016-11 has working days 1 to 22"):
        working_day(2016, 11, n)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        (2016, 12, date(2016, 12, 30)),
        (2017, 12, date(2017, 12, 29)),
        (2016, 2, date(2016, 2, 29)),
        (2018, 3, date(2018, 3, 29)),  # Good Friday is the 30th
        (2016, 10, date(2016, 10, 31)),
    ],
)
def test_the_last_working_day_of_a_month(year, month, day):
    assert last_working_day(year, month) == day


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2016, 11, 11), 5, date(2016, 11, 18)),
        (date(2016, 11, 12), 1, date(2016, 11, 14)),
        (date(2016, 12, 23), 1, date(2016, 12, 28)),
        (date(2016, 12, 28), -1, date(2016, 12, 23)),
        (date(2016, 12, 30), 1, date(2017, 1, 3)),
        (date(2016, 11, 14), 0, date(2016, 11, 14)),
        (date(2016, 12, 24), 0, date(2016, 12, 28)),
    ],
)
def test_working_days_are_added_and_taken_away(day, n, expected):
    assert add_working_days(day, n) == expected


def test_a_months_steps_fall_on_working_days_of_the_following_month():
    days = month_dates(date(2016, 10, 14))

    assert days.month == date(2016, 10, 1)
    assert days.cut_off == date(2016, 10, 31)
    assert days.updates_due == date(2016, 11, 3)
    assert days.pmo_check == date(2016, 11, 7)
    assert days.workstream_meetings == date(2016, 11, 9)
    assert days.qig == date(2016, 11, 11)
    assert days.elt == date(2016, 11, 15)
    assert days.issue == date(2016, 11, 16)


def test_december_is_reported_in_january():
    days = month_dates(date(2016, 12, 1))

    assert days.cut_off == date(2016, 12, 30)
    assert days.updates_due == date(2017, 1, 5)
    assert days.issue == date(2017, 1, 18)


def test_offsets_are_the_programmes_own():
    days = month_dates(date(2016, 10, 1), MonthOffsets(updates_due=1, pmo_check=1, issue=15))

    assert days.updates_due == days.pmo_check == date(2016, 11, 1)
    assert days.issue == date(2016, 11, 21)


@pytest.mark.parametrize(
    "offsets", [{"updates_due": 0}, {"issue": FEWEST_WORKING_DAYS + 1}, {"pmo_check": 10}]
)
def test_offsets_out_of_range_or_order_are_refused(offsets):
    with pytest.raises(ValueError, match="reporting cycle"):
        MonthOffsets(**offsets)


def test_no_month_has_fewer_working_days_than_the_offsets_rely_on():
    months = [(year, month) for year in range(1995, 2041) for month in range(1, 13)]

    days = [working_day(year, month, FEWEST_WORKING_DAYS) for year, month in months]

    assert all(is_working_day(day) for day in days)


@pytest.mark.parametrize(
    ("day", "start", "following", "previous"),
    [
        (date(2016, 12, 31), date(2016, 12, 1), date(2017, 1, 1), date(2016, 11, 1)),
        (date(2016, 1, 1), date(2016, 1, 1), date(2016, 2, 1), date(2015, 12, 1)),
        (date(2016, 2, 29), date(2016, 2, 1), date(2016, 3, 1), date(2016, 1, 1)),
    ],
)
def test_months_have_neighbours_across_the_year_end(day, start, following, previous):
    assert month_start(day) == start
    assert next_month(day) == following
    assert previous_month(day) == previous


@pytest.mark.parametrize(
    "text",
    ["", "2016", "2016-13", "2016-00", "2016-1", "2016-11-01", "16-11", "2016/11", "９９99-11"]
    + ["0001-01", "9999-12", "2016-11\n", "month", "٢٠١٦-11"],
)
def test_a_text_that_is_no_month_is_an_error_that_shows_how_to_write_one(text):
    with pytest.raises(ValueError, match="write it as 2016-11"):
        parse_month(text)


@given(day=DAYS)
def test_a_month_survives_being_written_and_read(day):
    assert parse_month(format_month(day)) == month_start(day)
    assert previous_month(next_month(day)) == month_start(day)


@given(day=DAYS, n=st.integers(min_value=1, max_value=60))
def test_adding_working_days_lands_on_one_and_passes_exactly_that_many(day, n):
    end = add_working_days(day, n)

    passed = [day + timedelta(days=offset + 1) for offset in range((end - day).days)]
    assert is_working_day(end)
    assert sum(is_working_day(each) for each in passed) == n
