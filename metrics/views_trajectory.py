from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from metrics.models import Indicator
from metrics.trajectories import (
    Baselined,
    StaleTrajectory,
    baseline_trajectory,
    is_baselined,
    lacking,
    set_trajectory,
)
from metrics.trajectory_forms import TrajectoryForm, months_of_grid
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@require_http_methods(["GET", "HEAD", "POST"])
def trajectory_edit(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse:
    """The trajectory with all its versions; until it is agreed, as a grid to fill in."""
    indicator = _indicator(programme, reference)
    may_set = request.user.has_perm("metrics.set_trajectory", indicator)
    if request.method != "POST":
        return _page(request, indicator, None)
    if not may_set:
        raise PermissionDenied("Only the PMO sets an indicator's trajectory.")
    form = TrajectoryForm(request.POST, indicator=indicator, months=months_of_grid(indicator))
    if not form.is_valid():
        return _page(request, indicator, form, status=422)
    if request.POST.get("act") == "fill":
        return _page(request, indicator, _typed(form, indicator, form.filled()))
    try:
        if form.cleaned_data["pasted"]:
            return _page(request, indicator, _typed(form, indicator, form.with_pasted()))
        return _save(request, indicator, form)
    except ValidationError as error:
        form.add_error("pasted" if not hasattr(error, "error_dict") else None, error)
        return _page(request, indicator, form, status=422)
    except (StaleTrajectory, Baselined) as error:
        messages.error(request, str(error))
        return _conflict(request, indicator, form)


@require_POST
def trajectory_baseline(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse:
    """Agree the trajectory as it stands."""
    indicator = _indicator(programme, reference)
    version = request.POST.get("version", "")
    try:
        baseline_trajectory(
            indicator_id=indicator.pk,
            by=request.user,
            seen_version=int(version) if version.isdecimal() else 0,
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except (StaleTrajectory, Baselined) as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, "The trajectory is agreed. From now on only a change request moves it."
        )
    return redirect("metrics:trajectory_edit", programme.slug, reference)


def _indicator(programme: Programme, reference: str) -> Indicator:
    indicators = Indicator.objects.filter(programme=programme).with_people()
    return get_object_or_404(indicators, reference=reference)


def _save(request: ProgrammeRequest, indicator: Indicator, form: TrajectoryForm) -> HttpResponse:
    set_trajectory(
        indicator_id=indicator.pk,
        by=request.user,
        seen_version=form.cleaned_data["version"],
        values=form.changed_targets,
        final_target=form.cleaned_data["final_target"],
    )
    messages.success(request, "The trajectory is saved.")
    return redirect(indicator)


def _typed(form: TrajectoryForm, indicator: Indicator, texts: dict[str, str]) -> TrajectoryForm:
    """The grid with other texts in it, to be looked at and saved."""
    return TrajectoryForm(texts, indicator=indicator, months=form.months)


def _conflict(
    request: ProgrammeRequest, indicator: Indicator, form: TrajectoryForm
) -> HttpResponse:
    """What was typed beside what is stored now; saving again puts the typed in its place."""
    indicator.refresh_from_db()
    texts = {name: form.data.get(name, "") for name in form.fields}
    again = _typed(form, indicator, texts | {"version": str(indicator.version)})
    differences = [
        (str(field.label), str(again.initial.get(name) or "none"), texts[name] or "none")
        for name, field in again.fields.items()
        if name not in ("pasted", "version") and (again.initial.get(name) or "") != texts[name]
    ]
    return _page(request, indicator, again, status=409, differences=differences)


def _page(
    request: ProgrammeRequest,
    indicator: Indicator,
    form: TrajectoryForm | None,
    *,
    status: int = 200,
    differences: list[tuple[str, str, str]] | None = None,
) -> HttpResponse:
    agreed = is_baselined(indicator)
    may_set = request.user.has_perm("metrics.set_trajectory", indicator)
    if form is None and may_set and not agreed:
        form = TrajectoryForm(indicator=indicator, months=months_of_grid(indicator))
    points = indicator.trajectory_points.order_by("month")
    context = {
        "indicator": indicator,
        "form": None if agreed else form,
        "is_agreed": agreed,
        "lacking": lacking(indicator),
        "differences": differences or [],
        "points": [(point.month, indicator.show(point.value)) for point in points],
        "final_target": indicator.show(indicator.final_target),
        "versions": indicator.trajectory_versions.select_related("made_by").order_by("-number"),
        "breadcrumb": [
            ("Indicators", reverse("metrics:indicator_list", args=[indicator.programme.slug])),
            (str(indicator), indicator.get_absolute_url()),
        ],
    }
    return render(request, "metrics/trajectory_form.html", context, status=status)
