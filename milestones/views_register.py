from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods

from milestones.columns import MILESTONE, WORST, chosen_columns, heading, with_last_update
from milestones.figures import consequence
from milestones.filters import AS_AT, RegisterFilter
from milestones.models import DueWindow, Milestone, MissingFact
from milestones.rating import WORST_FIRST, DeliveryRating
from milestones.register import UPDATING_ROLES, RegisterRow, register_rows
from milestones.register_forms import QuickForm, SaveViewForm
from milestones.saved_views import may_delete, views_for
from milestones.services import StaleVersion, require_update
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

PAGE_LENGTH = 50
# The views that everybody has.
READY_VIEWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("All", {}),
    ("Late", {"rating": [DeliveryRating.DELAYED.value, DeliveryRating.AT_RISK.value]}),
    ("Due in 30 days", {"due": DueWindow.NEXT_30_DAYS.value}),
    ("No date", {"missing": MissingFact.DATE.value}),
    ("Mine", {"owner": "me"}),
)


@require_http_methods(["GET", "HEAD", "POST"])
def milestone_list(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """The register; posted to, it saves the row that its address says is being edited."""
    if request.method != "POST":
        return _page(request, programme)
    if request.roles.isdisjoint(UPDATING_ROLES):
        raise PermissionDenied("Only owners, executive leads and the PMO update milestones.")
    milestone = _edited(request, programme)
    if milestone is None:
        messages.error(request, "Choose a milestone to edit first. Nothing was saved.")
        return redirect(list_url(programme, register_query(request)))
    require_update(milestone=milestone, by=request.user)
    form = QuickForm(request.POST, milestone=milestone)
    if form.is_valid():
        return _save_row(request, programme, milestone, form)
    return _page(request, programme, row_form=form, edited=milestone, status=422)


def _save_row(
    request: ProgrammeRequest, programme: Programme, milestone: Milestone, form: QuickForm
) -> HttpResponse:
    record = import_string(settings.RECORD_MILESTONE_UPDATE)
    version = form.cleaned_data["version"]
    try:
        update = record(
            milestone_id=milestone.pk,
            by=request.user,
            seen_version=version,
            position=form.position(),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, programme, row_form=form, edited=milestone, status=422)
    except StaleVersion as error:
        stored = error.milestone
        merged = QuickForm(form.merged_data(error), milestone=stored)
        conflict = {
            "differences": merged.show_conflicts(error.conflicts),
            "taken": form.taken_labels(error),
        }
        return _page(
            request, programme, row_form=merged, edited=stored, conflict=conflict, status=409
        )
    said = consequence(update.milestone, as_of=programme.today())
    messages.success(request, f"{milestone.reference} is saved. {said}")
    query = register_query(request, keep_page=True)
    return redirect(f"{list_url(programme, query)}#{milestone.reference}")


def _page(
    request: ProgrammeRequest,
    programme: Programme,
    *,
    row_form: QuickForm | None = None,
    edited: Milestone | None = None,
    conflict: dict[str, Any] | None = None,
    status: int = 200,
) -> TemplateResponse:
    found = _filter(request, programme)
    today = found.day or programme.today()
    # As at a day nothing can be changed, whatever the person may do today.
    roles = request.roles if found.day is None else frozenset()
    milestones = found.listed()
    page = _paged(request, milestones)
    counts = milestones.count_by_rating(as_of=today, tolerance_days=programme.tolerance_days)
    rows = register_rows(page, by=request.user, roles=roles, as_of=today)
    if row_form is None and edited is None:
        edited = _editable(request, rows)
        row_form = QuickForm(milestone=edited) if edited else None
    context = _columns(found) | {
        # Whose errors stand at the top of the page.
        "form": row_form if row_form and row_form.errors else found.form,
        "filter_form": found.form,
        "row_form": row_form,
        "edited": edited,
        "is_edited_listed": any(row.listed.milestone == edited for row in rows),
        "conflict": conflict,
        "rows": [row.listed for row in rows],
        "register": rows,
        "page_obj": page,
        "paginator": page.paginator,
        "may_change": not roles.isdisjoint(UPDATING_ROLES),
        "day": found.day,
        "today_url": list_url(programme, found.query(without=AS_AT)),
        "counts": [
            {"code": rating.value, "word": programme.word_for(rating), "count": counts[rating]}
            for rating in WORST_FIRST
        ],
        "is_filtered": bool(found.query()),
        "kept": _kept(found.query()),
        "view_form": SaveViewForm(roles=request.roles, query=found.query()),
        "breadcrumb": [("Programme", programme.get_absolute_url())],
    }
    context |= _views(request, programme, found.query())
    return TemplateResponse(request, "milestones/milestone_list.html", context, status=status)


def _filter(request: ProgrammeRequest, programme: Programme) -> RegisterFilter:
    milestones = Milestone.objects.filter(programme=programme).for_list()
    if "updated" in request.GET.getlist("columns"):
        milestones = with_last_update(milestones)
    return RegisterFilter(request.GET, milestones, request=request)


def _paged(request: ProgrammeRequest, milestones: Any) -> Page[Milestone]:
    try:
        return Paginator(milestones, PAGE_LENGTH).page(request.GET.get("page", 1))
    except InvalidPage:
        raise Http404("The list has no such page.") from None


def _columns(found: RegisterFilter) -> dict[str, Any]:
    data = found.form.cleaned_data if found.is_valid() else {}
    columns = chosen_columns(data.get("columns") or [])
    sort = data.get("sort") or WORST
    return {
        "columns": columns,
        "headings": [heading(column, sort) for column in (MILESTONE, *columns)],
        "column_choices": found.filters["columns"].extra["choices"],
        "column_codes": [column.code for column in columns],
    }


def _views(request: ProgrammeRequest, programme: Programme, query: str) -> dict[str, Any]:
    """The pills above the list, and the saved view that the page shows, if it is one."""
    saved = list(views_for(programme, user=request.user, roles=request.roles))
    current = next((view for view in saved if _same(view.query, query)), None)
    deletable = current and may_delete(current, by=request.user, roles=request.roles)
    ready = [(name, urlencode(answers, doseq=True)) for name, answers in READY_VIEWS]
    return {
        "ready_views": [(name, text, _same(text, query)) for name, text in ready],
        "saved_views": [(view, view == current) for view in saved],
        "deletable_view": current if deletable else None,
        "query": query,
    }


def _same(one: str, other: str) -> bool:
    return dict(QueryDict(one).lists()) == dict(QueryDict(other).lists())


def _kept(query: str) -> list[tuple[str, str]]:
    """The parameters that the page's small forms send along."""
    return [(name, value) for name, values in QueryDict(query).lists() for value in values]


def register_query(request: ProgrammeRequest, *, keep_page: bool = False) -> str:
    """Give what the register's address says beside the row being edited, and nothing unknown."""
    known = QueryDict(
        RegisterFilter(request.GET, Milestone.objects.none(), request=request).query()
    )
    query = known.copy()
    if keep_page and request.GET.get("page", "").isdecimal():
        query["page"] = request.GET["page"]
    return query.urlencode()


def list_url(programme: Programme, query: str) -> str:
    url = reverse("milestones:milestone_list", args=[programme.slug])
    return f"{url}?{query}" if query else url


def _edited(request: ProgrammeRequest, programme: Programme) -> Milestone | None:
    own = Milestone.objects.filter(programme=programme).with_people()
    return own.filter(reference=request.GET.get("edit", "").replace("\0", "")).first()


def _editable(request: ProgrammeRequest, rows: list[RegisterRow]) -> Milestone | None:
    """The milestone whose row is a form, of those on the page."""
    wanted = request.GET.get("edit")
    mine = (row.listed.milestone for row in rows if row.may_update)
    return next((each for each in mine if each.reference == wanted), None)
