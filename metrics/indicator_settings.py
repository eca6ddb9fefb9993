"""How an indicator is measured and read: unit, kind, direction, thresholds, SPC, its owner."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from metrics.models import Indicator
from metrics.trajectories import is_baselined

FIELDS = (
    "unit",
    "kind",
    "direction",
    "source",
    "frequency",
    "attainment_method",
    "met_threshold",
    "near_threshold",
    "screen_outliers",
    "fix_after",
    "local_owner",
)
# What the stored values mean: another unit or kind would make other figures of them.
MEANING = ("unit", "kind")
# What was agreed with the trajectory.
AGREED = ("kind", "direction", "unit")


class StaleIndicator(Exception):
    """Somebody else changed the indicator since the form was opened."""


@transaction.atomic
def edit_indicator(
    *, indicator_id: int, by: User, seen_version: int, settings: Mapping[str, Any]
) -> Indicator:
    """Change how an indicator is measured and read; ``settings`` are values by FIELDS' names.

    Raises PermissionDenied, StaleIndicator, and ValidationError by field: unit and kind stay once
    there are values, and with the direction once the trajectory is agreed.
    """
    indicators = Indicator.objects.select_for_update(of=("self",)).with_people()
    indicator = indicators.get(pk=indicator_id)
    if not by.has_perm("metrics.edit_indicator", indicator):
        raise PermissionDenied("Only the PMO says how an indicator is measured and read.")
    if indicator.version != seen_version:
        raise StaleIndicator(f"Somebody else changed {indicator.reference} while you wrote.")
    before = {name: getattr(indicator, name) for name in FIELDS}
    changed = {name: settings[name] for name in FIELDS if settings[name] != before[name]}
    _check(indicator, settings, changed)
    if not changed:
        return indicator
    for name, value in changed.items():
        setattr(indicator, name, value)
    indicator.version += 1
    indicator.save(update_fields=[*changed, "version"])
    audit.record(
        actor=by,
        action="indicator.edited",
        target=indicator,
        changes=audit.changed(before, changed),
    )
    return indicator


def _check(indicator: Indicator, settings: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
    errors: dict[str, str] = {}
    if is_baselined(indicator):
        errors |= {
            name: "This was agreed with the trajectory, so it stays as it is"
            for name in AGREED
            if name in changed
        }
    if indicator.measurements.exists():
        errors |= {
            name: "There are values already, which it would change. Leave it as it is"
            for name in MEANING
            if name in changed
        }
    met = settings["met_threshold"] or indicator.programme.met_threshold
    near = settings["near_threshold"] or indicator.programme.near_threshold
    if not 0 < near < met <= 100:
        errors["near_threshold"] = (
            f"Near ({near}%) must be less than Met ({met}%), and both between 1 and 100"
        )
    if settings["fix_after"] is not None and settings["fix_after"] < 12:
        errors["fix_after"] = "Fix the limits after 12 points or more, or leave it empty"
    if errors:
        raise ValidationError(errors)
