from datetime import date

import pytest

from workstreams.dates import (
    DatePrecision,
    long_day,
    long_month,
    short_day,
    short_month,
    show_date,
    span_end,
    typed_month,
)


@pytest.mark.parametrize(
    ("day", "precision", "shown"),
    [
        (date(2016, 4, 30), DatePrecision.DAY, "30 Apr 2016"),
        (date(2016, 4, 1), "day", "1 Apr 2016"),
        (date(2016, 4, 30), DatePrecision.MONTH, "Apr 2016"),
        (date(2016, 3, 31), DatePrecision.QUARTER, "Jan to Mar 2016"),
        (date(2016, 6, 30), DatePrecision.QUARTER, "Apr to Jun 2016"),
        (date(2016, 12, 31), DatePrecision.QUARTER, "Oct to Dec 2016"),
        (date(2016, 5, 2), DatePrecision.QUARTER, "Apr to Jun 2016"),
        (date(2017, 3, 31), DatePrecision.FINANCIAL_YEAR, "2016/17"),
        (date(2016, 4, 1), DatePrecision.FINANCIAL_YEAR, "2016/17"),
        (date(2000, 3, 31), DatePrecision.FINANCIAL_YEAR, "1999/00"),
        (date(2016, 1, 31), DatePrecision.BY, "by Jan 2016"),
        (date(2016, 2, 29), DatePrecision.BY, "by Feb 2016"),
        (date(2016, 2, 28), DatePrecision.BY, "by 28 Feb 2016"),
    ],
)
def test_a_date_is_shown_as_exactly_as_it_is_known(day, precision, shown):
    assert show_date(day, precision) == shown


@pytest.mark.parametrize(
    ("day", "precision", "stored"),
    [
        (date(2016, 2, 10), DatePrecision.DAY, date(2016, 2, 10)),
        (date(2016, 2, 10), DatePrecision.BY, date(2016, 2, 10)),
        (date(2016, 2, 10), DatePrecision.MONTH, date(2016, 2, 29)),
        (date(2015, 2, 10), DatePrecision.MONTH, date(2015, 2, 28)),
        (date(2016, 12, 1), DatePrecision.MONTH, date(2016, 12, 31)),
        (date(2016, 10, 1), DatePrecision.QUARTER, date(2016, 12, 31)),
        (date(2016, 3, 31), DatePrecision.FINANCIAL_YEAR, date(2016, 3, 31)),
        (date(2016, 4, 1), DatePrecision.FINANCIAL_YEAR, date(2017, 3, 31)),
    ],
)
def test_a_span_is_stored_as_its_last_day(day, precision, stored):
    assert span_end(day, precision) == stored


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="fortnight"):
        show_date(date(2016, 4, 30), "fortnight")


def test_days_and_months_are_written_the_british_way():
    day = date(2016, 9, 5)

    assert long_day(day) == "5 September 2016"
    assert short_day(day) == "5 Sep 2016"
    assert long_month(day) == "September 2016"
    assert short_month(day) == "Sep 2016"


@pytest.mark.parametrize(
    "text", ["2016-10", "Oct 2016", "october 2016", " OCT-2016 ", "Oct. 2016", "Octo 2016"]
)
def test_a_month_is_read_as_people_type_it(text):
    assert typed_month(text) == date(2016, 10, 1)


@pytest.mark.parametrize(
    "text", ["", "2016", "2016-13", "2016-00", "Oc 2016", "Spring 2016", "10/2016", "Oct 16"]
)
def test_what_is_no_month_is_refused_with_what_to_write(text):
    with pytest.raises(ValueError, match="write it as 2016-10 or Oct 2016"):
        typed_month(text)
