from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from governance import decisions
from governance.decisions import Sitting
from governance.errors import StaleRecord, WrongState
from governance.models import (
    ChangeRequestState,
    Decision,
    ExceptionState,
    Outcome,
)
from governance.superseding import supersede_decision
from tests.factories.governance import ChangeRequestFactory, SubmittedReportFactory

TODAY = date(2016, 3, 14)
CHAIRS_ACTION = Sitting(held_date=TODAY, chairs_action_reason="The CQC asked today.")


@pytest.fixture
def sitting(elt_attendees) -> Sitting:
    return Sitting(held_date=TODAY, attendees=frozenset(elt_attendees))


@pytest.fixture
def decided(milestone, elt_member, sitting):
    """Decide a report or a request; give the decision."""

    def decide(outcome, *, is_request=False, comment="Why", sitting=sitting):
        given = {"by": elt_member, "outcome": outcome, "sitting": sitting, "comment": comment}
        if is_request:
            request = ChangeRequestFactory(milestone=milestone, number=12)
            return decisions.decide_change_request(
                change_request_id=request.pk, seen_version=1, **given
            )
        report = SubmittedReportFactory(milestone=milestone, number=4)
        return decisions.decide_exception(exception_id=report.pk, **given)

    return decide


def supersede(decision, by, sitting, outcome, comment="Corrected", seen_version=None):
    subject = decision.subject
    subject.refresh_from_db()
    return supersede_decision(
        decision_id=decision.pk,
        by=by,
        outcome=outcome,
        sitting=sitting,
        comment=comment,
        seen_version=subject.version if seen_version is None else seen_version,
    )


# What may take the place of what, and the state in which it leaves its subject.
STEPS = [
    (False, Outcome.ACCEPTED, Outcome.RETURNED, ExceptionState.RETURNED),
    (False, Outcome.RETURNED, Outcome.ACCEPTED, ExceptionState.ACCEPTED),
    (False, Outcome.RETURNED, Outcome.RETURNED, ExceptionState.RETURNED),
    (True, Outcome.REJECTED, Outcome.REJECTED, ChangeRequestState.REJECTED),
    (True, Outcome.REJECTED, Outcome.RETURNED, ChangeRequestState.RETURNED),
    (True, Outcome.RETURNED, Outcome.REJECTED, ChangeRequestState.REJECTED),
]


@pytest.mark.parametrize(("is_request", "first", "then", "state"), STEPS)
def test_a_new_decision_names_the_one_whose_place_it_takes(
    decided, elt_attendees, sitting, is_request, first, then, state
):
    earlier = decided(first, is_request=is_request)

    decision = supersede(earlier, elt_attendees[0], sitting, then)

    earlier.refresh_from_db()
    subject = decision.subject
    subject.refresh_from_db()
    assert decision.supersedes == earlier
    assert (subject.state, subject.version) == (state, 3)
    assert (earlier.outcome, earlier.comment) == (first, "Why")
    assert Decision.objects.get(pk=earlier.pk).is_superseded


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.REJECTED, Outcome.RETURNED])
def test_an_approved_change_is_undone_by_a_new_request_only(decided, elt_member, sitting, outcome):
    approved = decided(Outcome.APPROVED, is_request=True)

    with pytest.raises(WrongState, match="ask for it by a new change request"):
        supersede(approved, elt_member, sitting, outcome)

    assert Decision.objects.count() == 1


@pytest.mark.parametrize("is_request", [True, False])
def test_superseding_approves_nothing(decided, elt_member, sitting, is_request):
    earlier = decided(Outcome.RETURNED, is_request=is_request)

    with pytest.raises(ValidationError) as refusal:
        supersede(earlier, elt_member, sitting, Outcome.APPROVED)

    assert refusal.value.message_dict == {"outcome": ["Choose the decision from the list"]}


def test_a_decision_is_superseded_once(decided, elt_member, sitting):
    earlier = decided(Outcome.ACCEPTED)
    supersede(earlier, elt_member, sitting, Outcome.RETURNED)

    with pytest.raises(WrongState, match="superseded already"):
        supersede(earlier, elt_member, sitting, Outcome.RETURNED)

    assert Decision.objects.count() == 2


def test_what_moved_on_since_keeps_its_decision(decided, elt_member, sitting):
    earlier = decided(Outcome.RETURNED)
    report = earlier.subject
    report.state = ExceptionState.SUBMITTED
    report.save()

    with pytest.raises(WrongState, match="EX-004 is submitted and waiting for the ELT"):
        supersede(earlier, elt_member, sitting, Outcome.ACCEPTED)


@pytest.mark.parametrize("role", ["executive_lead", "local_owner", "pmo_officer", "auditor"])
def test_who_may_not_decide_supersedes_nothing(decided, person, sitting, role):
    earlier = decided(Outcome.RETURNED)

    with pytest.raises(PermissionDenied):
        supersede(earlier, person(role), sitting, Outcome.ACCEPTED)


def test_a_page_that_is_out_of_date_supersedes_nothing(decided, elt_member, sitting):
    earlier = decided(Outcome.RETURNED)

    with pytest.raises(StaleRecord):
        supersede(earlier, elt_member, sitting, Outcome.ACCEPTED, seen_version=1)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"comment": " "}, "comment", "why the earlier decision does not stand"),
        ({"comment": "Why", "outcome": Outcome.RETURNED}, "comment", "This is what was decided"),
        ({"sitting": CHAIRS_ACTION}, "place", "only a meeting supersedes it"),
        ({"sitting": Sitting(held_date=TODAY)}, "attendees", "The quorum is 3"),
        ({"sitting": Sitting(held_date=date(2016, 3, 11))}, "held_date", "on or after 14 March"),
    ],
)
def test_what_is_wrong_with_it_is_said_by_field(
    decided, elt_member, sitting, changes, field, sentence
):
    given = {"outcome": Outcome.ACCEPTED, "comment": "Corrected", "sitting": sitting, **changes}
    if field == "attendees":
        earlier = decided(Outcome.RETURNED, sitting=CHAIRS_ACTION)
    else:
        earlier = decided(Outcome.RETURNED)

    with pytest.raises(ValidationError) as refusal:
        supersede(earlier, elt_member, given["sitting"], given["outcome"], given["comment"])

    assert sentence in refusal.value.message_dict[field][0]
    assert Decision.objects.count() == 1


def test_an_ended_request_is_not_reopened_beside_a_newer_one(
    decided, milestone, elt_member, sitting
):
    earlier = decided(Outcome.REJECTED, is_request=True)
    ChangeRequestFactory(milestone=milestone, number=13)

    with pytest.raises(ValidationError) as refusal:
        supersede(earlier, elt_member, sitting, Outcome.RETURNED)

    assert "CR-013 for WS2-P3-03 is under way" in str(refusal.value)


def test_a_superseded_chairs_action_waits_for_no_ratification(decided, elt_member, sitting):
    earlier = decided(Outcome.ACCEPTED, sitting=CHAIRS_ACTION)
    assert list(Decision.objects.to_ratify()) == [earlier]

    supersede(earlier, elt_member, sitting, Outcome.RETURNED)

    assert not Decision.objects.to_ratify().exists()


def test_no_decision_is_ever_changed_or_deleted(decided):
    decision = decided(Outcome.ACCEPTED)

    for act in (
        lambda: Decision.objects.update(outcome=Outcome.RETURNED),
        lambda: Decision.objects.filter(pk=decision.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()
