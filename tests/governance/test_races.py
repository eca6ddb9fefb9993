"""Real threads on a real database: SQLite in a file, or PostgreSQL.

SQLite lets one writer in at a time and ignores row locks, so there these tests only show that
nothing breaks; that the locks hold is shown on PostgreSQL alone, where the suite runs as well.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection, connections

from governance import change_requests, decisions, review
from governance.decisions import Sitting
from governance.errors import WrongState
from governance.models import (
    ChangeKind,
    ChangeRequest,
    Decision,
    ExceptionReport,
    Outcome,
    Ratification,
)
from governance.proposals import Proposal, stored_addition
from governance.ratification import ratify_decision
from governance.superseding import supersede_decision
from milestones.models import Milestone, MilestoneStatus
from milestones.plan_changes import NewMilestone
from milestones.services import Position, StaleVersion, set_baseline
from tests.factories.governance import ChangeRequestFactory, MeetingFactory, SubmittedReportFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from workstreams.models import Role

THREADS = 8
TODAY = date(2016, 3, 14)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act: Callable[[int], object]) -> list[object]:
    """Run `act` in 8 threads from one starting gun; give what each returned or raised."""
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


def test_of_eight_directors_who_decide_at_once_one_does_every_time(milestone, member, pmo_officer):
    directors = [member(Role.ELT_MEMBER) for _ in range(THREADS)]
    sitting = Sitting(held_date=TODAY, attendees=frozenset(directors))
    # Twenty runs out of twenty where the locks are real.
    rounds = 20 if connection.vendor == "postgresql" else 2

    for number in range(rounds):
        each = MilestoneFactory(project=milestone.project)
        set_baseline(milestone_id=each.pk, by=pmo_officer)
        request = ChangeRequestFactory(milestone=each, number=number + 1)
        title = {"old_value": request.milestone.title, "new_value": "Another title"}
        request.changes.create(kind=ChangeKind.TITLE, **title)

        # Half of them approve, and half would send it back.
        results = at_once(
            lambda director, pk=request.pk: decisions.decide_change_request(
                change_request_id=pk,
                by=directors[director],
                outcome=Outcome.APPROVED if director % 2 else Outcome.RETURNED,
                comment="Say more.",
                sitting=sitting,
                seen_version=1,
            )
        )

        made = [result for result in results if isinstance(result, Decision)]
        assert len(made) == 1
        assert sum(isinstance(result, WrongState) for result in results) == THREADS - 1
        is_approved = made[0].outcome == Outcome.APPROVED
        each.refresh_from_db()
        assert Decision.objects.filter(change_request=request).count() == 1
        assert each.plan_versions.count() == (2 if is_approved else 1)
        assert (each.title == "Another title") == is_approved


def test_eight_approved_additions_at_once_get_a_reference_each(
    milestone, member, executive_lead, local_owner
):
    directors = [member(Role.ELT_MEMBER) for _ in range(THREADS)]
    sitting = Sitting(held_date=TODAY, attendees=frozenset(directors))
    requests = []
    for number in range(THREADS):
        new = NewMilestone(
            title=f"Review {number}",
            lead_director=executive_lead,
            local_owner=local_owner,
            planned_date=date(2016, 9, 1),
        )
        change = {"kind": ChangeKind.ADDITION, "new_value": stored_addition(new)}
        requests.append(
            ChangeRequestFactory(
                milestone=None,
                project=milestone.project,
                raised_by=local_owner,
                changes=[change],
            )
        )

    results = at_once(
        lambda number: decisions.decide_change_request(
            change_request_id=requests[number].pk,
            by=directors[number],
            outcome=Outcome.APPROVED,
            sitting=sitting,
            seen_version=1,
        )
    )

    assert all(isinstance(result, Decision) for result in results)
    references = milestone.project.milestones.values_list("reference", flat=True)
    assert sorted(references) == [f"WS2-P3-{number:02}" for number in range(3, 12)]


def test_of_eight_directors_at_once_one_ratifies_at_most_and_one_supersedes(milestone, member):
    directors = [member(Role.ELT_MEMBER) for _ in range(THREADS)]
    meeting = MeetingFactory(programme=milestone.programme, attendees=directors)
    chairs_action = decisions.decide_exception(
        exception_id=SubmittedReportFactory(milestone=milestone).pk,
        by=member(Role.ELT_MEMBER),
        outcome=Outcome.ACCEPTED,
        sitting=Sitting(held_date=TODAY, chairs_action_reason="Urgent"),
    )

    def act(number: int) -> object:
        by = directors[number]
        if number % 2:
            return ratify_decision(decision_id=chairs_action.pk, meeting_id=meeting.pk, by=by)
        return supersede_decision(
            decision_id=chairs_action.pk,
            by=by,
            outcome=Outcome.RETURNED,
            sitting=Sitting(held_date=TODAY),
            comment="No owner",
            seen_version=chairs_action.exception.version,
        )

    results = at_once(act)

    done = [each for each in results if not isinstance(each, WrongState)]
    assert Ratification.objects.count() <= 1
    assert Decision.objects.count() <= 2
    assert len(done) == Ratification.objects.count() + Decision.objects.count() - 1 > 0


def test_of_eight_requests_for_a_milestone_at_once_one_is_made(milestone, local_owner):
    proposal = Proposal(planned_date=date(2016, 6, 10), reason="Late", delivery_impact="None")

    results = at_once(
        lambda _: change_requests.raise_change_request(
            milestone_id=milestone.pk, by=local_owner, proposal=proposal, submit=True
        )
    )

    assert sum(isinstance(result, ChangeRequest) for result in results) == 1
    assert ChangeRequest.objects.count() == 1


def test_eight_reviews_at_once_open_each_exception_once_with_its_own_number(milestone):
    milestones = [milestone] + [
        BaselinedMilestoneFactory(project=milestone.project) for _ in range(3)
    ]
    Milestone.objects.update(forecast_date=date(2016, 6, 4))

    at_once(lambda _: review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY))

    numbers = ExceptionReport.objects.values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, len(milestones) + 1))


def test_updates_reviews_and_decisions_at_once_wait_for_each_other_and_never_stop(
    milestone, local_owner, elt_member, elt_attendees
):
    request = ChangeRequestFactory(milestone=milestone)
    sitting = Sitting(held_date=TODAY, attendees=frozenset(elt_attendees))
    late = Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=date(2016, 8, 4))

    def act(number: int) -> object:
        if number == 0:
            return decisions.decide_change_request(
                change_request_id=request.pk,
                by=elt_member,
                outcome=Outcome.APPROVED,
                sitting=sitting,
                seen_version=1,
            )
        if number % 2:
            return review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY)
        return review.record_update(
            milestone_id=milestone.pk, by=local_owner, seen_version=2, position=late
        )

    results = at_once(act)

    assert isinstance(results[0], Decision)
    assert ExceptionReport.objects.open().count() <= 1
    assert Milestone.objects.get().planned_date == date(2016, 6, 10)
