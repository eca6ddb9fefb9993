from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reports.figures import programme_figures
from reports.quality import Subject, checks_of
from workstreams.dates import long_day
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@require_safe
def data_quality_page(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """What is missing, old or contradictory in the record, each count a list of its rows."""
    today = programme.today()
    checks = checks_of(programme_figures(programme, as_of=today))
    context = {
        "checks": checks,
        "found": any(check.count for check in checks),
        "kicker": f"Status at {long_day(today)}",
        "panels": [
            (subject.name.lower(), subject, [each for each in checks if each.subject == subject])
            for subject in Subject
        ],
        "breadcrumb": [("Programme", programme.get_absolute_url())],
    }
    return render(request, "reports/data_quality.html", context)
