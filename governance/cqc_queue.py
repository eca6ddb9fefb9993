"""Which CQC actions wait for one person to take them a step on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch

from accounts.models import User
from governance.cqc import SECOND_PERSON, CqcEvent, next_event, owner_of, require_turn, state_of
from governance.errors import WrongState
from governance.models import CqcState, CqcStep
from workstreams.models import CqcAction, Programme, Role

PMO = frozenset({Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER})
OWNERS = PMO | {Role.LOCAL_OWNER, Role.EXECUTIVE_LEAD}
REVIEWERS = PMO | {Role.ELT_MEMBER}
# What came back comes first, and what was never begun last.
ORDER = (
    CqcState.REOPENED,
    CqcState.CLAIMED,
    CqcState.SUBMITTED,
    CqcState.ASSURED,
    CqcState.OPEN,
)
WORDS = {
    CqcEvent.CLAIM: "Say that {} is complete",
    CqcEvent.SUBMIT: "Submit the evidence for {}",
    CqcEvent.ASSURE: "Assure {}",
    CqcEvent.EMBED: "Check {} again",
}


@dataclass(frozen=True)
class Turn:
    """A CQC action, the step that one person may take now, and the newest that was taken."""

    action: CqcAction
    event: CqcEvent
    step: CqcStep | None

    @property
    def state(self) -> CqcState:
        return state_of([self.step] if self.step else [])

    @property
    def asked(self) -> str:
        """What the person is asked to do: "Submit the evidence for WS1-M1"."""
        return WORDS[self.event].format(self.action.reference)


def turns_of(user: User, programme: Programme, *, roles: frozenset[str]) -> list[Turn]:
    """Give what waits for a person: to complete what they answer for, to assure what others do.

    Two queries. The PMO may also claim and submit for any owner, which waits for the owner.
    """
    if roles.isdisjoint(OWNERS | REVIEWERS):
        return []
    actions = CqcAction.objects.filter(programme=programme)
    actions = actions.select_related("programme", "local_owner", "workstream__executive_lead")
    steps = Prefetch("steps", CqcStep.objects.newest_first())
    turns = []
    for action in actions.prefetch_related(steps).order_by(
        "workstream__position", "position", "pk"
    ):
        taken = list(action.steps.all())
        event = next_event(state_of(taken))
        if event and _has_turn(action, taken, event, user, roles):
            turns.append(Turn(action, event, taken[0] if taken else None))
    return sorted(turns, key=_first_in_order)


def _has_turn(
    action: CqcAction,
    steps: Sequence[CqcStep],
    event: CqcEvent,
    user: User,
    roles: frozenset[str],
) -> bool:
    """Whether it is the person's to do: ``cqc.require_step`` without a query per action."""
    is_owner = owner_of(action) == user
    if event in SECOND_PERSON:
        leads = action.workstream.executive_lead_id == user.pk and Role.EXECUTIVE_LEAD in roles
        has_role = not is_owner and (leads or bool(roles & REVIEWERS))
    else:
        has_role = is_owner and bool(roles & OWNERS)
    if not has_role:
        return False
    try:
        require_turn(action, steps, by=user, event=event)
    except (PermissionDenied, WrongState):
        return False
    return True


def _first_in_order(turn: Turn) -> tuple[int, date]:
    return ORDER.index(turn.state), turn.step.made_date if turn.step else date.min
