"""A decision is never changed or deleted: a new one that names it takes its place."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from governance import change_requests
from governance.decisions import Sitting, check_authority, record_decision
from governance.errors import StaleRecord, WrongState
from governance.models import (
    ChangeRequest,
    ChangeRequestState,
    Decision,
    ExceptionReport,
    ExceptionState,
    Outcome,
)

# What a decision left its subject in: while it stands there, another decision may take its place.
LEFT_REQUEST = {
    Outcome.REJECTED: ChangeRequestState.REJECTED,
    Outcome.RETURNED: ChangeRequestState.RETURNED,
}
LEFT_REPORT = {
    Outcome.ACCEPTED: ExceptionState.ACCEPTED,
    Outcome.RETURNED: ExceptionState.RETURNED,
}


@transaction.atomic
def supersede_decision(
    *,
    decision_id: int,
    by: User,
    outcome: Outcome,
    sitting: Sitting,
    comment: str,
    seen_version: int,
) -> Decision:
    """Decide anew what was decided wrongly or said badly; the earlier decision stays on record.

    An approved change is not undone this way: the plan has moved, so a new change request moves
    it again. Raises PermissionDenied, WrongState (StaleRecord when the subject changed since
    `seen_version`) and ValidationError by field; then nothing of it has happened.
    """
    earlier = Decision.objects.with_subject().get(pk=decision_id)
    subject = locked_subject(earlier)
    check_authority(by, subject)
    # Again, now that the lock is held: somebody may have superseded it meanwhile.
    earlier = Decision.objects.with_subject().get(pk=decision_id)
    obstacle = why_not_superseded(earlier, subject)
    if obstacle:
        raise WrongState(obstacle)
    if subject.version != seen_version:
        raise StaleRecord(f"{subject.label} changed since you opened it. Read it again.")
    _check_difference(earlier, outcome, sitting, comment)
    decision = record_decision(
        by,
        outcome,
        sitting,
        comment,
        leads_to=_left(subject)[outcome],
        change_request=subject if isinstance(subject, ChangeRequest) else None,
        exception=subject if isinstance(subject, ExceptionReport) else None,
        supersedes=earlier,
    )
    subject.state = _left(subject)[outcome]
    subject.version += 1
    subject.save(update_fields=["state", "version"])
    return decision


def why_not_superseded(decision: Decision, subject: ChangeRequest | ExceptionReport) -> str:
    """Say why no other decision can take the place of this one (any more); "" when one can."""
    if decision.is_superseded:
        return "This decision was superseded already. Supersede the one that took its place."
    if decision.outcome == Outcome.APPROVED:
        return (
            f"{subject.label} is approved and the plan has changed with it. "
            "To change the plan again, ask for it by a new change request."
        )
    newest = subject.decisions.order_by("-pk").values_list("pk", flat=True).first()
    if newest != decision.pk or subject.state != _left(subject)[Outcome(decision.outcome)]:
        return f"{subject.label} is {subject.state_words}, so its earlier decision stands."
    return ""


def outcomes_instead(decision: Decision) -> tuple[Outcome, ...]:
    """Give what may be decided in the place of a decision; the same with another comment too."""
    return tuple(_left(decision.subject))


def _left(subject: ChangeRequest | ExceptionReport) -> dict[Outcome, str]:
    return {**(LEFT_REQUEST if isinstance(subject, ChangeRequest) else LEFT_REPORT)}


def locked_subject(decision: Decision) -> ChangeRequest | ExceptionReport:
    """Give what was decided as it is now, locked until the transaction ends."""
    if decision.change_request_id:
        return change_requests.locked(decision.change_request_id)
    reports = ExceptionReport.objects.select_for_update(of=("self",)).with_subject()
    return reports.get(decisions=decision)


def _check_difference(earlier: Decision, outcome: Outcome, sitting: Sitting, comment: str) -> None:
    errors: dict[str, str] = {}
    if outcome not in outcomes_instead(earlier):
        errors["outcome"] = "Choose the decision from the list"
    if not comment.strip():
        errors["comment"] = "Enter a comment: why the earlier decision does not stand"
    elif outcome == earlier.outcome and comment.strip() == earlier.comment:
        errors["comment"] = "This is what was decided. Change the decision or its comment"
    was_at_meeting = not earlier.is_chairs_action or earlier.is_ratified
    if was_at_meeting and sitting.chairs_action_reason.strip():
        errors["place"] = "A meeting decided this, so only a meeting supersedes it"
    request = earlier.change_request
    if request and outcome == Outcome.RETURNED and earlier.outcome == Outcome.REJECTED:
        other = ChangeRequest.objects.under_way().about_the_same_as(request).first()
        if other:
            errors["outcome"] = (
                f"{other.label} for {request.subject_reference} is under way, so {request.label} "
                "stays ended"
            )
    if errors:
        raise ValidationError(errors)
