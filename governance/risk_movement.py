"""How the register moved since a day, and how it stood on one: told from the kept changes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import User
from governance.models import Risk, RiskChange
from governance.risk_writing import LINKS, restored
from workstreams.models import Programme

SCORE = ("current_likelihood", "current_impact")


@dataclass(frozen=True)
class Movement:
    """The score of a risk now, and on an earlier day (None: it was not on the register yet)."""

    risk: Risk
    before: int | None

    @property
    def now(self) -> int:
        return self.risk.current_score

    @property
    def direction(self) -> str:
        """Give "new", "up", "down" or, when it stayed, ""."""
        if self.before is None:
            return "new"
        if self.now == self.before:
            return ""
        return "up" if self.now > self.before else "down"

    @property
    def words(self) -> str:
        """Give the movement for the row of a list: "up from 12", "new", or nothing."""
        if self.direction in ("", "new"):
            return self.direction
        return f"{self.direction} from {self.before}"


def movements(risks: Iterable[Risk], *, since: date) -> dict[int, Movement]:
    """Give how each risk moved after a day, by its id; one query."""
    shown = list(risks)
    changes = RiskChange.objects.filter(
        risk__in=[risk.pk for risk in shown], field__in=SCORE, made_date__gt=since
    )
    earliest: dict[tuple[int, str], Any] = {}
    for change in changes.order_by("version", "pk"):
        earliest.setdefault((change.risk_id, change.field), change.old_value)
    moved = {}
    for risk in shown:
        likelihood, impact = (earliest.get((risk.pk, name), getattr(risk, name)) for name in SCORE)
        before = None if risk.raised_date > since else likelihood * impact
        moved[risk.pk] = Movement(risk, before)
    return moved


@dataclass(frozen=True)
class RegisterMovement:
    """How a register moved since a day; without one (no month is frozen yet) it did not."""

    by_risk: dict[int, Movement]

    @property
    def moved(self) -> list[Movement]:
        """Give what moved: up, then new, then down, the worst of each first."""
        order = {"up": 0, "new": 1, "down": 2}
        shown = [each for each in self.by_risk.values() if each.direction]
        return sorted(shown, key=lambda each: (order[each.direction], -each.now, each.risk.number))

    def count(self, direction: str) -> int:
        return sum(each.direction == direction for each in self.by_risk.values())

    @property
    def words(self) -> str:
        """Give the counts as a sentence continues: "3 went up, 1 came down and 2 are new"."""
        up, down, new = self.count("up"), self.count("down"), self.count("new")
        said = [
            *([f"{up} went up"] if up else []),
            *([f"{down} came down"] if down else []),
            *([f"{new} {'is' if new == 1 else 'are'} new"] if new else []),
        ]
        return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def register_movement(risks: Iterable[Risk], *, since: date | None) -> RegisterMovement:
    """Give how open risks moved since a day; without a day, nothing did."""
    return RegisterMovement(movements(risks, since=since) if since else {})


def risks_as_at(programme: Programme, *, day: date, since: date | None = None) -> list[Risk]:
    """Give the register as it stood at the end of a day, the worst first; three queries.

    What was open, and with `since` also what was closed after that day. Nothing of it may be
    saved: the objects hold old values. Links to milestones and indicators are today's.
    """
    risks = Risk.objects.filter(programme=programme, raised_date__lte=day).with_subject()
    changes = RiskChange.objects.filter(risk__programme=programme, made_date__gt=day)
    later: dict[int, list[RiskChange]] = defaultdict(list)
    for change in changes.order_by("-version", "-pk"):
        later[change.risk_id].append(change)
    known = [_taken_back(risk, later[risk.pk]) for risk in risks]
    people = User.objects.in_bulk({risk.owner_id for risk in known})
    for risk in known:
        risk.owner = people[risk.owner_id]
    kept = [risk for risk in known if risk.is_open or _is_after(risk.closed_date, since)]
    return sorted(kept, key=lambda risk: (-risk.current_score, -risk.current_impact, risk.number))


def _taken_back(risk: Risk, changes: Iterable[RiskChange]) -> Risk:
    for change in changes:
        is_column = change.field not in LINKS and hasattr(risk, change.field)
        if is_column:
            setattr(risk, change.field, restored(change.field, change.old_value))
    return risk


def _is_after(closed: date | None, since: date | None) -> bool:
    return bool(closed and since and closed > since)
