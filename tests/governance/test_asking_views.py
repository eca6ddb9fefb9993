"""The pages on which changes are asked for, beyond another planned date."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from governance.models import ChangeKind, ChangeRequest, ChangeRequestState, RemedialAction
from metrics.trajectories import baseline_trajectory
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    RemedialActionFactory,
    new_date,
)
from tests.factories.metrics import IndicatorFactory, TrajectoryPointFactory
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import CqcActionFactory

WHY = {
    "reason": "The supplier delivers late.",
    "delivery_impact": "Reports stay on paper.",
    "version": "0",
    "submit": "1",
    "actions-TOTAL_FORMS": "0",
    "actions-INITIAL_FORMS": "0",
}
MILESTONE = {"title": "Datix Web launched", "scope": "", "precision": "day"}


def url(name, *args):
    return reverse(f"governance:{name}", args=["las-2016", *args])


def new(**subject):
    name, value = next(iter(subject.items()))
    return f"{url('change_request_create')}?{name}={value}"


@pytest.fixture
def indicator(workstream, local_owner, pmo_officer, milestone):
    indicator = IndicatorFactory(
        workstream=workstream,
        local_owner=local_owner,
        reference="WS2-I1",
        final_target=Decimal(95),
    )
    indicator.projects.add(milestone.project)
    TrajectoryPointFactory(indicator=indicator, month=date(2016, 4, 1), value=90)
    baseline_trajectory(indicator_id=indicator.pk, by=pmo_officer, seen_version=1)
    return indicator


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("pmo_officer", {"milestone", "indicator", "project"}),
        ("executive_lead", {"milestone", "indicator", "project"}),
        ("local_owner", {"milestone", "indicator"}),
        ("other_owner", set()),
    ],
)
def test_a_person_chooses_among_what_they_may_ask_for(
    milestone, indicator, client_of, person, role, offered
):
    BaselinedMilestoneFactory(project=milestone.project, reference="WS2-P3-99", title="Under way")
    under_way = BaselinedMilestoneFactory(project=milestone.project, reference="WS2-P3-98")
    ChangeRequestFactory(milestone=under_way)

    response = client_of(person(role)).get(url("change_request_create"))

    picks = {pick.name: pick.fields[pick.name].choices for pick in response.context["picks"]}
    assert response.status_code == 200
    assert set(picks) == offered
    if role == "local_owner":
        assert picks["milestone"][1:] == [("WS2-P3-03", "WS2-P3-03 Datix Web launched")]
    assert "WS2-P3-98" not in response.content.decode()


@pytest.mark.parametrize("rows", [1, 25])
def test_the_choice_costs_the_same_queries_however_much_there_is(
    milestone, client_of, pmo_officer, django_assert_num_queries, rows
):
    BaselinedMilestoneFactory.create_batch(rows, project=milestone.project)
    client = client_of(pmo_officer)

    with django_assert_num_queries(7):
        client.get(url("change_request_create"))


def test_who_may_ask_for_nothing_is_told_so(milestone, client_of, auditor):
    response = client_of(auditor).get(url("change_request_create"))

    assert response.status_code == 403
    assert "asks for a change" in response.content.decode()


def test_going_on_without_a_choice_says_what_to_choose(milestone, client_of, pmo_officer):
    response = client_of(pmo_officer).get(new(milestone=""))

    assert response.status_code == 422
    assert '<a href="#id_milestone">Choose the milestone</a>' in response.content.decode()


def test_several_changes_are_asked_for_on_one_page(milestone, client_of, local_owner):
    data = WHY | MILESTONE | {"title": "In two sites", "scope": "North first"}
    data |= {f"planned_date_{part}": n for part, n in [("day", 10), ("month", 6), ("year", 2016)]}

    response = client_of(local_owner).post(new(milestone="WS2-P3-03"), data, follow=True)

    request = ChangeRequest.objects.get()
    assert {change.kind for change in request.changes.all()} == {
        ChangeKind.PLANNED_DATE,
        ChangeKind.TITLE,
        ChangeKind.SCOPE,
    }
    text = response.content.decode()
    for shown in ["Datix Web launched", "In two sites", "North first", "41 days later"]:
        assert shown in text


def test_a_request_that_changes_nothing_says_what_to_do(milestone, client_of, local_owner):
    response = client_of(local_owner).post(new(milestone="WS2-P3-03"), WHY | MILESTONE)

    text = response.content.decode()
    assert response.status_code == 422
    assert '<a href="#id_planned_date_day">This asks for what is in the plan already.' in text
    assert "Reports stay on paper." in text


def test_the_folded_part_opens_where_it_holds_an_error(milestone, client_of, local_owner):
    client = client_of(local_owner)

    plain = client.get(new(milestone="WS2-P3-03")).context["form"]
    wrong = client.post(new(milestone="WS2-P3-03"), WHY | MILESTONE | {"title": ""})

    assert not plain.is_unfolded
    assert wrong.context["form"].is_unfolded
    assert '<a href="#id_title">Enter the title</a>' in wrong.content.decode()


def test_months_and_final_target_of_an_indicator_are_asked_for(indicator, client_of, local_owner):
    client = client_of(local_owner)
    form = client.get(new(indicator="WS2-I1")).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    asked = {"2016-04": "87%", "2016-05": "91", "final_target": "94", "submit": "1"}

    response = client.post(new(indicator="WS2-I1"), WHY | data | WHY | asked, follow=True)

    request = ChangeRequest.objects.get()
    trajectory = request.change(ChangeKind.TRAJECTORY)
    assert trajectory.new_value == {"2016-04": "87", "2016-05": "91"}
    assert trajectory.old_value == {"2016-04": "90", "2016-05": ""}
    assert request.change(ChangeKind.FINAL_TARGET).new_value == "94"
    text = response.content.decode()
    assert "Target for Apr 2016" in text
    assert "3 lower" in text


def test_what_is_no_figure_is_said_at_its_month(indicator, client_of, local_owner):
    data = WHY | {"final_target": "95", "2016-04": "ninety"}

    response = client_of(local_owner).post(new(indicator="WS2-I1"), data)

    text = response.content.decode()
    assert response.status_code == 422
    assert '<a href="#id_2016-04">Enter a number, like 88 or 1,240.5</a>' in text
    assert 'value="ninety"' in text


def addition(**changes):
    data = {
        "title": "Review of the launch",
        "scope": "Asks every team leader.",
        "planned_date_day": "30",
        "planned_date_month": "9",
        "planned_date_year": "2016",
        "precision": "day",
    }
    return WHY | data | changes


def test_a_new_milestone_is_asked_for_with_all_that_it_needs(
    milestone, client_of, executive_lead, local_owner
):
    data = addition(lead_director=executive_lead.pk, local_owner=local_owner.pk)

    response = client_of(executive_lead).post(new(project="WS2-P3"), data, follow=True)

    text = response.content.decode()
    request = ChangeRequest.objects.get()
    assert (request.project, request.milestone) == (milestone.project, None)
    assert "Add the milestone ‘Review of the launch’" in text
    for shown in ["Asks every team leader.", "30 Sep 2016", "WS2 local owner"]:
        assert shown in text


def test_a_new_milestone_without_people_is_refused(milestone, client_of, executive_lead):
    response = client_of(executive_lead).post(new(project="WS2-P3"), addition())

    text = response.content.decode()
    assert response.status_code == 422
    assert '<a href="#id_lead_director">Select the lead director</a>' in text
    assert '<a href="#id_local_owner">Select the local owner</a>' in text


def test_a_draft_of_each_kind_is_gone_on_with(milestone, indicator, client_of, pmo_officer, person):
    lead, owner = person("executive_lead"), person("local_owner")
    client = client_of(pmo_officer)
    draft = {"draft": "1"}
    wanted = [
        (new(milestone="WS2-P3-03"), MILESTONE | {"withdraw": "on"}),
        (new(indicator="WS2-I1"), {"final_target": "94", "2016-04": "90"}),
        (new(project="WS2-P3"), addition(lead_director=lead.pk, local_owner=owner.pk)),
    ]
    for address, data in wanted:
        sent = {name: value for name, value in (WHY | data | draft).items() if name != "submit"}
        assert client.post(address, sent).status_code == 302

    forms = [client.get(url("change_request_edit", n)).context["form"] for n in (1, 2, 3)]

    assert forms[0]["withdraw"].value() is True
    assert forms[0].is_unfolded
    assert forms[1]["final_target"].value() == "94"
    assert (forms[2]["title"].value(), forms[2]["local_owner"].value()) == (
        "Review of the launch",
        owner.pk,
    )


def action_row(number=0, **changes):
    row = {
        "text": "Train the team",
        "owner": "",
        "due_date_day": "1",
        "due_date_month": "4",
        "due_date_year": "2016",
    }
    rows = {f"actions-{number}-{name}": value for name, value in (row | changes).items()}
    return {"actions-TOTAL_FORMS": "1", "actions-INITIAL_FORMS": "0"} | rows


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "Choose an owner for action 1"),
        ({"due_date_month": "3"}, "Action 1 must be due today or later"),
        ({"text": ""}, "Enter what will be done as action 1"),
    ],
)
def test_an_action_without_owner_or_due_in_the_past_is_refused_at_its_row(
    milestone, client_of, local_owner, changes, message
):
    owner = {"owner": str(local_owner.pk)} if changes else {}
    data = WHY | MILESTONE | {"title": "Another"} | action_row(**owner | changes)

    response = client_of(local_owner).post(new(milestone="WS2-P3-03"), data)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert not RemedialAction.objects.exists()


def test_one_row_more_keeps_what_was_typed(milestone, client_of, local_owner):
    data = WHY | MILESTONE | {"title": "Typed so far", "add": "1"} | action_row()

    response = client_of(local_owner).post(new(milestone="WS2-P3-03"), data)

    text = response.content.decode()
    assert response.status_code == 200
    assert 'value="Typed so far"' in text
    assert "Train the team" in text
    assert not ChangeRequest.objects.exists()


def test_an_action_of_a_request_is_marked_as_done_on_its_page(milestone, client_of, elt_member):
    request = ChangeRequestFactory(milestone=milestone, number=7)
    action = RemedialActionFactory(exception=None, change_request=request, owner=elt_member)
    client = client_of(elt_member)

    shown = client.get(url("change_request_detail", 7)).content.decode()
    response = client.post(url("remedial_action_done", action.pk))

    action.refresh_from_db()
    assert "Train 6 team leaders" in shown
    assert response.url == url("change_request_detail", 7)
    assert action.done_date == date(2016, 3, 14)


def test_the_page_of_an_indicators_request_shows_what_it_touches(
    milestone, indicator, client_of, auditor
):
    cqc = CqcActionFactory(workstream=milestone.workstream)
    cqc.projects.add(milestone.project)
    report = ExceptionReportFactory(milestone=None, indicator=indicator, number=4)
    target = {"kind": ChangeKind.FINAL_TARGET, "old_value": "95", "new_value": "94"}
    ChangeRequestFactory(
        milestone=None, indicator=indicator, exception=report, number=7, changes=[target]
    )

    text = client_of(auditor).get(url("change_request_detail", 7)).content.decode()

    for shown in ["Move the final target to 94%", "95%", "1 lower", cqc.reference, "EX-004"]:
        assert shown in text


def test_the_approval_of_each_kind_says_what_it_did(
    milestone, indicator, client_of, elt_member, elt_attendees
):
    withdrawal = {"kind": ChangeKind.WITHDRAWAL, "old_value": "in_plan", "new_value": "withdrawn"}
    target = {"kind": ChangeKind.FINAL_TARGET, "old_value": "95", "new_value": "94"}
    ChangeRequestFactory(milestone=milestone, number=1, changes=[withdrawal])
    ChangeRequestFactory(milestone=None, indicator=indicator, number=2, changes=[target])
    client = client_of(elt_member)
    held = {f"held_date_{part}": n for part, n in [("day", 14), ("month", 3), ("year", 2016)]}
    data = {
        "outcome": "approved",
        "place": "meeting",
        "attendees": [person.pk for person in [elt_member, *elt_attendees]],
        "version": "1",
        **held,
    }

    texts = [
        client.post(url("change_request_decide", n), data, follow=True).content.decode()
        for n in (1, 2)
    ]

    assert "WS2-P3-03 is withdrawn and counts no more." in texts[0]
    assert "What was asked for is in force for WS2-I1." in texts[1]


def test_the_pages_of_milestone_indicator_and_project_lead_to_asking(
    milestone, indicator, client_of, local_owner, executive_lead
):
    owner, lead = client_of(local_owner), client_of(executive_lead)

    pages = [
        (owner, milestone.get_absolute_url(), "?milestone=WS2-P3-03"),
        (owner, indicator.get_absolute_url(), "?indicator=WS2-I1"),
        (lead, milestone.project.get_absolute_url(), "?project=WS2-P3"),
        (owner, url("change_request_list"), ""),
    ]

    for client, address, query in pages:
        text = client.get(address).content.decode()
        assert f'href="{url("change_request_create")}{query}"' in text


@pytest.mark.parametrize("state", [ChangeRequestState.DRAFT, ChangeRequestState.SUBMITTED])
def test_my_work_lists_the_actions_of_a_request_once_it_is_submitted(
    milestone, client_of, elt_member, state
):
    request = ChangeRequestFactory(milestone=milestone, state=state, changes=[new_date(milestone)])
    RemedialActionFactory(exception=None, change_request=request, owner=elt_member)

    text = client_of(elt_member).get(reverse("reports:my_work", args=["las-2016"])).content.decode()

    assert ("Train 6 team leaders" in text) == (state == ChangeRequestState.SUBMITTED)
