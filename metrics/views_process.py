from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from metrics.indicator_settings import FIELDS, StaleIndicator, edit_indicator
from metrics.models import Annotation, Indicator, Rebase
from metrics.process_forms import AnnotationForm, IndicatorForm, RebaseForm
from metrics.rebasing import (
    annotate,
    months_to_annotate,
    months_to_rebase,
    rebase,
    take_back_annotation,
    take_back_rebase,
)
from workstreams.dates import long_month
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@require_http_methods(["GET", "HEAD", "POST"])
def rebase_create(request: ProgrammeRequest, programme: Programme, reference: str) -> HttpResponse:
    """Begin a new step of the chart at a month, with the reason."""
    indicator = _indicator(programme, reference)
    if not request.user.has_perm("metrics.rebase", indicator):
        raise PermissionDenied("Only the PMO rebases a chart: ask it to, with the reason.")
    form = RebaseForm(
        request.POST if request.method == "POST" else None,
        indicator=indicator,
        months=months_to_rebase(indicator),
        wanted_month=request.GET.get("month", ""),
    )
    if form.is_bound and form.is_valid():
        try:
            made = rebase(indicator_id=indicator.pk, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"A new step begins in {long_month(made.month)}.")
            return redirect(indicator)
    notes = indicator.rebases.standing().select_related("made_by")
    return _page(request, indicator, form, "metrics/rebase_form.html", notes=notes)


@require_POST
def rebase_remove(
    request: ProgrammeRequest, programme: Programme, reference: str, pk: int
) -> HttpResponse:
    indicator = _indicator(programme, reference)
    made = get_object_or_404(Rebase, pk=pk, indicator=indicator)
    take_back_rebase(rebase_id=made.pk, by=request.user)
    messages.success(request, f"The step of {long_month(made.month)} is taken back.")
    return redirect(indicator)


@require_http_methods(["GET", "HEAD", "POST"])
def annotation_create(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse:
    """Mark on the chart what happened in a month."""
    indicator = _indicator(programme, reference)
    if not request.user.has_perm("metrics.annotate", indicator):
        raise PermissionDenied("Only its owner, its executive lead or the PMO marks a chart.")
    form = AnnotationForm(
        request.POST if request.method == "POST" else None,
        indicator=indicator,
        months=months_to_annotate(indicator),
        wanted_month=request.GET.get("month", ""),
    )
    if form.is_bound and form.is_valid():
        try:
            made = annotate(indicator_id=indicator.pk, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{long_month(made.month)} is marked on the chart.")
            return redirect(indicator)
    notes = indicator.annotations.standing().select_related("made_by")
    return _page(request, indicator, form, "metrics/annotation_form.html", notes=notes)


@require_POST
def annotation_remove(
    request: ProgrammeRequest, programme: Programme, reference: str, pk: int
) -> HttpResponse:
    indicator = _indicator(programme, reference)
    made = get_object_or_404(Annotation, pk=pk, indicator=indicator)
    take_back_annotation(annotation_id=made.pk, by=request.user)
    messages.success(request, f"The mark of {long_month(made.month)} is taken back.")
    return redirect(indicator)


@require_http_methods(["GET", "HEAD", "POST"])
def indicator_edit(request: ProgrammeRequest, programme: Programme, reference: str) -> HttpResponse:
    """Say how the indicator is measured and read."""
    indicator = _indicator(programme, reference)
    if not request.user.has_perm("metrics.edit_indicator", indicator):
        raise PermissionDenied("Only the PMO says how an indicator is measured and read.")
    # The form writes what was typed into its own copy.
    own = _indicator(programme, reference)
    form = IndicatorForm(request.POST if request.method == "POST" else None, indicator=own)
    status, differences = 200, []
    if form.is_bound and form.is_valid():
        try:
            edit_indicator(
                indicator_id=indicator.pk,
                by=request.user,
                seen_version=form.cleaned_data["version"],
                settings=form.settings,
            )
        except ValidationError as error:
            form.add_error(None, error)
        except StaleIndicator as stale:
            messages.error(request, str(stale))
            status, differences = 409, _differences(form, indicator)
            # The same answers, on top of what is stored now: sending them again saves them.
            form.data = {**form.data.dict(), "version": str(indicator.version)}  # type: ignore[attr-defined]
        else:
            messages.success(request, "The indicator is saved.")
            return redirect(indicator)
    return _page(
        request,
        indicator,
        form,
        "metrics/indicator_form.html",
        status=status,
        differences=differences,
    )


def _differences(form: IndicatorForm, stored: Indicator) -> list[tuple[str, str, str]]:
    """Name, stored and typed of each setting in which the two differ."""
    return [
        (str(form.fields[name].label), _shown(getattr(stored, name)), _shown(typed))
        for name in FIELDS
        if (typed := form.cleaned_data[name]) != getattr(stored, name)
    ]


def _shown(value: object) -> str:
    return "none" if value in (None, "") else str(value)


def _indicator(programme: Programme, reference: str) -> Indicator:
    indicators = Indicator.objects.filter(programme=programme).with_people()
    return get_object_or_404(indicators, reference=reference)


def _page(
    request: ProgrammeRequest,
    indicator: Indicator,
    form: forms.BaseForm,
    template: str,
    *,
    status: int = 200,
    **context: object,
) -> HttpResponse:
    breadcrumb = [
        ("Indicators", reverse("metrics:indicator_list", args=[indicator.programme.slug])),
        (str(indicator), indicator.get_absolute_url()),
    ]
    context |= {"indicator": indicator, "form": form, "breadcrumb": breadcrumb}
    return render(request, template, context, status=422 if form.errors else status)
