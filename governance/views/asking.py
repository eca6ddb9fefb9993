"""The pages on which a change is asked for: what it is about first, then what should change."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.forms import clean_text
from governance import change_requests
from governance.action_forms import (
    ActionFormSet,
    BaseActionFormSet,
    action_rows,
    stored_rows,
    with_rows_of_others,
)
from governance.change_forms import PickForm, RequestForm, form_for
from governance.errors import StaleRecord, WrongState
from governance.forms import add_service_errors, typed_values, with_version
from governance.models import ChangeRequest, ChangeRequestState, Subject
from governance.subjects import ASKING, askable_by
from governance.views.change_requests import find_request, request_page
from metrics.models import Indicator
from milestones.models import Milestone
from milestones.plan_changes import dependants
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme, Project

# The parameters of the address, one for each kind of subject.
KINDS = ("milestone", "indicator", "project")


@require_http_methods(["GET", "HEAD", "POST"])
def change_request_create(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    subject = _subject(request, programme)
    if subject is None:
        return _pick_page(request, programme)
    if not request.user.has_perm("governance.raise_report", subject):
        raise PermissionDenied(change_requests.MAY_RAISE)
    obstacle = change_requests.why_no_request(subject)
    if obstacle:
        messages.error(request, obstacle)
    if request.method != "POST":
        form = form_for(subject, by=request.user)
        return _form_page(
            request, subject, form, action_rows(subject.programme), status=409 if obstacle else 200
        )
    form = form_for(subject, request.POST, by=request.user)
    rows = action_rows(subject.programme, request.POST)
    if obstacle:
        return _form_page(request, subject, form, rows, status=409)
    if _adds_row(request, rows):
        return _with_row(request, subject, form, rows)
    if not all([form.is_valid(), rows.is_valid()]):
        return _form_page(request, subject, form, rows, status=422)
    try:
        change_request = change_requests.raise_change_request(
            **_id_of(subject),
            by=request.user,
            proposal=form.proposal(rows.lines()),
            submit="submit" in request.POST,
        )
    except WrongState as error:
        messages.error(request, str(error))
        return _form_page(request, subject, form, rows, status=409)
    except ValidationError as error:
        add_service_errors(form, rows.take_errors(error))
        return _form_page(request, subject, form, rows, status=422)
    return _saved(request, change_request)


@require_http_methods(["GET", "HEAD", "POST"])
def change_request_edit(
    request: ProgrammeRequest, programme: Programme, number: int
) -> HttpResponse:
    stored = find_request(programme, number)
    subject = stored.subject
    if not request.user.has_perm("governance.raise_report", stored):
        raise PermissionDenied(change_requests.MAY_CHANGE)
    if not stored.is_editable:
        messages.error(request, f"{stored.label} is {stored.state_words}.")
        return request_page(request, stored, status=409)
    if request.method != "POST":
        form = form_for(subject, stored=stored)
        rows = action_rows(subject.programme, initial=stored_rows(stored), stored=stored)
        return _form_page(request, subject, form, rows, stored=stored)
    form = form_for(subject, request.POST)
    rows = action_rows(subject.programme, request.POST, stored=stored)
    if _adds_row(request, rows):
        return _with_row(request, subject, form, rows, stored=stored)
    if not all([form.is_valid(), rows.is_valid()]):
        return _form_page(request, subject, form, rows, stored=stored, status=422)
    return _revise(request, stored, form, rows)


def _revise(
    request: ProgrammeRequest, stored: ChangeRequest, form: RequestForm, rows: BaseActionFormSet
) -> HttpResponse:
    subject = stored.subject
    try:
        change_request = change_requests.revise_change_request(
            change_request_id=stored.pk,
            by=request.user,
            proposal=form.proposal(rows.lines()),
            submit="submit" in request.POST,
            seen_version=form.cleaned_data["version"],
        )
    except StaleRecord as error:
        stored = find_request(request.programme, stored.number)
        form = form_for(subject, with_version(request.POST, stored.version))
        form.add_error(None, str(error))
        rows = action_rows(
            subject.programme, with_rows_of_others(request.POST, stored), stored=stored
        )
        return _form_page(request, subject, form, rows, stored=stored, status=409)
    except WrongState as error:
        messages.error(request, str(error))
        fresh = find_request(request.programme, stored.number)
        return request_page(request, fresh, status=409)
    except ValidationError as error:
        add_service_errors(form, rows.take_errors(error))
        return _form_page(request, subject, form, rows, stored=stored, status=422)
    return _saved(request, change_request)


def _subject(request: ProgrammeRequest, programme: Programme) -> Subject | None:
    """What the address names; None while it names nothing. Raises Http404 for what is not there."""
    named = {kind: clean_text(request.GET.get(kind, "")) for kind in KINDS}
    found: Subject | None = None
    if named["milestone"]:
        milestones = Milestone.objects.filter(programme=programme).with_people()
        found = milestones.filter(reference=named["milestone"]).first()
    elif named["indicator"]:
        indicators = Indicator.objects.filter(programme=programme).with_people()
        found = indicators.filter(reference=named["indicator"]).first()
    elif named["project"]:
        projects = Project.objects.filter(workstream__programme=programme)
        projects = projects.select_related("workstream__programme", "workstream__executive_lead")
        found = projects.filter(code=named["project"]).first()
    if found is None and any(request.GET.get(kind) for kind in KINDS):
        raise Http404("There is nothing of that reference in this programme.")
    return found


def _id_of(subject: Subject) -> dict[str, int]:
    return {f"{type(subject).__name__.lower()}_id": subject.pk}


def _pick_page(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    if request.roles.isdisjoint(ASKING):
        raise PermissionDenied(change_requests.MAY_RAISE)
    askable = askable_by(request.user, programme, roles=request.roles)
    labels = {
        "milestone": ("Milestone", askable.milestones),
        "indicator": ("Indicator", askable.indicators),
        "project": ("Project", askable.projects),
    }
    picks = [
        PickForm(
            request.GET if name in request.GET else None, name=name, label=label, choices=choices
        )
        for name, (label, choices) in labels.items()
        if choices
    ]
    wrong = next((pick for pick in picks if pick.is_bound and not pick.is_valid()), None)
    context = {
        "picks": picks,
        "form": wrong,
        "breadcrumb": [_list(programme)],
    }
    status = 422 if wrong else 200
    return render(request, "governance/change_request_pick.html", context, status=status)


def _list(programme: Programme) -> tuple[str, str]:
    return "Change requests", reverse("governance:change_request_list", args=[programme.slug])


def _adds_row(request: ProgrammeRequest, rows: BaseActionFormSet) -> bool:
    return "add" in request.POST and rows.management_form.is_valid()


def _with_row(
    request: ProgrammeRequest,
    subject: Subject,
    form: RequestForm,
    rows: BaseActionFormSet,
    *,
    stored: ChangeRequest | None = None,
) -> HttpResponse:
    """The page again with one row more; nothing is judged yet."""
    again = form_for(subject, stored=stored, by=request.user)
    again.initial = {**again.initial, **typed_values(form)}
    blank = action_rows(subject.programme, initial=[*rows.typed(), {}], stored=stored)
    return _form_page(request, subject, again, blank, stored=stored)


def _form_page(
    request: ProgrammeRequest,
    subject: Subject,
    form: RequestForm,
    rows: BaseActionFormSet,
    *,
    stored: ChangeRequest | None = None,
    status: int = 200,
) -> HttpResponse:
    milestone = subject if isinstance(subject, Milestone) else None
    actions = stored.remedial_actions.by_due_date() if stored else []
    typed = rows.typed() if rows.is_bound else rows.initial or []
    above = [(str(subject), subject.get_absolute_url())]
    if stored:
        above = [_list(request.programme), (stored.label, stored.get_absolute_url())]
    context = {
        "subject": subject,
        "milestone": milestone,
        "indicator": subject if isinstance(subject, Indicator) else None,
        "form": form,
        "formset": rows,
        "done_actions": [action for action in actions if action.done_date],
        "may_add": rows.total_form_count() < ActionFormSet.max_num,
        "has_actions": any(any(row.values()) for row in typed),
        "change_request": stored,
        "is_conflict": status == 409 and stored is not None,
        "is_blocked": status == 409 and stored is None,
        "dependants": dependants(milestone) if milestone else [],
        "exception": change_requests.open_exception(subject),
        "cancel_url": (stored or subject).get_absolute_url(),
        "breadcrumb": above,
    }
    return render(request, "governance/change_request_form.html", context, status=status)


def _saved(request: ProgrammeRequest, change_request: ChangeRequest) -> HttpResponse:
    text = f"{change_request.label} is saved as a draft."
    if change_request.state == ChangeRequestState.SUBMITTED:
        text = f"{change_request.label} is submitted and waits for the executive lead."
    messages.success(request, text)
    return redirect(change_request)
