"""Times a month's packs on the loaded programme: python bench/pack.py [slug] [--fan-out N].

Wants a loaded plan (bin/run, or load_plan and demo). Prints the time on the clock and of the
processor, and the memory of the largest process that typeset. Then a worker makes the packs of N
programmes (200), each with that month's snapshot, in runs of a minute: their rate is the same
where the work is linear. Neither the programmes nor the files are kept. Judges nothing.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qip.settings")
django.setup()

from django.db import transaction  # noqa: E402 (after the set-up)
from django.test.utils import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from reports.figures import programme_figures  # noqa: E402
from reports.models import Audience, Commentary, Pack, Snapshot  # noqa: E402
from reports.packs import content_of, render_due_packs  # noqa: E402
from reports.snapshots import build_content, canonical  # noqa: E402
from workstreams.models import MonthState, Programme  # noqa: E402


def processor_seconds() -> float:
    """Give the processor time that this process and its finished children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def timed(name: str, act: Callable[[], object], times: int = 5) -> None:
    clock, processor = [], []
    for _ in range(times):
        start, start_used = time.perf_counter(), processor_seconds()
        act()
        clock.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (processor_seconds() - start_used))
    sys.stdout.write(
        f"{name:30} {statistics.median(clock):8.0f} ms"
        f" {statistics.median(processor):8.0f} ms of processor (median of {times})\n"
    )


def fan_out(pack: Pack, number: int) -> None:
    """Let a worker make the packs of so many programmes, run after run, and say how fast."""
    cores = os.cpu_count() or 1
    with (
        tempfile.TemporaryDirectory() as folder,
        override_settings(MEDIA_ROOT=folder),
        transaction.atomic(),
    ):
        waiting = [programme_like(pack, index) for index in range(number)]
        clock, used = time.perf_counter(), processor_seconds()
        total, spent = clock, used
        while made := render_due_packs():
            clock, before = time.perf_counter(), clock
            used, used_before = processor_seconds(), used
            tell(f"{len(made):4} packs", len(made), clock - before, used - used_before)
        tell(f"{number:4} in all, on {cores} cores", number, clock - total, used - spent)
        files = Pack.objects.filter(pk__in=waiting, rendered_at__isnull=False)
        size = sum(each.file.size for each in files) / 2**20
        sys.stdout.write(f"{files.count():4} files, {size:.0f} MB\n")
        transaction.set_rollback(True)


def tell(name: str, packs: int, clock: float, used: float) -> None:
    sys.stdout.write(
        f"{name:30} {clock:6.1f} s, {60 * packs / clock:5.1f} a minute;"
        f" {used:6.1f} s of processor, {used / packs:5.2f} s each,"
        f" {60 * packs / used:5.1f} a minute and core\n"
    )
    sys.stdout.flush()


def programme_like(pack: Pack, index: int) -> int:
    """Give the pack, still to be made, of a new programme with the same snapshot and words."""
    of = pack.programme
    programme = Programme.objects.create(
        slug=f"bench-{index}",
        name=f"{of.name} {index}",
        organisation=of.organisation,
        start_date=of.start_date,
    )
    audience = Audience.objects.create(
        programme=programme,
        code=pack.audience.code,
        name=pack.audience.name,
        kind=pack.audience.kind,
        position=1,
    )
    month = programme.months.create(month=pack.snapshot.month.month, state=MonthState.FROZEN)
    words = list(pack.snapshot.month.commentary.all())
    for each in words:
        each.pk, each.month = None, month
    Commentary.objects.bulk_create(words)
    snapshot = Snapshot.objects.create(
        month=month,
        version=1,
        as_of_date=pack.snapshot.as_of_date,
        content=pack.snapshot.content,
        sha256=pack.snapshot.sha256,
        frozen_at=timezone.now(),
    )
    return Pack.objects.create(snapshot=snapshot, audience=audience).pk


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("slug", nargs="?", default="las-2016")
    parser.add_argument("--fan-out", type=int, default=200, metavar="N")
    options = parser.parse_args()
    programme = Programme.objects.get(slug=options.slug)
    month = programme.months.order_by("-month")[0]
    today = programme.today()
    timed("figures of the dashboard", lambda: programme_figures(programme, as_of=today))
    build = partial(build_content, month, as_of=today, version=1, previous=None)
    timed("content of a snapshot", lambda: canonical(build()))
    newest = Pack.objects.filter(snapshot__month__programme=programme).order_by("-pk")
    newest = newest.select_related("snapshot__month__programme", "audience")
    for audience in programme.audiences.in_order():
        pack = newest.filter(audience=audience)[0]
        timed(f"pack for {audience.code}", partial(content_of, pack), times=3)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(f"{'memory of the typesetting':30} {peak:8.0f} MB (peak)\n")
    fan_out(newest.filter(audience__code="cqrg")[0], options.fan_out)


if __name__ == "__main__":
    main()
