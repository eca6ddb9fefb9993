"""How an indicator stands against its trajectory in a month. Pure rules, exact to the last digit.

The design leaves some cases open. What is chosen here, and why:

- An indicator for which neither direction is good cannot be met or missed: No target.
- A figure as good as the trajectory is always Met, whatever the method makes of it.
- A ratio means something only for a figure and a trajectory above zero (and for a figure of 0
  when up is good: 0 %). Elsewhere there is no attainment: as good as the trajectory is Met,
  anything else Below. So a figure of 0 is Met when down is good.
- "Progress" needs a baseline, and a trajectory better than it; else (no baseline, a trajectory
  that holds or allows a dip) it is Met or Below in the same way.
- Trajectory 0 is met only by 0 or better under both methods; under "progress" the shortfall may
  be Near.
- Yes/no is Met or Below: the answer asked for, or a better one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import models

from metrics.numbers import Number, exact, show_attainment, show_value

MET_THRESHOLD = 95
NEAR_THRESHOLD = 85


class PerformanceRating(models.TextChoices):
    """The computed rating of an indicator in a month."""

    MET = "met", "Met"
    NEAR = "near", "Near"
    BELOW = "below", "Below"
    NOT_REPORTED = "not_reported", "Not reported"
    NO_TARGET = "no_target", "No target"


class Direction(models.TextChoices):
    """Which way an indicator should move."""

    UP = "up", "Up is good"
    DOWN = "down", "Down is good"
    NEITHER = "neither", "Neither is good"


class AttainmentMethod(models.TextChoices):
    """How attainment is worked out; progress from the baseline suits negative figures."""

    RATIO = "ratio", "Ratio of the value to the trajectory"
    PROGRESS = "progress", "Progress from the baseline to the trajectory"


@dataclass(frozen=True)
class _Case:
    """One figure held against one target, all numbers exact."""

    value: Decimal | None
    target: Decimal | None
    direction: Direction
    baseline: Decimal | None
    method: AttainmentMethod
    yes_no: bool

    @property
    def as_good(self) -> bool:
        """Whether the figure is on the target or on its good side."""
        return self.value is not None and self._on_good_side(self.value)

    @property
    def share(self) -> Fraction | None:
        """Attainment as an exact fraction (1 is the target), or None where it means nothing."""
        if self.value is None or self.target is None or self.yes_no:
            return None
        if self.direction == Direction.NEITHER:
            return None
        value, target = Fraction(self.value), Fraction(self.target)
        if self.method == AttainmentMethod.PROGRESS:
            if self.baseline is None or self._on_good_side(self.baseline):
                return None
            return (value - Fraction(self.baseline)) / (target - Fraction(self.baseline))
        if target <= 0 or value < 0:
            return None
        if self.direction == Direction.UP:
            return value / target
        return target / value if value else None

    def rating(self, met: Fraction, near: Fraction) -> PerformanceRating:
        """The rating by thresholds given as fractions."""
        if self.value is None:
            return PerformanceRating.NOT_REPORTED
        if self.target is None or (self.direction == Direction.NEITHER and not self.yes_no):
            return PerformanceRating.NO_TARGET
        if self.as_good:
            return PerformanceRating.MET
        share = self.share
        if share is None or share < near:
            return PerformanceRating.BELOW
        return PerformanceRating.MET if share >= met and self.target else PerformanceRating.NEAR

    def _on_good_side(self, figure: Decimal) -> bool:
        if self.target is None:
            return False
        match self.direction:
            case Direction.UP:
                return figure >= self.target
            case Direction.DOWN:
                return figure <= self.target
            case _:
                return figure == self.target


def attainment(
    *,
    value: Number | None,
    trajectory: Number | None,
    direction: Direction | str,
    final_target: Number | None = None,
    baseline: Number | None = None,
    method: AttainmentMethod | str = AttainmentMethod.RATIO,
    yes_no: bool = False,
) -> Decimal | None:
    """How much of the trajectory a month's figure reaches, in percent; None where undefined.

    Without a trajectory the final target stands in for it. Never rounded; show it with
    ``metrics.numbers.show_attainment``.
    """
    target = final_target if trajectory is None else trajectory
    share = _case(value, target, direction, baseline, method, yes_no).share
    return None if share is None else Decimal(share.numerator) * 100 / Decimal(share.denominator)


def performance_rating(
    *,
    value: Number | None,
    trajectory: Number | None,
    direction: Direction | str,
    final_target: Number | None = None,
    baseline: Number | None = None,
    method: AttainmentMethod | str = AttainmentMethod.RATIO,
    yes_no: bool = False,
    met_threshold: Number = MET_THRESHOLD,
    near_threshold: Number = NEAR_THRESHOLD,
) -> PerformanceRating:
    """Rate a month's figure against its trajectory, or without one against the final target.

    Thresholds are percents of attainment; a figure exactly on one has reached it (design:
    ratings, performance). A missing value is Not reported even when there is no target either.
    ValueError for a figure that is not a finite number, or thresholds out of order.
    """
    target = final_target if trajectory is None else trajectory
    case = _case(value, target, direction, baseline, method, yes_no)
    return case.rating(*_thresholds(met_threshold, near_threshold))


def explain(
    *,
    value: Number | None,
    trajectory: Number | None,
    direction: Direction | str,
    final_target: Number | None = None,
    baseline: Number | None = None,
    method: AttainmentMethod | str = AttainmentMethod.RATIO,
    yes_no: bool = False,
    met_threshold: Number = MET_THRESHOLD,
    near_threshold: Number = NEAR_THRESHOLD,
    unit: str = "",
) -> str:
    """One sentence that gives the figures behind an indicator's rating."""
    target = final_target if trajectory is None else trajectory
    case = _case(value, target, direction, baseline, method, yes_no)
    rating = case.rating(*_thresholds(met_threshold, near_threshold))
    if value is None:
        return "No value is reported for this month."
    if target is None:
        return "There is neither a trajectory nor a target to hold the value against."
    actual = show_value(value, unit, yes_no=yes_no)
    wanted = show_value(target, unit, yes_no=yes_no)
    against = f"the {'target' if trajectory is None else 'trajectory'}, {wanted}"
    if rating == PerformanceRating.NO_TARGET:
        return f"{actual} against {against}; neither direction is good, so it is not rated."
    if case.share is None:
        good = "as good as" if case.as_good else "not as good as"
        return f"{actual} is {good} {against}: {rating.label}."
    rule = _rule(case, rating, met_threshold, near_threshold)
    return f"{_reach(case, actual, against)}; {rule} is {rating.label}."


@dataclass(frozen=True)
class Step:
    """One line of a computation: what is taken or worked out, its value, and where it is from."""

    label: str
    value: str
    note: str = ""


def computation(
    *,
    value: Number | None,
    trajectory: Number | None,
    direction: Direction | str,
    final_target: Number | None = None,
    baseline: Number | None = None,
    method: AttainmentMethod | str = AttainmentMethod.RATIO,
    yes_no: bool = False,
    met_threshold: Number = MET_THRESHOLD,
    near_threshold: Number = NEAR_THRESHOLD,
    unit: str = "",
    word_for: Callable[[PerformanceRating], str] = lambda rating: str(rating.label),
) -> list[Step]:
    """Give the way from a month's figure to its rating, line by line; the last is the rating.

    ``word_for`` gives the programme's own word for a rating.
    """
    target = final_target if trajectory is None else trajectory
    case = _case(value, target, direction, baseline, method, yes_no)
    rating = case.rating(*_thresholds(met_threshold, near_threshold))
    shown = {
        "Value": value,
        "Target" if trajectory is None else "Trajectory": target,
        **({"Baseline": baseline} if method == AttainmentMethod.PROGRESS else {}),
    }
    steps = [
        Step(label, "None" if figure is None else show_value(figure, unit, yes_no=yes_no))
        for label, figure in shown.items()
    ]
    steps.append(Step("Direction", str(Direction(direction).label)))
    if case.share is not None:
        percent = show_attainment(Decimal(case.share.numerator) * 100 / case.share.denominator)
        steps.append(Step("Attainment", percent, _formula(case)))
    return [
        *steps,
        Step("Rating", word_for(rating), _why(case, rating, met_threshold, near_threshold)),
    ]


def _formula(case: _Case) -> str:
    if case.method == AttainmentMethod.PROGRESS:
        return "(value − baseline) ÷ (trajectory − baseline)"
    return "trajectory ÷ value" if case.direction == Direction.DOWN else "value ÷ trajectory"


def _why(case: _Case, rating: PerformanceRating, met: Number, near: Number) -> str:
    if rating == PerformanceRating.NOT_REPORTED:
        return "no value for the month"
    if rating == PerformanceRating.NO_TARGET:
        lacks = (
            "neither direction is good" if case.target is not None else "nothing to hold it against"
        )
        return f"{lacks}, so it is not rated"
    if case.as_good:
        return "as good as asked for, or better"
    if case.share is None:
        return "not as good as asked for, and no attainment can be worked out"
    return _rule(case, rating, met, near)


def _reach(case: _Case, actual: str, against: str) -> str:
    share = case.share or Fraction(0)
    percent = show_attainment(Decimal(share.numerator) * 100 / Decimal(share.denominator))
    if case.method == AttainmentMethod.PROGRESS:
        return f"{actual} is {percent} of the way from the baseline to {against}"
    if case.direction == Direction.DOWN:
        return f"{actual} against {against}, is an attainment of {percent}"
    return f"{actual} is {percent} of {against}"


def _rule(case: _Case, rating: PerformanceRating, met: Number, near: Number) -> str:
    if rating == PerformanceRating.NEAR and not case.target:
        return f"0 is met only by 0 or better, {near}% or more"
    return {
        PerformanceRating.MET: f"{met}% or more",
        PerformanceRating.NEAR: f"{near}% to less than {met}%",
    }.get(rating, f"less than {near}%")


def _case(
    value: Number | None,
    target: Number | None,
    direction: Direction | str,
    baseline: Number | None,
    method: AttainmentMethod | str,
    yes_no: bool,
) -> _Case:
    return _Case(
        value=None if value is None else exact(value),
        target=None if target is None else exact(target),
        direction=Direction(direction),
        baseline=None if baseline is None else exact(baseline),
        method=AttainmentMethod(method),
        yes_no=yes_no,
    )


def _thresholds(met: Number, near: Number) -> tuple[Fraction, Fraction]:
    if not 0 < exact(near) <= exact(met) <= 100:
        raise ValueError("Thresholds are percents above 0, up to 100, and Near is not above Met.")
    return Fraction(exact(met)) / 100, Fraction(exact(near)) / 100
