"""A worker that can be killed and started again in no time, as a process of its own.

Run as a module it loads the tracker once. Each line that it is given, an ISO time, starts a child
that does everything the schedule owes at that moment, until nothing waits any more.
"""

import os
import random
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from datetime import date, datetime
from datetime import time as time_of_day
from pathlib import Path

ROOT = Path(__file__).parents[2]


def work(at: datetime) -> None:
    from reports.due import run_due
    from reports.models import Delivery, Notice, Pack

    while True:
        run_due(at=at)
        packs = Pack.objects.filter(rendered_at__isnull=True)
        if not any(
            rows.exists() for rows in (Delivery.objects.ready(), Notice.objects.ready(), packs)
        ):
            return
        time.sleep(0.02)


def serve() -> None:
    import django

    django.setup()
    from reports import tasks  # noqa: F401 (load what a worker loads before the first fork)

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.setsid()
            try:
                work(datetime.fromisoformat(line.strip()))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


class KillableWorker:
    """Starts the worker for a moment, and kills it, its typesetter too, at another."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.reports.killable_worker"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"

    def run(self, at: datetime, *, kill_when=None) -> int:
        """Run to the end, or until `kill_when` returns; give the exit code, -9 for a killed one."""
        self.process.stdin.write(f"{at.isoformat()}\n")
        self.process.stdin.flush()
        child = int(self._line())
        if kill_when:
            kill_when()
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        code = int(self._line())
        assert code in (0, -signal.SIGKILL), f"the worker failed with {code}"
        return code

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def _line(self) -> str:
        return self.process.stdout.readline().strip()


def morning(day: date) -> datetime:
    """Eight o'clock in London."""
    from django.utils import timezone

    return timezone.make_aware(datetime.combine(day, time_of_day(8)))


def at_random(chance: random.Random, sink, seconds: float):
    """Give what waits for a random moment of a run: of all of it, or of its sending."""
    if chance.random() < 0.5:
        return lambda: time.sleep(chance.uniform(0, seconds))
    before = len(sink.received)

    def from_the_first_message_on():
        sink.wait_for(before + 1, seconds=seconds)
        time.sleep(chance.uniform(0, 0.1))

    return from_the_first_message_on


if __name__ == "__main__":
    serve()
