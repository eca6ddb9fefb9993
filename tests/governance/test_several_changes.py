"""One request, several changes: all of them become the plan, or none."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from governance import change_requests, decisions
from governance.errors import PlanMoved, WrongState
from governance.models import (
    ChangeKind,
    ChangeRequest,
    ChangeRequestState,
    Decision,
    Outcome,
)
from governance.proposals import Proposal
from milestones.models import Dependency, FieldChange, Milestone, MilestoneStatus
from milestones.plan_changes import NewMilestone
from tests.factories.governance import ExceptionReportFactory
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory

TODAY = date(2016, 3, 14)
WHY = {"reason": "The supplier delivers late.", "delivery_impact": "Paper until June."}


def test_an_approval_makes_every_change_of_a_request(milestone, ask, approve):
    request = ask(
        milestone, planned_date=date(2016, 6, 10), title="Datix Web in two sites", scope="North"
    )

    approve(request)

    milestone.refresh_from_db()
    versions = milestone.plan_versions.order_by("number").values_list("change_request_number")
    recorded = FieldChange.objects.filter(milestone=milestone, change_request_number=request.number)
    assert (milestone.title, milestone.note) == ("Datix Web in two sites", "North")
    assert (milestone.planned_date, milestone.baseline_date) == (
        date(2016, 6, 10),
        date(2016, 4, 30),
    )
    assert list(versions) == [(None,), (request.number,)]
    assert set(recorded.values_list("field", flat=True)) == {
        "planned_date",
        "planned_precision",
        "title",
        "note",
    }
    assert request.asked == "Move the planned date to 10 Jun 2016, with 2 more changes"


def test_what_stands_in_the_plan_already_is_no_change(milestone, ask):
    request = ask(milestone, planned_date=milestone.planned_date, title=" Datix for all ", scope="")

    assert [change.kind for change in request.changes.all()] == [ChangeKind.TITLE]


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.RETURNED])
def test_a_refusal_makes_none_of_the_changes(milestone, ask, elt_member, sitting, outcome):
    request = ask(milestone, planned_date=date(2016, 6, 10), title="Another")

    decisions.decide_change_request(
        change_request_id=request.pk,
        by=elt_member,
        outcome=outcome,
        sitting=sitting,
        comment="Recover it first.",
        seen_version=request.version,
    )

    milestone.refresh_from_db()
    assert (milestone.title, milestone.planned_date) == ("Datix Web launched", date(2016, 4, 30))
    assert milestone.plan_versions.count() == 1


def test_an_approved_withdrawal_takes_it_out_of_the_counts_and_closes_its_exception(
    milestone, ask, approve
):
    report = ExceptionReportFactory(milestone=milestone)
    request = ask(milestone, withdraw=True)

    approve(request)

    report.refresh_from_db()
    milestone.refresh_from_db()
    assert milestone.status == MilestoneStatus.WITHDRAWN
    assert milestone not in Milestone.objects.in_plan()
    assert report.closed_because == f"Withdrawn by {request.label}"


def depends_on(milestone, reference):
    after = BaselinedMilestoneFactory(project=milestone.project, reference=reference)
    Dependency.objects.create(predecessor=milestone, successor=after)
    return after


def test_a_milestone_without_a_baseline_is_withdrawn_by_a_request_too(
    workstream, local_owner, ask, approve
):
    undated = MilestoneFactory(
        project__workstream=workstream, local_owner=local_owner, planned_date=None
    )

    request = ask(undated, withdraw=True)
    approve(request)

    undated.refresh_from_db()
    assert undated.status == MilestoneStatus.WITHDRAWN
    assert not undated.plan_versions.exists()


def test_a_milestone_on_which_others_depend_is_not_withdrawn_and_they_are_named(
    milestone, local_owner
):
    depends_on(milestone, "WS2-P3-08")
    depends_on(milestone, "WS2-P3-09")

    with pytest.raises(ValidationError) as refusal:
        change_requests.raise_change_request(
            milestone_id=milestone.pk,
            by=local_owner,
            proposal=Proposal(**WHY, withdraw=True),
            submit=True,
        )

    assert refusal.value.message_dict == {
        "withdraw": [
            "WS2-P3-08 and WS2-P3-09 depend on WS2-P3-03. Ask the PMO to let each wait for "
            "another milestone or for none, then withdraw WS2-P3-03"
        ]
    }


def test_one_that_came_to_depend_on_it_meanwhile_stops_the_withdrawal(milestone, ask, approve):
    request = ask(milestone, withdraw=True)
    depends_on(milestone, "WS2-P3-09")

    with pytest.raises(PlanMoved, match="WS2-P3-09 depends on WS2-P3-03"):
        approve(request)

    milestone.refresh_from_db()
    assert milestone.is_open
    assert not Decision.objects.exists()


def test_a_withdrawal_is_asked_for_alone(milestone, local_owner):
    with pytest.raises(ValidationError) as refusal:
        change_requests.raise_change_request(
            milestone_id=milestone.pk,
            by=local_owner,
            proposal=Proposal(**WHY, withdraw=True, title="Another"),
            submit=True,
        )

    assert "not for both" in refusal.value.message_dict["withdraw"][0]


def test_an_approved_addition_is_the_projects_next_milestone_with_its_baseline(
    milestone, ask, approve, addition
):
    BaselinedMilestoneFactory(project=milestone.project, reference="WS2-P3-11")
    request = ask(milestone.project, addition=addition)

    approve(request)

    request.refresh_from_db()
    added = request.added_milestone
    assert (added.reference, added.title, added.note) == (
        "WS2-P3-12",
        "Review of the launch",
        "Asks every team leader.",
    )
    assert (added.baseline_date, added.planned_text) == (date(2016, 9, 30), "Sep 2016")
    assert [each.number for each in added.plan_versions.all()] == [1]
    assert added.changes.filter(change_request_number=request.number).exists()


def test_several_milestones_of_a_project_are_asked_for_at_once(milestone, ask, approve, addition):
    first = ask(milestone.project, addition=addition)
    other = NewMilestone(**{**vars(addition), "title": "Second review"})
    second = ask(milestone.project, addition=other)

    approve(first)
    approve(second)

    references = milestone.project.milestones.values_list("reference", flat=True)
    assert sorted(references) == ["WS2-P3-03", "WS2-P3-04", "WS2-P3-05"]


def test_the_same_milestone_is_not_asked_for_twice_but_its_request_is_revised(
    milestone, ask, addition, pmo_officer
):
    request = ask(milestone.project, addition=addition)
    ChangeRequest.objects.update(state=ChangeRequestState.RETURNED)

    with pytest.raises(ValidationError, match="CR-001 asks for this milestone already"):
        ask(milestone.project, addition=addition)
    change_requests.revise_change_request(
        change_request_id=request.pk,
        by=pmo_officer,
        proposal=Proposal(**WHY, addition=addition),
        submit=True,
        seen_version=request.version,
    )

    assert ChangeRequest.objects.get().state == ChangeRequestState.SUBMITTED


def test_a_title_that_was_added_meanwhile_is_not_added_twice(milestone, ask, approve, addition):
    request = ask(milestone.project, addition=addition)
    BaselinedMilestoneFactory(
        project=milestone.project, reference="WS2-P3-09", title="Review of the launch"
    )

    with pytest.raises(PlanMoved, match="WS2-P3-09 has the new milestone’s title already"):
        approve(request)

    assert milestone.project.milestones.count() == 2


def test_an_owner_who_left_the_programme_stops_the_addition(
    milestone, ask, approve, addition, local_owner
):
    request = ask(milestone.project, addition=addition)
    local_owner.memberships.all().delete()

    with pytest.raises(PlanMoved, match="WS2 local owner is no member of this programme any more"):
        approve(request)

    assert milestone.project.milestones.count() == 1


def test_an_approval_moves_an_agreed_trajectory_and_target_as_one_version(indicator, ask, approve):
    report = ExceptionReportFactory(milestone=None, indicator=indicator)
    request = ask(
        indicator,
        trajectory={
            date(2016, 3, 1): Decimal(85),
            date(2016, 4, 1): Decimal(87),
            date(2016, 5, 1): Decimal(91),
        },
        final_target=Decimal(94),
    )

    approve(request)

    indicator.refresh_from_db()
    report.refresh_from_db()
    version = indicator.trajectory_versions.get(number=2)
    assert version.values == {"2016-03": "85", "2016-04": "87", "2016-05": "91"}
    assert (version.change_request_number, indicator.final_target) == (request.number, 94)
    assert report.closed_because == f"Trajectory moved by {request.label}"
    shown = [(line.label, line.old, line.new, line.difference) for line in request.lines]
    assert shown == [
        ("Final target", "95%", "94%", "1 lower"),
        ("Target for Apr 2016", "90%", "87%", "3 lower"),
        ("Target for May 2016", "", "91%", ""),
    ]


def test_the_target_of_a_month_that_is_over_stays(indicator, local_owner):
    with pytest.raises(ValidationError) as refusal:
        change_requests.raise_change_request(
            indicator_id=indicator.pk,
            by=local_owner,
            proposal=Proposal(
                **WHY, final_target=Decimal(200), trajectory={date(2016, 1, 1): Decimal(80)}
            ),
            submit=True,
        )

    assert refusal.value.message_dict == {
        "2016-01": ["January 2016 is over, so its target stays as it was"],
        "final_target": ["The final target: enter a per cent between 0 and 100"],
    }


def test_an_indicator_that_is_not_agreed_takes_no_request(workstream, local_owner):
    indicator = IndicatorFactory(workstream=workstream, local_owner=local_owner)

    with pytest.raises(WrongState, match="is not agreed yet, so the PMO can still set it"):
        change_requests.raise_change_request(
            indicator_id=indicator.pk,
            by=local_owner,
            proposal=Proposal(**WHY, final_target=Decimal(90)),
            submit=True,
        )


def test_a_second_request_for_an_indicator_waits_for_the_first(indicator, ask):
    ask(indicator, final_target=Decimal(94))

    with pytest.raises(WrongState, match="CR-001 for this indicator is still under way"):
        ask(indicator, final_target=Decimal(93))
