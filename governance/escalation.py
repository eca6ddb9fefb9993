"""When an owner's five working days are over: the executive lead is told, once per clock."""

from datetime import date

from django.db import transaction

from accounts import audit
from governance.models import ExceptionReport
from workstreams.calendar import add_working_days


@transaction.atomic
def escalate_overdue(*, programme_id: int, on: date) -> list[ExceptionReport]:
    """Bring each report that is overdue on a day to its executive lead; give those brought.

    A second run for the day finds nothing. The version stays: what an owner is typing is not in
    conflict with it.
    """
    overdue = ExceptionReport.objects.filter(programme=programme_id).to_escalate(on=on)
    reports = list(overdue.with_subject().select_for_update(of=("self",)).order_by("pk"))
    for report in reports:
        was, report.escalated_date = report.escalated_date, on
        report.save(update_fields=["escalated_date"])
        audit.record(
            actor=None,
            action="exception.escalated",
            target=report,
            changes={"escalated_date": (was, on)},
            details={
                "to": str(report.executive_lead or ""),
                "report_due": report.report_due_date.isoformat(),
            },
        )
    return reports


def restart_clock(report: ExceptionReport, *, on: date) -> None:
    """Give the owner of a returned report as long as for the first; the caller saves it."""
    report.report_due_date = add_working_days(on, report.programme.report_working_days)
