"""Every state x event x role of change requests: what is not in the table is refused."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from governance import change_requests, decisions
from governance.decisions import Sitting
from governance.errors import WrongState
from governance.models import ChangeRequestState, Decision, Outcome
from governance.proposals import Proposal
from milestones.services import set_baseline
from tests.factories.governance import ChangeRequestFactory
from tests.factories.milestones import MilestoneFactory

State = ChangeRequestState
PROPOSAL = Proposal(planned_date=date(2016, 6, 17), reason="Late", delivery_impact="None")
TODAY = date(2016, 3, 14)

OWNERS = {"pmo_administrator", "pmo_officer", "executive_lead", "local_owner"}
# The executive lead sits on the ELT too, but decides nothing of the own work stream.
DECIDERS = {"elt_member", "other_lead"}
ROLES = [*sorted(OWNERS), "elt_member", "auditor", "other_owner", "other_lead"]


def revise(*, submit):
    def act(request, by, sitting):
        change_requests.revise_change_request(
            change_request_id=request.pk,
            by=by,
            proposal=PROPOSAL,
            submit=submit,
            seen_version=request.version,
        )

    return act


def step(service):
    def act(request, by, sitting):
        service(change_request_id=request.pk, by=by, seen_version=request.version)

    return act


def decide(outcome):
    def act(request, by, sitting):
        decisions.decide_change_request(
            change_request_id=request.pk,
            by=by,
            outcome=outcome,
            sitting=sitting,
            comment="Recover it first.",
            seen_version=request.version,
        )

    return act


# Each event: who may cause it, from which states, and where it leads.
EVENTS = {
    "save": (revise(submit=False), OWNERS, {State.DRAFT, State.RETURNED}, State.DRAFT),
    "submit": (revise(submit=True), OWNERS, {State.DRAFT, State.RETURNED}, State.SUBMITTED),
    "endorse": (
        step(change_requests.endorse),
        {"executive_lead"},
        {State.SUBMITTED},
        State.ENDORSED,
    ),
    "check": (
        step(change_requests.check),
        {"pmo_administrator", "pmo_officer"},
        {State.ENDORSED},
        State.CHECKED,
    ),
    "withdraw": (
        step(change_requests.withdraw),
        OWNERS,
        {State.DRAFT, State.SUBMITTED, State.ENDORSED, State.CHECKED, State.RETURNED},
        State.WITHDRAWN,
    ),
    "approve": (decide(Outcome.APPROVED), DECIDERS, {State.CHECKED}, State.APPROVED),
    "reject": (decide(Outcome.REJECTED), DECIDERS, {State.CHECKED}, State.REJECTED),
    "return": (decide(Outcome.RETURNED), DECIDERS, {State.CHECKED}, State.RETURNED),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("event", EVENTS)
def test_an_event_happens_from_its_states_by_who_may_cause_it(
    milestone, person, pmo_officer, elt_attendees, event, role
):
    act, who, from_states, to_state = EVENTS[event]
    by = person(role)
    sitting = Sitting(held_date=TODAY, attendees=frozenset(elt_attendees))
    for state in State:
        each = MilestoneFactory(project=milestone.project, local_owner=milestone.local_owner)
        set_baseline(milestone_id=each.pk, by=pmo_officer)
        request = ChangeRequestFactory(milestone=each, state=state)
        expected: type[Exception] | None = None
        if role not in who:
            expected = PermissionDenied
        elif state not in from_states:
            expected = WrongState

        if expected:
            with pytest.raises(expected, match=r"\w\.$") as refusal, transaction.atomic():
                act(request, by, sitting)
            assert refusal.type is expected, f"{event} of a {state} request by {role}"
        else:
            act(request, by, sitting)

        request.refresh_from_db()
        assert request.state == (state if expected else to_state)

    decided = len(from_states) if event in ("approve", "reject", "return") and role in who else 0
    assert Decision.objects.count() == decided


def test_the_second_of_two_decisions_reads_how_the_first_ended_and_what_to_do(
    milestone, elt_member, elt_attendees
):
    request = ChangeRequestFactory(milestone=milestone, number=12)
    sitting = Sitting(held_date=TODAY, attendees=frozenset(elt_attendees))
    decide(Outcome.APPROVED)(request, elt_member, sitting)

    with pytest.raises(WrongState, match="CR-012 is approved. Nothing is left to decide"):
        decide(Outcome.APPROVED)(request, elt_attendees[0], sitting)

    assert Decision.objects.count() == 1
