"""Indicators whose charts each show something else: what SPC can say, and what people note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import User
from metrics.models import Frequency, Indicator
from metrics.rebasing import annotate, rebase
from reports.demonstration import drawn
from workstreams.models import Programme


@dataclass(frozen=True)
class Shape:
    """Values that stay about a level, within a spread to either side.

    ``tail`` are the latest values, as distances from the level. ``moved_to`` is the level from
    ``moved_at`` on. ``target`` is an illustrative final target where the plan has none.
    """

    level: float
    spread: float
    tail: tuple[float, ...] = ()
    target: int | None = None
    since: date = date.min
    moved_at: date = date.max
    moved_to: float = 0
    frequency: Frequency = Frequency.MONTHLY
    decimals: int = 1

    def values(self, reference: str, months: Sequence[date]) -> list[tuple[date, Decimal]]:
        """The value of each month that the indicator is measured in."""
        if self.frequency == Frequency.QUARTERLY:
            months = [month for month in months if month.month % 3 == 0]
        months = [month for month in months if month >= self.since]
        steady = len(months) - len(self.tail)
        values = []
        for index, month in enumerate(months):
            level = self.moved_to if month >= self.moved_at else self.level
            away = (2 * drawn("wobble", reference, month) - 1) * self.spread
            if index >= steady:
                away = self.tail[index - steady]
            values.append((month, Decimal(f"{level + away:.{self.decimals}f}")))
        return values


NEW_HANDOVER = date(2015, 9, 1)
SHAPES = {
    "WS1-I3": Shape(86, 2.5, target=75),  # consistently passing
    "WS2-I1": Shape(81, 3),  # consistently failing the plan's 100 %
    "WS2-I6": Shape(55, 3, target=56),  # hit or miss
    "WS3-I2": Shape(74, 4, target=80, frequency=Frequency.QUARTERLY),
    "WS3-I3": Shape(26, 1.2, target=22, moved_at=NEW_HANDOVER, moved_to=20.5),
    "WS4-I9": Shape(76, 3, target=85, since=date(2016, 1, 1)),  # a run chart as yet
    "WS5-I2": Shape(84, 3, tail=(-2.6, -1.8, -1.1, -0.3, 0.6, 1.5, 2.4), target=80),  # a trend
    "WS5-I4": Shape(83, 2, tail=(-11,), target=80),  # outside: a concern
    "WS5-I5": Shape(72, 3, tail=(-1, -2, -1, -1.5, -2, -1, -2), target=74),  # a shift: a concern
}
PROVISIONAL = "WS1-I1b"


def set_up(indicator: Indicator, shape: Shape) -> None:
    """Give an indicator the illustrative target and frequency of its shape."""
    if indicator.final_target is None and shape.target is not None:
        indicator.final_target = Decimal(shape.target)
    indicator.frequency = shape.frequency
    indicator.save(update_fields=["final_target", "frequency"])


def mark_charts(programme: Programme, *, pmo: User) -> None:
    """Say on the charts what people would: where a process changed, and what happened."""
    indicators = {each.reference: each for each in programme.indicators.all()}
    rebase(
        indicator_id=indicators["WS3-I3"].pk,
        month=NEW_HANDOVER,
        reason="Illustrative: a handover coordinator works at each of the busiest hospitals",
        by=pmo,
    )
    annotate(
        indicator_id=indicators["WS1-I2"].pk,
        month=date(2016, 3, 1),
        text="Illustrative: first recruits from abroad start",
        by=pmo,
    )
