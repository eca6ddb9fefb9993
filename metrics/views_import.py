from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import TrackerForm
from metrics.exports import sheet_of
from metrics.imports import (
    LONGEST_REASON,
    NOT_ALLOWED,
    Planned,
    RowErrors,
    confirm_file,
    keep_file,
    plan_of,
    refusals,
    version_of,
)
from metrics.models import MeasurementFile
from metrics.services import EntriesRefused
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme
from workstreams.spreadsheets import CSV_TYPE, LARGEST_FILE, MOST_ROWS, XLSX_TYPE

MOST_SHOWN = 100


class ImportForm(TrackerForm):
    """A spreadsheet of values."""

    submit_label = "Check the file"
    file = forms.FileField(
        label="File",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=f"CSV or Excel workbook (.xlsx), up to {LARGEST_FILE // 1024**2} MB and "
        f"{MOST_ROWS:,} rows. Nothing is saved before you have seen what will change.",
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > LARGEST_FILE:
            raise ValidationError(f"The file is larger than {LARGEST_FILE // 1024**2} MB. Split it")
        return file


class ConfirmForm(TrackerForm):
    """The yes to a preview, with the reason for the corrections in it."""

    reason = forms.CharField(
        label="Reason for the corrections",
        help_text="For every changed value whose row has no note. The old values are kept.",
        required=False,
        max_length=LONGEST_REASON,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


@require_http_methods(["GET", "HEAD", "POST"])
def value_import(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Choose a spreadsheet of values; a good one leads to its preview."""
    _require(request)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    errors: list[str] = []
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            kept = keep_file(
                programme=programme,
                by=request.user,
                file_name=upload.name,
                content=upload.read(),
            )
        except ValidationError as problem:
            form.add_error("file", problem)
        except RowErrors as problem:
            errors = problem.errors
            cells = "1 cell is" if len(errors) == 1 else f"{len(errors):,} cells are"
            form.add_error("file", f"{cells} wrong. Correct them and choose the file again")
        else:
            return redirect("metrics:value_import_confirm", programme.slug, kept.pk)
    context = {
        "form": form,
        "errors": errors[:MOST_SHOWN],
        "more": max(0, len(errors) - MOST_SHOWN),
        "breadcrumb": _breadcrumb(programme),
    }
    return render(request, "metrics/import_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def value_import_confirm(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    """What a checked spreadsheet would change; confirming writes all of it or nothing."""
    _require(request)
    file = get_object_or_404(MeasurementFile, programme=programme, pk=pk)
    form = ConfirmForm(
        request.POST if request.method == "POST" else None,
        initial={"version": version_of(programme)},
    )
    problems: list[str] = []
    if form.is_bound and form.is_valid():
        try:
            recorded = confirm_file(
                file_id=file.pk,
                by=request.user,
                seen_version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
            )
        except EntriesRefused as refused:
            problems = refusals(refused)
            form.data = {"reason": form.data.get("reason", ""), "version": version_of(programme)}
            form.add_error("reason" if refused.lacks_reasons else None, str(refused))
        else:
            messages.success(request, _said(len(recorded)))
            return redirect("metrics:indicator_list", programme.slug)
    status = 409 if problems else 422 if form.errors else 200
    return render(
        request,
        "metrics/import_preview.html",
        {
            "file": file,
            "form": form,
            "problems": problems[:MOST_SHOWN],
            "breadcrumb": _breadcrumb(programme),
            **_preview(plan_of(file)),
        },
        status=status,
    )


def _preview(plans: list[Planned]) -> dict[str, object]:
    changes = [plan for plan in plans if plan.kind != "unchanged"]
    return {
        "shown": changes[:MOST_SHOWN],
        "more": max(0, len(changes) - MOST_SHOWN),
        "new": sum(plan.kind == "new" for plan in plans),
        "changed": sum(plan.kind == "changed" for plan in plans),
        "unchanged": len(plans) - len(changes),
        "total": len(changes),
    }


def _said(number: int) -> str:
    if not number:
        return "Every value in the file stands already. Nothing was changed."
    return f"Imported {number:,} value{'' if number == 1 else 's'}."


@require_safe
def value_download(
    request: ProgrammeRequest, programme: Programme, sheet: str, ending: str
) -> HttpResponse:
    """All values, or the template to be filled in, as CSV or XLSX."""
    content = sheet_of(programme, sheet=sheet, ending=ending)
    name = f"{programme.slug}-{sheet}.{ending}"
    return HttpResponse(
        content,
        content_type=CSV_TYPE if ending == "csv" else XLSX_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _require(request: ProgrammeRequest) -> None:
    if "pmo_administrator" not in request.roles:
        raise PermissionDenied(NOT_ALLOWED)


def _breadcrumb(programme: Programme) -> list[tuple[str, str]]:
    return [("Indicators", reverse("metrics:indicator_list", args=[programme.slug]))]
