from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from metrics.models import IndicatorKind, Measurement
from metrics.services import StaleValue, check_value, record_measurement
from tests.factories.metrics import IndicatorFactory, MeasurementFactory

FEBRUARY = date(2016, 2, 1)


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(workstream=workstream, local_owner=local_owner)


def test_the_first_value_of_a_month_needs_no_reason(indicator, local_owner):
    recorded = record_measurement(
        indicator_id=indicator.pk, month=FEBRUARY, by=local_owner, value=Decimal(80)
    )

    assert (recorded.value, recorded.recorded_by) == (80, local_owner)
    assert recorded.correction_reason == ""


def test_a_correction_keeps_the_old_value_and_says_why(indicator, local_owner):
    old = MeasurementFactory(indicator=indicator, value=Decimal(80))

    new = record_measurement(
        indicator_id=indicator.pk,
        month=FEBRUARY,
        by=local_owner,
        value=Decimal(82),
        correction_reason="Two registers came late",
    )

    old.refresh_from_db()
    assert (old.value, old.replaced_at is not None) == (80, True)
    assert (new.value, new.correction_reason) == (82, "Two registers came late")
    assert list(indicator.measurements.in_force()) == [new]


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_correction_without_a_reason_is_refused_with_the_value_it_would_replace(
    indicator, local_owner, reason
):
    MeasurementFactory(indicator=indicator, value=Decimal(80))

    with pytest.raises(ValidationError) as caught:
        record_measurement(
            indicator_id=indicator.pk,
            month=FEBRUARY,
            by=local_owner,
            value=Decimal(82),
            correction_reason=reason,
        )

    assert caught.value.message_dict == {
        "correction_reason": ["February 2016 already has the value 80%. Say why it changes"]
    }
    assert indicator.measurements.get().replaced_at is None


def test_the_same_value_again_changes_nothing(indicator, local_owner):
    old = MeasurementFactory(indicator=indicator, value=Decimal(80))

    recorded = record_measurement(
        indicator_id=indicator.pk, month=FEBRUARY, by=local_owner, value=Decimal("80.0")
    )

    assert (recorded, Measurement.objects.count()) == (old, 1)


def test_a_value_that_came_in_meanwhile_is_not_replaced_unseen(indicator, local_owner):
    seen = indicator.measurements.version()
    meanwhile = MeasurementFactory(indicator=indicator, value=Decimal(81))

    with pytest.raises(StaleValue) as caught:
        record_measurement(
            indicator_id=indicator.pk,
            month=FEBRUARY,
            by=local_owner,
            value=Decimal(82),
            correction_reason="Recount",
            seen_version=seen,
        )

    assert caught.value.measurement == meanwhile
    assert indicator.measurements.get() == meanwhile


@pytest.mark.parametrize("who", ["pmo_administrator", "pmo_officer", "executive_lead"])
def test_the_pmo_and_the_executive_lead_record_too(request, indicator, who):
    person = request.getfixturevalue(who)

    recorded = record_measurement(
        indicator_id=indicator.pk, month=FEBRUARY, by=person, value=Decimal(80)
    )

    assert recorded.recorded_by == person


@pytest.mark.parametrize("who", ["elt_member", "auditor", "external_reader"])
def test_nobody_else_records(request, indicator, who):
    with pytest.raises(PermissionDenied, match="records an indicator's values"):
        record_measurement(
            indicator_id=indicator.pk,
            month=FEBRUARY,
            by=request.getfixturevalue(who),
            value=Decimal(80),
        )

    assert not Measurement.objects.exists()


@pytest.mark.parametrize(
    ("kind", "value", "text", "field"),
    [
        (IndicatorKind.PERCENT, Decimal(101), "", "value"),
        (IndicatorKind.PERCENT, Decimal("-0.1"), "", "value"),
        (IndicatorKind.NUMBER, None, "", "value"),
        (IndicatorKind.NUMBER, Decimal("NaN"), "", "value"),
        (IndicatorKind.NUMBER, Decimal("Infinity"), "", "value"),
        (IndicatorKind.NUMBER, Decimal("1e11"), "", "value"),
        (IndicatorKind.YES_NO, Decimal(2), "", "value"),
        (IndicatorKind.NARRATIVE, None, " ", "text"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_at_its_field(
    programme, workstream, kind, value, text, field
):
    indicator = IndicatorFactory(workstream=workstream, kind=kind)

    with pytest.raises(ValidationError) as caught:
        check_value(indicator, month=FEBRUARY, value=value, text=text)

    assert list(caught.value.message_dict) == [field]


def test_a_month_that_has_not_begun_takes_no_value(indicator):
    check_value(indicator, month=date(2016, 3, 1), value=Decimal(80))

    with pytest.raises(ValidationError, match="April 2016 lies ahead"):
        check_value(indicator, month=date(2016, 4, 1), value=Decimal(80))
