"""Workers killed at random moments of a month's run, against a real SMTP server."""

import hashlib
import os
import random
import time as clock
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from reports.delivery import send_due_deliveries
from reports.models import Delivery, DeliveryState, Notice, Pack, Recipient, Snapshot
from reports.months import sign_off_month
from reports.redelivery import send_again
from tests.factories.workstreams import ReportingMonthFactory
from tests.processes import environment
from tests.reports.killable_worker import KillableWorker, at_random, morning
from workstreams.calendar import month_dates, next_month

pytestmark = pytest.mark.django_db(transaction=True)
READERS = [f"reader-{n}@cqrg.example" for n in range(5)]


@dataclass
class Tally:
    """What the kills did, for docs/reliability.md."""

    kills: int = 0
    months: int = 0
    states: Counter[str] = field(default_factory=Counter)
    seconds: float = 0


@pytest.fixture
def worker(mail_server, settings):
    worker = KillableWorker(environment(EMAIL_URL=f"smtp://127.0.0.1:{settings.EMAIL_PORT}"))
    yield worker
    worker.close()


@pytest.fixture
def months(live_programme, audiences):
    """The first month of a programme with seven recipients."""
    for address in READERS:
        Recipient.objects.create(audience=audiences[1], name=address[:8], email=address)
    return ReportingMonthFactory(programme=live_programme)


def run_months(worker, sink, programme, elt_member, *, kills: int, seed: int) -> Tally:
    """Run month after month, killing the worker, until it was killed often enough."""
    chance, tally, month = random.Random(seed), Tally(), date(2016, 3, 1)  # noqa: S311
    began = clock.monotonic()
    usual = 0.0
    while tally.kills < kills:
        days = month_dates(month)
        for day in (days.pmo_check, days.issue):
            for _ in range(4 * bool(usual)):
                kill_when = at_random(chance, sink, usual)
                if tally.kills < kills and worker.run(morning(day), kill_when=kill_when):
                    tally.kills += 1
            # The first run of all is undisturbed and says how long one takes.
            started = clock.monotonic()
            worker.run(morning(day))
            usual = usual or min(clock.monotonic() - started, 3)
            if day == days.pmo_check:
                row = programme.months.get(month=month)
                sign_off_month(month_id=row.pk, by=elt_member)
        tally.months += 1
        month = next_month(month)
    for rows in (Delivery, Notice):
        tally.states.update(rows.objects.values_list("state", flat=True))
    tally.seconds = clock.monotonic() - began
    return tally


def check(sink, tally: Tally) -> None:
    assert Snapshot.objects.count() == tally.months
    assert Pack.objects.filter(rendered_at__isnull=False).count() == 2 * tally.months
    assert Delivery.objects.count() == (len(READERS) + 2) * tally.months
    copies = sink.copies
    for row in [*Delivery.objects.with_pack(), *Notice.objects.all()]:
        number = copies.pop(row.message_id, 0)
        if row.state == DeliveryState.UNCONFIRMED:
            assert number in (0, 1), row
            assert row.history.latest("pk").outcome == "unconfirmed"
        else:
            assert (row.state, number) == (DeliveryState.SENT, 1), row
    assert not copies
    # For one kill at most one message is in doubt.
    assert tally.states[DeliveryState.UNCONFIRMED] <= tally.kills
    hashes = dict(Delivery.objects.values_list("message_id", "pack__sha256"))
    for message in sink.messages():
        for part in message.iter_attachments():
            digest = hashlib.sha256(part.get_content()).hexdigest()
            assert digest == hashes[message["Message-ID"]]


def decide_on_what_is_in_doubt(sink, pmo_officer) -> None:
    doubtful = list(Delivery.objects.filter(state=DeliveryState.UNCONFIRMED))
    before = sink.copies
    for delivery in doubtful:
        send_again(
            delivery_id=delivery.pk,
            by=pmo_officer,
            seen_attempts=delivery.attempts,
            at=timezone.now(),
        )
    send_due_deliveries()
    for delivery in doubtful:
        assert sink.copies[delivery.message_id] == before[delivery.message_id] + 1


def test_after_fifty_kills_everybody_has_each_message_once_or_the_record_says_it_may_be_so(
    worker, mail_server, months, programme, elt_member, pmo_officer
):
    tally = run_months(worker, mail_server, programme, elt_member, kills=50, seed=2016)

    check(mail_server, tally)
    decide_on_what_is_in_doubt(mail_server, pmo_officer)


@pytest.mark.chaos
def test_after_many_kills(worker, mail_server, months, programme, elt_member, pmo_officer, tell):
    """As many as CHAOS_KILLS says, 200 by default; prints the row of docs/reliability.md."""
    kills = int(os.environ.get("CHAOS_KILLS", "200"))
    seed = int(os.environ.get("CHAOS_SEED", "1"))

    tally = run_months(worker, mail_server, programme, elt_member, kills=kills, seed=seed)

    in_doubt = tally.states[DeliveryState.UNCONFIRMED]
    sent = tally.states[DeliveryState.SENT]
    twice = sum(number > 1 for number in mail_server.copies.values())
    arrived = len(mail_server.copies) - sent
    counts = (kills, tally.months, sent + in_doubt, sent, in_doubt, arrived, twice)
    tell(connection.vendor, *counts, f"{tally.seconds:.0f} s")
    check(mail_server, tally)
    decide_on_what_is_in_doubt(mail_server, pmo_officer)
