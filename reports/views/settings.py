from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from milestones.models import Milestone
from reports.forms import FiguresForm, MemberForm, RecipientForm
from reports.models import Recipient
from reports.recipients import add_recipient, link_to_recipients, remove_recipient
from workstreams.administration import (
    FiguresChanged,
    LastAdministrator,
    add_member,
    change_figures,
    remove_member,
)
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme, Role

PAGE = "reports:settings"


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    _require_administrator(request, programme)
    if request.method != "POST":
        return _page(request, programme)
    # A copy of its own: the form writes what was typed into its instance.
    form = FiguresForm(
        request.POST, instance=Programme.objects.get(pk=programme.pk), auto_id="figures_%s"
    )
    if not form.is_valid():
        return _page(request, programme, figures_form=form, status=422)
    values = dict(form.cleaned_data)
    try:
        changed = change_figures(
            programme_id=programme.pk,
            by=request.user,
            seen_version=values.pop("version"),
            figures=values,
        )
    except FiguresChanged as error:
        form.show_conflict(error.programme)
        form.add_error(None, f"{error} What you typed is kept: save again to use it.")
        return _page(request, error.programme, figures_form=form, status=409)
    said = "The figures are saved." if changed else "Nothing was changed."
    messages.success(request, said)
    return redirect(PAGE, programme.slug)


@require_POST
def member_add(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    _require_administrator(request, programme)
    form = MemberForm(request.POST, auto_id="member_%s")
    if not form.is_valid():
        return _page(request, programme, member_form=form, status=422)
    with transaction.atomic():
        membership, is_new = add_member(
            programme_id=programme.pk, by=request.user, **form.cleaned_data
        )
        link_to_recipients(programme=programme, user=membership.user)
    said = f"{membership.user} is now {membership.get_role_display()}."
    if is_new:
        said += " They choose a password with “Forgotten your password?” on the log-in page."
    messages.success(request, said)
    return redirect(PAGE, programme.slug)


@require_POST
def member_remove(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    _require_administrator(request, programme)
    membership = get_object_or_404(programme.memberships.select_related("user"), pk=pk)
    held = Milestone.objects.filter(programme=programme, local_owner=membership.user).open()
    if membership.role == Role.LOCAL_OWNER and held.exists():
        messages.error(
            request,
            f"{membership.user} is local owner of {held.count()} open milestones. Give these to "
            "somebody else first: in the register, choose them and change their owner.",
        )
        return redirect(PAGE, programme.slug)
    try:
        remove_member(membership_id=membership.pk, by=request.user)
    except LastAdministrator as error:
        messages.error(request, str(error))
    else:
        role = membership.get_role_display()
        messages.success(request, f"{membership.user} is no longer {role}.")
    if membership.user == request.user and not programme.roles_of(request.user):
        return redirect("home")
    return redirect(PAGE, programme.slug)


@require_POST
def recipient_add(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    _require_administrator(request, programme)
    form = RecipientForm(request.POST, programme=programme, auto_id="recipient_%s")
    if not form.is_valid():
        return _page(request, programme, recipient_form=form, status=422)
    values = dict(form.cleaned_data)
    audience = values.pop("audience")
    recipient = add_recipient(audience_id=audience.pk, by=request.user, **values)
    messages.success(request, f"{recipient.name} now gets the packs of {audience}.")
    return redirect(PAGE, programme.slug)


@require_POST
def recipient_remove(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    _require_administrator(request, programme)
    recipients = Recipient.objects.filter(audience__programme=programme)
    recipient = get_object_or_404(recipients, pk=pk)
    remove_recipient(recipient_id=recipient.pk, by=request.user)
    messages.success(request, f"{recipient.name} no longer gets the packs.")
    return redirect(PAGE, programme.slug)


def _require_administrator(request: ProgrammeRequest, programme: Programme) -> None:
    if not request.user.has_perm("workstreams.administer_programme", programme):
        raise PermissionDenied("Only a PMO administrator of the programme sees its settings.")


def _page(
    request: ProgrammeRequest,
    programme: Programme,
    *,
    figures_form: FiguresForm | None = None,
    member_form: MemberForm | None = None,
    recipient_form: RecipientForm | None = None,
    status: int = 200,
) -> HttpResponse:
    active = Recipient.objects.filter(is_active=True).order_by("name", "pk")
    context: dict[str, Any] = {
        # The frame shows the errors of `form`: of whichever was sent.
        "form": figures_form or member_form or recipient_form,
        "figures_form": figures_form or FiguresForm(instance=programme, auto_id="figures_%s"),
        "member_form": member_form or MemberForm(auto_id="member_%s"),
        "recipient_form": recipient_form
        or RecipientForm(programme=programme, auto_id="recipient_%s"),
        "members": programme.memberships.select_related("user").order_by("user__full_name", "pk"),
        "audiences": programme.audiences.in_order().prefetch_related(
            Prefetch("recipients", queryset=active, to_attr="active_recipients")
        ),
    }
    return render(request, "reports/settings.html", context, status=status)
