"""The guided first visit of a demonstration: one true story of its plan, told in five steps."""

from dataclasses import dataclass

from django.db.models import Subquery

from accounts.models import User
from governance.models import (
    ChangeKind,
    ChangeRequest,
    ChangeRequestState,
    Decision,
    ExceptionReport,
    Outcome,
)
from milestones.models import Milestone, MilestoneUpdate, PlanVersion
from reports.models import Snapshot
from reports.trace_nodes import TraceKind, trace_url
from workstreams.dates import long_day
from workstreams.models import Programme


@dataclass(frozen=True)
class TourLink:
    label: str
    url: str


@dataclass(frozen=True)
class TourStep:
    """One step of the loop: what happened, the pages that show it, and whose turn it was."""

    name: str
    text: str
    links: tuple[TourLink, ...]
    person: User | None
    # As what that person sees the pages, to follow "as".
    part: str


def tour_steps(programme: Programme) -> list[TourStep]:
    """Give the steps of the loop, without those for which the programme has nothing to show.

    They follow the newest exception from which an approved move of a planned date came, if
    possible one that a frozen month tells; where there is none, the newest exception of a
    milestone. Never more queries for more history.
    """
    request = _approved_request(programme)
    report = request.exception if request else _newest_exception(programme)
    milestone = report.milestone if report else None
    decision = _approval(request) if request else None
    steps = [
        _update_step(milestone, report) if milestone and report else None,
        _exception_step(milestone, report) if milestone and report else None,
        _request_step(request) if request else None,
        _decision_step(request, decision) if request and decision else None,
        _month_step(programme, milestone, decision),
    ]
    return [step for step in steps if step]


def _approved_request(programme: Programme) -> ChangeRequest | None:
    requests = ChangeRequest.objects.filter(
        programme=programme,
        state=ChangeRequestState.APPROVED,
        exception__isnull=False,
        milestone__isnull=False,
        changes__kind=ChangeKind.PLANNED_DATE,
    )
    requests = requests.with_subject().newest_first()
    frozen = Snapshot.objects.filter(month__programme=programme).order_by("-as_of_date")
    told = requests.filter(decisions__decided_date__lte=Subquery(frozen.values("as_of_date")[:1]))
    return told.first() or requests.first()


def _newest_exception(programme: Programme) -> ExceptionReport | None:
    reports = ExceptionReport.objects.filter(programme=programme, milestone__isnull=False)
    return reports.with_subject().newest_first().first()


def _approval(request: ChangeRequest) -> Decision | None:
    decisions = request.decisions.filter(outcome=Outcome.APPROVED, superseded_by__isnull=True)
    return decisions.with_subject().newest_first().first()


def _update_step(milestone: Milestone, report: ExceptionReport) -> TourStep | None:
    """The last update before the exception opened, with a forecast after the date in force."""
    update = (
        MilestoneUpdate.objects.filter(
            milestone=milestone, made_date__lte=report.opened_date, forecast_date__isnull=False
        )
        .select_related("made_by")
        .order_by("-made_date", "-pk")
        .first()
    )
    if update is None or update.forecast_date is None:
        return None
    versions = PlanVersion.objects.filter(milestone=milestone, made_at__lte=update.made_at)
    in_force = versions.order_by("-number").first()
    if in_force is None or update.forecast_date <= in_force.planned_date:
        return None
    that_day = f"{milestone.get_absolute_url()}?as-at={update.made_date.isoformat()}"
    late = (update.forecast_date - in_force.planned_date).days
    return TourStep(
        name="The owner’s update",
        text=f"On {long_day(update.made_date)} the owner of {milestone.reference} forecast "
        f"{long_day(update.forecast_date)}, {late} {'day' if late == 1 else 'days'} after its "
        f"planned date, {long_day(in_force.planned_date)}.",
        links=(TourLink(f"{milestone.reference} as it stood that day", that_day),),
        person=update.made_by,
        part="its owner",
    )


def _exception_step(milestone: Milestone, report: ExceptionReport) -> TourStep:
    return TourStep(
        name="The exception",
        text=f"{report.label} opened by itself on {long_day(report.opened_date)}, and the owner "
        f"had until {long_day(report.report_due_date)} to say why and what brings it back.",
        links=(TourLink(f"{report.label} and its report", report.get_absolute_url()),),
        person=milestone.local_owner,
        part="its owner",
    )


def _request_step(request: ChangeRequest) -> TourStep:
    seen = "the PMO checked it"
    if request.endorsed_by:
        seen = "the executive lead endorsed it, the PMO checked it, and neither may decide it"
    return TourStep(
        name="The change request",
        text=f"{request.label} asked on {long_day(request.raised_date)} for the exact change: "
        f"{seen}.",
        links=(TourLink(f"{request.label}: {request.asked}", request.get_absolute_url()),),
        person=request.endorsed_by,
        part="the executive lead",
    )


def _decision_step(request: ChangeRequest, decision: Decision) -> TourStep:
    made = PlanVersion.objects.filter(
        milestone=request.milestone_id, change_request_number=request.number
    )
    version = made.order_by("-number").first()
    moved = f" and made version {version.number} of its plan" if version else ""
    links = [
        TourLink(f"The decision on {request.label}", f"{request.get_absolute_url()}#decisions")
    ]
    if version:
        url = trace_url(request.programme, TraceKind.VERSION, version.pk)
        links.append(TourLink(f"Plan version {version.number}", url))
    return TourStep(
        name="The decision and the plan version",
        text=f"The ELT approved it on {long_day(decision.decided_date)}, which moved the planned "
        f"date{moved}; the baseline date stays for ever.",
        links=tuple(links),
        person=decision.decided_by,
        part="an ELT member",
    )


def _month_step(
    programme: Programme, milestone: Milestone | None, decision: Decision | None
) -> TourStep | None:
    """The first month that was frozen after the decision; without a decision, the newest."""
    snapshots = Snapshot.objects.filter(month__programme=programme)
    snapshots = snapshots.select_related("month__programme", "frozen_by")
    if decision:
        snapshots = snapshots.filter(as_of_date__gte=decision.decided_date)
    order = ("as_of_date" if decision else "-as_of_date", "-version")
    snapshot = snapshots.order_by(*order).first()
    if snapshot is None:
        return None
    month = snapshot.month
    links = [TourLink(f"{month.name} and its packs", month.get_absolute_url())]
    if milestone:
        url = trace_url(programme, TraceKind.MILESTONE, milestone.reference)
        links.append(TourLink("The whole chain, traced", url))
    return TourStep(
        name="The month’s pack and the trace",
        text=f"{month.name} was frozen as at {long_day(snapshot.as_of_date)}, and its packs are "
        "made from that snapshot alone, so each figure can be traced back to the update.",
        links=tuple(links),
        person=snapshot.frozen_by,
        part="the PMO",
    )
