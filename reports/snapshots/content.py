"""The content of a snapshot: everything that a pack shows, as canonical JSON with its SHA-256."""

import hashlib
import json
from datetime import date
from typing import Any

from accounts import audit
from milestones.rating import DeliveryRating
from reports import wording
from reports.audiences import audience_content
from reports.changes import changes_between
from reports.figures import MilestoneLine, ProgrammeFigures, programme_figures
from reports.rendering import SCHEMA
from reports.snapshots.cqc import cqc_states_content
from reports.snapshots.governance import change_requests_content, exceptions_content
from reports.snapshots.indicators import icon_key
from reports.snapshots.plan import counts_of, milestone_content, workstream_content
from reports.snapshots.quality import quality_content
from reports.snapshots.risks import risks_content
from workstreams.calendar import next_month
from workstreams.dates import long_day
from workstreams.models import ReportingMonth

ONE_DAY = date.resolution


def canonical(content: dict[str, Any]) -> str:
    """Give the one way of writing a content as text, so that equal contents have equal hashes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(text: str) -> str:
    """Give the SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def build_content(
    month: ReportingMonth,
    *,
    as_of: date,
    version: int,
    previous: dict[str, Any] | None,
    with_charts: bool = True,
) -> dict[str, Any]:
    """Read everything that the packs of a month show. Call it inside one transaction.

    `previous` is the content of the last month's snapshot, against which changes are told.
    Without charts it is read much faster, and no pack can be made from it.
    """
    programme = month.programme
    figures = programme_figures(programme, as_of=as_of, month=month.month)
    content = {
        "schema": SCHEMA,
        "programme": {
            "slug": programme.slug,
            "name": programme.name,
            "organisation": programme.organisation,
        },
        "month": str(month),
        "month_name": month.name,
        "version": version,
        "as_of": as_of.isoformat(),
        "as_of_text": long_day(as_of),
        "illustrative": programme.is_demonstration,
        "illustrative_note": wording.ILLUSTRATIVE_NOTE if programme.is_demonstration else "",
        "rules": {
            "tolerance_days": programme.tolerance_days,
            "met_threshold": programme.met_threshold,
            "near_threshold": programme.near_threshold,
        },
        "key": {
            "delivery": wording.delivery_key(programme),
            "performance": wording.performance_key(programme),
            **icon_key(),
        },
        "workstreams": [
            workstream_content(row, with_charts=with_charts) for row in figures.workstreams
        ],
        "programme_milestones": [milestone_content(line) for line in figures.without_project],
        "exceptions": exceptions_content(month, as_of=as_of),
        "change_requests": change_requests_content(month, since=_last_as_of(previous)),
        "risks": risks_content(month, as_of=as_of, previous=previous),
        "cqc_states": cqc_states_content(programme),
        "definitions": wording.definitions(programme),
        "data_quality": quality_content(figures),
        "audiences": [audience_content(row) for row in programme.audiences.in_order()],
        "journal": _journal(),
    }
    content["previous"] = previous and {
        "month_name": previous["month_name"],
        "version": previous["version"],
    }
    content["summary"] = _summary(figures, content, previous)
    return content


def _journal() -> dict[str, Any]:
    entries, newest = audit.head()
    return {"entries": entries, "head": newest}


def _last_as_of(previous: dict[str, Any] | None) -> date | None:
    return date.fromisoformat(previous["as_of"]) if previous else None


def _summary(
    figures: ProgrammeFigures, content: dict[str, Any], previous: dict[str, Any] | None
) -> dict[str, Any]:
    last = next_month(figures.month) - ONE_DAY
    due = [
        line
        for line in figures.counted
        if line.milestone.planned_date and figures.month <= line.milestone.planned_date <= last
    ]
    return {
        "lead": wording.lead_sentence(figures),
        "total": figures.total,
        "counts": counts_of(figures),
        "performance_counts": {
            rating.value: count for rating, count in figures.performance_counts.items()
        },
        "due_this_month": [
            {
                "reference": line.milestone.reference,
                "title": line.milestone.title,
                "planned": line.milestone.planned_text,
                "rating": line.rating.value,
                "outcome": _outcome(line),
            }
            for line in due
        ],
        "delivered": sum(line.rating == DeliveryRating.COMPLETE for line in due),
        "changes": changes_between(previous, content) if previous else [],
    }


def _outcome(line: MilestoneLine) -> str:
    if line.rating == DeliveryRating.COMPLETE:
        return f"Completed {line.milestone.completed_text}"
    if line.milestone.forecast_date:
        return f"Forecast {line.milestone.forecast_text}"
    return "Not completed"
