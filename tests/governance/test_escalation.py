from datetime import date

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import AuditEntry
from governance import decisions, escalation, review
from governance.decisions import Sitting
from governance.models import ExceptionReport, ExceptionState, Outcome
from reports.due import run_due
from tests.factories.governance import ExceptionReportFactory, SubmittedReportFactory
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import (
    EnablerFactory,
    ProgrammeFactory,
    ProjectFactory,
    WorkstreamFactory,
)
from tests.reports.my_work_answers import work_of

DUE, DAY_AFTER = date(2016, 3, 21), date(2016, 3, 22)


@pytest.fixture
def late(milestone):
    """An exception of a milestone that stays late; its report is due on 21 March 2016."""
    milestone.forecast_date = date(2016, 6, 4)
    milestone.save()
    return ExceptionReportFactory(milestone=milestone, number=4)


def on_the_day(programme, day):
    programme.demonstration_date = day
    programme.save()


def told_of(report):
    report.refresh_from_db()
    return report.escalated_date


@pytest.mark.parametrize(("day", "escalated"), [(DUE, None), (DAY_AFTER, DAY_AFTER)])
def test_a_report_goes_to_the_executive_lead_the_day_after_its_clock_runs_out(late, day, escalated):
    review.raise_exceptions(programme_id=late.programme_id, as_of=day)

    assert told_of(late) == escalated


def test_a_report_is_escalated_once_with_who_was_told_in_the_journal(late, executive_lead):
    runs = [
        review.raise_exceptions(programme_id=late.programme_id, as_of=day).escalated
        for day in (DAY_AFTER, DAY_AFTER, DAY_AFTER, date(2016, 3, 29))
    ]

    assert runs == [[late], [], [], []]
    assert told_of(late) == DAY_AFTER
    [entry] = AuditEntry.objects.filter(action="exception.escalated")
    assert entry.details == {"to": str(executive_lead), "report_due": "2016-03-21"}


def test_an_escalation_is_no_conflict_for_who_is_writing_the_report(late):
    review.raise_exceptions(programme_id=late.programme_id, as_of=DAY_AFTER)

    late.refresh_from_db()
    assert late.version == 1


@pytest.mark.parametrize(
    ("state", "is_told"),
    [
        (ExceptionState.DRAFT, True),
        (ExceptionState.RETURNED, True),
        (ExceptionState.SUBMITTED, False),
        (ExceptionState.ACCEPTED, False),
        (ExceptionState.CLOSED, False),
    ],
)
def test_only_a_report_that_is_owed_is_escalated(late, state, is_told):
    closed = {"closed_date": DUE} if state == ExceptionState.CLOSED else {}
    ExceptionReport.objects.filter(pk=late.pk).update(state=state, **closed)

    escalation.escalate_overdue(programme_id=late.programme_id, on=DAY_AFTER)

    assert bool(told_of(late)) == is_told


def test_what_comes_back_on_the_day_is_closed_and_not_escalated(late, milestone):
    milestone.forecast_date = date(2016, 4, 30)
    milestone.save()

    found = review.raise_exceptions(programme_id=late.programme_id, as_of=DAY_AFTER)

    assert (found.closed, found.escalated) == ([late], [])


def test_another_programme_is_not_touched(late):
    other = ExceptionReportFactory(
        milestone=BaselinedMilestoneFactory(
            project__workstream__programme=ProgrammeFactory(slug="other-trust")
        )
    )

    escalation.escalate_overdue(programme_id=late.programme_id, on=DAY_AFTER)

    assert told_of(other) is None


def test_a_returned_report_has_five_working_days_again_and_is_escalated_again(
    milestone, elt_member, elt_attendees
):
    milestone.forecast_date = date(2016, 6, 4)
    milestone.save()
    report = SubmittedReportFactory(milestone=milestone, escalated_date=DAY_AFTER)
    on_the_day(milestone.programme, date(2016, 3, 30))

    decisions.decide_exception(
        exception_id=report.pk,
        by=elt_member,
        outcome=Outcome.RETURNED,
        sitting=Sitting(held_date=date(2016, 3, 24), attendees=frozenset(elt_attendees)),
        comment="Name the owners.",
    )

    report.refresh_from_db()
    assert report.report_due_date == date(2016, 4, 6)
    assert not report.is_escalated
    assert not ExceptionReport.objects.escalated().exists()
    escalation.escalate_overdue(programme_id=report.programme_id, on=date(2016, 4, 6))
    assert told_of(report) == DAY_AFTER
    escalation.escalate_overdue(programme_id=report.programme_id, on=date(2016, 4, 7))
    assert told_of(report) == date(2016, 4, 7)


def test_an_accepted_report_keeps_its_clock(milestone, elt_member, elt_attendees):
    report = SubmittedReportFactory(milestone=milestone)

    decisions.decide_exception(
        exception_id=report.pk,
        by=elt_member,
        outcome=Outcome.ACCEPTED,
        sitting=Sitting(held_date=date(2016, 3, 14), attendees=frozenset(elt_attendees)),
    )

    report.refresh_from_db()
    assert report.report_due_date == DUE


def test_a_lead_is_told_of_the_own_work_stream_its_indicators_and_the_enablers_they_direct(
    late, executive_lead, workstream
):
    told = {"escalated_date": DAY_AFTER}
    ExceptionReport.objects.filter(pk=late.pk).update(**told)
    indicator = ExceptionReportFactory(
        milestone=None, indicator=IndicatorFactory(workstream=workstream), number=5, **told
    )
    enabler = EnablerFactory(programme=workstream.programme)
    directed = MilestoneFactory(
        project=None,
        enabler=enabler,
        programme=workstream.programme,
        lead_director=executive_lead,
    )
    of_enabler = ExceptionReportFactory(milestone=directed, number=6, **told)
    # A lead director inside a work stream is not its executive lead.
    elsewhere = BaselinedMilestoneFactory(
        project=ProjectFactory(workstream=WorkstreamFactory(code="WS5", position=5), code="WS5-P1"),
        lead_director=executive_lead,
    )
    ExceptionReportFactory(milestone=elsewhere, number=7, **told)
    ExceptionReportFactory(milestone=BaselinedMilestoneFactory(project=late.milestone.project))

    found = ExceptionReport.objects.escalated().led_by(executive_lead)

    assert set(found) == {late, indicator, of_enabler}
    assert {report.executive_lead for report in found} == {executive_lead}


def test_the_leads_my_work_says_that_it_was_escalated_to_them(
    late, executive_lead, local_owner, client_of
):
    review.raise_exceptions(programme_id=late.programme_id, as_of=DAY_AFTER)
    on_the_day(late.programme, DAY_AFTER)

    work = work_of(executive_lead, late.programme)
    page = client_of(executive_lead).get(reverse("reports:my_work", args=["las-2016"]))

    assert (work.escalated, work.reports_of_others) == ([late], [])
    assert work_of(local_owner, late.programme).escalated == []
    text = page.content.decode()
    assert "Escalated to you: EX-004" in text
    assert "Report of WS2 local owner was due 21 March 2016, 1 working day late" in text


def test_the_page_the_list_and_the_dashboard_say_to_whom_it_is_escalated(late, auditor, client_of):
    review.raise_exceptions(programme_id=late.programme_id, as_of=DAY_AFTER)
    on_the_day(late.programme, DAY_AFTER)
    client = client_of(auditor)
    addresses = {
        "page": reverse("governance:exception_detail", args=["las-2016", 4]),
        "list": reverse("governance:exception_list", args=["las-2016"]) + "?state=escalated",
        "dashboard": reverse("reports:dashboard", args=["las-2016"]),
    }

    texts = {
        name: client.get(url).content.decode().replace("\xa0", " ")
        for name, url in addresses.items()
    }

    assert "To Director of Corporate Affairs" in texts["page"]
    assert "Escalated 22 Mar 2016" in texts["list"]
    assert "1 exception<" in texts["list"]
    assert "With Director of Corporate Affairs since 22 Mar 2016" in texts["dashboard"]
    assert 'href="/las-2016/exceptions/?state=escalated">1 overdue report' in texts["dashboard"]


def test_a_work_stream_without_a_lead_is_said_so(late, workstream, auditor, client_of):
    workstream.executive_lead = None
    workstream.save()
    review.raise_exceptions(programme_id=late.programme_id, as_of=DAY_AFTER)

    page = client_of(auditor).get(reverse("governance:exception_detail", args=["las-2016", 4]))

    assert "No executive lead is set" in page.content.decode()


def test_the_schedule_and_the_command_escalate_and_say_so(late, capsys):
    on_the_day(late.programme, DAY_AFTER)
    call_command("raise_exceptions", "--as-of", "2016-03-22")
    said = capsys.readouterr().out
    ExceptionReport.objects.update(escalated_date=None)

    done = run_due()

    assert "EX-004 escalated to Director of Corporate Affairs" in said
    assert "0 opened, 0 closed, 1 escalated" in said
    assert "escalated EX-004" in done.steps
