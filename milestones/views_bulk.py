from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from milestones.bulk import MOST_ITEMS, apply_change, plan_change
from milestones.bulk_forms import ApplyForm, BulkForm
from milestones.filters import RegisterFilter
from milestones.models import Milestone
from milestones.register import UPDATING_ROLES
from milestones.views_register import list_url
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@dataclass(frozen=True)
class Selection:
    """The milestones chosen in the register: those ticked, or all that its filter finds."""

    milestones: list[Milestone]
    query: str
    problem: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_change(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Choose what to change, preview every change, apply them: three steps of one address.

    The address says which milestones (``pick`` repeated, or ``all`` and the register's filter);
    the preview carries the version of each, and these alone are then changed.
    """
    if request.roles.isdisjoint(UPDATING_ROLES):
        raise PermissionDenied("Only owners, executive leads and the PMO change milestones.")
    if request.method == "POST" and "apply" in request.POST:
        return _apply(request, programme)
    chosen = _selection(request, programme)
    form = BulkForm(request.POST or None, programme=programme, roles=request.roles)
    if request.method != "POST" or chosen.problem:
        status = 200 if request.method != "POST" else 422
        return _form_page(request, programme, chosen, form, status=status)
    if not form.is_valid() or "back" in request.POST:
        return _form_page(request, programme, chosen, form, status=422 if form.errors else 200)
    plans = plan_change(
        chosen.milestones,
        form.change(),
        by=request.user,
        roles=request.roles,
        today=programme.today(),
    )
    ready = [plan for plan in plans if not plan.problem]
    seen = " ".join(f"{plan.milestone.pk}:{plan.milestone.version}" for plan in ready)
    return _page(
        request,
        "milestones/bulk_preview.html",
        programme,
        chosen.query,
        form=form,
        ready=ready,
        left_alone=[plan for plan in plans if plan.problem],
        carried=form.as_sent(),
        apply_form=ApplyForm(initial={"seen": seen}),
    )


def _selection(request: ProgrammeRequest, programme: Programme) -> Selection:
    own = Milestone.objects.filter(programme=programme).with_people()
    found = RegisterFilter(request.GET, own, request=request)
    query = found.query()
    if found.day:
        return Selection(
            [], query, "Only the list of today changes milestones. Leave the past first"
        )
    if "all" in request.GET:
        if not found.is_valid():
            return Selection([], query, "The filter holds a value that is none. Put it right first")
        milestones = found.qs
    else:
        picked = [text.replace("\0", "") for text in request.GET.getlist("pick")]
        milestones = own.filter(reference__in=picked[: MOST_ITEMS + 1]).in_plan_order()
    chosen = list(milestones[: MOST_ITEMS + 1])
    if not chosen:
        return Selection([], query, "Tick at least one milestone in the list first")
    if len(chosen) > MOST_ITEMS:
        words = f"Change at most {MOST_ITEMS} milestones at a time. Narrow the filter first"
        return Selection([], query, words)
    return Selection(chosen, query)


def _apply(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    form = BulkForm(request.POST, programme=programme, roles=request.roles)
    seen = ApplyForm(request.POST)
    if not form.is_valid() or not seen.is_valid():
        for error in seen.errors.get("seen", []):
            form.add_error(None, error)
        return _form_page(request, programme, _selection(request, programme), form, status=422)
    query = RegisterFilter(request.GET, Milestone.objects.none(), request=request).query()
    try:
        outcome = apply_change(
            programme_id=programme.pk,
            seen=seen.cleaned_data["seen"],
            change=form.change(),
            by=request.user,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _form_page(request, programme, _selection(request, programme), form, status=422)
    if outcome.refused:
        again = urlencode({"pick": [each.milestone.reference for each in outcome.refused]}, True)
        return _page(
            request,
            "milestones/bulk_result.html",
            programme,
            query,
            status=409,
            outcome=outcome,
            again_url=f"{request.path}?{again}",
        )
    number = len(outcome.changed)
    messages.success(request, f"{number} milestone{'' if number == 1 else 's'} changed.")
    return redirect(list_url(programme, query))


def _form_page(
    request: ProgrammeRequest,
    programme: Programme,
    chosen: Selection,
    form: BulkForm,
    *,
    status: int,
) -> TemplateResponse:
    form.cancel_url = list_url(programme, chosen.query)
    return _page(
        request,
        "milestones/bulk_form.html",
        programme,
        chosen.query,
        status=status,
        form=form,
        chosen=chosen,
    )


def _page(
    request: ProgrammeRequest,
    template: str,
    programme: Programme,
    query: str,
    *,
    status: int = 200,
    **context: Any,
) -> TemplateResponse:
    list_link = list_url(programme, query)
    context |= {
        "list_url": list_link,
        "breadcrumb": [("Programme", programme.get_absolute_url()), ("Milestones", list_link)],
    }
    return TemplateResponse(request, template, context, status=status)
