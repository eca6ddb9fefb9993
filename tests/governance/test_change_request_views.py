from datetime import date

import pytest
from django.urls import reverse

from governance.models import ChangeKind, ChangeRequest, ChangeRequestState
from milestones.models import Dependency
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    RemedialActionFactory,
)
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import CqcActionFactory

State = ChangeRequestState


def url(name, *args, slug="las-2016"):
    return reverse(f"governance:{name}", args=[slug, *args])


def proposal_data(**changes):
    data = {
        "planned_date_day": "10",
        "planned_date_month": "6",
        "planned_date_year": "2016",
        "precision": "day",
        "title": "Datix Web launched",
        "actions-TOTAL_FORMS": "0",
        "actions-INITIAL_FORMS": "0",
        "reason": "The supplier delivers late.",
        "delivery_impact": "Reports stay on paper until June.",
        "version": "0",
        "submit": "1",
    }
    return data | changes


def new(milestone):
    return f"{url('change_request_create')}?milestone={milestone.reference}"


def test_the_form_shows_the_dates_in_force_and_who_waits(milestone, client_of, local_owner):
    after = BaselinedMilestoneFactory(project=milestone.project, reference="WS2-P3-09")
    Dependency.objects.create(predecessor=milestone, successor=after)

    response = client_of(local_owner).get(new(milestone))

    text = response.content.decode()
    assert response.status_code == 200
    assert "Apr 2016" in text
    assert "WS2-P3-09" in text


def test_an_owner_asks_for_a_new_date(milestone, client_of, local_owner):
    response = client_of(local_owner).post(new(milestone), proposal_data(), follow=True)

    request = ChangeRequest.objects.get()
    assert (request.state, request.planned_change.new_date) == (State.SUBMITTED, date(2016, 6, 10))
    assert "CR-001 is submitted and waits for the executive lead." in response.content.decode()


def test_a_draft_is_saved_and_submitted_later(milestone, client_of, local_owner):
    client = client_of(local_owner)
    draft = proposal_data(draft="1")
    del draft["submit"]

    client.post(new(milestone), draft)
    saved = ChangeRequest.objects.get().state
    shown = client.get(url("change_request_edit", 1)).context["form"]["version"].value()
    client.post(url("change_request_edit", 1), proposal_data(version=shown, reason="Later still."))

    request = ChangeRequest.objects.get()
    assert saved == State.DRAFT
    assert (request.state, request.reason) == (State.SUBMITTED, "Later still.")


def test_the_services_message_stands_at_the_date_and_typed_text_stays(
    milestone, client_of, local_owner
):
    data = proposal_data(planned_date_day="30", planned_date_month="4")

    response = client_of(local_owner).post(new(milestone), data)

    text = response.content.decode()
    assert response.status_code == 422
    assert '<a href="#id_planned_date_day">The planned date is Apr 2016 already' in text
    assert "Reports stay on paper until June." in text


@pytest.mark.parametrize("reference", ["WS9-P9-99", "%00"])
def test_a_request_for_no_milestone_is_not_found(programme, client_of, pmo_officer, reference):
    response = client_of(pmo_officer).get(f"{url('change_request_create')}?milestone={reference}")

    assert response.status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_ask_is_told_so(milestone, client_of, elt_member, method):
    response = getattr(client_of(elt_member), method)(new(milestone))

    assert response.status_code == 403
    assert "asks for a change" in response.content.decode()


def test_a_milestone_with_a_request_under_way_says_which(milestone, client_of, local_owner):
    ChangeRequestFactory(milestone=milestone, number=7)

    response = client_of(local_owner).post(new(milestone), proposal_data())

    text = response.content.decode()
    assert response.status_code == 409
    assert "CR-007 for this milestone is still under way." in text
    assert "The supplier delivers late." in text


def test_a_milestone_without_a_baseline_offers_its_withdrawal_alone(
    workstream, client_of, local_owner
):
    milestone = MilestoneFactory(project__workstream=workstream, local_owner=local_owner)
    client = client_of(local_owner)

    form = client.get(new(milestone)).context["form"]
    unticked = client.post(new(milestone), proposal_data())
    ticked = client.post(new(milestone), proposal_data(withdraw="on"))

    assert "withdraw" in form.fields
    assert not form.fields.keys() & {"planned_date", "title", "scope"}
    assert "Tick it to ask that the milestone is withdrawn" in unticked.content.decode()
    assert ticked.status_code == 302
    assert ChangeRequest.objects.get().change(ChangeKind.WITHDRAWAL)


def test_fields_that_the_form_does_not_show_are_ignored(milestone, client_of, local_owner):
    forged = {
        "state": "approved",
        "number": "77",
        "old_planned_date": "2015-01-01",
        "raised_by": "1",
        "checked_by": "1",
    }

    client_of(local_owner).post(new(milestone), proposal_data(**forged))

    request = ChangeRequest.objects.get()
    assert (request.number, request.state) == (1, State.SUBMITTED)
    assert request.planned_change.old_date == date(2016, 4, 30)
    assert request.raised_by == local_owner
    assert request.checked_by is None


def test_a_stale_edit_shows_both_texts_and_is_saved_by_sending_it_again(
    milestone, client_of, local_owner
):
    request = ChangeRequestFactory(
        milestone=milestone, number=7, state=State.DRAFT, reason="What the PMO wrote", version=3
    )
    client = client_of(local_owner)

    conflict = client.post(url("change_request_edit", 7), proposal_data(version="2"))
    again = client.post(
        url("change_request_edit", 7),
        proposal_data(version=conflict.context["form"]["version"].value()),
    )

    assert conflict.status_code == 409
    assert "What the PMO wrote" in conflict.content.decode()
    assert "The supplier delivers late." in conflict.content.decode()
    request.refresh_from_db()
    assert again.status_code == 302
    assert request.reason == "The supplier delivers late."


def test_a_request_that_is_decided_is_not_edited(milestone, client_of, local_owner):
    ChangeRequestFactory(milestone=milestone, number=7, state=State.APPROVED)

    response = client_of(local_owner).post(url("change_request_edit", 7), proposal_data())

    assert response.status_code == 409
    assert "CR-007 is approved." in response.content.decode()


def test_the_page_shows_all_that_the_change_touches(milestone, client_of, auditor):
    after = BaselinedMilestoneFactory(
        project=milestone.project, reference="WS2-P3-09", planned_date=date(2016, 5, 31)
    )
    Dependency.objects.create(predecessor=milestone, successor=after)
    action = CqcActionFactory(workstream=milestone.workstream)
    action.projects.add(milestone.project)
    indicator = IndicatorFactory(workstream=milestone.workstream)
    indicator.projects.add(milestone.project)
    report = ExceptionReportFactory(milestone=milestone, number=4)
    RemedialActionFactory(exception=report, text="Train the team")
    ChangeRequestFactory(milestone=milestone, exception=report, number=7)

    text = client_of(auditor).get(url("change_request_detail", 7)).content.decode()

    for expected in [
        "41 days later",
        "Apr 2016",
        "10 Jun 2016",
        "WS2-P3-09",
        action.reference,
        indicator.reference,
        "EX-004",
        "Train the team",
        "Only a member of the Executive Leadership Team decides.",
    ]:
        assert expected in text


@pytest.mark.parametrize(
    ("role", "state", "buttons"),
    [
        ("executive_lead", State.SUBMITTED, ["Endorse", "Withdraw the request"]),
        ("pmo_officer", State.ENDORSED, ["Mark as checked", "Withdraw the request"]),
        ("local_owner", State.RETURNED, ["Revise the request", "Withdraw the request"]),
        ("elt_member", State.CHECKED, ["Record decision"]),
        ("executive_lead", State.CHECKED, ["Withdraw the request"]),
        ("auditor", State.CHECKED, []),
        ("local_owner", State.APPROVED, []),
    ],
)
def test_the_page_offers_what_the_person_may_do_now(
    milestone, client_of, person, role, state, buttons
):
    ChangeRequestFactory(milestone=milestone, number=7, state=state)
    offered = ["Endorse", "Mark as checked", "Revise the request", "Record decision"]

    text = client_of(person(role)).get(url("change_request_detail", 7)).content.decode()

    shown = [each for each in [*offered, "Withdraw the request"] if f">{each}<" in text]
    assert shown == buttons


@pytest.mark.parametrize(
    ("name", "role", "before", "after"),
    [
        ("change_request_endorse", "executive_lead", State.SUBMITTED, State.ENDORSED),
        ("change_request_check", "pmo_officer", State.ENDORSED, State.CHECKED),
        ("change_request_withdraw", "local_owner", State.SUBMITTED, State.WITHDRAWN),
    ],
)
def test_a_step_is_taken_by_its_button(milestone, client_of, person, name, role, before, after):
    request = ChangeRequestFactory(milestone=milestone, number=7, state=before)

    response = client_of(person(role)).post(url(name, 7), {"version": "1"})

    request.refresh_from_db()
    assert response.status_code == 302
    assert request.state == after


@pytest.mark.parametrize("version", ["2", "", "x", "9" * 5000])
def test_a_step_from_a_page_of_another_version_shows_the_page_again(
    milestone, client_of, executive_lead, version
):
    request = ChangeRequestFactory(milestone=milestone, number=7, state=State.SUBMITTED)

    response = client_of(executive_lead).post(
        url("change_request_endorse", 7), {"version": version}
    )

    request.refresh_from_db()
    assert response.status_code == 409
    assert "CR-007 changed since you opened it." in response.content.decode()
    assert request.state == State.SUBMITTED


def test_a_step_in_the_wrong_state_shows_the_page_with_a_banner(milestone, client_of, pmo_officer):
    ChangeRequestFactory(milestone=milestone, number=7, state=State.SUBMITTED)

    response = client_of(pmo_officer).post(url("change_request_check", 7), {"version": "1"})

    assert response.status_code == 409
    assert "CR-007 is submitted and waiting for the executive lead." in response.content.decode()


@pytest.mark.parametrize(
    "name", ["change_request_endorse", "change_request_check", "change_request_withdraw"]
)
def test_who_may_not_take_a_step_is_told_so_and_a_link_takes_none(
    milestone, client_of, auditor, name
):
    ChangeRequestFactory(milestone=milestone, number=7, state=State.SUBMITTED)
    client = client_of(auditor)

    assert client.post(url(name, 7), {"version": "1"}).status_code == 403
    assert client.get(url(name, 7)).status_code == 405
    assert client.post(url(name, 99), {"version": "1"}).status_code == 404


def test_who_is_not_signed_in_is_asked_to(milestone, client):
    response = client.get(url("change_request_detail", 7))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.SUBMITTED, "Waits for the executive lead of WS2 to endorse it."),
        (State.ENDORSED, "Waits for the PMO to check it."),
        (State.CHECKED, "Waits for the ELT to decide."),
    ],
)
def test_who_submitted_a_request_reads_who_acts_next(
    milestone, client_of, local_owner, state, sentence
):
    ChangeRequestFactory(milestone=milestone, number=12, state=state, raised_by=local_owner)

    text = client_of(local_owner).get(url("change_request_detail", 12)).content.decode()

    assert f"{sentence} Until it is decided, you can withdraw it." in text


def test_who_acts_next_reads_what_to_do_and_not_whom_it_waits_for(
    milestone, client_of, executive_lead
):
    ChangeRequestFactory(milestone=milestone, number=12, state=State.SUBMITTED)

    text = client_of(executive_lead).get(url("change_request_detail", 12)).content.decode()

    assert "Endorse it if your work stream stands behind the change." in text
    assert "Waits for" not in text
