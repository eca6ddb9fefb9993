"""Packs of a month: read, previewed, made again; and how far their making has come."""

from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from reports.models import Audience, Pack
from reports.months import WrongState
from reports.packs import NothingToRetry, retry
from reports.preview import preview
from reports.progress import progress_of
from reports.rendering import RenderFailed
from workstreams.calendar import format_month
from workstreams.http import ProgrammeRequest, open_to_external_readers
from workstreams.models import Programme, ReportingMonth
from workstreams.models.programme import LIVE_ROLES


@open_to_external_readers
@require_safe
def pack_download(
    request: ProgrammeRequest, programme: Programme, month: date, audience: str
) -> FileResponse:
    """The newest rendered pack of a month for an audience, as the file that was e-mailed."""
    packs = readable_packs(request, programme).filter(
        snapshot__month__month=month, audience__code=audience, rendered_at__isnull=False
    )
    return _file(packs.order_by("-snapshot__version", "-edition").first(), month, audience)


@open_to_external_readers
@require_safe
def pack_of_version(
    request: ProgrammeRequest, programme: Programme, month: date, version: int, audience: str
) -> FileResponse:
    """The pack of one version of a month's snapshot, superseded or not."""
    packs = readable_packs(request, programme).filter(
        snapshot__month__month=month,
        snapshot__version=version,
        audience__code=audience,
        rendered_at__isnull=False,
    )
    return _file(packs.order_by("-edition").first(), month, audience)


@require_safe
def pack_preview(
    request: ProgrammeRequest, programme: Programme, month: date, audience: str
) -> HttpResponse:
    row = find_month(programme, month)
    found = programme.audiences.filter(code=audience).first()
    if found is None:
        raise Http404(f"There is no audience “{audience}” in this programme.")
    try:
        content = preview(row, found)
    except (WrongState, RenderFailed) as error:
        messages.error(request, str(error))
        return redirect(row)
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{programme.slug}-{row}-{found.code}-draft.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def pack_retry(
    request: ProgrammeRequest, programme: Programme, month: date, audience: str
) -> HttpResponse:
    row = find_month(programme, month)
    packs = Pack.objects.current().filter(snapshot__month=row, audience__code=audience)
    pack = packs.order_by("-snapshot__version").first()
    if pack is None:
        raise Http404(f"There is no pack “{audience}” for {row.name}.")
    try:
        retry(pack_id=pack.pk, by=request.user)
    except NothingToRetry as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The pack is made again within a minute.")
    return redirect(row)


@require_safe
def month_progress(request: ProgrammeRequest, programme: Programme, month: date) -> HttpResponse:
    """The part of the month's page that tells how far the packs and messages are."""
    row = find_month(programme, month)
    snapshot = row.snapshots.order_by("-version").first()
    progress = progress_of(snapshot, list(snapshot.packs.current())) if snapshot else None
    return render(request, "reports/_month_progress.html", {"progress": progress, "month": row})


def readable_packs(request: ProgrammeRequest, programme: Programme) -> QuerySet[Pack]:
    """Packs that the person may read: all for who sees the live programme, else issued own ones.

    Nobody outside ever sees an edition that was made again before it was signed off.
    """
    packs = Pack.objects.filter(snapshot__month__programme=programme).select_related(
        "snapshot__month__programme", "audience"
    )
    if is_live(request):
        return packs
    audiences = Audience.objects.filter(programme=programme).readable_by(request.user)
    issued = packs.filter(audience__in=audiences, snapshot__issued_at__isnull=False)
    return issued.filter(superseded_at__isnull=True)


def is_live(request: ProgrammeRequest) -> bool:
    return not request.roles.isdisjoint(LIVE_ROLES)


def find_month(programme: Programme, month: date) -> ReportingMonth:
    row = programme.months.select_related("programme").filter(month=month).first()
    if row is None:
        raise Http404(
            f"{format_month(month)} was never opened. The list of months shows those that were."
        )
    return row


def _file(pack: Pack | None, month: date, audience: str) -> FileResponse:
    if pack is None:
        raise Http404(
            f"There is no pack “{audience}” for {format_month(month)}, or not yet for you."
        )
    return pack_file(pack)


def pack_file(pack: Pack) -> FileResponse:
    """Send a pack's file, with its SHA-256 in a header."""
    response = FileResponse(
        pack.file.open("rb"),
        as_attachment=True,
        filename=pack.file_name,
        content_type="application/pdf",
    )
    response.headers["X-Pack-SHA256"] = pack.sha256
    return response
