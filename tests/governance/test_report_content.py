from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from governance import review
from governance.actions import ActionLine
from governance.models import ExceptionReport, ExceptionState, Risk
from reports.snapshots.governance import exceptions_content
from tests.factories.governance import (
    ExceptionReportFactory,
    RemedialActionFactory,
    SubmittedReportFactory,
)
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import ProgrammeFactory, ReportingMonthFactory
from tests.governance.test_exception_views import report_data, url
from tests.governance.test_exceptions import file, slip

TODAY = date(2016, 3, 14)


def make_risk(programme, owner, number=7, **fields):
    scores = dict.fromkeys(("inherent", "current", "target"), 3)
    parts = {
        f"{name}_{part}": score
        for name, score in scores.items()
        for part in ("likelihood", "impact")
    }
    return Risk.objects.create(
        programme=programme,
        number=number,
        level="programme",
        title="Suppliers deliver late",
        owner=owner,
        raised_by=owner,
        raised_date=date(2016, 2, 1),
        review_date=date(2016, 4, 1),
        **parts | fields,
    )


@pytest.fixture
def report(milestone):
    return ExceptionReportFactory(milestone=milestone, number=4)


def as_text(response):
    return response.content.decode().replace("\xa0", " ")


def test_options_and_risk_are_kept_and_shown(report, client_of, local_owner):
    risk = make_risk(report.programme, local_owner)
    data = report_data(local_owner, options="Borrow a test environment.", risk=risk.pk)

    response = client_of(local_owner).post(url("exception_report", 4), data, follow=True)

    report.refresh_from_db()
    assert (report.options, report.risk) == ("Borrow a test environment.", risk)
    text = as_text(response)
    assert "Options considered" in text
    assert "Borrow a test environment." in text
    assert "R-007" in text


def test_the_form_offers_the_open_risks_of_the_programme_alone(report, client_of, local_owner):
    make_risk(report.programme, local_owner)
    closed = {"closed_date": TODAY, "closed_because": "Gone"}
    make_risk(report.programme, local_owner, 8, **closed)
    make_risk(ProgrammeFactory(slug="other-trust"), local_owner, 9)

    form = client_of(local_owner).get(url("exception_report", 4)).context["form"]

    assert [label for _, label in form.fields["risk"].choices] == [
        "None",
        "R-007 Suppliers deliver late",
    ]


def test_a_risk_that_closed_meanwhile_stays_linked(report, client_of, local_owner):
    closed = {"closed_date": TODAY, "closed_because": "Gone"}
    risk = make_risk(report.programme, local_owner, **closed)
    ExceptionReport.objects.update(risk=risk)

    response = client_of(local_owner).post(
        url("exception_report", 4), report_data(local_owner, risk=risk.pk)
    )

    report.refresh_from_db()
    assert (response.status_code, report.risk) == (302, risk)


def test_a_foreign_risk_is_refused_at_its_field_with_the_typed_text_kept(
    report, client_of, local_owner
):
    foreign = make_risk(ProgrammeFactory(slug="other-trust"), local_owner)
    data = report_data(local_owner, options="Borrow one.", risk=foreign.pk)

    response = client_of(local_owner).post(url("exception_report", 4), data)

    assert response.status_code == 422
    assert '<a href="#id_risk">Choose an open risk of this programme</a>' in as_text(response)
    assert "Borrow one." in as_text(response)
    with pytest.raises(ValidationError) as refusal:
        file(report, local_owner, risk=foreign)
    assert list(refusal.value.message_dict) == ["risk"]


def test_a_conflict_shows_the_stored_options_and_risk_above_what_was_typed(
    report, client_of, local_owner
):
    risk = make_risk(report.programme, local_owner)
    ExceptionReport.objects.update(options="What the PMO wrote", risk=risk, version=2)

    response = client_of(local_owner).post(
        url("exception_report", 4), report_data(local_owner, options="Mine")
    )

    text = as_text(response)
    assert response.status_code == 409
    assert "What the PMO wrote" in text
    assert ">\nMine" in text
    assert "R-007 Suppliers deliver late" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cause", "Enter the cause"),
        ("consequence", "Enter the consequence"),
        ("delivery_impact", "Enter the delivery impact"),
        ("recovery_date", "Enter the date by which it will be back on plan"),
    ],
)
def test_each_part_that_a_submission_lacks_is_asked_for(report, local_owner, name, words):
    nothing = None if name == "recovery_date" else " \n"

    with pytest.raises(ValidationError) as refusal:
        file(report, local_owner, **{name: nothing})

    assert list(refusal.value.message_dict) == [name]
    assert refusal.value.message_dict[name][0].startswith(words)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"due_date_month": "2"}, "Action 1 must be due today or later"),
        ({"owner": ""}, "Choose an owner for action 1"),
        ({"due_date_day": "", "due_date_month": "", "due_date_year": ""}, "Enter a due date for"),
        ({"text": ""}, "Enter what will be done as action 1"),
        # The number of an action that this report does not have excuses no date in the past.
        ({"due_date_month": "2", "id": "999"}, "Action 1 must be due today or later"),
    ],
)
def test_a_bad_action_is_refused_in_words_at_its_field(report, client_of, local_owner, row, words):
    data = report_data(local_owner, **{f"actions-0-{name}": value for name, value in row.items()})

    response = client_of(local_owner).post(url("exception_report", 4), data)

    assert response.status_code == 422
    assert words in as_text(response)
    assert not report.remedial_actions.exists()


def test_a_late_action_keeps_its_date_but_is_given_no_other_in_the_past(report, local_owner):
    late = date(2016, 3, 1)
    action = RemedialActionFactory(exception=report, owner=local_owner, due_date=late)

    def line(due):
        return ActionLine(id=action.pk, text="Train", owner=local_owner, due_date=due)

    with pytest.raises(ValidationError) as refusal:
        file(report, local_owner, actions=(line(date(2016, 3, 2)),))
    file(report, local_owner, actions=(line(late),))

    assert refusal.value.messages == ["A remedial action must be due today or later"]
    action.refresh_from_db()
    assert action.due_date == late


def test_beside_the_form_stand_the_dates_and_what_waits_for_the_milestone(
    report, client_of, local_owner
):
    text = as_text(client_of(local_owner).get(url("exception_report", 4)))

    assert "Baseline" in text
    assert "Wait for it" in text
    assert "No milestone" in text


def test_the_form_of_an_indicators_exception_has_no_dates_beside_it(
    workstream, client_of, pmo_officer
):
    indicator = IndicatorFactory(workstream=workstream)
    ExceptionReportFactory(milestone=None, indicator=indicator, number=5)

    text = as_text(client_of(pmo_officer).get(url("exception_report", 5)))

    assert indicator.get_absolute_url() in text
    assert "Wait for it" not in text


def test_an_exception_counts_how_often_its_subject_was_off_plan_before(milestone):
    other = BaselinedMilestoneFactory(project=milestone.project)
    slip(other)
    days = [date(2016, 3, day) for day in (14, 15, 16, 17, 18)]
    for number, day in enumerate(days):
        slip(milestone, to=date(2016, 6, 4) if number % 2 == 0 else date(2016, 4, 30))
        review.raise_exceptions(programme_id=milestone.programme_id, as_of=day)

    counted = ExceptionReport.objects.with_reopenings().order_by("number")

    assert {report.number: (report.milestone, report.reopenings) for report in counted} == {
        1: (milestone, 0),
        2: (other, 0),
        3: (milestone, 1),
        4: (milestone, 2),
    }


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_the_page_the_list_and_the_snapshot_say_how_often_it_reopened(
    milestone, client_of, auditor, times
):
    closed = {"state": ExceptionState.CLOSED, "closed_date": TODAY, "closed_because": "Back"}
    for number in range(1, times + 1):
        ExceptionReportFactory(milestone=milestone, number=number, **closed)
    ExceptionReportFactory(milestone=milestone, number=9)
    client = client_of(auditor)
    words = {0: "", 1: "Reopened once", 2: "Reopened twice", 3: "Reopened 3 times"}[times]

    page = as_text(client.get(url("exception_detail", 9)))
    listed = as_text(client.get(reverse("governance:exception_list", args=["las-2016"])))
    month = ReportingMonthFactory(programme=milestone.programme)
    [frozen] = exceptions_content(month, as_of=TODAY)

    assert frozen["reopened"] == words
    assert (words in page, words in listed) == (True, True)
    assert ("Off plan before" in page, "Reopened" in listed) == (times > 0, times > 0)


def test_a_snapshot_holds_escalation_options_and_risk(milestone, local_owner):
    ExceptionReportFactory(
        milestone=milestone,
        number=1,
        state=ExceptionState.RETURNED,
        escalated_date=date(2016, 3, 22),
        options="Wait or pay.",
        recovery_date=date(2016, 3, 25),
    )
    risk = make_risk(milestone.programme, local_owner)
    other = BaselinedMilestoneFactory(project=milestone.project)
    SubmittedReportFactory(milestone=other, number=2, escalated_date=date(2016, 3, 22), risk=risk)

    month = ReportingMonthFactory(programme=milestone.programme)
    first, second = exceptions_content(month, as_of=date(2016, 3, 31))

    assert (first["escalated"], first["options"], first["risk"]) == (
        "22 Mar 2016",
        "Wait or pay.",
        "",
    )
    assert (first["report_overdue"], first["recovery_passed"]) == (True, True)
    assert (second["report_overdue"], second["recovery_passed"]) == (False, False)
    assert (second["escalated"], second["risk"]) == ("", "R-007 Suppliers deliver late")


def test_what_nobody_submitted_stays_out_of_the_snapshot(milestone):
    report = ExceptionReportFactory(
        milestone=milestone, number=1, cause="Not finished writing", recovery_date=TODAY
    )
    RemedialActionFactory(exception=report, text="Perhaps hire two more")

    [frozen] = exceptions_content(
        ReportingMonthFactory(programme=milestone.programme), as_of=date(2016, 3, 31)
    )

    assert frozen["state_word"] == "Report due"
    assert frozen["remedial_actions"] == []
    assert "Not finished" not in str(frozen)
    assert "recovery" not in frozen


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"status": "complete", "completed_date": date(2016, 3, 10)}, "Completed: 10 Mar 2016"),
        ({"status": "withdrawn"}, "Withdrawn from the plan by an approved change request"),
        ({"forecast_date": date(2016, 4, 30)}, "Back within tolerance: On track"),
    ],
)
def test_an_exception_says_why_its_milestone_is_over_tolerance_no_more(milestone, change, because):
    slip(milestone)
    review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY)
    for name, value in change.items():
        setattr(milestone, name, value)
    milestone.save()

    [closed] = review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY).closed

    assert closed.closed_because == because
