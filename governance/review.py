"""The watch on what is off plan: opens and closes exceptions, at once or for a day."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts import audit
from accounts.models import User
from governance import escalation, reasons
from governance.models import (
    ChangeRequest,
    ChangeRequestState,
    ExceptionReport,
    ExceptionState,
)
from metrics import services as metric_services
from metrics.models import Indicator, Measurement
from metrics.process import process_of
from metrics.standing import reporting_month, standings
from milestones import services as milestone_services
from milestones.models import Milestone, MilestoneStatus, MilestoneUpdate, UpdateChannel
from milestones.services import Position
from workstreams.calendar import add_working_days
from workstreams.models import Programme


@dataclass(frozen=True)
class Review:
    """What a review of a programme opened and closed, and brought to the executive leads."""

    opened: list[ExceptionReport]
    closed: list[ExceptionReport]
    escalated: list[ExceptionReport] = field(default_factory=list)


@transaction.atomic
def raise_exceptions(*, programme_id: int, as_of: date) -> Review:
    """Open an exception for everything off plan on a day, and close those that are back.

    One open per subject, so a second run for the day opens nothing (design: change control). Of
    those that stay open, a report that is overdue goes to its executive lead, once.
    """
    programme = lock_numbers(programme_id)
    # Requests before reports, as a decision locks them.
    _withdraw_moot_requests(programme)
    reports = _locked_open_reports(programme)
    milestones = _review_milestones(programme, reports, as_of=as_of)
    indicators = _review_indicators(programme, reports, as_of=as_of)
    return Review(
        milestones.opened + indicators.opened,
        milestones.closed + indicators.closed,
        escalation.escalate_overdue(programme_id=programme.pk, on=as_of),
    )


@transaction.atomic
def record_update(
    *,
    milestone_id: int,
    by: User,
    seen_version: int,
    position: Position,
    channel: UpdateChannel = UpdateChannel.PAGE,
    reason: str = "",
) -> MilestoneUpdate:
    """Record an owner's update and open or close the milestone's exception at once.

    Takes, gives and raises what ``milestones.services.record_update`` does.
    """
    # The programme before the milestone, as everywhere, or two writers could wait for each other.
    programme = lock_numbers(
        Milestone.objects.values_list("programme", flat=True).get(pk=milestone_id)
    )
    update = milestone_services.record_update(
        milestone_id=milestone_id,
        by=by,
        seen_version=seen_version,
        position=position,
        channel=channel,
        reason=reason,
    )
    if channel == UpdateChannel.BULK:
        # It keeps the journal locked from its first item on, so it locks every report before.
        every = ExceptionReport.objects.filter(programme=programme).open().order_by("pk")
        list(every.select_for_update().values_list("pk"))
    reports = _locked_open_reports(programme, milestone_id=milestone_id)
    _review_milestones(programme, reports, as_of=update.made_date, only=milestone_id)
    return update


@transaction.atomic
def record_measurement(*, indicator_id: int, **entered: Any) -> Measurement:
    """Record an indicator's value and open or close exceptions of indicators at once.

    Takes, gives and raises what ``metrics.services.record_measurement`` does.
    """
    programme = lock_numbers(
        Indicator.objects.values_list("programme", flat=True).get(pk=indicator_id)
    )
    measurement = metric_services.record_measurement(indicator_id=indicator_id, **entered)
    reports = _locked_open_reports(programme)
    _review_indicators(programme, reports, as_of=programme.today())
    return measurement


@transaction.atomic
def record_measurements(*, programme_id: int, **entered: Any) -> list[Measurement]:
    """Record many values of a programme and review its indicators once, at the end.

    Takes, gives and raises what ``metrics.services.record_measurements`` does.
    """
    programme = lock_numbers(programme_id)
    measurements = metric_services.record_measurements(**entered)
    reports = _locked_open_reports(programme)
    _review_indicators(programme, reports, as_of=programme.today())
    return measurements


def lock_numbers(programme_id: int) -> Programme:
    """Lock the programme, so that numbers of reports and requests are given one at a time."""
    # Without the key: rows that refer to the programme can still be written meanwhile.
    return Programme.objects.select_for_update(no_key=True).get(pk=programme_id)


def _withdraw_moot_requests(programme: Programme) -> None:
    """Take back what asks for a change of a milestone that is done or out of the plan."""
    moot = ChangeRequest.objects.under_way().filter(
        programme=programme,
        milestone__status__in=[MilestoneStatus.COMPLETE, MilestoneStatus.WITHDRAWN],
    )
    for request in moot.select_for_update(of=("self",)).with_subject().order_by("pk"):
        was, request.state = request.state, ChangeRequestState.WITHDRAWN
        request.version += 1
        request.save(update_fields=["state", "version"])
        assert request.milestone is not None  # the filter
        why = f"{request.milestone.reference} is {request.milestone.get_status_display().lower()}"
        audit.record(
            actor=None,
            action="change_request.withdrawn",
            target=request,
            changes={"state": (was, request.state)},
            details={"why": why},
        )


def _locked_open_reports(
    programme: Programme, *, milestone_id: int | None = None
) -> list[ExceptionReport]:
    # All before the first journal entry, whose own lock every writer queues for: who files a
    # report holds the report and then wants the journal.
    reports = ExceptionReport.objects.filter(programme=programme).open().with_subject()
    if milestone_id is not None:
        reports = reports.filter(milestone=milestone_id)
    return list(reports.select_for_update(of=("self",)).order_by("pk"))


def _review_milestones(
    programme: Programme,
    reports: list[ExceptionReport],
    *,
    as_of: date,
    only: int | None = None,
) -> Review:
    milestones = Milestone.objects.filter(programme=programme).with_people().in_plan_order()
    if only is not None:
        milestones = milestones.filter(pk=only)
    standing = {report.milestone_id: report for report in reports}
    review = Review([], [])
    for milestone in milestones:
        why = reasons.why_milestone(milestone, as_of=as_of)
        report = standing.get(milestone.pk)
        if why and report is None:
            review.opened.append(_open(programme, why, as_of=as_of, milestone=milestone))
        elif not why and report is not None:
            because = reasons.why_milestone_is_back(milestone, as_of=as_of)
            review.closed.append(close(report, because=because, on=as_of))
    return review


def _review_indicators(
    programme: Programme, reports: list[ExceptionReport], *, as_of: date
) -> Review:
    standing_reports = {report.indicator_id: report for report in reports}
    review = Review([], [])
    month = reporting_month(as_of)
    for standing in standings(programme, month=month):
        process = process_of(standing.indicator, month=month)
        why = reasons.why_indicator(standing, process)
        report = standing_reports.get(standing.indicator.pk)
        if why and report is None:
            review.opened.append(_open(programme, why, as_of=as_of, indicator=standing.indicator))
        elif not why and report is not None:
            because = reasons.why_indicator_is_back(standing, process)
            if because:
                review.closed.append(close(report, because=because, on=as_of))
    return review


def _open(programme: Programme, trigger: str, *, as_of: date, **subject: object) -> ExceptionReport:
    highest = programme.exceptions.aggregate(highest=Max("number"))["highest"] or 0
    report = ExceptionReport.objects.create(
        programme=programme,
        number=highest + 1,
        trigger=trigger[:400],
        opened_date=as_of,
        report_due_date=add_working_days(as_of, programme.report_working_days),
        **subject,
    )
    audit.record(actor=None, action="exception.opened", target=report, details={"why": trigger})
    return report


def close(report: ExceptionReport, *, because: str, on: date) -> ExceptionReport:
    """Close an exception in the caller's transaction, with the reason in words."""
    was, report.state = report.state, ExceptionState.CLOSED
    report.closed_date, report.closed_because = on, because[:300]
    report.version += 1
    report.save(update_fields=["state", "closed_date", "closed_because", "version"])
    audit.record(
        actor=None,
        action="exception.closed",
        target=report,
        changes={"state": (was, report.state)},
        details={"why": because},
    )
    return report
