"""The schedule under a fake clock, 2020 to 2035: every year end, bank holiday and clock change."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.schedule import (
    DIGEST_HOUR,
    STEPS,
    MonthState,
    Window,
    digests_owed,
    owed,
)
from workstreams.calendar import (
    ONE_DAY,
    MonthOffsets,
    add_working_days,
    is_working_day,
    month_dates,
    next_month,
)

LONDON = ZoneInfo("Europe/London")
FIRST, LAST = date(2020, 1, 1), date(2035, 12, 31)


class Programme:
    """The rows that the schedule would keep, and when each was written."""

    def __init__(self, offsets: MonthOffsets, sign_off_days: int):
        self.offsets, self.sign_off_days = offsets, sign_off_days
        self.states: dict[date, str] = {}
        self.signed_off: dict[date, date] = {}
        self.done: list[tuple[str, date, date, date]] = []
        self.windows: list[Window] = []
        self.days: list[date] = []

    def run(self, now: datetime) -> None:
        """What a worker does at an instant, with the clock of London."""
        local = now.astimezone(LONDON)
        today = local.date()
        self.days.append(today)
        for month, day in self.signed_off.items():
            if self.states[month] == "frozen" and day <= today:
                self.states[month] = "signed_off"
        rows = [MonthState(month, state) for month, state in self.states.items()]
        for step in owed(months=rows, today=today, offsets=self.offsets):
            self.done.append((step.step, step.month, step.due, today))
            self.states[step.month] = {"open": "open", "freeze": "frozen", "issue": "issued"}[
                step.step
            ]
            if step.step == "freeze":
                self.signed_off[step.month] = today + timedelta(days=self.sign_off_days)
        since = self.windows[-1].day if self.windows else None
        window = digests_owed(now=local, today=today, since=since)
        if window:
            self.windows.append(window)


def check_months(programme: Programme, last: date) -> None:
    counts = Counter((step, month) for step, month, _, _ in programme.done)
    assert set(counts.values()) == {1}
    for step, month, due, on in programme.done:
        days = month_dates(month, programme.offsets)
        assert due == {"open": month, "freeze": days.pmo_check, "issue": days.issue}[step]
        # Not early, and after an outage on the first day on which anybody asked.
        possible = max(due, programme.signed_off[month] if step == "issue" else due)
        assert on == next(day for day in programme.days if day >= possible)
    for month, state in programme.states.items():
        days = month_dates(month, programme.offsets)
        if days.pmo_check <= last:
            assert state != "open"
        steps = [step for step, of, _, _ in programme.done if of == month]
        assert steps == list(STEPS[: len(steps)])


def check_digests(programme: Programme, first: date, last: date) -> None:
    days = [window.day for window in programme.windows]
    assert len(set(days)) == len(days)
    assert all(is_working_day(day) for day in days)
    day = first
    while days and day <= last:
        told = sum(window.falls(day) for window in programme.windows)
        assert told == (1 if day <= days[-1] else 0)
        day += ONE_DAY


offsets = st.lists(st.integers(1, 18), min_size=6, max_size=6).map(
    lambda days: MonthOffsets(
        **dict(zip(MonthOffsets.__dataclass_fields__, sorted(days), strict=True))
    )
)


@settings(max_examples=200, deadline=None)
@given(
    offsets=offsets,
    start=st.integers(0, (LAST - FIRST).days - 120),
    at=st.times(),
    gaps=st.lists(st.integers(1, 3 * 24 * 60), min_size=30, max_size=60),
    sign_off_days=st.integers(0, 20),
)
def test_with_outages_of_up_to_three_days_everything_happens_once_and_not_early(
    offsets, start, at, gaps, sign_off_days
):
    first = FIRST + timedelta(days=start)
    now = datetime.combine(first, at, tzinfo=UTC)
    first = now.astimezone(LONDON).date()
    programme = Programme(offsets, sign_off_days)

    for gap in gaps:
        programme.run(now)
        programme.run(now)  # a second scheduler
        now += timedelta(minutes=gap)
    programme.run(now)

    check_months(programme, now.astimezone(LONDON).date())
    check_digests(programme, first, now.astimezone(LONDON).date())


@pytest.mark.parametrize("hour", [time(0, 30), time(1, 30), time(8), time(23, 30)])
def test_sixteen_years_without_an_outage(hour):
    """Half past one is the hour that a clock change drops or doubles; the first and the last half
    hour of a day in summer lie in two days of UTC.
    """
    programme = Programme(MonthOffsets(), sign_off_days=6)
    day = FIRST

    while day <= LAST:
        programme.run(datetime.combine(day, hour, tzinfo=LONDON).astimezone(UTC))
        day += ONE_DAY

    check_months(programme, LAST)
    frozen = [(due, on) for step, _, due, on in programme.done if step == "freeze"]
    issued = [month for step, month, _, _ in programme.done if step == "issue"]
    assert len(frozen) == 16 * 12 - 1
    assert all(due == on for due, on in frozen)
    assert len(issued) == 16 * 12 - 1
    working_days = sum(is_working_day(FIRST + ONE_DAY * n) for n in range((LAST - FIRST).days + 1))
    assert len(programme.windows) == (working_days if hour.hour >= DIGEST_HOUR else 0)


def test_each_month_owners_are_reminded_once_and_chased_once():
    windows, since, day = [], date(2019, 12, 31), FIRST
    while day <= LAST:
        if is_working_day(day):
            windows.append(Window(day, since))
            since = day
        day += ONE_DAY
    told = {window.day: window for window in windows}

    month = FIRST
    while month < date(2035, 12, 1):
        days = month_dates(month)
        chased = add_working_days(days.updates_due, 1)
        assert told[days.cut_off].asks_for_updates(days)
        assert told[chased].asks_for_updates(days)
        between = [day for day in told if days.cut_off < day < chased]
        assert not any(told[day].asks_for_updates(days) for day in between)
        assert told[days.qig].reports_to_elt()
        month = next_month(month)
    assert sum(window.reports_to_elt() for window in windows) == 16 * 12
