"""The steps of a month with their days, and how far each has come."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from accounts.models import User
from reports.models import Snapshot
from workstreams.calendar import add_working_days
from workstreams.dates import DatePrecision, show_date
from workstreams.models import MonthState, ReportingMonth

CUT_OFF = "Cut-off"
UPDATES = "Updates due"
FREEZE = "PMO check and freeze"
MEETINGS = "Work stream meetings"
QIG = "Quality Improvement Group"
SIGN_OFF = "ELT decides and signs off"
ISSUE = "Issue"


@dataclass(frozen=True)
class Facts:
    """What the steps say of themselves, beside their days."""

    updated: int
    to_update: int
    accepted: int
    sections: int
    awaiting_elt: int
    recipients: int


@dataclass(frozen=True)
class Stage:
    """One step; only the first that is not done is current, and late when its day has passed."""

    label: str
    when: str
    note: str
    is_done: bool
    is_current: bool
    is_late: bool
    # When and how it was done, if after its day: "caught up on 3 Dec 2016".
    afterwards: str = ""


def days_of(month: ReportingMonth) -> dict[str, date]:
    """Give the steps of a month in order, each with its last day."""
    dates = month.dates
    return {
        CUT_OFF: dates.cut_off,
        UPDATES: dates.updates_due,
        FREEZE: dates.pmo_check,
        MEETINGS: dates.workstream_meetings,
        QIG: dates.qig,
        SIGN_OFF: dates.elt,
        ISSUE: dates.issue,
    }


def stages_of(
    month: ReportingMonth, *, today: date, snapshot: Snapshot | None, facts: Facts
) -> list[Stage]:
    """Give the steps of a month in order.

    Cut-off, updates and meetings are over when their day is; freeze, sign-off and issue when
    somebody has done them. No step is done before the one ahead of it is.
    """
    dates, state = month.dates, MonthState(month.state)
    is_frozen = not month.takes_updates
    is_signed = state in (MonthState.SIGNED_OFF, MonthState.ISSUED)
    is_issued = state == MonthState.ISSUED
    first_meeting = min(add_working_days(dates.pmo_check, 1), dates.workstream_meetings)
    summaries = f"{facts.accepted} of {facts.sections} summaries accepted"
    said = {
        CUT_OFF: ("Its position is reported", is_frozen),
        UPDATES: (_updates(facts, is_frozen), is_frozen),
        FREEZE: (_frozen(snapshot, is_frozen), is_frozen),
        MEETINGS: (summaries, is_signed),
        QIG: ("", is_signed),
        SIGN_OFF: (_elt(facts, is_signed), is_signed),
        ISSUE: (_number(facts.recipients, "recipient"), is_issued),
    }
    acts = {FREEZE, SIGN_OFF, ISSUE}
    afterwards = _done_afterwards(month, snapshot)
    stages: list[Stage] = []
    for label, day in days_of(month).items():
        first = first_meeting if label == MEETINGS else None
        note, is_acted = said[label]
        done = is_acted or (label not in acts and today > day)
        done = done and all(stage.is_done for stage in stages)
        current = not done and all(stage.is_done for stage in stages)
        is_late = current and today > day
        said_late = afterwards.get(label, "") if done else ""
        stages.append(Stage(label, _span(first, day), note, done, current, is_late, said_late))
    return stages


def _done_afterwards(month: ReportingMonth, snapshot: Snapshot | None) -> dict[str, str]:
    """Say of the acts that came after their day when they came.

    Not of a month that was opened again, whose first acts may have been in time, nor of a
    demonstration, whose acts carry the time of another calendar.
    """
    if snapshot is None or snapshot.version > 1 or month.programme.demonstration_date:
        return {}
    dates = month.dates
    signed = _day(snapshot.signed_off_at)
    could_issue = max(dates.issue, signed) if signed else dates.issue
    acts = {
        FREEZE: (dates.pmo_check, dates.pmo_check, snapshot.frozen_at, snapshot.frozen_by),
        SIGN_OFF: (dates.elt, dates.elt, snapshot.signed_off_at, snapshot.signed_off_by),
        ISSUE: (dates.issue, could_issue, snapshot.issued_at, snapshot.issued_by),
    }
    return {label: _afterwards(*act) for label, act in acts.items()}


def _afterwards(due: date, possible: date, at: datetime | None, by: User | None) -> str:
    day = _day(at)
    if day is None or day <= due:
        return ""
    # The schedule is late only where nobody kept it waiting.
    how = "caught up on" if by is None and day > possible else "done on"
    return f"{how} {show_date(day, DatePrecision.DAY)}"


def _day(at: datetime | None) -> date | None:
    return timezone.localdate(at) if at else None


def _updates(facts: Facts, is_frozen: bool) -> str:
    return "" if is_frozen else f"{facts.updated} of {facts.to_update} milestones updated"


def _frozen(snapshot: Snapshot | None, is_frozen: bool) -> str:
    if snapshot and is_frozen:
        return f"Version {snapshot.version} frozen"
    return f"Version {snapshot.version} opened again" if snapshot else "Not frozen yet"


def _elt(facts: Facts, is_signed: bool) -> str:
    return "Signed off" if is_signed else f"{_number(facts.awaiting_elt, 'decision')} waiting"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _span(first: date | None, last: date) -> str:
    shown = show_date(last, DatePrecision.DAY)
    if first is None or first == last:
        return shown
    if first.month == last.month:
        return f"{first.day} to {shown}"
    return f"{show_date(first, DatePrecision.DAY)} to {shown}"
