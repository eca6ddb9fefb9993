from collections.abc import Iterable
from datetime import date
from typing import Any

from django import template
from django.urls import reverse

from governance.change_requests import why_no_request
from governance.models import (
    ChangeRequest,
    ExceptionReport,
    ExceptionState,
    Meeting,
    RemedialAction,
    Risk,
    Subject,
)
from governance.models.changes import later
from governance.reasons import reopened
from governance.risk_movement import RegisterMovement, register_movement
from metrics.models import Indicator
from milestones.models import Milestone
from workstreams.dates import long_day
from workstreams.models import Project, Workstream

register = template.Library()
register.filter("reopened", reopened)
STATE_COLOURS = {"Planned": "blue", "Held": "yellow", "Minutes closed": "green"}


register.filter(later)


@register.filter
def final_target_text(indicator: Indicator) -> str:
    """The final target in force with its unit, or that there is none."""
    return indicator.show(indicator.final_target) or "None"


@register.filter
def waiting(days: int) -> str:
    """A wait in words: "since today", "1 day", "10 days"."""
    if days <= 0:
        return "since today"
    return f"{days} {'day' if days == 1 else 'days'}"


@register.filter
def report_clock(report: ExceptionReport, today: date) -> str:
    """When the report is or was due, and how late it is: "21 March 2016, 3 working days late"."""
    late = report_late(report, today)
    due = long_day(report.report_due_date)
    return f"{due}, {late}" if late else due


@register.filter
def report_late(report: ExceptionReport, today: date) -> str:
    """How late a report is that is owed: "3 working days late"; "" if it is not."""
    if not report.is_report_overdue(on=today):
        return ""
    late = report.report_working_days_late(on=today)
    if late == 0:
        return "late since the weekend"
    return f"{late} working {'day' if late == 1 else 'days'} late"


@register.filter
def overdue(action: RemedialAction, today: date) -> str:
    """How long an action has been overdue: "Overdue by 1 day", "Overdue by 12 days"; "" if not."""
    if not action.is_overdue(on=today):
        return ""
    days = (today - action.due_date).days
    return f"Overdue by {days} {'day' if days == 1 else 'days'}"


@register.simple_tag
def risk_movements(risks: Iterable[Risk], since: date | None) -> RegisterMovement:
    """How risks moved since a day, such as that of the last frozen month."""
    return register_movement(risks, since=since)


@register.inclusion_tag("governance/_place_risks.html", takes_context=True)
def place_risks(context: Any, place: Workstream | Project) -> dict[str, Any]:
    """The panel of the open risks and issues of a work stream or a project, for its own page."""
    of_place = {"project": place} if isinstance(place, Project) else {"workstream": place}
    user = getattr(getattr(context, "request", None), "user", None)
    return {
        "place": place,
        "risks": Risk.objects.filter(**of_place).open().with_subject().worst_first(),
        "is_project": isinstance(place, Project),
        "may_record": bool(user and user.has_perm("governance.manage_risk", place)),
        "today": place.programme.today(),
    }


@register.inclusion_tag("governance/_linked_risks.html")
def linked_risks(subject: Milestone | Indicator) -> dict[str, Any]:
    """The panel of the open risks and issues that name a milestone or an indicator, if any do."""
    return {
        "risks": subject.risks.open().with_subject().worst_first(),
        "programme": subject.programme,
        "today": subject.programme.today(),
    }


@register.filter
def decide_url(item: ChangeRequest | ExceptionReport) -> str:
    """The page on which a request or report is decided."""
    kind = "change_request" if isinstance(item, ChangeRequest) else "exception"
    return reverse(f"governance:{kind}_decide", args=[item.programme.slug, item.number])


@register.inclusion_tag("governance/_meeting_state.html")
def meeting_state(meeting: Meeting, today: date) -> dict[str, str]:
    """Where a meeting stands, as a tag."""
    word = meeting.state(on=today)
    return {"word": word, "colour": STATE_COLOURS[word]}


@register.inclusion_tag("governance/_milestone_governance.html", takes_context=True)
def milestone_governance(context: Any, milestone: Milestone) -> dict[str, Any]:
    """The panel of a milestone's exception and change requests, for its own page."""
    reports = ExceptionReport.objects.filter(milestone=milestone)
    requests = ChangeRequest.objects.filter(milestone=milestone).with_subject().newest_first()
    return {
        **_exceptions(reports, today=milestone.programme.today()),
        "milestone": milestone,
        "change_requests": requests,
        "may_ask": _may_ask(context, milestone),
    }


@register.inclusion_tag("governance/_indicator_governance.html", takes_context=True)
def indicator_governance(context: Any, indicator: Indicator) -> dict[str, Any]:
    """The panel of an indicator's exception and change requests, for its own page."""
    reports = ExceptionReport.objects.filter(indicator=indicator)
    requests = ChangeRequest.objects.filter(indicator=indicator).with_subject().newest_first()
    return {
        **_exceptions(reports, today=indicator.programme.today()),
        "indicator": indicator,
        "change_requests": requests,
        "may_ask": _may_ask(context, indicator),
    }


def _may_ask(context: Any, subject: Subject) -> bool:
    user = getattr(getattr(context, "request", None), "user", None)
    may = bool(user and user.has_perm("governance.raise_report", subject))
    return may and not why_no_request(subject)


def _exceptions(reports: Any, *, today: date) -> dict[str, Any]:
    known = list(reports.with_subject().newest_first())
    closed = [report for report in known if report.state == ExceptionState.CLOSED]
    standing = [report for report in known if report.state != ExceptionState.CLOSED]
    return {"report": standing[0] if standing else None, "closed": len(closed), "today": today}
