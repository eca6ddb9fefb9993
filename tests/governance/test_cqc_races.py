import pytest

from governance.cqc import CqcEvent, take_step
from governance.errors import WrongState
from governance.models import CqcState, CqcStep
from tests.factories.governance import CqcStepFactory
from tests.factories.workstreams import CqcActionFactory
from tests.governance.test_races import THREADS, at_once
from workstreams.models import Role

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_eight_reviewers_who_assure_at_once_one_does(workstream, local_owner, member):
    action = CqcActionFactory(workstream=workstream, local_owner=local_owner)
    for state in (CqcState.CLAIMED, CqcState.SUBMITTED):
        CqcStepFactory(cqc_action=action, state=state, made_by=local_owner)
    reviewers = [member(Role.ELT_MEMBER) for _ in range(THREADS)]

    results = at_once(
        lambda number: take_step(
            action_id=action.pk, by=reviewers[number], event=CqcEvent.ASSURE, seen_number=2
        )
    )

    assert sum(isinstance(result, CqcStep) for result in results) == 1
    assert sum(isinstance(result, WrongState) for result in results) == THREADS - 1
    assert action.steps.count() == 3
