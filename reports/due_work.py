"""What is due from each person of a programme on a day, as lines of their digests.

A handful of queries for the whole programme, whatever its size.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Count
from django.urls import reverse

from governance.models import ExceptionReport, RemedialAction, Risk
from governance.queue import decision_queue
from metrics.standing import reporting_month, standings
from milestones.models import Milestone, MilestoneUpdate
from reports.models import Delivery, Notice
from reports.schedule import Window
from workstreams.dates import long_day, long_month
from workstreams.models import Programme, ReportingMonth, Role
from workstreams.months import month_to_update

PMO = frozenset([Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER])
Roles = Mapping[int, frozenset[str]]


class Section(StrEnum):
    """The parts of a digest in their order, with their titles."""

    UPDATES = "Milestones to update"
    MEASUREMENTS = "Measurements to record"
    REPORTS = "Exception reports to write"
    ESCALATED = "Escalated to you: exception reports that are overdue"
    ACTIONS = "Overdue remedial actions"
    RISKS = "Risks whose review is overdue"
    DECISIONS = "Exceptions and change requests for the ELT"
    DELIVERIES = "Messages that did not arrive, or may not have"


@dataclass(frozen=True)
class Item:
    """One line for one person. Only with an item that is told now is anything written at all."""

    user_id: int
    section: Section
    text: str
    path: str
    is_told: bool


def roles_by_person(programme: Programme) -> dict[int, frozenset[str]]:
    """Give the roles of every active member by the person's id."""
    held: dict[int, set[str]] = {}
    members = programme.memberships.filter(user__is_active=True)
    for user_id, role in members.values_list("user", "role"):
        held.setdefault(user_id, set()).add(role)
    return {user_id: frozenset(roles) for user_id, roles in held.items()}


def due_work(
    programme: Programme, window: Window, *, roles: Roles, since_at: datetime | None
) -> Iterator[Item]:
    """Give everything that is due from everybody on the window's day."""
    month = month_to_update(programme, today=window.day)
    if month.dates.cut_off <= window.day:
        yield from updates(programme, month, roles, is_told=window.asks_for_updates(month.dates))
        yield from measurements(
            programme, window.day, roles, is_told=window.asks_for_updates(month.dates)
        )
    yield from _reports(programme, window)
    yield from _actions_and_risks(programme, window)
    if window.reports_to_elt(programme.month_offsets):
        yield from _decisions(programme, window.day, roles)
    yield from _deliveries(programme, roles, since_at)


def updates(
    programme: Programme, month: ReportingMonth, roles: Roles, *, is_told: bool
) -> Iterator[Item]:
    """Open milestones that their local owner has not updated for a month."""
    said = MilestoneUpdate.objects.filter(month__programme=programme, month__month=month.month)
    milestones = Milestone.objects.filter(programme=programme).open()
    due = long_day(month.dates.updates_due)
    for milestone in milestones.exclude(pk__in=said.values("milestone")).in_plan_order():
        owner = milestone.local_owner_id
        if owner is not None and Role.LOCAL_OWNER in roles.get(owner, ()):
            path = f"{_my_work(programme)}#milestone-{milestone.pk}"
            text = f"{milestone.reference} {milestone.title}, update due by {due}"
            yield Item(owner, Section.UPDATES, text, path, is_told)


def measurements(programme: Programme, day: date, roles: Roles, *, is_told: bool) -> Iterator[Item]:
    """Indicators without a value of the last complete month."""
    month = reporting_month(day)
    for standing in standings(programme, month=month):
        owner = standing.indicator.local_owner_id
        if standing.is_reported or owner is None or Role.LOCAL_OWNER not in roles.get(owner, ()):
            continue
        indicator = standing.indicator
        path = f"{_my_work(programme)}#indicator-{indicator.pk}"
        text = f"{indicator.reference} {indicator.name}, value of {long_month(month)}"
        yield Item(owner, Section.MEASUREMENTS, text, path, is_told)


def _reports(programme: Programme, window: Window) -> Iterator[Item]:
    reports = ExceptionReport.objects.filter(programme=programme).report_due().with_subject()
    for report in reports.order_by("report_due_date", "number"):
        day = report.report_due_date
        text = f"{report.label} {report.subject}, report due by {long_day(day)}"
        path = report.get_absolute_url()
        if report.local_owner_id is not None:
            is_told = window.falls(report.opened_date) or window.tells_overdue(day)
            yield Item(report.local_owner_id, Section.REPORTS, text, path, is_told)
        lead = _lead_of(report)
        if report.escalated_date is not None and lead is not None:
            is_told = window.falls(report.escalated_date) or window.is_first_of_week
            yield Item(lead, Section.ESCALATED, text, path, is_told)


def _lead_of(report: ExceptionReport) -> int | None:
    workstream = report.workstream
    return workstream.executive_lead_id if workstream else report.lead_director_id


def _actions_and_risks(programme: Programme, window: Window) -> Iterator[Item]:
    actions = RemedialAction.objects.of_programme(programme).overdue(on=window.day).with_record()
    for action in actions.order_by("due_date", "pk"):
        text = f"{action.text} ({action.record.label}), due {long_day(action.due_date)}"
        path = f"{_my_work(programme)}#action-{action.pk}"
        is_told = window.tells_overdue(action.due_date)
        yield Item(action.owner_id, Section.ACTIONS, text, path, is_told)
    risks = Risk.objects.filter(programme=programme).review_overdue(on=window.day)
    for risk in risks.select_related("programme").order_by("review_date", "number"):
        text = f"{risk.label} {risk.title}, review due {long_day(risk.review_date)}"
        path = risk.get_absolute_url()
        is_told = window.tells_overdue(risk.review_date)
        yield Item(risk.owner_id, Section.RISKS, text, path, is_told)


def _decisions(programme: Programme, day: date, roles: Roles) -> Iterator[Item]:
    """The monthly report to the ELT: also when there is nothing, which it then says."""
    queue = decision_queue(programme, on=day)
    exceptions = ExceptionReport.objects.filter(programme=programme).open().count()
    lines = [
        (f"{waiting.item.label} {waiting.item.subject}: {waiting.asked}", waiting.item)
        for waiting in queue.for_elt
    ]
    shown = [(text, item.get_absolute_url()) for text, item in lines]
    summary = (
        f"{exceptions} open exceptions, {queue.reports_overdue} of them with a report overdue; "
        f"{len(lines)} waiting for a decision"
    )
    shown.insert(0, (summary, reverse("governance:decision_queue", args=[programme.slug])))
    for user_id, held in roles.items():
        if Role.ELT_MEMBER in held:
            for text, path in shown:
                yield Item(user_id, Section.DECISIONS, text, path, is_told=True)


def _deliveries(programme: Programme, roles: Roles, since_at: datetime | None) -> Iterator[Item]:
    """What the PMO has to settle, told when something is new among it."""
    recent = {"history__at__gt": since_at} if since_at else {}
    packs = Delivery.objects.troubled().filter(pack__snapshot__month__programme=programme)
    months = packs.values("pack__snapshot__month__month").annotate(number=Count("pk"))
    is_told = packs.filter(**recent).exists()
    lines = []
    for row in months.order_by("pack__snapshot__month__month"):
        month = row["pack__snapshot__month__month"]
        path = reverse("reports:month_detail", args=[programme.slug, month])
        deliveries = "1 delivery" if row["number"] == 1 else f"{row['number']} deliveries"
        text = f"{deliveries} of the packs of {long_month(month)}"
        lines.append((text, f"{path}#deliveries", is_told))
    notices = Notice.objects.troubled().filter(programme=programme, **recent).distinct()
    for notice in notices.select_related("user").order_by("pk"):
        text = f"Message of {long_day(notice.day)} to {notice.user}: {notice.last_error}"
        lines.append((text, programme.get_absolute_url(), True))
    for user_id, held in roles.items():
        if held & PMO:
            for text, path, told in lines:
                yield Item(user_id, Section.DELIVERIES, text, path, told)


def _my_work(programme: Programme) -> str:
    return reverse("reports:my_work", args=[programme.slug])
