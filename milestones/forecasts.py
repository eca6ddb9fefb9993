"""How often and how far a milestone's forecast moved, from the record of its changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from milestones.models import FieldChange, Milestone
from milestones.writing import restored

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class ForecastMoves:
    """How often a forecast moved, and by how many days in all, from the first one to the last."""

    count: int = 0
    days: int = 0

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def text(self) -> str:
        """The line for the milestone's page, "moved 4 times, +63 days"; empty if it never moved."""
        if not self.count:
            return ""
        times = "once" if self.count == 1 else f"{self.count} times"
        return f"moved {times}, {self._days}"

    @property
    def short_text(self) -> str:
        """The same for a list, "4 moves, +63 days"; empty if it never moved."""
        if not self.count:
            return ""
        noun = "move" if self.count == 1 else "moves"
        return f"{self.count}{NO_BREAK_SPACE}{noun}, {self._days}"

    @property
    def _days(self) -> str:
        if not self.days:
            return "back to the first"
        noun = "day" if abs(self.days) == 1 else "days"
        return f"{'+' if self.days > 0 else MINUS}{abs(self.days)}{NO_BREAK_SPACE}{noun}"


def moves_of(
    milestones: Iterable[Milestone], *, until: date | None = None
) -> dict[int, ForecastMoves]:
    """Give the moves of each milestone whose forecast moved, by its id. One query.

    With a day `until`, the moves made up to and on that day.
    """
    listed = [milestone.pk for milestone in milestones]
    changes = FieldChange.objects.filter(milestone__in=listed, field="forecast_date")
    if until:
        changes = changes.filter(made_date__lte=until)
    values: dict[int, list[Any]] = {}
    for pk, old, new in changes.order_by("version", "pk").values_list(
        "milestone_id", "old_value", "new_value"
    ):
        # Before the first change on record stood its old value: it may have come with the plan.
        values.setdefault(pk, [old]).append(new)
    counted = {pk: moves_between(map(_day, history)) for pk, history in values.items()}
    return {pk: moves for pk, moves in counted.items() if moves}


def moves_between(forecasts: Iterable[date | None]) -> ForecastMoves:
    """Count the moves in a forecast's values, the oldest first.

    The first forecast given is no move, and neither is taking it away: only another day is.
    """
    known = [day for day in forecasts if day]
    moved = sum(before != after for before, after in pairwise(known))
    return ForecastMoves(moved, (known[-1] - known[0]).days if known else 0)


def _day(value: Any) -> date | None:
    day: date | None = restored("forecast_date", value)
    return day
