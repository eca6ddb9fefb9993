"""The fields that one act changed, in words, as a milestone's timeline gives them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import User
from milestones.models import FieldChange, Milestone, MilestoneStatus
from milestones.writing import restored
from workstreams.dates import DatePrecision, show_date
from workstreams.models import Enabler, Project

# In the order in which an entry gives them. What is not named here is told in other words: a
# date's precision with its date, a reopening in the entry's title, a place in the list not at all.
LABELS = {
    "title": "Title",
    "status": "Status",
    "completed_date": "Completed date",
    "forecast_date": "Forecast",
    "planned_date": "Planned date",
    "baseline_date": "Baseline",
    "planned_start_date": "Planned start",
    "stated_date": "Date in the plan file",
    "lead_director_id": "Lead director",
    "local_owner_id": "Local owner",
    "lead_role": "Role of the lead",
    "project_id": "Project",
    "enabler_id": "Enabler",
    "note": "Note",
    "quantity": "Quantity",
    "unit": "Unit",
    "source_lines": "Lines of the plan",
}
PRECISIONS = {
    "planned_date": "planned_precision",
    "baseline_date": "baseline_precision",
    "completed_date": "completed_precision",
}
MODELS = {
    "lead_director_id": User,
    "local_owner_id": User,
    "project_id": Project,
    "enabler_id": Enabler,
}
State = Mapping[str, Any]
Names = Mapping[tuple[type[Any], int], str]


@dataclass(frozen=True)
class FieldLine:
    """One field that changed; an empty text stands for no value."""

    label: str
    before: str
    after: str
    days: int | None = None

    @property
    def text(self) -> str:
        """In words: "Forecast from 30 Apr 2016 to 30 Jun 2016, 61 days later"."""
        if not self.before:
            return f"{self.label} set to {self.after}"
        if not self.after:
            return f"{self.label} removed; it was {self.before}"
        return f"{self.label} from {self.before} to {self.after}{self._moved}"

    @property
    def _moved(self) -> str:
        if not self.days:
            return ""
        noun = "day" if abs(self.days) == 1 else "days"
        return f", {abs(self.days)} {noun} {'later' if self.days > 0 else 'earlier'}"


def names_in(changes: Iterable[FieldChange]) -> Names:
    """Give the names of everything that changed foreign keys point to: one query per model."""
    wanted: dict[type[Any], set[int]] = {}
    for change in changes:
        if change.field in MODELS:
            both = (change.old_value, change.new_value)
            known = {value for value in both if value is not None}
            wanted.setdefault(MODELS[change.field], set()).update(known)
    return {
        (model, pk): str(row)
        for model, ids in wanted.items()
        for pk, row in model.objects.in_bulk(ids).items()
    }


def state_of(milestone: Milestone) -> State:
    """Give the values of all fields of a milestone, by their column."""
    return {
        field.attname: getattr(milestone, field.attname)
        for field in milestone._meta.concrete_fields
    }


def values(changes: Iterable[FieldChange], which: str) -> State:
    """Give the `old_value` or the `new_value` of each changed field as the milestone holds it."""
    return {each.field: restored(each.field, getattr(each, which)) for each in changes}


def lines_of(
    changed: Collection[str], *, before: State, after: State, names: Names
) -> list[FieldLine]:
    """Put the changed fields of one act into words; the states are those around it."""
    return [
        FieldLine(
            label,
            _shown(name, before, names),
            _shown(name, after, names),
            _days(before[name], after[name]),
        )
        for name, label in LABELS.items()
        if name in changed or PRECISIONS.get(name) in changed
    ]


def _shown(name: str, state: State, names: Names) -> str:
    value = state[name]
    if value in (None, ""):
        return ""
    if name in MODELS:
        return names.get((MODELS[name], value), f"number {value}")
    if name == "status":
        return MilestoneStatus(value).label
    if isinstance(value, date):
        precision = state.get(PRECISIONS.get(name, "")) or DatePrecision.DAY
        return show_date(value, precision)
    return str(value)


def _days(before: Any, after: Any) -> int | None:
    both = isinstance(before, date) and isinstance(after, date)
    return (after - before).days if both else None
