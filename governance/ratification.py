"""What was decided as chair's action comes before the next quorate ELT meeting."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from governance.decisions import check_authority
from governance.errors import WrongState
from governance.models import Decision, Meeting, MeetingKind, Ratification
from governance.queue import decidable
from governance.superseding import locked_subject
from workstreams.dates import long_day
from workstreams.models import Programme

# Whose lead may not ratify what concerns them.
WORKSTREAMS = (
    "change_request__milestone__project__workstream",
    "change_request__indicator__workstream",
    "change_request__project__workstream",
    "exception__milestone__project__workstream",
    "exception__indicator__workstream",
)


@transaction.atomic
def ratify_decision(*, decision_id: int, meeting_id: int, by: User) -> Ratification:
    """Confirm a chair's action at a quorate ELT meeting.

    Never by who took it, nor by who may not decide its subject. Whoever ratifies attends. Raises
    PermissionDenied and WrongState.
    """
    subject = locked_subject(Decision.objects.get(pk=decision_id))
    decision = Decision.objects.with_subject().get(pk=decision_id)
    if refusal := why_not_ratify(decision, by):
        raise PermissionDenied(refusal)
    meetings = Meeting.objects.select_for_update(of=("self",)).with_subject()
    meeting = meetings.get(pk=meeting_id, programme=subject.programme)
    _check_decision(decision)
    _check_meeting(meeting, decision, by)
    if not meeting.attendees.filter(pk=by.pk).exists():
        meeting.attendees.add(by)
        meeting.version += 1
        meeting.save(update_fields=["version"])
    ratification = Ratification.objects.create(
        decision=decision,
        meeting=meeting,
        ratified_by=by,
        ratified_date=meeting.held_date,
        ratified_at=timezone.now(),
    )
    details = {"decision": decision.pk, "meeting": str(meeting)}
    audit.record(actor=by, action="decision.ratified", target=decision.subject, details=details)
    return ratification


def why_not_ratify(decision: Decision, by: User) -> str:
    """Give the sentence why this person does not ratify this chair's action; "" for who may."""
    try:
        check_authority(by, decision.subject)
    except PermissionDenied as refusal:
        return str(refusal)
    if by.pk == decision.decided_by_id:
        return "You took this chair’s action, so another ELT member ratifies it."
    return ""


def chairs_actions(programme: Programme) -> list[Decision]:
    """Give what no quorate meeting has confirmed yet, the oldest first. One query."""
    decisions = Decision.objects.filter(programme=programme).to_ratify()
    decisions = decisions.with_subject().select_related(*WORKSTREAMS)
    return list(decisions.order_by("decided_date", "pk"))


def ratifiable(decisions: Iterable[Decision], by: User) -> list[Decision]:
    """Give those of ``chairs_actions`` that an ELT member may ratify.

    As ``why_not_ratify`` says it of one, in two queries for all.
    """
    known = list(decisions)
    own = decidable([decision.subject for decision in known], by)
    return [each for each in known if each.subject in own and each.decided_by_id != by.pk]


def meetings_to_ratify_at(decisions: Sequence[Decision]) -> list[Meeting]:
    """Give the ELT meetings, held and to come, at which any of these may be ratified. One query."""
    if not decisions:
        return []
    meetings = Meeting.objects.filter(
        programme=decisions[0].programme,
        kind=MeetingKind.ELT,
        closed_date__isnull=True,
        held_date__gte=min(decision.decided_date for decision in decisions),
    )
    return list(meetings.with_subject().order_by("held_date", "pk"))


def meeting_to_ratify_at(
    decision: Decision, meetings: Iterable[Meeting], *, on: date
) -> Meeting | None:
    """Give the latest meeting held since it was decided, else the next one to come."""
    since = [meeting for meeting in meetings if meeting.held_date >= decision.decided_date]
    held = [meeting for meeting in since if not meeting.is_ahead(on=on)]
    return held[-1] if held else next(iter(since), None)


def _check_decision(decision: Decision) -> None:
    label = decision.subject.label
    if not decision.is_chairs_action:
        raise WrongState(f"A meeting decided {label}, so there is nothing to ratify.")
    if decision.is_superseded:
        raise WrongState(f"This chair’s action on {label} was superseded: nothing to ratify.")
    if decision.is_ratified:
        raise WrongState(f"This chair’s action on {label} is ratified already.")


def _check_meeting(meeting: Meeting, decision: Decision, by: User) -> None:
    programme = meeting.programme
    if not meeting.is_elt:
        raise WrongState("Only an ELT meeting ratifies a chair’s action.")
    if meeting.is_closed:
        raise WrongState(f"The minutes of the {meeting} are closed: nothing is added to it.")
    if meeting.is_ahead(on=programme.today()):
        raise WrongState(
            f"The {meeting.name} is on {long_day(meeting.held_date)}. It ratifies once it is held."
        )
    if meeting.held_date < decision.decided_date:
        raise WrongState(
            f"The chair’s action of {long_day(decision.decided_date)} is ratified at a later "
            f"meeting than that of {long_day(meeting.held_date)}."
        )
    attending = {*meeting.attendees.values_list("pk", flat=True), by.pk}
    if len(attending) < programme.elt_quorum:
        raise WrongState(
            f"The quorum is {programme.elt_quorum} and {len(attending)} attend. "
            "Record who attended before anything is ratified."
        )
