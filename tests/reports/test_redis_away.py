"""Eight people edit over HTTP, with worker and scheduler beside them, while Redis is away."""

import os
import random
import subprocess
import sys
import time
from contextlib import closing
from datetime import date, timedelta

import pytest
from django.db import connection

from reports.models import Notice
from reports.outgoing import message_id
from tests.processes import (
    ROOT,
    Gate,
    environment,
    schedulers_and_workers,
    wait_until,
    web_server,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
EDITS = int(os.environ.get("CHAOS_EDITS", "500"))
# Seconds within which waiting mail leaves once Redis is back.
PROMISED = 60


@pytest.fixture
def mail_url(mail_server, settings):
    return f"smtp://127.0.0.1:{settings.EMAIL_PORT}"


@pytest.fixture
def queue_mail(programme, pmo_officer):
    """Queue a message; give its Message-ID."""
    numbers = iter(range(1000))

    def queue():
        number = next(numbers)
        notice = Notice.objects.create(
            programme=programme,
            user=pmo_officer,
            email=pmo_officer.email,
            message_id=message_id(programme, f"redis/{number}"),
            day=date(2015, 1, 1) + timedelta(days=number),
            subject="Due",
            content={"lead": "Something is due.", "path": "/", "sections": []},
        )
        return notice.message_id

    return queue


class Outages:
    """Redis away and there by turns, from the first moment on; when it was away, and how long
    mail waited afterwards.
    """

    def __init__(self, *, leave, come_back, sink, queue_mail):
        self.leave, self.come_back = leave, come_back
        self.sink, self.queue_mail = sink, queue_mail
        self.away, self.waits = [], []

    def go_through(self, lengths, *, meanwhile=lambda: None):
        for seconds in lengths:
            if self.away:
                self.leave()
            began = time.monotonic()
            time.sleep(seconds)
            meanwhile()
            waiting = self.queue_mail()
            self.away.append((began, time.monotonic()))
            self.come_back()
            self.waits.append(
                wait_until(lambda: self.sink.copies[waiting], seconds=3 * PROMISED)  # noqa: B023
            )
            time.sleep(10)

    def was_away(self, at):
        return any(began <= at < ended for began, ended in self.away)


def edit_during(outages, go_through, people, tell, name):
    # What the start of the processes costs is not of interest.
    time.sleep(30)
    with people.at_work(until=lambda saved: saved >= EDITS):
        go_through()

    there = f"{people.p95(lambda at: not outages.was_away(at)):.0f} ms"
    away = f"{people.p95(outages.was_away):.0f} ms"
    counts = (len(outages.waits), people.saved, people.lost, people.failures, there, away)
    tell(connection.vendor, name, *counts, f"{max(outages.waits):.0f} s")
    assert people.saved >= EDITS
    assert people.lost == 0
    assert set(people.statuses) == {200, 302}
    assert set(outages.sink.copies.values()) == {1}
    assert max(outages.waits) <= PROMISED


def test_closed_for_long_and_then_killed_eight_times(
    redis, editors, queue_mail, mail_server, mail_url, tmp_path, tell
):
    outages = Outages(
        leave=redis.kill, come_back=redis.start, sink=mail_server, queue_mail=queue_mail
    )

    def run_due():
        waiting = queue_mail()
        command = [sys.executable, "manage.py", "run_due"]
        known = environment(EMAIL_URL=mail_url, REDIS_URL=redis.url)
        subprocess.run(command, cwd=ROOT, env=known, check=True, capture_output=True)
        assert mail_server.copies[waiting] == 1

    def go_through():
        # So long that worker and scheduler ask only now and then; mail leaves all the same.
        outages.go_through([150], meanwhile=run_due)
        chance = random.Random(1)  # noqa: S311
        outages.go_through([chance.uniform(3, 20) for _ in range(8)])

    with (
        web_server(tmp_path, REDIS_URL=redis.url) as port,
        schedulers_and_workers(tmp_path, 1, REDIS_URL=redis.url, EMAIL_URL=mail_url),
    ):
        edit_during(outages, go_through, editors(port), tell, "closed, killed")


def test_taking_connections_and_never_answering(
    redis, editors, queue_mail, mail_server, mail_url, tmp_path, tell
):
    redis.start()
    with closing(Gate(redis)) as gate:
        outages = Outages(
            leave=gate.shut, come_back=gate.open, sink=mail_server, queue_mail=queue_mail
        )
        with (
            web_server(tmp_path, REDIS_URL=gate.url) as port,
            schedulers_and_workers(tmp_path, 1, REDIS_URL=gate.url, EMAIL_URL=mail_url),
        ):
            lengths = [30, 3, 60, 10, 30, 5, 20, 45]
            edit_during(
                outages,
                lambda: outages.go_through(lengths),
                editors(port),
                tell,
                "takes connections, never answers",
            )
