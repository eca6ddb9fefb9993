"""Reminding owners of the updates that a month still lacks."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from reports.month_page import owners_of
from reports.months import WrongState
from reports.notices import chase
from reports.views.packs import find_month
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@require_POST
def month_chase(
    request: ProgrammeRequest, programme: Programme, month: date, pk: int
) -> HttpResponse:
    row = find_month(programme, month)
    owner = User.objects.filter(pk=pk, memberships__programme=programme).distinct().first()
    if owner is None:
        raise Http404("There is no such member of this programme.")
    try:
        chase(row, owner, request.user)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{owner} gets a message within a minute.")
    return redirect(f"{row.get_absolute_url()}#missing")


@require_POST
def month_chase_all(request: ProgrammeRequest, programme: Programme, month: date) -> HttpResponse:
    """Remind everybody who has not updated; who was written to today already gets no second one."""
    row = find_month(programme, month)
    if not request.user.has_perm("reports.chase", row):
        raise PermissionDenied("Only the PMO chases for updates.")
    late = [each.owner for each in owners_of(row, today=programme.today()) if each.left]
    written = passed = 0
    for owner in late:
        if owner is None:
            continue
        try:
            chase(row, owner, request.user)
            written += 1
        except WrongState:
            passed += 1
    people = "1 person gets" if written == 1 else f"{written} people get"
    said = f"{people} a message within a minute."
    if passed:
        said += f" {passed} had one today already, or nothing is due from them."
    messages.success(request, said)
    return redirect(f"{row.get_absolute_url()}#missing")
