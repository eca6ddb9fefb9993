"""The page My work: what is due from me, saved row by row, in place where scripts run."""

from collections.abc import Sequence
from decimal import Decimal

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.forms import add_service_errors
from governance.meeting_actions import complete_meeting_action
from governance.models import MeetingAction, RemedialAction
from governance.remedial_actions import complete_action
from metrics.models import Indicator, Measurement
from metrics.services import StaleValue
from metrics.standing import reporting_month, standing
from milestones.models import Milestone, MilestoneStatus
from milestones.services import Position, require_update
from milestones.writing import StaleVersion
from reports import my_work as work
from reports.my_work import MeasurementWork, MilestoneWork
from reports.my_work_forms import (
    MeasurementRowForm,
    MilestoneRowForm,
    measurement_form,
)
from reports.views.my_work_page import (
    Answer,
    Entry,
    MeasurementEntry,
    MilestoneEntry,
    respond,
    whole_page,
)
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme
from workstreams.months import month_to_update

MOST_AT_ONCE = 200


@require_safe
def my_work(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    return whole_page(request)


@require_http_methods(["GET", "HEAD", "POST"])
def my_work_save(request: ProgrammeRequest, programme: Programme, reference: str) -> HttpResponse:
    """Save the short update of one milestone."""
    milestone = _milestone(programme, reference)
    require_update(milestone=milestone, by=request.user)
    before = _milestone_work(request, milestone)
    if request.method != "POST":
        asked_for = MilestoneEntry(before, MilestoneRowForm(before), is_asked_for=True)
        return whole_page(request, Answer("", [asked_for]))
    form = MilestoneRowForm(before, request.POST)
    if not form.is_valid():
        return respond(request, _not_saved(MilestoneEntry(before, form), status=422))
    try:
        _record(request, milestone.pk, form.cleaned_data["version"], form.position())
    except ValidationError as error:
        _add_errors(form, error)
        return respond(request, _not_saved(MilestoneEntry(before, form), status=422))
    except StaleVersion as stale:
        return respond(request, _conflict(request, form, stale))
    return respond(request, _saved(request, [milestone.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def my_work_on_track(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Say "still on track" for each milestone named, as the page listed it."""
    if request.roles.isdisjoint(work.UPDATERS):
        raise PermissionDenied("Only its owner, its executive lead or the PMO updates a milestone.")
    named = _named(request.POST.getlist("item")) if request.method == "POST" else {}
    if not named:
        return redirect("reports:my_work", programme.slug)
    milestones = Milestone.objects.filter(programme=programme, reference__in=named).with_people()
    saved: list[int] = []
    refused: list[int] = []
    for milestone in milestones.order_by("planned_date", "reference"):
        seen = named[milestone.reference]
        (saved if _confirm(request, milestone, seen) else refused).append(milestone.pk)
    return respond(request, _saved(request, saved, refused))


@require_http_methods(["GET", "HEAD", "POST"])
def my_work_measure(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse:
    """Save an indicator's value for the last complete month."""
    indicator = _indicator(programme, reference)
    if not request.user.has_perm("metrics.record_measurement", indicator):
        raise PermissionDenied(
            "Only its owner, its executive lead or the PMO records an indicator's values."
        )
    before = _measurement_work(indicator)
    if request.method != "POST":
        asked_for = MeasurementEntry(before, measurement_form(before))
        return whole_page(request, Answer("", [asked_for]))
    form = measurement_form(before, request.POST)
    entry = MeasurementEntry(before, form)
    if not form.is_valid():
        return respond(request, _not_saved(entry, status=422))
    try:
        _record_measurement(request, indicator, form)
    except ValidationError as error:
        _add_errors(form, error)
        return respond(request, _not_saved(entry, status=422))
    except StaleValue as stale:
        return respond(request, _taken(programme, reference, form, stale.measurement))
    after = _measurement_work(_indicator(programme, reference))
    saved = MeasurementEntry(after, measurement_form(after), is_fresh=True)
    said = f"{indicator.reference} saved {after.saved_at}: {after.standing.shown_value}."
    return respond(request, Answer(said, [saved]))


@require_POST
def my_work_action_done(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    """Mark a remedial action as done and come back."""
    action = RemedialAction.objects.of_programme(programme).filter(pk=pk).first()
    if action is None:
        raise Http404("There is no such remedial action.")
    action = complete_action(action_id=action.pk, by=request.user)
    messages.success(request, f"“{action.text}” is marked as done.")
    return redirect("reports:my_work", programme.slug)


@require_POST
def my_work_meeting_action_done(
    request: ProgrammeRequest, programme: Programme, pk: int
) -> HttpResponse:
    """Mark an action agreed at a meeting as done and come back."""
    action = MeetingAction.objects.filter(meeting__programme=programme, pk=pk).first()
    if action is None:
        raise Http404("There is no such action of a meeting.")
    action = complete_meeting_action(action_id=action.pk, by=request.user)
    messages.success(request, f"“{action.text}” is marked as done.")
    return redirect("reports:my_work", programme.slug)


def _milestone(programme: Programme, reference: str) -> Milestone:
    milestones = Milestone.objects.filter(programme=programme).with_people()
    return get_object_or_404(milestones, reference=reference)


def _indicator(programme: Programme, reference: str) -> Indicator:
    indicators = Indicator.objects.filter(programme=programme).with_people().with_series()
    return get_object_or_404(indicators, reference=reference)


def _milestone_work(request: ProgrammeRequest, milestone: Milestone) -> MilestoneWork:
    programme, today = request.programme, request.programme.today()
    month = month_to_update(programme, today=today)
    return work.milestone_work([milestone], month=month, today=today, at=timezone.now())[0]


def _measurement_work(indicator: Indicator) -> MeasurementWork:
    month = reporting_month(indicator.programme.today())
    return work.measurement_work(standing(indicator, month=month), at=timezone.now())


def _record(
    request: ProgrammeRequest, milestone_id: int, seen_version: int, position: Position
) -> None:
    import_string(settings.RECORD_MILESTONE_UPDATE)(
        milestone_id=milestone_id, by=request.user, seen_version=seen_version, position=position
    )


def _record_measurement(
    request: ProgrammeRequest, indicator: Indicator, form: MeasurementRowForm
) -> None:
    value = form.cleaned_data.get("value")
    import_string(settings.RECORD_MEASUREMENT)(
        indicator_id=indicator.pk,
        month=form.cleaned_data["month"],
        by=request.user,
        value=Decimal(value) if value not in (None, "") else None,
        text=form.cleaned_data.get("text", ""),
        # The row is only offered for a month without a value: any that is there is somebody's.
        seen_version=0,
    )


def _add_errors(form: forms.Form, error: ValidationError) -> None:
    if hasattr(error, "error_dict"):
        add_service_errors(form, error)
    else:
        form.add_error(None, error)


def _named(items: Sequence[str]) -> dict[str, int]:
    """The milestones that were pressed and the versions seen; what is no "reference:version" is
    left out."""
    named = {}
    for item in items[:MOST_AT_ONCE]:
        reference, _, version = item.rpartition(":")
        if reference and len(reference) <= 20 and version.isascii() and version.isdigit():
            named[reference.replace("\0", "")] = min(int(version[:10]), 2**31 - 1)
    return named


def _confirm(request: ProgrammeRequest, milestone: Milestone, seen_version: int) -> bool:
    """Record "still on track" with the dates as they are; False when that is not so (any more)."""
    require_update(milestone=milestone, by=request.user)
    now = _milestone_work(request, milestone)
    said = now.update if now.is_updated else None
    if said and said.made_by_id == request.user.pk and said.narrative == now.confirmation:
        # Pressed twice.
        return True
    if not now.is_confirmable or milestone.version != seen_version:
        return False
    position = Position(
        status=MilestoneStatus.IN_PROGRESS,
        forecast_date=milestone.forecast_date,
        narrative=now.confirmation,
    )
    try:
        _record(request, milestone.pk, seen_version, position)
    except (StaleVersion, ValidationError):
        return False
    return True


def _not_saved(entry: Entry, *, status: int) -> Answer:
    return Answer("Not saved. What is wrong stands at the row.", [entry], status)


def _saved(request: ProgrammeRequest, saved: Sequence[int], refused: Sequence[int] = ()) -> Answer:
    """Show milestones as they are stored now, those that were refused with the reason."""
    milestones = Milestone.objects.filter(pk__in=[*saved, *refused]).with_people()
    entries = []
    for milestone in milestones.order_by("planned_date", "reference"):
        now = _milestone_work(request, milestone)
        problem = _why_not(now) if milestone.pk in refused else ""
        entries.append(MilestoneEntry(now, MilestoneRowForm(now), problem, is_fresh=True))
    if len(entries) == 1 and saved:
        now = entries[0].work
        said = f"{now.milestone.reference} saved {now.saved_at}: {now.word}."
    else:
        said = f"{len(saved)} of {len(entries)} saved as still on track."
    return Answer(said, entries, 409 if refused else 200)


def _why_not(now: MilestoneWork) -> str:
    if now.is_confirmable:
        return "Not saved: somebody changed it meanwhile. Look at it, then say it again."
    return f"Not saved: {now.ask or 'it is not on track by its dates.'}"


def _conflict(request: ProgrammeRequest, typed: MilestoneRowForm, stale: StaleVersion) -> Answer:
    """Ask again with both values of each field in dispute."""
    now = _milestone_work(request, stale.milestone)
    form = MilestoneRowForm(now, typed.merged_data(stale))
    form.show_conflicts(stale.conflicts, in_full=True)
    problem = "Not saved yet: somebody else changed this milestone while you were typing."
    return Answer(problem, [MilestoneEntry(now, form, problem)], 409)


def _taken(
    programme: Programme, reference: str, typed: MeasurementRowForm, theirs: Measurement
) -> Answer:
    """Another value was first: show both. Correcting it needs a reason, on its own page."""
    indicator = _indicator(programme, reference)
    own = typed.cleaned_data.get("value")
    shown = indicator.show(Decimal(own)) if own else str(typed.cleaned_data.get("text", ""))
    entry = MeasurementEntry(
        _measurement_work(indicator),
        typed,
        theirs=indicator.show(theirs.value) or theirs.text,
        typed=shown,
    )
    return Answer("Not saved: somebody else entered a value first.", [entry], 409)
