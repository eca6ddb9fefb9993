"""The way of a change request from its author to the decision, for its page."""

from dataclasses import dataclass
from datetime import date

from accounts.models import User
from governance.models import ChangeRequest, ChangeRequestState, Decision

# The stage that somebody has to act on, by the request's state.
CURRENT = {
    ChangeRequestState.DRAFT: "Submitted",
    ChangeRequestState.RETURNED: "Submitted",
    ChangeRequestState.SUBMITTED: "Endorsed",
    ChangeRequestState.ENDORSED: "Checked",
    ChangeRequestState.CHECKED: "Decided",
}


@dataclass(frozen=True)
class Stage:
    """One step: who did it and when, or who is to do it."""

    name: str
    who: str
    when: date | None
    is_done: bool
    is_current: bool


def stages(request: ChangeRequest, decision: Decision | None) -> list[Stage]:
    """Give the four steps of a request; `decision` is the latest made on it, if any."""
    current = CURRENT.get(ChangeRequestState(request.state), "")
    is_decided = decision is not None and request.state in (
        ChangeRequestState.APPROVED,
        ChangeRequestState.REJECTED,
    )
    lead = request.workstream.executive_lead if request.workstream else None
    return [
        _stage("Submitted", request.raised_by, request.raised_date, "", current=current),
        _stage(
            "Endorsed",
            request.endorsed_by,
            request.endorsed_date,
            f"by {lead}" if lead else "by the executive lead",
            current=current,
        ),
        _stage("Checked", request.checked_by, request.checked_date, "by the PMO", current=current),
        _stage(
            "Decided",
            decision.decided_by if decision and is_decided else None,
            decision.decided_date if decision and is_decided else None,
            "by the ELT",
            current=current,
        ),
    ]


def waits_for(request: ChangeRequest) -> str:
    """Say who acts next on a request that is on its way; "" for any other."""
    match request.state:
        case ChangeRequestState.SUBMITTED:
            workstream = request.workstream
            lead = f"executive lead of {workstream.code}" if workstream else "executive lead"
            return f"Waits for the {lead} to endorse it."
        case ChangeRequestState.ENDORSED:
            return "Waits for the PMO to check it."
        case ChangeRequestState.CHECKED:
            return "Waits for the ELT to decide."
    return ""


def _stage(name: str, by: User | None, when: date | None, awaited: str, *, current: str) -> Stage:
    is_current = name == current
    is_done = by is not None and not is_current
    return Stage(name, str(by) if by else awaited, when, is_done, is_current)
