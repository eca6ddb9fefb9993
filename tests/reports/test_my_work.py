from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import ChangeRequestState, ExceptionState
from milestones.models import MilestoneStatus
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    MeetingActionFactory,
    MeetingFactory,
    RemedialActionFactory,
)
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import ProjectFactory, WorkstreamFactory
from tests.reports.my_work_answers import address, said_by, work_of
from workstreams.months import open_month

TODAY = date(2016, 3, 14)
JUNE = date(2016, 6, 4)


def test_it_begins_with_how_much_is_due_and_by_when(programme, owned, indicator, local_owner):
    owned()
    owned()
    owned(status=MilestoneStatus.COMPLETE, completed_date=date(2016, 2, 1))
    owned(local_owner=None)

    work = work_of(local_owner, programme)

    assert work.lead == "2 milestones and 1 measurement are due by 5 April 2016."
    assert [row.standing.indicator for row in work.own.measurements_due] == [indicator]


def test_what_is_late_is_called_overdue(programme, owned, local_owner):
    owned()
    open_month(programme, date(2016, 1, 1))

    work = work_of(local_owner, programme)

    assert work.lead == "1 milestone is overdue since 3 February 2016."


def test_reading_the_page_opens_no_month(programme, owned, owner):
    owned()

    owner.get(address("my_work"))

    assert not programme.months.exists()


def test_an_update_of_another_month_does_not_count_for_this_one(programme, owned, local_owner):
    milestone = owned()
    january = open_month(programme, date(2016, 1, 1))
    said_by(milestone, local_owner)
    january.state = "frozen"
    january.save()

    work = work_of(local_owner, programme)

    assert [row.milestone for row in work.own.due] == [milestone]


def test_a_lead_sees_the_own_work_stream_apart_and_no_other(programme, owned, executive_lead):
    theirs = owned()
    elsewhere = WorkstreamFactory(programme=programme, code="WS5", name="Other", position=5)
    MilestoneFactory(project=ProjectFactory(workstream=elsewhere, code="WS5-P1"))

    work = work_of(executive_lead, programme)

    assert work.own.milestones == []
    assert [row.milestone for row in work.led.milestones] == [theirs]
    assert work.lead == "1 milestone of the work you lead is due by 5 April 2016."


def test_the_pmo_owes_no_update_and_sees_how_many_are_missing(programme, owned, pmo_officer):
    owned()

    work = work_of(pmo_officer, programme)

    assert (work.own.milestones, work.led.milestones, work.missing) == ([], [], 1)
    assert work.lead == "1 open milestone is due by 5 April 2016, from their owners."


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({}, True),
        ({"forecast_date": date(2016, 4, 30)}, True),
        ({"forecast_date": date(2016, 3, 13)}, False),
        ({"forecast_date": JUNE}, False),
        ({"planned_date": date(2016, 3, 13)}, False),
        ({"planned_date": TODAY}, True),
        ({"planned_date": None, "planned_precision": ""}, False),
    ],
)
def test_one_press_is_offered_only_where_it_is_true(programme, owned, local_owner, fields, may):
    owned(**fields)

    row = work_of(local_owner, programme).own.milestones[0]

    assert row.may_confirm is may
    assert bool(row.ask) is not may


def test_each_role_sees_the_requests_that_wait_for_it(
    programme, owned, executive_lead, pmo_officer, elt_member, local_owner
):
    states = [
        ChangeRequestState.SUBMITTED,
        ChangeRequestState.ENDORSED,
        ChangeRequestState.CHECKED,
        ChangeRequestState.RETURNED,
    ]
    for number, state in enumerate(states, start=1):
        ChangeRequestFactory(milestone=owned(), number=number, state=state)

    asked = {
        person: [(each.act, each.item.number) for each in work_of(person, programme).asked]
        for person in (executive_lead, pmo_officer, elt_member, local_owner)
    }

    # The lead sits on the ELT, too, but decides nothing of the own work stream.
    assert asked == {
        executive_lead: [("Endorse", 1)],
        pmo_officer: [("Check", 2)],
        elt_member: [("Decide", 3)],
        local_owner: [("Finish", 4)],
    }


def test_who_wrote_on_a_request_is_not_asked_to_decide_it(programme, owned, elt_member):
    milestone = owned(baseline_date=date(2016, 4, 30), baseline_precision="month")
    request = ChangeRequestFactory(milestone=milestone)
    request.authors.add(elt_member)

    assert work_of(elt_member, programme).asked == []


def test_reports_to_write_and_actions_to_do_are_listed_with_their_days(owned, owner, local_owner):
    report = ExceptionReportFactory(milestone=owned(), number=7)
    ExceptionReportFactory(milestone=owned(), number=8, state=ExceptionState.SUBMITTED)
    action = RemedialActionFactory(exception=report, owner=local_owner)

    page = owner.get(address("my_work")).content.decode()
    owner.post(address("my_work_action_done", action.pk))

    action.refresh_from_db()
    assert "Report EX-007" in page
    assert "Exception report due 21 March 2016" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "Report EX-008" not in page
    assert action.text in page
    assert action.done_date == TODAY


def test_an_owner_begins_at_my_work_and_an_auditor_has_none(owner, auditor, client_of, programme):
    home = owner.get("/")
    looking_on = client_of(auditor).get(address("my_work"))

    assert home["Location"] == address("my_work")
    assert "No update is due from you." in looking_on.content.decode()
    labels = [item.label for item in looking_on.context["navigation"]]
    assert labels[:3] == ["Programme", "Months", "Milestones"]


def test_an_action_agreed_at_a_meeting_waits_until_it_is_done(
    programme, owner, local_owner, pmo_officer
):
    meeting = MeetingFactory(programme=programme)
    action = MeetingActionFactory(meeting=meeting, owner=local_owner, due_date=date(2016, 3, 11))
    MeetingActionFactory(meeting=meeting, owner=pmo_officer, text="Of somebody else")

    before = owner.get(address("my_work")).content.decode()
    done = owner.post(address("my_work_meeting_action_done", action.pk), follow=True)

    action.refresh_from_db()
    assert "Your actions from meetings" in before
    assert f"{action.text}</a>" in before
    assert "11 Mar 2016, overdue" in before.replace("\N{NO-BREAK SPACE}", " ")
    assert "Of somebody else" not in before
    assert action.done_date == TODAY
    assert f"“{action.text}” is marked as done." in done.content.decode()
    assert "Your actions from meetings" not in done.content.decode()


def test_it_costs_the_same_queries_however_much_is_due(
    owned, owner, workstream, local_owner, executive_lead, client_of
):
    meeting = MeetingFactory(programme=workstream.programme)

    def fill(number):
        for each in range(number):
            milestone = owned()
            if each % 2:
                said_by(milestone, local_owner, forecast_date=date(2016, 4, 20))
            IndicatorFactory(workstream=workstream, local_owner=local_owner)
            report = ExceptionReportFactory(
                milestone=BaselinedMilestoneFactory(
                    project=milestone.project, local_owner=local_owner
                )
            )
            RemedialActionFactory(exception=report, owner=local_owner)
            MeetingActionFactory(meeting=meeting, owner=local_owner)

    def cost(client):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(address("my_work"))
        return len(queries)

    lead = client_of(executive_lead)
    fill(2)
    few = cost(owner), cost(lead)
    fill(48)
    many = cost(owner), cost(lead)

    assert few == many
