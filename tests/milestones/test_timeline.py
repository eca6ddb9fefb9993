from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milestones.rating import DeliveryRating
from milestones.timeline import (
    EDGES,
    MOST_LANES,
    Bar,
    Dates,
    Line,
    Mark,
    Span,
    Zoom,
    bar_of,
    in_lanes,
    span_of,
    ticks,
)
from milestones.timeline_links import Link, Piece, link_pieces

TODAY = date(2016, 3, 14)
YEAR_2016 = Span(date(2016, 1, 1), date(2016, 12, 31))
days = st.dates()
some_days = st.lists(days, min_size=1, max_size=20)
maybe_day = st.none() | days
dates = st.builds(
    Dates,
    rating=st.sampled_from(DeliveryRating),
    baseline=maybe_day,
    planned=maybe_day,
    finish=maybe_day,
)
spans = st.lists(days, min_size=2, max_size=2).map(lambda found: span_of(found, today=TODAY))
marks = st.builds(Mark, st.sampled_from(["at_risk", "baseline", "earlier"]), st.floats(0, 100))
bars = st.builds(Bar, st.lists(marks, min_size=1, max_size=3).map(tuple))


@settings(deadline=None)
@given(some_days, days)
def test_the_span_is_whole_months_that_hold_every_day(found, today):
    span = span_of(found, today=today)

    assert all(span.holds(day) for day in found)
    assert span.first.day == 1
    assert (span.last.day, span.last.month) in [(31, 12)] or (
        span.last + timedelta(days=1)
    ).day == 1


@settings(deadline=None)
@given(some_days, days)
def test_places_lie_inside_and_keep_the_order_of_the_days(found, today):
    span = span_of(found, today=today)

    places = [span.place(day) for day in sorted(found)]

    assert places == sorted(places)
    assert all(0 <= place < 100 or span.months > 12 for place in places)
    assert all(place <= 100 and round(place, 2) == place for place in places)


@settings(deadline=None)
@given(spans)
def test_the_axis_has_lines_in_order_and_not_too_many(span):
    found = ticks(span)

    assert all(left.x < right.x for left, right in pairwise(found))
    assert all(0 <= tick.x < 100 for tick in found)
    assert len(found) <= 24


@settings(deadline=None)
@given(dates, spans)
def test_everything_drawn_of_a_milestone_lies_inside(milestone, span):
    bar = bar_of(milestone, span)

    assert all(0 <= mark.x <= 100 for mark in bar.marks)
    assert all(0 <= line.x1 < line.x2 <= 100 for line in bar.lines)
    assert len(bar.marks) <= len(milestone.days)
    assert bool(bar.marks) == bool(milestone.days)


@settings(deadline=None)
@given(st.lists(bars, max_size=30))
def test_lanes_lose_no_mark_and_stay_in_the_row(drawn):
    spread, lanes = in_lanes(drawn)

    inner = [mark for bar in drawn for mark in bar.marks if mark.kind not in EDGES]
    kept = [mark for bar in spread for mark in bar.marks if mark.kind not in EDGES]
    assert sorted(inner, key=repr) == sorted(kept, key=repr)
    assert all(0 < bar.y < 100 for bar in spread)
    assert 1 <= lanes <= MOST_LANES


@pytest.mark.parametrize(
    ("found", "months", "zoom"),
    [
        ([date(2016, 2, 29)], 2, Zoom.MONTHS),
        ([TODAY, TODAY, TODAY], 1, Zoom.MONTHS),
        ([date(2015, 4, 1), date(2017, 3, 31)], 24, Zoom.MONTHS),
        ([date(2015, 4, 1), date(2017, 4, 1)], 25, Zoom.QUARTERS),
        ([date(2016, 1, 1), date(2025, 12, 31)], 120, Zoom.YEARS),
    ],
)
def test_the_axis_counts_in_what_the_span_needs(found, months, zoom):
    span = span_of(found, today=TODAY)

    assert (span.months, span.zoom) == (months, zoom)


def test_a_leap_day_has_a_place_of_its_own():
    span = Span(date(2016, 2, 1), date(2016, 2, 29))

    assert span.place(date(2016, 2, 28)) == 93.1
    assert span.place(date(2016, 2, 29)) == 96.55
    assert span.holds(date(2016, 2, 29))
    assert not span.holds(date(2016, 3, 1))


def test_today_widens_the_span_only_when_it_is_near():
    near = span_of([date(2016, 6, 14)], today=TODAY)
    far = span_of([date(2026, 6, 14)], today=TODAY)
    empty = span_of([], today=TODAY)

    assert (near.first, near.last) == (date(2016, 3, 1), date(2016, 6, 30))
    assert (far.first, far.months) == (date(2026, 6, 1), 1)
    assert (empty.first, empty.last) == (date(2016, 3, 1), date(2016, 3, 31))


def test_wanted_months_cut_the_span_and_may_lie_beyond_every_day():
    whole = [date(2016, 1, 1), date(2016, 12, 31)]

    cut = span_of(whole, today=TODAY, first=date(2016, 4, 1), last=date(2016, 6, 1))
    later = span_of(whole, today=TODAY, first=date(2018, 4, 1))
    earlier = span_of(whole, today=TODAY, last=date(2014, 2, 1))

    assert (cut.first, cut.last) == (date(2016, 4, 1), date(2016, 6, 30))
    assert (later.first, later.last) == (date(2018, 4, 1), date(2018, 4, 30))
    assert (earlier.first, earlier.last) == (date(2014, 2, 1), date(2014, 2, 28))
    with pytest.raises(ValueError, match="first month"):
        span_of(whole, today=TODAY, first=date(2016, 5, 1), last=date(2016, 4, 30))


def test_the_axis_of_months_names_each_year_once():
    found = ticks(Span(date(2015, 11, 1), date(2016, 2, 29)))

    assert [(tick.label, tick.year, tick.minor) for tick in found] == [
        ("Nov", "2015", True),
        ("Dec", "", True),
        ("Jan", "2016", False),
        ("Feb", "", True),
    ]


def test_the_axis_of_quarters_and_of_years_begins_where_they_begin():
    quarters = ticks(Span(date(2015, 2, 1), date(2017, 5, 31)))
    years = ticks(Span(date(2015, 2, 1), date(2045, 5, 31)))

    assert [tick.label for tick in quarters][:4] == ["Apr", "Jul", "Oct", "Jan"]
    assert [tick.year for tick in quarters][:4] == ["2015", "", "", "2016"]
    assert [tick.label for tick in years][:3] == ["2016", "2019", "2022"]


def test_a_late_milestone_has_its_baseline_its_slip_and_its_mark_on_top():
    late = Dates(
        DeliveryRating.AT_RISK,
        baseline=date(2016, 4, 30),
        planned=date(2016, 4, 30),
        finish=date(2016, 6, 4),
    )

    bar = bar_of(late, YEAR_2016)

    assert bar.marks == (Mark("baseline", 32.79), Mark("at_risk", 42.35))
    assert bar.lines == (Line("at_risk", 32.79, 42.35),)


def test_an_approved_move_is_no_slip():
    moved = Dates(
        DeliveryRating.ON_TRACK,
        baseline=date(2016, 4, 30),
        planned=date(2016, 6, 4),
        finish=date(2016, 6, 1),
    )

    bar = bar_of(moved, YEAR_2016)

    assert [mark.kind for mark in bar.marks] == ["baseline", "planned", "on_track"]
    assert [line.kind for line in bar.lines] == ["moved"]


def test_dates_outside_the_months_shown_are_arrows_and_the_slip_runs_to_the_edge():
    slipped = Dates(DeliveryRating.AT_RISK, planned=date(2016, 12, 1), finish=date(2017, 3, 1))
    before = Dates(DeliveryRating.COMPLETE, finish=date(2015, 3, 1))

    bar, old = bar_of(slipped, YEAR_2016), bar_of(before, YEAR_2016)

    assert bar.marks == (Mark("later", 100), Mark("planned", 91.53))
    assert bar.lines == (Line("at_risk", 91.53, 100),)
    assert (old.marks, old.lines) == ((Mark("earlier", 0),), ())


def test_marks_that_would_hide_each_other_stand_in_lanes():
    at = [Bar((Mark("on_track", x),)) for x in (10.0, 11.0, 40.0)]
    edge = [Bar((Mark("earlier", 0.0),)) for _ in range(3)]

    spread, lanes = in_lanes([*at, *edge])

    assert lanes == 2
    assert [(bar.left, bar.y) for bar in spread] == [(10, 25), (11, 75), (40, 25), (0, 50)]


def test_a_link_goes_down_through_the_rows_between():
    found = link_pieces([1, 2, 3], [Link(1, 3, start=20, end=60)])

    assert found == {
        1: (Piece(20, 60, 50, 50), Piece(60, 60, 50, 100)),
        2: (Piece(60, 60, 0, 100),),
        3: (Piece(60, 60, 0, 50, arrow="down"),),
    }


def test_a_link_goes_up_and_back_when_its_predecessor_is_late_and_below():
    found = link_pieces([3, 1], [Link(1, 3, start=60, end=20, late=True)])

    assert found == {
        1: (Piece(20, 60, 50, 50, late=True), Piece(20, 20, 0, 50, late=True)),
        3: (Piece(20, 20, 50, 100, late=True, arrow="up"),),
    }


def test_a_link_from_elsewhere_is_a_stub_and_one_to_elsewhere_is_not_drawn():
    found = link_pieces([1], [Link(9, 1, start=0, end=20), Link(1, 9, start=20, end=40)])

    assert found == {1: (Piece(20, 20, 0, 50, arrow="down"),)}


def test_links_that_cover_each_other_are_drawn_once():
    twice = [Link(1, 3, start=20, end=60), Link(2, 3, start=20, end=60)]

    found = link_pieces([1, 2, 3], twice)

    assert found[3] == (Piece(60, 60, 0, 50, arrow="down"),)
    assert len(found[2]) == 3
