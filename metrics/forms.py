import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import TrackerForm
from metrics.models import Indicator, IndicatorKind
from metrics.standing import reporting_month
from workstreams.calendar import format_month, month_start, next_month, parse_month, previous_month
from workstreams.dates import long_month

MONTHS_BACK = 24
LONGEST_NARRATIVE = 2000
# ASCII digits alone: a full-width or Arabic digit is more likely a slip than a figure.
FIGURE = re.compile(
    r"(?P<sign>[-\u2212]?)"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|(?=\.[0-9]))"
    r"(?:\.(?P<part>[0-9]+))?"
    r"(?P<percent> ?%)?"
)
COMMA_AS_POINT = re.compile(r"[-\u2212]?[0-9]+,[0-9]+ ?%?")
MOST_DIGITS = 11
MOST_DECIMALS = 4


class FigureField(forms.CharField):
    """A number as people type it: "1,240", "12.5", "88%" where the unit is percent."""

    default_error_messages = {  # noqa: RUF012
        "comma": "Write decimals with a point, like 12.5, and thousands like 1,240",
        "no_figure": "Enter a number, like 88 or 1,240.5",
        "no_percent": "Enter the number without a % sign, because this is not measured in percent",
        "digits": f"Enter a number with at most {MOST_DIGITS} digits before the point",
        "decimals": f"Enter at most {MOST_DECIMALS} digits after the point",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.is_percent = False

    def clean(self, value: Any) -> Any:
        """Turn the typed text into a Decimal, or None when it is blank."""
        typed = super().clean(value)
        return self._figure(typed) if typed else None

    def _figure(self, typed: str) -> Decimal:
        match = FIGURE.fullmatch(typed)
        if match is None:
            raise self._error("comma" if COMMA_AS_POINT.fullmatch(typed) else "no_figure")
        if match["percent"] and not self.is_percent:
            raise self._error("no_percent")
        whole, part = match["whole"].replace(",", "").lstrip("0") or "0", match["part"] or "0"
        if len(whole) > MOST_DIGITS:
            raise self._error("digits")
        if len(part.rstrip("0")) > MOST_DECIMALS:
            raise self._error("decimals")
        sign = "-" if match["sign"] else ""
        return Decimal(f"{sign}{whole}.{part.rstrip('0') or '0'}")

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)


class MeasurementForm(TrackerForm):
    """A month and its correction's reason; what is entered for the month is a subclass's."""

    submit_label = "Save"
    field_order = ("month", "value", "text", "is_provisional", "correction_reason", "version")

    month = forms.TypedChoiceField(label="Month", coerce=parse_month)
    is_provisional = forms.BooleanField(
        label="This value is provisional",
        help_text="A final value replaces it later, without a reason.",
        required=False,
    )
    correction_reason = forms.CharField(
        label="Reason for a correction",
        help_text="Needed when the month has a value already. The old value is kept.",
        required=False,
        max_length=300,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        indicator: Indicator,
        today: date,
        wanted_month: str = "",
    ) -> None:
        """``wanted_month`` ("2016-10") is chosen beforehand where it is one that is offered."""
        months = offered_months(today)
        filled = set(indicator.measurements.in_force().values_list("month", flat=True))
        chosen = first_empty_month(months, filled, today=today)
        for month in months:
            chosen = month if format_month(month) == wanted_month else chosen
        version = indicator.measurements.version()
        super().__init__(data, initial={"month": format_month(chosen), "version": version})
        month_field = cast(forms.TypedChoiceField, self.fields["month"])
        month_field.choices = [
            (format_month(month), _month_label(month, has_value=month in filled))
            for month in months
        ]
        self.cancel_url = indicator.get_absolute_url()

    def show_conflict(self, message: str) -> None:
        """Ask again, so that saving now means: with the other value seen."""
        typed = {name: self.data.get(name, "") for name in self.fields}
        self.data = {**typed, "version": self.initial["version"]}
        self.add_error("month", message)


class FigureForm(MeasurementForm):
    """A number for a month."""

    value = FigureField(label="Value", max_length=40)

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, indicator=indicator, **kwargs)
        field = cast(FigureField, self.fields["value"])
        field.is_percent = indicator.show(Decimal(1)).endswith("%")
        field.widget.attrs |= {"inputmode": "decimal", "class": "nhsuk-input--width-10"}
        if indicator.kind == IndicatorKind.PERCENT:
            field.help_text = "In percent, from 0 to 100"
        elif indicator.unit:
            field.help_text = f"In {'percent' if field.is_percent else indicator.unit}"


class YesNoForm(MeasurementForm):
    """Yes or no for a month."""

    value = forms.TypedChoiceField(
        label="Was it so at the end of the month?",
        choices=[("1", "Yes"), ("0", "No")],
        coerce=Decimal,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no", "invalid_choice": "Choose yes or no"},
    )


class NarrativeForm(MeasurementForm):
    """What was found in a month, in words."""

    text = forms.CharField(
        label="What was found",
        help_text=f"Up to {LONGEST_NARRATIVE:,} characters. Nothing that identifies a patient.",
        max_length=LONGEST_NARRATIVE,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


def form_class_for(indicator: Indicator) -> type[MeasurementForm]:
    """The form that takes the kind of value an indicator has."""
    if indicator.is_narrative:
        return NarrativeForm
    return YesNoForm if indicator.is_yes_no else FigureForm


def offered_months(today: date) -> list[date]:
    """Months that a value may be entered for: this one and the 24 before it, newest first."""
    months = [month_start(today)]
    while len(months) <= MONTHS_BACK:
        months.append(previous_month(months[-1]))
    return months


def first_empty_month(months: list[date], filled: set[date], *, today: date) -> date:
    """The month that most likely comes next: the one after the last that has a value.

    Without a value it is the last complete month; when this month has one already, the newest
    month that has none.
    """
    if not filled:
        return reporting_month(today)
    if max(filled) >= months[0]:
        return next((month for month in months if month not in filled), months[0])
    return max(next_month(max(filled)), months[-1])


def _month_label(month: date, *, has_value: bool) -> str:
    return f"{long_month(month)} (has a value)" if has_value else long_month(month)
