from collections.abc import Iterator

from metrics.forms import offered_months
from metrics.models import Indicator, Measurement
from workstreams.calendar import format_month
from workstreams.models import Programme
from workstreams.spreadsheets import Value, write_csv, write_xlsx

TEMPLATE_MONTHS = 6
HEADER = ("Indicator", "Name", "Unit", "Month", "Value", "Provisional")


def sheet_of(programme: Programme, *, sheet: str, ending: str) -> bytes:
    """The file of a programme's "values", or the "template" for new ones, as "csv" or "xlsx"."""
    rows = _values(programme) if sheet == "values" else _template(programme)
    return write_csv(rows) if ending == "csv" else write_xlsx(rows, title="Values")


def _values(programme: Programme) -> Iterator[tuple[Value, ...]]:
    """One row per value in force, as the import reads them: nothing changes when it does."""
    yield HEADER
    values = Measurement.objects.in_force().filter(indicator__programme=programme)
    for each in values.select_related("indicator").order_by(
        "indicator__workstream__position", "indicator__position", "indicator", "month"
    ):
        indicator = each.indicator
        value: Value = each.text if each.value is None else each.value
        if indicator.is_yes_no and each.value is not None:
            value = "yes" if each.value else "no"
        yield (
            indicator.reference,
            indicator.name,
            indicator.unit,
            format_month(each.month),
            value.normalize() + 0 if not isinstance(value, str) else value,  # type: ignore[union-attr]
            "yes" if each.is_provisional else "",
        )


def _template(programme: Programme) -> Iterator[tuple[Value, ...]]:
    months = offered_months(programme.today())[:TEMPLATE_MONTHS]
    yield ("Indicator", "Name", "Unit", *(format_month(month) for month in reversed(months)))
    for each in Indicator.objects.filter(programme=programme).in_plan_order():
        yield (each.reference, each.name, each.unit, *([None] * len(months)))
