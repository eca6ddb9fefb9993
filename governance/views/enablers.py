"""Enablers and partners' commitments: who answers for them and how they stand this month."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import TrackerForm
from governance.forms import OwnerForm, add_service_errors
from governance.models import LineState
from governance.monthly_lines import (
    Standing,
    Subject,
    lines_of,
    standings,
    write_line,
)
from governance.ownership import name_owner
from milestones.models import Milestone, MilestoneStatus
from workstreams.http import ProgrammeRequest
from workstreams.models import Enabler, PartnerCommitment, Programme
from workstreams.months import month_to_update


class LineForm(TrackerForm):
    """How it stands this month, in a line."""

    state = forms.ChoiceField(label="State", choices=LineState, widget=forms.RadioSelect)
    text = forms.CharField(
        label="This month’s line",
        help_text="What happened and what comes next. Write nothing that identifies a patient.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    submit_label = "Save line"


@require_safe
def enabler_list(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    month = month_to_update(programme, today=programme.today())
    enablers, commitments = standings(programme, month=month)
    today = programme.today()
    milestones: dict[int, list[dict[str, Any]]] = {}
    rows = Milestone.objects.filter(programme=programme, enabler__isnull=False).with_people()
    for milestone in rows.order_by("enabler", "planned_date", "reference", "pk"):
        rating = milestone.rating(as_of=today)
        milestones.setdefault(milestone.enabler_id or 0, []).append(
            {"milestone": milestone, "rating": rating, "word": programme.word_for(rating)}
        )
    context = {
        "month": month,
        "enablers": [_row(each, milestones.get(each.subject.pk, [])) for each in enablers],
        "commitments": [_row(each, []) for each in commitments],
        "lacking": sum(each.line is None for each in [*enablers, *commitments]),
        "breadcrumb": [("Programme", programme.get_absolute_url())],
    }
    return render(request, "governance/enabler_list.html", context)


def _row(standing: Standing, milestones: list[dict[str, Any]]) -> dict[str, Any]:
    return {"standing": standing, "url": _url(standing.subject), "milestones": milestones}


@require_http_methods(["GET", "HEAD", "POST"])
def enabler_detail(request: ProgrammeRequest, programme: Programme, code: str) -> HttpResponse:
    return _detail(request, _enabler(programme, code))


@require_http_methods(["GET", "HEAD", "POST"])
def commitment_detail(
    request: ProgrammeRequest, programme: Programme, position: int
) -> HttpResponse:
    return _detail(request, _commitment(programme, position))


@require_POST
def enabler_owner(request: ProgrammeRequest, programme: Programme, code: str) -> HttpResponse:
    return _name_owner(request, _enabler(programme, code))


@require_POST
def commitment_owner(
    request: ProgrammeRequest, programme: Programme, position: int
) -> HttpResponse:
    return _name_owner(request, _commitment(programme, position))


def _enabler(programme: Programme, code: str) -> Enabler:
    enablers = programme.enablers.select_related("programme", "local_owner")
    # PostgreSQL refuses to look for a text with a NUL character.
    found = enablers.filter(code=code).first() if code.isprintable() else None
    if found is None:
        raise Http404("This programme has no such enabler.")
    return found


def _commitment(programme: Programme, position: int) -> PartnerCommitment:
    commitments = programme.partner_commitments.select_related("programme", "local_owner")
    found = commitments.filter(position=position).first()
    if found is None:
        raise Http404("This programme has no such commitment.")
    return found


def _url(subject: Subject) -> str:
    slug = subject.programme.slug
    if isinstance(subject, Enabler):
        return reverse("governance:enabler_detail", args=[slug, subject.code])
    return reverse("governance:commitment_detail", args=[slug, subject.position])


def _detail(request: ProgrammeRequest, subject: Subject) -> HttpResponse:
    if request.method != "POST":
        return _page(request, subject, LineForm())
    form = LineForm(request.POST)
    # Who may not is refused by the service, whatever was typed.
    if not form.is_valid() and request.user.has_perm("governance.write_line", subject):
        return _page(request, subject, form, status=422)
    try:
        line = write_line(
            subject=subject,
            by=request.user,
            state=form.cleaned_data.get("state", ""),
            text=form.cleaned_data.get("text", ""),
        )
    except ValidationError as error:
        add_service_errors(form, error)
        return _page(request, subject, form, status=422)
    messages.success(request, f"The line for {line.month:%B %Y} is saved.")
    return redirect(_url(subject))


def _name_owner(request: ProgrammeRequest, subject: Subject) -> HttpResponse:
    form = _owner_form(subject, request.POST)
    if not form.is_valid() and request.user.has_perm("governance.name_owner", subject):
        return _page(request, subject, LineForm(), owner_form=form, status=422)
    try:
        named = name_owner(subject=subject, by=request.user, owner=form.cleaned_data.get("owner"))
    except ValidationError as error:
        add_service_errors(form, error)
        return _page(request, subject, LineForm(), owner_form=form, status=422)
    messages.success(request, f"{named.local_owner or 'Nobody'} answers for it now.")
    return redirect(_url(subject))


def _owner_form(subject: Subject, data: Mapping[str, Any] | None = None) -> OwnerForm:
    return OwnerForm(data, subject=subject, action=f"{_url(subject)}owner/")


def _page(
    request: ProgrammeRequest,
    subject: Subject,
    form: LineForm,
    *,
    owner_form: OwnerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    programme = request.programme
    owner_form = owner_form or _owner_form(subject)
    milestones = Milestone.objects.none()
    if isinstance(subject, Enabler):
        milestones = subject.milestones.exclude(status=MilestoneStatus.WITHDRAWN).with_people()
    context = {
        "subject": subject,
        "title": subject.name if isinstance(subject, Enabler) else subject.partner,
        "kicker": "Enabler" if isinstance(subject, Enabler) else "Partner’s commitment",
        "month": month_to_update(programme, today=programme.today()),
        "lines": lines_of(subject),
        "milestones": milestones.order_by("planned_date", "reference", "pk"),
        "line_form": form if request.user.has_perm("governance.write_line", subject) else None,
        "owner_form": owner_form
        if request.user.has_perm("governance.name_owner", subject)
        else None,
        # The one whose errors the page lists at its top.
        "form": owner_form if owner_form.is_bound else form,
        "breadcrumb": [
            ("Programme", programme.get_absolute_url()),
            ("Enablers and commitments", reverse("governance:enabler_list", args=[programme.slug])),
        ],
    }
    return render(request, "governance/enabler_detail.html", context, status=status)
