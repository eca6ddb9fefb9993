"""How well a milestone keeps to its dates. Pure rules: the as-of day is always passed in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import models

from workstreams.dates import long_day

TOLERANCE_DAYS = 28


class DeliveryRating(models.TextChoices):
    """The computed rating of a milestone, from the best to the least telling."""

    COMPLETE = "complete", "Complete"
    ON_TRACK = "on_track", "On track"
    DELAYED = "delayed", "Delayed"
    AT_RISK = "at_risk", "At risk"
    NO_DATE = "no_date", "No date"
    WITHDRAWN = "withdrawn", "Withdrawn"


# A milestone without a date is worse than one on track: nobody can say that it is.
WORST_FIRST = (
    DeliveryRating.AT_RISK,
    DeliveryRating.DELAYED,
    DeliveryRating.NO_DATE,
    DeliveryRating.ON_TRACK,
    DeliveryRating.COMPLETE,
)


def delivery_rating(
    *,
    planned: date | None,
    forecast: date | None,
    completed: date | None,
    as_of: date,
    tolerance_days: int = TOLERANCE_DAYS,
    withdrawn: bool = False,
) -> DeliveryRating:
    """Rate a milestone's delivery from its dates as they stood on a day.

    A completion after the as-of day had not happened yet. A withdrawn milestone is Withdrawn
    whatever its dates, a completed one Complete however late, an open one without a planned date
    No date whatever its forecast. Otherwise lateness decides: up to 0 days On track, up to the
    tolerance Delayed, beyond it At risk (design: ratings, delivery).
    """
    if tolerance_days < 0:
        raise ValueError("The tolerance is a number of days, 0 or more.")
    if withdrawn:
        return DeliveryRating.WITHDRAWN
    if _is_complete(completed, as_of):
        return DeliveryRating.COMPLETE
    late = days_late(planned=planned, forecast=forecast, completed=completed, as_of=as_of)
    if late is None:
        return DeliveryRating.NO_DATE
    if late <= 0:
        return DeliveryRating.ON_TRACK
    return DeliveryRating.DELAYED if late <= tolerance_days else DeliveryRating.AT_RISK


def finish_date(
    *, planned: date | None, forecast: date | None, completed: date | None, as_of: date
) -> date | None:
    """When the milestone was done, or is to be expected as things stood on a day.

    The completed date; else the forecast, or without one the planned date; but never before the
    as-of day once the planned date has passed. None if there is no date at all.
    """
    if _is_complete(completed, as_of):
        return completed
    expected = forecast or planned
    if expected is not None and planned is not None and planned < as_of:
        return max(expected, as_of)
    return expected


def days_late(
    *, planned: date | None, forecast: date | None, completed: date | None, as_of: date
) -> int | None:
    """Days from the planned date to the finish: negative when early, None without a plan."""
    finish = finish_date(planned=planned, forecast=forecast, completed=completed, as_of=as_of)
    if planned is None or finish is None:
        return None
    return (finish - planned).days


def days_after_baseline(
    *,
    baseline: date | None,
    planned: date | None,
    forecast: date | None,
    completed: date | None,
    as_of: date,
) -> int | None:
    """Days from the date first agreed to the finish: what approved changes must not wipe out."""
    finish = finish_date(planned=planned, forecast=forecast, completed=completed, as_of=as_of)
    if baseline is None or finish is None:
        return None
    return (finish - baseline).days


def forecast_in_past(*, forecast: date | None, completed: date | None, as_of: date) -> bool:
    """Whether an open milestone was expected before the as-of day: its forecast needs a look."""
    return forecast is not None and forecast < as_of and not _is_complete(completed, as_of)


def worst(ratings: Iterable[DeliveryRating | str]) -> DeliveryRating | None:
    """The worst open rating of a group; Complete only when all are; None when none counts."""
    counted = {DeliveryRating(rating) for rating in ratings}
    return next((rating for rating in WORST_FIRST if rating in counted), None)


def count_ratings(ratings: Iterable[DeliveryRating | str]) -> dict[DeliveryRating, int]:
    """How many of a group have each rating, zeroes included; withdrawn ones are left out."""
    counts: dict[DeliveryRating, int] = {
        rating: 0 for rating in DeliveryRating if rating != DeliveryRating.WITHDRAWN
    }
    for rating in ratings:
        if rating != DeliveryRating.WITHDRAWN:
            counts[DeliveryRating(rating)] += 1
    return counts


def explain(
    *,
    planned: date | None,
    forecast: date | None,
    completed: date | None,
    as_of: date,
    tolerance_days: int = TOLERANCE_DAYS,
    withdrawn: bool = False,
) -> str:
    """One sentence that gives the dates behind a milestone's rating."""
    if withdrawn:
        return "Withdrawn by an approved change request."
    if completed is not None and completed <= as_of:
        if planned is None:
            return f"Completed {long_day(completed)}; no planned date was set."
        return f"Completed {long_day(completed)}, {_apart(completed, planned)}."
    if planned is None:
        known = f"Forecast {long_day(forecast)}, but no" if forecast else "No"
        return f"{known} planned date is set."
    finish = finish_date(planned=planned, forecast=forecast, completed=completed, as_of=as_of)
    if finish is None or finish <= planned:
        return _explain_on_track(planned, forecast, as_of)
    subject = (
        f"Forecast {long_day(finish)} is"
        if finish == forecast
        else f"Still open on {long_day(as_of)},"
    )
    late = (finish - planned).days
    rule = (
        f"more than {_days(tolerance_days)} is {DeliveryRating.AT_RISK.label}"
        if late > tolerance_days
        else f"up to {_days(tolerance_days)} is {DeliveryRating.DELAYED.label}"
    )
    return f"{subject} {_apart(finish, planned)}; {rule}."


@dataclass(frozen=True)
class Step:
    """One line of a computation: what is taken or worked out, its value, and where it is from."""

    label: str
    value: str
    note: str = ""


def computation(
    *,
    planned: date | None,
    forecast: date | None,
    completed: date | None,
    as_of: date,
    tolerance_days: int = TOLERANCE_DAYS,
    withdrawn: bool = False,
    word_for: Callable[[DeliveryRating], str] = lambda rating: str(rating.label),
) -> list[Step]:
    """Give the way from a milestone's dates to its rating, line by line; the last is the rating.

    ``word_for`` gives the programme's own word for a rating.
    """
    rating = delivery_rating(
        planned=planned,
        forecast=forecast,
        completed=completed,
        as_of=as_of,
        tolerance_days=tolerance_days,
        withdrawn=withdrawn,
    )
    result = Step("Rating", word_for(rating), _rule(rating, tolerance_days))
    if rating == DeliveryRating.WITHDRAWN:
        return [result]
    taken = [Step("Planned date", long_day(planned) if planned else "None")]
    if rating == DeliveryRating.COMPLETE and completed:
        late = [Step("Days late", _signed((completed - planned).days))] if planned else []
        return [*taken, Step("Completed", long_day(completed)), *late, result]
    taken.append(Step("Forecast", long_day(forecast) if forecast else "None"))
    finish = finish_date(planned=planned, forecast=forecast, completed=completed, as_of=as_of)
    if planned is None or finish is None:
        return [*taken, result]
    return [
        *taken,
        Step("As at", long_day(as_of)),
        Step("Expected finish", long_day(finish), _why_then(finish, planned, forecast, as_of)),
        Step("Days late", _signed((finish - planned).days), "expected finish less planned date"),
        result,
    ]


def _rule(rating: DeliveryRating, tolerance_days: int) -> str:
    return {
        DeliveryRating.COMPLETE: "it is done, however late",
        DeliveryRating.ON_TRACK: "0 days late or fewer",
        DeliveryRating.DELAYED: f"1 to {tolerance_days} days late, {tolerance_days} included",
        DeliveryRating.AT_RISK: f"more than {_days(tolerance_days)} late",
        DeliveryRating.NO_DATE: "nothing to hold it against, so it is never on track",
        DeliveryRating.WITHDRAWN: "taken out of the plan by an approved change request",
    }[rating]


def _why_then(finish: date, planned: date, forecast: date | None, as_of: date) -> str:
    if finish == forecast:
        return "the forecast"
    if finish == as_of and planned < as_of:
        return "the planned date has passed and it is not done, so no earlier than this day"
    return "the planned date, as there is no forecast"


def _signed(days: int) -> str:
    sign = "\N{MINUS SIGN}" if days < 0 else ""
    return f"{sign}{abs(days)}"


def _explain_on_track(planned: date, forecast: date | None, as_of: date) -> str:
    if forecast is not None:
        return f"Forecast {long_day(forecast)} is {_apart(forecast, planned)}."
    if planned == as_of:
        return f"Due today, {long_day(planned)}: not late."
    return f"Planned for {long_day(planned)}, {_days((planned - as_of).days)} ahead."


def _apart(day: date, planned: date) -> str:
    late = (day - planned).days
    if late == 0:
        return "on the planned date"
    side = "after" if late > 0 else "before"
    return f"{_days(abs(late))} {side} the planned date, {long_day(planned)}"


def _days(n: int) -> str:
    return "1 day" if n == 1 else f"{n} days"


def _is_complete(completed: date | None, as_of: date) -> bool:
    return completed is not None and completed <= as_of
