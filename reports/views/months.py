from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from reports import heartbeat
from reports.commentary import FIXED, may_write
from reports.models import Pack
from reports.month_forms import ReopenForm
from reports.month_page import month_page
from reports.months import (
    WrongState,
    freeze_month,
    issue_month,
    reopen_month,
    sign_off_month,
    why_not_reopen,
)
from reports.views.deliveries import delivery_table
from reports.views.month_acts import early_freeze, next_act
from reports.views.packs import find_month, is_live, readable_packs
from workstreams.http import ProgrammeRequest, open_to_external_readers
from workstreams.models import Programme, ReportingMonth


@open_to_external_readers
@require_safe
def month_list(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """The months with their packs; an external reader sees the issued packs of the own audience."""
    packs = _newest_only(readable_packs(request, programme))
    by_month: dict[int, list[Pack]] = {}
    for pack in packs:
        by_month.setdefault(pack.snapshot.month_id, []).append(pack)
    context: dict[str, Any] = {"packs": packs, "is_live": is_live(request)}
    if is_live(request):
        months = programme.months.select_related("programme").order_by("-month")
        context["rows"] = [(month, by_month.get(month.pk, [])) for month in months]
    return render(request, "reports/month_list.html", context)


@require_safe
def month_detail(request: ProgrammeRequest, programme: Programme, month: date) -> HttpResponse:
    return _page(request, find_month(programme, month))


@require_POST
def month_freeze(request: ProgrammeRequest, programme: Programme, month: date) -> HttpResponse:
    row = find_month(programme, month)
    may = request.user.has_perm("reports.freeze_month", row)
    if may and early_freeze(row) and request.POST.get("early") != "yes":
        messages.error(
            request, f"{row.name} is not over. Tick the box to freeze it before its cut-off."
        )
        return redirect(row)
    return _act(request, programme, month, freeze_month, "{} is frozen. Its packs are being made.")


@require_POST
def month_sign_off(request: ProgrammeRequest, programme: Programme, month: date) -> HttpResponse:
    sign_off = partial(sign_off_month, seen=request.POST.get("seen", "")[:64])
    return _act(request, programme, month, sign_off, "{} is signed off. Nothing in it changes now.")


@require_POST
def month_issue(request: ProgrammeRequest, programme: Programme, month: date) -> HttpResponse:
    return _act(
        request, programme, month, issue_month, "{} is issued. Its packs go out within a minute."
    )


@require_POST
def month_reopen(request: ProgrammeRequest, programme: Programme, month: date) -> HttpResponse:
    row = find_month(programme, month)
    if not request.user.has_perm("reports.reopen_month", row):
        raise PermissionDenied("Only the PMO opens a month again.")
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=422)
    reopen = partial(reopen_month, reason=form.cleaned_data["reason"])
    return _act(request, programme, month, reopen, "{} is open again and takes updates.")


def _page(
    request: ProgrammeRequest,
    row: ReportingMonth,
    *,
    form: ReopenForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = month_page(row, today=row.programme.today())
    user = request.user
    may_reopen = user.has_perm("reports.reopen_month", row) and not why_not_reopen(row)
    context = {
        "page": page,
        "month": row,
        "deliveries": delivery_table(page.snapshot, user),
        "pulse": heartbeat.pulse(at=timezone.now()),
        "act": next_act(page, user=user),
        "sections": [
            (section, row.state not in FIXED and may_write(user, section))
            for section in page.sections
        ],
        "may_chase": user.has_perm("reports.chase", row),
        "may_retry": user.has_perm("reports.freeze_month", row),
        "audiences": row.programme.audiences.in_order() if row.takes_updates else [],
        "reopen_form": (form or ReopenForm()) if may_reopen else None,
        "form": form,
        "milestones_url": reverse("milestones:milestone_list", args=[row.programme.slug]),
        "breadcrumb": [("Months", reverse("reports:month_list", args=[row.programme.slug]))],
    }
    return render(request, "reports/month_detail.html", context, status=status)


def _act(
    request: ProgrammeRequest,
    programme: Programme,
    month: date,
    act: Callable[..., object],
    success: str,
) -> HttpResponse:
    row = find_month(programme, month)
    try:
        act(month_id=row.pk, by=request.user)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, success.format(row.name))
    return redirect(row)


def _newest_only(packs: QuerySet[Pack]) -> list[Pack]:
    """The newest edition of each month's newest packs that the person may read, by month."""
    ordered = packs.defer("snapshot__content").order_by(
        "-snapshot__month__month",
        "audience__position",
        "audience",
        "-snapshot__version",
        "-edition",
    )
    newest: dict[tuple[int, int], Pack] = {}
    for pack in ordered:
        newest.setdefault((pack.snapshot.month_id, pack.audience_id), pack)
    return list(newest.values())
