"""Times a month's packs on the loaded programme: python bench/pack.py [slug] [--fan-out N].

Wants a loaded plan (bin/run, or load_plan and demo). Prints the time on the clock and of the
processor, and the memory of the largest process that typeset; then makes N packs (200, one for
each of so many programmes) as a worker does, as many at a time as there are cores, in two halves:
the rate of both is the same where the work is linear. Judges nothing.
"""

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qip.settings")
django.setup()

from reports.figures import programme_figures  # noqa: E402 (after the set-up)
from reports.models import Pack  # noqa: E402
from reports.packs import content_of  # noqa: E402
from reports.snapshots import build_content, canonical  # noqa: E402
from workstreams.models import Programme  # noqa: E402


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
    """Make a pack so many times and say how fast, per core."""
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(max_workers=cores) as pool:
        for half in (number // 2, number - number // 2):
            start, start_used = time.perf_counter(), processor_seconds()
            list(pool.map(content_of, [pack] * half))
            span, used = time.perf_counter() - start, processor_seconds() - start_used
            sys.stdout.write(
                f"{half:4} packs on {cores} cores: {span:7.1f} s,"
                f" {60 * half / span / cores:5.1f} a minute and core;"
                f" {used / half:5.2f} s of processor each\n"
            )


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
