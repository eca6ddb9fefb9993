from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import SplitDateField, TrackerForm
from accounts.models import User
from governance.actions import ActionLine
from governance.decisions import Sitting
from governance.exceptions import STORED, ReportContent, linkable_risks
from governance.models import ExceptionReport, Meeting, Outcome
from governance.ownership import Owned, possible_owners
from workstreams.models import Programme

LONGEST_TEXT = 3000
IMPACT_HINT = "What it does to patients, CQC actions, dependent milestones, indicators and cost."
AT_MEETING, CHAIRS_ACTION = "meeting", "chairs_action"


def add_service_errors(form: forms.Form, error: ValidationError) -> None:
    """Put a service's messages at the fields that they name, any other at the top."""
    for name, texts in error.message_dict.items():
        form.add_error(name if name in form.fields else None, texts)


def typed_values(form: forms.BaseForm) -> dict[str, Any]:
    """What was typed into a bound form, as the initial values of an unbound one."""
    return {
        name: field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, field in form.fields.items()
    }


def with_version(data: Mapping[str, Any], version: int) -> Any:
    """The same submitted data, on top of what is stored now: sending it again saves it."""
    changed = data.copy()  # type: ignore[attr-defined]
    changed["version"] = str(version)
    return changed


def long_text(label: str, hint: str, *, required: bool = False, rows: int = 4) -> forms.CharField:
    """Give a field for a text of several lines, with its hint."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class OwnerForm(TrackerForm):
    """Who answers for something that the plan names no owner for."""

    owner = forms.ModelChoiceField(User.objects.none(), label="Owner", required=False)

    mark_optional = False
    submit_label = "Save owner"

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        subject: Owned,
        action: str,
        nobody: str = "Nobody yet",
    ) -> None:
        super().__init__(data, initial={"owner": subject.local_owner_id})
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset, owner.empty_label = possible_owners(subject.programme), nobody
        self.helper.form_action = action


class ReportForm(TrackerForm):
    """An exception report without its actions. A draft may be incomplete; the service judges."""

    mark_optional = False

    cause = long_text("Cause", "Why is it off plan? Write nothing that identifies a patient.")
    consequence = long_text("Consequence", "What follows if nothing else is done?")
    options = long_text(
        "Options considered",
        "What could be done, doing nothing included, and why this is the best of it.",
    )
    delivery_impact = long_text("Delivery impact", IMPACT_HINT)
    recovery_date = SplitDateField(
        label="Recovery date", help_text="When it will be back on plan.", required=False
    )
    risk = forms.TypedChoiceField(
        label="Risk that this is about",
        help_text="An open risk of the programme, if one foresaw it.",
        required=False,
        coerce=int,
        empty_value=None,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        report: ExceptionReport,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.risks = {risk.pk: risk for risk in linkable_risks(report)}
        risk = self.fields["risk"]
        assert isinstance(risk, forms.ChoiceField)
        risk.choices = [("", "None"), *((pk, str(each)) for pk, each in self.risks.items())]
        risk.error_messages["invalid_choice"] = "Choose an open risk of this programme"

    @classmethod
    def of(cls, report: ExceptionReport) -> "ReportForm":
        stored = {name: getattr(report, name) for name in cls.base_fields}
        return cls(report=report, initial=stored | {"risk": report.risk_id})

    def content(self, actions: tuple[ActionLine, ...]) -> ReportContent:
        """What was typed, once valid, with the actions of the rows below it."""
        values = {name: self.cleaned_data[name] for name in STORED}
        risk = self.risks.get(values["risk"])
        return ReportContent(**values | {"risk": risk}, actions=actions)


class DecisionForm(TrackerForm):
    """What an ELT member decides, and where: at a meeting, or as chair's action."""

    mark_optional = False

    outcome = forms.ChoiceField(label="Decision", widget=forms.RadioSelect)
    comment = long_text("Comment", "You must enter one if you reject or return.")
    place = forms.ChoiceField(
        label="How was it decided?",
        choices=[(AT_MEETING, "At an ELT meeting"), (CHAIRS_ACTION, "As chair’s action")],
        initial=AT_MEETING,
        widget=forms.RadioSelect,
    )
    meeting = forms.TypedChoiceField(
        label="ELT meeting", coerce=int, empty_value=None, required=False
    )
    held_date = SplitDateField(
        label="Meeting date",
        help_text="Only for a meeting that is not in the list, or the day of chair’s action.",
        required=False,
    )
    attendees = forms.TypedMultipleChoiceField(
        label="Who attended", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    chairs_action_reason = forms.CharField(
        label="Reason for chair’s action",
        help_text="Only for chair’s action: why it could not wait for a quorate meeting. "
        "It is listed for ratification.",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        outcomes: Iterable[tuple[Outcome, str]],
        programme: Programme,
        members: Iterable[User],
        meetings: Iterable[Meeting] = (),
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.members = {member.pk: member for member in members}
        self.meetings = {meeting.pk: meeting for meeting in meetings}
        outcome, attendees = self.fields["outcome"], self.fields["attendees"]
        meeting = self.fields["meeting"]
        assert isinstance(outcome, forms.ChoiceField)
        assert isinstance(attendees, forms.ChoiceField)
        assert isinstance(meeting, forms.ChoiceField)
        known = [(pk, str(each)) for pk, each in self.meetings.items()]
        meeting.choices = [("", "Another, by its date"), *known]
        outcome.choices = [(each.value, words) for each, words in outcomes]
        outcome.error_messages["required"] = "Choose what is decided"
        attendees.choices = [(pk, str(member)) for pk, member in self.members.items()]
        attendees.help_text = (
            f"The quorum is {programme.elt_quorum}. Whoever is recorded at the meeting counts too."
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        is_chairs_action = values.get("place") == CHAIRS_ACTION
        if is_chairs_action and not values.get("chairs_action_reason"):
            self.add_error("chairs_action_reason", "Enter the reason for chair’s action")
        has_day = values.get("held_date") or (values.get("meeting") and not is_chairs_action)
        if not has_day and not self.errors.keys() & {"held_date", "meeting"}:
            day = "date of chair’s action" if is_chairs_action else "meeting date"
            self.add_error("held_date", f"Enter the {day}, or choose a meeting")
        return values

    def sitting(self) -> Sitting:
        """The meeting, or the chair's action, that was typed; the one left out counts nothing."""
        held: date | None = self.cleaned_data["held_date"]
        if self.cleaned_data["place"] == CHAIRS_ACTION:
            assert held is not None  # clean() wants it
            return Sitting(
                held_date=held, chairs_action_reason=self.cleaned_data["chairs_action_reason"]
            )
        meeting = self.meetings.get(self.cleaned_data["meeting"])
        held = meeting.held_date if meeting else held
        assert held is not None
        attending = frozenset(self.members[pk] for pk in self.cleaned_data["attendees"])
        return Sitting(held_date=held, attendees=attending)
