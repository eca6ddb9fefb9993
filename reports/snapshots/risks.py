"""Risks and issues as they stood on the month's day, and how they moved since the last one."""

from datetime import date
from typing import Any

from governance.models import BAND_SCORES, Risk, RiskBand, RiskKind
from governance.risk_movement import Movement, RegisterMovement, register_movement, risks_as_at
from reports.snapshots.texts import shown
from workstreams.dates import long_day
from workstreams.models import ReportingMonth


def risks_content(
    month: ReportingMonth, *, as_of: date, previous: dict[str, Any] | None
) -> dict[str, Any]:
    """Give the register of a day: what was open, and what closed since the last month's day."""
    since = date.fromisoformat(previous["as_of"]) if previous else None
    register = risks_as_at(month.programme, day=as_of, since=since)
    standing = [risk for risk in register if risk.is_open]
    movement = register_movement(standing, since=since)
    rows = [risk_content(risk, movement, as_of=as_of) for risk in standing]
    return {
        "lead": _lead(standing, movement, since),
        "since": long_day(since) if since else "",
        "bands": [
            {"code": band.value, "word": band.label, "lowest": lowest, "highest": highest}
            for band, (lowest, highest) in BAND_SCORES.items()
        ],
        "risks": [row for row in rows if row["kind"] == RiskKind.RISK],
        "issues": [row for row in rows if row["kind"] == RiskKind.ISSUE],
        "closed": [
            {
                "number": risk.label,
                "title": risk.title,
                "closed": shown(risk.closed_date),
                "because": risk.closed_because,
            }
            for risk in register
            if not risk.is_open
        ],
    }


def risk_content(risk: Risk, movement: RegisterMovement, *, as_of: date) -> dict[str, Any]:
    """Give a risk or issue with its scores and how it moved since the last month."""
    moved: Movement | None = movement.by_risk.get(risk.pk)
    return {
        "number": risk.label,
        "kind": risk.kind,
        "title": risk.title,
        "belongs_to": risk.belongs_to,
        "level": risk.get_level_display(),
        "owner": str(risk.owner),
        "likelihood": risk.current_likelihood,
        "impact": risk.current_impact,
        "score": risk.current_score,
        "band": risk.current_band.value,
        "inherent_score": risk.inherent_score,
        "target_score": risk.target_score,
        "response": risk.get_response_display(),
        "response_text": risk.response_text,
        "review": shown(risk.review_date),
        "review_overdue": risk.is_review_overdue(on=as_of),
        "direction": moved.direction if moved else "",
        "movement": moved.words if moved else "",
    }


def _lead(standing: list[Risk], movement: RegisterMovement, since: date | None) -> str:
    risks = [risk for risk in standing if not risk.is_issue]
    extreme = sum(risk.current_band == RiskBand.EXTREME for risk in risks)
    issues = len(standing) - len(risks)
    lowest = BAND_SCORES[RiskBand.EXTREME][0]
    said = (
        f"{extreme} of {_number(len(risks), 'open risk')} "
        f"{'scores' if extreme == 1 else 'score'} {lowest} or more, and "
        f"{_number(issues, 'issue')} {'is' if issues == 1 else 'are'} open."
    )
    if movement.words and since:
        said += f" Since {long_day(since)}, {movement.words}."
    return said


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
