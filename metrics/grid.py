"""The months of a work stream's indicators as one form, saved at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import TrackerForm
from metrics.forms import FigureField, offered_months
from metrics.models import Indicator, IndicatorKind, Measurement
from metrics.services import Entry, StaleValue
from workstreams.calendar import format_month
from workstreams.dates import long_month, short_day

MONTHS_SHOWN = 6
MOST_MONTHS = 12
YES_NO = [("", ""), ("1", "Yes"), ("0", "No")]


@dataclass(frozen=True)
class GridCell:
    """A cell as the page draws it; without a field, no value belongs there."""

    field: forms.BoundField | None
    entered: str = ""


@dataclass(frozen=True)
class GridRow:
    indicator: Indicator
    cells: list[GridCell]


class ValueGrid(TrackerForm):
    """One field per indicator and month, and how all of what changed is to be read."""

    is_provisional = forms.BooleanField(
        label="The values that I change are provisional",
        help_text="Final values replace them later, without a reason.",
        required=False,
    )
    correction_reason = forms.CharField(
        label="Reason for corrections",
        help_text="Needed when a final value changes. The old value is kept.",
        required=False,
        max_length=300,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        indicators: list[Indicator],
        today: date,
        months: int = MONTHS_SHOWN,
    ) -> None:
        """``indicators`` are those that the person may record, none of them narrative."""
        self.indicators = indicators
        self.months = list(reversed(offered_months(today)[:months]))
        self.every = list(
            Measurement.objects.filter(indicator__in=indicators, month__in=self.months)
            .select_related("recorded_by")
            .order_by("pk")
        )
        self.newest = self.every[-1].pk if self.every else 0
        standing = self.standing_at(self.newest)
        initial = {cell_name(*key): shown(each) for key, each in standing.items()}
        super().__init__(data, initial={**initial, "version": self.newest})
        self.standing = standing
        for indicator in indicators:
            for month in self.months:
                if not indicator.is_quarterly or month.month % 3 == 0:
                    self.fields[cell_name(indicator.pk, month)] = _field(indicator, month)

    def standing_at(self, version: int) -> dict[tuple[int, date], Measurement]:
        """The values that stood when a page with this version was opened."""
        return {(each.indicator_id, each.month): each for each in self.every if each.pk <= version}

    def entries(self) -> list[Entry]:
        """What changed against the page that the person saw; an emptied cell gets an error."""
        version = self.cleaned_data["version"]
        seen = self.standing_at(version)
        entries = []
        for indicator in self.indicators:
            for month in self.months:
                name = cell_name(indicator.pk, month)
                value, was = self.cleaned_data.get(name), seen.get((indicator.pk, month))
                if value in (None, "") and was and name in self.fields:
                    now = indicator.show(was.value)
                    self.add_error(name, f"A value is not taken away. It was {now}; correct it")
                elif value not in (None, "") and (was is None or was.value != Decimal(value)):
                    entries.append(self._entry(indicator, month, Decimal(value), version))
        return entries

    def _entry(self, indicator: Indicator, month: date, value: Decimal, version: int) -> Entry:
        return Entry(
            indicator_id=indicator.pk,
            month=month,
            value=value,
            is_provisional=self.cleaned_data["is_provisional"],
            correction_reason=self.cleaned_data["correction_reason"],
            seen_version=version,
        )

    def show_problems(
        self, entries: list[Entry], problems: Mapping[int, ValidationError | StaleValue]
    ) -> bool:
        """Put each problem at its cell; whether one is a conflict, which saving again overrides."""
        conflict = False
        for place, problem in problems.items():
            name = cell_name(entries[place].indicator_id, entries[place].month)
            if isinstance(problem, StaleValue):
                conflict = True
                self.newest = max(self.newest, problem.measurement.pk)
                self.add_error(name, _conflict(problem.measurement))
            elif "correction_reason" in problem.message_dict:
                self.add_error(name, problem.message_dict["correction_reason"])
                if "correction_reason" not in self.errors:
                    self.add_error("correction_reason", "Say why these values change")
            else:
                self.add_error(name, problem.messages)
        if conflict:
            self.data = {name: self.data.get(name, "") for name in self.fields}
            if not self.cleaned_data["is_provisional"]:
                self.data.pop("is_provisional")
            self.data["version"] = self.newest
        return conflict

    def rows(self) -> list[GridRow]:
        """The table: a row per indicator, a cell per month."""
        return [
            GridRow(each, [self._cell(each, month) for month in self.months])
            for each in self.indicators
        ]

    def _cell(self, indicator: Indicator, month: date) -> GridCell:
        name = cell_name(indicator.pk, month)
        if name not in self.fields:
            return GridCell(None)
        standing = self.standing.get((indicator.pk, month))
        return GridCell(self[name], entered(standing) if standing else "")


def cell_name(indicator_id: int, month: date) -> str:
    """Give the name of a cell's field: "value-7-2016-03"."""
    return f"value-{indicator_id}-{format_month(month)}"


def shown(measurement: Measurement) -> str:
    """A value as the cell holds it, to be typed over."""
    return "" if measurement.value is None else f"{measurement.value.normalize() + 0:f}"


def entered(measurement: Measurement) -> str:
    """Who entered a value and when, and whether it is provisional."""
    by = f"{measurement.recorded_by}, " if measurement.recorded_by else ""
    mark = "Provisional, " if measurement.is_provisional else ""
    return f"{mark}{by}{short_day(measurement.recorded_at.date())}"


def _field(indicator: Indicator, month: date) -> forms.Field:
    label = f"{indicator.reference}, {long_month(month)}"
    if indicator.is_yes_no:
        return forms.ChoiceField(
            label=label,
            choices=YES_NO,
            required=False,
            widget=forms.Select(attrs={"class": "nhsuk-select qip-grid__value"}),
            error_messages={"invalid_choice": "Choose yes or no"},
        )
    field = FigureField(label=label, required=False, max_length=40)
    field.is_percent = indicator.show(Decimal(1)).endswith("%")
    field.widget.attrs = {"inputmode": "decimal", "class": "nhsuk-input qip-grid__value"}
    if indicator.kind == IndicatorKind.PERCENT:
        field.help_text = "In percent"
    return field


def _conflict(now: Measurement) -> str:
    shown_now = now.indicator.show(now.value)
    return (
        f"{now.recorded_by or 'Somebody'} entered {shown_now} meanwhile. To put yours in its "
        "place, give a reason and save again"
    )
