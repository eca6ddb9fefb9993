"""Exceptions, change requests and decisions."""

from datetime import date
from typing import Any

from governance.change_requests import dependants_hit
from governance.models import (
    ChangeRequest,
    ChangeRequestState,
    Decision,
    ExceptionReport,
    ExceptionState,
    RemedialAction,
)
from governance.reasons import reopened
from reports.snapshots.texts import shown
from workstreams.models import ReportingMonth

ON_THEIR_WAY = [
    ChangeRequestState.SUBMITTED,
    ChangeRequestState.ENDORSED,
    ChangeRequestState.RETURNED,
]


def exceptions_content(month: ReportingMonth, *, as_of: date) -> list[dict[str, Any]]:
    """Give the open exceptions of a month's programme, by number."""
    reports = ExceptionReport.objects.filter(programme=month.programme).open().with_subject()
    reports = reports.with_reopenings().select_related("risk")
    reports = reports.prefetch_related("remedial_actions__owner").order_by("number")
    return [exception_content(report, as_of=as_of) for report in reports]


def exception_content(report: ExceptionReport, *, as_of: date) -> dict[str, Any]:
    """What was reported of it. Words that nobody submitted yet are their writer's alone."""
    if report.state == ExceptionState.DRAFT:
        return {**_exception_facts(report, as_of=as_of), "remedial_actions": []}
    recovery = report.recovery_date
    return {
        **_exception_facts(report, as_of=as_of),
        "cause": report.cause,
        "consequence": report.consequence,
        "options": report.options,
        "delivery_impact": report.delivery_impact,
        "recovery": shown(recovery),
        "recovery_passed": recovery is not None and recovery < as_of,
        "risk": str(report.risk or ""),
        "remedial_actions": [
            action_content(action)
            for action in sorted(report.remedial_actions.all(), key=lambda row: row.pk)
        ],
    }


def _exception_facts(report: ExceptionReport, *, as_of: date) -> dict[str, Any]:
    return {
        "number": report.label,
        "reference": report.subject_reference,
        "title": report.subject_title,
        "workstream": str(report.workstream or "Programme"),
        "reason": report.trigger,
        "opened": shown(report.opened_date),
        "reopened": reopened(report.reopenings),
        "report_due": shown(report.report_due_date),
        "report_overdue": report.is_report_overdue(on=as_of),
        "escalated": shown(report.escalated_date) if report.is_escalated else "",
        "state": report.state,
        "state_word": report.get_state_display(),
        "owner": str(report.subject.local_owner or ""),
    }


def action_content(action: RemedialAction) -> dict[str, str]:
    """Give a remedial action with its owner and dates in words."""
    return {
        "text": action.text,
        "owner": str(action.owner),
        "due": shown(action.due_date),
        "done": shown(action.done_date),
    }


def change_requests_content(month: ReportingMonth, *, since: date | None) -> dict[str, Any]:
    """Requests with the ELT or on their way to it, and those decided since the last pack.

    Drafts are their writers' alone. The first pack holds every decision so far.
    """
    requests = ChangeRequest.objects.filter(programme=month.programme).with_subject()
    requests = requests.prefetch_related("remedial_actions__owner")
    decisions = Decision.objects.filter(programme=month.programme, change_request__isnull=False)
    decisions = decisions.select_related("decided_by", "meeting").order_by("decided_at", "pk")
    last = {decision.change_request_id or 0: decision for decision in decisions}
    new = [pk for pk, decision in last.items() if since is None or decision.decided_date > since]
    decided = requests.filter(pk__in=new).order_by("number")
    awaiting = requests.awaiting_decision().order_by("number")
    under_way = requests.filter(state__in=ON_THEIR_WAY).order_by("number")
    return {
        "awaiting": [request_content(request, None) for request in awaiting],
        "under_way": [
            # What was returned goes with what the ELT said.
            request_content(
                request,
                last.get(request.pk) if request.state == ChangeRequestState.RETURNED else None,
            )
            for request in under_way
        ],
        "decided": [request_content(request, last[request.pk]) for request in decided],
    }


def request_content(request: ChangeRequest, decision: Decision | None) -> dict[str, Any]:
    """Give a change request, old against proposed, with its decision if there is one."""
    return {
        "number": request.label,
        "reference": request.subject_reference,
        "title": request.subject_title,
        "workstream": str(request.workstream or "Programme"),
        "asks": request.asked,
        "changes": [
            {
                "field": line.label,
                "old": line.old,
                "new": line.new,
                "difference": line.difference,
            }
            for line in request.lines
        ],
        "reason": request.reason,
        "delivery_impact": request.delivery_impact,
        "raised_by": str(request.raised_by),
        "raised": shown(request.raised_date),
        "endorsed_by": str(request.endorsed_by or ""),
        "endorsed": shown(request.endorsed_date),
        "checked_by": str(request.checked_by or ""),
        "checked": shown(request.checked_date),
        "state": request.state,
        "state_word": request.get_state_display(),
        "decision": decision and decision_content(decision),
        "remedial_actions": [
            action_content(action)
            for action in sorted(request.remedial_actions.all(), key=lambda row: row.pk)
        ],
        "dependants": [str(row) for row in dependants_hit(request)],
    }


def decision_content(decision: Decision) -> dict[str, str]:
    """Give a decision: what, by whom, when, where and why."""
    return {
        "outcome_word": decision.get_outcome_display(),
        "by": str(decision.decided_by),
        "date": shown(decision.decided_date),
        "meeting": decision.place,
        "comment": decision.comment,
    }
