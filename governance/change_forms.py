"""The forms that ask for a change: of a milestone, of an indicator, or for a new milestone."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from accounts.forms import SplitDateField, TrackerForm
from accounts.models import User
from governance.actions import ActionLine, programme_people
from governance.forms import IMPACT_HINT, LONGEST_TEXT, long_text
from governance.models import ChangeKind, ChangeRequest, Subject
from governance.proposals import LONGEST_TITLE, Proposal, first_open_month
from metrics.forms import FigureField
from metrics.models import Indicator
from metrics.numbers import plain
from metrics.trajectory_forms import months_of_grid
from milestones.models import Milestone
from milestones.plan_changes import NewMilestone
from workstreams.calendar import format_month, parse_month
from workstreams.dates import DatePrecision, long_month
from workstreams.models import Project


def precision_field() -> forms.ChoiceField:
    """Ask whether a date is exact or stands for the end of its month."""
    return forms.ChoiceField(
        label="How exact is it?",
        choices=[(DatePrecision.DAY, "That day"), (DatePrecision.MONTH, "The end of that month")],
        initial=DatePrecision.DAY,
        widget=forms.RadioSelect,
    )


class RequestForm(TrackerForm):
    """Why a change is asked for; what is asked for is a subclass's, by the kind of subject."""

    mark_optional = False
    # What stands open on the page, and what is folded away until somebody wants it.
    first: Sequence[str] = ()
    folded: Sequence[str] = ()
    folded_words = ""

    reason = long_text("Reason", "Why the plan cannot stay as it is.", required=True)
    delivery_impact = long_text("Delivery impact", IMPACT_HINT, required=True)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        subject: Any,
        stored: ChangeRequest | None = None,
        by: User | None = None,
    ) -> None:
        self.subject, self.by = subject, by
        initial = self.initial_of(stored)
        if stored:
            words = {name: getattr(stored, name) for name in ("reason", "delivery_impact")}
            initial |= words | {"version": stored.version}
        super().__init__(data, initial=initial)

    def initial_of(self, stored: ChangeRequest | None) -> dict[str, Any]:
        """The values in force, with those that a stored request asks for over them."""
        raise NotImplementedError

    def asked(self) -> dict[str, Any]:
        """What a valid form asks for, as arguments of a proposal."""
        raise NotImplementedError

    def proposal(self, actions: tuple[ActionLine, ...]) -> Proposal:
        words = {name: self.cleaned_data[name] for name in ("reason", "delivery_impact")}
        return Proposal(**words, **self.asked(), actions=actions)

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.first]

    def folded_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.folded]

    @property
    def is_unfolded(self) -> bool:
        """Whether what is folded away holds an error, or anything but the values in force."""
        now = self.initial_of(None)
        return any(
            field.errors or (field.value() or "") != (now.get(field.name) or "")
            for field in self.folded_fields()
        )


class MilestoneRequestForm(RequestForm):
    """Another planned date, and if need be another title or scope; or its withdrawal."""

    first = ("planned_date", "precision")
    folded = ("title", "scope", "withdraw")
    folded_words = "Change the title or scope, or withdraw the milestone"

    planned_date = SplitDateField(
        label="New planned date", help_text="Leave it empty if the date stays.", required=False
    )
    precision = precision_field()
    title = forms.CharField(label="Title", max_length=LONGEST_TITLE)
    scope = forms.CharField(
        label="Scope",
        help_text="What it delivers, beyond its title.",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    withdraw = forms.BooleanField(
        label="Withdraw this milestone from the plan",
        help_text="A withdrawn milestone counts nowhere. Its history stays.",
        required=False,
    )

    def initial_of(self, stored: ChangeRequest | None) -> dict[str, Any]:
        initial = {"title": self.subject.title, "scope": self.subject.note}
        for change in stored.changes.all() if stored else []:
            match ChangeKind(change.kind):
                case ChangeKind.PLANNED_DATE:
                    initial["planned_date"] = change.new_date
                    initial["precision"] = change.new_value["precision"]
                case ChangeKind.WITHDRAWAL:
                    initial["withdraw"] = True
                case kind:
                    initial[kind.value] = change.new_value
        return initial

    def asked(self) -> dict[str, Any]:
        names = ("planned_date", "precision", "title", "scope", "withdraw")
        return {name: self.cleaned_data[name] for name in names}


class WithdrawalForm(RequestForm):
    """The withdrawal of a milestone without a baseline; the PMO edits the rest of its plan."""

    first = ("withdraw",)

    withdraw = forms.BooleanField(
        label="Withdraw this milestone from the plan",
        help_text="A withdrawn milestone counts nowhere; its history stays. As this one has no "
        "baseline yet, the PMO changes its title, people and date without a request.",
        error_messages={"required": "Tick it to ask that the milestone is withdrawn"},
    )

    def initial_of(self, stored: ChangeRequest | None) -> dict[str, Any]:
        return {"withdraw": stored is not None}

    def asked(self) -> dict[str, Any]:
        return {"withdraw": self.cleaned_data["withdraw"]}


class IndicatorRequestForm(RequestForm):
    """Another final target, and another target for any of the months that are not over."""

    first = ("final_target",)
    folded_words = "Change the target of single months"

    final_target = FigureField(
        label="Final target",
        help_text="Leave it as it is if only single months change.",
        required=False,
        max_length=40,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        indicator: Indicator = kwargs["subject"]
        first = first_open_month(indicator.programme.today())
        self.months = [month for month in months_of_grid(indicator) if month >= first]
        self.folded = [format_month(month) for month in self.months]
        super().__init__(*args, **kwargs)
        for month in self.months:
            label = long_month(month)
            self.fields[format_month(month)] = FigureField(
                label=label, required=False, max_length=40
            )
        for field in self.fields.values():
            if isinstance(field, FigureField):
                field.is_percent = indicator.show(Decimal(1)).endswith("%")
                field.widget.attrs |= {"inputmode": "decimal", "class": "nhsuk-input--width-5"}

    def initial_of(self, stored: ChangeRequest | None) -> dict[str, Any]:
        points = dict(self.subject.trajectory_points.values_list("month", "value"))
        initial = {format_month(month): plain(points.get(month)) for month in self.months}
        initial["final_target"] = plain(self.subject.final_target)
        for change in stored.changes.all() if stored else []:
            targets = change.new_value
            initial |= targets if isinstance(targets, dict) else {change.kind: targets}
        return initial

    def asked(self) -> dict[str, Any]:
        targets = {parse_month(name): self.cleaned_data[name] for name in self.folded}
        return {"final_target": self.cleaned_data["final_target"], "trajectory": targets}


class AdditionForm(RequestForm):
    """A new milestone of a project, complete enough to have its baseline at once."""

    first = ("title", "scope", "planned_date", "precision", "lead_director", "local_owner")

    title = forms.CharField(label="Title of the new milestone", max_length=LONGEST_TITLE)
    scope = forms.CharField(
        label="Scope",
        help_text="What it delivers, beyond its title. You may leave it empty.",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    planned_date = SplitDateField(label="Planned date")
    precision = precision_field()
    lead_director = forms.TypedChoiceField(label="Lead director", coerce=int)
    local_owner = forms.TypedChoiceField(label="Local owner", coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.pk: person for person in programme_people(self.subject.programme)}
        choices = [("", "Choose"), *((pk, str(person)) for pk, person in self.people.items())]
        for name in ("lead_director", "local_owner"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def initial_of(self, stored: ChangeRequest | None) -> dict[str, Any]:
        project: Project = self.subject
        change = stored and stored.change(ChangeKind.ADDITION)
        if change:
            return {**change.new_value, "planned_date": change.new_date}
        return {
            "lead_director": project.lead_director_id or project.workstream.executive_lead_id,
            "local_owner": project.local_owner_id or (self.by and self.by.pk),
        }

    def asked(self) -> dict[str, Any]:
        values = self.cleaned_data
        new = NewMilestone(
            title=values["title"],
            scope=values["scope"],
            lead_director=self.people[values["lead_director"]],
            local_owner=self.people[values["local_owner"]],
            planned_date=values["planned_date"],
            precision=values["precision"],
        )
        return {"addition": new}


def form_for(
    subject: Subject,
    data: Mapping[str, Any] | None = None,
    *,
    stored: ChangeRequest | None = None,
    by: User | None = None,
) -> RequestForm:
    """Give the form that asks for changes of a subject, or goes on with a stored request."""
    is_planned = isinstance(subject, Milestone) and subject.is_baselined
    kinds: dict[type, type[RequestForm]] = {
        Milestone: MilestoneRequestForm if is_planned else WithdrawalForm,
        Indicator: IndicatorRequestForm,
        Project: AdditionForm,
    }
    return kinds[type(subject)](data, subject=subject, stored=stored, by=by)


HEADINGS = {
    "milestone": "Change or withdraw a milestone",
    "indicator": "Move a trajectory or a final target",
    "project": "Add a milestone to a project",
}


class PickForm(TrackerForm):
    """Which one a change is asked for; the address of the next page carries it."""

    submit_label = "Go on"

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        name: str,
        label: str,
        choices: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__(data)
        self.name, self.heading = name, HEADINGS[name]
        field = forms.ChoiceField(label=label, choices=[("", "Choose"), *choices])
        field.error_messages["required"] = f"Choose the {label.lower()}"
        self.fields[name] = field
