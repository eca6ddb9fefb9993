from datetime import date
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from governance.models import ChangeRequest, ExceptionReport
from metrics.models import Indicator
from metrics.standing import reporting_month, worst_first
from milestones.as_at import AsAtForm
from milestones.models import MissingFact
from milestones.rating import DeliveryRating
from reports import places, wording
from reports.figures import MilestoneLine, ProjectFigures, WorkstreamFigures, programme_figures
from reports.frozen import frozen_months, movement_since
from reports.views.dashboard import key_of, linked_counts
from workstreams.dates import long_day
from workstreams.http import ProgrammeRequest, open_to_external_readers
from workstreams.models import CqcAction, Programme, Project

GAPS = {
    MissingFact.DATE: ("has no planned date", "have no planned date"),
    MissingFact.OWNER: ("has no local owner", "have no local owner"),
    MissingFact.BASELINE: ("has no baseline", "have no baseline"),
}


@open_to_external_readers
@require_safe
def definitions(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """The words of the packs, for every reader of one."""
    context = {
        "delivery_key": key_of(wording.delivery_key(programme)),
        "performance_key": key_of(wording.performance_key(programme)),
        "definitions": wording.definitions(programme),
    }
    return render(request, "reports/definitions.html", context)


@require_safe
def about_plan(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """The plan's own facts: regulator's ratings, enablers, groups, commitments, what was done."""
    context = {
        "gaps": _gaps(programme),
        "cqc": _findings(programme.cqc),
        "enablers": programme.enablers.order_by("position", "pk"),
        "enablers_url": _milestones_url(programme) + "?workstream=enablers",
        "groups": programme.governance_groups.order_by("position", "pk"),
        "commitments": programme.partner_commitments.order_by("position", "pk"),
        "improvements": programme.improvements.order_by("position", "pk"),
        "breadcrumb": [("Programme", programme.get_absolute_url())],
    }
    return render(request, "reports/plan.html", context)


@require_safe
def workstream_detail(request: ProgrammeRequest, programme: Programme, code: str) -> HttpResponse:
    workstream = find_one(programme.workstreams.select_related("programme"), code=code)
    form = AsAtForm(request.GET, programme=programme)
    day = form.day or programme.today()
    figures = programme_figures(programme, as_of=day, as_it_stood=form.day is not None)
    as_at = f"&as-at={form.day.isoformat()}" if form.day else ""
    row = next(row for row in figures.workstreams if row.workstream == workstream)
    exceptions = ExceptionReport.objects.of_workstream(workstream).open().with_subject()
    requests = ChangeRequest.objects.of_workstream(workstream).under_way().with_subject()
    list_url = f"{_milestones_url(programme)}?workstream={code}{as_at}"
    context = {
        "form": form,
        "row": row,
        "workstream": row.workstream,
        "list_url": list_url,
        "counts": linked_counts(row, list_url),
        "asked": f"?as-at={form.day.isoformat()}" if form.day else "",
        "facts": places.progress_facts(
            row, as_of=day, moved=_moved(row, day, code), list_url=list_url
        ),
        "projects": [_project_row(project) for project in row.projects],
        "late": places.late_lines(row),
        "due": places.due_lines(row, as_of=day),
        "due_heading": places.due_heading(day),
        "timeline": None if form.day else places.picture(row, as_of=day, by_project=True),
        "standings": worst_first(row.standings),
        "month": reporting_month(figures.as_of),
        "as_of": figures.as_of,
        "actions": CqcAction.objects.filter(workstream=workstream)
        .select_related("programme")
        .order_by("position", "pk"),
        "exceptions": exceptions.order_by("number"),
        "requests": requests.order_by("number"),
        "breadcrumb": [("Programme", programme.get_absolute_url())],
    }
    return render(request, "reports/workstream_detail.html", context)


@require_safe
def project_detail(request: ProgrammeRequest, programme: Programme, code: str) -> HttpResponse:
    projects = Project.objects.filter(workstream__programme=programme)
    project = find_one(projects.select_related("workstream__programme"), code=code)
    form = AsAtForm(request.GET, programme=programme)
    day = form.day or programme.today()
    figures = programme_figures(programme, as_of=day, as_it_stood=form.day is not None)
    as_at = f"&as-at={form.day.isoformat()}" if form.day else ""
    rows = [row for workstream in figures.workstreams for row in workstream.projects]
    row = next(row for row in rows if row.project == project)
    indicators = set(Indicator.objects.filter(projects=project).values_list("pk", flat=True))
    exceptions = ExceptionReport.objects.filter(milestone__project=project).open()
    requests = ChangeRequest.objects.of_project(project).under_way()
    list_url = f"{_milestones_url(programme)}?project={code}{as_at}"
    context = {
        "form": form,
        "row": row,
        "project": row.project,
        "facts": places.progress_facts(row, as_of=day, moved="", list_url=list_url),
        "reasons": places.reasons(row, as_of=day),
        "timeline": None if form.day else places.picture(row, as_of=day, by_project=False),
        "list_url": list_url,
        "counts": linked_counts(row, list_url),
        "standings": [each for each in figures.standings if each.indicator.pk in indicators],
        "month": reporting_month(figures.as_of),
        "as_of": figures.as_of,
        "actions": project.cqc_actions.select_related("programme").order_by("position", "pk"),
        "exceptions": exceptions.with_subject().order_by("number"),
        "requests": requests.with_subject().order_by("number"),
        "may_ask": not form.day and request.user.has_perm("governance.raise_report", project),
        "breadcrumb": [
            ("Programme", programme.get_absolute_url()),
            (str(project.workstream), project.workstream.get_absolute_url()),
        ],
    }
    return render(request, "reports/project_detail.html", context)


def find_one(rows: QuerySet[Any], **wanted: str) -> Any:
    """Give the one row with this code or reference, or "not found"."""
    # PostgreSQL refuses to look for a text with a NUL character.
    found = rows.filter(**wanted).first() if all(map(str.isprintable, wanted.values())) else None
    if found is None:
        name = rows.model._meta.verbose_name if issubclass(rows.model, Model) else "page"
        raise Http404(f"This programme has no {name} {' '.join(wanted.values())[:20]}.")
    return found


def _milestones_url(programme: Programme) -> str:
    return reverse("milestones:milestone_list", args=[programme.slug])


def _moved(row: WorkstreamFigures, day: date, code: str) -> str:
    """How its counts moved since the last month that was frozen before the day, if one was."""
    frozen = frozen_months(row.programme, until=day - date.resolution)
    if not frozen:
        return ""
    return movement_since(frozen[0], row, workstream=code).sentence(row.programme)


def _project_row(roll: ProjectFigures) -> dict[str, Any]:
    """A project with what comes next: its open milestone with the earliest planned date."""
    ahead = [
        line for line in roll.counted if line.milestone.is_open and line.milestone.planned_date
    ]
    return {
        "roll": roll,
        "complete": roll.counts.get(DeliveryRating.COMPLETE, 0),
        "next": min(ahead, key=_planned, default=None),
    }


def _planned(line: MilestoneLine) -> date:
    return line.milestone.planned_date or date.max


def _gaps(programme: Programme) -> list[dict[str, Any]]:
    """What the plan lacks: a number each, with a link to exactly those milestones."""
    milestones = programme.milestones.all()
    counted = [(fact, words, milestones.missing(fact).count()) for fact, words in GAPS.items()]
    return [
        {
            "number": number,
            "text": words[0] if number == 1 else words[1],
            "url": f"{_milestones_url(programme)}?missing={fact.value}",
        }
        for fact, words, number in counted
    ]


def _findings(cqc: dict[str, Any]) -> dict[str, Any]:
    """The regulator's findings of the plan file, with its days as pages show them."""
    if not cqc:
        return {}
    inspections = [
        {"kind": each["kind"], "days": _days(each["from"], each["until"])}
        for each in cqc.get("inspections", [])
    ]
    published = long_day(date.fromisoformat(cqc["report_published"]))
    return {**cqc, "inspections": inspections, "report_published": published}


def _days(first: str, last: str) -> str:
    day, until = long_day(date.fromisoformat(first)), long_day(date.fromisoformat(last))
    return day if first == last else f"{day} to {until}"
