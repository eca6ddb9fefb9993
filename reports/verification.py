"""Proof that frozen months are what they were: hashes worked out anew, packs rendered anew."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from reports.models import Pack, Snapshot
from reports.packs import content_of
from reports.rendering import RenderFailed
from reports.snapshots import canonical, sha256_of


@dataclass(frozen=True)
class Check:
    """One thing looked at; ``fault`` says what is wrong with it, or is empty."""

    what: str
    fault: str = ""


def verify(*, packs_to_render: int) -> Iterator[Check]:
    """Check every snapshot and every pack's file, and render so many packs again.

    Those rendered are spread over all packs, the oldest and the newest among them.
    """
    for snapshot in Snapshot.objects.select_related("month__programme").order_by("pk").iterator():
        yield Check(f"snapshot {snapshot.number}", _fault_of_snapshot(snapshot))
    rendered = Pack.objects.filter(rendered_at__isnull=False).order_by("pk")
    packs = rendered.select_related("snapshot__month__programme", "audience")
    for pack in packs.iterator():
        yield Check(f"file of {pack}", _fault_of_file(pack))
    for pack_id in _spread(list(packs.values_list("pk", flat=True)), packs_to_render):
        pack = packs.get(pk=pack_id)
        yield Check(f"rendering of {pack}", _fault_of_rendering(pack))


def _fault_of_snapshot(snapshot: Snapshot) -> str:
    if sha256_of(snapshot.content) != snapshot.sha256:
        return "its content does not have its SHA-256: it was changed after the freeze"
    if canonical(json.loads(snapshot.content)) != snapshot.content:
        return "its content is not written in the canonical way"
    return ""


def _fault_of_file(pack: Pack) -> str:
    try:
        content = pack.read()
    except OSError:
        return f"the file {pack.file.name} is missing"
    if hashlib.sha256(content).hexdigest() != pack.sha256:
        return f"the file {pack.file.name} does not have its SHA-256: it was changed"
    return ""


def _fault_of_rendering(pack: Pack) -> str:
    try:
        content = content_of(pack)
    except RenderFailed as error:
        return f"it cannot be rendered any more: {error}"
    if hashlib.sha256(content).hexdigest() != pack.sha256:
        return "rendered anew it has other bytes"
    return ""


def _spread(ids: list[int], number: int) -> list[int]:
    if number >= len(ids):
        return ids
    if number <= 1:
        return ids[-1:] if number else []
    return [ids[place * (len(ids) - 1) // (number - 1)] for place in range(number)]
