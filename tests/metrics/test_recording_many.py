from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from governance import review
from governance.models import ExceptionReport
from metrics.models import EntryChannel, Frequency, Measurement
from metrics.services import EntriesRefused, Entry, StaleValue, check_value, record_measurement
from tests.factories.metrics import IndicatorFactory, MeasurementFactory

JANUARY, FEBRUARY, MARCH = (date(2016, month, 1) for month in (1, 2, 3))


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(
        workstream=workstream, local_owner=local_owner, final_target=Decimal(100)
    )


def record(indicator, by, *entries):
    return review.record_measurements(
        programme_id=indicator.programme_id, entries=entries, by=by, channel=EntryChannel.GRID
    )


def entry(indicator, month, value, **more):
    return Entry(indicator_id=indicator.pk, month=month, value=Decimal(value), **more)


def test_many_values_are_kept_with_their_channel_and_reviewed_once(indicator, local_owner):
    recorded = record(
        indicator, local_owner, entry(indicator, JANUARY, 80), entry(indicator, FEBRUARY, 50)
    )

    assert [(each.value, each.channel) for each in recorded] == [(80, "grid"), (50, "grid")]
    assert ExceptionReport.objects.get().indicator == indicator


def test_one_wrong_value_of_many_keeps_all_from_being_written(indicator, local_owner):
    with pytest.raises(EntriesRefused) as caught:
        record(
            indicator, local_owner, entry(indicator, JANUARY, 80), entry(indicator, FEBRUARY, 140)
        )

    assert list(caught.value.problems) == [1]
    assert not Measurement.objects.exists()


def test_a_value_that_came_in_meanwhile_is_a_conflict(indicator, local_owner):
    MeasurementFactory(indicator=indicator)

    with pytest.raises(EntriesRefused) as caught:
        record(indicator, local_owner, entry(indicator, FEBRUARY, 81, seen_version=0))

    assert isinstance(caught.value.problems[0], StaleValue)


def test_nobody_records_many_values_of_what_is_not_theirs(indicator, auditor):
    with pytest.raises(PermissionDenied):
        record(indicator, auditor, entry(indicator, JANUARY, 80))


def test_a_final_value_replaces_a_provisional_one_without_a_reason(indicator, local_owner):
    said = {"indicator_id": indicator.pk, "month": FEBRUARY, "by": local_owner}
    first = record_measurement(**said, value=Decimal(80), is_provisional=True)

    final = record_measurement(**said, value=Decimal(80))

    first.refresh_from_db()
    assert first.replaced_at is not None
    assert (final.is_provisional, final.correction_reason) == (False, "")


@pytest.mark.parametrize("was_provisional", [True, False])
def test_a_provisional_value_replaces_another_only_with_a_reason(
    indicator, local_owner, was_provisional
):
    MeasurementFactory(indicator=indicator, is_provisional=was_provisional)

    with pytest.raises(ValidationError):
        record_measurement(
            indicator_id=indicator.pk,
            month=FEBRUARY,
            by=local_owner,
            value=Decimal(81),
            is_provisional=True,
        )


def test_a_quarterly_value_stands_for_the_last_month_of_its_quarter(indicator):
    indicator.frequency = Frequency.QUARTERLY

    check_value(indicator, month=MARCH, value=Decimal(80))
    with pytest.raises(ValidationError, match="does not end a quarter"):
        check_value(indicator, month=FEBRUARY, value=Decimal(80))
