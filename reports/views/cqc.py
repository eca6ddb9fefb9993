from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from governance import cqc
from governance.cqc import STATE_WORDS, CqcEvent
from governance.cqc_forms import StepForm
from governance.errors import StaleRecord, WrongState
from governance.forms import OwnerForm, add_service_errors
from governance.models import CqcStep
from governance.ownership import name_owner
from metrics.standing import reporting_month
from reports import wording
from reports.cqc import CqcRow, count_gaps, cqc_actions, cqc_rows
from reports.cqc_filter import CqcFilter
from reports.evidence_pack import build_pack, contents_of
from reports.figures import programme_figures
from reports.rendering import RenderFailed
from reports.views.dashboard import key_of
from reports.views.plan import find_one
from workstreams.http import ProgrammeRequest
from workstreams.models import CqcAction, CqcLevel, Programme

SAID = {
    CqcEvent.CLAIM: "{} is said to be complete. Submit the evidence next.",
    CqcEvent.SUBMIT: "The evidence for {} is submitted. A second person looks at it next.",
    CqcEvent.ASSURE: "{} is assured.",
    CqcEvent.EMBED: "{} is embedded.",
    CqcEvent.REOPEN: "{} is reopened, and its owner sees your reason.",
}


@require_safe
def cqc_action_list(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """The matrix: every must-do and should-do with all that answers it, and what is lacking."""
    figures = programme_figures(programme, as_of=programme.today())
    rows = cqc_rows(figures, cqc_actions(programme))
    found = CqcFilter(request.GET, rows=rows, request=request)
    shown = found.apply()
    url = reverse("reports:cqc_action_list", args=[programme.slug])
    groups = [
        (level.label, [row for row in shown if row.action.level == level]) for level in CqcLevel
    ]
    context = {
        "form": found.form,
        "groups": [(title, own) for title, own in groups if own],
        "total": len(rows),
        "shown": len(shown),
        "gaps": [
            {"label": gap.label, "number": number, "url": f"{url}?gap={gap.value}"}
            for gap, number in count_gaps(rows).items()
        ],
        "clear_url": url,
        "is_filtered": bool(request.GET),
        "month": reporting_month(figures.as_of),
        "key": key_of(wording.delivery_key(programme)[:-1]),
        "breadcrumb": [("Programme", programme.get_absolute_url())],
    }
    return render(request, "reports/cqc_action_list.html", context)


@require_safe
def cqc_action_detail(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse:
    return _page(request, _row(programme, reference))


@require_POST
def cqc_step(
    request: ProgrammeRequest, programme: Programme, reference: str, event: CqcEvent
) -> HttpResponse:
    """Take an action a step on; the page again, with what was typed, where that fails."""
    row = _row(programme, reference)
    action, steps = row.action, cqc.steps_of(row.action)
    form = _form(row, steps, event, request.POST)
    try:
        cqc.require_step(action, steps, by=request.user, event=event)
        if not form.is_valid():
            return _page(request, row, typed=form, status=422)
        cqc.take_step(
            action_id=action.pk,
            by=request.user,
            event=event,
            seen_number=form.cleaned_data["number"],
            comment=form.cleaned_data["comment"],
            evidence=form.cleaned_data.get("evidence", ()),
        )
    except ValidationError as error:
        add_service_errors(form, error)
        return _page(request, row, typed=form, status=422)
    except StaleRecord as error:
        # Under what was typed lies the newest step now: sending it again takes it.
        sent = request.POST.copy()
        sent["number"] = str(len(steps))
        form = _form(row, steps, event, sent)
        form.add_error(None, str(error))
        return _page(request, row, typed=form, status=409)
    except WrongState as error:
        messages.error(request, str(error))
        return _page(request, row, lost=request.POST.get("comment", ""), status=409)
    messages.success(request, SAID[event].format(action.reference))
    return redirect(action)


@require_POST
def cqc_owner(request: ProgrammeRequest, programme: Programme, reference: str) -> HttpResponse:
    """Say who answers for an action, or that nobody but its executive lead does."""
    row = _row(programme, reference)
    action, form = row.action, _owner_form(row.action, request.POST)
    # Who may not is refused by the service, whatever was typed.
    if not form.is_valid() and request.user.has_perm("governance.name_owner", action):
        return _page(request, row, owner_form=form, status=422)
    try:
        name_owner(subject=action, by=request.user, owner=form.cleaned_data.get("owner"))
    except ValidationError as error:
        add_service_errors(form, error)
        return _page(request, row, owner_form=form, status=422)
    action.refresh_from_db(fields=["local_owner"])
    messages.success(
        request, f"{cqc.owner_of(action) or 'Nobody'} answers for {action.reference} now."
    )
    return redirect(action)


@require_POST
def cqc_evidence(
    request: ProgrammeRequest, programme: Programme, reference: str
) -> HttpResponse | FileResponse:
    """The evidence pack. Posted, because each download is written into the journal."""
    row = _row(programme, reference)
    try:
        pack = build_pack(row, by=request.user, as_of=programme.today())
    except RenderFailed as error:
        messages.error(request, str(error))
        return redirect(row.action)
    response = FileResponse(
        pack.file, as_attachment=True, filename=pack.name, content_type="application/zip"
    )
    response.headers["X-Pack-SHA256"] = pack.sha256
    return response


def _row(programme: Programme, reference: str) -> CqcRow:
    action = find_one(cqc_actions(programme), reference=reference)
    figures = programme_figures(programme, as_of=programme.today())
    return cqc_rows(figures, [action])[0]


def _form(row: CqcRow, steps: list[CqcStep], event: CqcEvent, data: Any = None) -> StepForm:
    action = row.action
    return StepForm(
        data,
        event=event,
        number=steps[0].number if steps else 0,
        evidence=cqc.evidence_for(action) if event == CqcEvent.SUBMIT else (),
        action=reverse(f"reports:cqc_{event.value}", args=[row.programme.slug, action.reference]),
    )


def _owner_form(action: CqcAction, data: Any = None) -> OwnerForm:
    return OwnerForm(
        data,
        subject=action,
        action=reverse("reports:cqc_owner", args=[action.programme.slug, action.reference]),
        nobody="Nobody: its executive lead answers",
    )


def _page(
    request: ProgrammeRequest,
    row: CqcRow,
    *,
    typed: StepForm | None = None,
    owner_form: OwnerForm | None = None,
    lost: str = "",
    status: int = 200,
) -> HttpResponse:
    action, user = row.action, request.user
    steps = list(action.steps.newest_first().prefetch_related("evidence__milestone__programme"))
    state = cqc.state_of(steps)
    ahead = cqc.next_event(state)
    refusal = cqc.refusal(action, steps, by=user, event=ahead) if ahead else ""
    offered = [ahead] if ahead and not refusal else []
    if not cqc.refusal(action, steps, by=user, event=CqcEvent.REOPEN):
        offered.append(CqcEvent.REOPEN)
    forms = {
        event: typed if typed and typed.event == event else _form(row, steps, event)
        for event in offered
    }
    may_name = user.has_perm("governance.name_owner", action)
    context = {
        # The one whose errors the page lists at its top.
        "form": typed or owner_form,
        "row": row,
        "action": action,
        "owner": cqc.owner_of(action),
        "state": state,
        "state_words": STATE_WORDS[state],
        "proof": cqc.proof_of(steps),
        "steps": steps,
        "contents": contents_of(row, steps),
        "step_form": forms.get(ahead) if ahead else None,
        "reopen_form": forms.get(CqcEvent.REOPEN),
        "owner_form": (owner_form or _owner_form(action)) if may_name else None,
        "refusal": refusal,
        "lost": lost,
        "month": reporting_month(row.programme.today()),
        "breadcrumb": [
            ("CQC actions", reverse("reports:cqc_action_list", args=[row.programme.slug])),
        ],
    }
    return render(request, "reports/cqc_action_detail.html", context, status=status)
