"""Looks at the demonstration's packs from outside: the same bytes, and a true "what changed"."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from reports.models import Pack, Snapshot

LAST_MONTHS = 6
STRANGE = {
    "TZ": "Pacific/Auckland",
    "LC_ALL": "de_DE.UTF-8",
    "LANG": "de_DE.UTF-8",
    "PYTHONHASHSEED": "7",
}
# Another process, which knows no database: it has the snapshots' text and the packs' words.
RENDER_AGAIN = """
import hashlib, json, os, sys
from concurrent.futures import ThreadPoolExecutor
from reports.rendering import render_pack

jobs = json.load(open(sys.argv[1]))

def again(job):
    snapshot = json.loads(jobs["contents"][job["number"]])
    audience = next(each for each in snapshot["audiences"] if each["code"] == job["audience"])
    pdf = render_pack(snapshot=snapshot, audience=audience, number=job["number"],
                      sha256=job["sha256"], commentary=json.loads(job["commentary"]))
    return hashlib.sha256(pdf).hexdigest()

with ThreadPoolExecutor(os.cpu_count()) as pool:
    print(json.dumps(list(pool.map(again, jobs["packs"]))))
"""


def check_same_bytes(folder: Path) -> None:
    """Render the packs of the last six months again, elsewhere: each has the bytes it had."""
    months = Snapshot.objects.order_by("-month__month").values_list("month__month", flat=True)
    first = sorted(set(months))[-LAST_MONTHS]
    packs = list(
        Pack.objects.filter(snapshot__month__month__gte=first, rendered_at__isnull=False)
        .select_related("snapshot__month__programme", "audience")
        .order_by("pk")
    )
    assert len({pack.snapshot.month_id for pack in packs}) == LAST_MONTHS
    assert {pack.audience.code for pack in packs} == {
        "elt",
        "qig",
        "cqrg",
        "rog",
        "board",
        "public",
    }
    jobs = {
        "contents": {pack.snapshot.number: pack.snapshot.content for pack in packs},
        "packs": [
            {
                "number": pack.snapshot.number,
                "sha256": pack.snapshot.sha256,
                "audience": pack.audience.code,
                "commentary": pack.commentary,
            }
            for pack in packs
        ],
    }
    (folder / "jobs.json").write_text(json.dumps(jobs))

    done = subprocess.run(
        [sys.executable, "-c", RENDER_AGAIN, str(folder / "jobs.json")],
        env={**os.environ, **STRANGE},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == [pack.sha256 for pack in packs]
    assert all(hashlib.sha256(pack.read()).hexdigest() == pack.sha256 for pack in packs)


def check_changes() -> set[str]:
    """Compare each month with the one before, and with what its snapshot says; give the kinds."""
    snapshots = list(Snapshot.objects.order_by("month__month").select_related("month"))
    kinds: set[str] = set()
    for before, after in zip(snapshots, snapshots[1:], strict=False):
        told = {
            (change["kind"], change["reference"]) for change in after.data["summary"]["changes"]
        }
        assert told == expected_changes(before.data, after.data), str(after.month)
        kinds |= {kind for kind, _ in told}
        for change in after.data["summary"]["changes"]:
            old, new = (_rows(data).get(change["reference"]) for data in (before.data, after.data))
            if change["kind"] == "moved":
                assert f"from {old['planned'] or 'no date'} to {new['planned']}" in change["text"]
            if change["kind"] == "slipped":
                assert f"to {new['forecast']}" in change["text"]
    return kinds


def expected_changes(before: dict[str, Any], after: dict[str, Any]) -> set[tuple[str, str]]:
    """Work out, with nothing of the product, what happened to which milestone."""
    old, new = _rows(before), _rows(after)
    expected = {("added", reference) for reference in new.keys() - old.keys()}
    for reference in new.keys() & old.keys():
        was, now = old[reference], new[reference]
        if now["rating"] == "complete" != was["rating"]:
            expected.add(("completed", reference))
        if now["rating"] == "withdrawn" != was["rating"]:
            expected.add(("withdrawn", reference))
        is_moved = now["planned_date"] != was["planned_date"]
        is_slipped = _slipped(was, now)
        if is_moved:
            expected.add(("moved", reference))
        if is_slipped:
            expected.add(("slipped", reference))
        rerated = now["rating"] != was["rating"] and now["rating"] not in ("complete", "withdrawn")
        # With what moved or slipped, the new rating is told in the same line.
        if rerated and not is_moved and not is_slipped:
            expected.add(("rating", reference))
    return expected


def _slipped(was: dict[str, Any], now: dict[str, Any]) -> bool:
    if now["rating"] in ("complete", "withdrawn") or not now["forecast_date"]:
        return False
    promised = was["forecast_date"] or was["planned_date"]
    if not promised:
        return False
    return date.fromisoformat(now["forecast_date"]) > date.fromisoformat(promised)


def _rows(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    def every() -> Iterable[dict[str, Any]]:
        for workstream in data["workstreams"]:
            for project in workstream["projects"]:
                yield from project["milestones"]
        yield from data["programme_milestones"]

    return {row["reference"]: row for row in every()}
