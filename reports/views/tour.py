from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from reports.home import home_of
from reports.tour import tour_steps
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@require_safe
def tour(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """The loop in five steps, on things that the demonstration holds."""
    _require_demonstration(programme)
    context = {
        "steps": tour_steps(programme),
        "breadcrumb": [("Programme", programme.get_absolute_url())],
    }
    return render(request, "reports/tour.html", context)


@require_POST
def tour_close(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Show the tour no more on the person's first page; it stays on a page of its own."""
    _require_demonstration(programme)
    request.user.has_closed_tour = True
    request.user.save(update_fields=["has_closed_tour"])
    return redirect(home_of(programme, request.roles))


def _require_demonstration(programme: Programme) -> None:
    if not programme.is_demonstration:
        raise Http404("Only a demonstration has a tour.")
