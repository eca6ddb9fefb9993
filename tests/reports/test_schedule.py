from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.schedule import MonthState, Owed, owed
from workstreams.calendar import MonthOffsets, month_dates, month_start, next_month

SEPTEMBER, OCTOBER, NOVEMBER = date(2016, 9, 1), date(2016, 10, 1), date(2016, 11, 1)
PMO_CHECK = date(2016, 11, 7)
ISSUE = date(2016, 11, 16)


@pytest.mark.parametrize(
    ("states", "today", "expected"),
    [
        # Nothing known: this month begins, and nothing before it.
        ({}, date(2016, 11, 14), [("open", NOVEMBER)]),
        ({OCTOBER: "open"}, date(2016, 10, 31), []),
        ({OCTOBER: "open"}, date(2016, 11, 1), [("open", NOVEMBER)]),
        # Frozen on the PMO check day, not the day before.
        ({OCTOBER: "collecting", NOVEMBER: "open"}, date(2016, 11, 6), []),
        ({OCTOBER: "open", NOVEMBER: "open"}, PMO_CHECK, [("freeze", OCTOBER)]),
        ({OCTOBER: "collecting", NOVEMBER: "open"}, PMO_CHECK, [("freeze", OCTOBER)]),
        # Sign-off is a person's act; issue waits for it and for its day.
        ({OCTOBER: "frozen", NOVEMBER: "open"}, date(2016, 11, 30), []),
        ({OCTOBER: "signed_off", NOVEMBER: "open"}, date(2016, 11, 15), []),
        ({OCTOBER: "signed_off", NOVEMBER: "open"}, ISSUE, [("issue", OCTOBER)]),
        ({OCTOBER: "issued", NOVEMBER: "open"}, ISSUE, []),
        # Signed off late: issued at once.
        ({OCTOBER: "signed_off", NOVEMBER: "open"}, date(2016, 11, 29), [("issue", OCTOBER)]),
        # A hole is filled, and a month opened ahead of time is left alone.
        (
            {SEPTEMBER: "issued", NOVEMBER: "open"},
            date(2016, 11, 2),
            [("open", OCTOBER)],
        ),
        ({NOVEMBER: "open"}, date(2016, 10, 20), []),
        # The year end: December is opened in December and frozen in January.
        ({NOVEMBER: "issued"}, date(2016, 12, 1), [("open", date(2016, 12, 1))]),
        (
            {NOVEMBER: "issued", date(2016, 12, 1): "open"},
            date(2017, 1, 9),
            [("open", date(2017, 1, 1)), ("freeze", date(2016, 12, 1))],
        ),
    ],
)
def test_a_step_is_owed_from_its_day_until_it_is_done(states, today, expected):
    months = [MonthState(month, state) for month, state in states.items()]

    steps = owed(months=months, today=today)

    assert [(step.step, step.month) for step in steps] == expected


def test_an_outage_of_months_is_caught_up_in_the_order_of_the_days():
    months = [MonthState(SEPTEMBER, "signed_off"), MonthState(OCTOBER, "collecting")]

    steps = owed(months=months, today=date(2017, 1, 3))

    assert steps == [
        Owed("issue", SEPTEMBER, date(2016, 10, 18)),
        Owed("open", NOVEMBER, date(2016, 11, 1)),
        Owed("freeze", OCTOBER, date(2016, 11, 7)),
        Owed("open", date(2016, 12, 1), date(2016, 12, 1)),
        Owed("freeze", NOVEMBER, date(2016, 12, 7)),
        Owed("open", date(2017, 1, 1), date(2017, 1, 1)),
    ]


def test_the_programmes_own_offsets_decide_the_days():
    months = [MonthState(OCTOBER, "open"), MonthState(NOVEMBER, "open")]
    offsets = MonthOffsets(updates_due=1, pmo_check=2)

    steps = owed(months=months, today=date(2016, 11, 2), offsets=offsets)

    assert steps == [Owed("freeze", OCTOBER, date(2016, 11, 2))]


def test_a_month_given_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        owed(months=[MonthState(OCTOBER, "open")] * 2, today=PMO_CHECK)


@pytest.mark.parametrize(
    ("month", "state", "message"),
    [(date(2016, 10, 2), "open", "first day"), (OCTOBER, "shut", "Unknown state")],
)
def test_an_impossible_month_is_refused(month, state, message):
    with pytest.raises(ValueError, match=message):
        MonthState(month, state)


@settings(max_examples=60, deadline=None)
@given(
    start=st.dates(min_value=date(2016, 1, 1), max_value=date(2033, 12, 31)),
    gaps=st.lists(st.integers(min_value=1, max_value=200), min_size=1, max_size=12),
    sign_offs=st.sets(st.integers(min_value=0, max_value=60)),
)
def test_whatever_the_outages_each_step_is_done_once_and_never_early(start, gaps, sign_offs):
    states: dict[date, str] = {}
    done: list[tuple[str, date]] = []
    today = start

    for visit, gap in enumerate([0, *gaps]):
        today += timedelta(days=gap)
        if visit in sign_offs:
            states = {
                month: "signed_off" if state == "frozen" else state
                for month, state in states.items()
            }
        for step in owed(months=[MonthState(*row) for row in states.items()], today=today):
            assert step.due <= today
            assert step.due == due_day(step)
            states[step.month] = apply(step, states)
            done.append((step.step, step.month))
        assert owed(months=[MonthState(*row) for row in states.items()], today=today) == []

    assert len(done) == len(set(done))
    assert sorted(states) == months_between(month_start(start), today)
    assert {month for step, month in done if step == "freeze"} == {
        month for month in states if month_dates(month).pmo_check <= today
    }


def due_day(step):
    days = month_dates(step.month)
    return {"open": step.month, "freeze": days.pmo_check, "issue": days.issue}[step.step]


def apply(step, states):
    before = {"open": None, "freeze": "open", "issue": "signed_off"}[step.step]
    assert states.get(step.month) == before
    return {"open": "open", "freeze": "frozen", "issue": "issued"}[step.step]


def months_between(month, today):
    months = []
    while month <= today:
        months.append(month)
        month = next_month(month)
    return months
