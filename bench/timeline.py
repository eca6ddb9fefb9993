"""Times the timeline page at 150 and 2,000 milestones: python bench/timeline.py.

Fills a database of its own, an SQLite file that goes away afterwards. Prints bytes, as sent and
packed by gzip, and the milliseconds of a whole request, by the clock and of the processor;
judges nothing.
"""

import gzip
import os
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import django

FOLDER = tempfile.TemporaryDirectory()
sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ["DATABASE_URL"] = f"sqlite:///{FOLDER.name}/bench.sqlite3"
# The tests' settings serve style sheets without collecting them first.
os.environ["DJANGO_SETTINGS_MODULE"] = "qip.settings_test"
django.setup()

from django.core.management import call_command  # noqa: E402 (after the set-up)
from django.test import Client  # noqa: E402

from accounts.models import User  # noqa: E402
from milestones.models import Dependency, Milestone  # noqa: E402
from workstreams.models import Membership, Programme, Project, Role, Workstream  # noqa: E402

START = date(2016, 1, 1)
WORKSTREAMS, SIZE_OF_PROJECT, TIMES = 5, 8, 5


def fill(slug: str, number: int) -> Programme:
    """Make a programme of so many milestones, one in five waiting for the one before it."""
    programme = Programme.objects.create(
        slug=slug, name=slug, organisation="Bench", start_date=START, demonstration_date=START
    )
    streams = [
        Workstream.objects.create(
            programme=programme, code=f"WS{n}", name=f"Work stream {n}", position=n
        )
        for n in range(1, WORKSTREAMS + 1)
    ]
    projects = [
        Project.objects.create(
            workstream=streams[n % WORKSTREAMS], code=f"P{n}", name=f"Project {n}", position=n
        )
        for n in range(-(-number // SIZE_OF_PROJECT))
    ]
    rows = Milestone.objects.bulk_create(
        milestone(programme, projects[n // SIZE_OF_PROJECT], n) for n in range(number)
    )
    Dependency.objects.bulk_create(
        Dependency(predecessor=before, successor=after)
        for n, (before, after) in enumerate(pairwise(rows))
        if n % 5 == 0
    )
    return programme


def milestone(programme: Programme, project: Project, n: int) -> Milestone:
    planned = START + timedelta(days=n * 37 % 540)
    return Milestone(
        programme=programme,
        project=project,
        reference=f"{project.code}-{n:04}",
        title=f"Milestone {n}: eight of ten teams trained and signed off",
        planned_date=planned,
        planned_precision="day",
        forecast_date=planned + timedelta(days=n % 50 - 5),
        position=n,
    )


def measure(client: Client, address: str) -> None:
    clock, processor, body = [], [], b""
    for _ in range(TIMES):
        start, start_of_work = time.perf_counter(), time.process_time()
        response = client.get(address, headers={"host": "localhost"})
        if response.status_code != 200:
            sys.exit(f"{address} answered {response.status_code}.")
        body = response.content
        clock.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.process_time() - start_of_work))
    sizes = f"{len(body) / 1000:7.0f} kB {len(gzip.compress(body)) / 1000:5.0f} kB packed"
    times = f"{statistics.median(clock):6.0f} ms {statistics.median(processor):6.0f} ms processor"
    sys.stdout.write(f"{address:40} {sizes} {times}\n")


def main() -> None:
    call_command("migrate", verbosity=0)
    reader = User.objects.create_user("reader@bench.example", full_name="Reader")
    client = Client()
    client.force_login(reader, backend="allauth.account.auth_backends.AuthenticationBackend")
    for number in (150, 2000):
        programme = fill(f"bench-{number}", number)
        Membership.objects.create(programme=programme, user=reader, role=Role.AUDITOR)
        for query in ("", "?lines=milestones", "?lines=projects"):
            measure(client, f"/{programme.slug}/timeline/{query}")


if __name__ == "__main__":
    main()
