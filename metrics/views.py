from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from metrics.chart_indicator import chart_of
from metrics.figures import DIRECTION_WORDS, chart_figures, facts_of, month_rows, rating_key
from metrics.filters import CHARTS, IndicatorFilter
from metrics.forms import MeasurementForm, first_empty_month, form_class_for, offered_months
from metrics.models import Indicator, Measurement
from metrics.rating import Direction
from metrics.services import StaleValue
from metrics.standing import (
    Standing,
    count_ratings,
    reporting_month,
    standing,
    standings,
    worst_first,
)
from metrics.views_grid import may_record
from workstreams.http import ProgrammeRequest
from workstreams.models import CqcAction, Programme, Role

NARROW_WIDTH, NARROW_HEIGHT = 340, 300
MONTHS_SHOWN = 12
# What the page of an indicator leads to, each with the permission that it takes.
LINKS = (
    ("metrics:trajectory_edit", "Trajectory", "workstreams.view_programme"),
    ("metrics:rebase_create", "Rebase the chart", "metrics.rebase"),
    ("metrics:annotation_create", "Mark a month", "metrics.annotate"),
    ("metrics:indicator_edit", "Settings", "metrics.edit_indicator"),
)


@require_safe
def indicator_list(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Every indicator of the programme in the last complete month, worst first."""
    month = reporting_month(programme.today())
    every = standings(programme, month=month)
    form = IndicatorFilter(request.GET, programme=programme, user=request.user, standings=every)
    shown = form.apply()
    by_workstream = groupby(shown, key=lambda each: each.indicator.workstream)
    return render(
        request,
        "metrics/indicator_list.html",
        {
            "programme": programme,
            "month": month,
            "form": form,
            "total": len(every),
            "shown": len(shown),
            "counts": count_ratings(programme, every),
            "groups": [(workstream, worst_first(group)) for workstream, group in by_workstream],
            "with_charts": form.wants_charts,
            "enterable": {
                each.indicator.workstream.code
                for each in shown
                if may_record(each.indicator, request)
            },
            "may_import": Role.PMO_ADMINISTRATOR in request.roles,
            "other_view": _other_view(request, to_charts=not form.wants_charts),
            "key": rating_key(programme),
            "list_url": reverse("metrics:indicator_list", args=[programme.slug]),
        },
    )


@require_safe
def indicator_detail(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse:
    """One indicator: its figures, chart, months, and what it belongs to."""
    indicator = _find(programme, reference)
    today = programme.today()
    due = reporting_month(today)
    current = standing(indicator, month=due)
    open_months = offered_months(today)
    rows = month_rows(indicator, process=current.process, due=due, open_months=open_months)
    past = [row for row in rows if not row.is_ahead]
    filled = {row.month for row in past if row.measurement}
    next_month = first_empty_month(open_months, filled, today=today)
    workstream = indicator.workstream
    return render(
        request,
        "metrics/indicator_detail.html",
        {
            "indicator": indicator,
            "standing": current,
            "facts": [] if indicator.is_narrative else facts_of(current),
            "direction": DIRECTION_WORDS[Direction(indicator.direction)],
            **_charts(current),
            "rows": past[:MONTHS_SHOWN],
            "earlier": past[MONTHS_SHOWN:],
            "months_ahead": [row for row in reversed(rows) if row.is_ahead],
            # A value of the month under way is not rated yet, but whoever entered it sees it.
            "under_way": max((month for month in filled if month > due), default=None),
            "links": _links(request.user, current),
            **_serves(indicator),
            "may_record": request.user.has_perm("metrics.record_measurement", indicator),
            "next_month": next_month,
            "is_next_filled": next_month in filled,
            "breadcrumb": [
                ("Indicators", reverse("metrics:indicator_list", args=[programme.slug])),
                (str(workstream), workstream.get_absolute_url()),
            ],
        },
    )


def _charts(current: Standing) -> dict[str, Any]:
    """The chart at both widths, and its figures in words."""
    key = f"{current.indicator.reference}-narrow"
    return {
        "chart": chart_of(current),
        "narrow_chart": chart_of(current, key=key, width=NARROW_WIDTH, height=NARROW_HEIGHT),
        "chart_figures": chart_figures(current),
    }


def _serves(indicator: Indicator) -> dict[str, Any]:
    """What an indicator belongs to: its plan's bullet, projects and CQC actions."""
    actions = CqcAction.objects.filter(projects__indicators=indicator).distinct()
    return {
        "siblings": Indicator.objects.sharing_bullet_of(indicator),
        "projects": indicator.projects.select_related("workstream__programme").order_by("pk"),
        "cqc_actions": actions.select_related("programme").order_by("position", "pk"),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def measurement_record(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse:
    """Enter or correct the value of a month."""
    indicator = _find(programme, reference)
    if not request.user.has_perm("metrics.record_measurement", indicator):
        raise PermissionDenied(
            "Only its owner, its executive lead or the PMO records an indicator's values."
        )
    form = form_class_for(indicator)(
        request.POST if request.method == "POST" else None,
        indicator=indicator,
        today=programme.today(),
        wanted_month=request.GET.get("month", ""),
    )
    conflict = None
    if form.is_bound and form.is_valid():
        try:
            measurement = _record(form, indicator, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        except StaleValue as stale:
            conflict = stale.measurement
            form.show_conflict(str(stale))
        else:
            messages.success(request, _saved_message(measurement))
            return redirect(indicator)
    status = 409 if conflict else 422 if form.errors else 200
    context = {
        "indicator": indicator,
        "form": form,
        "conflict": conflict,
        "conflict_shown": indicator.show(conflict.value) or conflict.text if conflict else "",
        "breadcrumb": [
            ("Indicators", reverse("metrics:indicator_list", args=[programme.slug])),
            (str(indicator), indicator.get_absolute_url()),
        ],
    }
    return render(request, "metrics/measurement_form.html", context, status=status)


def _other_view(request: ProgrammeRequest, *, to_charts: bool) -> str:
    """The query of the same list shown the other way, as charts or as a table."""
    query = request.GET.copy()
    query.pop("show", None)
    if to_charts:
        query["show"] = CHARTS
    return f"?{query.urlencode()}"


def _find(programme: Programme, reference: str) -> Indicator:
    indicators = Indicator.objects.filter(programme=programme).with_people().with_series()
    found = indicators.filter(reference=reference).first()
    if found is None:
        raise Http404(f"This programme has no indicator {reference[:20]}.")
    return found


def _links(user: User, current: Standing) -> list[tuple[str, str]]:
    """The pages about an indicator that make sense for it and the person: label and address."""
    indicator = current.indicator
    args = [indicator.programme.slug, indicator.reference]
    useless = set()
    if not current.process.is_chartable:
        useless.add("metrics:rebase_create")
    if indicator.is_narrative:
        useless |= {"metrics:annotation_create", "metrics:trajectory_edit"}
    return [
        (label, reverse(name, args=args))
        for name, label, permission in LINKS
        if name not in useless and user.has_perm(permission, indicator)
    ]


def _record(form: MeasurementForm, indicator: Indicator, *, by: User) -> Measurement:
    entered = form.cleaned_data
    measurement: Measurement = import_string(settings.RECORD_MEASUREMENT)(
        indicator_id=indicator.pk,
        month=entered["month"],
        by=by,
        value=entered.get("value"),
        text=entered.get("text", ""),
        is_provisional=entered["is_provisional"],
        correction_reason=entered["correction_reason"],
        seen_version=entered["version"],
    )
    return measurement


def _saved_message(measurement: Measurement) -> str:
    after = standing(measurement.indicator, month=measurement.month)
    return f"Saved, rated {after.word}. {after.explanation}"
