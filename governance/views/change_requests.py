import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_filters.views import FilterView

from governance import change_requests
from governance.errors import WrongState
from governance.filters import ChangeRequestFilter
from governance.models import ChangeRequest, ChangeRequestQuerySet, ChangeRequestState
from governance.stages import stages, waits_for
from governance.subjects import ASKING, touched_by
from governance.views.decisions import (
    after_decision,
    decide,
    decision_form,
    list_link,
    supersedable,
    why_not_decide,
)
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

VERSION = re.compile(r"[0-9]{1,9}")


class ChangeRequestListView(FilterView):
    filterset_class = ChangeRequestFilter
    template_name = "governance/change_request_list.html"
    context_object_name = "change_requests"
    paginate_by = 50

    def get_queryset(self) -> ChangeRequestQuerySet:
        requests = ChangeRequest.objects.filter(programme=self.kwargs["programme"])
        return requests.with_subject().newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        may_ask = not self.request.roles.isdisjoint(ASKING)
        return {**context, "form": context["filter"].form, "may_ask": may_ask}


@require_safe
def change_request_detail(
    request: ProgrammeRequest, programme: Programme, number: int
) -> HttpResponse:
    return request_page(request, find_request(programme, number))


@require_POST
def change_request_endorse(
    request: ProgrammeRequest, programme: Programme, number: int
) -> HttpResponse:
    text = "is endorsed and waits for the PMO’s check."
    return _act(request, find_request(programme, number), change_requests.endorse, text)


@require_POST
def change_request_check(
    request: ProgrammeRequest, programme: Programme, number: int
) -> HttpResponse:
    text = "is checked and waits for the ELT."
    return _act(request, find_request(programme, number), change_requests.check, text)


@require_POST
def change_request_withdraw(
    request: ProgrammeRequest, programme: Programme, number: int
) -> HttpResponse:
    change_request = find_request(programme, number)
    return _act(request, change_request, change_requests.withdraw, "is withdrawn.")


@require_http_methods(["GET", "HEAD", "POST"])
def change_request_decide(
    request: ProgrammeRequest, programme: Programme, number: int
) -> HttpResponse:
    change_request = find_request(programme, number)

    def show_page(*, status: int) -> HttpResponse:
        return request_page(request, change_request, status=status)

    is_waiting = change_request.state == ChangeRequestState.CHECKED
    return decide(request, change_request, show_page, is_waiting=is_waiting)


def find_request(programme: Programme, number: int) -> ChangeRequest:
    """Give a programme's request by its number. Raises Http404."""
    requests = ChangeRequest.objects.filter(programme=programme).with_subject()
    change_request = requests.filter(number=number).first()
    if change_request is None:
        raise Http404(f"There is no change request CR-{number:03} in this programme.")
    return change_request


def request_page(
    request: ProgrammeRequest, change_request: ChangeRequest, *, status: int = 200
) -> HttpResponse:
    """The page of a request, with what the person may do now."""
    user, state = request.user, change_request.state
    decisions = list(change_request.decisions.with_subject().newest_first())
    may_raise = user.has_perm("governance.raise_report", change_request)
    is_waiting = state == ChangeRequestState.CHECKED
    refusal = why_not_decide(request, change_request) if is_waiting else ""
    may_decide = is_waiting and not refusal
    exception = change_request.exception
    context = {
        "change_request": change_request,
        "stages": stages(change_request, decisions[0] if decisions else None),
        "waits_for": waits_for(change_request),
        "decisions": decisions,
        "may_supersede": supersedable(request, decisions),
        "decided": None if is_waiting else after_decision(request, decisions),
        "touched": touched_by(change_request),
        "actions": change_request.remedial_actions.by_due_date(),
        "exception_actions": exception.remedial_actions.by_due_date() if exception else [],
        "today": change_request.programme.today(),
        "may_report": may_raise,
        "may_edit": may_raise and change_request.is_editable,
        "may_withdraw": may_raise and change_request.is_under_way,
        "may_endorse": state == ChangeRequestState.SUBMITTED
        and user.has_perm("governance.endorse", change_request),
        "may_check": state == ChangeRequestState.ENDORSED
        and user.has_perm("governance.check", change_request),
        "is_waiting": is_waiting,
        "refusal": refusal,
        "decision_form": decision_form(request, change_request) if may_decide else None,
        "breadcrumb": [list_link(change_request)],
    }
    return render(request, "governance/change_request_detail.html", context, status=status)


def _act(
    request: ProgrammeRequest,
    change_request: ChangeRequest,
    act: Callable[..., ChangeRequest],
    text: str,
) -> HttpResponse:
    # Without the version that the page showed, no version fits.
    seen = VERSION.fullmatch(request.POST.get("version", ""))
    seen_version = int(seen[0]) if seen else 0
    try:
        act(change_request_id=change_request.pk, by=request.user, seen_version=seen_version)
    except WrongState as error:
        messages.error(request, str(error))
        fresh = find_request(request.programme, change_request.number)
        return request_page(request, fresh, status=409)
    messages.success(request, f"{change_request.label} {text}")
    return redirect(change_request)
