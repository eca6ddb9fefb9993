"""What is waiting for whom: the decisions page answers this and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from governance.models import (
    ChangeRequest,
    ChangeRequestState,
    Decision,
    ExceptionReport,
)
from milestones.models import Milestone
from milestones.rating import DeliveryRating
from workstreams.calendar import month_dates, month_start, previous_month
from workstreams.models import Programme

# As long as a local owner has for a report: who waits longer is marked.
LONG_WAIT_DAYS = 5
RECENT_DECISIONS = 10


@dataclass(frozen=True)
class Waiting:
    """One report or request that waits for somebody, and since when."""

    item: ExceptionReport | ChangeRequest
    kind: str
    asked: str
    whom: str
    author: str
    since: date
    days: int
    slip: int | None
    rating: DeliveryRating | None
    word: str

    @property
    def is_long(self) -> bool:
        return self.days > LONG_WAIT_DAYS


@dataclass(frozen=True)
class Queue:
    for_elt: list[Waiting]
    for_endorsement: list[Waiting]
    for_check: list[Waiting]
    reports_due: int
    reports_overdue: int
    decisions: list[Decision]

    @property
    def long_waits(self) -> int:
        return sum(waiting.is_long for waiting in self.for_elt)


def decision_queue(programme: Programme, *, on: date) -> Queue:
    """Give everything that waits on a day, longest wait first, and the latest decisions."""
    reports = ExceptionReport.objects.filter(programme=programme).with_subject()
    requests = ChangeRequest.objects.filter(programme=programme).with_subject()
    on_the_way = list(
        requests.filter(
            state__in=[
                ChangeRequestState.SUBMITTED,
                ChangeRequestState.ENDORSED,
                ChangeRequestState.CHECKED,
            ]
        )
    )
    checked = _in(on_the_way, ChangeRequestState.CHECKED)
    endorsement = [_request(each, on=on) for each in _in(on_the_way, ChangeRequestState.SUBMITTED)]
    check = [_request(each, on=on) for each in _in(on_the_way, ChangeRequestState.ENDORSED)]
    decisions = Decision.objects.filter(programme=programme).with_subject().newest_first()
    return Queue(
        for_elt=_for_elt(reports.awaiting_decision(), checked, on=on),
        for_endorsement=sorted(endorsement, key=_longest_first),
        for_check=sorted(check, key=_longest_first),
        reports_due=reports.report_due().count(),
        reports_overdue=reports.report_overdue(on=on).count(),
        decisions=list(decisions[:RECENT_DECISIONS]),
    )


def next_to_decide(programme: Programme, *, by: User, on: date) -> Waiting | None:
    """Give what has waited longest of all that this ELT member may decide."""
    reports = ExceptionReport.objects.filter(programme=programme).awaiting_decision()
    requests = ChangeRequest.objects.filter(programme=programme).awaiting_decision()
    waiting = _for_elt(reports.with_subject(), requests.with_subject(), on=on)
    own = decidable([each.item for each in waiting], by)
    return next((each for each in waiting if each.item in own), None)


def decidable(
    items: Iterable[ExceptionReport | ChangeRequest], by: User
) -> set[ExceptionReport | ChangeRequest]:
    """Give those that an ELT member may decide: nothing own, nothing of a work stream they lead.

    As ``decisions.check_authority`` says it of one, in two queries for all.
    """
    known = list(items)
    written = {
        model: set(
            model.objects.filter(
                pk__in=[item.pk for item in known if isinstance(item, model)], authors=by
            ).values_list("pk", flat=True)
        )
        for model in (ChangeRequest, ExceptionReport)
    }
    return {
        item
        for item in known
        if by.pk not in (item.author_id, item.checker_id)
        and item.pk not in written[type(item)]
        and not leads(by, item)
    }


def leads(user: User, item: ExceptionReport | ChangeRequest) -> bool:
    """Whether the person leads its work stream, or directs a milestone of an enabler."""
    workstream = item.workstream
    lead = workstream.executive_lead_id if workstream else item.lead_director_id
    return lead == user.pk


def next_elt_date(programme: Programme, *, on: date) -> date:
    """Give the day of the ELT's next meeting by the reporting calendar; today if it is today."""
    offsets = programme.month_offsets
    this_month = month_dates(previous_month(on), offsets).elt
    return this_month if this_month >= on else month_dates(month_start(on), offsets).elt


def _for_elt(
    reports: Iterable[ExceptionReport], requests: Iterable[ChangeRequest], *, on: date
) -> list[Waiting]:
    waiting = [_report(report, on=on) for report in reports]
    waiting += [_request(request, on=on) for request in requests]
    return sorted(waiting, key=_longest_first)


def _in(requests: list[ChangeRequest], state: ChangeRequestState) -> list[ChangeRequest]:
    return [request for request in requests if request.state == state]


def _longest_first(waiting: Waiting) -> tuple[int, str, int]:
    return (-waiting.days, waiting.kind, waiting.item.number)


def _report(report: ExceptionReport, *, on: date) -> Waiting:
    since = report.submitted_date or report.opened_date
    recovery = report.recovery_date
    asked = "Accept the report"
    return _waiting(
        report,
        "Exception report",
        f"{asked} and recovery by {recovery.day} {recovery:%b %Y}" if recovery else asked,
        "ELT",
        since=since,
        on=on,
        milestone=report.milestone,
    )


def _request(request: ChangeRequest, *, on: date) -> Waiting:
    lead = request.workstream.executive_lead if request.workstream else None
    whom, since = "ELT", request.checked_date
    if request.state == ChangeRequestState.SUBMITTED:
        whom, since = str(lead or "Executive lead"), request.raised_date
    elif request.state == ChangeRequestState.ENDORSED:
        whom, since = "PMO", request.endorsed_date
    return _waiting(
        request,
        "Change request",
        request.asked,
        whom,
        since=since or request.raised_date,
        on=on,
        milestone=request.milestone,
        slip=request.days_moved,
    )


def _waiting(
    item: ExceptionReport | ChangeRequest,
    kind: str,
    asked: str,
    whom: str,
    *,
    since: date,
    on: date,
    milestone: Milestone | None,
    slip: int | None = None,
) -> Waiting:
    rating = milestone.rating(as_of=on) if milestone else None
    if slip is None and milestone:
        slip = milestone.days_late(as_of=on)
    author = item.raised_by if isinstance(item, ChangeRequest) else item.submitted_by
    return Waiting(
        item=item,
        kind=kind,
        asked=asked,
        whom=whom,
        author=str(author or ""),
        since=since,
        days=(on - since).days,
        slip=slip,
        rating=rating,
        word=item.programme.word_for(rating) if rating else "",
    )
