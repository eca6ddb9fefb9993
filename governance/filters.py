"""What the two lists may be narrowed to. The dashboard links to them, so the names are fixed.

``state``: one stored state, or for exceptions open, due, overdue, escalated (to the executive
lead), awaiting (the ELT), and for change requests open, awaiting. ``workstream``: its code.
``text``: words or a reference.
"""

import re
from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from accounts.forms import TrackerForm
from governance.models import (
    ChangeRequest,
    ChangeRequestQuerySet,
    ChangeRequestState,
    ExceptionReport,
    ExceptionReportQuerySet,
    ExceptionState,
    Meeting,
    MeetingKind,
)
from workstreams.http import ProgrammeRequest
from workstreams.models import Workstream

LONGEST_TEXT = 100
NUMBER = re.compile(r"(?:EX-|CR-)?0*([0-9]{1,9})", re.IGNORECASE)


class FilterForm(TrackerForm):
    """A form beside a list: nothing in it has to be filled in."""

    mark_optional = False


def _workstreams(request: ProgrammeRequest) -> QuerySet[Workstream]:
    return request.programme.workstreams.in_order()


def _number(text: str) -> int:
    """The number meant by "EX-012", "cr-12" or "12"; 0 for words, which no row has."""
    match = NUMBER.fullmatch(text.strip())
    return int(match[1]) if match else 0


class WorkstreamFilter(django_filters.FilterSet):
    """Narrows what can tell ``of_workstream`` to one."""

    workstream = django_filters.ModelChoiceFilter(
        label="Work stream",
        queryset=_workstreams,
        to_field_name="code",
        method="in_workstream",
        empty_label="All",
    )

    def in_workstream(self, rows: Any, name: str, workstream: Workstream) -> Any:
        return rows.of_workstream(workstream)


class GovernanceFilter(WorkstreamFilter):
    text = django_filters.CharFilter(
        label="Words or reference", method="with_text", max_length=LONGEST_TEXT
    )


class ExceptionFilter(GovernanceFilter):
    """What the list of exceptions shows."""

    state = django_filters.ChoiceFilter(
        label="State",
        method="in_state",
        empty_label="All",
        choices=[
            ("open", "All open"),
            ("due", "Report due or returned"),
            ("overdue", "Report overdue"),
            ("escalated", "Escalated to the executive lead"),
            ("awaiting", "Waiting for the ELT"),
            *ExceptionState.choices,
        ],
    )

    class Meta:
        model = ExceptionReport
        form = FilterForm
        fields = ("state", "workstream", "text")

    def in_state(
        self, reports: ExceptionReportQuerySet, name: str, state: str
    ) -> ExceptionReportQuerySet:
        match state:
            case "open":
                return reports.open()
            case "due":
                return reports.report_due()
            case "overdue":
                return reports.report_overdue(on=self.request.programme.today())
            case "escalated":
                return reports.escalated()
            case "awaiting":
                return reports.awaiting_decision()
            case _:
                return reports.filter(state=state)

    def with_text(
        self, reports: ExceptionReportQuerySet, name: str, text: str
    ) -> ExceptionReportQuerySet:
        return reports.filter(
            Q(number=_number(text))
            | Q(milestone__reference__icontains=text)
            | Q(milestone__title__icontains=text)
            | Q(indicator__reference__icontains=text)
            | Q(indicator__name__icontains=text)
        )


class MeetingFilter(django_filters.FilterSet):
    """What the list of meetings shows."""

    kind = django_filters.ChoiceFilter(
        label="Meetings of", empty_label="All", choices=MeetingKind.choices
    )
    workstream = django_filters.ModelChoiceFilter(
        label="Work stream", queryset=_workstreams, to_field_name="code", empty_label="All"
    )

    class Meta:
        model = Meeting
        form = FilterForm
        fields = ("kind", "workstream")


class ChangeRequestFilter(GovernanceFilter):
    """What the list of change requests shows."""

    state = django_filters.ChoiceFilter(
        label="State",
        method="in_state",
        empty_label="All",
        choices=[
            ("open", "All under way"),
            ("awaiting", "Waiting for a decision"),
            *ChangeRequestState.choices,
        ],
    )

    class Meta:
        model = ChangeRequest
        form = FilterForm
        fields = ("state", "workstream", "text")

    def in_state(
        self, requests: ChangeRequestQuerySet, name: str, state: str
    ) -> ChangeRequestQuerySet:
        match state:
            case "open":
                return requests.under_way()
            case "awaiting":
                return requests.awaiting_decision()
            case _:
                return requests.filter(state=state)

    def with_text(
        self, requests: ChangeRequestQuerySet, name: str, text: str
    ) -> ChangeRequestQuerySet:
        return requests.filter(
            Q(number=_number(text))
            | Q(milestone__reference__icontains=text)
            | Q(milestone__title__icontains=text)
            | Q(indicator__reference__icontains=text)
            | Q(indicator__name__icontains=text)
            | Q(project__code__icontains=text)
            | Q(project__name__icontains=text)
        )
