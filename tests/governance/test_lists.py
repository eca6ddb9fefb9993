from datetime import date

import pytest
from django.template import Context, Template
from django.urls import reverse

from governance.models import ChangeRequestState, ExceptionState
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    RemedialActionFactory,
    SubmittedReportFactory,
)
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import ProgrammeFactory, ProjectFactory, WorkstreamFactory


def url(name, query=""):
    return reverse(f"governance:{name}", args=["las-2016"]) + query


@pytest.fixture
def exceptions_of_each_state(milestone):
    """EX-001 to EX-005 in the order of the states, on milestones of WS2; EX-006 in WS1."""
    due = {ExceptionState.RETURNED: date(2016, 3, 11)}
    for number, state in enumerate(ExceptionState.values, start=1):
        closed = {"closed_date": date(2016, 3, 1)} if state == ExceptionState.CLOSED else {}
        ExceptionReportFactory(
            milestone=BaselinedMilestoneFactory(project=milestone.project),
            number=number,
            state=state,
            report_due_date=due.get(state, date(2016, 3, 14)),
            **closed,
        )
    project = ProjectFactory(workstream=WorkstreamFactory(code="WS1"), code="WS1-P1")
    ExceptionReportFactory(
        milestone=BaselinedMilestoneFactory(project=project, title="Advertise posts"), number=6
    )
    elsewhere = WorkstreamFactory(programme=ProgrammeFactory(slug="other-trust"))
    ExceptionReportFactory(milestone__project__workstream=elsewhere, number=7)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [6, 5, 4, 3, 2, 1]),
        ("?state=open", [6, 4, 3, 2, 1]),
        ("?state=due", [6, 3, 1]),
        ("?state=overdue", [3]),
        ("?state=awaiting", [2]),
        ("?state=submitted", [2]),
        ("?state=accepted", [4]),
        ("?state=closed", [5]),
        ("?state=open&workstream=WS1", [6]),
        ("?text=advertise", [6]),
        ("?text=EX-004", [4]),
        ("?text=%00", [6, 5, 4, 3, 2, 1]),
        ("?state=nonsense", []),
        ("?workstream=WS9", []),
    ],
)
def test_the_exceptions_are_filtered_by_documented_parameters(
    exceptions_of_each_state, client_of, auditor, query, numbers
):
    response = client_of(auditor).get(url("exception_list", query))

    assert response.status_code == 200
    assert [report.number for report in response.context["reports"]] == numbers


def test_a_wrong_filter_is_said_at_its_field(programme, client_of, auditor):
    response = client_of(auditor).get(url("exception_list", "?state=nonsense"))

    assert '<a href="#id_state">Choose the state from the list</a>' in response.content.decode()


@pytest.mark.parametrize(
    ("query", "states"),
    [
        ("", set(ChangeRequestState.values)),
        ("?state=open", {"draft", "submitted", "endorsed", "checked", "returned"}),
        ("?state=awaiting", {"checked"}),
        ("?state=checked", {"checked"}),
        ("?state=withdrawn&workstream=WS2", {"withdrawn"}),
        ("?workstream=WS1", set()),
        ("?text=cr-001", {"draft"}),
    ],
)
def test_the_change_requests_are_filtered_by_documented_parameters(
    milestone, client_of, auditor, query, states
):
    WorkstreamFactory(code="WS1")
    for number, state in enumerate(ChangeRequestState.values, start=1):
        each = BaselinedMilestoneFactory(project=milestone.project)
        ChangeRequestFactory(milestone=each, number=number, state=state)

    response = client_of(auditor).get(url("change_request_list", query))

    assert {request.state for request in response.context["change_requests"]} == states


@pytest.mark.parametrize("name", ["exception_list", "change_request_list"])
@pytest.mark.parametrize("query", ["", "?state=closed", "?state=withdrawn", "?text=nothing"])
def test_an_empty_list_says_why(programme, client_of, auditor, name, query):
    response = client_of(auditor).get(url(name, query))

    assert "qip-empty" in response.content.decode()


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize("name", ["exception_list", "change_request_list", "decision_queue"])
def test_a_list_costs_the_same_queries_however_long_it_is(
    milestone, client_of, auditor, django_assert_num_queries, rows, name
):
    client = client_of(auditor)
    for number in range(1, rows + 1):
        each = BaselinedMilestoneFactory(project=milestone.project)
        report = SubmittedReportFactory(milestone=each, number=number)
        ChangeRequestFactory(milestone=each, exception=report, number=number)
    counts = {"exception_list": 7, "change_request_list": 8, "decision_queue": 12}

    with django_assert_num_queries(counts[name]):
        response = client.get(url(name))

    assert response.status_code == 200


def test_the_list_has_pages_of_fifty(milestone, client_of, auditor):
    for number in range(1, 53):
        each = BaselinedMilestoneFactory(project=milestone.project)
        ExceptionReportFactory(milestone=each, number=number)

    response = client_of(auditor).get(url("exception_list", "?page=2"))

    assert [report.number for report in response.context["reports"]] == [2, 1]


@pytest.mark.parametrize("actions", [1, 20])
def test_an_exceptions_page_costs_the_same_queries_however_many_actions_it_has(
    milestone, client_of, elt_member, django_assert_num_queries, actions
):
    report = SubmittedReportFactory(milestone=milestone, number=1)
    RemedialActionFactory.create_batch(actions, exception=report)
    client = client_of(elt_member)

    with django_assert_num_queries(14):
        response = client.get(reverse("governance:exception_detail", args=["las-2016", 1]))

    assert response.status_code == 200


def render(text, **context):
    return Template("{% load governance %}" + text).render(Context(context))


def test_a_milestones_panel_shows_the_open_exception_and_counts_the_closed(milestone):
    ExceptionReportFactory(
        milestone=milestone, number=1, state=ExceptionState.CLOSED, closed_date=date(2016, 3, 1)
    )
    ExceptionReportFactory(milestone=milestone, number=2, report_due_date=date(2016, 3, 9))
    ChangeRequestFactory(milestone=milestone, number=3)

    text = render("{% milestone_governance milestone %}", milestone=milestone)

    assert "EX-002" in text
    assert "9 March 2016, 3 working days late" in text
    assert "?state=closed&amp;text=WS2-P3-03" in text
    assert "Move the planned date to 10 Jun 2016" in text


def test_an_indicators_panel_says_when_nothing_is_open(workstream):
    indicator = IndicatorFactory(workstream=workstream)

    text = render("{% indicator_governance indicator %}", indicator=indicator)

    assert "No exception is open." in text
