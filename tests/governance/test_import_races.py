from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connections

from governance import review
from metrics.imports import confirm_file, keep_file, version_of
from metrics.models import Measurement
from metrics.services import EntriesRefused, StaleValue
from tests.factories.metrics import IndicatorFactory, MeasurementFactory

ROUNDS = 10

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_an_import_and_a_page_that_save_at_once_one_is_told(
    workstream, programme, pmo_administrator
):
    indicator = IndicatorFactory(workstream=workstream, reference="WS2-I1")
    MeasurementFactory(indicator=indicator)
    month = date(2016, 2, 1)
    for number in range(ROUNDS):
        seen = version_of(programme)
        content = f"indicator,month,value\nWS2-I1,2016-02,{number + 1}\n".encode()
        file = keep_file(
            programme=programme, by=pmo_administrator, file_name="v.csv", content=content
        )
        gun = Barrier(2)

        def confirm(file=file, seen=seen, gun=gun):
            gun.wait(timeout=10)
            return confirm_file(
                file_id=file.pk, by=pmo_administrator, seen_version=seen, reason="File"
            )

        def type_in(seen=seen, gun=gun, number=number):
            gun.wait(timeout=10)
            return review.record_measurement(
                indicator_id=indicator.pk,
                month=month,
                by=pmo_administrator,
                value=Decimal(50 + number),
                correction_reason="Page",
                seen_version=seen,
            )

        with ThreadPoolExecutor(2) as pool:
            refused = sum(pool.map(_is_refused, (confirm, type_in)))

        assert refused == 1

    assert Measurement.objects.count() == ROUNDS + 1
    assert Measurement.objects.in_force().count() == 1


def _is_refused(act) -> bool:
    try:
        act()
    except (EntriesRefused, StaleValue):
        return True
    finally:
        connections.close_all()
    return False
