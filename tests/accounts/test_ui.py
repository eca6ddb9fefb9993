from collections import namedtuple
from datetime import date

import pytest

from accounts.templatetags import ui

Count = namedtuple("Count", "code count")


def test_dates_read_short_in_tables_and_long_in_sentences():
    value = date(2016, 9, 3)

    words = ui.day(value), ui.long_day(value)

    assert words == (
        "3\N{NO-BREAK SPACE}Sep\N{NO-BREAK SPACE}2016",
        "3\N{NO-BREAK SPACE}September 2016",
    )


def test_no_date_reads_as_nothing():
    assert (ui.day(None), ui.long_day(None)) == ("", "")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (58, "+58\N{NO-BREAK SPACE}days"),
        (1, "+1\N{NO-BREAK SPACE}day"),
        (0, "on time"),
        (-3, "\N{MINUS SIGN}3\N{NO-BREAK SPACE}days"),
        (None, ""),
    ],
)
def test_lateness_is_said_in_days(days, words):
    assert ui.days_late(days) == words


def test_a_stacked_bar_lays_the_counts_end_to_end_without_the_zeros():
    counts = [Count("at_risk", 2), Count("delayed", 0), Count("on_track", 5)]

    bar = ui.stacked(counts)

    assert bar.total == 7
    assert [(s.code, s.offset, s.count) for s in bar.segments] == [
        ("at_risk", 0, 2),
        ("on_track", 2, 5),
    ]
