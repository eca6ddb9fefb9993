from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance import decisions, queue, superseding
from governance.agenda import next_meeting
from governance.errors import StaleRecord, WrongState
from governance.forms import DecisionForm, add_service_errors, with_version
from governance.models import (
    ChangeRequest,
    Decision,
    ExceptionReport,
    Meeting,
    Outcome,
)
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme, Role

Subject = ChangeRequest | ExceptionReport
# Shows the subject's own page with a status.
ShowPage = Callable[..., HttpResponse]
# As many meetings whose minutes are not closed are offered to decide at.
MOST_MEETINGS = 12


@require_safe
def decision_queue(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    today = programme.today()
    chairs_actions = Decision.objects.filter(programme=programme).to_ratify().with_subject()
    context = {
        "queue": queue.decision_queue(programme, on=today),
        "meeting": next_meeting(programme, on=today),
        "next_meeting": queue.next_elt_date(programme, on=today),
        "to_ratify": chairs_actions.order_by("decided_date", "pk"),
    }
    return render(request, "governance/decision_queue.html", context)


def list_link(subject: Subject) -> tuple[str, str]:
    """Give the breadcrumb's label and address of the list that holds this."""
    name, label = "exception_list", "Exceptions"
    if isinstance(subject, ChangeRequest):
        name, label = "change_request_list", "Change requests"
    return label, reverse(f"governance:{name}", args=[subject.programme.slug])


def why_not_decide(request: ProgrammeRequest, subject: Subject) -> str:
    """Give the sentence why this person does not decide this; "" for who may."""
    try:
        decisions.check_authority(request.user, subject)
    except PermissionDenied as refusal:
        return str(refusal)
    return ""


def supersedable(request: ProgrammeRequest, decisions_made: Sequence[Decision]) -> Decision | None:
    """Give the decision in force if this person may supersede it; the newest comes first."""
    newest = decisions_made[0] if decisions_made else None
    if newest is None or Role.ELT_MEMBER not in request.roles:
        return None
    subject = newest.subject
    obstacle = superseding.why_not_superseded(newest, subject)
    return None if obstacle or why_not_decide(request, subject) else newest


def after_decision(
    request: ProgrammeRequest, decisions_made: Sequence[Decision]
) -> dict[str, queue.Waiting | None] | None:
    """Give what the person may decide next, on the day on which they decided this."""
    newest, programme = (decisions_made[0] if decisions_made else None), request.programme
    if newest is None or newest.decided_by_id != request.user.pk:
        return None
    if timezone.localdate(newest.decided_at) != timezone.localdate():
        return None
    if Role.ELT_MEMBER not in request.roles:
        return None
    return {"next": queue.next_to_decide(programme, by=request.user, on=programme.today())}


def decision_form(
    request: ProgrammeRequest,
    subject: Subject,
    data: Mapping[str, Any] | None = None,
    *,
    instead_of: Decision | None = None,
) -> DecisionForm:
    """Give the form that decides a request or report, for the first time or instead of a decision.

    The meeting that the address names is chosen beforehand, else today's; and ticked is the
    decider with whoever is recorded there.
    """
    programme, today = request.programme, request.programme.today()
    meetings = list(
        Meeting.objects.filter(programme=programme)
        .that_may_decide(on=today)
        .with_subject()
        .newest_first()[:MOST_MEETINGS]
    )
    named = request.GET.get("meeting", "")
    meeting = next((each for each in meetings if str(each.pk) == named), None)
    meeting = meeting or next((each for each in meetings if each.held_date == today), None)
    attending = {request.user.pk}
    if meeting:
        attending |= set(meeting.attendees.values_list("pk", flat=True))
    form = DecisionForm(
        data,
        outcomes=_outcomes(subject, superseding.outcomes_instead(instead_of) if instead_of else ()),
        programme=programme,
        members=decisions.elt_members(programme),
        meetings=meetings,
        initial={
            "meeting": meeting.pk if meeting else None,
            "held_date": today,
            "attendees": list(attending),
            "version": subject.version,
        },
    )
    if instead_of:
        form.fields["comment"].help_text = "You must enter why the earlier decision does not stand."
    return form


def decide(
    request: ProgrammeRequest, subject: Subject, show_page: ShowPage, *, is_waiting: bool
) -> HttpResponse:
    """Answer the page on which a request or report is decided; GET shows it, POST decides."""
    decisions.check_authority(request.user, subject)
    if not is_waiting:
        words = f"{subject.label} is {subject.state_words}."
        if isinstance(subject, ChangeRequest):
            words = subject.why_not_decided
        messages.error(request, words)
        return show_page(status=409)
    return _answer(request, subject, show_page)


@require_http_methods(["GET", "HEAD", "POST"])
def decision_supersede(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    earlier = Decision.objects.filter(programme=programme, pk=pk).with_subject().first()
    if earlier is None:
        raise Http404("There is no such decision in this programme.")
    subject = earlier.subject
    decisions.check_authority(request.user, subject)

    def show_page(*, status: int) -> HttpResponse:
        return _show(request, subject, None, instead_of=earlier, status=status)

    obstacle = superseding.why_not_superseded(earlier, subject)
    if obstacle:
        messages.error(request, obstacle)
        return show_page(status=409)
    return _answer(request, subject, show_page, instead_of=earlier)


def _answer(
    request: ProgrammeRequest,
    subject: Subject,
    show_page: ShowPage,
    *,
    instead_of: Decision | None = None,
) -> HttpResponse:
    def form_of(data: Mapping[str, Any] | None = None) -> DecisionForm:
        return decision_form(request, subject, data, instead_of=instead_of)

    def show(form: DecisionForm, *, status: int = 200) -> HttpResponse:
        return _show(request, subject, form, instead_of=instead_of, status=status)

    if request.method != "POST":
        return show(form_of())
    form = form_of(request.POST)
    if not form.is_valid():
        return show(form, status=422)
    try:
        decision = _record(request, subject, form, instead_of)
    except StaleRecord as error:
        form = form_of(with_version(request.POST, subject.version))
        form.add_error(None, str(error))
        return show(form, status=409)
    except WrongState as error:
        messages.error(request, str(error))
        subject.refresh_from_db(fields=["state", "version"])
        return show_page(status=409)
    except ValidationError as error:
        add_service_errors(form, error)
        return show(form, status=422)
    messages.success(request, _done(decision))
    return redirect(subject)


def _record(
    request: ProgrammeRequest, subject: Subject, form: DecisionForm, instead_of: Decision | None
) -> Decision:
    values = form.cleaned_data
    given: dict[str, Any] = {
        "by": request.user,
        "outcome": Outcome(values["outcome"]),
        "sitting": form.sitting(),
        "comment": values["comment"],
        "seen_version": values["version"],
    }
    if instead_of:
        return superseding.supersede_decision(decision_id=instead_of.pk, **given)
    if isinstance(subject, ChangeRequest):
        return decisions.decide_change_request(change_request_id=subject.pk, **given)
    return decisions.decide_exception(exception_id=subject.pk, **given)


def _show(
    request: ProgrammeRequest,
    subject: Subject,
    form: DecisionForm | None,
    *,
    instead_of: Decision | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "subject": subject,
        "form": form,
        "instead_of": instead_of,
        "change_request": subject if isinstance(subject, ChangeRequest) else None,
        "breadcrumb": [list_link(subject), (subject.label, subject.get_absolute_url())],
    }
    return render(request, "governance/decision_form.html", context, status=status)


def _outcomes(subject: Subject, only: Container[Outcome] = ()) -> list[tuple[Outcome, str]]:
    return [(each, words) for each, words in _worded(subject) if not only or each in only]


def _worded(subject: Subject) -> list[tuple[Outcome, str]]:
    if isinstance(subject, ChangeRequest):
        return [
            (Outcome.APPROVED, f"Approve: {subject.if_approved}"),
            (Outcome.REJECTED, "Reject: the plan stays as it is and the request ends"),
            (Outcome.RETURNED, f"Return: it goes back to {subject.raised_by} to be revised"),
        ]
    return [
        (
            Outcome.ACCEPTED,
            "Accept: the remedial actions stand and the planned date or trajectory stays",
        ),
        (Outcome.RETURNED, f"Return: it goes back to {subject.submitted_by} for a better report"),
    ]


def _done(decision: Decision) -> str:
    text = f"{decision.subject.label} is {decision.get_outcome_display().lower()}."
    request = decision.change_request
    if request and decision.outcome == Outcome.APPROVED:
        text += f" {request.outcome_text}"
    if decision.is_chairs_action:
        text += " It is listed for ratification."
    return text
