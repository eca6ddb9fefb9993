"""Times the charts of indicators: python bench/charts.py.

One SPC chart of 36 points (working it out, laying it out, drawing it), then the list of 42
indicators as a table and as charts, and one indicator's page. Fills a database of its own, an
SQLite file that goes away afterwards. Prints bytes, as sent and packed by gzip, and the median
milliseconds, by the clock and of the processor; judges nothing.
"""

import gzip
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
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
from metrics.chart_indicator import chart_of  # noqa: E402
from metrics.charts import render_svg  # noqa: E402
from metrics.models import Indicator, Measurement, TrajectoryPoint  # noqa: E402
from metrics.standing import standing  # noqa: E402
from workstreams.models import Membership, Programme, Role, Workstream  # noqa: E402

NUMBER, POINTS, TIMES = 42, 36, 9
TODAY = date(2016, 11, 14)
MONTHS = [date(2013 + (n + 10) // 12, (n + 10) % 12 + 1, 1) for n in range(POINTS)]
LAST = MONTHS[-1]


def fill() -> Programme:
    """Make a programme of 42 indicators, each with 36 months of values and a trajectory."""
    programme = Programme.objects.create(
        slug="bench",
        name="Bench",
        organisation="Bench",
        start_date=MONTHS[0],
        demonstration_date=TODAY,
    )
    stream = Workstream.objects.create(programme=programme, code="WS1", name="One", position=1)
    for n in range(NUMBER):
        indicator = Indicator.objects.create(
            programme=programme,
            workstream=stream,
            reference=f"WS1-I{n}",
            bullet=f"WS1-I{n}",
            name=f"Share of calls answered within five seconds, site {n}",
            unit="percent",
            kind="percent",
            direction="up",
            final_target=95,
            position=n,
        )
        Measurement.objects.bulk_create(
            Measurement(
                indicator=indicator,
                month=month,
                value=70 + (index * 7 + n) % 11 + index // 3,
                recorded_at=datetime(2016, 11, 3, tzinfo=UTC),
            )
            for index, month in enumerate(MONTHS)
        )
        TrajectoryPoint.objects.bulk_create(
            TrajectoryPoint(indicator=indicator, month=month, value=70 + index)
            for index, month in enumerate(MONTHS[-20:])
        )
    return programme


def measure(name: str, work: Callable[[], bytes]) -> None:
    clock, processor, made = [], [], b""
    for _ in range(TIMES):
        start, start_of_work = time.perf_counter(), time.process_time()
        made = work()
        clock.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.process_time() - start_of_work))
    sizes = f"{len(made) / 1000:7.1f} kB {len(gzip.compress(made)) / 1000:6.1f} kB packed"
    times = f"{statistics.median(clock):7.1f} ms {statistics.median(processor):7.1f} ms processor"
    sys.stdout.write(f"{name:32} {sizes} {times}\n")


def main() -> None:
    call_command("migrate", verbosity=0)
    programme = fill()
    reader = User.objects.create_user("reader@bench.example", full_name="Reader")
    Membership.objects.create(programme=programme, user=reader, role=Role.AUDITOR)
    client = Client()
    client.force_login(reader, backend="allauth.account.auth_backends.AuthenticationBackend")
    indicator = Indicator.objects.with_people().with_series().get(reference="WS1-I0")

    def fetch(address: str) -> bytes:
        response = client.get(address, headers={"host": "localhost"})
        if response.status_code != 200:
            sys.exit(f"{address} answered {response.status_code}.")
        return response.content

    drawn = standing(indicator, month=LAST)
    measure("one chart", lambda: render_svg(chart_of(standing(indicator, month=LAST))).encode())
    measure("one chart, laid out and drawn", lambda: render_svg(chart_of(drawn)).encode())
    for query in ("", "?show=charts"):
        measure(f"list of {NUMBER} {query}", partial(fetch, f"/bench/indicators/{query}"))
    measure("page of one indicator", partial(fetch, "/bench/indicators/WS1-I0/"))


if __name__ == "__main__":
    main()
