from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.http import AuthenticatedRequest
from governance.models import ExceptionReport
from governance.queue import next_elt_date
from reports.figures import LATE, ProgrammeFigures, WorkstreamFigures, programme_figures
from reports.frozen import FrozenMonth, frozen_months, movement_since
from reports.home import LEADERS, PMO, home_of, portfolio, roles_by_programme
from reports.quality import checks_of
from reports.stages import days_of
from reports.tiles import list_links
from reports.views.dashboard import linked_counts
from reports.waiting import waiting_for
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme, ReportingMonth, Role

LATE_SHOWN = 5


@require_safe
def home(request: AuthenticatedRequest) -> HttpResponse:
    """Lead to the person's own first page; to a card each for members of several programmes."""
    roles = roles_by_programme(request.user)
    if len(roles) == 1:
        ((programme, held),) = roles.items()
        return redirect(home_of(programme, held))
    return render(request, "reports/home.html", {"cards": portfolio(roles)})


@require_safe
def role_home(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """What a leader begins with: the own work streams, what to decide, where the month stands."""
    roles = request.roles
    if not roles & LEADERS:
        return redirect(home_of(programme, roles))
    today = programme.today()
    figures = programme_figures(programme, as_of=today)
    frozen = frozen_months(programme, until=today - date.resolution)
    last = frozen[0] if frozen else None
    context = {
        "as_of": today,
        "own": _own_workstreams(request, figures, last),
        "asked": waiting_for(request.user, programme, roles=roles, on=today),
        "elt_meets": next_elt_date(programme, on=today) if Role.ELT_MEMBER in roles else None,
        "whole": _whole(figures, last),
        "owns": Role.LOCAL_OWNER in roles,
        "is_pmo": bool(roles & PMO),
        **(_office(programme, figures) if roles & PMO else {}),
    }
    return render(request, "reports/role_home.html", context)


def _own_workstreams(
    request: ProgrammeRequest, figures: ProgrammeFigures, last: FrozenMonth | None
) -> list[dict[str, Any]]:
    """The work streams that the person leads, each with what a lead asks first."""
    if Role.EXECUTIVE_LEAD not in request.roles:
        return []
    led = [row for row in figures.workstreams if row.workstream.executive_lead == request.user]
    links = list_links(figures.programme)
    open_reports = ExceptionReport.objects.filter(programme=figures.programme).open()
    reports = list(
        open_reports.values_list("milestone__project__workstream", "indicator__workstream")
    )
    return [_own(row, links, last, _of(reports, row.workstream.pk)) for row in led]


def _of(reports: Sequence[tuple[int | None, int | None]], workstream: int) -> int:
    return sum(workstream in pair for pair in reports)


def _own(
    row: WorkstreamFigures, links: Mapping[str, str], last: FrozenMonth | None, exceptions: int
) -> dict[str, Any]:
    code = row.workstream.code
    late = sorted(
        (line for line in row.lines if line.rating in LATE), key=lambda line: -(line.days_late or 0)
    )
    moved = movement_since(last, row, workstream=code).sentence(row.programme) if last else ""
    return {
        "workstream": row.workstream,
        "total": row.total,
        "counts": linked_counts(row, f"{links['milestones']}?workstream={code}"),
        "moved": moved,
        "late": late[:LATE_SHOWN],
        "late_count": len(late),
        "late_url": f"{links['late']}&workstream={code}",
        "exceptions": exceptions,
        "exceptions_url": f"{links['exceptions']}&workstream={code}",
    }


def _whole(figures: ProgrammeFigures, last: FrozenMonth | None) -> dict[str, Any]:
    programme = figures.programme
    links = list_links(programme)
    return {
        "total": figures.total,
        "counts": linked_counts(figures, f"{links['milestones']}?sort=worst"),
        "moved": movement_since(last, figures).sentence(programme) if last else "",
        "off": len(figures.off_trajectory),
        "off_url": links["off_trajectory"],
    }


def _office(programme: Programme, figures: ProgrammeFigures) -> dict[str, Any]:
    """What the PMO runs: the month that is open, and what the record lacks."""
    months = programme.months.select_related("programme")
    month = months.taking_updates().first() or months.order_by("-month").first()
    return {
        "month": month,
        "steps": _steps_ahead(month, figures.as_of) if month else [],
        "quality": [check for check in checks_of(figures) if check.count],
    }


def _steps_ahead(month: ReportingMonth, today: date) -> list[dict[str, Any]]:
    """The steps of the month's cycle whose days are still to come."""
    return [{"label": label, "day": day} for label, day in days_of(month).items() if day >= today]
