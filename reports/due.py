"""Everything that the schedule owes at a moment; safe to ask as often as wanted."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from governance.review import raise_exceptions
from reports.delivery import send_due_deliveries
from reports.models import Delivery, Job, JobKind, Notice, Pack
from reports.months import WrongState, freeze_month, issue_month
from reports.notices import write_digests
from reports.packs import render_due_packs
from reports.schedule import MonthState, Owed, digests_owed, owed
from workstreams.models import Programme, ReportingMonth
from workstreams.months import open_month

logger = logging.getLogger(__name__)


@dataclass
class Done:
    """What one run did."""

    steps: list[str] = field(default_factory=list)
    packs: list[Pack] = field(default_factory=list)
    deliveries: list[Delivery | Notice] = field(default_factory=list)


def run_due(*, at: datetime | None = None) -> Done:
    """Do what is owed: exceptions, months, digests; then render and send.

    The day is each programme's own (a demonstration has its own date), else London's at the
    moment given, by default now. Every step leaves its mark in the database, so that a second run
    finds nothing to do. What fails for one programme holds up no other; it is raised at the end,
    and the heart that then does not beat shows it.
    """
    done = Done()
    moment = at or timezone.now()
    failures = []
    for programme in Programme.objects.order_by("pk"):
        try:
            _run(programme, moment, done)
        except Exception as error:
            logger.exception("Schedule: failed for %s", programme.slug)
            failures.append(error)
    done.packs = render_due_packs()
    done.deliveries = send_due_deliveries(at=at)
    if failures:
        raise failures[0]
    return done


def _run(programme: Programme, at: datetime, done: Done) -> None:
    day = programme.demonstration_date or timezone.localdate(at)
    _once(programme, JobKind.EXCEPTIONS, day, at, lambda: _raise(programme, day, done))
    for step in _owed(programme, day):
        _take(programme, step, day, done)
    last = programme.jobs.filter(kind=JobKind.DIGESTS).order_by("-day").first()
    since = last.day if last else None
    window = digests_owed(now=timezone.localtime(at), today=day, since=since)
    if window:
        since_at = last.done_at if last else None

        def write() -> None:
            notices = write_digests(programme, window, since_at=since_at, at=at)
            done.steps += [f"write to {notice.user}" for notice in notices]

        _once(programme, JobKind.DIGESTS, day, at, write)


def _once(
    programme: Programme, kind: JobKind, day: date, at: datetime, act: Callable[[], None]
) -> None:
    """Do a daily job unless it was done; its mark and its effects appear together."""
    key = {"programme": programme, "kind": kind, "day": day}
    if Job.objects.filter(**key).exists():
        return
    with transaction.atomic():
        # Of two schedulers, the second waits here for the first and then finds its mark.
        if Job.objects.get_or_create(**key, defaults={"done_at": at})[1]:
            act()


def _raise(programme: Programme, day: date, done: Done) -> None:
    review = raise_exceptions(programme_id=programme.pk, as_of=day)
    done.steps += [f"opened {report.label}" for report in review.opened]
    done.steps += [f"closed {report.label}" for report in review.closed]
    done.steps += [f"escalated {report.label}" for report in review.escalated]


def _owed(programme: Programme, day: date) -> list[Owed]:
    # A month that somebody opened again is frozen again by somebody, not by the schedule.
    reopened = set(programme.months.filter(snapshots__reopened_at__isnull=False))
    months = [
        MonthState(
            month=row.month,
            state="frozen" if row in reopened and row.takes_updates else row.state,  # type: ignore[arg-type]
        )
        for row in programme.months.order_by("month")
    ]
    return owed(months=months, today=day, offsets=programme.month_offsets)


def _take(programme: Programme, step: Owed, day: date, done: Done) -> None:
    month: ReportingMonth = open_month(programme, step.month)
    if step.step == "freeze":
        freeze_month(month_id=month.pk, by=None, as_of=month.as_of(day))
    elif step.step == "issue":
        try:
            issue_month(month_id=month.pk, by=None)
        except WrongState:
            # Another scheduler, or the PMO, has just issued it.
            return
    late = f", due {step.due}" if step.due < day else ""
    done.steps.append(f"{step.step} {programme.slug} {month}{late}")
    logger.info("Schedule: %s", done.steps[-1])
