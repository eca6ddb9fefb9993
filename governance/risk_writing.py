"""The one way to change a risk: under lock, against the version seen, each field on record."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from governance.errors import StaleRecord
from governance.models import Risk, RiskChange

DATES = ("review_date", "closed_date")
LINKS = ("milestones", "indicators")
# What is kept of each change, by the names of its columns; links are kept as references.
FIELDS = (
    "level",
    "title",
    "cause",
    "effect",
    "inherent_likelihood",
    "inherent_impact",
    "current_likelihood",
    "current_impact",
    "target_likelihood",
    "target_impact",
    "owner_id",
    "response",
    "response_text",
    "review_date",
    "happened_as_id",
    "closed_date",
    "closed_because",
    *LINKS,
)
# No field: that somebody looked at it, whether or not anything changed.
REVIEWED = "reviewed"


def locked(risk_id: int) -> Risk:
    """Give the risk as it is now, locked until the transaction ends."""
    return Risk.objects.select_for_update(of=("self",)).with_subject().get(pk=risk_id)


def values_of(risk: Risk) -> dict[str, Any]:
    """Give the values of all fields of a risk; its links as references, in two queries."""
    values = {name: getattr(risk, name) for name in FIELDS if name not in LINKS}
    for name in LINKS:
        references = getattr(risk, name).order_by("reference")
        values[name] = tuple(references.values_list("reference", flat=True))
    return values


def values_at(risk: Risk, version: int) -> dict[str, Any]:
    """Give the values that a risk had at one of its versions."""
    newer = risk.changes.filter(version__gt=version).order_by("-version", "pk")
    return undone(values_of(risk), newer)


def undone(values: Mapping[str, Any], changes: Iterable[RiskChange]) -> dict[str, Any]:
    """Take changes back, the newest first."""
    before = dict(values)
    for change in changes:
        if change.field in before:
            before[change.field] = restored(change.field, change.old_value)
    return before


def restored(field: str, value: Any) -> Any:
    """Give a recorded value as ``values_of`` gives it."""
    if field in LINKS:
        return tuple(value)
    return date.fromisoformat(value) if value and field in DATES else value


def write(
    risk: Risk,
    *,
    seen_version: int,
    values: Mapping[str, Any],
    by: User,
    reason: str = "",
    is_review: bool = False,
) -> list[RiskChange]:
    """Set fields of a locked risk and record every one that changes; give the records.

    ``values`` are as ``values_of`` gives them. Nothing changed, nothing is written, unless it was
    a review. Raises StaleRecord when the risk moved since `seen_version`.
    """
    old = values_of(risk)
    new = {name: value for name, value in values.items() if value != old[name]}
    changed = [(name, old[name], value) for name, value in new.items()]
    if is_review:
        changed.append((REVIEWED, None, risk.programme.today()))
    columns = {name: value for name, value in new.items() if name not in LINKS}
    # The condition is the check: of two writers who saw the same version, one changes a row.
    rows = Risk.objects.filter(pk=risk.pk, version=seen_version)
    number = rows.update(version=F("version") + 1, **columns) if changed else rows.count()
    if not number:
        raise StaleRecord(f"Somebody else changed {risk.label} while you were writing.")
    for name in LINKS:
        if name in new:
            related = getattr(risk, name)
            related.set(
                related.model.objects.filter(programme=risk.programme, reference__in=new[name])
            )
    for name, value in columns.items():
        setattr(risk, name, value)
    risk.version = seen_version + bool(changed)
    return record(risk, changed, by=by, reason=reason)


def record(
    risk: Risk, changed: Iterable[tuple[str, Any, Any]], *, by: User, reason: str
) -> list[RiskChange]:
    """Keep changes of one act, each a field with its old and its new value."""
    at, today = timezone.now(), risk.programme.today()
    return RiskChange.objects.bulk_create(
        RiskChange(
            risk=risk,
            version=risk.version,
            field=name,
            old_value=_stored(old),
            new_value=_stored(new),
            made_by=by,
            made_date=today,
            made_at=at,
            reason=reason,
        )
        for name, old, new in changed
    )


def _stored(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value
