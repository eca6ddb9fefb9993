from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from metrics.models import Indicator, IndicatorKind, Measurement
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory


@pytest.mark.parametrize(
    ("kind", "unit", "value", "shown"),
    [
        (IndicatorKind.PERCENT, "percent", Decimal("12.6000"), "12.6%"),
        (IndicatorKind.NUMBER, "WTE", Decimal("3169.0000"), "3,169 WTE"),
        (IndicatorKind.DURATION, "minutes", Decimal("18.5"), "18.5 minutes"),
        (IndicatorKind.NUMBER, "", Decimal(0), "0"),
        (IndicatorKind.YES_NO, "", Decimal(1), "Yes"),
        (IndicatorKind.YES_NO, "", Decimal(0), "No"),
        (IndicatorKind.PERCENT, "percent", None, ""),
    ],
)
def test_a_value_is_shown_with_its_unit(kind, unit, value, shown):
    indicator = IndicatorFactory.build(kind=kind, unit=unit)

    assert indicator.show(value) == shown


def test_thresholds_of_its_own_win_over_the_programmes(programme):
    ordinary = IndicatorFactory()
    strict = IndicatorFactory(met_threshold=99, near_threshold=97)

    assert (ordinary.met_percent, ordinary.near_percent) == (95, 85)
    assert (strict.met_percent, strict.near_percent) == (99, 97)


def test_a_month_has_one_value_in_force_and_any_number_of_replaced_ones(programme):
    indicator = IndicatorFactory()
    replaced_at = datetime(2016, 3, 4, 9, 0, tzinfo=UTC)
    old = MeasurementFactory.create_batch(2, indicator=indicator, replaced_at=replaced_at)
    standing = MeasurementFactory(indicator=indicator)

    with pytest.raises(IntegrityError), transaction.atomic():
        MeasurementFactory(indicator=indicator)

    assert list(indicator.measurements.in_force()) == [standing]
    assert indicator.measurements.count() == len(old) + 1


def test_a_month_is_stored_as_its_first_day(programme):
    with pytest.raises(IntegrityError), transaction.atomic():
        MeasurementFactory(month=date(2016, 2, 2))
    with pytest.raises(IntegrityError), transaction.atomic():
        TrajectoryPointFactory(month=date(2016, 2, 29))


def test_a_measurement_holds_a_value_or_words(programme):
    with pytest.raises(IntegrityError), transaction.atomic():
        MeasurementFactory(value=None, text="")


def test_values_up_to_a_month_include_it(programme):
    indicator = IndicatorFactory()
    for month in (1, 2, 3):
        MeasurementFactory(indicator=indicator, month=date(2016, month, 1))

    months = Measurement.objects.up_to(date(2016, 2, 1)).values_list("month", flat=True)

    assert sorted(months) == [date(2016, 1, 1), date(2016, 2, 1)]


def test_measures_of_one_bullet_know_each_other(programme):
    first = IndicatorFactory(reference="WS2-I3a", bullet="WS2-I3")
    second = IndicatorFactory(reference="WS2-I3b", bullet="WS2-I3")
    IndicatorFactory(reference="WS2-I4")

    assert list(Indicator.objects.sharing_bullet_of(first)) == [second]


def test_the_version_of_the_values_grows_with_each(programme):
    indicator = IndicatorFactory()
    before = indicator.measurements.version()
    measurement = MeasurementFactory(indicator=indicator)

    assert (before, indicator.measurements.version()) == (0, measurement.pk)
