"""A CQC action on its way from open to embedded: each step is a row, and none is ever changed."""

import calendar
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from governance.errors import StaleRecord, WrongState
from governance.models import CqcState, CqcStep
from milestones.models import Evidence
from milestones.models.evidence import EvidenceQuerySet
from workstreams.dates import long_day
from workstreams.models import CqcAction

LONGEST_COMMENT = 3000


class CqcEvent(models.TextChoices):
    """What somebody can do to a CQC action."""

    CLAIM = "claim", "Say that it is complete"
    SUBMIT = "submit", "Submit the evidence"
    ASSURE = "assure", "Assure it"
    EMBED = "embed", "Say that it is embedded"
    REOPEN = "reopen", "Reopen it"


@dataclass(frozen=True)
class Rule:
    """From which states an event leads to which state, who may do it, and what must be said."""

    leads_to: CqcState
    possible_in: tuple[CqcState, ...]
    permission: str
    refusal: str
    # What to enter where a comment is needed.
    needs_comment: str = ""


OWNERS = "Only its owner or the PMO says that a CQC action is complete and submits its evidence."
REVIEWERS = "Only the PMO, its executive lead or an ELT member assures a CQC action."
RULES = {
    CqcEvent.CLAIM: Rule(
        CqcState.CLAIMED,
        (CqcState.OPEN, CqcState.REOPENED),
        "governance.claim_cqc_action",
        OWNERS,
    ),
    CqcEvent.SUBMIT: Rule(
        CqcState.SUBMITTED,
        (CqcState.CLAIMED,),
        "governance.claim_cqc_action",
        OWNERS,
    ),
    CqcEvent.ASSURE: Rule(
        CqcState.ASSURED,
        (CqcState.SUBMITTED,),
        "governance.assure_cqc_action",
        REVIEWERS,
    ),
    CqcEvent.EMBED: Rule(
        CqcState.EMBEDDED,
        (CqcState.ASSURED,),
        "governance.assure_cqc_action",
        REVIEWERS,
        needs_comment="Say what you checked again and what you found",
    ),
    CqcEvent.REOPEN: Rule(
        CqcState.REOPENED,
        (CqcState.CLAIMED, CqcState.SUBMITTED, CqcState.ASSURED, CqcState.EMBEDDED),
        "governance.reopen_cqc_action",
        "Only its owner, its executive lead, an ELT member or the PMO reopens a CQC action.",
        needs_comment="Give the reason: its owner needs to know what is missing",
    ),
}
SECOND_PERSON = (CqcEvent.ASSURE, CqcEvent.EMBED)
# How an action stands, to go after "WS1-M1 is".
STATE_WORDS = {
    CqcState.OPEN: "open: its owner has not said that it is complete",
    CqcState.CLAIMED: "said to be complete and waits for its evidence",
    CqcState.SUBMITTED: "waiting for a second person to look at its evidence",
    CqcState.ASSURED: "assured and waits to be checked again",
    CqcState.EMBEDDED: "embedded",
    CqcState.REOPENED: "reopened: its owner has not said again that it is complete",
}


@transaction.atomic
def take_step(
    *,
    action_id: int,
    by: User,
    event: CqcEvent,
    seen_number: int,
    comment: str = "",
    evidence: Collection[int] = (),
) -> CqcStep:
    """Take a CQC action one step on, or reopen it. `evidence` names what is submitted.

    Raises PermissionDenied, WrongState, StaleRecord when somebody took a step since
    `seen_number` (0 before the first), and ValidationError by field.
    """
    # Locked first: of two reviewers at once, the second finds it assured already.
    actions = CqcAction.objects.select_for_update(of=("self",)).select_related(
        "programme", "workstream__executive_lead"
    )
    action = actions.get(pk=action_id)
    steps = steps_of(action)
    require_step(action, steps, by=by, event=event)
    newest = steps[0].number if steps else 0
    if newest != seen_number:
        raise StaleRecord(f"Somebody took a step on {action.reference} meanwhile. Read it again.")
    rule, today, comment = RULES[event], action.programme.today(), comment.strip()
    submitted = _checked(action, event, comment=comment, evidence=evidence)
    step = CqcStep.objects.create(
        cqc_action=action,
        number=newest + 1,
        state=rule.leads_to,
        comment=comment,
        recheck_date=_recheck_date(action, today) if event == CqcEvent.ASSURE else None,
        made_by=by,
        made_date=today,
        made_at=timezone.now(),
    )
    step.evidence.set(submitted)
    details = {"comment": comment, "evidence": [each.sha256 or each.url for each in submitted]}
    audit.record(actor=by, action=f"cqc_action.{step.state}", target=action, details=details)
    return step


def steps_of(action: CqcAction) -> list[CqcStep]:
    """Every step of an action, the newest first."""
    return list(action.steps.newest_first())


def state_of(steps: Iterable[CqcStep]) -> CqcState:
    """Where an action with these steps, the newest first, stands."""
    newest = next(iter(steps), None)
    return CqcState(newest.state) if newest else CqcState.OPEN


def proof_of(steps: Sequence[CqcStep]) -> str:
    """Whether an action with these steps, the newest first, can be proved, in a sentence."""
    state, newest = state_of(steps), next(iter(steps), None)
    if newest is None:
        return "Not proved yet: no evidence was submitted."
    made = f"by {newest.made_by} on {long_day(newest.made_date)}"
    match state:
        case CqcState.CLAIMED:
            return f"Not proved yet: said to be complete {made}, but no evidence was submitted."
        case CqcState.SUBMITTED:
            return f"Not proved yet: evidence was submitted {made}, and nobody has assured it."
        case CqcState.ASSURED:
            again = newest.recheck_date
            until = f"; checked again from {long_day(again)} on" if again else ""
            return f"Proved: assured {made}{until}."
        case CqcState.EMBEDDED:
            assured = next((step for step in steps if step.state == CqcState.ASSURED), None)
            first = (
                f"assured by {assured.made_by} on {long_day(assured.made_date)}, "
                if assured
                else ""
            )
            return f"Proved: {first}embedded {made}."
    return f"Not proved any more: reopened {made}."


def require_step(
    action: CqcAction, steps: Collection[CqcStep], *, by: User, event: CqcEvent
) -> None:
    """Raise PermissionDenied for who may not, and WrongState where nobody can now."""
    rule = RULES[event]
    if not by.has_perm(rule.permission, action):
        if event in SECOND_PERSON and owner_of(action) == by:
            raise PermissionDenied("You answer for this CQC action. A second person assures it.")
        raise PermissionDenied(rule.refusal)
    require_turn(action, steps, by=by, event=event)


def require_turn(
    action: CqcAction, steps: Collection[CqcStep], *, by: User, event: CqcEvent
) -> None:
    """Raise as ``require_step``, for who has the role: may it be done now, and by this person?"""
    state = state_of(steps)
    if state not in RULES[event].possible_in:
        raise WrongState(f"{action.reference} is {STATE_WORDS[state]}.")
    newest = next(iter(steps), None)
    if event in SECOND_PERSON and by.pk in {step.made_by_id for step in _own_words(steps)}:
        raise PermissionDenied(
            "You said that this CQC action is complete or submitted its evidence. A second person "
            "assures it."
        )
    recheck = newest.recheck_date if newest and event == CqcEvent.EMBED else None
    if recheck and action.programme.today() < recheck:
        raise WrongState(
            f"{action.reference} is checked again from {long_day(recheck)} on, not before."
        )


def refusal(action: CqcAction, steps: Collection[CqcStep], *, by: User, event: CqcEvent) -> str:
    """Why the person cannot do this now, in a sentence; "" when nothing is in the way."""
    try:
        require_step(action, steps, by=by, event=event)
    except (PermissionDenied, WrongState) as error:
        return str(error)
    return ""


def next_event(state: CqcState) -> CqcEvent | None:
    """What takes an action on from a state; nothing once it is embedded."""
    ahead = (event for event in CqcEvent if event != CqcEvent.REOPEN)
    return next((event for event in ahead if state in RULES[event].possible_in), None)


def owner_of(action: CqcAction) -> User | None:
    """Who answers for it: its owner or, where nobody is named, its executive lead."""
    return action.local_owner or action.workstream.executive_lead


def submission_of(steps: Iterable[CqcStep]) -> CqcStep | None:
    """The submission that now stands: of steps, the newest first, since the last reopening."""
    own = (step for step in _own_words(steps) if step.state == CqcState.SUBMITTED)
    return next(own, None)


def evidence_for(action: CqcAction) -> EvidenceQuerySet:
    """What can be submitted for it: the standing evidence of its projects' milestones."""
    evidence = Evidence.objects.standing().for_panel()
    return evidence.filter(milestone__project__in=action.projects.all()).order_by(
        "milestone__project__position", "milestone__position", "pk"
    )


def _own_words(steps: Iterable[CqcStep]) -> list[CqcStep]:
    """The claim and the submission that now stand: those since it was last reopened."""
    found = []
    for step in steps:
        if step.state == CqcState.REOPENED:
            break
        if step.state in (CqcState.CLAIMED, CqcState.SUBMITTED):
            found.append(step)
    return found


def _checked(
    action: CqcAction, event: CqcEvent, *, comment: str, evidence: Collection[int]
) -> list[Evidence]:
    """Give the evidence to submit; ValidationError by field for what cannot be taken."""
    errors: dict[str, str] = {}
    if not comment and RULES[event].needs_comment:
        errors["comment"] = RULES[event].needs_comment
    if len(comment) > LONGEST_COMMENT:
        errors["comment"] = f"Comment must be {LONGEST_COMMENT} characters or fewer"
    found: list[Evidence] = []
    if event == CqcEvent.SUBMIT:
        found = list(evidence_for(action).filter(pk__in=evidence))
        if not evidence:
            errors["evidence"] = "Choose at least one piece of evidence"
        elif len(found) != len(set(evidence)):
            errors["evidence"] = "Choose evidence from the list: one piece was removed meanwhile"
    if errors:
        raise ValidationError(errors)
    return found


def _recheck_date(action: CqcAction, today: date) -> date:
    """The same day so many months later, or the last of a shorter month."""
    months = today.month - 1 + action.programme.recheck_months
    year, month = today.year + months // 12, months % 12 + 1
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
