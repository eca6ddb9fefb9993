from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods

from metrics.grid import MONTHS_SHOWN, MOST_MONTHS, ValueGrid
from metrics.models import EntryChannel, Indicator
from metrics.services import EntriesRefused
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme, Role


@require_http_methods(["GET", "HEAD", "POST"])
def value_grid(request: ProgrammeRequest, programme: Programme, code: str) -> HttpResponse:
    """The last months of a work stream's indicators, entered as in a spreadsheet."""
    workstream = get_object_or_404(programme.workstreams.all(), code=code)
    every = Indicator.objects.filter(workstream=workstream).with_people().in_plan_order()
    mine = [each for each in every if may_record(each, request)]
    if not mine:
        raise PermissionDenied(
            "Only an indicator's owner, its executive lead or the PMO records its values."
        )
    months = MOST_MONTHS if request.GET.get("months") == str(MOST_MONTHS) else MONTHS_SHOWN
    form = ValueGrid(
        request.POST if request.method == "POST" else None,
        indicators=[each for each in mine if not each.is_narrative],
        today=programme.today(),
        months=months,
    )
    conflict = False
    entries = form.entries() if form.is_bound and form.is_valid() else []
    if form.is_bound and not form.errors:
        try:
            recorded = import_string(settings.RECORD_MEASUREMENTS)(
                programme_id=programme.pk,
                entries=entries,
                by=request.user,
                channel=EntryChannel.GRID,
            )
        except EntriesRefused as refused:
            conflict = form.show_problems(entries, refused.problems)
        else:
            messages.success(request, _said(len(recorded)))
            return redirect(request.get_full_path())
    context = {
        "workstream": workstream,
        "form": form,
        "rows": form.rows(),
        "narrative": [each for each in mine if each.is_narrative],
        "months": months,
        "other_months": MONTHS_SHOWN if months == MOST_MONTHS else MOST_MONTHS,
        "breadcrumb": [
            ("Indicators", reverse("metrics:indicator_list", args=[programme.slug])),
            (str(workstream), workstream.get_absolute_url()),
        ],
    }
    status = 409 if conflict else 422 if form.errors else 200
    return render(request, "metrics/grid.html", context, status=status)


def may_record(indicator: Indicator, request: ProgrammeRequest) -> bool:
    """As the permission says, from the roles that the request brings: no query per indicator."""
    leads = indicator.workstream.executive_lead_id == request.user.pk
    owns = indicator.local_owner_id == request.user.pk
    return (
        not request.roles.isdisjoint((Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER))
        or (leads and Role.EXECUTIVE_LEAD in request.roles)
        or (owns and Role.LOCAL_OWNER in request.roles)
    )


def _said(number: int) -> str:
    return f"Saved {number} value{'' if number == 1 else 's'}." if number else "Nothing changed."
