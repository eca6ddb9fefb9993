from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from metrics.models import EntryChannel, Indicator, IndicatorKind, Measurement
from workstreams.dates import long_month

LARGEST_VALUE = Decimal("1e11")


class StaleValue(Exception):
    """The month got another value since the form was opened; ``measurement`` is that one."""

    def __init__(self, measurement: Measurement) -> None:
        super().__init__("Somebody else entered a value for this month while you were editing it.")
        self.measurement = measurement


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One value to record. ``seen_version`` is ``measurements.version()`` when last looked."""

    indicator_id: int
    month: date
    value: Decimal | None = None
    text: str = ""
    is_provisional: bool = False
    correction_reason: str = ""
    seen_version: int | None = None


class EntriesRefused(Exception):
    """Some of several entries cannot be recorded; ``problems`` has their place and why."""

    def __init__(self, problems: dict[int, ValidationError | StaleValue]) -> None:
        super().__init__("Nothing was saved, because some of the values are wrong.")
        self.problems = problems

    @property
    def lacks_reasons(self) -> bool:
        """Whether all that is missing is a reason for what changes."""
        return not any(
            isinstance(problem, StaleValue) or problem.message_dict.keys() != {"correction_reason"}
            for problem in self.problems.values()
        )


@transaction.atomic
def record_measurement(
    *,
    indicator_id: int,
    month: date,
    by: User,
    value: Decimal | None = None,
    text: str = "",
    is_provisional: bool = False,
    correction_reason: str = "",
    seen_version: int | None = None,
    channel: EntryChannel = EntryChannel.PAGE,
) -> Measurement:
    """Record an indicator's value (or text, for a narrative one) for a month.

    A value that is there already is kept and replaced, which needs a reason unless a final value
    replaces a provisional one; the same value again changes nothing. ``seen_version`` is the
    indicator's ``measurements.version()`` when the person last looked. Raises PermissionDenied,
    ValidationError by field, and StaleValue.
    """
    entry = Entry(
        indicator_id=indicator_id,
        month=month,
        value=value,
        text=text,
        is_provisional=is_provisional,
        correction_reason=correction_reason,
        seen_version=seen_version,
    )
    return _record(_lock([indicator_id], by=by)[indicator_id], entry, by=by, channel=channel)


@transaction.atomic
def record_measurements(
    *, entries: Sequence[Entry], by: User, channel: EntryChannel
) -> list[Measurement]:
    """Record many values, all or none; give those that stand afterwards, in the same order.

    Raises PermissionDenied, and EntriesRefused with every problem, after which nothing is written.
    """
    indicators = _lock([entry.indicator_id for entry in entries], by=by)
    problems: dict[int, ValidationError | StaleValue] = {}
    recorded = []
    for place, entry in enumerate(entries):
        try:
            recorded.append(_record(indicators[entry.indicator_id], entry, by=by, channel=channel))
        except (ValidationError, StaleValue) as problem:
            problems[place] = problem
    if problems:
        raise EntriesRefused(problems)
    return recorded


def _lock(indicator_ids: Sequence[int], *, by: User) -> dict[int, Indicator]:
    """Lock the indicators in one order; PermissionDenied when one is not the person's to record."""
    indicators = Indicator.objects.select_for_update(of=("self",)).with_people()
    found = {each.pk: each for each in indicators.filter(pk__in=indicator_ids).order_by("pk")}
    if not all(by.has_perm("metrics.record_measurement", each) for each in found.values()):
        raise PermissionDenied(
            "Only its owner, its executive lead or the PMO records an indicator's values."
        )
    return found


def _record(indicator: Indicator, entry: Entry, *, by: User, channel: EntryChannel) -> Measurement:
    check_value(indicator, month=entry.month, value=entry.value, text=entry.text)
    standing = indicator.measurements.in_force().filter(month=entry.month).first()
    if standing:
        if is_same(standing, entry):
            return standing
        if entry.seen_version is not None and standing.pk > entry.seen_version:
            raise StaleValue(standing)
        if needs_reason(standing, entry) and not entry.correction_reason.strip():
            raise ValidationError(
                {
                    "correction_reason": f"{long_month(entry.month)} already has the value "
                    f"{indicator.show(standing.value) or standing.text}. Say why it changes"
                }
            )
        standing.replaced_at = timezone.now()
        standing.save(update_fields=["replaced_at"])
    return Measurement.objects.create(
        indicator=indicator,
        month=entry.month,
        value=entry.value,
        text=entry.text,
        is_provisional=entry.is_provisional,
        channel=channel,
        recorded_by=by,
        recorded_at=timezone.now(),
        correction_reason=entry.correction_reason if standing else "",
    )


def is_same(standing: Measurement, entry: Entry) -> bool:
    """Whether an entry says what stands already, provisional or final alike."""
    said = (standing.value, standing.text, standing.is_provisional)
    return said == (entry.value, entry.text, entry.is_provisional)


def needs_reason(standing: Measurement, entry: Entry) -> bool:
    """Whether replacing a value is a correction: all but a final value for a provisional one."""
    return not (standing.is_provisional and not entry.is_provisional)


def check_value(
    indicator: Indicator, *, month: date, value: Decimal | None, text: str = ""
) -> None:
    """Raise ValidationError by field when the value does not fit the indicator or the month."""
    errors: dict[str, str] = {}
    if month > indicator.programme.today():
        errors["month"] = f"{long_month(month)} lies ahead. Choose a month that has begun"
    elif indicator.is_quarterly and month.month % 3:
        errors["month"] = (
            f"{long_month(month)} does not end a quarter. This is measured every quarter: choose "
            "March, June, September or December"
        )
    if indicator.is_narrative:
        if not text.strip():
            errors["text"] = "Enter what was found this month"
    elif value is None:
        errors["value"] = "Enter the value for the month"
    elif not value.is_finite() or abs(value) >= LARGEST_VALUE:
        errors["value"] = "Enter a number with at most 11 digits before the point"
    elif indicator.kind == IndicatorKind.PERCENT and not 0 <= value <= 100:
        errors["value"] = "Enter a per cent between 0 and 100"
    elif indicator.is_yes_no and value not in (0, 1):
        errors["value"] = "Choose yes or no"
    if errors:
        raise ValidationError(errors)
