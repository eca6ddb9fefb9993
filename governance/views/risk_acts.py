"""Acts on a risk: review, promote, happened, close, reopen; one page with one form each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from governance import risk_forms, risks
from governance.errors import StaleRecord, WrongState
from governance.forms import add_service_errors, with_version
from governance.models import Risk
from governance.risk_forms import ActForm
from governance.risk_history import history_of
from governance.views.risks import find_risk, list_link, managed_risk, refuse
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@dataclass(frozen=True)
class Act:
    """One act on a risk: its form, its service, and the words around them."""

    form: type[ActForm]
    service: Callable[..., Risk]
    heading: str
    hint: str
    done: str


ACTS = {
    "review": Act(
        risk_forms.ReviewForm,
        risks.review_risk,
        "Review",
        "Say how it stands now and when to look again.",
        "is reviewed.",
    ),
    "promote": Act(
        risk_forms.PromoteForm,
        risks.promote_risk,
        "Promote",
        "The next level manages it from now on. It keeps its number and its history.",
        "is promoted.",
    ),
    "happened": Act(
        risk_forms.HappenedForm,
        risks.turn_into_issue,
        "It happened",
        "The risk closes, and an issue with its scores, owner and links opens in its place.",
        "is open: it came from a risk that happened.",
    ),
    "close": Act(
        risk_forms.CloseForm,
        risks.close_risk,
        "Close",
        "It leaves the open register; its record stays.",
        "is closed.",
    ),
    "reopen": Act(
        risk_forms.ReopenForm,
        risks.reopen_risk,
        "Reopen",
        "It goes back on the open register.",
        "is open again.",
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def risk_act(
    request: ProgrammeRequest, programme: Programme, number: int, act: str
) -> HttpResponse:
    """Review, promote, close or reopen a risk, or say that it happened."""
    risk, chosen = managed_risk(request, programme, number), ACTS[act]
    obstacle = _why_not(risk, act)
    if obstacle:
        return refuse(request, risk, obstacle)
    today = programme.today()
    if request.method != "POST":
        return _act_page(request, risk, chosen, chosen.form(risk=risk, today=today))
    form = chosen.form(request.POST, risk=risk, today=today)
    if not form.is_valid():
        return _act_page(request, risk, chosen, form, status=422)
    try:
        result = chosen.service(
            risk_id=risk.pk,
            by=request.user,
            seen_version=form.cleaned_data["version"],
            **form.answers(),
        )
    except StaleRecord as error:
        return _stale(request, chosen, form, number, str(error))
    except WrongState as error:
        return refuse(request, find_risk(programme, number), str(error))
    except ValidationError as error:
        add_service_errors(form, error)
        return _act_page(request, risk, chosen, form, status=422)
    messages.success(request, f"{result.label} {chosen.done}")
    return redirect(result)


def _why_not(risk: Risk, act: str) -> str:
    """Why an act is not possible now, for the page before its form; the service says it too."""
    if act == "reopen":
        return f"{risk.label} is open." if risk.is_open else ""
    if risk.is_open and act == "promote" and risk.next_level is None:
        return f"{risk.label} is at programme level already, which is the highest."
    if risk.is_open and act == "happened" and risk.is_issue:
        return f"{risk.label} is an issue already: it has happened."
    return risks.why_not_open(risk)


def _stale(
    request: ProgrammeRequest, act: Act, typed: ActForm, number: int, sentence: str
) -> HttpResponse:
    """Show what changed meanwhile above what was typed; sending it again is then a choice."""
    risk = find_risk(request.programme, number)
    form = act.form(
        with_version(request.POST, risk.version), risk=risk, today=request.programme.today()
    )
    form.add_error(None, f"{sentence} Read what changed, then save again if it still holds.")
    meanwhile = history_of(risk, since_version=typed.cleaned_data["version"])
    return _act_page(request, risk, act, form, meanwhile=meanwhile, status=409)


def _act_page(
    request: ProgrammeRequest,
    risk: Risk,
    act: Act,
    form: ActForm,
    *,
    meanwhile: Any = (),
    status: int = 200,
) -> HttpResponse:
    form.cancel_url = risk.get_absolute_url()
    context = {
        "form": form,
        "risk": risk,
        "heading": f"{act.heading}: {risk.label}",
        "hint": act.hint,
        "meanwhile": meanwhile,
        "breadcrumb": [list_link(risk.programme), (risk.label, risk.get_absolute_url())],
    }
    return render(request, "governance/risk_act.html", context, status=status)
