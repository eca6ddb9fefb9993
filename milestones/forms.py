from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone

from accounts.forms import DATE_PARTS, SplitDateField, SplitDateWidget, TrackerForm
from accounts.models import User
from milestones.models import Milestone, MilestoneStatus, MilestoneUpdate
from milestones.rating import DeliveryRating
from milestones.services import LONGEST_REASON, PlanText, Position
from milestones.writing import Conflict, StaleVersion
from workstreams.calendar import format_month
from workstreams.dates import DatePrecision, long_day, short_day
from workstreams.models import Programme, ReportingMonth
from workstreams.models.programme import LIVE_ROLES
from workstreams.months import month_to_update

OWNER_STATUSES = [
    (status.value, status.label)
    for status in (
        MilestoneStatus.NOT_STARTED,
        MilestoneStatus.IN_PROGRESS,
        MilestoneStatus.COMPLETE,
    )
]
OWNER_VIEWS = (
    DeliveryRating.ON_TRACK,
    DeliveryRating.DELAYED,
    DeliveryRating.AT_RISK,
    DeliveryRating.COMPLETE,
)
LARGEST_VERSION = 2**31 - 1


# A longer value stands beside mine at the top of the page, not in the message at its field.
LONGEST_IN_MESSAGE = 60


@dataclass(frozen=True)
class Difference:
    """One field that somebody else stored otherwise than the person typed it: who, and when."""

    label: str
    stored: str
    typed: str
    by: str = ""
    when: str = ""


def _dispute(difference: Difference, *, in_full: bool) -> str:
    label, by = difference.label, difference.by
    said = f"{by} also answered “{label}”" if label.endswith("?") else f"{by} changed {label}"
    if in_full or len(difference.stored) <= LONGEST_IN_MESSAGE:
        said += f": “{difference.stored}”"
    return f"{said}, {difference.when}. Save to keep yours, or change it"


class VersionedForm(TrackerForm):
    """A form that knows which version of the milestone its person saw."""

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=LARGEST_VERSION,
        error_messages=dict.fromkeys(
            ["required", "invalid", "min_value", "max_value"],
            "This page is incomplete. Open the milestone again and repeat your change",
        ),
    )

    def merged_data(self, stale: StaleVersion) -> Any:
        """What was typed, with the others' values of fields left alone and the version of now.

        Sending it again saves it: the person has then seen what the others did.
        """
        data = cast("QueryDict", self.data).copy()
        for name in stale.taken.keys() & self.fields.keys():
            for key, value in self._as_sent(name, stale.taken[name]).items():
                data[key] = value
        data["version"] = str(stale.milestone.version)
        return data

    def _as_sent(self, name: str, value: Any) -> dict[str, str]:
        widget = self.fields[name].widget
        if not isinstance(widget, SplitDateWidget):
            return {name: str(self.fields[name].prepare_value(value) or "")}
        parts = zip(DATE_PARTS, widget.decompress(value), strict=True)
        return {f"{name}_{part}": str(number or "") for part, number in parts}

    def show_conflicts(
        self, conflicts: Iterable[Conflict], *, in_full: bool = False
    ) -> list[Difference]:
        """Say at each field in dispute what the other person stored; give them all in words.

        A long text is not repeated at its field, unless `in_full`: where nothing else shows it.
        """
        self.full_clean()
        differences = []
        for conflict in conflicts:
            difference = self._difference(conflict)
            differences.append(difference)
            self.add_error(conflict.field, _dispute(difference, in_full=in_full))
        return differences

    def taken_labels(self, stale: StaleVersion) -> list[str]:
        """Name the fields that others changed and this person did not."""
        return [str(self.fields[name].label) for name in stale.taken if name in self.fields]

    def _difference(self, conflict: Conflict) -> Difference:
        return Difference(
            label=str(self.fields[conflict.field].label),
            stored=self._shown(conflict.field, conflict.theirs),
            typed=self._shown(conflict.field, conflict.mine),
            by=str(conflict.by or "The tracker"),
            when=f"on {long_day(conflict.on)} at {timezone.localtime(conflict.at):%H:%M}",
        )

    def _shown(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
        if isinstance(value, date):
            return short_day(value)
        return str(value or "Nothing")


class UpdateForm(VersionedForm):
    """The monthly update: where the milestone stands and when it will be done."""

    status = forms.ChoiceField(label="Status", choices=OWNER_STATUSES, widget=forms.RadioSelect)
    forecast_date = SplitDateField(label="Forecast date", required=False)
    completed_date = SplitDateField(
        label="Completed date", required=False, help_text="Only for a milestone that is complete."
    )
    no_evidence_reason = forms.CharField(
        label="If there is no evidence, say why",
        required=False,
        max_length=LONGEST_REASON,
        help_text="Only to complete a milestone that has no file or link as evidence.",
    )
    owner_view = forms.ChoiceField(
        label="Your own view of the rating",
        required=False,
        help_text="The dates decide the rating. Say here if you see it otherwise.",
    )
    narrative = forms.CharField(
        label="What happened this month?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Goes into the monthly report. Do not name patients.",
    )
    # The month that the page said it was for: it may be frozen before the form is sent.
    month_shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=7)

    submit_label = "Save update"

    def __init__(self, data: Mapping[str, Any] | None = None, *, milestone: Milestone) -> None:
        super().__init__(data, initial=stored_position(milestone))
        self.initial["version"] = milestone.version
        self.cancel_url = milestone.get_absolute_url()
        programme = milestone.programme
        self.month = month_to_update(programme, today=programme.today())
        self.initial["month_shown"] = format_month(self.month.month)
        update = last_update(milestone)
        if update and update.month.month < self.month.month:
            # Each month begins with words of its own; last month's stand in the history.
            self.initial["owner_view"] = self.initial["narrative"] = ""
        views = [(rating.value, programme.word_for(rating)) for rating in OWNER_VIEWS]
        self.fields["owner_view"].choices = [("", "As the dates say"), *views]  # type: ignore[attr-defined]
        self.fields["forecast_date"].help_text = _forecast_hint(milestone)

    @property
    def heading(self) -> str:
        return f"Update for {self.month.name}"

    def said_of_month(self, month: ReportingMonth) -> str:
        """Say which month a saved update belongs to, where that is not the one on the page."""
        shown = self.cleaned_data["month_shown"]
        if not shown or shown == format_month(month.month):
            return ""
        return (
            " The month on your page was frozen while you were typing, so this is your update "
            f"for {month.name}. Ask the PMO to reopen the month if it must hold it."
        )

    def position(self) -> Position:
        """Give the valid answers as the services take them."""
        data = self.cleaned_data
        return Position(
            status=MilestoneStatus(data["status"]),
            forecast_date=data["forecast_date"],
            completed_date=data["completed_date"],
            owner_view=data["owner_view"],
            narrative=data["narrative"],
            no_evidence_reason=data["no_evidence_reason"],
        )


class PlanForm(VersionedForm):
    """What the PMO fills in before a milestone is baselined."""

    title = forms.CharField(max_length=300)
    lead_director = forms.ModelChoiceField(User.objects.none(), required=False)
    local_owner = forms.ModelChoiceField(User.objects.none(), required=False)
    planned_date = SplitDateField(
        label="Planned date",
        required=False,
        help_text="Any day of the month, quarter or year chosen below; its last day counts.",
    )
    planned_precision = forms.ChoiceField(
        label="How exact is this date?", choices=DatePrecision.choices, initial=DatePrecision.DAY
    )

    submit_label = "Save plan"

    def __init__(self, data: Mapping[str, Any] | None = None, *, milestone: Milestone) -> None:
        stored = {name: value for name, value in stored_plan(milestone).items() if value}
        super().__init__(data, initial=stored)
        self.initial["version"] = milestone.version
        self.cancel_url = milestone.get_absolute_url()
        for name in ("lead_director", "local_owner"):
            field = self.fields[name]
            field.queryset = members(milestone.programme)  # type: ignore[attr-defined]
            field.empty_label = "Nobody yet"  # type: ignore[attr-defined]

    def plan(self) -> PlanText:
        """Give the valid answers as the services take them."""
        data = self.cleaned_data
        return PlanText(**{name: data[name] for name in data if name != "version"})


class BaselineForm(VersionedForm):
    """Nothing but the version: pressing the button is the whole answer."""


def members(programme: Programme) -> Any:
    """Give the people who see the live programme, by name: who may be made accountable."""
    member = programme.memberships.filter(role__in=LIVE_ROLES)
    return User.objects.filter(pk__in=member.values("user")).order_by("full_name", "pk")


def last_update(milestone: Milestone) -> MilestoneUpdate | None:
    """Give the newest update of a milestone with who made it; None before the first."""
    return milestone.updates.select_related("made_by", "month").order_by("made_at", "pk").last()


def stored_position(milestone: Milestone) -> dict[str, Any]:
    """Give the owner's position as it is stored, by the names of the update form's fields."""
    update = last_update(milestone)
    return {
        "status": milestone.status,
        "forecast_date": milestone.forecast_date,
        "completed_date": milestone.completed_date,
        "owner_view": update.owner_view if update else "",
        "narrative": update.narrative if update else "",
    }


def stored_plan(milestone: Milestone) -> dict[str, Any]:
    """Give the plan as it is stored, by the names of the plan form's fields."""
    return {
        "title": milestone.title,
        "lead_director": milestone.lead_director,
        "local_owner": milestone.local_owner,
        "planned_date": milestone.planned_date,
        "planned_precision": milestone.planned_precision,
    }


def _forecast_hint(milestone: Milestone) -> str:
    if not milestone.planned_date:
        return "It has no planned date yet. When do you expect to finish?"
    return (
        f"Will this finish by {long_day(milestone.planned_date)}, its planned date? "
        "If not, say when."
    )
