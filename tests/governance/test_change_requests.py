from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from governance import change_requests
from governance.errors import StaleRecord, WrongState
from governance.models import ChangeRequest, ChangeRequestState
from governance.proposals import Proposal
from milestones.models import Dependency
from tests.factories.governance import ChangeRequestFactory, ExceptionReportFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from workstreams.dates import DatePrecision

State = ChangeRequestState
PROPOSAL = Proposal(
    planned_date=date(2016, 6, 10),
    reason="The supplier delivers late.",
    delivery_impact="Reports stay on paper until June.",
)
OWNERS = {"pmo_administrator", "pmo_officer", "executive_lead", "local_owner"}
ROLES = [*sorted(OWNERS), "elt_member", "auditor", "other_owner", "other_lead"]


@pytest.mark.parametrize("role", ROLES)
def test_a_change_is_asked_for_by_who_may_report_on_the_milestone(milestone, person, role):
    given = {"milestone_id": milestone.pk, "by": person(role), "proposal": PROPOSAL}

    if role in OWNERS:
        change_requests.raise_change_request(**given, submit=True)
    else:
        with pytest.raises(PermissionDenied):
            change_requests.raise_change_request(**given, submit=True)

    assert ChangeRequest.objects.count() == (1 if role in OWNERS else 0)


def test_a_request_keeps_the_old_date_and_links_the_open_exception(milestone, local_owner):
    report = ExceptionReportFactory(milestone=milestone)

    request = change_requests.raise_change_request(
        milestone_id=milestone.pk, by=local_owner, proposal=PROPOSAL, submit=True
    )

    assert (request.number, request.state, request.exception) == (1, State.SUBMITTED, report)
    assert (request.planned_change.old_date, request.days_moved) == (date(2016, 4, 30), 41)
    assert (request.raised_by, request.raised_date) == (local_owner, date(2016, 3, 14))


def test_a_whole_month_is_stored_as_its_last_day(milestone, local_owner):
    proposal = Proposal(
        planned_date=date(2016, 6, 1),
        precision=DatePrecision.MONTH,
        reason="Late",
        delivery_impact="None",
    )

    request = change_requests.raise_change_request(
        milestone_id=milestone.pk, by=local_owner, proposal=proposal, submit=False
    )

    assert request.planned_change.new_date == date(2016, 6, 30)
    assert request.asked == "Move the planned date to Jun 2016"


def test_a_second_request_for_a_milestone_is_refused_while_one_is_under_way(milestone, local_owner):
    ChangeRequestFactory(milestone=milestone, number=7)

    with pytest.raises(WrongState, match="CR-007 for this milestone is still under way"):
        change_requests.raise_change_request(
            milestone_id=milestone.pk, by=local_owner, proposal=PROPOSAL, submit=True
        )

    assert ChangeRequest.objects.count() == 1


def test_of_a_milestone_without_a_baseline_nothing_but_its_withdrawal_is_asked(
    workstream, local_owner
):
    milestone = MilestoneFactory(project__workstream=workstream, local_owner=local_owner)

    with pytest.raises(ValidationError) as refusal:
        change_requests.raise_change_request(
            milestone_id=milestone.pk, by=local_owner, proposal=PROPOSAL, submit=True
        )

    assert "has no baseline yet" in refusal.value.message_dict["planned_date"][0]
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"planned_date": date(2016, 4, 30)}, "planned_date"),
        ({"planned_date": date(2016, 3, 13)}, "planned_date"),
        ({"planned_date": date(2027, 1, 1)}, "planned_date"),
        ({"reason": "  "}, "reason"),
        ({"delivery_impact": ""}, "delivery_impact"),
    ],
)
def test_what_a_request_lacks_is_said_at_its_field(milestone, local_owner, changes, field):
    fields = {
        "planned_date": date(2016, 6, 10),
        "reason": "Late",
        "delivery_impact": "None",
    }

    with pytest.raises(ValidationError) as refusal:
        change_requests.raise_change_request(
            milestone_id=milestone.pk,
            by=local_owner,
            proposal=Proposal(**fields | changes),
            submit=True,
        )

    assert list(refusal.value.message_dict) == [field]


@pytest.mark.parametrize(
    ("step", "state", "role"),
    [
        (change_requests.endorse, State.SUBMITTED, "executive_lead"),
        (change_requests.check, State.ENDORSED, "pmo_officer"),
        (change_requests.withdraw, State.SUBMITTED, "local_owner"),
    ],
)
def test_a_step_on_a_page_older_than_the_request_is_refused(milestone, person, step, state, role):
    request = ChangeRequestFactory(milestone=milestone, state=state, version=3)

    with pytest.raises(StaleRecord):
        step(change_request_id=request.pk, by=person(role), seen_version=2)

    request.refresh_from_db()
    assert request.state == state


def test_a_revision_on_an_older_version_is_refused(milestone, local_owner):
    request = ChangeRequestFactory(milestone=milestone, state=State.RETURNED, version=3)

    with pytest.raises(StaleRecord):
        change_requests.revise_change_request(
            change_request_id=request.pk,
            by=local_owner,
            proposal=PROPOSAL,
            submit=True,
            seen_version=2,
        )

    request.refresh_from_db()
    assert request.state == State.RETURNED


def test_the_dependants_hit_are_open_and_planned_before_the_proposed_date(milestone):
    def dependant(**fields):
        after = BaselinedMilestoneFactory(project=milestone.project, **fields)
        Dependency.objects.create(predecessor=milestone, successor=after)
        return after

    hit = dependant(planned_date=date(2016, 5, 31))
    dependant(planned_date=date(2016, 7, 31))
    dependant(planned_date=date(2016, 5, 31), status="complete", completed_date=date(2016, 3, 1))

    request = ChangeRequestFactory(milestone=milestone)

    assert list(change_requests.dependants_hit(request)) == [hit]
