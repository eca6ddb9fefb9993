from datetime import UTC, date, datetime
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from metrics.models import Indicator, IndicatorKind, Measurement, TrajectoryPoint
from metrics.rating import Direction
from tests.factories.accounts import UserFactory
from tests.factories.workstreams import WorkstreamFactory


class IndicatorFactory(DjangoModelFactory[Indicator]):
    class Meta:
        model = Indicator

    workstream = factory.SubFactory(WorkstreamFactory)
    programme = factory.SelfAttribute("workstream.programme")
    reference = factory.Sequence(lambda n: f"WS2-I{n}")
    bullet = factory.SelfAttribute("reference")
    name = "Risk registers updated in the month"
    unit = "percent"
    kind = IndicatorKind.PERCENT
    direction = Direction.UP
    local_owner = factory.SubFactory(UserFactory)
    position = factory.Sequence(lambda n: n)


class TrajectoryPointFactory(DjangoModelFactory[TrajectoryPoint]):
    class Meta:
        model = TrajectoryPoint

    indicator = factory.SubFactory(IndicatorFactory)
    month = date(2016, 2, 1)
    value = Decimal(90)


class MeasurementFactory(DjangoModelFactory[Measurement]):
    class Meta:
        model = Measurement

    indicator = factory.SubFactory(IndicatorFactory)
    month = date(2016, 2, 1)
    value = Decimal(80)
    recorded_at = datetime(2016, 3, 3, 9, 0, tzinfo=UTC)
