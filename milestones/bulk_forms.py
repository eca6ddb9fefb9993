from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import DATE_PARTS, SplitDateField, TrackerForm
from accounts.models import User
from milestones.bulk import MOST_ITEMS, BulkChange
from milestones.forms import LARGEST_VERSION, OWNER_STATUSES, members
from milestones.models import Milestone, MilestoneStatus
from milestones.register import PMO_ROLES
from milestones.services import LONGEST_REASON, date_problem
from workstreams.dates import long_day
from workstreams.models import Programme

LEAVE = "Leave as it is"
TOO_MANY = f"Change at most {MOST_ITEMS} milestones at a time"


class SeenField(forms.CharField):
    """The versions that a preview showed, as "12:3 15:1" (id, version); gives them by id."""

    default_error_messages = {  # noqa: RUF012
        "invalid": "This page is incomplete. Choose the milestones again"
    }

    def clean(self, value: Any) -> dict[int, int]:
        pairs = super().clean(value).split()
        if len(pairs) > MOST_ITEMS:
            raise ValidationError(TOO_MANY, code="too_many")
        return dict(self._pair(each) for each in pairs)

    def _pair(self, text: str) -> tuple[int, int]:
        numbers = [int(part) for part in text.split(":") if part.isascii() and part.isdecimal()]
        if len(numbers) != 2 or not all(0 < number <= LARGEST_VERSION for number in numbers):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return numbers[0], numbers[1]


class BulkForm(TrackerForm):
    """What to change on every milestone chosen; an empty answer leaves each as it is."""

    local_owner = forms.ModelChoiceField(
        User.objects.none(), label="Local owner", required=False, empty_label=LEAVE
    )
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", LEAVE), *OWNER_STATUSES]
    )
    completed_date = SplitDateField(
        label="Completed date", required=False, help_text="Only with the status Complete."
    )
    forecast_date = SplitDateField(
        label="Forecast date", required=False, help_text="Leave empty to keep each one’s own."
    )
    narrative = forms.CharField(
        label="What happened this month?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The same words for each. Leave empty to keep each one’s own.",
    )
    reason = forms.CharField(
        label="Reason for the change",
        max_length=LONGEST_REASON,
        help_text="Kept with every milestone that it changes.",
    )

    submit_label = "Preview the changes"

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        programme: Programme,
        roles: frozenset[str],
    ) -> None:
        super().__init__(data)
        self.programme = programme
        if roles.isdisjoint(PMO_ROLES):
            del self.fields["local_owner"]
        else:
            self.fields["local_owner"].queryset = members(programme)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        today = self.programme.today()
        completes = data.get("status") == MilestoneStatus.COMPLETE
        completed = data.get("completed_date")
        if completes and not completed and "completed_date" not in self.errors:
            self.add_error("completed_date", "Enter the date on which they were completed")
        if completed and not completes:
            self.add_error("completed_date", "Remove the completed date, or choose Complete")
        if completed and completed > today:
            words = f"Completed date must be today, {long_day(today)}, or in the past"
            self.add_error("completed_date", words)
        self._check_forecast(data.get("forecast_date"), today)
        if not self.errors and not any(data[name] for name in data if name != "reason"):
            raise ValidationError("Choose at least one change")
        return data

    def _check_forecast(self, forecast: date | None, today: date) -> None:
        if forecast:
            any_one = Milestone(programme=self.programme)
            problem = date_problem("Forecast date", forecast, any_one, today)
            if problem:
                self.add_error("forecast_date", problem)

    def change(self) -> BulkChange:
        """Give the valid answers as the service takes them."""
        return BulkChange(**{name: value for name, value in self.cleaned_data.items() if value})

    def as_sent(self) -> list[tuple[str, str]]:
        """Give the answers by the names of their boxes, for the preview to carry."""
        boxes = [
            f"{name}_{part}" if isinstance(field, SplitDateField) else name
            for name, field in self.fields.items()
            for part in (DATE_PARTS if isinstance(field, SplitDateField) else ("",))
        ]
        return [(box, self.data.get(box, "")) for box in boxes]


class ApplyForm(TrackerForm):
    """The preview's own answer: which versions it showed."""

    seen = SeenField(widget=forms.HiddenInput)
