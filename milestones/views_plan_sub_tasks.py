from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from milestones.models import Milestone, SubTask
from milestones.plan_forms import SubTaskForm
from milestones.services import require_update
from milestones.sub_tasks import (
    SubTaskChanged,
    add_sub_task,
    edit_sub_task,
    fingerprint,
    mark_sub_task,
    remove_sub_task,
)
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

GONE = "Somebody removed this sub-task meanwhile."


@require_http_methods(["GET", "HEAD", "POST"])
def sub_task_add(request: ProgrammeRequest, programme: Programme, reference: str) -> HttpResponse:
    milestone = _milestone(programme, reference)
    require_update(milestone=milestone, by=request.user)
    if request.method != "POST":
        return _page(request, milestone, SubTaskForm(milestone=milestone))
    form = SubTaskForm(request.POST, milestone=milestone)
    if form.is_valid():
        try:
            sub_task = add_sub_task(milestone_id=milestone.pk, by=request.user, step=form.step())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"“{sub_task.title}” is added.")
            return _back(milestone)
    return _page(request, milestone, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def sub_task_edit(
    request: ProgrammeRequest, programme: Programme, reference: str, pk: int
) -> HttpResponse:
    milestone, sub_task = _sub_task(programme, reference, pk)
    require_update(milestone=milestone, by=request.user)
    if request.method != "POST":
        form = SubTaskForm(milestone=milestone, sub_task=sub_task)
        return _page(request, milestone, form, sub_task=sub_task)
    form = SubTaskForm(request.POST, milestone=milestone, sub_task=sub_task)
    if form.is_valid():
        try:
            edited = edit_sub_task(
                sub_task_id=pk, by=request.user, seen=form.cleaned_data["seen"], step=form.step()
            )
        except ValidationError as error:
            form.add_error(None, error)
        except SubTaskChanged as error:
            return _conflict(request, milestone, error.sub_task)
        except SubTask.DoesNotExist:
            raise Http404(GONE) from None
        else:
            messages.success(request, f"“{edited.title}” is saved.")
            return _back(milestone)
    return _page(request, milestone, form, sub_task=sub_task, status=422)


@require_POST
def sub_task_done(
    request: ProgrammeRequest, programme: Programme, reference: str, pk: int
) -> HttpResponse:
    """Mark it as done; as not done after all when the button says so ("done=no")."""
    milestone, _ = _sub_task(programme, reference, pk)
    done = request.POST.get("done") != "no"
    try:
        sub_task = mark_sub_task(sub_task_id=pk, by=request.user, done=done)
    except SubTask.DoesNotExist:
        raise Http404(GONE) from None
    messages.success(request, f"“{sub_task.title}” is {'done' if done else 'open again'}.")
    return _back(milestone)


@require_POST
def sub_task_remove(
    request: ProgrammeRequest, programme: Programme, reference: str, pk: int
) -> HttpResponse:
    milestone, _ = _sub_task(programme, reference, pk)
    try:
        sub_task = remove_sub_task(sub_task_id=pk, by=request.user)
    except SubTask.DoesNotExist:
        raise Http404(GONE) from None
    messages.success(request, f"“{sub_task.title}” is removed.")
    return _back(milestone)


def _milestone(programme: Programme, reference: str) -> Milestone:
    milestones = Milestone.objects.filter(programme=programme).with_people()
    return get_object_or_404(milestones, reference=reference)


def _sub_task(programme: Programme, reference: str, pk: int) -> tuple[Milestone, SubTask]:
    milestone = _milestone(programme, reference)
    sub_task = get_object_or_404(milestone.sub_tasks.select_related("owner"), pk=pk)
    return milestone, sub_task


def _back(milestone: Milestone) -> HttpResponse:
    return redirect(f"{milestone.get_absolute_url()}#sub-tasks")


def _conflict(request: ProgrammeRequest, milestone: Milestone, stored: SubTask) -> TemplateResponse:
    """Show what is stored beside what was typed; saving again is then a choice."""
    data = request.POST.copy()
    data["seen"] = fingerprint(stored)
    form = SubTaskForm(data, milestone=milestone, sub_task=stored)
    return _page(request, milestone, form, sub_task=stored, stored=stored, status=409)


def _page(
    request: ProgrammeRequest,
    milestone: Milestone,
    form: SubTaskForm,
    *,
    sub_task: SubTask | None = None,
    stored: SubTask | None = None,
    status: int = 200,
) -> TemplateResponse:
    form.cancel_url = milestone.get_absolute_url()
    listed = reverse("milestones:milestone_list", args=[milestone.programme.slug])
    context: dict[str, Any] = {
        "milestone": milestone,
        "sub_task": sub_task,
        "stored": stored,
        "form": form,
        "breadcrumb": [
            ("Milestones", listed),
            (milestone.reference, milestone.get_absolute_url()),
        ],
    }
    return TemplateResponse(request, "milestones/sub_task_form.html", context, status=status)
