from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from accounts.models import AuditEntry
from governance import cqc
from governance.cqc import CqcEvent, take_step
from governance.errors import StaleRecord, WrongState
from governance.models import CqcState, CqcStep
from tests.factories.governance import CqcStepFactory
from tests.factories.milestones import EvidenceFactory
from tests.factories.workstreams import CqcActionFactory
from workstreams.models import Role

State, Event = CqcState, CqcEvent
PMO = {"pmo_administrator", "pmo_officer"}
OWNERS = PMO | {"local_owner"}
REVIEWERS = PMO | {"executive_lead", "elt_member", "other_lead"}
EVERYBODY = OWNERS | REVIEWERS | {"auditor", "other_owner", "claimer", "submitter"}
# Each event: who may do it, in which states, and where it leads. Who claimed or submitted is of
# the PMO, and so may do everything but assure and embed.
TABLE = {
    Event.CLAIM: (OWNERS | {"claimer", "submitter"}, {State.OPEN, State.REOPENED}, State.CLAIMED),
    Event.SUBMIT: (OWNERS | {"claimer", "submitter"}, {State.CLAIMED}, State.SUBMITTED),
    Event.ASSURE: (REVIEWERS, {State.SUBMITTED}, State.ASSURED),
    Event.EMBED: (REVIEWERS, {State.ASSURED}, State.EMBEDDED),
    Event.REOPEN: (
        EVERYBODY - {"auditor", "other_owner"},
        set(State) - {State.OPEN, State.REOPENED},
        State.REOPENED,
    ),
}
# The steps that were taken before each state.
BEFORE = {
    State.OPEN: [],
    State.CLAIMED: [State.CLAIMED],
    State.SUBMITTED: [State.CLAIMED, State.SUBMITTED],
    State.ASSURED: [State.CLAIMED, State.SUBMITTED, State.ASSURED],
    State.EMBEDDED: [State.CLAIMED, State.SUBMITTED, State.ASSURED, State.EMBEDDED],
    State.REOPENED: [State.CLAIMED, State.REOPENED],
}


@pytest.fixture
def action(workstream, local_owner, milestone):
    action = CqcActionFactory(workstream=workstream, reference="WS2-M1", local_owner=local_owner)
    action.projects.add(milestone.project)
    return action


@pytest.fixture
def piece(milestone):
    return EvidenceFactory(milestone=milestone)


@pytest.fixture
def anybody(person, member):
    """Give the person of a role, or of the PMO who claimed or submitted."""
    more = {name: member(Role.PMO_OFFICER) for name in ("claimer", "submitter")}
    return lambda name: more.get(name) or person(name)


def bring_to(action, state, *, by):
    makers = {State.CLAIMED: by("claimer"), State.SUBMITTED: by("submitter")}
    for each in BEFORE[state]:
        CqcStepFactory(
            cqc_action=action,
            state=each,
            comment="A comment",
            made_by=makers.get(each) or by("auditor"),
            recheck_date=date(2016, 3, 14) if each == State.ASSURED else None,
        )


def step(action, by, event, **said):
    said = {"comment": "Looked at it", "seen_number": action.steps.count()} | said
    return take_step(action_id=action.pk, by=by, event=event, **said)


def expected(event, state, role):
    """What the table says: the state that follows, or the kind of refusal."""
    allowed, states, leads_to = TABLE[event]
    # Who claimed or submitted has the right role, so the state is looked at first.
    has_role = role in allowed or role in ("claimer", "submitter")
    if not has_role:
        return PermissionDenied
    if state not in states:
        return WrongState
    return leads_to if role in allowed else PermissionDenied


def outcome(action, by, event, evidence):
    """What came of it, taken back again."""
    before = transaction.savepoint()
    try:
        return CqcState(step(action, by, event, evidence=evidence).state)
    except (PermissionDenied, WrongState) as error:
        return type(error)
    finally:
        transaction.savepoint_rollback(before)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_every_event_in_every_state_by_every_role(action, piece, anybody, event, state):
    bring_to(action, state, by=anybody)

    found = {role: outcome(action, anybody(role), event, [piece.pk]) for role in EVERYBODY}

    assert found == {role: expected(event, state, role) for role in EVERYBODY}


def test_a_step_says_who_when_and_why_and_the_journal_has_it(action, local_owner):
    taken = step(action, local_owner, Event.CLAIM, comment="  All wards trained  ")

    assert (taken.made_by, taken.made_date) == (local_owner, date(2016, 3, 14))
    assert taken.comment == "All wards trained"
    entry = AuditEntry.objects.last()
    assert entry.action == "cqc_action.claimed"
    assert entry.details == {"comment": "All wards trained", "evidence": []}


def test_without_a_named_owner_the_executive_lead_answers_and_never_assures(
    action, piece, executive_lead, elt_member
):
    action.local_owner = None
    action.save()

    step(action, executive_lead, Event.CLAIM)
    step(action, executive_lead, Event.SUBMIT, evidence=[piece.pk])
    with pytest.raises(PermissionDenied, match="You answer for this CQC action"):
        step(action, executive_lead, Event.ASSURE)

    assert step(action, elt_member, Event.ASSURE).state == State.ASSURED


def test_an_elt_member_who_owns_it_does_not_assure_it(action, piece, member, pmo_officer):
    action.local_owner = member(Role.LOCAL_OWNER, Role.ELT_MEMBER)
    action.save()
    step(action, pmo_officer, Event.CLAIM)
    step(action, pmo_officer, Event.SUBMIT, evidence=[piece.pk])

    with pytest.raises(PermissionDenied, match="A second person assures it"):
        step(action, action.local_owner, Event.ASSURE)


def test_who_claimed_before_it_was_reopened_may_assure_what_others_claimed_since(
    action, piece, pmo_officer, local_owner, elt_member
):
    step(action, pmo_officer, Event.CLAIM)
    step(action, elt_member, Event.REOPEN)
    step(action, local_owner, Event.CLAIM)
    step(action, local_owner, Event.SUBMIT, evidence=[piece.pk])

    assert step(action, pmo_officer, Event.ASSURE).state == State.ASSURED


@pytest.mark.parametrize(
    ("today", "months", "recheck"),
    [
        (date(2016, 3, 14), 3, date(2016, 6, 14)),
        (date(2016, 11, 30), 3, date(2017, 2, 28)),
        (date(2016, 12, 31), 12, date(2017, 12, 31)),
    ],
)
def test_an_assured_action_is_checked_again_after_the_programmes_months(
    action, piece, programme, local_owner, elt_member, today, months, recheck
):
    programme.demonstration_date, programme.recheck_months = today, months
    programme.save()
    step(action, local_owner, Event.CLAIM)
    step(action, local_owner, Event.SUBMIT, evidence=[piece.pk])

    assert step(action, elt_member, Event.ASSURE).recheck_date == recheck


def test_it_is_not_embedded_before_the_day_on_which_it_is_checked_again(
    action, piece, programme, local_owner, elt_member
):
    step(action, local_owner, Event.CLAIM)
    step(action, local_owner, Event.SUBMIT, evidence=[piece.pk])
    step(action, elt_member, Event.ASSURE)

    with pytest.raises(WrongState, match="checked again from 14 June 2016 on, not before"):
        step(action, elt_member, Event.EMBED)
    programme.demonstration_date = date(2016, 6, 14)
    programme.save()

    assert step(action, elt_member, Event.EMBED).state == State.EMBEDDED


@pytest.mark.parametrize(
    ("state", "event", "said", "field", "sentence"),
    [
        (State.CLAIMED, Event.SUBMIT, {}, "evidence", "Choose at least one piece of evidence"),
        (State.CLAIMED, Event.REOPEN, {"comment": " "}, "comment", "Give the reason"),
        (State.ASSURED, Event.EMBED, {"comment": ""}, "comment", "Say what you checked again"),
        (State.OPEN, Event.CLAIM, {"comment": "a" * 3001}, "comment", "3000 characters or fewer"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    action, anybody, pmo_administrator, state, event, said, field, sentence
):
    bring_to(action, state, by=anybody)

    with pytest.raises(ValidationError) as refused:
        step(action, pmo_administrator, event, **said)

    assert sentence in refused.value.message_dict[field][0]


def test_only_standing_evidence_of_its_own_projects_can_be_submitted(
    action, piece, local_owner, pmo_officer
):
    step(action, local_owner, Event.CLAIM)
    removed = EvidenceFactory(
        milestone=piece.milestone, removed_by=pmo_officer, removed_date=date(2016, 3, 2)
    )
    foreign = EvidenceFactory(milestone__project__code="WS2-P4")

    for other in (removed, foreign):
        with pytest.raises(ValidationError, match="Choose evidence from the list"):
            step(action, local_owner, Event.SUBMIT, evidence=[piece.pk, other.pk])
    taken = step(action, local_owner, Event.SUBMIT, evidence=[piece.pk])

    assert list(taken.evidence.all()) == [piece]


def test_a_step_taken_meanwhile_is_not_passed_over(action, anybody, pmo_administrator):
    bring_to(action, State.REOPENED, by=anybody)

    with pytest.raises(StaleRecord, match="Somebody took a step on WS2-M1 meanwhile"):
        step(action, pmo_administrator, Event.CLAIM, seen_number=0)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE governance_cqcstep SET state = 'embedded'", "DELETE FROM governance_cqcstep"],
)
def test_the_database_refuses_to_change_a_step(action, local_owner, statement):
    step(action, local_owner, Event.CLAIM)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)

    assert CqcStep.objects.get().state == State.CLAIMED


def test_after_embedded_nothing_is_ahead():
    assert [cqc.next_event(state) for state in State] == [
        Event.CLAIM,
        Event.SUBMIT,
        Event.ASSURE,
        Event.EMBED,
        None,
        Event.CLAIM,
    ]
