"""A chair's action waits for whoever may ratify it, on My work and on Home."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.models import Decision, Outcome
from tests.factories.governance import MeetingFactory, SubmittedReportFactory
from tests.factories.milestones import BaselinedMilestoneFactory
from workstreams.models import Role

TODAY = date(2016, 3, 14)
PAGES = [reverse(f"reports:{name}", args=["las-2016"]) for name in ("my_work", "role_home")]


@pytest.fixture
def take(milestone, elt_member):
    """Take a chair's action on an exception of WS2, as the ELT member."""

    def make(**fields):
        subject = BaselinedMilestoneFactory(project=milestone.project)
        report = SubmittedReportFactory(milestone=subject, state="accepted", **fields)
        return Decision.objects.create(
            programme=report.programme,
            exception=report,
            outcome=Outcome.ACCEPTED,
            chairs_action_reason="The CQC asked today.",
            decided_by=elt_member,
            decided_date=date(2016, 3, 11),
            decided_at="2016-03-11T12:00Z",
        )

    return make


@pytest.mark.parametrize("page", PAGES)
def test_another_elt_member_is_asked_to_ratify_it_at_the_meeting(
    programme, take, client_of, member, page
):
    decision = take(number=4)
    meeting = MeetingFactory(programme=programme)

    text = client_of(member(Role.ELT_MEMBER)).get(page).content.decode()

    assert f'<a href="{meeting.get_absolute_url()}#to-ratify">Ratify EX-004: ' in text
    assert str(decision.subject.milestone) in text
    assert "Accepted as chair’s action by ELT member, waiting 3 days" in text


def test_without_a_meeting_it_leads_to_the_list_of_decisions(programme, take, client_of, member):
    take()
    client = client_of(member(Role.ELT_MEMBER))
    link = reverse("governance:decision_queue", args=["las-2016"])

    assert f'href="{link}#ratify">Ratify' in client.get(PAGES[0]).content.decode()
    assert 'id="ratify"' in client.get(link).content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["elt_member", "executive_lead", "pmo_officer"])
def test_neither_who_took_it_nor_who_may_not_decide_it_is_asked(
    request, take, client_of, who, page
):
    take()

    assert "Ratify EX" not in client_of(request.getfixturevalue(who)).get(page).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_it_costs_the_same_queries_however_many_wait(programme, take, client_of, member, page):
    client = client_of(member(Role.ELT_MEMBER))
    MeetingFactory(programme=programme)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        return len(queries)

    take()
    few = cost()
    for _ in range(24):
        take()

    assert cost() == few
