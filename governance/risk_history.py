"""The history of a risk in words: each act with what it changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from accounts.models import User
from governance.models import Risk, RiskChange, RiskLevel, RiskResponse, band
from governance.risk_writing import REVIEWED, restored
from workstreams.dates import long_day, short_day

LABELS = {
    "level": "Level",
    "title": "Title",
    "cause": "Cause",
    "effect": "Effect",
    "owner_id": "Owner",
    "response": "Response",
    "response_text": "What is done about it",
    "review_date": "Next review",
    "milestones": "Milestones",
    "indicators": "Indicators",
}
SCORES = {"inherent": "Inherent score", "current": "Current score", "target": "Target score"}
# Told whole by the sentence of their act.
UNTOLD = ("happened_as_id", "closed_date", "closed_because", REVIEWED)
LONGEST_SHOWN = 120


@dataclass(frozen=True)
class Entry:
    """One act on a risk, as the timeline component takes it."""

    text: str
    note: str
    who: str
    when: str


def history_of(risk: Risk, *, since_version: int = 0) -> list[Entry]:
    """Give what happened to a risk after a version, newest first; three queries."""
    changes = list(
        risk.changes.filter(version__gt=since_version)
        .select_related("made_by")
        .order_by("version", "pk")
    )
    names = _names(changes)
    values = _scores_before(risk, changes)
    entries = []
    for _, group in groupby(changes, key=lambda change: change.version):
        act = list(group)
        entries.append(_entry(risk, act, names, values))
    if not since_version:
        raised = f"{'Issue' if risk.is_issue else 'Risk'} recorded"
        who, when = str(risk.raised_by), long_day(risk.raised_date)
        entries.insert(0, Entry(raised, "", who, when))
    return entries[::-1]


def shown(field: str, value: Any, names: Mapping[int, str]) -> str:
    """Give a kept value in words."""
    if value in (None, "", [], ()):
        return "nothing"
    if field == "owner_id":
        return names.get(value, "somebody")
    if field == "level":
        return str(RiskLevel(value).label)
    if field == "response":
        return str(RiskResponse(value).label)
    plain = restored(field, value)
    if isinstance(plain, date):
        return short_day(plain)
    if isinstance(plain, tuple):
        return ", ".join(plain)
    text = str(plain)
    return f"“{text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + '…'}”"


def _names(changes: Iterable[RiskChange]) -> dict[int, str]:
    ids = {
        value
        for change in changes
        if change.field == "owner_id"
        for value in (change.old_value, change.new_value)
    }
    return {pk: str(person) for pk, person in User.objects.in_bulk(ids).items()} if ids else {}


def _scores_before(risk: Risk, changes: Iterable[RiskChange]) -> dict[str, Any]:
    """Give likelihoods and impacts as they were before all these changes."""
    values = {
        f"{name}_{part}": getattr(risk, f"{name}_{part}")
        for name in SCORES
        for part in ("likelihood", "impact")
    }
    for change in reversed(list(changes)):
        if change.field in values:
            values[change.field] = change.old_value
    return values


def _entry(
    risk: Risk, act: list[RiskChange], names: Mapping[int, str], values: dict[str, Any]
) -> Entry:
    """Put one act into words; `values` moves on to the scores after it."""
    old = dict(values)
    values.update((each.field, each.new_value) for each in act if each.field in values)
    lines = [
        f"{label}: {_score(old, name)} to {_score(values, name)}"
        for name, label in SCORES.items()
        if _score(old, name) != _score(values, name)
    ]
    lines += [
        f"{LABELS[each.field]}: {shown(each.field, each.old_value, names)} to "
        f"{shown(each.field, each.new_value, names)}"
        for each in act
        if each.field in LABELS
    ]
    reason = act[0].reason
    note = "\n".join([*lines, *([reason] if reason else [])])
    return Entry(_sentence(risk, act), note, str(act[0].made_by), long_day(act[0].made_date))


def _sentence(risk: Risk, act: list[RiskChange]) -> str:
    by_field = {each.field: each for each in act}
    if "happened_as_id" in by_field:
        return f"Happened: became {risk.happened_as.label}" if risk.happened_as else "Happened"
    if "closed_date" in by_field:
        return "Closed" if by_field["closed_date"].new_value else "Reopened"
    if "level" in by_field:
        level: Any = by_field["level"].new_value
        return f"Promoted to {RiskLevel(level).label.lower()} level"
    return "Reviewed" if REVIEWED in by_field else "Changed"


def _score(values: Mapping[str, int], name: str) -> str:
    likelihood, impact = values[f"{name}_likelihood"], values[f"{name}_impact"]
    score = likelihood * impact
    return f"{score} {band(score).label.lower()} ({likelihood} × {impact})"
