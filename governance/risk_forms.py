"""What is typed about a risk: all of it, or one act."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import SplitDateField, TrackerForm
from accounts.models import User
from governance.models import Impact, Likelihood, Risk, RiskKind, RiskResponse
from governance.risk_writing import values_of
from governance.risks import Place, RiskContent, risk_owners
from workstreams.models import Programme, Project, Workstream

LONGEST_TEXT, LONGEST_REASON = 2000, 300
NO_PATIENT = "Write nothing that identifies a patient."
BETWEEN = re.compile(r"[\s,;]+")
MOST_REFERENCES = 50
# The code of the place that is no work stream and no project.
WHOLE_PROGRAMME = "programme"
SCORES = ("inherent", "current", "target")
BEFORE, TODAY, AFTER = "Before anything is done.", "Today.", "When all planned is done."


def score_part(label: str, choices: Any, hint: str = "") -> forms.TypedChoiceField:
    """Give a choice of likelihood or impact, from 1 to 5 with its words."""
    listed = [("", "Choose"), *((each.value, f"{each.value} {each.label}") for each in choices)]
    return forms.TypedChoiceField(label=label, choices=listed, coerce=int, help_text=hint)


def text_area(label: str, hint: str = "", *, required: bool = True) -> forms.CharField:
    """A reason, as the history shows it."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReferencesField(forms.CharField):
    """References typed one after another; a tuple without doubles, in order."""

    def to_python(self, value: Any) -> Any:
        typed = {each.upper() for each in BETWEEN.split(super().to_python(value) or "") if each}
        if len(typed) > MOST_REFERENCES:
            raise ValidationError(f"Enter at most {MOST_REFERENCES} references")
        return tuple(sorted(typed))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, tuple | list) else value


def places_for(programme: Programme, user: User) -> dict[str, Place]:
    """Give the places whose risks the person may record, by their codes."""
    projects = Project.objects.filter(workstream__programme=programme)
    known: dict[str, Place] = {}
    if user.has_perm("governance.manage_risk", programme):
        known[WHOLE_PROGRAMME] = programme
    every = projects.select_related("workstream__programme").order_by(
        "workstream__position", "position", "pk"
    )
    own = programme.roles_of(user)
    for workstream in programme.workstreams.select_related("programme").in_order():
        is_ours = WHOLE_PROGRAMME in known or (
            "executive_lead" in own and workstream.executive_lead_id == user.pk
        )
        if is_ours:
            known[workstream.code] = workstream
        for project in every:
            if project.workstream_id == workstream.pk and (
                is_ours or ("local_owner" in own and project.local_owner_id == user.pk)
            ):
                known[project.code] = project
    return known


def grouped(places: Mapping[str, Place]) -> list[Any]:
    """The places as the options of a list, projects under their work stream."""
    options: list[Any] = [("", "Choose")]
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, place in places.items():
        if isinstance(place, Programme):
            options.append((code, "The whole programme"))
        elif isinstance(place, Workstream):
            groups.setdefault(str(place), []).append((code, f"{place.code}: the whole work stream"))
        else:
            groups.setdefault(str(place.workstream), []).append((code, str(place)))
    return options + list(groups.items())


class RiskForm(TrackerForm):
    """A whole risk or issue. Where it belongs and its kind are said once, when it is recorded."""

    kind = forms.ChoiceField(
        label="Risk or issue?",
        choices=[
            (RiskKind.RISK, "Risk: it may happen"),
            (RiskKind.ISSUE, "Issue: it has happened"),
        ],
        initial=RiskKind.RISK,
        widget=forms.RadioSelect,
    )
    place = forms.ChoiceField(
        label="Where it belongs",
        help_text="The lowest level that can manage it.",
        error_messages={"required": "Select where it belongs"},
    )
    title = forms.CharField(
        label="Title",
        max_length=200,
        help_text=f"What may happen, in one line. {NO_PATIENT}",
    )
    cause = forms.CharField(
        label="Cause",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    effect = forms.CharField(
        label="Effect",
        required=False,
        max_length=LONGEST_TEXT,
        help_text="What it would do to patients, staff, CQC actions, dates and cost.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    inherent_likelihood = score_part("Inherent likelihood", Likelihood, BEFORE)
    inherent_impact = score_part("Inherent impact", Impact, BEFORE)
    current_likelihood = score_part("Current likelihood", Likelihood, TODAY)
    current_impact = score_part("Current impact", Impact, TODAY)
    target_likelihood = score_part("Target likelihood", Likelihood, AFTER)
    target_impact = score_part("Target impact", Impact, AFTER)
    response = forms.ChoiceField(
        label="Response",
        choices=RiskResponse,
        initial=RiskResponse.TREAT,
        widget=forms.RadioSelect,
    )
    response_text = forms.CharField(
        label="What is done about it",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    owner = forms.ModelChoiceField(
        User.objects.none(), label="Owner", empty_label="Choose", help_text="Who reviews it."
    )
    review_date = SplitDateField(label="Next review")
    milestones = ReferencesField(
        label="Milestones it may delay",
        required=False,
        max_length=1100,
        help_text="Their references, such as WS2-P3-03, with a comma between them.",
    )
    indicators = ReferencesField(
        label="Indicators it may worsen",
        required=False,
        max_length=1100,
        help_text="Their references, such as WS2-I1, with a comma between them.",
    )
    reason = text_area("Why you change it", "For its history.", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        programme: Programme,
        places: Mapping[str, Place] | None = None,
        risk: Risk | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial or (_initial(risk) if risk else None))
        owners = risk_owners(programme)
        if risk:
            # Who owns it already may stay, whatever roles are left.
            owners |= User.objects.filter(pk=risk.owner_id).distinct()
            del self.fields["kind"], self.fields["place"]
        else:
            del self.fields["reason"]
            self.places = places or {}
            place = self.fields["place"]
            assert isinstance(place, forms.ChoiceField)
            place.choices = grouped(self.places)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.helper.layout = Layout(*_layout(is_new=risk is None))
        self.submit_label = "Save" if risk else "Record"

    def content(self) -> RiskContent:
        """Give the valid answers as the services take them."""
        left_out = {"kind", "place", "reason", "version", "owner"}
        values = {k: v for k, v in self.cleaned_data.items() if k not in left_out}
        return RiskContent(**values, owner_id=self.cleaned_data["owner"].pk)

    def chosen_place(self) -> Place:
        return self.places[self.cleaned_data["place"]]


def _initial(risk: Risk) -> dict[str, Any]:
    return values_of(risk) | {"owner": risk.owner_id, "version": risk.version}


def _layout(*, is_new: bool) -> Iterable[Any]:
    first = ["kind", "place"] if is_new else []
    yield Fieldset("1. What it is", *first, "title", "cause", "effect")
    yield Fieldset(
        "2. Scores",
        *(Row(Column(f"{name}_likelihood"), Column(f"{name}_impact")) for name in SCORES),
    )
    yield Fieldset("3. What is done about it", "response", "response_text", "owner", "review_date")
    yield Fieldset("4. What it touches", "milestones", "indicators")
    yield from ["version"] if is_new else ["reason", "version"]


class ActForm(TrackerForm):
    """One act on a risk; its service takes the answers as they are."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Mapping[str, Any] | None = None, *, risk: Risk, today: date) -> None:
        super().__init__(data, initial={"version": risk.version, **self.stored(risk)})
        self.order_fields([name for name in self.fields if name != "version"])

    def stored(self, risk: Risk) -> dict[str, Any]:
        return {}

    def answers(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class ReviewForm(ActForm):
    current_likelihood = score_part("Likelihood now", Likelihood)
    current_impact = score_part("Impact now", Impact)
    review_date = SplitDateField(label="Next review")
    comment = text_area("What you found", NO_PATIENT, required=False)

    submit_label = "Save review"

    def stored(self, risk: Risk) -> dict[str, Any]:
        return {
            "current_likelihood": risk.current_likelihood,
            "current_impact": risk.current_impact,
        }


class PromoteForm(ActForm):
    reason = text_area("Why the next level must manage it")
    owner = forms.ModelChoiceField(User.objects.none(), label="Owner from now on")

    def __init__(self, data: Mapping[str, Any] | None = None, *, risk: Risk, today: date) -> None:
        super().__init__(data, risk=risk, today=today)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset, owner.empty_label = risk_owners(risk.programme), None
        self.submit_label = f"Promote to {risk.next_level.label.lower()}" if risk.next_level else ""

    def stored(self, risk: Risk) -> dict[str, Any]:
        return {"owner": risk.owner_id}


class HappenedForm(ActForm):
    what_happened = text_area("What happened", f"And when. {NO_PATIENT}")
    review_date = SplitDateField(label="First review of the issue")

    submit_label = "Make it an issue"


class CloseForm(ActForm):
    reason = text_area("Why it can be closed")

    submit_label = "Close"


class ReopenForm(ActForm):
    reason = text_area("Why it is open again")
    review_date = SplitDateField(label="Next review")

    submit_label = "Reopen"
