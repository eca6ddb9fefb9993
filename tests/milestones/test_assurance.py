from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, connections, transaction

from accounts.models import AuditEntry
from milestones.assurance import WrongState, give_assurance, is_assured, with_assurance
from milestones.models import (
    Assurance,
    AssuranceOutcome,
    FieldChange,
    Milestone,
    MilestoneStatus,
)
from milestones.services import Position, StaleVersion, record_update
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import ProjectFactory, WorkstreamFactory
from tests.milestones.answers import url
from workstreams.models import Role

TODAY = date(2016, 3, 14)
THREADS = 8
ASSURED, RETURNED = AssuranceOutcome.ASSURED, AssuranceOutcome.RETURNED


def update(milestone, by, status=MilestoneStatus.COMPLETE, completed=TODAY):
    position = Position(
        status=status, completed_date=completed, no_evidence_reason="Seen on the ward"
    )
    record_update(
        milestone_id=milestone.pk, by=by, seen_version=milestone.version, position=position
    )
    milestone.refresh_from_db()


def assure(milestone, by, outcome=ASSURED, comment="", seen_version=None):
    return give_assurance(
        milestone_id=milestone.pk,
        by=by,
        seen_version=seen_version or milestone.version,
        outcome=outcome,
        comment=comment,
    )


@pytest.fixture
def completed(milestone, local_owner):
    """The milestone as its owner completed it, at version 2."""
    update(milestone, local_owner)
    return milestone


@pytest.mark.parametrize(
    "name", ["pmo_administrator", "pmo_officer", "executive_lead", "elt_member"]
)
def test_the_pmo_the_executive_lead_and_the_elt_assure(request, completed, name):
    person = request.getfixturevalue(name)

    given = assure(completed, person)

    completed.refresh_from_db()
    assert (given.given_by, given.given_date, given.completed_date) == (person, TODAY, TODAY)
    assert is_assured(completed)
    assert (completed.version, completed.status) == (2, MilestoneStatus.COMPLETE)
    assert AuditEntry.objects.latest("pk").action == "milestone.assured"


@pytest.mark.parametrize("name", ["auditor", "external_reader"])
def test_nobody_else_assures(request, completed, name):
    person = request.getfixturevalue(name)

    with pytest.raises(PermissionDenied, match="Only the PMO, its executive lead or an ELT"):
        assure(completed, person)


def test_an_executive_lead_assures_only_in_the_own_work_stream(completed, member, programme):
    other_lead = member(Role.EXECUTIVE_LEAD)
    WorkstreamFactory(programme=programme, code="WS5", position=5, executive_lead=other_lead)

    with pytest.raises(PermissionDenied, match="Only the PMO"):
        assure(completed, other_lead)


@pytest.mark.parametrize(
    "roles", [[Role.LOCAL_OWNER], [Role.LOCAL_OWNER, Role.PMO_OFFICER], [Role.ELT_MEMBER]]
)
def test_the_local_owner_never_assures_whatever_roles_the_person_has(
    milestone, pmo_officer, member, roles
):
    owner = member(*roles)
    Milestone.objects.update(local_owner=owner)
    update(milestone, pmo_officer)

    assert not owner.has_perm("milestones.assure_milestone", milestone)
    with pytest.raises(PermissionDenied, match="You are the local owner"):
        assure(milestone, owner)


def test_who_recorded_the_completion_never_assures_it(milestone, pmo_officer, pmo_administrator):
    update(milestone, pmo_officer)

    with pytest.raises(PermissionDenied, match="You recorded this completion"):
        assure(milestone, pmo_officer)
    update(milestone, pmo_administrator, completed=date(2016, 3, 1))

    for person in (pmo_officer, pmo_administrator):
        with pytest.raises(PermissionDenied, match="You recorded this completion"):
            assure(milestone, person)


def test_who_recorded_an_earlier_completion_may_assure_the_next(
    milestone, pmo_officer, local_owner, elt_member
):
    update(milestone, pmo_officer)
    assure(milestone, elt_member, RETURNED, "The minutes are missing.")
    milestone.refresh_from_db()
    update(milestone, local_owner)

    given = assure(milestone, pmo_officer)

    assert given.outcome == ASSURED


def test_a_completion_of_the_plan_file_is_assured_by_anybody_who_may(milestone, pmo_officer):
    Milestone.objects.update(status=MilestoneStatus.COMPLETE, completed_date=TODAY)

    assure(milestone, pmo_officer)

    milestone.refresh_from_db()
    assert is_assured(milestone)


def test_what_is_not_complete_and_what_is_assured_already_are_wrong_states(
    milestone, local_owner, pmo_officer, elt_member
):
    with pytest.raises(WrongState, match="WS2-P3-01 is not complete"):
        assure(milestone, pmo_officer)
    update(milestone, local_owner)
    assure(milestone, pmo_officer)

    for outcome in (ASSURED, RETURNED):
        with pytest.raises(WrongState, match="assured already, by PMO officer"):
            assure(milestone, elt_member, outcome, "No")


def test_who_looked_at_another_version_looks_again(completed, pmo_officer):
    with pytest.raises(StaleVersion):
        assure(completed, pmo_officer, seen_version=1)

    assert not Assurance.objects.exists()


def test_a_return_says_why_reopens_and_is_counted(completed, pmo_officer):
    with pytest.raises(ValidationError, match="Say what is missing"):
        assure(completed, pmo_officer, RETURNED, "  ")
    assure(completed, pmo_officer, RETURNED, "The minutes are missing.")

    completed.refresh_from_db()
    assert (completed.status, completed.completed_date) == (MilestoneStatus.IN_PROGRESS, None)
    assert (completed.reopened_count, completed.version) == (1, 3)
    change = FieldChange.objects.get(milestone=completed, version=3, field="status")
    assert (change.made_by, change.reason) == (pmo_officer, "Returned: The minutes are missing.")
    assert AuditEntry.objects.latest("pk").action == "milestone.returned"


def test_a_very_long_comment_is_kept_whole_and_cut_only_in_the_changes(completed, pmo_officer):
    with pytest.raises(ValidationError, match="2000 characters or fewer"):
        assure(completed, pmo_officer, RETURNED, "x" * 2001)
    given = assure(completed, pmo_officer, RETURNED, "x" * 2000)

    assert len(given.comment) == 2000


@pytest.mark.parametrize("second_day", [TODAY, date(2016, 3, 1)])
def test_reopening_or_another_date_ends_an_assurance_and_keeps_its_record(
    completed, local_owner, pmo_officer, second_day
):
    assure(completed, pmo_officer)
    update(completed, local_owner, MilestoneStatus.IN_PROGRESS, None)
    reopened = is_assured(completed)
    update(completed, local_owner, completed=second_day)

    assert (reopened, is_assured(completed), completed.reopened_count) == (False, False, 1)
    assert completed.assurances.count() == 1
    assure(completed, pmo_officer)
    assert is_assured(completed)


def test_an_update_that_leaves_the_completion_alone_leaves_it_assured(
    completed, local_owner, pmo_officer
):
    assure(completed, pmo_officer)

    update(completed, local_owner)

    assert is_assured(completed)


def test_lists_tell_what_is_assured_from_what_still_waits(
    completed, local_owner, pmo_officer, django_assert_num_queries
):
    waiting = MilestoneFactory(project=completed.project, local_owner=local_owner)
    MilestoneFactory(project=completed.project)
    update(waiting, local_owner)
    assure(completed, pmo_officer)

    with django_assert_num_queries(2):
        assured = list(with_assurance(Milestone.objects.all(), "assured"))
        waits = list(with_assurance(Milestone.objects.all(), "not_assured"))

    assert (assured, waits) == ([completed], [waiting])
    update(completed, local_owner, completed=date(2016, 3, 1))
    assert with_assurance(Milestone.objects.all(), "not_assured").count() == 2


@pytest.mark.parametrize(
    "statement",
    ["UPDATE milestones_assurance SET outcome = 'returned'", "DELETE FROM milestones_assurance"],
)
def test_the_database_refuses_to_rewrite_an_assurance(completed, pmo_officer, statement):
    assure(completed, pmo_officer)

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_page_asks_a_second_person_and_tells_the_owner_why_not(
    client_of, completed, local_owner, pmo_officer
):
    theirs = client_of(pmo_officer).get(completed.get_absolute_url()).content.decode()
    own = client_of(local_owner).get(completed.get_absolute_url()).content.decode()

    assert "Complete, not assured" in theirs
    assert url("milestone_assure", completed) in theirs
    assert "Seen on the ward" in theirs
    assert url("milestone_assure", completed) not in own
    assert "You are the local owner of this milestone." in own


def test_a_return_on_the_page_shows_the_owner_the_comment(
    client_of, completed, local_owner, pmo_officer
):
    answers = {"version": 2, "outcome": "returned", "comment": "The minutes are missing."}

    said = client_of(pmo_officer).post(url("milestone_assure", completed), answers, follow=True)

    page = client_of(local_owner).get(completed.get_absolute_url()).content.decode()
    assert "is open again, and its owner sees your comment" in said.content.decode()
    assert "The minutes are missing." in page
    assert "Reopened 1 time." in page


@pytest.mark.parametrize(
    ("answers", "status", "said"),
    [
        ({"version": 2}, 422, "Answer the question"),
        ({"version": 2, "outcome": "returned", "comment": ""}, 422, "Say what is missing"),
        ({"version": 2, "outcome": "withdrawn", "comment": "Mine"}, 422, "Mine"),
        ({"version": 1, "outcome": "returned", "comment": "Mine"}, 409, "Mine"),
        ({"outcome": "assured", "comment": "Mine"}, 422, "Mine"),
    ],
)
def test_a_wrong_answer_keeps_what_was_typed(
    client_of, completed, pmo_officer, answers, status, said
):
    response = client_of(pmo_officer).post(url("milestone_assure", completed), answers)

    assert response.status_code == status
    assert said in response.content.decode()
    assert "<title>Error: " in response.content.decode()
    assert not Assurance.objects.exists()


def test_a_wrong_state_on_the_page_goes_back_with_a_sentence(client_of, milestone, pmo_officer):
    response = client_of(pmo_officer).get(url("milestone_assure", milestone), follow=True)

    assert response.redirect_chain == [(milestone.get_absolute_url(), 302)]
    assert "is not complete, so there is nothing to assure" in response.content.decode()


def at_once(act: Callable[[int], object]) -> list[object]:
    gun = Barrier(THREADS)

    def run(number: int) -> object:
        try:
            gun.wait(timeout=10)
            return act(number)
        except (WrongState, StaleVersion) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("outcomes", [[ASSURED], [RETURNED], [ASSURED, RETURNED]])
def test_of_eight_who_assure_or_return_at_once_one_does(member, programme, outcomes):
    workstream = WorkstreamFactory(programme=programme)
    owner = member(Role.LOCAL_OWNER)
    milestone = MilestoneFactory(project=ProjectFactory(workstream=workstream), local_owner=owner)
    update(milestone, owner)
    people = [member(Role.ELT_MEMBER) for _ in range(THREADS)]

    results = at_once(
        lambda number: assure(
            milestone, people[number], outcomes[number % len(outcomes)], "Said at once"
        )
    )

    assert sum(isinstance(result, Assurance) for result in results) == 1
    given = Assurance.objects.get()
    milestone.refresh_from_db()
    assert milestone.reopened_count == (given.outcome == RETURNED)
    assert is_assured(milestone) == (given.outcome == ASSURED)
