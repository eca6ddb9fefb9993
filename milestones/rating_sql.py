"""The rules of ``milestones.rating`` as SQL, so that lists and counts need no loop in Python."""

from datetime import date, timedelta

from django.db.models import (
    Case,
    CharField,
    DateField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from milestones.rating import DeliveryRating


def rating_case(*, as_of: date, tolerance_days: int, withdrawn: Q) -> Case:
    """Give the same rating as ``delivery_rating``; `withdrawn` finds the withdrawn milestones."""
    tolerance = timedelta(days=tolerance_days)
    cases = [
        (withdrawn, DeliveryRating.WITHDRAWN),
        (Q(completed_date__lte=as_of), DeliveryRating.COMPLETE),
        (Q(planned_date__isnull=True), DeliveryRating.NO_DATE),
        (Q(planned_date__lt=as_of - tolerance), DeliveryRating.AT_RISK),
        (Q(forecast_date__gt=F("planned_date") + tolerance), DeliveryRating.AT_RISK),
        (_is_late(as_of), DeliveryRating.DELAYED),
    ]
    return Case(
        *(When(condition, then=Value(rating.value)) for condition, rating in cases),
        default=Value(DeliveryRating.ON_TRACK.value),
        output_field=CharField(),
    )


def urgency_case(*, as_of: date, withdrawn: Q) -> Case:
    """Give 0 for a late milestone, 1 without a date, 2 on track, 3 complete, 4 withdrawn."""
    cases = [
        (withdrawn, 4),
        (Q(completed_date__lte=as_of), 3),
        (Q(planned_date__isnull=True), 1),
        (_is_late(as_of), 0),
    ]
    return Case(
        *(When(condition, then=Value(place)) for condition, place in cases),
        default=Value(2),
        output_field=IntegerField(),
    )


def lateness(*, as_of: date) -> ExpressionWrapper:
    """Give the same span as ``days_late``, as a duration; NULL without a planned date."""
    today = Value(as_of, output_field=DateField())
    expected = Coalesce("forecast_date", "planned_date")
    finish = Case(
        When(completed_date__lte=as_of, then=F("completed_date")),
        When(planned_date__lt=as_of, then=Greatest(expected, today)),
        default=expected,
        output_field=DateField(),
    )
    return ExpressionWrapper(finish - F("planned_date"), output_field=DurationField())


def _is_late(as_of: date) -> Q:
    return Q(planned_date__lt=as_of) | Q(forecast_date__gt=F("planned_date"))
