from collections.abc import Collection

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from milestones.baselines import MOST_AT_ONCE, BaselinesRefused, baseline_work, set_baselines
from milestones.plan_forms import BaselinesForm
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@require_http_methods(["GET", "HEAD", "POST"])
def baselines(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Set the baseline of all that are ready, and see what the others lack."""
    if not request.user.has_perm("milestones.set_baseline", programme):
        raise PermissionDenied("Only the PMO sets baselines.")
    if request.method != "POST":
        return _page(request, programme, BaselinesForm())
    form = BaselinesForm(request.POST)
    if not form.is_valid():
        return _page(request, programme, form, ticked=(), status=422)
    seen = form.cleaned_data["milestones"]
    try:
        versions = set_baselines(programme_id=programme.pk, by=request.user, seen_versions=seen)
    except BaselinesRefused as refusal:
        for reason in refusal.reasons:
            form.add_error(None, reason)
        form.add_error(None, "No baseline was set. Look at the list and press again.")
        return _page(request, programme, form, ticked=seen, status=409)
    said = "1 baseline is set." if len(versions) == 1 else f"{len(versions)} baselines are set."
    messages.success(request, f"{said} From now on only approved change requests move these dates.")
    return redirect("milestones:baselines", programme.slug)


def _page(
    request: ProgrammeRequest,
    programme: Programme,
    form: BaselinesForm,
    *,
    ticked: Collection[int] | None = None,
    status: int = 200,
) -> TemplateResponse:
    """Draw the page; all that are ready are ticked unless `ticked` holds the ids that were."""
    work = baseline_work(programme)
    context = {
        "work": work,
        "offered": [
            {"milestone": each, "is_ticked": ticked is None or each.pk in ticked}
            for each in work.ready[:MOST_AT_ONCE]
        ],
        "form": form,
        "breadcrumb": [("Milestones", reverse("milestones:milestone_list", args=[programme.slug]))],
    }
    return TemplateResponse(request, "milestones/baselines.html", context, status=status)
