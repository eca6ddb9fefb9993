"""Times the register with 5,000 milestones and a bulk change of 200: python bench/register.py.

Wants a migrated database of its own, which it fills: DATABASE_URL=sqlite:////tmp/bench.sqlite3
python manage.py migrate. Prints milliseconds and queries; judges nothing.
"""

import os
import statistics
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import django

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qip.settings")
os.environ.setdefault("ALLOWED_HOSTS", "testserver")
django.setup()

from django.db import connection  # noqa: E402 (after the set-up)
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import User  # noqa: E402
from milestones.bulk import BulkChange, apply_change  # noqa: E402
from milestones.models import Milestone  # noqa: E402
from workstreams.models import Membership, Programme, Project, Role, Workstream  # noqa: E402

MILESTONES, BULK = 5000, 200
FIRST = date(2016, 1, 1)


def programme_of(size: int) -> tuple[Programme, User]:
    slug = f"bench-{uuid4().hex[:12]}"
    programme = Programme.objects.create(
        slug=slug,
        name="Bench",
        organisation="Bench",
        start_date=FIRST,
        demonstration_date=date(2016, 11, 14),
    )
    officer = User.objects.create_user(email=f"{slug}@example.org", full_name="Officer")
    for role in (Role.PMO_OFFICER, Role.LOCAL_OWNER):
        Membership.objects.create(programme=programme, user=officer, role=role)
    workstream = Workstream.objects.create(
        programme=programme, code="WS1", name="Stream", position=1
    )
    project = Project.objects.create(workstream=workstream, code="WS1-P1", name="P", position=1)
    Milestone.objects.bulk_create(
        Milestone(
            programme=programme,
            project=project,
            reference=f"M-{number:05}",
            title=f"Milestone {number}",
            planned_date=FIRST + timedelta(days=number % 700),
            planned_precision="day",
            local_owner=officer,
            lead_director=officer,
            position=number,
        )
        for number in range(size)
    )
    return programme, officer


def time_page(client: Client, address: str) -> None:
    client.get(address)
    spans = []
    for _ in range(5):
        start = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        spans.append(1000 * (time.perf_counter() - start))
    query = address.partition("?")[2] or "as it opens"
    sys.stdout.write(
        f"{query[:44]:44} {statistics.median(spans):6.0f} ms, {len(queries)} queries, "
        f"{len(response.content) // 1024} KB, status {response.status_code}\n"
    )


def main() -> None:
    programme, officer = programme_of(MILESTONES)
    client = Client()
    client.force_login(officer, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = f"/{programme.slug}/milestones/"
    sys.stdout.write(f"One page of {MILESTONES} milestones on {connection.vendor}:\n")
    for query in ("", "?sort=-late_on_baseline", "?sort=updated&columns=updated", "?page=100"):
        time_page(client, address + query)
    time_page(client, f"{address}?search=milestone+49&rating=at_risk")
    seen = dict(programme.milestones.order_by("pk").values_list("pk", "version")[:BULK])
    change = BulkChange(forecast_date=date(2018, 3, 1), reason="Bench")
    start = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        outcome = apply_change(programme_id=programme.pk, seen=seen, change=change, by=officer)
    span = 1000 * (time.perf_counter() - start)
    opened = programme.exceptions.count()
    sys.stdout.write(
        f"bulk change of {len(outcome.changed)}: {span:.0f} ms, "
        f"{span / BULK:.0f} ms and {len(queries) / BULK:.0f} queries an item, "
        f"{opened} exceptions opened\n"
    )


if __name__ == "__main__":
    main()
