from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.assurance import WrongState, give_assurance, require_assurance
from milestones.evidence import add_file, add_link, remove
from milestones.evidence_forms import UPDATE, AssuranceForm, EvidenceForm
from milestones.figures import Standing
from milestones.models import AssuranceOutcome, Evidence, Milestone
from milestones.services import StaleVersion, require_update
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

# A download is never drawn here; should a browser draw it all the same, it can do nothing.
DOWNLOAD_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_http_methods(["GET", "HEAD", "POST"])
def evidence_add(request: ProgrammeRequest, programme: Programme, reference: str) -> HttpResponse:
    milestone = _milestone(programme, reference)
    require_update(milestone=milestone, by=request.user)
    if request.method != "POST":
        form = EvidenceForm(milestone=milestone)
        return _page(request, "milestones/evidence_form.html", milestone, form)
    form = EvidenceForm(request.POST, request.FILES, milestone=milestone)
    if form.is_valid():
        try:
            evidence = _add(form.cleaned_data, milestone, request)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"“{evidence.title}” is added as evidence.")
            if form.cleaned_data["back"] == UPDATE:
                return redirect("milestones:milestone_update", programme.slug, reference)
            return redirect(milestone)
    return _page(request, "milestones/evidence_form.html", milestone, form, status=422)


def _add(data: dict[str, Any], milestone: Milestone, request: ProgrammeRequest) -> Evidence:
    said = {"milestone_id": milestone.pk, "by": request.user, "title": data["title"]}
    if data["file"]:
        return add_file(**said, upload=data["file"])
    return add_link(**said, url=data["url"])


@require_safe
def evidence_download(
    request: ProgrammeRequest, programme: Programme, reference: str, pk: int
) -> FileResponse:
    """A file as it was uploaded, for the programme's live members; never drawn in the page."""
    evidence = _evidence(programme, reference, pk)
    if not evidence.file or evidence.removed_date:
        raise Http404("There is no such file, or it was removed.")
    try:
        file = evidence.file.open("rb")
    except FileNotFoundError:
        raise Http404("This file is missing from the store. Tell the PMO administrator.") from None
    response = FileResponse(
        file,
        as_attachment=True,
        filename=evidence.file_name,
        content_type=evidence.content_type,
    )
    for header, value in DOWNLOAD_HEADERS.items():
        response.headers[header] = value
    response.headers["X-Evidence-SHA256"] = evidence.sha256
    return response


@require_POST
def evidence_remove(
    request: ProgrammeRequest, programme: Programme, reference: str, pk: int
) -> HttpResponse:
    evidence = _evidence(programme, reference, pk)
    try:
        remove(evidence_id=evidence.pk, by=request.user)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{evidence.title}” is removed. It stays on the record.")
    return redirect(evidence.milestone)


@require_http_methods(["GET", "HEAD", "POST"])
def milestone_assure(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse:
    milestone = _milestone(programme, reference)
    try:
        require_assurance(milestone=milestone, by=request.user)
        if request.method != "POST":
            form = AssuranceForm(milestone=milestone)
            return _page(request, "milestones/assurance_form.html", milestone, form)
        form = AssuranceForm(request.POST, milestone=milestone)
        if form.is_valid():
            messages.success(request, _assure(form.cleaned_data, milestone, request))
            return redirect(milestone)
    except ValidationError as error:
        form.add_error(None, error)
    except WrongState as error:
        messages.error(request, str(error))
        return redirect(milestone)
    except StaleVersion as error:
        typed = request.POST.copy()
        typed["version"] = str(error.milestone.version)
        form = AssuranceForm(typed, milestone=error.milestone)
        form.add_error(
            None, "Somebody changed this milestone meanwhile. Look at it again, then save."
        )
        return _page(request, "milestones/assurance_form.html", error.milestone, form, status=409)
    return _page(request, "milestones/assurance_form.html", milestone, form, status=422)


def _assure(data: dict[str, Any], milestone: Milestone, request: ProgrammeRequest) -> str:
    assurance = give_assurance(
        milestone_id=milestone.pk,
        by=request.user,
        seen_version=data["version"],
        outcome=AssuranceOutcome(data["outcome"]),
        comment=data["comment"],
    )
    if assurance.outcome == AssuranceOutcome.RETURNED:
        return f"Returned: {milestone.reference} is open again, and its owner sees your comment."
    return f"The completion of {milestone.reference} is assured."


def _milestone(programme: Programme, reference: str) -> Milestone:
    milestones = Milestone.objects.filter(programme=programme).with_people()
    return get_object_or_404(milestones, reference=reference)


def _evidence(programme: Programme, reference: str, pk: int) -> Evidence:
    evidence = Evidence.objects.for_panel()
    return get_object_or_404(
        evidence, milestone__programme=programme, milestone__reference=reference, pk=pk
    )


def _page(
    request: ProgrammeRequest,
    template: str,
    milestone: Milestone,
    form: EvidenceForm | AssuranceForm,
    *,
    status: int = 200,
) -> TemplateResponse:
    programme = milestone.programme
    form.cancel_url = milestone.get_absolute_url()
    context = {
        "milestone": milestone,
        "form": form,
        "standing": Standing(milestone, programme.today()),
        "breadcrumb": [
            ("Programme", programme.get_absolute_url()),
            ("Milestones", reverse("milestones:milestone_list", args=[programme.slug])),
            (milestone.reference, milestone.get_absolute_url()),
        ],
    }
    return TemplateResponse(request, template, context, status=status)
