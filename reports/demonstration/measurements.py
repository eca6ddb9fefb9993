from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from metrics.models import Indicator, IndicatorKind, Measurement, TrajectoryPoint
from metrics.rating import Direction
from reports.demonstration import drawn
from reports.demonstration.processes import PROVISIONAL, SHAPES, set_up
from workstreams.calendar import next_month
from workstreams.models import Programme

FIRST_MONTH, LAST_MONTH = date(2014, 11, 1), date(2016, 10, 1)
TRAJECTORY_FROM, TRAJECTORY_TO = date(2016, 1, 1), date(2017, 3, 1)
CENT = Decimal("0.1")
# Left without a trajectory, so that "No target" can be seen.
WITHOUT_TRAJECTORY = {"WS2-I7", "WS5-I7"}
# Where the plan names no value: what a measure of this unit could start at and aim for.
ILLUSTRATIVE_RANGE = {
    "percent": (68, 95),
    "count": (120, 60),
    "score": (52, 70),
    "rate": (9, 6),
    "minutes": (26, 18),
    "days": (48, 35),
    "hours": (900, 600),
    "WTE": (2900, 3169),
}


def months_between(first: date, last: date) -> list[date]:
    """Give the first days of all months from one to another, both included."""
    months = [first]
    while months[-1] < last:
        months.append(next_month(months[-1]))
    return months


def create_series(programme: Programme) -> None:
    """Give every indicator a trajectory and 24 months of values, save for telling gaps."""
    points, values = [], []
    for indicator in programme.indicators.order_by("position", "pk"):
        measured = set(indicator.measurements.values_list("month", flat=True))
        if indicator.is_narrative:
            values += _texts(indicator)
            continue
        shape = SHAPES.get(indicator.reference)
        if shape:
            set_up(indicator, shape)
        start, goal = _range_of(indicator)
        if indicator.reference not in WITHOUT_TRAJECTORY:
            points += _trajectory(indicator, start, goal)
        values += [
            measurement(indicator, month, value)
            for month, value in (
                shape.values(indicator.reference, months_between(FIRST_MONTH, LAST_MONTH))
                if shape
                else _values(indicator, start, goal)
            )
            if month not in measured
        ]
    TrajectoryPoint.objects.bulk_create(points)
    Measurement.objects.bulk_create(values)


def _range_of(indicator: Indicator) -> tuple[Decimal, Decimal]:
    if indicator.is_yes_no:
        return Decimal(0), Decimal(1)
    low, high = (Decimal(each) for each in ILLUSTRATIVE_RANGE.get(indicator.unit, (60, 80)))
    if (high > low) != (indicator.direction == Direction.UP):
        low, high = high, low
    start = indicator.baseline_value
    if start is not None:
        better = Decimal("1.2") if indicator.direction == Direction.UP else Decimal("0.75")
        high = start * better
        low = start
    if indicator.final_target is not None:
        high = indicator.final_target
        worse = Decimal("0.8") if indicator.direction == Direction.UP else Decimal("1.25")
        low = start if start is not None else high * worse if high else Decimal(140)
    return low, high


def _trajectory(indicator: Indicator, start: Decimal, goal: Decimal) -> list[TrajectoryPoint]:
    months = months_between(TRAJECTORY_FROM, TRAJECTORY_TO)
    points = []
    for index, month in enumerate(months):
        share = Decimal(index) / (len(months) - 1)
        value = start + (goal - start) * share
        if indicator.is_yes_no:
            value = Decimal(int(share >= Decimal("0.7")))
        points.append(TrajectoryPoint(indicator=indicator, month=month, value=value.quantize(CENT)))
    return points


def _values(indicator: Indicator, start: Decimal, goal: Decimal) -> list[tuple[date, Decimal]]:
    """Values that wander round the start and then move, each indicator at its own pace."""
    months = months_between(FIRST_MONTH, LAST_MONTH)
    pace = Decimal(str(0.1 + 0.9 * drawn("pace", indicator.reference)))
    spread = abs(goal - start) * Decimal("0.08")
    values = []
    for index, month in enumerate(months):
        if drawn("gap", indicator.reference, month) < 0.02 and index:
            continue
        moved = max(Decimal(0), Decimal(index - 12) / 14) * pace
        wobble = spread * Decimal(str(2 * drawn("wobble", indicator.reference, month) - 1))
        value = start + (goal - start) * moved + wobble
        values.append((month, _rounded(indicator, max(value, Decimal(0)), moved)))
    return values


def _rounded(indicator: Indicator, value: Decimal, moved: Decimal) -> Decimal:
    if indicator.is_yes_no:
        return Decimal(int(moved >= Decimal("0.5")))
    if indicator.kind == IndicatorKind.PERCENT:
        return min(value, Decimal(100)).quantize(CENT)
    return value.quantize(Decimal(1) if value >= 30 else CENT)


def _texts(indicator: Indicator) -> list[Measurement]:
    words = "Illustrative: members felt listened to; waiting for a call back was raised again."
    return [
        Measurement(indicator=indicator, month=month, text=words, recorded_at=_recorded_at(month))
        for month in months_between(date(2016, 5, 1), LAST_MONTH)[::2]
    ]


def measurement(indicator: Indicator, month: date, value: Decimal) -> Measurement:
    """A value as its owner entered it, on the third of the following month."""
    return Measurement(
        indicator=indicator,
        month=month,
        value=value,
        is_provisional=indicator.reference == PROVISIONAL and month == LAST_MONTH,
        recorded_by=indicator.local_owner,
        recorded_at=_recorded_at(month),
    )


def _recorded_at(month: date) -> datetime:
    day = next_month(month) + timedelta(days=2)
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
