"""Trajectories: the target of each month, set by the PMO, baselined, then moved by request only."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from metrics.models import Indicator, IndicatorKind, TrajectoryPoint, TrajectoryVersion
from metrics.numbers import plain
from metrics.services import LARGEST_VALUE
from workstreams.calendar import format_month, next_month
from workstreams.dates import long_month

Targets = Mapping[date, Decimal | None]


class Unchanged(Enum):
    """Stands for a final target that a change request leaves as it is."""

    TOKEN = "unchanged"  # noqa: S105


UNCHANGED = Unchanged.TOKEN


class Baselined(Exception):
    """The trajectory is agreed, so only an approved change request moves it."""


class NotBaselined(Exception):
    """The trajectory was never agreed, so there is nothing that a change request could move."""


class StaleTrajectory(Exception):
    """Somebody else changed the indicator since the form was opened."""


@transaction.atomic
def set_trajectory(
    *,
    indicator_id: int,
    by: User,
    seen_version: int,
    values: Targets,
    final_target: Decimal | None,
) -> Indicator:
    """Put the trajectory and the final target of an indicator that is not baselined yet.

    ``values`` are the months (first days) that change; None takes a month out. Raises
    PermissionDenied, Baselined, StaleTrajectory, and ValidationError by "2016-03" or
    "final_target".
    """
    indicator = _locked(indicator_id)
    _check_authority(indicator, by)
    if is_baselined(indicator):
        raise Baselined(
            f"The trajectory of {indicator.reference} is agreed. Ask for a change of it by a "
            "change request, which the ELT decides."
        )
    _check_version(indicator, seen_version)
    check_targets(indicator, values, final_target)
    changes = _put(indicator, values, final_target)
    audit.record(actor=by, action="trajectory.set", target=indicator, changes=changes)
    return indicator


@transaction.atomic
def baseline_trajectory(*, indicator_id: int, by: User, seen_version: int) -> TrajectoryVersion:
    """Agree the trajectory and final target as they stand: version 1, never changed again.

    Raises PermissionDenied, Baselined, StaleTrajectory, and ValidationError for an indicator
    without a local owner, or without anything to agree (design: change control).
    """
    indicator = _locked(indicator_id)
    _check_authority(indicator, by)
    if is_baselined(indicator):
        raise Baselined(f"The trajectory of {indicator.reference} is agreed already.")
    _check_version(indicator, seen_version)
    missing = lacking(indicator)
    if missing:
        raise ValidationError(f"{indicator.reference} cannot be agreed yet: it has {missing}.")
    indicator.version += 1
    indicator.save(update_fields=["version"])
    version = _add_version(indicator, by=by, change_request_number=None)
    audit.record(actor=by, action="trajectory.baselined", target=indicator)
    return version


@transaction.atomic
def move_trajectory(
    *,
    indicator_id: int,
    values: Targets,
    final_target: Decimal | None | Unchanged = UNCHANGED,
    change_request_number: int,
    by: User,
) -> TrajectoryVersion:
    """Move a baselined trajectory and write the version that names its change request.

    Called by the approval of a change request and by nothing else; it has checked who decides.
    ``values`` are the months that change; None takes a month out. Raises NotBaselined, and
    ValidationError by "2016-03" or "final_target".
    """
    indicator = _locked(indicator_id)
    if not is_baselined(indicator):
        raise NotBaselined(f"The trajectory of {indicator.reference} has no baseline yet.")
    target = indicator.final_target if final_target is UNCHANGED else final_target
    assert not isinstance(target, Unchanged)
    check_targets(indicator, values, target)
    changes = _put(indicator, values, target)
    version = _add_version(indicator, by=by, change_request_number=change_request_number)
    audit.record(
        actor=by,
        action="trajectory.moved",
        target=indicator,
        changes=changes,
        details={"request": change_request_number},
    )
    return version


def is_baselined(indicator: Indicator) -> bool:
    """Whether only an approved change request moves the trajectory and the final target."""
    return indicator.trajectory_versions.exists()


def lacking(indicator: Indicator) -> str:
    """Say what an indicator needs before its trajectory can be agreed; "" when nothing."""
    missing = []
    if indicator.local_owner_id is None:
        missing.append("no local owner")
    if indicator.final_target is None and not indicator.trajectory_points.exists():
        missing.append("neither a trajectory nor a final target")
    return " and ".join(missing)


def filled_between(values: Targets) -> dict[date, Decimal]:
    """Fill the empty months between given ones along straight lines, to four decimals.

    Months before the first given one and after the last stay empty.
    """
    known = sorted((month, value) for month, value in values.items() if value is not None)
    filled = dict(known)
    for (start, low), (end, high) in zip(known, known[1:], strict=False):
        steps = (end.year - start.year) * 12 + end.month - start.month
        month = start
        for step in range(1, steps):
            month = next_month(month)
            value = low + (high - low) * step / steps
            filled[month] = value.quantize(Decimal("0.0001")).normalize()
    return dict(sorted(filled.items()))


def _locked(indicator_id: int) -> Indicator:
    indicators = Indicator.objects.select_for_update(of=("self",)).with_people()
    return indicators.get(pk=indicator_id)


def _check_authority(indicator: Indicator, by: User) -> None:
    if not by.has_perm("metrics.set_trajectory", indicator):
        raise PermissionDenied("Only the PMO sets an indicator's trajectory.")


def _check_version(indicator: Indicator, seen_version: int) -> None:
    if indicator.version != seen_version:
        raise StaleTrajectory(f"Somebody else changed {indicator.reference} while you wrote.")


def check_targets(indicator: Indicator, values: Targets, final_target: Decimal | None) -> None:
    """Raise ValidationError, by "2016-03" or "final_target", for what is no target of it."""
    errors = {
        format_month(month): problem
        for month, value in values.items()
        if (problem := _problem(indicator, month, value))
    }
    problem = _problem(indicator, None, final_target)
    if problem:
        errors["final_target"] = problem
    if errors:
        raise ValidationError(errors)


def _problem(indicator: Indicator, month: date | None, value: Decimal | None) -> str:
    where = long_month(month) if month else "The final target"
    if month and month.day != 1:
        return f"{month} is no first day of a month"
    if value is None:
        return ""
    if month and indicator.is_quarterly and month.month % 3:
        return f"{where}: this indicator is measured in March, June, September and December"
    if not value.is_finite() or abs(value) >= LARGEST_VALUE:
        return f"{where}: enter a number with at most 11 digits before the point"
    if indicator.kind == IndicatorKind.PERCENT and not 0 <= value <= 100:
        return f"{where}: enter a per cent between 0 and 100"
    if indicator.is_yes_no and value not in (0, 1):
        return f"{where}: enter 1 for yes or 0 for no"
    return ""


def _put(
    indicator: Indicator, values: Targets, final_target: Decimal | None
) -> dict[str, audit.Change]:
    """Store the values; give those that changed, by "2016-03" and "final_target"."""
    stored = dict(indicator.trajectory_points.values_list("month", "value"))
    changes = {
        format_month(month): (plain(stored.get(month)), plain(value))
        for month, value in sorted(values.items())
        if stored.get(month) != value
    }
    if final_target != indicator.final_target:
        changes["final_target"] = (plain(indicator.final_target), plain(final_target))
    taken_out = [month for month, value in values.items() if value is None]
    indicator.trajectory_points.filter(month__in=taken_out).delete()
    for month, value in values.items():
        if value is not None:
            TrajectoryPoint.objects.update_or_create(
                indicator=indicator, month=month, defaults={"value": value}
            )
    if final_target != indicator.final_target:
        # Stated by a person now, whatever was inferred from the plan before.
        indicator.is_target_inferred = False
    indicator.final_target = final_target
    indicator.version += 1
    indicator.save(update_fields=["final_target", "is_target_inferred", "version"])
    return changes


def _add_version(
    indicator: Indicator, *, by: User, change_request_number: int | None
) -> TrajectoryVersion:
    points = indicator.trajectory_points.order_by("month").values_list("month", "value")
    return TrajectoryVersion.objects.create(
        indicator=indicator,
        number=indicator.trajectory_versions.count() + 1,
        values={format_month(month): plain(value) for month, value in points},
        final_target=indicator.final_target,
        change_request_number=change_request_number,
        made_by=by,
        made_date=indicator.programme.today(),
        made_at=timezone.now(),
    )
