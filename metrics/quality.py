"""Indicators whose record needs a look. Each gap is a filter of the list of indicators."""

from collections.abc import Set as AbstractSet
from datetime import date

from django.db import models

from metrics.models import Indicator
from metrics.rating import Direction
from metrics.standing import Standing
from workstreams.calendar import next_month
from workstreams.dates import DatePrecision, show_date

MONTHS_OF_QUARTER = 3
MONTHS_SHOWN = 3


class IndicatorGap(models.TextChoices):
    TRAJECTORY = "trajectory", "Gap in the trajectory"
    INACTIVE_PERSON = "inactive_person", "Owner is inactive"


def has_gap(standing: Standing, gap: IndicatorGap | str, *, active: AbstractSet[int]) -> bool:
    """Whether an indicator has a gap; ``active`` holds who has a role and can sign in."""
    if gap == IndicatorGap.TRAJECTORY:
        return has_trajectory_gap(standing)
    owner = standing.indicator.local_owner_id
    return owner is not None and owner not in active


def has_trajectory_gap(standing: Standing) -> bool:
    """Whether some month has no target to be held against, though the indicator is rated."""
    return bool(trajectory_gap(standing))


def trajectory_gap(standing: Standing) -> str:
    """Say what an indicator's trajectory lacks; nothing where it lacks nothing, or is not rated.

    It has no trajectory at all; or a month (or quarter) between its first and last is missing; or
    it ended before the month asked about without having reached the final target.
    """
    indicator = standing.indicator
    if not _is_rated(indicator):
        return ""
    planned = [point for point in standing.points if point.trajectory is not None]
    if not planned:
        return "none" if indicator.final_target is None else "final target only"
    if missing := _missing_months([point.month for point in planned], indicator):
        shown = [show_date(month, DatePrecision.MONTH) for month in missing[:MONTHS_SHOWN]]
        more = len(missing) - len(shown)
        return f"without {', '.join(shown)}" + (f" and {more} more" if more else "")
    last = planned[-1]
    has_ended = last.month < standing.month and last.trajectory != indicator.final_target
    return f"ends {show_date(last.month, DatePrecision.MONTH)}" if has_ended else ""


def _missing_months(planned: list[date], indicator: Indicator) -> list[date]:
    """Give the months (or quarters) between the first planned and the last that have no value."""
    step = MONTHS_OF_QUARTER if indicator.is_quarterly else 1
    missing, month = [], planned[0]
    while month < planned[-1]:
        for _ in range(step):
            month = next_month(month)
        if month < planned[-1] and month not in planned:
            missing.append(month)
    return missing


def _is_rated(indicator: Indicator) -> bool:
    is_aimless = indicator.direction == Direction.NEITHER and not indicator.is_yes_no
    return not indicator.is_narrative and not is_aimless
