from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from governance import change_requests, decisions
from governance.decisions import Sitting
from governance.errors import PlanMoved, StaleRecord, WrongState
from governance.models import (
    ChangeRequestState,
    Decision,
    ExceptionState,
    Meeting,
    Outcome,
)
from governance.proposals import Proposal
from milestones.services import move_planned_date
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    SubmittedReportFactory,
)
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import EnablerFactory
from tests.governance.roles import ROLES
from tests.journal import changes_of
from workstreams.models import Role

TODAY = date(2016, 3, 14)
CHAIRS_ACTION = Sitting(held_date=TODAY, chairs_action_reason="The regulator asked for it today.")


@pytest.fixture
def sitting(elt_attendees) -> Sitting:
    return Sitting(held_date=TODAY, attendees=frozenset(elt_attendees))


@pytest.fixture
def request_(milestone):
    report = ExceptionReportFactory(milestone=milestone)
    return ChangeRequestFactory(milestone=milestone, exception=report, number=12)


def decide(request, by, sitting, *, outcome=Outcome.APPROVED, comment="", seen_version=1):
    return decisions.decide_change_request(
        change_request_id=request.pk,
        by=by,
        outcome=outcome,
        sitting=sitting,
        comment=comment,
        seen_version=seen_version,
    )


def decide_report(report, by, sitting, *, outcome=Outcome.ACCEPTED, comment=""):
    return decisions.decide_exception(
        exception_id=report.pk, by=by, outcome=outcome, sitting=sitting, comment=comment
    )


# The executive lead sits on the ELT too, but not for the own work stream.
DECIDERS = {"elt_member", "other_lead"}


@pytest.mark.parametrize("state", ExceptionState.values)
@pytest.mark.parametrize("role", ROLES)
def test_a_report_is_decided_by_who_may_and_once_it_is_submitted(
    milestone, person, sitting, role, state
):
    closed = {"closed_date": TODAY} if state == ExceptionState.CLOSED else {}
    report = SubmittedReportFactory(milestone=milestone, state=state, **closed)
    expected: type[Exception] | None = None
    if role not in DECIDERS:
        expected = PermissionDenied
    elif state != ExceptionState.SUBMITTED:
        expected = WrongState

    if expected:
        with pytest.raises(expected):
            decide_report(report, person(role), sitting)
    else:
        decide_report(report, person(role), sitting)

    report.refresh_from_db()
    assert report.state == (state if expected else ExceptionState.ACCEPTED)
    assert Decision.objects.count() == (0 if expected else 1)


def test_nobody_decides_what_they_raised(milestone, elt_member, sitting):
    request = ChangeRequestFactory(milestone=milestone, raised_by=elt_member)
    report = SubmittedReportFactory(milestone=milestone, submitted_by=elt_member)

    with pytest.raises(PermissionDenied, match="You raised this"):
        decide(request, elt_member, sitting)
    with pytest.raises(PermissionDenied, match="You raised this"):
        decide_report(report, elt_member, sitting)

    assert not Decision.objects.exists()


def test_nobody_decides_what_they_wrote_on_though_another_submitted_it(
    milestone, member, elt_member, sitting
):
    both = member(Role.PMO_OFFICER, Role.ELT_MEMBER)
    request = ChangeRequestFactory(milestone=milestone)
    request.authors.add(both)
    report = SubmittedReportFactory(milestone=milestone)
    report.authors.add(both)

    with pytest.raises(PermissionDenied, match="You wrote on this"):
        decide(request, both, sitting)
    with pytest.raises(PermissionDenied, match="You wrote on this"):
        decide_report(report, both, sitting)

    assert not Decision.objects.exists()


def test_who_checked_a_request_for_the_pmo_does_not_decide_it(milestone, member, sitting):
    both = member(Role.PMO_OFFICER, Role.ELT_MEMBER)
    request = ChangeRequestFactory(milestone=milestone, checked_by=both)

    with pytest.raises(PermissionDenied, match="You checked this"):
        decide(request, both, sitting)

    assert not Decision.objects.exists()


def test_the_executive_lead_is_told_why_the_own_work_stream_is_decided_by_others(
    request_, executive_lead, sitting
):
    with pytest.raises(PermissionDenied, match="You lead WS2"):
        decide(request_, executive_lead, sitting)

    assert not Decision.objects.exists()


def test_the_lead_director_of_an_enablers_milestone_does_not_decide_on_it(
    programme, elt_member, sitting
):
    milestone = BaselinedMilestoneFactory(
        project=None,
        enabler=EnablerFactory(programme=programme),
        programme=programme,
        lead_director=elt_member,
    )
    request = ChangeRequestFactory(milestone=milestone)

    with pytest.raises(PermissionDenied, match="You direct this milestone"):
        decide(request, elt_member, sitting)

    assert not Decision.objects.exists()


def test_an_approval_moves_the_plan_and_closes_the_exception(request_, elt_member, sitting):
    decision = decide(request_, elt_member, sitting)

    milestone = request_.milestone
    milestone.refresh_from_db()
    request_.refresh_from_db()
    versions = milestone.plan_versions.order_by("number")
    assert (milestone.planned_date, milestone.baseline_date) == (
        date(2016, 6, 10),
        date(2016, 4, 30),
    )
    assert [(each.number, each.change_request_number, each.planned_date) for each in versions] == [
        (1, None, date(2016, 4, 30)),
        (2, 12, date(2016, 6, 10)),
    ]
    assert request_.state == ChangeRequestState.APPROVED
    request_.exception.refresh_from_db()
    assert request_.exception.closed_because == "Planned date moved by CR-012"
    assert (decision.place, decision.decided_by) == (
        "ELT meeting of 14 Mar 2016",
        elt_member,
    )
    assert AuditEntry.objects.filter(action="decision.approved", actor=elt_member).count() == 1
    assert changes_of("decision.approved") == {"state": ("checked", "approved")}


def test_an_approval_after_the_plan_moved_changes_nothing_and_says_what_moved(
    request_, elt_member, sitting, pmo_officer
):
    move_planned_date(
        milestone_id=request_.milestone_id,
        to=date(2016, 5, 31),
        precision="day",
        change_request_number=11,
        by=pmo_officer,
    )

    with pytest.raises(PlanMoved, match="moved to 31 May 2016 after CR-012"):
        decide(request_, elt_member, sitting)

    request_.refresh_from_db()
    request_.milestone.refresh_from_db()
    assert request_.state == ChangeRequestState.CHECKED
    assert request_.milestone.planned_date == date(2016, 5, 31)
    assert request_.milestone.plan_versions.count() == 2
    assert request_.exception.is_open
    assert not Decision.objects.exists()
    assert not Meeting.objects.exists()


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.RETURNED])
def test_a_refusal_needs_a_comment_and_leaves_the_plan(request_, elt_member, sitting, outcome):
    with pytest.raises(ValidationError) as refusal:
        decide(request_, elt_member, sitting, outcome=outcome, comment="  ")
    decide(request_, elt_member, sitting, outcome=outcome, comment="Recover it first.")

    request_.refresh_from_db()
    request_.milestone.refresh_from_db()
    assert list(refusal.value.message_dict) == ["comment"]
    assert request_.state == outcome.value
    assert request_.milestone.planned_date == date(2016, 4, 30)


def test_a_returned_request_is_revised_and_goes_the_whole_way_again(
    request_, elt_member, sitting, local_owner, executive_lead, pmo_officer
):
    decide(request_, elt_member, sitting, outcome=Outcome.RETURNED, comment="Say more.")

    change_requests.revise_change_request(
        change_request_id=request_.pk,
        by=local_owner,
        proposal=Proposal(
            planned_date=date(2016, 5, 27), reason="Late", delivery_impact="One action"
        ),
        submit=True,
        seen_version=2,
    )
    change_requests.endorse(change_request_id=request_.pk, by=executive_lead)
    request = change_requests.check(change_request_id=request_.pk, by=pmo_officer)
    decide(request, elt_member, sitting, seen_version=request.version)

    request_.milestone.refresh_from_db()
    assert request_.milestone.planned_date == date(2016, 5, 27)
    assert [each.outcome for each in request_.decisions.order_by("pk")] == ["returned", "approved"]


def test_a_decision_on_another_version_than_the_one_shown_is_refused(request_, elt_member, sitting):
    with pytest.raises(StaleRecord):
        decide(request_, elt_member, sitting, seen_version=9)

    assert not Decision.objects.exists()


def test_below_the_quorum_no_meeting_decides(request_, elt_member, elt_attendees):
    two = Sitting(held_date=TODAY, attendees=frozenset([elt_member, elt_attendees[0]]))

    with pytest.raises(ValidationError) as refusal:
        decide(request_, elt_member, two)

    assert "The quorum is 3" in refusal.value.message_dict["attendees"][0]
    assert not Meeting.objects.exists()


def test_only_elt_members_count_for_the_quorum(request_, elt_member, elt_attendees, pmo_officer):
    three = Sitting(held_date=TODAY, attendees=frozenset([elt_attendees[0], pmo_officer]))

    with pytest.raises(ValidationError) as refusal:
        decide(request_, elt_member, three)

    assert "Only ELT members attend" in refusal.value.message_dict["attendees"][0]


def test_chairs_action_needs_no_quorum_and_is_marked(request_, elt_member):
    decision = decide(request_, elt_member, CHAIRS_ACTION)

    assert decision.is_chairs_action
    assert (decision.place, decision.meeting) == ("Chair's action", None)


def test_decisions_of_one_day_share_their_meeting(milestone, request_, elt_member, sitting):
    report = SubmittedReportFactory(milestone=BaselinedMilestoneFactory(project=milestone.project))

    first = decide(request_, elt_member, sitting)
    second = decide_report(report, elt_member, sitting)

    assert first.meeting == second.meeting
    assert first.meeting.attendees.count() == 3


@pytest.mark.parametrize("held", [date(2016, 3, 15), date(2016, 3, 13)])
def test_a_meeting_lies_neither_ahead_nor_before_the_item_came_to_the_elt(
    request_, elt_member, elt_attendees, held
):
    with pytest.raises(ValidationError) as refusal:
        decide(request_, elt_member, Sitting(held_date=held, attendees=frozenset(elt_attendees)))

    assert list(refusal.value.message_dict) == ["held_date"]


def test_a_returned_report_is_not_accepted_by_an_outcome_of_requests(
    milestone, elt_member, sitting
):
    report = SubmittedReportFactory(milestone=milestone)

    with pytest.raises(ValidationError):
        decide_report(report, elt_member, sitting, outcome=Outcome.APPROVED)

    assert not Decision.objects.exists()
