from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_filters.views import FilterView

from governance import exceptions, reasons
from governance.action_forms import (
    ActionFormSet,
    BaseActionFormSet,
    action_rows,
    stored_rows,
    with_rows_of_others,
)
from governance.change_requests import dependants, why_no_request
from governance.errors import StaleRecord, WrongState
from governance.filters import ExceptionFilter
from governance.forms import ReportForm, add_service_errors, typed_values, with_version
from governance.models import (
    ExceptionReport,
    ExceptionReportQuerySet,
    ExceptionState,
)
from governance.views.decisions import (
    after_decision,
    decide,
    decision_form,
    list_link,
    supersedable,
    why_not_decide,
)
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


class ExceptionListView(FilterView):
    filterset_class = ExceptionFilter
    template_name = "governance/exception_list.html"
    context_object_name = "reports"
    paginate_by = 50

    def get_queryset(self) -> ExceptionReportQuerySet:
        reports = ExceptionReport.objects.filter(programme=self.kwargs["programme"])
        return reports.with_subject().with_reopenings().newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        today = self.kwargs["programme"].today()
        return {**context, "form": context["filter"].form, "today": today}


@require_safe
def exception_detail(request: ProgrammeRequest, programme: Programme, number: int) -> HttpResponse:
    return _page(request, _find(programme, number))


@require_http_methods(["GET", "HEAD", "POST"])
def exception_report(request: ProgrammeRequest, programme: Programme, number: int) -> HttpResponse:
    report = _find(programme, number)
    if not request.user.has_perm("governance.raise_report", report):
        raise PermissionDenied("Only its owner, its executive lead or the PMO reports this.")
    if not report.takes_report:
        return _refuse(request, report, f"{report.label} is {report.state_words}.")
    if request.method != "POST":
        rows = action_rows(report.programme, initial=stored_rows(report), stored=report)
        return _form_page(request, report, ReportForm.of(report), rows)
    form = ReportForm(request.POST, report=report)
    rows = action_rows(report.programme, request.POST, stored=report)
    if "add" in request.POST and rows.management_form.is_valid():
        blank = action_rows(report.programme, initial=[*rows.typed(), {}], stored=report)
        again = ReportForm(report=report, initial=typed_values(form))
        return _form_page(request, report, again, blank)
    return _save(request, report, form, rows)


@require_http_methods(["GET", "HEAD", "POST"])
def exception_decide(request: ProgrammeRequest, programme: Programme, number: int) -> HttpResponse:
    report = _find(programme, number)

    def show_page(*, status: int) -> HttpResponse:
        return _page(request, report, status=status)

    is_waiting = report.state == ExceptionState.SUBMITTED
    return decide(request, report, show_page, is_waiting=is_waiting)


def _find(programme: Programme, number: int) -> ExceptionReport:
    reports = ExceptionReport.objects.filter(programme=programme).with_subject()
    report = (
        reports.with_reopenings().select_related("risk__programme").filter(number=number).first()
    )
    if report is None:
        raise Http404(f"There is no exception EX-{number:03} in this programme.")
    return report


def _page(request: ProgrammeRequest, report: ExceptionReport, *, status: int = 200) -> HttpResponse:
    user = request.user
    may_report = user.has_perm("governance.raise_report", report)
    is_waiting = report.state == ExceptionState.SUBMITTED
    refusal = why_not_decide(request, report) if is_waiting else ""
    today = report.programme.today()
    made = list(report.decisions.with_subject().newest_first())
    context = {
        "report": report,
        "why_now": reasons.why_open(report, as_of=today),
        "today": today,
        "actions": report.remedial_actions.select_related("owner").order_by("due_date", "pk"),
        "earlier": report.earlier.select_related("programme").newest_first(),
        "decisions": made,
        "may_supersede": supersedable(request, made),
        "decided": None if is_waiting else after_decision(request, made),
        "change_requests": report.change_requests.with_subject().newest_first(),
        "may_report": may_report,
        "is_waiting": is_waiting,
        "may_ask": may_report and not why_no_request(report.subject),
        "refusal": refusal,
        "decision_form": decision_form(request, report) if is_waiting and not refusal else None,
        "breadcrumb": [list_link(report)],
    }
    return render(request, "governance/exception_detail.html", context, status=status)


def _around(report: ExceptionReport, *, today: date) -> dict[str, Any]:
    """What stands beside the form, so that the delivery impact is written knowing it."""
    milestone = report.milestone
    if milestone is None:
        return {"rating": None, "days_late": None, "cqc_actions": [], "dependants": []}
    project = milestone.project
    rating = milestone.rating(as_of=today)
    return {
        "rating": {"code": rating.value, "word": report.programme.word_for(rating)},
        "days_late": milestone.days_late(as_of=today),
        "cqc_actions": project.cqc_actions.select_related("programme") if project else [],
        "dependants": dependants(milestone),
    }


def _refuse(request: ProgrammeRequest, report: ExceptionReport, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return _page(request, report, status=409)


def _save(
    request: ProgrammeRequest, report: ExceptionReport, form: ReportForm, rows: BaseActionFormSet
) -> HttpResponse:
    # Both are asked, so that all that is wrong is said at once.
    if not all([form.is_valid(), rows.is_valid()]):
        return _form_page(request, report, form, rows, status=422)
    submit = "submit" in request.POST
    try:
        exceptions.file_report(
            exception_id=report.pk,
            by=request.user,
            seen_version=form.cleaned_data["version"],
            content=form.content(rows.lines()),
            submit=submit,
        )
    except StaleRecord as error:
        return _conflict(request, report, str(error))
    except WrongState as error:
        return _refuse(request, _find(request.programme, report.number), str(error))
    except ValidationError as error:
        add_service_errors(form, rows.take_errors(error))
        return _form_page(request, report, form, rows, status=422)
    text = "is submitted to the ELT." if submit else "is saved as a draft."
    messages.success(request, f"The report on {report.label} {text}")
    return redirect(report)


def _conflict(request: ProgrammeRequest, report: ExceptionReport, sentence: str) -> HttpResponse:
    stored = _find(request.programme, report.number)
    form = ReportForm(with_version(request.POST, stored.version), report=stored)
    data = with_rows_of_others(request.POST, stored)
    rows = action_rows(stored.programme, data, stored=stored)
    form.add_error(None, sentence)
    return _form_page(request, stored, form, rows, status=409)


def _form_page(
    request: ProgrammeRequest,
    report: ExceptionReport,
    form: ReportForm,
    rows: BaseActionFormSet,
    *,
    status: int = 200,
) -> HttpResponse:
    today = report.programme.today()
    done = report.remedial_actions.filter(done_date__isnull=False).select_related("owner")
    pending = report.remedial_actions.filter(done_date__isnull=True).select_related("owner")
    context = {
        "report": report,
        "form": form,
        "formset": rows,
        "done_actions": done.order_by("done_date", "pk"),
        "stored_actions": pending.order_by("due_date", "pk") if status == 409 else None,
        "is_conflict": status == 409,
        "may_add": rows.total_form_count() < ActionFormSet.max_num,
        "today": today,
        **_around(report, today=today),
        "breadcrumb": [list_link(report), (report.label, report.get_absolute_url())],
    }
    return render(request, "governance/exception_report.html", context, status=status)
