from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from governance import exceptions, remedial_actions, review
from governance.actions import ActionLine
from governance.errors import StaleRecord, WrongState
from governance.exceptions import ReportContent
from governance.models import ChangeRequestState, ExceptionReport, ExceptionState, RemedialAction
from milestones.models import Milestone, MilestoneStatus
from milestones.services import Position
from tests.factories.accounts import UserFactory
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    RemedialActionFactory,
)
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import ProgrammeFactory
from tests.journal import changes_of

TODAY = date(2016, 3, 14)


def complete_content(owner, **changes) -> ReportContent:
    fields = {
        "cause": "The supplier is late.",
        "consequence": "Staff report on paper.",
        "delivery_impact": "A CQC action finishes later.",
        "recovery_date": date(2016, 6, 4),
        "actions": (ActionLine(text="Train", owner=owner, due_date=date(2016, 4, 15)),),
    }
    return ReportContent(**fields | changes)


def file(report, by, *, submit=True, seen_version=1, **changes) -> ExceptionReport:
    return exceptions.file_report(
        exception_id=report.pk,
        by=by,
        seen_version=seen_version,
        content=complete_content(report.subject.local_owner, **changes),
        submit=submit,
    )


def slip(milestone, *, to=date(2016, 6, 4)):
    milestone.forecast_date = to
    milestone.save(update_fields=["forecast_date"])


def test_a_milestone_forecast_late_opens_an_exception_with_its_dates_and_five_working_days(
    milestone,
):
    slip(milestone)

    found = review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY)

    [report] = found.opened
    assert (report.milestone, report.number, report.state) == (milestone, 1, "draft")
    assert "35 days after the planned date, 30 April 2016" in report.trigger
    assert (report.opened_date, report.report_due_date) == (TODAY, date(2016, 3, 21))


def test_raising_exceptions_twice_for_a_day_opens_nothing_twice(milestone):
    slip(milestone)
    review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY)

    found = review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY)

    assert (found.opened, found.closed) == ([], [])
    assert ExceptionReport.objects.count() == 1


def test_exceptions_are_numbered_one_after_another_within_their_programme(milestone):
    other = BaselinedMilestoneFactory(project=milestone.project)
    for late in (milestone, other):
        slip(late)
    elsewhere = BaselinedMilestoneFactory(
        project__workstream__programme=ProgrammeFactory(slug="other-trust")
    )
    slip(elsewhere)

    first = review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY)
    second = review.raise_exceptions(programme_id=elsewhere.programme_id, as_of=TODAY)

    assert [report.number for report in first.opened] == [1, 2]
    assert [report.number for report in second.opened] == [1]


def test_an_exception_closes_when_its_milestone_is_back_and_a_later_slip_opens_a_new_one(
    milestone,
):
    slip(milestone)
    review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY)
    slip(milestone, to=date(2016, 4, 30))

    back = review.raise_exceptions(programme_id=milestone.programme_id, as_of=date(2016, 3, 15))
    slip(milestone)
    again = review.raise_exceptions(programme_id=milestone.programme_id, as_of=date(2016, 3, 16))

    [closed] = back.closed
    assert (closed.state, closed.closed_date) == (ExceptionState.CLOSED, date(2016, 3, 15))
    assert closed.closed_because == "Back within tolerance: On track"
    assert [report.number for report in again.opened] == [2]


def test_an_indicator_below_its_trajectory_opens_an_exception_that_closes_when_it_is_met(
    workstream,
):
    indicator = IndicatorFactory(workstream=workstream)
    for month in (date(2016, 2, 1), date(2016, 3, 1)):
        TrajectoryPointFactory(indicator=indicator, month=month, value=Decimal(90))
    MeasurementFactory(indicator=indicator, month=date(2016, 2, 1), value=Decimal(60))

    opened = review.raise_exceptions(programme_id=workstream.programme_id, as_of=TODAY).opened
    MeasurementFactory(indicator=indicator, month=date(2016, 3, 1), value=Decimal(90))
    closed = review.raise_exceptions(
        programme_id=workstream.programme_id, as_of=date(2016, 4, 5)
    ).closed

    assert [report.indicator for report in opened] == [indicator]
    assert [report.pk for report in closed] == [opened[0].pk]


def test_an_owners_update_opens_the_exception_at_once(milestone, local_owner):
    position = Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=date(2016, 6, 4))

    review.record_update(
        milestone_id=milestone.pk, by=local_owner, seen_version=2, position=position
    )

    assert ExceptionReport.objects.open().get().milestone == milestone


# Who may report in which state: everything else is refused, for its own reason.
MAY_REPORT = {"pmo_administrator", "pmo_officer", "executive_lead", "local_owner"}


@pytest.mark.parametrize("state", ExceptionState.values)
@pytest.mark.parametrize(
    "role",
    [*sorted(MAY_REPORT), "elt_member", "auditor", "other_owner", "other_lead"],
)
def test_a_report_is_submitted_by_who_may_and_while_it_is_due(milestone, person, role, state):
    closed = {"closed_date": TODAY} if state == ExceptionState.CLOSED else {}
    report = ExceptionReportFactory(milestone=milestone, state=state, **closed)
    expected: type[Exception] | None = None
    if role not in MAY_REPORT:
        expected = PermissionDenied
    elif state not in (ExceptionState.DRAFT, ExceptionState.RETURNED):
        expected = WrongState

    if expected:
        with pytest.raises(expected):
            file(report, person(role))
        wanted = state
    else:
        file(report, person(role))
        wanted = ExceptionState.SUBMITTED

    assert ExceptionReport.objects.get().state == wanted


def test_a_draft_may_be_incomplete_and_a_submission_may_not(milestone, local_owner):
    report = ExceptionReportFactory(milestone=milestone)
    nothing = {
        "cause": "",
        "consequence": "",
        "delivery_impact": "",
        "recovery_date": None,
        "actions": (),
    }

    file(report, local_owner, submit=False, **nothing)
    with pytest.raises(ValidationError) as refusal:
        file(report, local_owner, seen_version=2, **nothing)

    assert set(refusal.value.message_dict) == set(nothing)
    assert ExceptionReport.objects.get().state == ExceptionState.DRAFT


def test_a_report_changed_since_it_was_opened_is_not_overwritten(milestone, local_owner):
    report = ExceptionReportFactory(milestone=milestone)
    file(report, local_owner, submit=False, cause="The first text")

    with pytest.raises(StaleRecord):
        file(report, local_owner, submit=False, cause="The second text", seen_version=1)

    assert ExceptionReport.objects.get().cause == "The first text"


def test_a_recovery_date_in_the_past_is_refused(milestone, local_owner):
    report = ExceptionReportFactory(milestone=milestone)

    with pytest.raises(ValidationError) as refusal:
        file(report, local_owner, recovery_date=date(2016, 3, 13))

    assert list(refusal.value.message_dict) == ["recovery_date"]


def test_a_stranger_to_the_programme_owns_no_remedial_action(milestone, local_owner):
    report = ExceptionReportFactory(milestone=milestone)
    line = ActionLine(text="Train", owner=UserFactory(), due_date=date(2016, 4, 15))

    with pytest.raises(ValidationError) as refusal:
        file(report, local_owner, actions=(line,))

    assert list(refusal.value.message_dict) == ["actions"]


def test_an_action_that_is_done_outlives_a_report_that_leaves_it_out_or_rewords_it(
    milestone, local_owner
):
    report = ExceptionReportFactory(milestone=milestone)
    left_out = RemedialActionFactory(exception=report, text="Left", done_date=TODAY)
    reworded = RemedialActionFactory(exception=report, text="Kept", done_date=TODAY)
    pending = RemedialActionFactory(exception=report, text="Dropped")
    line = ActionLine(
        id=reworded.pk, text="Reworded", owner=local_owner, due_date=date(2016, 4, 15)
    )

    file(report, local_owner, actions=(line,))

    assert set(report.remedial_actions.values_list("text", flat=True)) == {"Left", "Kept"}
    assert not RemedialAction.objects.filter(pk=pending.pk).exists()
    assert RemedialAction.objects.filter(pk=left_out.pk).exists()


@pytest.mark.parametrize(
    ("role", "is_allowed"),
    [
        ("pmo_officer", True),
        ("executive_lead", True),
        ("local_owner", True),
        ("elt_member", False),
        ("auditor", False),
        ("other_owner", False),
    ],
)
def test_an_action_is_marked_as_done_by_who_reports_the_exception(
    milestone, person, role, is_allowed
):
    action = RemedialActionFactory(exception__milestone=milestone)

    if is_allowed:
        remedial_actions.complete_action(action_id=action.pk, by=person(role))
    else:
        with pytest.raises(PermissionDenied):
            remedial_actions.complete_action(action_id=action.pk, by=person(role))

    action.refresh_from_db()
    assert action.done_date == (TODAY if is_allowed else None)


def test_the_owner_of_an_action_marks_it_as_done_once(milestone, person):
    action = RemedialActionFactory(
        exception__milestone=milestone, owner=person("other_owner"), done_date=date(2016, 3, 10)
    )

    remedial_actions.complete_action(action_id=action.pk, by=person("other_owner"))

    action.refresh_from_db()
    assert action.done_date == date(2016, 3, 10)


@pytest.mark.parametrize(
    ("on", "late"),
    [
        (date(2016, 3, 21), 0),
        (date(2016, 3, 22), 1),
        (date(2016, 3, 24), 3),
        # Good Friday to Easter Monday are no working days.
        (date(2016, 3, 29), 4),
    ],
)
def test_lateness_of_a_report_counts_working_days(db, on, late):
    report = ExceptionReportFactory(report_due_date=date(2016, 3, 21))

    assert report.report_working_days_late(on=on) == late


def test_a_request_for_a_milestone_that_is_done_is_taken_back(milestone):
    request = ChangeRequestFactory(milestone=milestone, state=ChangeRequestState.RETURNED)
    Milestone.objects.filter(pk=milestone.pk).update(
        status=MilestoneStatus.COMPLETE, completed_date=date(2016, 3, 10)
    )

    review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY)

    request.refresh_from_db()
    assert request.state == ChangeRequestState.WITHDRAWN


def test_the_journal_keeps_every_word_that_changed_in_a_report(milestone, local_owner):
    report = ExceptionReportFactory(milestone=milestone)
    file(report, local_owner, submit=False)

    file(report, local_owner, seen_version=2, cause="The rota is late.")

    drafted = changes_of("exception.drafted")
    assert drafted["recovery_date"] == (None, "2016-06-04")
    assert drafted["remedial_actions"] == ([], [["Train", str(local_owner.pk), "2016-04-15"]])
    assert changes_of("exception.submitted") == {
        "cause": ("The supplier is late.", "The rota is late."),
        "state": ("draft", "submitted"),
    }
