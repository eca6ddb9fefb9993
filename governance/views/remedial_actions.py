from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_filters.views import FilterView

from governance import remedial_actions
from governance.action_filters import RemedialActionFilter
from governance.action_forms import MoveForm
from governance.errors import StaleRecord, WrongState
from governance.forms import add_service_errors
from governance.models import RemedialAction, RemedialActionQuerySet
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


class RemedialActionListView(FilterView):
    filterset_class = RemedialActionFilter
    template_name = "governance/remedial_action_list.html"
    context_object_name = "actions"
    paginate_by = 50

    def get_queryset(self) -> RemedialActionQuerySet:
        return RemedialAction.objects.of_programme(self.kwargs["programme"]).in_force().for_list()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        programme, request = self.kwargs["programme"], self.request
        shown = RemedialAction.objects.filter(pk__in=[each.pk for each in context["actions"]])
        own = shown.changeable_by(request.user, request.roles)
        return {
            **context,
            "form": context["filter"].form,
            "today": programme.today(),
            "changeable": set(own.values_list("pk", flat=True)),
            "breadcrumb": [_exceptions_link(programme)],
        }


@require_POST
def remedial_action_done(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    action = remedial_actions.complete_action(action_id=_find(programme, pk).pk, by=request.user)
    messages.success(request, f"“{action.text}” is marked as done.")
    if request.POST.get("from") == "list":
        return redirect("governance:remedial_action_list", programme.slug)
    return redirect(action.record)


@require_http_methods(["GET", "HEAD", "POST"])
def remedial_action_move(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    action = _find(programme, pk)
    if not remedial_actions.may_change(action, request.user):
        raise PermissionDenied("Only the action's owner or the exception's owner moves its date.")
    if action.done_date is not None:
        messages.error(request, f"“{action.text}” is done already.")
        return redirect(action.record)
    if request.method != "POST":
        return _move_page(request, action, MoveForm.of(action))
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _move_page(request, action, form, status=422)
    try:
        remedial_actions.move_due_date(
            action_id=action.pk,
            by=request.user,
            to=form.cleaned_data["due_date"],
            reason=form.cleaned_data["reason"],
            seen_due_date=form.cleaned_data["seen"],
        )
    except StaleRecord as error:
        form = MoveForm.on_top_of(request.POST, _find(programme, pk))
        form.add_error(None, str(error))
        return _move_page(request, _find(programme, pk), form, status=409)
    except WrongState as error:
        messages.error(request, str(error))
        return redirect(action.record)
    except ValidationError as error:
        add_service_errors(form, error)
        return _move_page(request, action, form, status=422)
    messages.success(request, f"“{action.text}” is due on another day now.")
    return redirect(action.record)


def _find(programme: Programme, pk: int) -> RemedialAction:
    actions = RemedialAction.objects.of_programme(programme).for_list()
    action = actions.filter(pk=pk).first()
    if action is None:
        raise Http404("There is no such remedial action.")
    return action


def _exceptions_link(programme: Programme) -> tuple[str, str]:
    return ("Exceptions", reverse("governance:exception_list", args=[programme.slug]))


def _move_page(
    request: ProgrammeRequest, action: RemedialAction, form: MoveForm, *, status: int = 200
) -> HttpResponse:
    report = action.record
    context = {
        "action": action,
        "report": report,
        "form": form,
        "today": report.programme.today(),
        "breadcrumb": [
            _exceptions_link(report.programme),
            (report.label, report.get_absolute_url()),
        ],
    }
    return render(request, "governance/remedial_action_move.html", context, status=status)
