from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.models import Decision, MeetingKind, Outcome, Ratification
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    MeetingActionFactory,
    MeetingFactory,
    RemedialActionFactory,
    SubmittedReportFactory,
)
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import ProjectFactory, WorkstreamFactory
from workstreams.models import Role

TODAY = date(2016, 3, 14)


def url(name, *args):
    return reverse(f"governance:{name}", args=["las-2016", *args])


@pytest.fixture
def quorum(elt_member, elt_attendees):
    return [elt_member, *elt_attendees]


@pytest.fixture
def meeting(programme, quorum):
    return MeetingFactory(programme=programme, attendees=quorum)


@pytest.fixture
def chairs_action(milestone, member):
    return Decision.objects.create(
        programme=milestone.programme,
        exception=SubmittedReportFactory(milestone=milestone, number=4, state="accepted"),
        outcome=Outcome.ACCEPTED,
        chairs_action_reason="The CQC asked today.",
        decided_by=member(Role.ELT_MEMBER),
        decided_date=TODAY,
        decided_at="2016-03-14T09:00Z",
    )


def fill_agenda(milestone, meeting, decider, rows):
    """Put some of everything before a meeting, and let it have done some of everything."""
    earlier = MeetingFactory(
        programme=milestone.programme,
        kind=meeting.kind,
        workstream=meeting.workstream,
        held_date=date(2016, 2, rows),
    )
    decided = {"outcome": Outcome.ACCEPTED, "decided_by": decider, "decided_date": TODAY}
    for _ in range(rows):
        late, moved, closed = (
            BaselinedMilestoneFactory(project=milestone.project) for _ in range(3)
        )
        RemedialActionFactory(
            exception=SubmittedReportFactory(milestone=late), due_date=date(2016, 3, 1)
        )
        ChangeRequestFactory(milestone=moved)
        accepted = SubmittedReportFactory(milestone=closed, state="accepted")
        for place in ({"chairs_action_reason": "Urgent"}, {"meeting": meeting}):
            Decision.objects.create(
                programme=milestone.programme,
                exception=accepted,
                decided_at="2016-03-14T09:00Z",
                **decided,
                **place,
            )
        MeetingActionFactory(meeting=earlier)
        MeetingActionFactory(meeting=meeting)


@pytest.mark.parametrize("kind", MeetingKind)
def test_the_page_costs_the_same_queries_whatever_is_on_the_agenda(
    milestone, workstream, client_of, elt_member, elt_attendees, kind
):
    own = workstream if kind == MeetingKind.WORKSTREAM else None
    client = client_of(elt_attendees[0])
    costs = []
    for rows in (1, 6):
        meeting = MeetingFactory(
            programme=milestone.programme, kind=kind, workstream=own, held_date=date(2016, 3, rows)
        )
        fill_agenda(milestone, meeting, elt_member, rows)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(meeting.get_absolute_url())
        assert len(response.context["minutes"].actions) == rows
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_the_agenda_of_an_elt_meeting_builds_itself(
    milestone, meeting, chairs_action, client_of, elt_member
):
    report = SubmittedReportFactory(milestone=BaselinedMilestoneFactory(project=milestone.project))
    earlier = MeetingFactory(programme=milestone.programme, held_date=date(2016, 2, 15))
    MeetingActionFactory(meeting=earlier, text="Bring the workforce plan")

    text = client_of(elt_member).get(meeting.get_absolute_url()).content.decode()

    assert "1 item waits for its decision and 1 chair’s action for ratification." in text
    assert url("exception_decide", report.number) + f"?meeting={meeting.pk}" in text
    assert url("meeting_ratify", meeting.pk, chairs_action.pk) in text
    assert "Bring the workforce plan" in text
    assert "Quorate: 3, quorum 3" in text


@pytest.mark.parametrize("kind", [MeetingKind.QIG, MeetingKind.WORKSTREAM])
def test_the_other_meetings_look_at_what_is_off_plan_in_their_scope(
    milestone, workstream, client_of, auditor, kind
):
    programme = milestone.programme
    own = workstream if kind == MeetingKind.WORKSTREAM else None
    meeting = MeetingFactory(programme=programme, kind=kind, workstream=own)
    elsewhere = WorkstreamFactory(programme=programme, code="WS5", name="Other", position=5)
    for each, number in ((milestone.project, 1), (ProjectFactory(workstream=elsewhere), 2)):
        late = BaselinedMilestoneFactory(project=each)
        report = ExceptionReportFactory(milestone=late, number=number)
        RemedialActionFactory(exception=report, due_date=date(2016, 3, 1))
        ChangeRequestFactory(milestone=late, number=number)

    agenda = client_of(auditor).get(meeting.get_absolute_url()).context["agenda"]

    expected = 1 if own else 2
    rows = (agenda.exceptions, agenda.change_requests, agenda.overdue)
    assert [len(each) for each in rows] == [expected] * 3
    assert not agenda.to_decide


def test_a_chairs_action_is_ratified_on_the_page(
    meeting, chairs_action, client_of, elt_member, executive_lead
):
    address = url("meeting_ratify", meeting.pk, chairs_action.pk)

    refused = client_of(executive_lead).post(address)
    done = client_of(elt_member).post(address, follow=True)
    again = client_of(elt_member).post(address)

    assert refused.status_code == 403
    assert "The chair’s action on EX-004 is ratified at this meeting." in done.content.decode()
    assert again.status_code == 409
    assert Ratification.objects.count() == 1


def test_a_decision_is_made_at_the_meeting_from_which_its_form_was_opened(
    milestone, programme, client_of, quorum, elt_member
):
    report = SubmittedReportFactory(milestone=milestone, number=4, submitted_date=date(2016, 3, 1))
    meeting = MeetingFactory(programme=programme, held_date=date(2016, 3, 10), attendees=quorum)
    client = client_of(elt_member)

    page = client.get(url("exception_decide", 4) + f"?meeting={meeting.pk}")
    form = page.context["form"]
    response = client.post(
        url("exception_decide", 4),
        {
            "outcome": "accepted",
            "place": "meeting",
            "meeting": form["meeting"].value(),
            "held_date_day": "",
            "attendees": form["attendees"].value(),
            "version": report.version,
        },
    )

    assert form["meeting"].value() == meeting.pk
    assert set(form["attendees"].value()) == {person.pk for person in quorum}
    assert response.status_code == 302
    assert Decision.objects.get().meeting == meeting


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "Enter the meeting date, or choose a meeting"),
        ({"meeting": "999999"}, "Choose the ELT meeting from the list"),
        (
            {"place": "chairs_action", "chairs_action_reason": "Urgent"},
            "Enter the date of chair’s action",
        ),
    ],
)
def test_a_decision_needs_a_meeting_or_a_date(milestone, client_of, elt_member, changes, message):
    report = SubmittedReportFactory(milestone=milestone, number=4)
    data = {"outcome": "accepted", "place": "meeting", "version": report.version} | changes

    response = client_of(elt_member).post(url("exception_decide", 4), data)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Decision.objects.exists()


def test_a_decision_is_superseded_from_the_page_of_its_subject(
    milestone, meeting, client_of, elt_member, auditor
):
    report = SubmittedReportFactory(milestone=milestone, number=4)
    client = client_of(elt_member)
    data = {"place": "meeting", "meeting": meeting.pk, "version": report.version}
    client.post(url("exception_decide", 4), data | {"outcome": "accepted"})
    earlier = Decision.objects.get()
    address = url("decision_supersede", earlier.pk)

    offered = client.get(url("exception_detail", 4)).content.decode()
    wrong = client.post(address, data | {"outcome": "returned", "version": 2})
    right = client.post(
        address, data | {"outcome": "returned", "comment": "No owner", "version": 2}, follow=True
    )
    late = client.get(address)

    assert address in offered
    assert address not in client_of(auditor).get(url("exception_detail", 4)).content.decode()
    assert wrong.status_code == 422
    assert "why the earlier decision does not stand" in wrong.content.decode()
    assert "Supersedes the decision of 14" in right.content.decode()
    assert "Superseded" in right.content.decode()
    assert late.status_code == 409
    assert "superseded already" in late.content.decode()


def test_the_queue_lists_chairs_actions_and_leads_to_the_next_meeting(
    chairs_action, meeting, client_of, auditor
):
    text = client_of(auditor).get(url("decision_queue")).content.decode()

    assert "Chair’s actions to ratify (1)" in text
    assert meeting.get_absolute_url() in text
