"""A year of months under two schedulers and two workers, all of them awake at the same moments."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry
from reports.due import run_due
from reports.models import Delivery, DeliveryState, Job, Notice, Pack, Snapshot
from reports.months import sign_off_month
from tests.factories.workstreams import ReportingMonthFactory
from workstreams.calendar import month_dates, next_month

pytestmark = pytest.mark.django_db(transaction=True)
SCHEDULERS_AND_WORKERS = 4


def everybody_at_once(day: date) -> None:
    at = timezone.make_aware(datetime.combine(day, time(8)))

    def run(_):
        try:
            run_due(at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(SCHEDULERS_AND_WORKERS) as pool:
        list(pool.map(run, range(SCHEDULERS_AND_WORKERS)))


def test_over_a_year_there_is_one_freeze_one_version_and_one_message_each(
    programme, milestone, audiences, elt_member
):
    programme.demonstration_date = None
    programme.save()
    ReportingMonthFactory(programme=programme)
    month = date(2016, 3, 1)
    for _ in range(12):
        days = month_dates(month)
        everybody_at_once(days.pmo_check)
        sign_off_month(month_id=programme.months.get(month=month).pk, by=elt_member)
        everybody_at_once(days.issue)
        month = next_month(month)

    copies = Counter(message.extra_headers["Message-ID"] for message in mail.outbox)
    frozen = AuditEntry.objects.filter(action="month.frozen")
    issued = AuditEntry.objects.filter(action="month.issued")
    assert frozen.count() == issued.count() == 12
    assert list(Snapshot.objects.values_list("version", flat=True)) == [1] * 12
    assert Pack.objects.filter(rendered_at__isnull=False).count() == 2 * 12
    assert Delivery.objects.count() == 2 * 12
    for rows in (Delivery, Notice):
        for row in rows.objects.all():
            assert (row.state, copies.pop(row.message_id, 0)) == (DeliveryState.SENT, 1)
    assert not copies
    assert Job.objects.count() == 2 * 2 * 12
