"""Exception reports: written by the local owner, with remedial actions tracked to the end."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.models import User
from governance.actions import ActionLine, actions_problem, due_dates, said_actions, save_actions
from governance.errors import StaleRecord, WrongState
from governance.models import ExceptionReport, ExceptionState, Risk, RiskQuerySet


@dataclass(frozen=True, kw_only=True)
class ReportContent:
    cause: str = ""
    consequence: str = ""
    options: str = ""
    delivery_impact: str = ""
    recovery_date: date | None = None
    risk: Risk | None = None
    actions: tuple[ActionLine, ...] = ()


# What of the content is stored on the report itself; its actions are rows of their own.
STORED = ("cause", "consequence", "options", "delivery_impact", "recovery_date", "risk")


@transaction.atomic
def file_report(
    *, exception_id: int, by: User, seen_version: int, content: ReportContent, submit: bool
) -> ExceptionReport:
    """Save an exception report as a draft or submit it to the ELT.

    Raises PermissionDenied, WrongState, and ValidationError by field; a draft may be incomplete.
    """
    report = _locked(exception_id)
    if not by.has_perm("governance.raise_report", report):
        raise PermissionDenied("Only its owner, its executive lead or the PMO reports this.")
    if not report.takes_report:
        raise WrongState(f"{report.label} is {report.state_words}.")
    if report.version != seen_version:
        raise StaleRecord(
            f"Somebody else saved {report.label} while you were writing. "
            "Compare with what is stored, then save again."
        )
    today = report.programme.today()
    _check_content(content, report=report, complete=submit)
    said = {"remedial_actions": said_actions(report)}
    save_actions(report, content.actions)
    changed = _store(report, content)
    changed |= audit.changed(said, {"remedial_actions": said_actions(report)})
    report.version = F("version") + 1
    if submit:
        changed["state"] = (report.state, ExceptionState.SUBMITTED)
        report.state = ExceptionState.SUBMITTED
        report.submitted_by, report.submitted_date = by, today
    audit.record(
        actor=by,
        action="exception.submitted" if submit else "exception.drafted",
        target=report,
        changes=changed,
    )
    report.save()
    report.authors.add(by)
    report.refresh_from_db()
    return report


def _store(report: ExceptionReport, content: ReportContent) -> dict[str, audit.Change]:
    """Take over what was typed; give each field that changed, from and to, for the journal."""
    typed = {name: getattr(content, name) for name in STORED}
    changed = audit.changed({name: getattr(report, name) for name in STORED}, typed)
    for name, value in typed.items():
        setattr(report, name, value)
    return changed


def _check_content(content: ReportContent, *, report: ExceptionReport, complete: bool) -> None:
    errors: dict[str, str] = {}
    today = report.programme.today()
    if content.recovery_date and content.recovery_date < today:
        errors["recovery_date"] = "Recovery date must be today or later"
    problem = actions_problem(report.programme, content.actions, known=due_dates(report))
    errors |= {"actions": problem} if problem else {}
    if content.risk and not linkable_risks(report).filter(pk=content.risk.pk).exists():
        errors["risk"] = "Choose an open risk of this programme"
    if complete:
        wanted = {
            "cause": "Enter the cause",
            "consequence": "Enter the consequence",
            "delivery_impact": "Enter the delivery impact: patients, CQC actions, dependants, cost",
            "recovery_date": "Enter the date by which it will be back on plan",
        }
        errors |= {
            name: text
            for name, text in wanted.items()
            if not str(getattr(content, name) or "").strip()
        }
        done = report.remedial_actions.filter(done_date__isnull=False)
        if not content.actions and not done.exists():
            errors["actions"] = "Enter at least one remedial action with its owner and due date"
    if errors:
        raise ValidationError(errors)


def linkable_risks(report: ExceptionReport) -> RiskQuerySet:
    """Give the programme's open risks, and the one linked already even if it is closed by now."""
    risks = Risk.objects.filter(programme=report.programme)
    return (risks.open() | risks.filter(pk=report.risk_id or 0)).order_by("number")


def _locked(exception_id: int) -> ExceptionReport:
    reports = ExceptionReport.objects.select_for_update(of=("self",)).with_subject()
    return reports.get(pk=exception_id)
