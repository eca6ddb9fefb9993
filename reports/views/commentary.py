from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from reports.commentary import (
    FIXED,
    CommentaryFixed,
    Section,
    StaleCommentary,
    earlier_text,
    may_write,
    save_commentary,
    section_of,
    snapshot_version,
)
from reports.drafting import draft_for
from reports.month_forms import CommentaryForm
from reports.months import content_before, read_consistently
from reports.snapshots import build_content
from reports.views.packs import find_month
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme, ReportingMonth


@require_http_methods(["GET", "HEAD", "POST"])
def commentary_edit(
    request: ProgrammeRequest, programme: Programme, month: date, section: str
) -> HttpResponse:
    row = find_month(programme, month)
    found = section_of(row, section)
    if found is None:
        raise Http404(f"There is no commentary on “{section}”: it is no work stream.")
    if not may_write(request.user, found):
        raise PermissionDenied(
            "Only the PMO writes commentary, and an executive lead that of the own work stream."
        )
    if row.state in FIXED:
        messages.error(request, f"{row.name} is signed off, so its commentary stays as it is.")
        return redirect(row)
    if request.method == "POST":
        return _save(request, found, CommentaryForm(request.POST))
    draft = _draft(row, section)
    start = earlier_text(found) or draft
    return _page(request, found, CommentaryForm.of(found, start), draft=draft)


def _save(request: ProgrammeRequest, section: Section, form: CommentaryForm) -> HttpResponse:
    month = section.month
    if not form.is_valid():
        return _page(request, section, form, status=422)
    is_accepted = "accept" in request.POST
    try:
        save_commentary(
            month_id=month.pk,
            section=section.code,
            by=request.user,
            seen_version=form.cleaned_data["version"],
            text=form.cleaned_data["text"],
            accept=is_accepted,
        )
    except StaleCommentary:
        return _conflict(request, section, form)
    except CommentaryFixed as error:
        messages.error(request, str(error))
        return redirect(month)
    said = "accepted" if is_accepted else "saved as a draft"
    messages.success(request, f"The commentary on {section.title} is {said}.")
    return redirect(f"{month.get_absolute_url()}#commentary")


def _conflict(request: ProgrammeRequest, section: Section, form: CommentaryForm) -> HttpResponse:
    """Show what was saved meanwhile beside what was typed; saving again then keeps the typed."""
    stored = section_of(section.month, section.code) or section
    data = request.POST.copy()
    data["version"] = str(stored.version)
    again = CommentaryForm(data)
    again.is_valid()
    who = stored.newest.written_by if stored.newest else "Somebody else"
    again.add_error("text", f"{who} saved this commentary after you opened it")
    return _page(request, stored, again, status=409)


def _page(
    request: ProgrammeRequest,
    section: Section,
    form: CommentaryForm,
    *,
    draft: str | None = None,
    status: int = 200,
) -> HttpResponse:
    month = section.month
    context = {
        "section": section,
        "month": month,
        "form": form,
        "draft": _draft(month, section.code) if draft is None else draft,
        "is_conflict": status == 409,
        "breadcrumb": [
            ("Months", reverse("reports:month_list", args=[month.programme.slug])),
            (month.name, month.get_absolute_url()),
        ],
    }
    return render(request, "reports/commentary_edit.html", context, status=status)


def _draft(month: ReportingMonth, section: str) -> str:
    """Draft a section from the frozen figures, or from those of now while nothing is frozen."""
    snapshot = month.snapshots.order_by("-version").first()
    if snapshot and not month.takes_updates:
        return draft_for(snapshot.data, section)
    with transaction.atomic():
        read_consistently()
        content = build_content(
            month,
            as_of=month.as_of(month.programme.today()),
            version=snapshot_version(month),
            previous=content_before(month),
            with_charts=False,
        )
    return draft_for(content, section)
