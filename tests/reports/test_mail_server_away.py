"""A mail server that is away for a minute, with worker, scheduler and people beside it."""

import socket
import time
from contextlib import ExitStack, contextmanager
from itertools import pairwise

import pytest
from django.db import connection
from django.utils import timezone

from reports.models import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Heartbeat,
    Job,
    JobKind,
    Notice,
    Outcome,
    Pack,
)
from reports.months import freeze_month
from tests.processes import free_port, schedulers_and_workers, wait_until, web_server
from tests.reports.outbox import queued
from tests.smtp_sink import Sink, running
from workstreams.calendar import ONE_DAY, next_month
from workstreams.models import Programme
from workstreams.months import open_month

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
READERS = [f"reader-{n}@cqrg.example" for n in range(20)]
MINUTE = 60
# A run that begins every 15 seconds, and the longest that a mail server may hold it.
LONGEST_SILENCE = 15 + 30


@contextmanager
def refuses(port):
    yield


@contextmanager
def says_nothing(port):
    with socket.create_server(("127.0.0.1", port), backlog=50):
        yield


@pytest.mark.parametrize("server", [refuses, says_nothing])
def test_for_a_minute_everything_else_goes_on_and_then_the_mail_goes_once(
    server, programme, milestone, audiences, pmo_officer, elt_member, editors, redis, tmp_path, tell
):
    port, sink, beats = free_port(), Sink(), set()
    queued(programme, to=READERS, by=pmo_officer, signed_off_by=elt_member)
    redis.start()
    where = {"REDIS_URL": redis.url, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}

    with ExitStack() as stack:
        away = stack.enter_context(ExitStack())
        away.enter_context(server(port))
        people = editors(stack.enter_context(web_server(tmp_path, REDIS_URL=redis.url)))
        stack.enter_context(schedulers_and_workers(tmp_path, 1, **where))
        with people.at_work(until=lambda saved: True):
            wait_until(DeliveryAttempt.objects.exists)
            began = time.monotonic()
            give_other_work(programme, pmo_officer)
            watch(beats, until=lambda: time.monotonic() - began > MINUTE)
            check_other_work(programme)
            assert not sink.received
            away.close()
            back, returned = time.monotonic(), timezone.now()
            stack.enter_context(running(sink, port=port))
            watch(beats, until=lambda: not waiting())
            last = time.monotonic() - back

    arrived = sorted(sent_at for rows in (Delivery, Notice) for sent_at in sent_of(rows))
    first = (arrived[0] - returned).total_seconds()
    silence = max((b - a).total_seconds() for a, b in pairwise(sorted(beats)))
    put_off = DeliveryAttempt.objects.filter(outcome=Outcome.PUT_OFF).count()
    name, seconds = server.__name__.replace("_", " "), f"{first:.0f} s | {last:.0f} s"
    counts = (len(sink.received), put_off, seconds, f"{silence:.0f} s")
    slow = f"{people.p95():.0f} ms"
    tell(connection.vendor, name, *counts, people.saved, people.lost, people.failures, slow)
    assert set(sink.copies.values()) == {1}
    assert len(sink.copies) == Delivery.objects.count() + Notice.objects.count()
    assert {to for to, _ in sink.received} >= set(READERS)
    assert silence <= LONGEST_SILENCE
    assert people.lost == 0
    assert set(people.statuses) == {200, 302}


def watch(beats, *, until) -> None:
    """Note every heartbeat."""

    def look():
        beats.update(Heartbeat.objects.values_list("beaten_at", flat=True))
        return until()

    wait_until(look, seconds=10 * MINUTE)


def give_other_work(programme, pmo_officer) -> None:
    """The next day begins, and the PMO freezes the month after."""
    day = programme.demonstration_date + ONE_DAY
    Programme.objects.filter(pk=programme.pk).update(demonstration_date=day)
    month = open_month(programme, next_month(day))
    freeze_month(month_id=month.pk, by=pmo_officer, as_of=day)


def check_other_work(programme) -> None:
    day = programme.demonstration_date + ONE_DAY
    assert Job.objects.filter(programme=programme, kind=JobKind.EXCEPTIONS, day=day).exists()
    assert not Pack.objects.filter(rendered_at=None).exists()


def waiting() -> bool:
    states = [DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.INFLIGHT]
    return any(rows.objects.filter(state__in=states).exists() for rows in (Delivery, Notice))


def sent_of(rows):
    return rows.objects.filter(state=DeliveryState.SENT).values_list("sent_at", flat=True)
