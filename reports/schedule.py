"""What the schedule owes on a day, and what a day's digests are about.

Pure rules: nothing here reads a clock or a row.
The database remembers which months were opened, frozen and issued; this module compares that
with the calendar. Whoever asks daily or after an outage of months gets the same answer: every
step that is due and not done, once, in the order of the days on which it fell due.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from workstreams.calendar import (
    ONE_DAY,
    MonthDates,
    MonthOffsets,
    add_working_days,
    is_working_day,
    month_dates,
    month_start,
    next_month,
    previous_month,
)

Step = Literal["open", "freeze", "issue"]
State = Literal["open", "collecting", "frozen", "signed_off", "issued"]

STEPS: tuple[Step, ...] = get_args(Step)
STATES: tuple[State, ...] = get_args(State)
NOT_FROZEN: tuple[State, ...] = ("open", "collecting")
# A frozen month waits for a person, an issued one for nobody.
NOTHING_OWED: tuple[State, ...] = ("frozen", "issued")
# Nobody is written to at night: digests wait for this hour in London.
DIGEST_HOUR = 7


@dataclass(frozen=True)
class MonthState:
    """A reporting month that has been opened (its first day), and how far it has come."""

    month: date
    state: State

    def __post_init__(self) -> None:
        if self.month != month_start(self.month):
            raise ValueError(f"A reporting month is its first day, not {self.month}.")
        if self.state not in STATES:
            raise ValueError(f"Unknown state of a reporting month: {self.state!r}.")


@dataclass(frozen=True)
class Owed:
    """A step of a reporting month that has fallen due (on ``due``) and is not done."""

    step: Step
    month: date
    due: date


def owed(
    *, months: Sequence[MonthState], today: date, offsets: MonthOffsets | None = None
) -> list[Owed]:
    """Every step that the schedule owes on a day, in the order in which the steps fell due.

    ``months`` are the programme's reporting months so far. Each month from the first of them (or
    today's, when there is none) to today's is opened on its first day. Each is frozen from its
    PMO check day on, also one that this same answer opens. A signed-off month is issued from its
    issue day on; sign-off itself is a person's act and is never owed.
    """
    known = {row.month: row.state for row in months}
    if len(known) != len(months):
        raise ValueError("A reporting month is given twice.")
    steps: list[Owed] = []
    for month in sorted({*known, *_months_to_open(known, today)}):
        state = known.get(month)
        if state in NOTHING_OWED:
            continue
        days = month_dates(month, offsets)
        if state is None:
            steps.append(Owed("open", month, due=month))
        if state is None or state in NOT_FROZEN:
            steps.append(Owed("freeze", month, due=days.pmo_check))
        if state == "signed_off":
            steps.append(Owed("issue", month, due=days.issue))
    due = [step for step in steps if step.due <= today]
    return sorted(due, key=lambda step: (step.due, step.month, STEPS.index(step.step)))


def _months_to_open(known: dict[date, State], today: date) -> Iterator[date]:
    month = min(known, default=month_start(today))
    while month <= today:
        if month not in known:
            yield month
        month = next_month(month)


@dataclass(frozen=True)
class Window:
    """The days that a day's digests answer for: after the last ones were written, to today.

    So each occasion is told of once, on the first working day that comes, also after an outage.
    """

    day: date
    since: date | None = None

    def falls(self, day: date) -> bool:
        """Whether a day fell within the window."""
        return day <= self.day and (self.since is None or self.since < day)

    @property
    def is_first_of_week(self) -> bool:
        """Whether no digests were written in this week yet: then all that is overdue is told."""
        return self.since is None or self.since.isocalendar()[:2] != self.day.isocalendar()[:2]

    def tells_overdue(self, due: date) -> bool:
        """Whether something that was due on a day is told: once overdue, then once a week."""
        return due < self.day and (self.falls(due + ONE_DAY) or self.is_first_of_week)

    def asks_for_updates(self, days: MonthDates) -> bool:
        """Whether owners are reminded on the cut-off or chased the day after updates were due."""
        chased = add_working_days(days.updates_due, 1)
        late = self.day > days.updates_due and self.is_first_of_week
        return self.falls(days.cut_off) or self.falls(chased) or late

    def reports_to_elt(self, offsets: MonthOffsets | None = None) -> bool:
        """Whether the ELT gets the month's report of exceptions and change requests: with QIG."""
        last = previous_month(self.day)
        return any(
            self.falls(month_dates(month, offsets).qig) for month in (last, previous_month(last))
        )


def digests_owed(*, now: datetime, today: date, since: date | None) -> Window | None:
    """Give what the digests of a programme's day are about; None when none are written now.

    ``now`` is London's clock, ``today`` the programme's day, ``since`` the day of its last ones.
    """
    is_done = since is not None and since >= today
    if is_done or now.hour < DIGEST_HOUR or not is_working_day(today):
        return None
    return Window(today, since)
