"""Asking for a change of plan: raised, endorsed by the executive lead, checked by the PMO."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from accounts import audit
from accounts.models import User
from governance.actions import said_actions, save_actions
from governance.errors import StaleRecord, WrongState
from governance.models import (
    Change,
    ChangeKind,
    ChangeRequest,
    ChangeRequestState,
    ExceptionReport,
    Subject,
)
from governance.proposals import Proposal, asked_changes
from governance.review import lock_numbers
from metrics.models import Indicator
from metrics.trajectories import is_baselined
from milestones.models import Milestone, MilestoneQuerySet
from milestones.plan_changes import dependants
from workstreams.models import Project

MAY_RAISE = "Only its owner, its executive lead or the PMO asks for a change."
MAY_CHANGE = "Only its owner, its executive lead or the PMO changes a request."


@transaction.atomic
def raise_change_request(
    *,
    milestone_id: int | None = None,
    indicator_id: int | None = None,
    project_id: int | None = None,
    by: User,
    proposal: Proposal,
    submit: bool,
) -> ChangeRequest:
    """Ask for changes of a milestone or an indicator, or for a new milestone of a project.

    Exactly one id is given. It is kept as a draft or submitted at once; an open exception of its
    subject is linked. Raises PermissionDenied, WrongState (not baselined, or another request is
    under way) and ValidationError by field.
    """
    subject = _subject(milestone_id, indicator_id, project_id)
    if not by.has_perm("governance.raise_report", subject):
        raise PermissionDenied(MAY_RAISE)
    programme = lock_numbers(subject.programme.pk)
    obstacle = why_no_request(subject)
    if obstacle:
        raise WrongState(obstacle)
    changes = asked_changes(subject, proposal)
    highest = programme.change_requests.aggregate(highest=Max("number"))["highest"] or 0
    request = ChangeRequest(
        programme=programme,
        number=highest + 1,
        milestone=subject if isinstance(subject, Milestone) else None,
        indicator=subject if isinstance(subject, Indicator) else None,
        project=subject if isinstance(subject, Project) else None,
        exception=open_exception(subject),
        raised_by=by,
        raised_date=programme.today(),
    )
    _propose(request, proposal, submit=submit)
    request.save(force_insert=True)
    _keep(request, changes, proposal, by=by)
    return request


def _subject(milestone_id: int | None, indicator_id: int | None, project_id: int | None) -> Subject:
    if milestone_id is not None:
        return Milestone.objects.with_people().get(pk=milestone_id)
    if indicator_id is not None:
        return Indicator.objects.with_people().get(pk=indicator_id)
    assert project_id is not None
    return Project.objects.select_related("workstream__programme").get(pk=project_id)


def open_exception(subject: Subject) -> ExceptionReport | None:
    """Give the open exception of what a change is asked for; a project has none of its own."""
    reports = ExceptionReport.objects.open().select_related("programme")
    if isinstance(subject, Milestone):
        return reports.filter(milestone=subject).first()
    return reports.filter(indicator=subject).first() if isinstance(subject, Indicator) else None


def why_no_request(subject: Subject) -> str:
    """Say why nobody can ask for a change of this now; "" when it can be asked for."""
    if isinstance(subject, Project):
        return ""
    if isinstance(subject, Indicator):
        kind = "indicator"
        if not is_baselined(subject):
            return (
                f"The trajectory of {subject.reference} is not agreed yet, so the PMO can still "
                "set it without a request."
            )
    else:
        kind = "milestone"
        if not subject.is_open:
            status = subject.get_status_display().lower()
            return f"{subject.reference} is {status}, so its plan stays as it is."
    standing = subject.change_requests.under_way().first()
    if standing is None:
        return ""
    return (
        f"{standing.label} for this {kind} is still under way. Wait for its decision, or withdraw "
        "it first."
    )


@transaction.atomic
def revise_change_request(
    *, change_request_id: int, by: User, proposal: Proposal, submit: bool, seen_version: int
) -> ChangeRequest:
    """Change a draft or a returned request. Its old values become those of the plan today.

    Raises PermissionDenied, WrongState (StaleRecord when it changed since `seen_version`) and
    ValidationError by field.
    """
    request = locked(change_request_id)
    if not by.has_perm("governance.raise_report", request):
        raise PermissionDenied(MAY_CHANGE)
    if not request.is_editable:
        raise _wrong_state(request)
    _check_version(request, seen_version)
    subject = request.subject
    if isinstance(subject, Milestone) and not subject.is_open:
        status = subject.get_status_display().lower()
        raise WrongState(f"{subject.reference} is {status}. Withdraw {request.label}.")
    changes, before = asked_changes(subject, proposal, revised=request), _asked(request)
    _propose(request, proposal, submit=submit)
    request.save()
    request.changes.all().delete()
    _keep(request, changes, proposal, by=by, before=before)
    return request


@transaction.atomic
def endorse(*, change_request_id: int, by: User, seen_version: int | None = None) -> ChangeRequest:
    """Endorse a submitted request as the executive lead of its work stream.

    Raises PermissionDenied and WrongState (StaleRecord when it changed since `seen_version`).
    """
    request = locked(change_request_id)
    if not by.has_perm("governance.endorse", request):
        raise PermissionDenied("Only the executive lead of its work stream endorses a request.")
    if request.state != ChangeRequestState.SUBMITTED:
        raise _wrong_state(request)
    _check_version(request, seen_version)
    request.endorsed_by, request.endorsed_date = by, request.programme.today()
    return _step(request, ChangeRequestState.ENDORSED, by, ["endorsed_by", "endorsed_date"])


@transaction.atomic
def check(*, change_request_id: int, by: User, seen_version: int | None = None) -> ChangeRequest:
    """Check an endorsed request as the PMO; it then waits for the ELT.

    Raises PermissionDenied and WrongState (StaleRecord when it changed since `seen_version`).
    """
    request = locked(change_request_id)
    if not by.has_perm("governance.check", request):
        raise PermissionDenied("Only the PMO checks a request.")
    if request.state != ChangeRequestState.ENDORSED:
        raise _wrong_state(request)
    _check_version(request, seen_version)
    request.checked_by, request.checked_date = by, request.programme.today()
    return _step(request, ChangeRequestState.CHECKED, by, ["checked_by", "checked_date"])


@transaction.atomic
def withdraw(*, change_request_id: int, by: User, seen_version: int | None = None) -> ChangeRequest:
    """Take back a request that is not decided yet.

    Raises PermissionDenied and WrongState (StaleRecord when it changed since `seen_version`).
    """
    request = locked(change_request_id)
    if not by.has_perm("governance.raise_report", request):
        raise PermissionDenied("Only its owner, its executive lead or the PMO withdraws a request.")
    if not request.is_under_way:
        raise _wrong_state(request)
    _check_version(request, seen_version)
    return _step(request, ChangeRequestState.WITHDRAWN, by, [])


def dependants_hit(request: ChangeRequest) -> MilestoneQuerySet:
    """Give the open milestones that wait for this one and are planned before the proposed date.

    None where the planned date would stay.
    """
    planned = request.planned_change
    if request.milestone is None or planned is None:
        return Milestone.objects.none()
    return dependants(request.milestone).filter(planned_date__lt=planned.new_date)


def locked(change_request_id: int) -> ChangeRequest:
    """Give the request as it is now, locked until the transaction ends."""
    requests = ChangeRequest.objects.select_for_update(of=("self",)).with_subject()
    return requests.get(pk=change_request_id)


def _propose(request: ChangeRequest, proposal: Proposal, *, submit: bool) -> None:
    request.reason = proposal.reason.strip()
    request.delivery_impact = proposal.delivery_impact.strip()
    request.endorsed_by = request.checked_by = None
    request.endorsed_date = request.checked_date = None
    request.state = ChangeRequestState.SUBMITTED if submit else ChangeRequestState.DRAFT
    request.version = (request.version or 0) + 1


def _keep(
    request: ChangeRequest,
    changes: list[Change],
    proposal: Proposal,
    *,
    by: User,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Store what belongs to the saved request: its changes, remedial actions and author.

    `before` is what a revised request asked for until now.
    """
    for change in changes:
        change.request = request
        change.save(force_insert=True)
    save_actions(request, proposal.actions)
    request.authors.add(by)
    asked = _asked(request)
    audit.record(
        actor=by,
        action="change_request.raised" if before is None else "change_request.revised",
        target=request,
        changes=audit.changed(dict.fromkeys(asked) | dict(before or {}), asked),
    )


def _asked(request: ChangeRequest) -> dict[str, Any]:
    """Give what a stored request asks for and says, for the journal; a change as from and to."""
    changes = {str(kind): None for kind in ChangeKind} | {
        change.kind: {"from": change.old_value, "to": change.new_value}
        for change in request.changes.all()
    }
    said = ("state", "reason", "delivery_impact", "endorsed_by", "checked_by")
    return {
        **{name: getattr(request, name) for name in said},
        **changes,
        "remedial_actions": said_actions(request) or None,
    }


def _step(
    request: ChangeRequest, state: ChangeRequestState, by: User, fields: list[str]
) -> ChangeRequest:
    was, request.state = request.state, state
    request.version += 1
    request.save(update_fields=["state", "version", *fields])
    audit.record(
        actor=by,
        action=f"change_request.{state.value}",
        target=request,
        changes={"state": (was, state)},
    )
    return request


def _wrong_state(request: ChangeRequest) -> WrongState:
    return WrongState(f"{request.label} is {request.state_words}.")


def _check_version(request: ChangeRequest, seen_version: int | None) -> None:
    if seen_version is not None and request.version != seen_version:
        raise StaleRecord(f"{request.label} changed since you opened it. Read it again.")
