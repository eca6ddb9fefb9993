from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import AuditEntry
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

ROWS = 50


@require_safe
def journal(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Who did what to what, newest first: the acts that an investigation would ask for."""
    if not request.user.has_perm("accounts.read_journal", programme):
        raise PermissionDenied("Only the PMO and auditors read the journal.")
    entries = AuditEntry.objects.filter(programme=programme.slug).select_related("actor")
    page = Paginator(entries.order_by("-pk"), ROWS).get_page(request.GET.get("page"))
    return render(request, "reports/journal.html", {"page": page, "entries": page.object_list})
