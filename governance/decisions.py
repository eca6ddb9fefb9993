"""What the Executive Leadership Team decides; an approval is the change itself."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from governance import applying, change_requests, escalation
from governance.errors import StaleRecord, WrongState
from governance.models import (
    ChangeRequest,
    ChangeRequestState,
    Decision,
    ExceptionReport,
    ExceptionState,
    Meeting,
    MeetingKind,
    Outcome,
)
from workstreams.dates import long_day
from workstreams.models import Programme, Role

DECIDED_STATE = {
    Outcome.APPROVED: ChangeRequestState.APPROVED,
    Outcome.REJECTED: ChangeRequestState.REJECTED,
    Outcome.RETURNED: ChangeRequestState.RETURNED,
}


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """Where a decision is made: at an ELT meeting by those who attend, or as chair's action."""

    held_date: date
    attendees: frozenset[User] = frozenset()
    chairs_action_reason: str = ""


def elt_members(programme: Programme) -> list[User]:
    """Give the programme's ELT members by name."""
    members = User.objects.filter(
        memberships__programme=programme, memberships__role=Role.ELT_MEMBER, is_active=True
    )
    return list(members.order_by("full_name", "pk"))


@transaction.atomic
def decide_change_request(
    *,
    change_request_id: int,
    by: User,
    outcome: Outcome,
    sitting: Sitting,
    comment: str = "",
    seen_version: int,
) -> Decision:
    """Approve, reject or return a checked request. An approval makes all its changes at once.

    Raises PermissionDenied, WrongState, PlanMoved and ValidationError by field; then nothing of
    it has happened.
    """
    request = change_requests.locked(change_request_id)
    check_authority(by, request)
    if request.state != ChangeRequestState.CHECKED:
        raise WrongState(request.why_not_decided)
    if request.version != seen_version:
        raise StaleRecord(f"{request.label} changed since you opened it. Read it again.")
    if outcome not in DECIDED_STATE:
        raise ValidationError({"outcome": "Choose approve, reject or return"})
    if outcome == Outcome.APPROVED:
        applying.check_plan(request)
    decided = DECIDED_STATE[outcome]
    decision = record_decision(
        by, outcome, sitting, comment, leads_to=decided, change_request=request
    )
    request.state = decided
    request.version += 1
    request.save(update_fields=["state", "version"])
    if outcome == Outcome.APPROVED:
        applying.apply(request, by=by, on=sitting.held_date)
    return decision


@transaction.atomic
def decide_exception(
    *,
    exception_id: int,
    by: User,
    outcome: Outcome,
    sitting: Sitting,
    comment: str = "",
    seen_version: int | None = None,
) -> Decision:
    """Accept or return a submitted exception report.

    Raises PermissionDenied, WrongState (StaleRecord when it changed since `seen_version`) and
    ValidationError by field.
    """
    reports = ExceptionReport.objects.select_for_update(of=("self",)).with_subject()
    report = reports.get(pk=exception_id)
    check_authority(by, report)
    if report.state != ExceptionState.SUBMITTED:
        raise WrongState(f"{report.label} is {report.state_words}.")
    if seen_version is not None and report.version != seen_version:
        raise StaleRecord(f"{report.label} changed since you opened it. Read it again.")
    if outcome not in (Outcome.ACCEPTED, Outcome.RETURNED):
        raise ValidationError({"outcome": "Choose accept or return"})
    accepted = outcome == Outcome.ACCEPTED
    decided = ExceptionState.ACCEPTED if accepted else ExceptionState.RETURNED
    decision = record_decision(by, outcome, sitting, comment, leads_to=decided, exception=report)
    report.state = decided
    if not accepted:
        escalation.restart_clock(report, on=report.programme.today())
    report.version += 1
    report.save(update_fields=["state", "version", "report_due_date"])
    return decision


def check_authority(by: User, subject: ChangeRequest | ExceptionReport) -> None:
    """Raise PermissionDenied, with the sentence to show, for who may not decide this.

    Only ELT members decide; nobody what they wrote on or checked themselves, nor what belongs to
    the work stream they lead (design: change control).
    """
    if not by.has_perm("governance.decide", subject):
        raise PermissionDenied("Only a member of the Executive Leadership Team decides.")
    if by.pk == subject.author_id:
        raise PermissionDenied("You raised this, so another ELT member decides it.")
    if subject.authors.filter(pk=by.pk).exists():
        raise PermissionDenied("You wrote on this, so another ELT member decides it.")
    if by.pk == subject.checker_id:
        raise PermissionDenied("You checked this for the PMO, so another ELT member decides it.")
    workstream = subject.workstream
    if workstream and workstream.executive_lead_id == by.pk:
        raise PermissionDenied(
            f"You lead {workstream.code}, so you endorse its changes and another ELT member "
            "decides them."
        )
    if workstream is None and subject.lead_director_id == by.pk:
        raise PermissionDenied("You direct this milestone, so another ELT member decides it.")


def record_decision(
    by: User,
    outcome: Outcome,
    sitting: Sitting,
    comment: str,
    *,
    leads_to: str,
    change_request: ChangeRequest | None = None,
    exception: ExceptionReport | None = None,
    supersedes: Decision | None = None,
) -> Decision:
    """Write down a decision and where it was made; for services that hold its subject's lock.

    `leads_to` is the subject's state after it, which is the caller's to store. Raises
    ValidationError by field.
    """
    subject = change_request or exception
    assert subject is not None
    programme = subject.programme
    # A decision comes after what it decides on, and after the one whose place it takes.
    days = [subject.ready_date, supersedes and supersedes.decided_date]
    ready = max((day for day in days if day), default=None)
    check_sitting(programme, by, outcome, sitting, comment, ready=ready)
    decision = Decision.objects.create(
        programme=programme,
        change_request=change_request,
        exception=exception,
        outcome=outcome,
        comment=comment.strip(),
        meeting=_meeting(programme, by, sitting),
        chairs_action_reason=sitting.chairs_action_reason.strip(),
        supersedes=supersedes,
        decided_by=by,
        decided_date=sitting.held_date,
        decided_at=timezone.now(),
    )
    details = {"comment": comment, "place": decision.place, "decision": decision.pk}
    if supersedes:
        details["supersedes"] = supersedes.pk
    audit.record(
        actor=by,
        action=f"decision.{outcome.value}",
        target=subject,
        changes=audit.changed({"state": subject.state}, {"state": leads_to}),
        details=details,
    )
    return decision


def check_sitting(
    programme: Programme,
    by: User,
    outcome: Outcome,
    sitting: Sitting,
    comment: str,
    *,
    ready: date | None,
) -> None:
    """Raise ValidationError by field unless this may be decided there and then."""
    errors: dict[str, str] = {}
    if outcome in (Outcome.REJECTED, Outcome.RETURNED) and not comment.strip():
        errors["comment"] = "Enter a comment: who asked needs to know why"
    if sitting.held_date > programme.today():
        errors["held_date"] = "Meeting date must be today or in the past"
    elif ready and sitting.held_date < ready:
        errors["held_date"] = (
            f"Meeting date must be on or after {long_day(ready)}, when this came to the ELT"
        )
    if not sitting.chairs_action_reason.strip():
        meeting = _elt_meeting(programme, sitting)
        recorded = set(meeting.attendees.all()) if meeting else set()
        attending = sitting.attendees | {by} | recorded
        strangers = attending - recorded - set(elt_members(programme))
        if meeting and meeting.is_closed:
            errors["held_date"] = (
                f"The minutes of the {meeting} are closed. "
                "Choose another meeting, or give a reason for chair’s action"
            )
        elif strangers:
            errors["attendees"] = "Only ELT members attend: " + ", ".join(map(str, strangers))
        elif len(attending) < programme.elt_quorum:
            errors["attendees"] = (
                f"The quorum is {programme.elt_quorum}. Choose everybody who attends, "
                "or give a reason for chair’s action"
            )
    if errors:
        raise ValidationError(errors)


def _elt_meeting(programme: Programme, sitting: Sitting) -> Meeting | None:
    """Give the meeting that is recorded for the day, locked: its minutes cannot close meanwhile."""
    meetings = Meeting.objects.filter(programme=programme, kind=MeetingKind.ELT)
    return meetings.select_for_update().filter(held_date=sitting.held_date).first()


def _meeting(programme: Programme, by: User, sitting: Sitting) -> Meeting | None:
    if sitting.chairs_action_reason.strip():
        return None
    meeting, is_new = Meeting.objects.get_or_create(
        programme=programme, kind=MeetingKind.ELT, held_date=sitting.held_date
    )
    added = {by, *sitting.attendees} - set(meeting.attendees.all())
    if added and not is_new:
        # Whoever has its form open sees that somebody was added.
        meeting.version += 1
        meeting.save(update_fields=["version"])
    meeting.attendees.add(by, *sitting.attendees)
    return meeting
