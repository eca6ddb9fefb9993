from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_filters.views import FilterView

from accounts.forms import DATE_PARTS
from governance import risks
from governance.errors import WrongState
from governance.forms import add_service_errors, with_version
from governance.heat_map import CELL, heat_map
from governance.models import BAND_SCORES, Impact, Risk, RiskBand, RiskKind, RiskQuerySet
from governance.risk_filters import RiskFilter, with_defaults, without
from governance.risk_forms import RiskForm, places_for
from governance.risk_history import LABELS, SCORES, history_of, shown
from governance.risk_writing import values_of
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

NEXT_REVIEWS = 5


class RiskListView(FilterView):
    filterset_class = RiskFilter
    template_name = "governance/risk_list.html"
    context_object_name = "risks"
    paginate_by = 50

    def get_filterset_kwargs(self, filterset_class: type[RiskFilter]) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(filterset_class)
        return {**kwargs, "data": with_defaults(self.request.GET)}

    def get_queryset(self) -> RiskQuerySet:
        return Risk.objects.filter(programme=self.kwargs["programme"]).with_subject().worst_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, **_register(self.request, self.kwargs["programme"], context["filter"])}


def _register(
    request: ProgrammeRequest, programme: Programme, chosen: RiskFilter
) -> dict[str, Any]:
    """What the page of the register shows beside its rows."""
    today = programme.today()
    everything = Risk.objects.filter(programme=programme)
    query = with_defaults(request.GET)
    kind = RiskKind(query["kind"]) if query["kind"] in RiskKind.values else RiskKind.RISK
    # The table counts what the list shows when no cell is chosen.
    around_query = without(query, *CELL)
    around = RiskFilter(
        around_query, queryset=Risk.objects.filter(programme=programme), request=request
    )
    register = list(everything.open().filter(kind=kind).with_subject())
    return {
        "form": chosen.form,
        "today": today,
        "kind": kind,
        "tabs": _tabs(everything, query),
        "heat_map": heat_map(around.qs, query=query) if around.is_valid() else [],
        "impacts": list(Impact),
        "bands": [(each, *scores) for each, scores in BAND_SCORES.items()],
        "around_query": around_query.urlencode() if around_query != query else "",
        "register": register,
        "extreme": sum(risk.current_band == RiskBand.EXTREME for risk in register),
        "overdue": sum(risk.is_review_overdue(on=today) for risk in register),
        "reviews": sorted(register, key=lambda risk: (risk.review_date, risk.number))[
            :NEXT_REVIEWS
        ],
        "may_record": bool(places_for(programme, request.user)),
    }


def _tabs(everything: RiskQuerySet, query: Any) -> list[dict[str, Any]]:
    kinds = list(everything.open().values_list("kind", flat=True))
    return [
        {
            "label": f"{kind.label}s",
            "count": kinds.count(kind),
            "query": f"kind={kind.value}",
            "is_current": query["kind"] == kind,
        }
        for kind in RiskKind
    ]


@require_safe
def risk_detail(request: ProgrammeRequest, programme: Programme, number: int) -> HttpResponse:
    return _page(request, find_risk(programme, number))


@require_http_methods(["GET", "HEAD", "POST"])
def risk_create(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    places = places_for(programme, request.user)
    if not places:
        raise PermissionDenied("Only the PMO, an executive lead or a project’s owner records one.")
    started = {
        "kind": request.GET.get("kind") or RiskKind.RISK,
        "place": request.GET.get("place", ""),
    }
    if request.method != "POST":
        return _form_page(request, RiskForm(programme=programme, places=places, initial=started))
    form = RiskForm(request.POST, programme=programme, places=places)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    try:
        risk = risks.record_risk(
            place=form.chosen_place(),
            kind=form.cleaned_data["kind"],
            content=form.content(),
            by=request.user,
        )
    except ValidationError as error:
        add_service_errors(form, error)
        return _form_page(request, form, status=422)
    messages.success(request, f"{risk.label} is recorded.")
    return redirect(risk)


@require_http_methods(["GET", "HEAD", "POST"])
def risk_edit(request: ProgrammeRequest, programme: Programme, number: int) -> HttpResponse:
    risk = managed_risk(request, programme, number)
    obstacle = risks.why_not_open(risk)
    if obstacle:
        return refuse(request, risk, obstacle)
    if request.method != "POST":
        return _form_page(request, RiskForm(programme=programme, risk=risk), risk=risk)
    form = RiskForm(request.POST, programme=programme, risk=risk)
    if not form.is_valid():
        return _form_page(request, form, risk=risk, status=422)
    try:
        risk = risks.edit_risk(
            risk_id=risk.pk,
            by=request.user,
            seen_version=form.cleaned_data["version"],
            content=form.content(),
            reason=form.cleaned_data["reason"],
        )
    except risks.RiskMoved as moved:
        return _conflict(request, form, moved)
    except WrongState as error:
        return refuse(request, find_risk(programme, number), str(error))
    except ValidationError as error:
        add_service_errors(form, error)
        return _form_page(request, form, risk=risk, status=422)
    messages.success(request, f"{risk.label} is saved.")
    return redirect(risk)


def find_risk(programme: Programme, number: int) -> Risk:
    risk = Risk.objects.filter(programme=programme, number=number).with_subject().first()
    if risk is None:
        raise Http404("There is no such risk or issue in this programme.")
    return risk


def managed_risk(request: ProgrammeRequest, programme: Programme, number: int) -> Risk:
    risk = find_risk(programme, number)
    if not request.user.has_perm("governance.manage_risk", risk):
        raise PermissionDenied(risks.REFUSED)
    return risk


def list_link(programme: Programme) -> tuple[str, str]:
    return ("Risks and issues", reverse("governance:risk_list", args=[programme.slug]))


def _page(request: ProgrammeRequest, risk: Risk, *, status: int = 200) -> HttpResponse:
    milestones = risk.milestones.select_related("programme").order_by("reference")
    context = {
        "risk": risk,
        "today": risk.programme.today(),
        "milestones": milestones,
        "indicators": risk.indicators.select_related("programme").order_by("reference"),
        "exceptions": risk.exceptions.with_subject().newest_first(),
        "came_from": Risk.objects.filter(happened_as=risk).with_subject().first(),
        "history": history_of(risk),
        "may_manage": request.user.has_perm("governance.manage_risk", risk),
        "breadcrumb": [list_link(risk.programme)],
    }
    return render(request, "governance/risk_detail.html", context, status=status)


def refuse(request: ProgrammeRequest, risk: Risk, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return _page(request, risk, status=409)


def _form_page(
    request: ProgrammeRequest,
    form: RiskForm,
    *,
    risk: Risk | None = None,
    differences: Any = (),
    taken: Any = (),
    status: int = 200,
) -> HttpResponse:
    links = [list_link(request.programme)]
    form.cancel_url = risk.get_absolute_url() if risk else links[0][1]
    context = {
        "form": form,
        "risk": risk,
        "differences": differences,
        "taken": taken,
        "breadcrumb": [*links, (risk.label, form.cancel_url)] if risk else links,
    }
    return render(request, "governance/risk_form.html", context, status=status)


def _conflict(request: ProgrammeRequest, typed: RiskForm, moved: risks.RiskMoved) -> HttpResponse:
    """Show both values of what two people changed; the form keeps mine, to save again."""
    risk = moved.risk
    form = RiskForm(
        with_version(request.POST, risk.version), programme=request.programme, risk=risk
    )
    data = form.data.copy()  # type: ignore[attr-defined]
    for name in moved.taken:
        _put(data, name, moved.merged[name])
    form = RiskForm(data, programme=request.programme, risk=risk)
    stored = values_of(risk)
    mine = moved.merged
    people = {risk.owner_id: str(risk.owner), mine["owner_id"]: str(typed.cleaned_data["owner"])}
    changes = {each.field: each for each in risk.changes.select_related("made_by").order_by("pk")}
    differences = [
        {
            "label": _label(name),
            "typed": shown(name, mine[name], people),
            "stored": shown(name, stored[name], people),
            "by": changes[name].made_by if name in changes else "",
            "when": changes[name].made_date if name in changes else None,
        }
        for name in moved.conflicts
    ]
    form.add_error(None, str(moved))
    taken = [_label(name) for name in moved.taken]
    return _form_page(request, form, risk=risk, differences=differences, taken=taken, status=409)


def _put(data: Any, name: str, value: Any) -> None:
    """Put a stored value into submitted data as its box would have sent it."""
    if name == "review_date":
        for part in DATE_PARTS:
            data[f"{name}_{part}"] = str(getattr(value, part))
    elif name == "owner_id":
        data["owner"] = str(value)
    else:
        data[name] = ", ".join(value) if isinstance(value, tuple) else str(value)


def _label(name: str) -> str:
    kind, _, part = name.partition("_")
    return f"{kind.capitalize()} {part}" if kind in SCORES else LABELS[name]
