from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from governance.models import ChangeRequest, ExceptionReport, RemedialAction
from governance.queue import decision_queue
from metrics.standing import reporting_month
from milestones.as_at import AsAtForm
from milestones.rating import DeliveryRating
from reports import wording
from reports.charts import completion_chart, trend_chart
from reports.curve import Curve, completion_curve
from reports.figures import DUE_SOON, ProgrammeFigures, RatingCount, Roll, programme_figures
from reports.frozen import FrozenMonth, changes_since, frozen_months, movement_since
from reports.models import Pack, Snapshot
from reports.tiles import Tile, dashboard_tiles, list_links
from reports.trend import rating_trend, with_links
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

ROWS = 8


@require_safe
def dashboard(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Where the whole plan stands today; or on a day in the past, as far as there is a record."""
    form = AsAtForm(request.GET, programme=programme)
    day = form.day or programme.today()
    figures = programme_figures(programme, as_of=day, as_it_stood=form.day is not None)
    links = list_links(programme, as_at=form.day)
    # What was frozen on the day itself is the day's own position and nothing to compare it with.
    frozen = frozen_months(programme, until=day - date.resolution)
    last = frozen[0] if frozen else None
    curve = completion_curve(figures)
    trend = rating_trend(figures, frozen)
    context = {
        "form": form,
        "figures": figures,
        "lead": wording.lead_sentence(figures),
        "links": links,
        "workstreams": [_workstream(row, links, last, form.day) for row in figures.workstreams],
        "key": key_of(wording.delivery_key(programme)[:-1]),
        "curve": curve,
        "curve_chart": _curve_chart(curve, programme),
        "complete_word": programme.word_for(DeliveryRating.COMPLETE),
        "trend": with_links(trend, links["milestones"], today=programme.today()),
        "trend_chart": trend_chart(trend),
        "since": last.snapshot if last else None,
        **_first("changes", _changes(last, figures)),
        **_first("late", figures.late),
        **_first("due_soon", figures.due_soon),
        "due_until": day + DUE_SOON,
        **(_frozen_that_day(programme, form.day) if form.day else _live(figures)),
    }
    context["tiles"] = _tiles(request, figures, links, last, curve, context)
    return render(request, "reports/dashboard.html", context)


def linked_counts(roll: Roll, list_url: str) -> list[RatingCount]:
    """Give the counts with a link each to exactly those milestones; `list_url` has a question."""
    return [replace(count, url=f"{list_url}&rating={count.code}") for count in roll.rating_counts]


def key_of(ratings: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Give ratings and their meanings as the key of a page takes them."""
    return [{"code": each["rating"], **each} for each in ratings]


def _first(name: str, rows: Sequence[Any]) -> dict[str, Any]:
    """The rows that the page has room for, the rest, and how many there are."""
    return {name: rows[:ROWS], f"{name}_rest": rows[ROWS:], f"{name}_count": len(rows)}


def _workstream(
    row: Any, links: Mapping[str, str], last: FrozenMonth | None, as_at: date | None
) -> dict[str, Any]:
    code, programme = row.workstream.code, row.programme
    moved = movement_since(last, row, workstream=code).sentence(programme) if last else ""
    asked = f"?as-at={as_at.isoformat()}" if as_at else ""
    question = f"{links['milestones']}?workstream={code}{links['as_at']}"
    return {
        "figures": row,
        "counts": linked_counts(row, question),
        "moved": moved,
        "asked": asked,
    }


def _curve_chart(curve: Curve, programme: Programme) -> Any:
    if not curve.points:
        return None
    return completion_chart(curve, word=programme.word_for(DeliveryRating.COMPLETE))


def _changes(last: FrozenMonth | None, figures: ProgrammeFigures) -> list[dict[str, Any]]:
    """What changed since the last frozen month, each with its milestone's rating today."""
    if last is None:
        return []
    lines = {line.milestone.reference: line for line in figures.lines}
    return [
        {**change, "line": lines[change["reference"]]}
        for change in changes_since(last.snapshot, figures)
    ]


def _live(figures: ProgrammeFigures) -> dict[str, Any]:
    """What has no record by day, so stands only on today's page."""
    programme = figures.programme
    waiting = decision_queue(programme, on=figures.as_of).for_elt
    exceptions = ExceptionReport.objects.filter(programme=programme).open()
    requests = ChangeRequest.objects.filter(programme=programme).under_way()
    snapshots = Snapshot.objects.filter(month__programme=programme).defer("content")
    snapshot = (
        snapshots.select_related("month__programme").order_by("-month__month", "-version").first()
    )
    return {
        # Requests first: they move the plan.
        **_first("waiting", sorted(waiting, key=lambda each: each.kind != "Change request")),
        **_escalated(programme),
        **_remedial_actions(figures),
        **_first("off_trajectory", figures.off_trajectory),
        "exceptions_count": exceptions.count(),
        "requests_count": requests.count(),
        "month": reporting_month(figures.as_of),
        "snapshot": snapshot,
        "packs": _packs_of(snapshot) if snapshot else [],
    }


def _escalated(programme: Programme) -> dict[str, Any]:
    """Overdue exception reports that the executive leads were told of, longest first."""
    reports = ExceptionReport.objects.filter(programme=programme).escalated()
    shown = reports.with_subject().order_by("report_due_date", "number")
    return {"escalated": list(shown[:ROWS]), "escalated_count": reports.count()}


def _remedial_actions(figures: ProgrammeFigures) -> dict[str, int]:
    actions = RemedialAction.objects.of_programme(figures.programme)
    return {
        "actions_open": actions.open().count(),
        "actions_overdue": actions.overdue(on=figures.as_of).count(),
    }


def _packs_of(snapshot: Snapshot) -> list[Pack]:
    packs = snapshot.packs.select_related("audience", "snapshot__month__programme")
    return list(packs.defer("snapshot__content").order_by("audience__position", "pk"))


def _frozen_that_day(programme: Programme, day: date) -> dict[str, Any]:
    """The month that was frozen with the position of the day shown, if one was."""
    snapshots = Snapshot.objects.filter(month__programme=programme, as_of_date=day).defer("content")
    rows = snapshots.select_related("month__programme").order_by("-month__month", "-version")
    return {"frozen_that_day": rows.first()}


def _tiles(
    request: ProgrammeRequest,
    figures: ProgrammeFigures,
    links: Mapping[str, str],
    last: FrozenMonth | None,
    curve: Curve,
    found: Mapping[str, Any],
) -> list[Tile]:
    may_set = request.user.has_perm("workstreams.administer_programme", figures.programme)
    return dashboard_tiles(
        figures,
        links,
        movement=movement_since(last, figures) if last else None,
        planned=curve.planned_by_today,
        live=found if "waiting_count" in found else None,
        settings_url=reverse("reports:settings", args=[figures.programme.slug]) if may_set else "",
    )
