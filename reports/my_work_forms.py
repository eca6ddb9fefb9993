"""The small forms of the page My work, one to a row."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms

from accounts.forms import SplitDateField, TrackerForm
from metrics.forms import LONGEST_NARRATIVE, FigureField
from metrics.models import IndicatorKind
from milestones.forms import OWNER_STATUSES, VersionedForm
from milestones.models import MilestoneStatus
from milestones.services import LONGEST_REASON, Position
from reports.my_work import MeasurementWork, MilestoneWork
from workstreams.calendar import format_month, parse_month
from workstreams.dates import long_month


class MilestoneRowForm(VersionedForm):
    """The monthly update in short; what it does not ask stays as the last update said it."""

    mark_optional = False

    status = forms.ChoiceField(label="Status", choices=OWNER_STATUSES)
    forecast_date = SplitDateField(label="New forecast", required=False)
    completed_date = SplitDateField(label="Completed date", required=False)
    no_evidence_reason = forms.CharField(
        label="If there is no evidence, say why", required=False, max_length=LONGEST_REASON
    )
    narrative = forms.CharField(
        label="What happened this month?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, work: MilestoneWork, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id=f"{work.anchor}-%s", initial=stored_answers(work))
        self.initial["version"] = work.milestone.version
        self.fields["forecast_date"].help_text = _last_forecast(work)
        _name_row(self, work.anchor)
        self._owner_view = work.update.owner_view if work.update else ""

    def position(self) -> Position:
        """Give the valid answers as the services take them."""
        data = self.cleaned_data
        return Position(
            status=MilestoneStatus(data["status"]),
            forecast_date=data["forecast_date"],
            completed_date=data["completed_date"],
            owner_view=self._owner_view,
            narrative=data["narrative"],
            no_evidence_reason=data["no_evidence_reason"],
        )


def _name_row(form: forms.Form, anchor: str) -> None:
    """Tell the rows of a page apart, whose forms are alike, for text that waits for one."""
    form.fields[anchor] = forms.CharField(
        widget=forms.HiddenInput, required=False, initial="row", max_length=10
    )


def _last_forecast(work: MilestoneWork) -> str:
    milestone = work.milestone
    if milestone.forecast_date:
        return f"Last forecast {milestone.forecast_text}"
    return f"None yet; planned {milestone.planned_text or 'for no date'}"


def stored_answers(work: MilestoneWork) -> dict[str, Any]:
    """Give what is stored, by the form's names. Each month's narrative begins blank."""
    milestone = work.milestone
    return {
        "status": milestone.status,
        "forecast_date": milestone.forecast_date,
        "completed_date": milestone.completed_date,
        "narrative": work.update.narrative if work.update and work.is_updated else "",
    }


class MeasurementRowForm(TrackerForm):
    """One indicator's value, or words, for the month that is due."""

    month = forms.TypedChoiceField(widget=forms.HiddenInput, coerce=parse_month)

    def __init__(self, work: MeasurementWork, data: Mapping[str, Any] | None = None) -> None:
        month = format_month(work.standing.month)
        super().__init__(data, auto_id=f"{work.anchor}-%s", initial={"month": month})
        offered = cast(forms.TypedChoiceField, self.fields["month"])
        # A page left open over the turn of the month would fill in the wrong one.
        offered.choices = [(month, month)]
        offered.error_messages["invalid_choice"] = "Another month is due now. Enter its value"
        field = self.fields["text" if work.standing.indicator.is_narrative else "value"]
        field.label = long_month(work.standing.month)
        _name_row(self, work.anchor)


class FigureRowForm(MeasurementRowForm):
    value = FigureField(max_length=40)

    def __init__(self, work: MeasurementWork, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(work, data)
        indicator = work.standing.indicator
        field = cast(FigureField, self.fields["value"])
        field.is_percent = indicator.show(Decimal(1)).endswith("%")
        field.widget.attrs |= {"inputmode": "decimal", "class": "nhsuk-input--width-5"}
        if indicator.kind == IndicatorKind.PERCENT or field.is_percent:
            field.help_text = "In percent"
        elif indicator.unit:
            field.help_text = f"In {indicator.unit}"


class YesNoRowForm(MeasurementRowForm):
    value = forms.ChoiceField(choices=[("", "Choose"), ("1", "Yes"), ("0", "No")])


class NarrativeRowForm(MeasurementRowForm):
    text = forms.CharField(max_length=LONGEST_NARRATIVE, widget=forms.Textarea(attrs={"rows": 2}))


def measurement_form(
    work: MeasurementWork, data: Mapping[str, Any] | None = None
) -> MeasurementRowForm:
    """Give the form that takes the kind of value an indicator has."""
    indicator = work.standing.indicator
    if indicator.is_narrative:
        return NarrativeRowForm(work, data)
    form_class = YesNoRowForm if indicator.is_yes_no else FigureRowForm
    return form_class(work, data)
