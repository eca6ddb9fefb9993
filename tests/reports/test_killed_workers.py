"""Workers killed at random moments of a month's run, against a real SMTP server."""

import hashlib
import os
import random
import time as clock
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time

import pytest
from django.db import connection
from django.utils import timezone

from reports.delivery import send_due_deliveries
from reports.mail import SMTP_BACKEND
from reports.models import Delivery, DeliveryState, Notice, Pack, Recipient, Snapshot
from reports.months import sign_off_month
from reports.redelivery import send_again
from tests.factories.workstreams import ReportingMonthFactory
from tests.reports.killable_worker import KillableWorker, at_random
from tests.smtp_sink import Sink, running
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
def sink(settings):
    sink = Sink(delay=0.01)
    with running(sink) as port:
        settings.EMAIL_BACKEND = SMTP_BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_TIMEOUT = 10
        yield sink


@pytest.fixture
def worker(sink, settings, tmp_path):
    worker = KillableWorker(
        {
            "DJANGO_SETTINGS_MODULE": "qip.settings",
            "SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_URL": database_url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}",
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        }
    )
    yield worker
    worker.close()


def database_url() -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    known = connection.settings_dict
    return f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{name}"


@pytest.fixture
def months(programme, milestone, audiences, local_owner):
    """The first month of a programme that follows the clock it is given, with seven recipients."""
    programme.demonstration_date = None
    programme.save()
    for address in READERS:
        Recipient.objects.create(audience=audiences[1], name=address[:8], email=address)
    return ReportingMonthFactory(programme=programme)


def morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(8)))


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
    worker, sink, months, programme, elt_member, pmo_officer
):
    tally = run_months(worker, sink, programme, elt_member, kills=50, seed=2016)

    check(sink, tally)
    decide_on_what_is_in_doubt(sink, pmo_officer)


@pytest.mark.chaos
def test_after_many_kills(worker, sink, months, programme, elt_member, pmo_officer, capsys):
    """As many as CHAOS_KILLS says, 200 by default; prints the row of docs/reliability.md."""
    kills = int(os.environ.get("CHAOS_KILLS", "200"))
    seed = int(os.environ.get("CHAOS_SEED", "1"))

    tally = run_months(worker, sink, programme, elt_member, kills=kills, seed=seed)

    in_doubt = tally.states[DeliveryState.UNCONFIRMED]
    sent = tally.states[DeliveryState.SENT]
    with capsys.disabled():
        twice = sum(number > 1 for number in sink.copies.values())
        arrived = len(sink.copies) - sent
        line = f"| {connection.vendor} | {kills} | {tally.months} | {sent + in_doubt} | {sent} |"
        print(f"\n{line} {in_doubt} | {arrived} | {twice} | {tally.seconds:.0f} s |")  # noqa: T201
    check(sink, tally)
    decide_on_what_is_in_doubt(sink, pmo_officer)
