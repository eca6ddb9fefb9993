from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.as_at import AsAtForm, as_at
from milestones.figures import Standing, consequence
from milestones.forms import (
    BaselineForm,
    PlanForm,
    UpdateForm,
    VersionedForm,
)
from milestones.models import Milestone, MilestoneStatus
from milestones.services import (
    AlreadyBaselined,
    NotReady,
    StaleVersion,
    edit_plan,
    require_plan_edit,
    require_update,
    set_baseline,
)
from workstreams.dates import long_day
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

UPDATE_PAGE = "milestones/milestone_update.html"
EDIT_PAGE = "milestones/milestone_edit.html"


@require_safe
def milestone_detail(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> TemplateResponse:
    form = AsAtForm(request.GET, programme=programme)
    milestone = _milestone(programme, reference)
    if form.day:
        then = as_at([milestone], form.day)
        if not then:
            raise Http404(f"{reference} was not in the plan on {long_day(form.day)}.")
        milestone = then[0]
    may = request.user.has_perm
    is_in_plan = milestone.status != MilestoneStatus.WITHDRAWN and not form.day
    context = {
        "form": form,
        "milestone": milestone,
        "standing": Standing(milestone, form.day or programme.today()),
        "cqc_actions": _cqc_actions(milestone),
        "may_update": is_in_plan and may("milestones.update_milestone", milestone),
        "may_plan": is_in_plan
        and not milestone.is_baselined
        and may("milestones.set_baseline", milestone),
        "baseline_form": BaselineForm(initial={"version": milestone.version}),
        "breadcrumb": _breadcrumb(milestone),
    }
    return TemplateResponse(request, "milestones/milestone_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def milestone_update(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse:
    milestone = _milestone(programme, reference)
    require_update(milestone=milestone, by=request.user)
    if request.method != "POST":
        form = UpdateForm(milestone=milestone)
        return _form_page(request, UPDATE_PAGE, milestone, form)
    form = UpdateForm(request.POST, milestone=milestone)
    if form.is_valid():
        record = import_string(settings.RECORD_MILESTONE_UPDATE)
        try:
            update = record(
                milestone_id=milestone.pk,
                by=request.user,
                seen_version=form.cleaned_data["version"],
                position=form.position(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        except StaleVersion as error:
            return _conflict(request, UPDATE_PAGE, form, error)
        else:
            said = consequence(update.milestone, as_of=programme.today())
            if update.version > form.cleaned_data["version"] + 1:
                said += " What others changed while you were typing is kept."
            said += form.said_of_month(update.month)
            messages.success(request, f"Saved. {said}")
            return redirect(update.milestone)
    return _form_page(request, UPDATE_PAGE, milestone, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def milestone_edit(request: ProgrammeRequest, programme: Programme, reference: str) -> HttpResponse:
    milestone = _milestone(programme, reference)
    form = PlanForm(request.POST if request.method == "POST" else None, milestone=milestone)
    try:
        require_plan_edit(milestone=milestone, by=request.user)
        if not form.is_bound:
            return _form_page(request, EDIT_PAGE, milestone, form)
        if form.is_valid():
            version = form.cleaned_data["version"]
            edit_plan(
                milestone_id=milestone.pk, by=request.user, seen_version=version, plan=form.plan()
            )
            messages.success(request, "Saved.")
            return redirect(milestone)
    except ValidationError as error:
        form.add_error(None, error)
    except StaleVersion as error:
        return _conflict(request, EDIT_PAGE, form, error)
    except AlreadyBaselined as error:
        if form.is_bound:
            # What was typed stays on the page, for the change request.
            form.add_error(None, str(error))
            return _form_page(request, EDIT_PAGE, milestone, form, status=409)
        messages.error(request, str(error))
        return redirect(milestone)
    return _form_page(request, EDIT_PAGE, milestone, form, status=422)


@require_POST
def milestone_baseline(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse:
    milestone = _milestone(programme, reference)
    if not request.user.has_perm("milestones.set_baseline", milestone):
        raise PermissionDenied("Only the PMO sets a baseline.")
    form = BaselineForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["version"][0]))
        return redirect(milestone)
    try:
        version = set_baseline(
            milestone_id=milestone.pk,
            by=request.user,
            seen_version=form.cleaned_data["version"],
        )
    except (AlreadyBaselined, NotReady, StaleVersion) as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            f"Baseline set to {version.planned_text}. From now on only an approved change request "
            "moves the planned date.",
        )
    return redirect(milestone)


def _milestone(programme: Programme, reference: str) -> Milestone:
    milestones = Milestone.objects.filter(programme=programme).with_people()
    return get_object_or_404(milestones, reference=reference)


def _cqc_actions(milestone: Milestone) -> Any:
    if not milestone.project:
        return []
    actions = milestone.project.cqc_actions.select_related("programme")
    return actions.order_by("position", "pk")


def _breadcrumb(milestone: Milestone, *, below: bool = False) -> list[tuple[str, str]]:
    programme = milestone.programme
    listed = reverse("milestones:milestone_list", args=[programme.slug])
    crumbs = [("Programme", programme.get_absolute_url()), ("Milestones", listed)]
    if below:
        crumbs.append((milestone.reference, milestone.get_absolute_url()))
    return crumbs


def _form_page(
    request: ProgrammeRequest,
    template: str,
    milestone: Milestone,
    form: VersionedForm,
    *,
    status: int = 200,
    **context: Any,
) -> TemplateResponse:
    context |= {
        "milestone": milestone,
        "form": form,
        "standing": Standing(milestone, milestone.programme.today()),
        "breadcrumb": _breadcrumb(milestone, below=True),
    }
    return TemplateResponse(request, template, context, status=status)


def _conflict(
    request: ProgrammeRequest, template: str, typed: VersionedForm, stale: StaleVersion
) -> TemplateResponse:
    """Show both values of each field in dispute; the form is merged and ready to be sent again."""
    form = type(typed)(typed.merged_data(stale), milestone=stale.milestone)
    differences = form.show_conflicts(stale.conflicts)
    return _form_page(
        request,
        template,
        stale.milestone,
        form,
        status=409,
        differences=differences,
        taken=typed.taken_labels(stale),
    )
