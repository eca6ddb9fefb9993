"""First words for a month's commentary, made from its figures alone; a person edits them."""

from typing import Any

from reports.changes import milestones_of
from reports.commentary import SUMMARY

MOST_NAMED = 3


def draft_for(content: dict[str, Any], section: str) -> str:
    """Draft the commentary of a section from a snapshot's content; "" for one it does not hold."""
    if section == SUMMARY:
        return "\n\n".join(part for part in _summary(content) if part)
    for workstream in content["workstreams"]:
        if workstream["code"] == section:
            return "\n\n".join(part for part in _workstream(content, workstream) if part)
    return ""


def _summary(content: dict[str, Any]) -> list[str]:
    summary, month = content["summary"], content["month_name"]
    due = len(summary["due_this_month"])
    counts = summary["performance_counts"]
    # The pack prints the summary's lead above these words.
    return [
        f"{summary['delivered']} of {_number(due, 'milestone')} due in {month} "
        f"{_was(summary['delivered'])} delivered."
        if due
        else "",
        _changed(content, [change["kind"] for change in summary["changes"]]),
        _behind(list(milestones_of(content))),
        _indicators(counts, sum(counts.values())),
    ]


def _workstream(content: dict[str, Any], workstream: dict[str, Any]) -> list[str]:
    milestones = [row for project in workstream["projects"] for row in project["milestones"]]
    references = {row["reference"] for row in milestones}
    changes = [
        change["kind"]
        for change in content["summary"]["changes"]
        if change["reference"] in references
    ]
    counts: dict[str, int] = {}
    for indicator in workstream["indicators"]:
        counts[indicator["rating"]] = counts.get(indicator["rating"], 0) + 1
    below = [row for row in workstream["indicators"] if row["rating"] == "below"]
    return [
        _changed(content, changes),
        _behind(milestones),
        _indicators(counts, len(workstream["indicators"])),
        f"Below trajectory: {_named(below, 'name')}." if below else "",
    ]


CHANGED = {
    "completed": "completed",
    "slipped": "slipped",
    "moved": "moved by change request",
    "added": "added",
    "withdrawn": "withdrawn",
}


def _changed(content: dict[str, Any], kinds: list[str]) -> str:
    if not content.get("previous"):
        return ""
    since = f"Since {content['previous']['month_name']}"
    counted = [(kinds.count(kind), words) for kind, words in CHANGED.items() if kinds.count(kind)]
    if not counted:
        return f"{since}, no milestone has changed."
    (first, words), *others = counted
    told = [f"{_number(first, 'milestone')} {words}"]
    return f"{since}: {', '.join([*told, *(f'{count} {words}' for count, words in others)])}."


def _behind(milestones: list[dict[str, Any]]) -> str:
    late = [row for row in milestones if row["rating"] in ("at_risk", "delayed")]
    worst = sorted(late, key=lambda row: -(row["late_days"] or 0))[:MOST_NAMED]
    named = [
        f"{row['reference']} {row['title']} ({_number(row['late_days'] or 0, 'day')} late)"
        for row in worst
    ]
    return f"Furthest behind: {'; '.join(named)}." if named else ""


def _indicators(counts: dict[str, int], total: int) -> str:
    if not total:
        return ""
    return (
        f"{counts.get('met', 0)} of {_number(total, 'indicator')} met, "
        f"{counts.get('near', 0)} near and {counts.get('below', 0)} below trajectory."
    )


def _named(rows: list[dict[str, Any]], key: str) -> str:
    shown = "; ".join(f"{row['reference']} {row[key]}" for row in rows[:MOST_NAMED])
    more = len(rows) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
