from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.dependencies import (
    add_dependency,
    conflicts,
    references_to_wait_for,
    remove_dependency,
    require_linking,
)
from milestones.models import Dependency, Milestone
from milestones.plan_forms import DependencyForm
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

ROWS = 50


@require_safe
def dependency_conflicts(request: ProgrammeRequest, programme: Programme) -> TemplateResponse:
    """Every milestone that waits for one that comes too late, the worst first."""
    waits = conflicts(programme, as_of=programme.today())
    page = Paginator(waits, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "count": len(waits),
        "as_of": programme.today(),
        "breadcrumb": _breadcrumb(programme),
    }
    return TemplateResponse(request, "milestones/dependency_conflicts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def dependency_add(request: ProgrammeRequest, programme: Programme, reference: str) -> HttpResponse:
    milestone = _milestone(programme, reference)
    require_linking(milestone=milestone, by=request.user)
    if request.method != "POST":
        return _page(request, milestone, DependencyForm(milestone=milestone))
    form = DependencyForm(request.POST, milestone=milestone)
    if form.is_valid():
        try:
            dependency = add_dependency(
                successor_id=milestone.pk,
                predecessor_reference=form.cleaned_data["predecessor"],
                by=request.user,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            before = dependency.predecessor.reference
            messages.success(request, f"{milestone.reference} now waits for {before}.")
            return _back(milestone)
    return _page(request, milestone, form, status=422)


@require_POST
def dependency_remove(
    request: ProgrammeRequest, programme: Programme, reference: str, pk: int
) -> HttpResponse:
    milestone = _milestone(programme, reference)
    get_object_or_404(milestone.links_to_predecessors, pk=pk)
    try:
        dependency = remove_dependency(dependency_id=pk, by=request.user)
    except Dependency.DoesNotExist:
        raise Http404("Somebody removed this link meanwhile.") from None
    before = dependency.predecessor.reference
    messages.success(request, f"{milestone.reference} no longer waits for {before}.")
    return _back(milestone)


def _milestone(programme: Programme, reference: str) -> Milestone:
    milestones = Milestone.objects.filter(programme=programme).with_people()
    return get_object_or_404(milestones, reference=reference)


def _back(milestone: Milestone) -> HttpResponse:
    return redirect(f"{milestone.get_absolute_url()}#dependencies")


def _breadcrumb(programme: Programme) -> list[tuple[str, str]]:
    return [("Milestones", reverse("milestones:milestone_list", args=[programme.slug]))]


def _page(
    request: ProgrammeRequest, milestone: Milestone, form: DependencyForm, *, status: int = 200
) -> TemplateResponse:
    form.cancel_url = milestone.get_absolute_url()
    context: dict[str, Any] = {
        "milestone": milestone,
        "form": form,
        "references": references_to_wait_for(milestone),
        "breadcrumb": [
            *_breadcrumb(milestone.programme),
            (milestone.reference, milestone.get_absolute_url()),
        ],
    }
    return TemplateResponse(request, "milestones/dependency_form.html", context, status=status)
