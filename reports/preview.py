"""A pack as it would be if the month were frozen now: marked as a draft, shown, never kept."""

import json
from threading import BoundedSemaphore

from django.db import transaction

from reports.commentary import accepted_commentary, snapshot_version
from reports.models import Audience
from reports.months import WrongState, content_before, read_consistently
from reports.rendering import render_pack
from reports.snapshots import build_content, canonical
from workstreams.models import ReportingMonth

# A preview takes seconds of a processor core: one at a time in each process of the web server.
_turn = BoundedSemaphore()


def preview(month: ReportingMonth, audience: Audience) -> bytes:
    """Give the PDF of a month that is not frozen yet. Nothing is stored.

    Raises WrongState for a frozen month, or while another preview is being made, and RenderFailed.
    """
    if not month.takes_updates:
        raise WrongState(f"{month.name} is frozen: read its packs instead of a preview.")
    if not _turn.acquire(blocking=False):
        raise WrongState("Another preview is being made. Try again in a moment.")
    try:
        return _preview(month, audience)
    finally:
        _turn.release()


def _preview(month: ReportingMonth, audience: Audience) -> bytes:
    with transaction.atomic():
        read_consistently()
        version = snapshot_version(month)
        content = build_content(
            month,
            as_of=month.as_of(month.programme.today()),
            version=version,
            previous=content_before(month),
        )
        said = accepted_commentary(month, version)
    # Through canonical JSON, as a frozen one.
    content = json.loads(canonical(content))
    shown = next(each for each in content["audiences"] if each["code"] == audience.code)
    return render_pack(
        snapshot=content,
        audience=shown,
        number=f"{month.programme.slug}/{month}/draft",
        sha256="",
        commentary=said,
    )
