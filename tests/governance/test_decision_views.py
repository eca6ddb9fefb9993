from datetime import date

import pytest
from django.urls import reverse

from governance.models import ChangeRequestState, Decision, ExceptionState, Meeting
from milestones.services import move_planned_date
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    SubmittedReportFactory,
)
from tests.factories.milestones import BaselinedMilestoneFactory

TODAY = date(2016, 3, 14)


def url(name, *args):
    return reverse(f"governance:{name}", args=["las-2016", *args])


def decision_data(attendees=(), **changes):
    data = {
        "outcome": "approved",
        "comment": "",
        "place": "meeting",
        "held_date_day": "14",
        "held_date_month": "3",
        "held_date_year": "2016",
        "attendees": [person.pk for person in attendees],
        "chairs_action_reason": "",
        "version": "1",
    }
    return data | changes


@pytest.fixture
def request_(milestone):
    return ChangeRequestFactory(milestone=milestone, number=12)


@pytest.fixture
def quorum(elt_member, elt_attendees):
    return [elt_member, *elt_attendees]


def test_an_elt_member_approves_at_a_meeting(request_, client_of, elt_member, quorum):
    response = client_of(elt_member).post(
        url("change_request_decide", 12), decision_data(quorum), follow=True
    )

    request_.milestone.refresh_from_db()
    text = response.content.decode()
    assert "CR-012 is approved. WS2-P3-03 is now planned for 10 Jun 2016." in text
    assert request_.milestone.planned_date == date(2016, 6, 10)
    assert Meeting.objects.get().attendees.count() == 3


def test_after_a_decision_the_page_offers_what_waits_next_until_nothing_does(
    request_, milestone, client_of, elt_member, quorum
):
    other = BaselinedMilestoneFactory(project=milestone.project, title="Second one")
    SubmittedReportFactory(milestone=other, number=4)
    client = client_of(elt_member)

    first = client.post(url("change_request_decide", 12), decision_data(quorum), follow=True)
    second = client.post(
        url("exception_decide", 4), decision_data(quorum, outcome="accepted"), follow=True
    )

    report_url = url("exception_detail", 4)
    assert f'<a href="{report_url}">Next: EX-004 {other}</a>' in first.content.decode()
    assert "Nothing else waits for your decision." in second.content.decode()


def test_what_somebody_else_decided_offers_nothing_next(
    request_, milestone, client_of, elt_member, quorum, elt_attendees
):
    SubmittedReportFactory(milestone=BaselinedMilestoneFactory(project=milestone.project), number=4)
    client_of(elt_member).post(url("change_request_decide", 12), decision_data(quorum))

    page = client_of(elt_attendees[0]).get(url("change_request_detail", 12)).content.decode()

    assert "Decisions" in page
    assert "Next to decide" not in page


def test_the_next_to_decide_is_none_of_the_persons_own(
    request_, milestone, client_of, elt_member, quorum
):
    other = BaselinedMilestoneFactory(project=milestone.project)
    ChangeRequestFactory(milestone=other, number=13, raised_by=elt_member)

    response = client_of(elt_member).post(
        url("change_request_decide", 12), decision_data(quorum), follow=True
    )

    assert "Nothing else waits for your decision." in response.content.decode()


def test_the_form_ticks_the_decider_and_who_attends_todays_meeting(
    request_, client_of, elt_member, elt_attendees
):
    meeting = Meeting.objects.create(programme=request_.programme, held_date=TODAY)
    meeting.attendees.add(elt_attendees[0])

    response = client_of(elt_member).get(url("change_request_decide", 12))

    form = response.context["form"]
    assert set(form["attendees"].value()) == {elt_member.pk, elt_attendees[0].pk}
    assert form["held_date"].value() == TODAY
    assert "Approve: the planned date moves to 10 Jun 2016" in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome": ""}, '<a href="#id_outcome_0">Choose what is decided</a>'),
        ({"outcome": "accepted"}, '<a href="#id_outcome_0">Choose the decision from the list'),
        ({"outcome": "rejected"}, '<a href="#id_comment">Enter a comment'),
        ({"held_date_day": "15"}, '<a href="#id_held_date_day">Meeting date must be today'),
        ({"attendees": []}, '<a href="#id_attendees_0">The quorum is 3'),
        ({"attendees": ["999999"]}, '<a href="#id_attendees_0">'),
        ({"place": "chairs_action"}, '<a href="#id_chairs_action_reason">Enter the reason'),
        ({"version": "x"}, "must be a whole number"),
    ],
)
def test_what_is_wrong_with_a_decision_stands_at_its_field(
    request_, client_of, elt_member, quorum, changes, message
):
    data = decision_data(quorum) | changes

    response = client_of(elt_member).post(url("change_request_decide", 12), data)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Decision.objects.exists()


def test_a_reason_left_over_does_not_turn_a_meeting_into_chairs_action(
    request_, client_of, elt_member, quorum
):
    data = decision_data(quorum, chairs_action_reason="Typed before choosing the meeting")

    client_of(elt_member).post(url("change_request_decide", 12), data)

    assert not Decision.objects.get().is_chairs_action


def test_chairs_action_is_recorded_with_its_reason(request_, client_of, elt_member):
    data = decision_data(place="chairs_action", chairs_action_reason="The CQC asked today.")

    response = client_of(elt_member).post(url("change_request_decide", 12), data, follow=True)

    assert Decision.objects.get().chairs_action_reason == "The CQC asked today."
    assert "To be ratified" in response.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_executive_lead_may_not_decide_and_reads_why(
    request_, client_of, executive_lead, quorum, method
):
    client = client_of(executive_lead)

    page = client.get(url("change_request_detail", 12)).content.decode()
    response = getattr(client, method)(url("change_request_decide", 12), decision_data(quorum))

    assert "You lead WS2, so you endorse its changes" in page
    assert "Record decision" not in page
    assert response.status_code == 403
    assert not Decision.objects.exists()


def test_the_author_may_not_decide_and_reads_why(milestone, client_of, elt_member, quorum):
    ChangeRequestFactory(milestone=milestone, number=12, raised_by=elt_member)
    client = client_of(elt_member)

    page = client.get(url("change_request_detail", 12)).content.decode()
    response = client.post(url("change_request_decide", 12), decision_data(quorum))

    assert "You raised this, so another ELT member decides it." in page
    assert response.status_code == 403


def test_a_request_that_changed_since_is_shown_again_with_the_typed_comment(
    request_, client_of, elt_member, quorum
):
    data = decision_data(quorum, version="9", comment="My comment")
    client = client_of(elt_member)

    conflict = client.post(url("change_request_decide", 12), data)
    again = client.post(
        url("change_request_decide", 12),
        data | {"version": conflict.context["form"]["version"].value()},
    )

    assert conflict.status_code == 409
    assert "My comment" in conflict.content.decode()
    assert again.status_code == 302


def test_a_request_already_decided_shows_the_page_with_a_banner(
    milestone, client_of, elt_member, quorum
):
    ChangeRequestFactory(milestone=milestone, number=12, state=ChangeRequestState.REJECTED)

    response = client_of(elt_member).post(url("change_request_decide", 12), decision_data(quorum))

    assert response.status_code == 409
    assert "CR-012 is rejected." in response.content.decode()


def test_an_approval_of_a_plan_that_moved_says_what_moved(
    request_, client_of, elt_member, quorum, pmo_officer
):
    move_planned_date(
        milestone_id=request_.milestone_id,
        to=date(2016, 5, 31),
        precision="day",
        change_request_number=11,
        by=pmo_officer,
    )

    response = client_of(elt_member).post(url("change_request_decide", 12), decision_data(quorum))

    assert response.status_code == 409
    assert "moved to 31 May 2016 after CR-012 was made" in response.content.decode()
    assert not Decision.objects.exists()


def test_an_elt_member_accepts_an_exception_report(milestone, client_of, elt_member, quorum):
    report = SubmittedReportFactory(milestone=milestone, number=4)

    response = client_of(elt_member).post(
        url("exception_decide", 4), decision_data(quorum, outcome="accepted")
    )

    report.refresh_from_db()
    assert response.status_code == 302
    assert report.state == ExceptionState.ACCEPTED


def test_a_report_submitted_anew_is_not_decided_from_the_old_page(
    milestone, client_of, elt_member, quorum
):
    SubmittedReportFactory(milestone=milestone, number=4, version=5)

    response = client_of(elt_member).post(
        url("exception_decide", 4), decision_data(quorum, outcome="accepted", version="3")
    )

    assert response.status_code == 409
    assert not Decision.objects.exists()


def test_the_queue_shows_what_waits_for_whom_longest_first(milestone, client_of, auditor):
    def another():
        return BaselinedMilestoneFactory(project=milestone.project)

    ChangeRequestFactory(milestone=milestone, number=1, checked_date=date(2016, 3, 10))
    SubmittedReportFactory(milestone=milestone, number=1, submitted_date=date(2016, 3, 4))
    ChangeRequestFactory(milestone=another(), number=2, state=ChangeRequestState.SUBMITTED)
    ChangeRequestFactory(milestone=another(), number=3, state=ChangeRequestState.ENDORSED)
    ExceptionReportFactory(milestone=another(), number=2, report_due_date=date(2016, 3, 9))

    response = client_of(auditor).get(url("decision_queue"))

    queue = response.context["queue"]
    assert [(row.item.label, row.days) for row in queue.for_elt] == [("EX-001", 10), ("CR-001", 4)]
    assert [row.whom for row in queue.for_endorsement] == ["Director of Corporate Affairs"]
    assert [row.whom for row in queue.for_check] == ["PMO"]
    assert (queue.reports_due, queue.reports_overdue) == (1, 1)
    text = response.content.decode()
    assert "2 items wait for the ELT, 1 of them for more than 5 days." in text
    assert "Tuesday 15 March 2016" in text


def test_an_empty_queue_says_so(programme, client_of, auditor):
    text = client_of(auditor).get(url("decision_queue")).content.decode()

    assert "Nothing waits for the ELT." in text
    assert "The ELT has decided nothing yet." in text


def test_the_queue_marks_chairs_actions_for_ratification(request_, client_of, elt_member):
    client = client_of(elt_member)
    data = decision_data(place="chairs_action", chairs_action_reason="The CQC asked today.")
    client.post(url("change_request_decide", 12), data)

    text = client.get(url("decision_queue")).content.decode()

    assert "To be ratified" in text
    assert "Chair" in text
