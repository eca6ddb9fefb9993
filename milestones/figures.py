"""What the milestone pages show, worked out as of a day."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from milestones.dependencies import Wait, late_waits_of
from milestones.forecasts import ForecastMoves, moves_of
from milestones.history import History, history_of
from milestones.models import Milestone, MilestoneStatus, MilestoneUpdate
from milestones.rating import DeliveryRating, Step, computation
from workstreams.dates import long_day
from workstreams.models.month import TAKES_UPDATES


@dataclass(frozen=True)
class MilestoneRow:
    """A milestone as one row of a list shows it."""

    milestone: Milestone
    rating: DeliveryRating
    word: str
    days_late: int | None
    # Only where a list asks for them (``marked_rows``).
    late_waits: Sequence[Wait] = ()
    moves: ForecastMoves = ForecastMoves()


def milestone_rows(milestones: Iterable[Milestone], *, as_of: date) -> list[MilestoneRow]:
    """Rate each milestone on a day; they come from ``with_people``, so without a query."""
    return [_row(milestone, as_of) for milestone in milestones]


def marked_rows(milestones: Collection[Milestone], *, as_of: date) -> list[MilestoneRow]:
    """``milestone_rows`` with what holds each up and how its forecast moved. Two queries."""
    # Dependencies have no record by day: what stood in the way then, nobody can say.
    standing_now = [each for each in milestones if not each.as_at_day]
    until = max((each.as_at_day for each in milestones if each.as_at_day), default=None)
    waits, moves = late_waits_of(standing_now, as_of=as_of), moves_of(milestones, until=until)
    return [
        replace(
            row,
            late_waits=waits.get(row.milestone.pk, ()),
            moves=moves.get(row.milestone.pk, ForecastMoves()),
        )
        for row in milestone_rows(milestones, as_of=as_of)
    ]


def _row(milestone: Milestone, as_of: date) -> MilestoneRow:
    rating = milestone.rating(as_of=as_of)
    return MilestoneRow(
        milestone=milestone,
        rating=rating,
        word=milestone.programme.word_for(rating),
        days_late=milestone.days_late(as_of=as_of),
    )


@dataclass(frozen=True)
class Standing:
    """Where one milestone stands on a day, for its own page and the message after an update."""

    milestone: Milestone
    as_of: date

    @cached_property
    def rating(self) -> DeliveryRating:
        return self.milestone.rating(as_of=self.as_of)

    @property
    def word(self) -> str:
        return self.milestone.programme.word_for(self.rating)

    @property
    def why(self) -> str:
        return self.milestone.explain(as_of=self.as_of)

    @property
    def computation(self) -> list[Step]:
        return computation_of(self.milestone, as_of=self.as_of)

    @property
    def days_late(self) -> int | None:
        return self.milestone.days_late(as_of=self.as_of)

    @property
    def days_late_on_baseline(self) -> int | None:
        return self.milestone.days_late_on_baseline(as_of=self.as_of)

    @cached_property
    def updates(self) -> list[MilestoneUpdate]:
        """Every update until that day, the newest first."""
        updates = self.milestone.updates.select_related("made_by", "month")
        if self.milestone.as_at_day:
            updates = updates.filter(made_date__lte=self.milestone.as_at_day)
        return list(updates.order_by("-made_at", "-pk"))

    @property
    def last_update(self) -> MilestoneUpdate | None:
        return self.updates[0] if self.updates else None

    @property
    def is_illustrative(self) -> bool:
        """Whether its position was made up for a demonstration: no update comes from the plan."""
        return self.milestone.programme.is_demonstration and bool(self.updates)

    @property
    def flags(self) -> list[str]:
        """What somebody should look at, one sentence each."""
        flags = []
        forecast = self.milestone.forecast_date
        if forecast and self.milestone.has_forecast_in_past(as_of=self.as_of):
            flags.append(
                f"The forecast, {long_day(forecast)}, has passed and it is still open. "
                "It needs a new forecast."
            )
        return [*flags, *self._not_updated(), *self._disagreement()]

    def _not_updated(self) -> list[str]:
        if self.milestone.as_at_day:
            return []  # when a month was frozen is no part of the record that as-at reads
        months = self.milestone.programme.months.exclude(state__in=TAKES_UPDATES)
        frozen = months.select_related("programme").order_by("-month").first()
        if not frozen or not self.milestone.is_open:
            return []
        cut_off = frozen.dates.cut_off
        if self.last_update and self.last_update.made_date > cut_off:
            return []
        if cut_off >= self.as_of:  # frozen early
            return [f"Not updated since {frozen.name} was frozen."]
        return [f"Not updated since {long_day(cut_off)}, the cut-off of {frozen.name}."]

    def _disagreement(self) -> list[str]:
        view = self.last_update.owner_view if self.last_update else ""
        if not view or view == self.rating:
            return []
        word = self.milestone.programme.word_for(DeliveryRating(view))
        return [f"The owner’s own view is {word}; by its dates it is {self.word}."]

    @cached_property
    def history(self) -> History:
        """Everything that happened to it until that day, the newest first."""
        return history_of(self.milestone, updates=self.updates)


def computation_of(milestone: Milestone, *, as_of: date) -> list[Step]:
    """Give the way from a milestone's dates on a day to its rating, in the programme's words."""
    programme = milestone.programme
    return computation(
        planned=milestone.planned_date,
        forecast=milestone.forecast_date,
        completed=milestone.completed_date,
        as_of=as_of,
        tolerance_days=programme.tolerance_days,
        withdrawn=milestone.status == MilestoneStatus.WITHDRAWN,
        word_for=programme.word_for,
    )


def consequence(milestone: Milestone, *, as_of: date) -> str:
    """Say in one sentence how the milestone is rated now: "It is now 35 days late: At risk."."""
    now = Standing(milestone, as_of)
    late = now.days_late
    if late is None or now.rating == DeliveryRating.COMPLETE:
        return f"It is now rated {now.word}."
    if late == 0:
        return f"It is now expected on its planned date: {now.word}."
    days = "1 day" if abs(late) == 1 else f"{abs(late)} days"
    return f"It is now {days} {'late' if late > 0 else 'early'}: {now.word}."
