from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q

from metrics.models import Indicator
from metrics.numbers import plain
from workstreams.calendar import parse_month
from workstreams.dates import short_month, show_date


class ChangeKind(models.TextChoices):
    """What may be asked for: of a milestone, of an indicator, or of a project."""

    PLANNED_DATE = "planned_date", "Planned date"
    TITLE = "title", "Title"
    SCOPE = "scope", "Scope"
    WITHDRAWAL = "withdrawal", "Withdrawal"
    TRAJECTORY = "trajectory", "Trajectory"
    FINAL_TARGET = "final_target", "Final target"
    ADDITION = "addition", "New milestone"


IN_PLAN, WITHDRAWN = "in_plan", "withdrawn"
PLACE_WORDS = {IN_PLAN: "In the plan", WITHDRAWN: "Withdrawn, out of the counts"}


@dataclass(frozen=True)
class ChangeLine:
    """One field before and after, in words; an empty text stands for no value."""

    label: str
    old: str
    new: str
    difference: str = ""


def later(days: int | None) -> str:
    """A move in words: "58 days later", "1 day earlier", "no change"."""
    if not days:
        return "no change"
    noun = "day" if abs(days) == 1 else "days"
    return f"{abs(days)} {noun} {'later' if days > 0 else 'earlier'}"


class Change(models.Model):
    """One field that a change request asks to change: the value at submission, and the new one.

    The values' shape follows the kind (``governance.proposals`` writes them). Once it is applied,
    as part of the plan, the database itself refuses to change it.
    """

    request = models.ForeignKey(
        "governance.ChangeRequest", on_delete=models.PROTECT, related_name="changes"
    )
    kind = models.CharField(max_length=20, choices=ChangeKind)
    # What stood in the plan when it was asked for: the approval fails if it moved since.
    old_value = models.JSONField(null=True)
    new_value = models.JSONField()
    is_applied = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="change_kind_once_per_request", fields=["request", "kind"]
            ),
            models.CheckConstraint(
                name="change_changes_something", condition=~Q(new_value=F("old_value"))
            ),
            models.CheckConstraint(
                name="change_only_addition_has_no_old_value",
                condition=Q(kind=ChangeKind.ADDITION, old_value__isnull=True)
                | (~Q(kind=ChangeKind.ADDITION) & Q(old_value__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request.label} {self.get_kind_display()}"

    @property
    def old_date(self) -> date:
        """Of a planned date alone."""
        old: Any = self.old_value
        return date.fromisoformat(old["date"])

    @property
    def new_date(self) -> date:
        """Of a planned date and of a new milestone."""
        return date.fromisoformat(self.new_value["date"])

    @property
    def days_moved(self) -> int:
        """Of a planned date alone."""
        return (self.new_date - self.old_date).days

    @property
    def new_targets(self) -> dict[date, Decimal | None]:
        """Of a trajectory alone: the months that change; None takes a month out."""
        return {parse_month(month): figure(text) for month, text in self.new_value.items()}

    @property
    def asked(self) -> str:
        """What is asked for, to follow "is asked to"."""
        match ChangeKind(self.kind):
            case ChangeKind.PLANNED_DATE:
                return f"Move the planned date to {date_text(self.new_value)}"
            case ChangeKind.WITHDRAWAL:
                return "Withdraw the milestone"
            case ChangeKind.ADDITION:
                return f"Add the milestone ‘{self.new_value['title']}’"
            case ChangeKind.FINAL_TARGET:
                return f"Move the final target to {self.lines[0].new or 'none'}"
            case ChangeKind.TRAJECTORY:
                return "Move the trajectory"
            case _:
                return f"Change the {self.get_kind_display().lower()}"

    @property
    def lines(self) -> list[ChangeLine]:
        """What changes, old against new, one line for each field, or month of a trajectory."""
        label = self.get_kind_display()
        old: Any = self.old_value
        new: Any = self.new_value
        match ChangeKind(self.kind):
            case ChangeKind.PLANNED_DATE:
                words = later(self.days_moved)
                return [ChangeLine(label, date_text(old), date_text(new), words)]
            case ChangeKind.WITHDRAWAL:
                return [ChangeLine("Milestone", PLACE_WORDS[old], PLACE_WORDS[new])]
            case ChangeKind.TRAJECTORY:
                return [
                    self._figures(f"Target for {short_month(parse_month(month))}", old[month], text)
                    for month, text in new.items()
                ]
            case ChangeKind.FINAL_TARGET:
                return [self._figures(label, old, new)]
            case ChangeKind.ADDITION:
                return _added(new)
            case _:
                return [ChangeLine(label, old, new)]

    def _figures(self, label: str, old: str, new: str) -> ChangeLine:
        indicator = self.request.indicator
        assert isinstance(indicator, Indicator)
        before, after = figure(old), figure(new)
        difference = ""
        if before is not None and after is not None and not indicator.is_yes_no:
            way = "higher" if after > before else "lower"
            difference = f"{plain(abs(after - before))} {way}"
        return ChangeLine(label, indicator.show(before), indicator.show(after), difference)


def figure(text: str) -> Decimal | None:
    """Give a stored figure; the empty text stands for none."""
    return Decimal(text) if text else None


def date_text(value: dict[str, Any]) -> str:
    """A stored planned date as people read it."""
    return show_date(date.fromisoformat(value["date"]), value["precision"])


def _added(value: dict[str, Any]) -> list[ChangeLine]:
    texts = {
        "New milestone": value["title"],
        "Scope": value["scope"],
        "Planned and baseline date": date_text(value),
        "Lead director": value["lead_director_name"],
        "Local owner": value["local_owner_name"],
    }
    return [ChangeLine(label, "", text) for label, text in texts.items() if text]
