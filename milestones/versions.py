"""What a form of an earlier version was made from, and how it is saved on a later one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from milestones.merging import merge
from milestones.models import FieldChange, Milestone, MilestoneUpdate
from milestones.writing import Conflict, StaleVersion, restored

# Kept on the update alone, not on the milestone.
WORDS = ("owner_view", "narrative")
POSITION_DATES = ("status", "forecast_date", "completed_date")
PEOPLE = ("lead_director", "local_owner")
PLAN = ("title", *PEOPLE, "planned_date", "planned_precision")
LINKED = (("status", "completed_date"), ("planned_date", "planned_precision"))
UNKNOWN_VERSION = (
    "This page does not say which version of the milestone it shows. "
    "Open the milestone again and repeat your change."
)


@dataclass(frozen=True)
class Writer:
    """Who changed a field last, since a version; nobody (None) is a job or the plan file."""

    by: User | None
    at: datetime
    on: date


@dataclass(frozen=True)
class Since:
    """A milestone's fields at the version that somebody saw and now, and who changed which."""

    base: dict[str, Any]
    theirs: dict[str, Any]
    writers: dict[str, Writer]


def check_version(milestone: Milestone, seen_version: int) -> None:
    """Raise ValidationError, with a sentence, for a version that the milestone never had."""
    if not 1 <= seen_version <= milestone.version:
        raise ValidationError(UNKNOWN_VERSION, code="unknown_version")


def plan_since(milestone: Milestone, version: int) -> Since:
    """Give the plan's fields at a version and now. One query."""
    return _fields_since(milestone, version, PLAN)


def position_since(milestone: Milestone, version: int) -> Since:
    """Give an owner's position at a version and now. Two queries.

    The owner's view and the narrative are those of the update in force.
    """
    since = _fields_since(milestone, version, POSITION_DATES)
    updates = milestone.updates.select_related("made_by").order_by("version", "made_at", "pk")
    for name in WORDS:
        base = theirs = ""
        for update in updates:
            value = getattr(update, name)
            if update.version <= version:
                base = value
            elif value != theirs:
                since.writers[name] = _writer(update)
            theirs = value
        since.base[name], since.theirs[name] = base, theirs
    return since


def _fields_since(milestone: Milestone, version: int, names: tuple[str, ...]) -> Since:
    theirs = {name: getattr(milestone, name) for name in names}
    since = Since(base=dict(theirs), theirs=theirs, writers={})
    # A change of a person is on record under the column's name, with the person's id.
    columns = {f"{name}_id" if name in PEOPLE else name: name for name in names}
    changes = milestone.changes.filter(version__gt=version, field__in=columns)
    for change in changes.select_related("made_by").order_by("-version"):
        name = columns[change.field]
        old = restored(change.field, change.old_value)
        since.base[name] = User(pk=old) if old and name in PEOPLE else old
        since.writers.setdefault(name, _writer(change))
    return since


def _writer(row: FieldChange | MilestoneUpdate) -> Writer:
    return Writer(by=row.made_by, at=row.made_at, on=row.made_date)


def reconcile(milestone: Milestone, since: Since, mine: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values to save when somebody types `mine` on what they saw.

    Raises StaleVersion, which holds each dispute, where another person changed the same field to
    something else.
    """
    linked = [group for group in LINKED if group[0] in mine]
    merged = merge(since.base, mine, since.theirs, linked=linked)
    if merged.conflicts:
        raise StaleVersion(
            milestone,
            conflicts=[_conflict(name, since, mine) for name in merged.conflicts],
            taken={name: since.theirs[name] for name in merged.taken},
        )
    return merged.values


def _conflict(name: str, since: Since, mine: Mapping[str, Any]) -> Conflict:
    group = next((group for group in LINKED if name in group), (name,))
    # Of linked fields, the one in dispute may be the one that they left as it was.
    writer = next(since.writers[each] for each in (name, *group) if each in since.writers)
    return Conflict(
        field=name,
        mine=mine[name],
        theirs=since.theirs[name],
        by=writer.by,
        at=writer.at,
        on=writer.on,
    )
