"""What of a snapshot the public extract may show: what is named here, and nothing else.

No drafts, no requests on their way, no words of owners, and no names but those of the leads.
"""

from collections.abc import Iterable
from typing import Any

WHOLE = (
    "schema",
    "programme",
    "month",
    "month_name",
    "version",
    "as_of",
    "as_of_text",
    "illustrative",
    "illustrative_note",
    "previous",
    "rules",
    "key",
    "summary",
    "journal",
)
WORKSTREAM = ("code", "name", "executive_lead", "executive_role", "total", "counts", "worst")
PROJECT = ("code", "name", "aim", "lead", "worst", "counts")
MILESTONE = (
    "reference",
    "title",
    "baseline",
    "planned",
    "forecast",
    "completed",
    "rating",
    "late_days",
    "late_baseline_days",
    "illustrative",
)
INDICATOR = (
    "reference",
    "name",
    "unit",
    "month_name",
    "value",
    "trajectory",
    "attainment",
    "target",
    "rating",
    "variation",
    "assurance",
    "progress",
    "figures",
    "svg",
    "alt",
    "illustrative",
)


# Of the words explained, those of acts that the extract does not show stay out.
NOT_EXPLAINED = ("Exception report", "Chair’s action")


def public_extract(content: dict[str, Any]) -> dict[str, Any]:
    """Give the part of a snapshot's content that the public may see."""
    return {
        **_only(content, WHOLE),
        "definitions": [
            row for row in content.get("definitions") or [] if row.get("term") not in NOT_EXPLAINED
        ],
        "workstreams": [_workstream(row) for row in content.get("workstreams") or []],
    }


def public_commentary(commentary: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Give the accepted words without the name of who accepted them."""
    return {section: {**said, "by": ""} for section, said in commentary.items()}


def _workstream(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **_only(row, WORKSTREAM),
        "projects": [
            {
                **_only(project, PROJECT),
                "milestones": [_only(each, MILESTONE) for each in project.get("milestones") or []],
            }
            for project in row.get("projects") or []
        ],
        "indicators": [_indicator(each) for each in row.get("indicators") or []],
    }


def _indicator(row: dict[str, Any]) -> dict[str, Any]:
    # The reading of a narrative indicator is its owner's own words.
    reading = "" if row.get("narrative") else row.get("reading", "")
    return {**_only(row, INDICATOR), "reading": reading}


def _only(row: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}
