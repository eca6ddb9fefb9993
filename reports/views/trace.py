from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from governance.models import ExceptionReport
from reports.trace import find_start, trace_from
from reports.trace_forms import TraceForm
from reports.trace_nodes import trace_url
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

LATEST = 20


@require_safe
def trace(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Where to start from: a reference, or one of the open exceptions."""
    form = TraceForm(request.GET if "text" in request.GET else None, programme=programme)
    if form.is_bound and form.is_valid() and form.start:
        return redirect(trace_url(programme, form.start.kind, form.start.key))
    reports = ExceptionReport.objects.filter(programme=programme).open().with_subject()
    context = {
        "form": form,
        "reports": reports.newest_first()[:LATEST],
        "breadcrumb": [("Programme", programme.get_absolute_url())],
    }
    return render(request, "reports/trace.html", context)


@require_safe
def trace_detail(
    request: ProgrammeRequest, programme: Programme, kind: str, key: str
) -> HttpResponse:
    """The whole chain of one thing, in order of time, with links both ways."""
    start = find_start(programme, kind, key)
    if start is None:
        raise Http404("This programme has nothing of this name to trace.")
    found = trace_from(start, programme)
    context = {
        "trace": found,
        "start": start,
        "nodes": [
            {
                "node": node,
                "is_start": start.is_at(node),
                "url": trace_url(programme, node.kind, node.key) if node.key else "",
            }
            for node in found.nodes
        ],
        "breadcrumb": [
            ("Programme", programme.get_absolute_url()),
            ("Trace", reverse("reports:trace", args=[programme.slug])),
        ],
    }
    return render(request, "reports/trace_detail.html", context)
