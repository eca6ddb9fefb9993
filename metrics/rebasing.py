"""What people say of a process: where it became another one, and what happened in a month."""

from datetime import date
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from metrics.models import Annotation, Indicator, Rebase
from workstreams.dates import long_month

Note = TypeVar("Note", Rebase, Annotation)


@transaction.atomic
def rebase(*, indicator_id: int, month: date, reason: str, by: User) -> Rebase:
    """Begin a new step of the chart at a month: own mean, limits and runs from there on.

    Only the PMO, only for a stated reason and at a month with a value (NHS Making Data Count);
    nothing does so by itself. Raises PermissionDenied, and ValidationError by field.
    """
    indicator = _locked(indicator_id)
    if not by.has_perm("metrics.rebase", indicator):
        raise PermissionDenied("Only the PMO rebases a chart: ask it to, with the reason.")
    errors: dict[str, str] = {}
    if not reason.strip():
        errors["reason"] = "Enter what changed in the process, and how it is known"
    problem = _why_not_at(indicator, month)
    if problem:
        errors["month"] = problem
    if errors:
        raise ValidationError(errors)
    made = Rebase.objects.create(
        indicator=indicator, month=month, reason=reason.strip(), made_by=by, made_at=timezone.now()
    )
    _record("indicator.rebased", made, text=made.reason, by=by)
    return made


def months_to_rebase(indicator: Indicator) -> list[date]:
    """Give the months at which a step may begin, the newest first."""
    begun = {row.month for row in indicator.rebases.standing()}
    return [month for month in _measured(indicator)[:0:-1] if month not in begun]


@transaction.atomic
def take_back_rebase(*, rebase_id: int, by: User) -> Rebase:
    """Join the step to the one before again; the record of it stays. Raises PermissionDenied."""
    made = Rebase.objects.select_for_update(of=("self",)).get(pk=rebase_id)
    if not by.has_perm("metrics.rebase", made.indicator):
        raise PermissionDenied("Only the PMO rebases a chart: ask it to, with the reason.")
    return _take_back(made, "indicator.rebase_taken_back", text=made.reason, by=by)


@transaction.atomic
def annotate(*, indicator_id: int, month: date, text: str, by: User) -> Annotation:
    """Mark on the chart what happened in a month. Raises PermissionDenied and ValidationError."""
    indicator = _locked(indicator_id)
    if not by.has_perm("metrics.annotate", indicator):
        raise PermissionDenied("Only its owner, its executive lead or the PMO marks a chart.")
    errors: dict[str, str] = {}
    if not text.strip():
        errors["text"] = "Enter what happened"
    if month not in _measured(indicator):
        errors["month"] = f"{long_month(month)} has no value. Choose a month that has one"
    if errors:
        raise ValidationError(errors)
    made = Annotation.objects.create(
        indicator=indicator, month=month, text=text.strip(), made_by=by, made_at=timezone.now()
    )
    _record("indicator.annotated", made, text=made.text, by=by)
    return made


def months_to_annotate(indicator: Indicator) -> list[date]:
    """Give the months that have a value, the newest first."""
    return _measured(indicator)[::-1]


@transaction.atomic
def take_back_annotation(*, annotation_id: int, by: User) -> Annotation:
    """Take a mark off the chart; the record of it stays. Raises PermissionDenied."""
    made = Annotation.objects.select_for_update(of=("self",)).get(pk=annotation_id)
    if not by.has_perm("metrics.annotate", made.indicator):
        raise PermissionDenied("Only its owner, its executive lead or the PMO marks a chart.")
    return _take_back(made, "indicator.annotation_taken_back", text=made.text, by=by)


def _locked(indicator_id: int) -> Indicator:
    # Locked, so that two people at once do not begin the same step twice.
    indicators = Indicator.objects.select_for_update(of=("self",)).with_people()
    return indicators.get(pk=indicator_id)


def _measured(indicator: Indicator) -> list[date]:
    values = indicator.measurements.in_force().filter(value__isnull=False)
    return list(values.order_by("month").values_list("month", flat=True))


def _why_not_at(indicator: Indicator, month: date) -> str:
    measured = _measured(indicator)
    if month not in measured:
        return f"{long_month(month)} has no value. Choose a month that has one"
    if month == measured[0]:
        return f"The chart begins in {long_month(month)} already. Choose a later month"
    if indicator.rebases.standing().filter(month=month).exists():
        return f"A step begins in {long_month(month)} already. Take that back first"
    return ""


def _take_back(made: Note, action: str, *, text: str, by: User) -> Note:
    if made.removed_by_id is None:
        made.removed_by, made.removed_at = by, timezone.now()
        made.save(update_fields=["removed_by", "removed_at"])
        _record(action, made, text=text, by=by)
    return made


def _record(action: str, made: Rebase | Annotation, *, text: str, by: User) -> None:
    audit.record(
        actor=by,
        action=action,
        target=made.indicator,
        details={"month": f"{made.month:%Y-%m}", "text": text},
    )
