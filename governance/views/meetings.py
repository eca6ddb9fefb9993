import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_filters.views import FilterView

from governance import meeting_actions, meetings
from governance.actions import programme_people
from governance.agenda import agenda_of, minutes_of
from governance.errors import StaleRecord, WrongState
from governance.filters import MeetingFilter
from governance.forms import add_service_errors, with_version
from governance.meeting_forms import (
    ActionForm,
    ChangeActionForm,
    PlanForm,
    RecordForm,
    bodies_for,
)
from governance.models import Meeting, MeetingAction, MeetingQuerySet
from governance.queue import decidable
from governance.ratification import ratify_decision
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme, Role

NUMBER = re.compile(r"[0-9]{1,9}")
KEEPERS = "Only the PMO, or the executive lead for the own work stream, keeps its meetings."


class MeetingListView(FilterView):
    filterset_class = MeetingFilter
    template_name = "governance/meeting_list.html"
    context_object_name = "meetings"
    paginate_by = 50

    def get_queryset(self) -> MeetingQuerySet:
        rows = Meeting.objects.filter(programme=self.kwargs["programme"])
        return rows.for_list().newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        programme = self.kwargs["programme"]
        return {
            **context,
            "form": context["filter"].form,
            "today": programme.today(),
            "may_plan": bool(bodies_for(programme, self.request.user)),
        }


@require_safe
def meeting_detail(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    return _page(request, _find(programme, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_create(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    bodies = bodies_for(programme, request.user)
    if not bodies:
        raise PermissionDenied(KEEPERS)
    if request.method != "POST":
        form = PlanForm(programme=programme, bodies=bodies)
        return _plan_page(request, form)
    form = PlanForm(request.POST, programme=programme, bodies=bodies)
    if not form.is_valid():
        return _plan_page(request, form, status=422)
    kind, workstream = bodies[form.cleaned_data["body"]]
    try:
        meeting = meetings.plan_meeting(
            programme=programme,
            by=request.user,
            kind=kind,
            workstream=workstream,
            held_date=form.cleaned_data["held_date"],
        )
    except ValidationError as error:
        add_service_errors(form, error)
        return _plan_page(request, form, status=422)
    messages.success(request, f"The {meeting} is on the list.")
    return redirect(meeting)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_edit(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    meeting = _find(programme, pk)
    if not request.user.has_perm("governance.hold_meeting", meeting):
        raise PermissionDenied(KEEPERS)
    if meeting.is_closed:
        sentence = f"The minutes of the {meeting} are closed: they stand as they are."
        return _refuse(request, meeting, sentence)
    if request.method != "POST":
        return _record_page(request, meeting, RecordForm(meeting=meeting))
    form = RecordForm(request.POST, meeting=meeting)
    if not form.is_valid():
        return _record_page(request, meeting, form, status=422)
    try:
        meetings.record_meeting(
            meeting_id=meeting.pk,
            by=request.user,
            seen_version=form.cleaned_data["version"],
            record=form.record(),
        )
    except StaleRecord as error:
        stored = _find(programme, pk)
        form = RecordForm(with_version(request.POST, stored.version), meeting=stored)
        form.add_error(None, str(error))
        return _record_page(request, stored, form, status=409)
    except WrongState as error:
        return _refuse(request, _find(programme, pk), str(error))
    except ValidationError as error:
        add_service_errors(form, error)
        return _record_page(request, meeting, form, status=422)
    messages.success(request, "The record of the meeting is saved.")
    return redirect(meeting)


@require_POST
def meeting_close(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    meeting = _find(programme, pk)
    # Without the version that the page showed, no version fits.
    seen = NUMBER.fullmatch(request.POST.get("version", ""))
    seen_version = int(seen[0]) if seen else 0
    try:
        meetings.close_meeting(meeting_id=meeting.pk, by=request.user, seen_version=seen_version)
    except WrongState as error:
        return _refuse(request, _find(programme, pk), str(error))
    messages.success(request, f"The minutes of the {meeting} are closed and stand.")
    return redirect(meeting)


@require_POST
def meeting_action_add(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    meeting = _find(programme, pk)
    if not request.user.has_perm("governance.hold_meeting", meeting):
        raise PermissionDenied(KEEPERS)
    form = ActionForm(request.POST, people=programme_people(programme))
    if not form.is_valid():
        return _page(request, meeting, action_form=form, status=422)
    values = form.cleaned_data
    try:
        action = meeting_actions.agree_action(
            meeting_id=meeting.pk,
            by=request.user,
            text=values["text"],
            owner=form.people[values["owner"]],
            due_date=values["due_date"],
        )
    except WrongState as error:
        messages.error(request, str(error))
        return _page(request, _find(programme, pk), action_form=form, status=409)
    except ValidationError as error:
        add_service_errors(form, error)
        return _page(request, meeting, action_form=form, status=422)
    messages.success(request, f"“{action.text}” is agreed, for {action.owner}.")
    return redirect(meeting)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_action_edit(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    action = _find_action(programme, pk)
    if not request.user.has_perm("governance.hold_meeting", action.meeting):
        raise PermissionDenied(KEEPERS)
    if obstacle := meeting_actions.why_not_changed(action):
        return _refuse(request, action.meeting, obstacle)
    people = programme_people(programme)
    if request.method != "POST":
        return _action_page(request, action, ChangeActionForm(action=action, people=people))
    form = ChangeActionForm(request.POST, action=action, people=people)
    if not form.is_valid():
        return _action_page(request, action, form, status=422)
    values = form.cleaned_data
    try:
        changed = meeting_actions.change_action(
            action_id=action.pk,
            by=request.user,
            seen=values["seen"],
            text=values["text"],
            owner=form.people[values["owner"]],
            due_date=values["due_date"],
        )
    except StaleRecord as error:
        stored = _find_action(programme, pk)
        form = ChangeActionForm.on_top_of(request.POST, action=stored, people=people)
        form.add_error(None, str(error))
        return _action_page(request, stored, form, status=409)
    except WrongState as error:
        return _refuse(request, _find(programme, action.meeting_id), str(error))
    except ValidationError as error:
        add_service_errors(form, error)
        return _action_page(request, action, form, status=422)
    messages.success(request, f"“{changed.text}” is saved.")
    return redirect(_pressed_at(action, request.GET.get("meeting", "")))


@require_POST
def meeting_action_done(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    action = _find_action(programme, pk)
    meeting_actions.complete_meeting_action(action_id=action.pk, by=request.user)
    messages.success(request, f"“{action.text}” is marked as done.")
    return redirect(_pressed_at(action, request.POST.get("meeting", "")))


@require_POST
def meeting_ratify(
    request: ProgrammeRequest, programme: Programme, pk: int, decision: int
) -> HttpResponse:
    meeting = _find(programme, pk)
    chairs_action = programme.decisions.with_subject().filter(pk=decision).first()
    if chairs_action is None:
        raise Http404("There is no such decision in this programme.")
    try:
        ratify_decision(decision_id=chairs_action.pk, meeting_id=meeting.pk, by=request.user)
    except WrongState as error:
        return _refuse(request, _find(programme, pk), str(error))
    label = chairs_action.subject.label
    messages.success(request, f"The chair’s action on {label} is ratified at this meeting.")
    return redirect(meeting)


def _find(programme: Programme, pk: int) -> Meeting:
    meeting = Meeting.objects.filter(programme=programme, pk=pk).with_subject().first()
    if meeting is None:
        raise Http404("There is no such meeting in this programme.")
    return meeting


def _find_action(programme: Programme, pk: int) -> MeetingAction:
    actions = MeetingAction.objects.filter(meeting__programme=programme, pk=pk)
    action = actions.first_due_first().first()
    if action is None:
        raise Http404("There is no such action of a meeting.")
    return action


def _pressed_at(action: MeetingAction, meeting: str) -> Meeting:
    """The meeting on whose page it was pressed: carried over, an action stands on several."""
    number = NUMBER.fullmatch(meeting)
    known = Meeting.objects.filter(programme=action.programme).with_subject()
    return known.filter(pk=int(number[0]) if number else 0).first() or action.meeting


def _page(
    request: ProgrammeRequest,
    meeting: Meeting,
    *,
    action_form: ActionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = meeting.programme.today()
    agenda = agenda_of(meeting, on=today)
    is_ahead = meeting.is_ahead(on=today)
    keeps = request.user.has_perm("governance.hold_meeting", meeting)
    may_hold = keeps and not meeting.is_closed
    people = programme_people(meeting.programme) if may_hold else []
    attendees = sorted(meeting.attendees.all(), key=str)
    may_decide: set[Any] = set()
    if Role.ELT_MEMBER in request.roles and not is_ahead:
        subjects = [row.item for row in agenda.to_decide]
        subjects += [decision.subject for decision in agenda.to_ratify]
        may_decide = decidable(subjects, request.user)
    context = {
        "meeting": meeting,
        "state": meeting.state(on=today),
        "is_ahead": is_ahead,
        "today": today,
        "agenda": agenda,
        "minutes": minutes_of(meeting),
        "attendees": attendees,
        "is_quorate": meeting.is_elt and len(attendees) >= meeting.programme.elt_quorum,
        "may_decide": may_decide,
        "may_hold": may_hold,
        "keeps": keeps,
        "is_keeper": not request.roles.isdisjoint({Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER}),
        "action_form": action_form or ActionForm(people=people),
        # The frame lists the errors of `form` at the top.
        "form": action_form,
        "breadcrumb": [_list_link(meeting.programme)],
    }
    return render(request, "governance/meeting_detail.html", context, status=status)


def _list_link(programme: Programme) -> tuple[str, str]:
    return "Meetings", reverse("governance:meeting_list", args=[programme.slug])


def _refuse(request: ProgrammeRequest, meeting: Meeting, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return _page(request, meeting, status=409)


def _plan_page(request: ProgrammeRequest, form: PlanForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "breadcrumb": [_list_link(request.programme)]}
    return render(request, "governance/meeting_plan.html", context, status=status)


def _record_page(
    request: ProgrammeRequest, meeting: Meeting, form: RecordForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "meeting": meeting,
        "form": form,
        "stored_attendees": sorted(meeting.attendees.all(), key=str) if status == 409 else None,
        "is_conflict": status == 409,
        "breadcrumb": [
            _list_link(meeting.programme),
            (str(meeting), meeting.get_absolute_url()),
        ],
    }
    return render(request, "governance/meeting_form.html", context, status=status)


def _action_page(
    request: ProgrammeRequest, action: MeetingAction, form: ChangeActionForm, *, status: int = 200
) -> HttpResponse:
    meeting = action.meeting
    context = {
        "action": action,
        "form": form,
        "is_conflict": status == 409,
        "breadcrumb": [
            _list_link(meeting.programme),
            (str(meeting), meeting.get_absolute_url()),
        ],
    }
    return render(request, "governance/meeting_action_form.html", context, status=status)
