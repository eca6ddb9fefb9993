from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms

from accounts.forms import TrackerForm, TrackerModelForm
from accounts.models import User
from metrics.indicator_settings import FIELDS
from metrics.models import Indicator
from workstreams.calendar import format_month, parse_month
from workstreams.dates import long_month
from workstreams.models.programme import LIVE_ROLES


class MonthNoteForm(TrackerForm):
    """A month of an indicator; what is said of it is a subclass's field."""

    month = forms.TypedChoiceField(
        label="Month",
        coerce=parse_month,
        error_messages={"required": "Choose the month", "invalid_choice": "Choose the month"},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        indicator: Indicator,
        months: list[date],
        wanted_month: str = "",
    ) -> None:
        """``wanted_month`` ("2016-10") is chosen beforehand where it is one of ``months``."""
        super().__init__(data, initial={"month": wanted_month})
        choices = [(format_month(month), long_month(month)) for month in months]
        cast(forms.TypedChoiceField, self.fields["month"]).choices = [("", "Choose"), *choices]
        self.cancel_url = indicator.get_absolute_url()


class RebaseForm(MonthNoteForm):
    submit_label = "Begin a new step"
    field_order = ("month", "reason")

    reason = forms.CharField(
        label="What changed, and how it is known",
        help_text="Shown under the chart with your name.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter what changed in the process, and how it is known"},
    )


class AnnotationForm(MonthNoteForm):
    submit_label = "Mark the month"
    field_order = ("month", "text")

    text = forms.CharField(
        label="What happened",
        help_text="A few words, shown on the chart. Nothing that identifies a patient.",
        max_length=120,
        error_messages={"required": "Enter what happened"},
    )


class IndicatorForm(TrackerModelForm):
    """How an indicator is measured and read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = Indicator
        fields = FIELDS
        labels = {  # noqa: RUF012
            "source": "Where the values come from",
            "frequency": "How often it is measured",
            "attainment_method": "How attainment is worked out",
            "met_threshold": "Met from, per cent",
            "near_threshold": "Near from, per cent",
            "screen_outliers": "Leave the largest jumps out of the chart’s limits",
            "fix_after": "Fix the chart’s limits after so many points",
        }
        help_texts = {  # noqa: RUF012
            "met_threshold": "Empty: the programme’s own threshold.",
            "near_threshold": "Empty: the programme’s own threshold.",
            "fix_after": "12 or more. Empty: all points count.",
        }

    def __init__(self, data: Mapping[str, Any] | None = None, *, indicator: Indicator) -> None:
        super().__init__(data, instance=indicator, initial={"version": indicator.version})
        people = User.objects.filter(
            memberships__programme=indicator.programme,
            memberships__role__in=LIVE_ROLES,
            is_active=True,
        )
        people |= User.objects.filter(pk=indicator.local_owner_id or 0)
        owner = cast(forms.ModelChoiceField, self.fields["local_owner"])
        owner.queryset = people.distinct().order_by("full_name", "pk")
        owner.empty_label = "Nobody yet"
        self.cancel_url = indicator.get_absolute_url()

    @property
    def settings(self) -> dict[str, Any]:
        """What was typed, for the service; call it on a valid form."""
        return {name: self.cleaned_data[name] for name in FIELDS}
