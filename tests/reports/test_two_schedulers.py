"""A year of months under two schedulers and two workers, all of them awake at the same moments.

The longer ones: 200 days under eight processes at once, and two schedulers and two workers as
bin/serve starts them.
"""

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import date

import pytest
from django.core import mail
from django.db import connection

from accounts.models import AuditEntry
from reports.due import run_due
from reports.models import Delivery, DeliveryState, Heartbeat, Job, JobKind, Notice, Pack, Snapshot
from reports.months import sign_off_month
from tests.factories.workstreams import ReportingMonthFactory
from tests.processes import environment, schedulers_and_workers, wait_until
from tests.reports.killable_worker import KillableWorker, morning
from workstreams.calendar import ONE_DAY, is_working_day, month_dates, next_month
from workstreams.models import MonthState, Programme

pytestmark = pytest.mark.django_db(transaction=True)
SCHEDULERS_AND_WORKERS = 4
FIRST = date(2016, 3, 14)


def everybody_at_once(day: date) -> None:
    def run(_):
        try:
            run_due(at=morning(day))
        finally:
            connection.close()

    with ThreadPoolExecutor(SCHEDULERS_AND_WORKERS) as pool:
        list(pool.map(run, range(SCHEDULERS_AND_WORKERS)))


def test_over_a_year_there_is_one_freeze_one_version_and_one_message_each(
    live_programme, audiences, elt_member
):
    programme = live_programme
    ReportingMonthFactory(programme=programme)
    month = date(2016, 3, 1)
    for _ in range(12):
        days = month_dates(month)
        everybody_at_once(days.pmo_check)
        sign_off_month(month_id=programme.months.get(month=month).pk, by=elt_member)
        everybody_at_once(days.issue)
        month = next_month(month)

    copies = Counter(message.extra_headers["Message-ID"] for message in mail.outbox)
    check_once(copies, months=12)
    assert Delivery.objects.count() == 2 * 12
    assert Job.objects.count() == 2 * 2 * 12


def check_once(copies: Counter[str], *, months: int) -> None:
    """Each month was frozen once and each of its packs made once; each message came once."""
    assert AuditEntry.objects.filter(action="month.frozen").count() == months
    assert list(Snapshot.objects.values_list("version", flat=True)) == [1] * months
    assert Pack.objects.filter(rendered_at__isnull=False, attempts=1).count() == 2 * months
    issued = AuditEntry.objects.filter(action="month.issued").count()
    assert issued == Snapshot.objects.filter(issued_at__isnull=False).count()
    left = copies.copy()
    for rows in (Delivery, Notice):
        for row in rows.objects.all():
            assert (row.state, left.pop(row.message_id, 0)) == (DeliveryState.SENT, 1)
    assert not left


def sign_off_what_is_ready(programme, elt_member) -> None:
    for month in programme.months.filter(state=MonthState.FROZEN):
        if not Pack.objects.filter(snapshot__month=month, rendered_at=None).exists():
            sign_off_month(month_id=month.pk, by=elt_member)


@pytest.mark.chaos
def test_eight_processes_at_once_do_each_job_of_two_hundred_days_once(
    live_programme, twenty_recipients, elt_member, mail_server, settings, tell
):
    """As many days as CHAOS_DAYS says, 200 by default."""
    ReportingMonthFactory(programme=live_programme)
    days = [FIRST + ONE_DAY * n for n in range(int(os.environ.get("CHAOS_DAYS", "200")))]
    known = environment(EMAIL_URL=f"smtp://127.0.0.1:{settings.EMAIL_PORT}")
    began = time.monotonic()

    with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        workers = [stack.enter_context(closing(KillableWorker(known))) for _ in range(8)]
        for day in days:
            list(pool.map(lambda worker: worker.run(morning(day)), workers))  # noqa: B023
            sign_off_what_is_ready(live_programme, elt_member)

    jobs = Counter(Job.objects.values_list("kind", flat=True))
    frozen, messages = Snapshot.objects.count(), len(mail_server.received)
    twice = sum(number > 1 for number in mail_server.copies.values())
    seconds = f"{time.monotonic() - began:.0f} s"
    counts = (jobs[JobKind.EXCEPTIONS], jobs[JobKind.DIGESTS], frozen, messages, twice)
    tell(connection.vendor, f"8 × {len(days)}", *counts, seconds)
    assert jobs[JobKind.EXCEPTIONS] == len(days)
    assert jobs[JobKind.DIGESTS] == sum(is_working_day(day) for day in days)
    assert frozen == sum(month_dates(m).pmo_check <= days[-1] for m in opened(live_programme))
    check_once(mail_server.copies, months=frozen)


def opened(programme) -> list[date]:
    return list(programme.months.values_list("month", flat=True))


@pytest.mark.chaos
def test_two_schedulers_and_two_workers_send_nothing_twice(
    programme,
    milestone,
    twenty_recipients,
    elt_member,
    mail_server,
    redis,
    settings,
    tmp_path,
    tell,
):
    """For as many minutes as CHAOS_MINUTES says, 10 by default; a day of it takes six seconds."""
    seconds = 60 * float(os.environ.get("CHAOS_MINUTES", "10"))
    redis.start()
    ReportingMonthFactory(programme=programme)
    mail_url, beats, day = f"smtp://127.0.0.1:{settings.EMAIL_PORT}", set(), FIRST
    where = {"REDIS_URL": redis.url, "EMAIL_URL": mail_url}

    with schedulers_and_workers(tmp_path, 2, **where):
        wait_until(Heartbeat.objects.exists)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            Programme.objects.filter(pk=programme.pk).update(demonstration_date=day)
            for _ in range(60):
                beats.update(Heartbeat.objects.values_list("beaten_at", flat=True))
                time.sleep(0.1)
            sign_off_what_is_ready(programme, elt_member)
            day += ONE_DAY
        wait_until(lambda: not Delivery.objects.ready().exists() and not missing_packs())
        wait_until(lambda: not Notice.objects.ready().exists())

    frozen, messages = Snapshot.objects.count(), len(mail_server.received)
    twice = sum(number > 1 for number in mail_server.copies.values())
    minutes, days = f"{seconds / 60:.0f} min", (day - FIRST).days
    tell(connection.vendor, minutes, len(beats), days, frozen, messages, twice)
    check_once(mail_server.copies, months=frozen)


def missing_packs() -> bool:
    return Pack.objects.filter(rendered_at=None).exists()
