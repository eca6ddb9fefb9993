from datetime import date
from typing import Any

from metrics.models import Indicator, IndicatorKind, Measurement
from metrics.rating import Direction
from milestones.models import Milestone
from reports.demonstration import DEMONSTRATION_DATE
from reports.demonstration.measurements import (
    FIRST_MONTH,
    LAST_MONTH,
    measurement,
    months_between,
)
from reports.demonstration.processes import Shape
from workstreams.dates import DatePrecision
from workstreams.models import CqcAction, CqcLevel, Programme, Project, Workstream

# Neither more nor fewer of them is good, and both have lately changed.
WATCHED = {
    "Patients discharged": Shape(640, 40, tail=(160,), decimals=0),
    "Patients admitted from the emergency department": Shape(410, 30, tail=(-160,), decimals=0),
}


def create_other_trust() -> Programme:
    """Create a second, small programme: it shows that members of one see nothing of another."""
    programme, is_new = Programme.objects.get_or_create(
        slug="other-trust",
        defaults={
            "name": "Other trust improvement plan",
            "organisation": "Other NHS Trust",
            "start_date": date(2016, 1, 1),
            "demonstration_date": DEMONSTRATION_DATE,
        },
    )
    if not is_new:
        return programme
    workstream = Workstream.objects.create(
        programme=programme,
        code="WS1",
        name="Safer discharge",
        executive_role="Director of Operations",
        position=1,
    )
    project = Project.objects.create(
        workstream=workstream, code="WS1-P1", name="Discharge letters", position=1
    )
    action = CqcAction.objects.create(
        programme=programme,
        workstream=workstream,
        reference="WS1-M1",
        level=CqcLevel.MUST,
        text="Send discharge letters within a day",
        position=1,
    )
    action.projects.add(project)
    for position, (title, planned) in enumerate(
        [("Template agreed", date(2016, 10, 31)), ("All wards live", date(2016, 12, 31))], 1
    ):
        Milestone.objects.create(
            programme=programme,
            project=project,
            reference=f"WS1-P1-{position:02}",
            title=title,
            planned_date=planned,
            planned_precision=DatePrecision.MONTH,
            position=position,
        )
    _create_indicators(workstream)
    return programme


def _create_indicators(workstream: Workstream) -> None:
    """Create one indicator to improve and two for which neither direction is good."""
    _create_indicator(
        workstream,
        "Letters sent within a day",
        unit="percent",
        kind=IndicatorKind.PERCENT,
        direction=Direction.UP,
    )
    months = months_between(FIRST_MONTH, LAST_MONTH)
    for name, shape in WATCHED.items():
        indicator = _create_indicator(
            workstream,
            name,
            unit="count",
            kind=IndicatorKind.NUMBER,
            direction=Direction.NEITHER,
        )
        Measurement.objects.bulk_create(
            measurement(indicator, month, value) for month, value in shape.values(name, months)
        )


def _create_indicator(workstream: Workstream, name: str, **fields: Any) -> Indicator:
    position = workstream.indicators.count() + 1
    reference = f"WS1-I{position}"
    return Indicator.objects.create(
        programme=workstream.programme,
        workstream=workstream,
        reference=reference,
        bullet=reference,
        name=name,
        position=position,
        **fields,
    )
