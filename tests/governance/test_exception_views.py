from datetime import date

import pytest
from django.urls import reverse

from accounts.forms import DATE_PARTS
from governance.models import ExceptionReport, ExceptionState, RemedialAction
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    RemedialActionFactory,
    SubmittedReportFactory,
)
from tests.factories.metrics import IndicatorFactory
from tests.factories.workstreams import MembershipFactory, ProgrammeFactory
from workstreams.models import Role

TODAY = date(2016, 3, 14)


def url(name, *args, slug="las-2016"):
    return reverse(f"governance:{name}", args=[slug, *args])


def report_data(owner, *, version=1, **changes):
    data = {
        "version": version,
        "cause": "The supplier is late.",
        "consequence": "Staff report on paper.",
        "delivery_impact": "A CQC action finishes later.",
        "recovery_date_day": "4",
        "recovery_date_month": "6",
        "recovery_date_year": "2016",
        "actions-TOTAL_FORMS": "3",
        "actions-INITIAL_FORMS": "0",
        "actions-0-text": "Train 6 team leaders",
        "actions-0-owner": owner.pk,
        "actions-0-due_date_day": "15",
        "actions-0-due_date_month": "April",
        "actions-0-due_date_year": "2016",
        "submit": "1",
    }
    return data | changes


def test_the_page_shows_what_is_off_plan_and_how_late_its_report_is(
    milestone, client_of, local_owner
):
    ExceptionReportFactory(
        milestone=milestone,
        number=4,
        opened_date=date(2016, 3, 2),
        report_due_date=date(2016, 3, 9),
    )

    response = client_of(local_owner).get(url("exception_detail", 4))

    assert response.status_code == 200
    text = response.content.decode()
    assert "Forecast 4 June 2016 is 35 days after the planned date" in text
    assert "3 working days late" in text
    assert "Write the report" in text
    assert "Illustrative" in text


def test_the_page_of_an_indicators_exception_links_to_the_indicator(workstream, client_of, auditor):
    indicator = IndicatorFactory(workstream=workstream)
    ExceptionReportFactory(milestone=None, indicator=indicator, number=5)

    response = client_of(auditor).get(url("exception_detail", 5))

    assert indicator.get_absolute_url() in response.content.decode()
    assert "Write the report" not in response.content.decode()


def test_an_unknown_number_is_not_found(programme, client_of, auditor):
    response = client_of(auditor).get(url("exception_detail", 99))

    assert response.status_code == 404
    assert "There is no exception EX-099" in response.content.decode()


@pytest.mark.parametrize("name", ["exception_detail", "exception_report", "exception_decide"])
def test_an_exception_of_another_programme_is_not_found(client_of, local_owner, milestone, name):
    other = ProgrammeFactory(slug="other-trust")
    ExceptionReportFactory(milestone=milestone, number=4)
    MembershipFactory(programme=other, user=local_owner, role=Role.LOCAL_OWNER)

    response = client_of(local_owner).get(url(name, 4, slug="other-trust"))

    assert response.status_code == 404


def test_an_owner_submits_the_report_and_is_shown_the_next_step(milestone, client_of, local_owner):
    ExceptionReportFactory(milestone=milestone, number=4)

    response = client_of(local_owner).post(
        url("exception_report", 4), report_data(local_owner), follow=True
    )

    report = ExceptionReport.objects.get()
    action = RemedialAction.objects.get()
    assert report.state == ExceptionState.SUBMITTED
    assert (report.submitted_by, report.recovery_date) == (local_owner, date(2016, 6, 4))
    assert (action.text, action.owner, action.due_date) == (
        "Train 6 team leaders",
        local_owner,
        date(2016, 4, 15),
    )
    text = response.content.decode()
    assert "The report on EX-004 is submitted to the ELT." in text
    assert "Ask for a new planned date" in text


def test_a_draft_is_saved_as_it_is(milestone, client_of, local_owner):
    ExceptionReportFactory(milestone=milestone, number=4)
    data = {"version": 1, "cause": "Half a", "draft": "1"}
    rows = {"actions-TOTAL_FORMS": "3", "actions-INITIAL_FORMS": "0"}

    response = client_of(local_owner).post(url("exception_report", 4), data | rows)

    report = ExceptionReport.objects.get()
    assert response.status_code == 302
    assert (report.cause, report.state) == ("Half a", ExceptionState.DRAFT)


def test_what_a_submission_lacks_stands_at_its_field_and_typed_text_stays(
    milestone, client_of, local_owner
):
    ExceptionReportFactory(milestone=milestone, number=4)
    data = report_data(local_owner, cause="", **{"actions-0-text": ""})

    response = client_of(local_owner).post(url("exception_report", 4), data)

    text = response.content.decode()
    assert response.status_code == 422
    assert '<a href="#id_actions-0-text">Enter what will be done as action 1</a>' in text
    assert "Staff report on paper." in text
    assert "<title>Error:" in text


def test_the_services_messages_land_at_their_fields(milestone, client_of, local_owner):
    ExceptionReportFactory(milestone=milestone, number=4)
    blank = {f"actions-0-due_date_{part}": "" for part in DATE_PARTS}
    data = report_data(
        local_owner, consequence="", **blank, **{"actions-0-text": "", "actions-0-owner": ""}
    )

    response = client_of(local_owner).post(url("exception_report", 4), data)

    text = response.content.decode()
    assert response.status_code == 422
    assert '<a href="#id_consequence">Enter the consequence</a>' in text
    assert '<a href="#id_actions-0-text">Enter at least one remedial action' in text
    assert ExceptionReport.objects.get().state == ExceptionState.DRAFT


def test_another_row_is_added_without_losing_what_was_typed_or_judging_it(
    milestone, client_of, local_owner
):
    ExceptionReportFactory(milestone=milestone, number=4)
    data = report_data(local_owner, consequence="", add="1", **{"actions-1-text": "Half a row"})
    del data["submit"]

    response = client_of(local_owner).post(url("exception_report", 4), data)

    text = response.content.decode()
    assert response.status_code == 200
    assert 'name="actions-3-text"' in text
    assert 'value="Half a row"' in text
    assert 'value="April"' in text
    assert "There is a problem" not in text
    assert not RemedialAction.objects.exists()


def test_a_stored_action_is_changed_and_an_emptied_one_taken_out(milestone, client_of, local_owner):
    report = ExceptionReportFactory(milestone=milestone, number=4)
    kept = RemedialActionFactory(exception=report, owner=local_owner)
    emptied = RemedialActionFactory(exception=report, owner=local_owner)
    data = report_data(local_owner, **{"actions-0-id": kept.pk, "actions-0-text": "New words"}) | {
        "actions-1-id": emptied.pk,
        "actions-1-text": "",
        "actions-1-owner": "",
    }

    client_of(local_owner).post(url("exception_report", 4), data)

    assert list(RemedialAction.objects.values_list("pk", "text")) == [(kept.pk, "New words")]


def test_the_actions_of_another_report_cannot_be_reached_by_their_number(
    milestone, client_of, local_owner
):
    ExceptionReportFactory(milestone=milestone, number=4)
    foreign = RemedialActionFactory(exception=SubmittedReportFactory(number=9))
    data = report_data(local_owner, **{"actions-0-id": foreign.pk, "actions-0-text": "Taken"})

    client_of(local_owner).post(url("exception_report", 4), data)

    foreign.refresh_from_db()
    assert foreign.text == "Train 6 team leaders"
    assert foreign.exception.number == 9


def test_fields_that_the_form_does_not_show_are_ignored(milestone, client_of, local_owner):
    ExceptionReportFactory(milestone=milestone, number=4)
    forged = {"state": "accepted", "number": "77", "programme": "9", "opened_date": "2015-01-01"}

    client_of(local_owner).post(url("exception_report", 4), report_data(local_owner, **forged))

    report = ExceptionReport.objects.get()
    assert (report.number, report.state, report.opened_date) == (4, "submitted", TODAY)


def test_a_stale_report_shows_both_texts_and_is_saved_by_sending_it_again(
    milestone, client_of, local_owner
):
    report = ExceptionReportFactory(
        milestone=milestone, number=4, cause="What the PMO wrote", version=2
    )
    RemedialActionFactory(exception=report, owner=local_owner, text="What the PMO added")
    client = client_of(local_owner)

    conflict = client.post(url("exception_report", 4), report_data(local_owner, cause="Mine"))
    form, rows = conflict.context["form"], conflict.context["formset"]
    shown = {name: values[-1] for name, values in rows.data.lists()}
    again = client.post(url("exception_report", 4), shown | {"version": form["version"].value()})

    text = conflict.content.decode()
    assert conflict.status_code == 409
    assert "What the PMO wrote" in text
    assert ">\nMine" in text
    assert form["version"].value() == "2"
    report.refresh_from_db()
    assert again.status_code == 302
    assert (report.cause, report.state) == ("Mine", ExceptionState.SUBMITTED)
    assert set(report.remedial_actions.values_list("text", flat=True)) == {
        "Train 6 team leaders",
        "What the PMO added",
    }


@pytest.mark.parametrize("role", ["elt_member", "auditor", "other_owner"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_report_is_told_so(milestone, client_of, person, role, method):
    ExceptionReportFactory(milestone=milestone, number=4)

    response = getattr(client_of(person(role)), method)(url("exception_report", 4))

    assert response.status_code == 403
    assert "Only its owner, its executive lead or the PMO" in response.content.decode()


def test_a_report_that_left_its_owner_shows_the_page_with_a_banner(
    milestone, client_of, local_owner
):
    SubmittedReportFactory(milestone=milestone, number=4)

    response = client_of(local_owner).post(url("exception_report", 4), report_data(local_owner))

    assert response.status_code == 409
    assert "EX-004 is submitted and waiting for the ELT." in response.content.decode()


def test_an_action_is_marked_as_done(milestone, client_of, local_owner):
    action = RemedialActionFactory(exception__milestone=milestone)

    response = client_of(local_owner).post(url("remedial_action_done", action.pk), follow=True)

    action.refresh_from_db()
    assert action.done_date == TODAY
    assert "is marked as done" in response.content.decode()


def test_an_action_is_not_marked_as_done_by_a_stranger_to_it(milestone, client_of, auditor):
    action = RemedialActionFactory(exception__milestone=milestone)

    response = client_of(auditor).post(url("remedial_action_done", action.pk))

    assert response.status_code == 403
    assert client_of(auditor).post(url("remedial_action_done", 10**25)).status_code == 404


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("exception_detail", ["post", "put", "delete"]),
        ("exception_report", ["put", "delete"]),
        ("exception_decide", ["put", "delete"]),
    ],
)
def test_other_methods_are_refused(milestone, client_of, local_owner, name, methods):
    ExceptionReportFactory(milestone=milestone, number=4)
    client = client_of(local_owner)

    statuses = {getattr(client, method)(url(name, 4)).status_code for method in methods}

    assert statuses == {405}


def test_who_is_not_signed_in_is_asked_to(milestone, client):
    ExceptionReportFactory(milestone=milestone, number=4)

    response = client.get(url("exception_detail", 4))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_the_page_asks_the_elt_for_its_decision_and_lists_the_requests(
    milestone, client_of, elt_member
):
    report = SubmittedReportFactory(milestone=milestone, number=4)
    ChangeRequestFactory(milestone=milestone, exception=report, number=12)

    response = client_of(elt_member).get(url("exception_detail", 4))

    text = response.content.decode()
    assert "Record decision" in text
    assert "CR-012" in text
