"""What a request keeps: its changes, its remedial actions, and what nobody changes any more."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from governance import change_requests
from governance.actions import ActionLine
from governance.models import (
    Change,
    ChangeKind,
    ChangeRequestState,
    Decision,
    RemedialAction,
)
from governance.proposals import Proposal
from governance.remedial_actions import complete_action
from tests.factories.governance import (
    ChangeRequestFactory,
    RemedialActionFactory,
    new_date,
)
from tests.journal import changes_of

TODAY = date(2016, 3, 14)
WHY = {"reason": "The supplier delivers late.", "delivery_impact": "Paper until June."}


def test_a_revision_takes_the_place_of_all_changes(milestone, local_owner):
    request = ChangeRequestFactory(
        milestone=milestone,
        state=ChangeRequestState.RETURNED,
        changes=[
            new_date(milestone),
            {"kind": ChangeKind.TITLE, "old_value": "Old", "new_value": "New"},
        ],
    )

    change_requests.revise_change_request(
        change_request_id=request.pk,
        by=local_owner,
        proposal=Proposal(**WHY, scope="Narrower"),
        submit=True,
        seen_version=1,
    )

    kept = request.changes.values_list("kind", "old_value", "new_value")
    assert list(kept) == [(ChangeKind.SCOPE, "", "Narrower")]


def line(owner, due=date(2016, 4, 1), text="Train the team"):
    return ActionLine(text=text, owner=owner, due_date=due)


def test_a_request_has_remedial_actions_of_its_own(milestone, local_owner, elt_member):
    request = change_requests.raise_change_request(
        milestone_id=milestone.pk,
        by=local_owner,
        proposal=Proposal(**WHY, title="Another", actions=(line(elt_member),)),
        submit=True,
    )

    action = complete_action(action_id=request.remedial_actions.get().pk, by=elt_member)

    assert (action.record, action.done_date) == (request, TODAY)


@pytest.mark.parametrize("which", ["past", "stranger"])
def test_an_action_due_before_today_or_of_a_stranger_is_refused(
    milestone, local_owner, external_reader, which
):
    bad = line(local_owner, due=date(2016, 3, 13)) if which == "past" else line(external_reader)

    with pytest.raises(ValidationError) as refusal:
        change_requests.raise_change_request(
            milestone_id=milestone.pk,
            by=local_owner,
            proposal=Proposal(**WHY, title="Another", actions=(bad,)),
            submit=True,
        )

    assert list(refusal.value.message_dict) == ["actions"]
    assert not RemedialAction.objects.exists()


def test_only_its_owner_or_who_may_ask_marks_an_action_as_done(milestone, elt_member, auditor):
    request = ChangeRequestFactory(milestone=milestone)
    action = RemedialActionFactory(exception=None, change_request=request, owner=elt_member)

    with pytest.raises(PermissionDenied):
        complete_action(action_id=action.pk, by=auditor)

    action.refresh_from_db()
    assert action.done_date is None


@pytest.mark.parametrize("statement", ["UPDATE {} SET new_value = '{{}}'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_approved(milestone, ask, approve, statement):
    approve(ask(milestone, planned_date=date(2016, 6, 10)))

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement.format("governance_change"))

    assert Change.objects.get().new_value["date"] == "2016-06-10"


@pytest.mark.parametrize("table", ["milestones_planversion", "governance_decision"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_the_database_refuses_to_change_a_plan_version_or_a_decision(
    milestone, ask, approve, table, statement
):
    approve(ask(milestone, planned_date=date(2016, 6, 10)))

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement.format(table))

    assert milestone.plan_versions.count() == 2
    assert Decision.objects.count() == 1


def test_the_database_keeps_one_request_under_way_per_indicator(indicator):
    target = {"kind": ChangeKind.FINAL_TARGET, "old_value": "95", "new_value": "94"}
    given = {"milestone": None, "indicator": indicator, "changes": [target]}
    ChangeRequestFactory(**given)

    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequestFactory(**given)


def test_the_database_refuses_a_change_that_changes_nothing(milestone):
    same = {"kind": ChangeKind.TITLE, "old_value": "Same", "new_value": "Same"}

    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequestFactory(milestone=milestone, changes=[same])


def test_the_journal_has_an_entry_for_every_field_that_an_act_changes(milestone, local_owner):
    proposal = Proposal(**WHY, planned_date=date(2017, 1, 31), precision="day")
    request = change_requests.raise_change_request(
        milestone_id=milestone.pk, by=local_owner, proposal=proposal, submit=False
    )

    change_requests.revise_change_request(
        change_request_id=request.pk,
        by=local_owner,
        proposal=Proposal(**WHY, scope="Narrower"),
        submit=True,
        seen_version=request.version,
    )

    assert changes_of("change_request.raised")["reason"] == (None, WHY["reason"])
    assert changes_of("change_request.revised") == {
        "state": ("draft", "submitted"),
        "planned_date": (
            {
                "from": {"date": "2016-04-30", "precision": "month"},
                "to": {"date": "2017-01-31", "precision": "day"},
            },
            None,
        ),
        "scope": (None, {"from": "", "to": "Narrower"}),
    }
