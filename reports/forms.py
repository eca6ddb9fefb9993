from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator

from accounts.forms import SplitDateField, TrackerForm, TrackerModelForm
from accounts.models import User
from reports.models import Audience
from workstreams.administration import FIGURES, figures_version, too_early
from workstreams.calendar import FEWEST_WORKING_DAYS, MonthOffsets
from workstreams.dates import long_day
from workstreams.models import Programme, Role

STEPS = {
    "updates_due_working_day": "Updates due",
    "pmo_check_working_day": "PMO check",
    "meetings_working_day": "Work stream meetings",
    "qig_working_day": "Quality Improvement Group",
    "elt_working_day": "Executive Leadership Team",
    "issue_working_day": "Issue",
}


class FiguresForm(TrackerModelForm):
    """The programme's rules; a demonstration has its date too, to be moved and never removed."""

    submit_label = "Save figures"
    mark_optional = False
    version = forms.CharField(widget=forms.HiddenInput, max_length=16)

    class Meta:
        model = Programme
        fields = FIGURES
        field_classes = {  # noqa: RUF012
            "next_inspection_date": SplitDateField,
            "demonstration_date": SplitDateField,
        }
        labels = {  # noqa: RUF012
            "tolerance_days": "Tolerance in days",
            "met_threshold": "Met from (per cent of trajectory)",
            "near_threshold": "Near from (per cent of trajectory)",
            "elt_quorum": "ELT quorum",
            "report_working_days": "Working days for an exception report",
            "next_inspection_date": "Next inspection",
            **STEPS,
        }
        help_texts = {  # noqa: RUF012
            "demonstration_date": "“Today” of this demonstration. Move it forward to see the "
            "schedule work."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = figures_version(self.instance)
        if self.instance.is_demonstration:
            self.fields["demonstration_date"].required = True
        else:
            del self.fields["demonstration_date"]
        for name in STEPS:
            self.fields[name].validators.append(MinValueValidator(1))

    def clean_demonstration_date(self) -> date:
        day: date = self.cleaned_data["demonstration_date"]
        # `self.instance` is filled after the fields are cleaned, so it still holds today's.
        if day < self.instance.today():
            raise forms.ValidationError(too_early(self.instance))
        return day

    @property
    def rules(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in STEPS]

    @property
    def steps(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in STEPS]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        met, near = values.get("met_threshold"), values.get("near_threshold")
        if met and near and near >= met:
            self.add_error("near_threshold", f"Near must begin below Met, so below {met}")
        if all(name in values for name in STEPS):
            self._check_order([values[name] for name in STEPS])
        return values

    def show_conflict(self, programme: Programme) -> None:
        """Name what is stored now beside what was typed; saving again then uses the typed."""
        typed = {name: self.data.get(name, "") for name in self.data}
        self.data = {**typed, "version": figures_version(programme)}
        for name in FIGURES:
            stored = getattr(programme, name)
            if name in self.cleaned_data and stored != self.cleaned_data[name]:
                shown = long_day(stored) if isinstance(stored, date) else stored
                self.add_error(name, f"{self.fields[name].label} was set to {shown} meanwhile")

    def _check_order(self, days: list[int]) -> None:
        if any(not 1 <= day <= FEWEST_WORKING_DAYS for day in days):
            return
        try:
            MonthOffsets(**dict(zip(MonthOffsets.__dataclass_fields__, days, strict=True)))
        except ValueError as error:
            raise ValidationError(str(error)) from None


class MemberForm(TrackerForm):
    action = "reports:member_add"
    submit_label = "Add member"
    email = forms.EmailField(label="E-mail address", max_length=254)
    full_name = forms.CharField(
        label="Full name",
        max_length=150,
        required=False,
        help_text="Only for somebody who has never used the tracker.",
    )
    role = forms.ChoiceField(label="Role", choices=[("", "Choose a role"), *Role.choices])

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        email = values.get("email")
        needs_name = email and not values.get("full_name") and "full_name" not in self.errors
        if needs_name and not User.objects.filter(email__iexact=email).exists():
            self.add_error("full_name", "Enter the full name: nobody has this e-mail address yet")
        return values


class RecipientForm(TrackerForm):
    action = "reports:recipient_add"
    submit_label = "Add recipient"
    audience = forms.ModelChoiceField(
        queryset=Audience.objects.none(), label="Audience", empty_label="Choose an audience"
    )
    name = forms.CharField(label="Name", max_length=150)
    email = forms.EmailField(label="E-mail address", max_length=254)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].queryset = programme.audiences.in_order()  # type: ignore[attr-defined]
