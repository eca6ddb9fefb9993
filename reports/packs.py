"""Packs as files: rendered once from their snapshot and its commentary, kept, never changed."""

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User
from reports.commentary import printed_commentary
from reports.models import Pack
from reports.one_at_a_time import only_one
from reports.rendering import RenderFailed, render_pack
from reports.snapshots import canonical

MOST_ATTEMPTS = 3
# Then no further pack is begun: mail goes out between two runs, and the heart beats.
LONGEST_RUN_SECONDS = 60


class NothingToRetry(Exception):
    """The pack has not failed; the message is a sentence for the user."""


def render_due_packs() -> list[Pack]:
    """Render what packs are still missing, as many at a time as there are processor cores.

    One that fails keeps its reason and no file; after three times it waits for a person. What is
    left after a minute is the next run's. With another worker at it this does nothing.
    """
    due = _packs().filter(
        rendered_at__isnull=True, superseded_at__isnull=True, attempts__lt=MOST_ATTEMPTS
    )
    with only_one("typesetter") as is_free:
        if not is_free:
            return []
        return list(_render_all(_for_a_minute(due.order_by("pk").values_list("pk", flat=True))))


def render(*, pack_id: int) -> Pack:
    """Render a pack from its snapshot and commentary alone; a rendered one stays as it is."""
    pack = _packs().get(pk=pack_id)
    return pack if pack.rendered_at else next(_render_all([pack_id]))


@transaction.atomic
def retry(*, pack_id: int, by: User) -> Pack:
    """Let a pack that could not be made be tried again. Raises PermissionDenied, NothingToRetry."""
    pack = _packs().select_for_update(of=("self",)).get(pk=pack_id)
    if not by.has_perm("reports.freeze_month", pack):
        raise PermissionDenied("Only the PMO has a pack made again.")
    if pack.rendered_at or not pack.failure:
        raise NothingToRetry(f"The pack for {pack.audience} has not failed.")
    pack.attempts, pack.failure = 0, ""
    pack.save(update_fields=["attempts", "failure"])
    audit.record(actor=by, action="pack.retried", target=pack)
    return pack


def content_of(pack: Pack) -> bytes:
    """Give the PDF's bytes, made from the snapshot and the pack's words. Raises RenderFailed."""
    snapshot = pack.snapshot
    content = snapshot.data
    audiences = {each["code"]: each for each in content.get("audiences", [])}
    audience = audiences.get(pack.audience.code)
    if audience is None:
        raise RenderFailed(f"{pack} was not made: its snapshot does not hold its audience.")
    return render_pack(
        snapshot=content,
        audience=audience,
        number=snapshot.number,
        sha256=snapshot.sha256,
        commentary=json.loads(pack.commentary),
    )


def _for_a_minute(ids: Iterable[int]) -> Iterator[int]:
    end = time.monotonic() + LONGEST_RUN_SECONDS
    for pack_id in list(ids):
        yield pack_id
        if time.monotonic() > end:
            return


def _packs() -> "QuerySet[Pack]":
    return Pack.objects.select_related("snapshot__month__programme", "audience")


def _render_all(ids: Iterable[int]) -> Iterator[Pack]:
    """Render packs side by side: each in a process of its own, the database in this thread."""
    cores = os.cpu_count() or 1
    under_way: deque[tuple[Pack, Future[bytes | RenderFailed]]] = deque()
    with ThreadPoolExecutor(max_workers=cores) as pool:
        for pack_id in ids:
            pack = _begin(pack_id)
            under_way.append((pack, pool.submit(_attempt, pack)))
            # One more than there are cores waits, so that few snapshots are in memory at a time.
            if len(under_way) > cores:
                made, future = under_way.popleft()
                yield _keep(made, future.result())
        for made, future in under_way:
            yield _keep(made, future.result())


def _begin(pack_id: int) -> Pack:
    Pack.objects.filter(pk=pack_id).update(started_at=timezone.now(), attempts=F("attempts") + 1)
    pack: Pack = _packs().get(pk=pack_id)
    pack.commentary = canonical(printed_commentary(pack.snapshot))
    return pack


def _attempt(pack: Pack) -> bytes | RenderFailed:
    try:
        return content_of(pack)
    except RenderFailed as error:
        return error


@transaction.atomic
def _keep(made: Pack, result: bytes | RenderFailed) -> Pack:
    """Keep the outcome, unless another worker was first or the commentary changed meanwhile."""
    pack: Pack = _packs().select_for_update(of=("self",)).get(pk=made.pk)
    is_stale = canonical(printed_commentary(pack.snapshot)) != made.commentary
    if pack.rendered_at or pack.superseded_at or is_stale:
        return pack
    if isinstance(result, RenderFailed):
        pack.failure = str(result)[:400]
        pack.save(update_fields=["failure"])
        return pack
    pack.sha256, pack.failure = hashlib.sha256(result).hexdigest(), ""
    pack.commentary, pack.rendered_at = made.commentary, timezone.now()
    folder = f"packs/{pack.programme.slug}/{pack.snapshot.month}"
    pack.file.save(f"{folder}/{pack.file_name}", ContentFile(result), save=False)
    pack.file.close()
    pack.save()
    return pack
