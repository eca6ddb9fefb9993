"""The remedial actions of an exception report or a change request, as rows of a form."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from accounts import typed_again
from accounts.forms import DATE_PARTS, SplitDateField, TrackerForm
from accounts.models import User
from governance.actions import ActionLine, due_dates, programme_people
from governance.forms import typed_values
from governance.models import ChangeRequest, ExceptionReport, RemedialAction
from governance.remedial_actions import LONGEST_REASON
from workstreams.models import Programme

ROWS = 3
MOST_ROWS = 30
PREFIX = "actions"


class ActionForm(TrackerForm):
    """One remedial action. A row left empty is none, and an emptied one is taken out."""

    mark_optional = False

    text = forms.CharField(label="What will be done", required=False, max_length=500)
    owner = forms.TypedChoiceField(label="Owner", required=False, coerce=int, empty_value=None)
    due_date = SplitDateField(label="Due date", required=False)
    id = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        number: int,
        people: Mapping[int, User],
        known: Mapping[int, date],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.number, self.people, self.known, self.today = number, people, known, today
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [("", "Choose"), *((pk, str(person)) for pk, person in people.items())]

    @property
    def is_row_empty(self) -> bool:
        return not any(self.cleaned_data.get(name) for name in ("text", "owner", "due_date"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.errors or self.is_row_empty:
            return values
        wanted = {
            "text": "Enter what will be done as action",
            "owner": "Choose an owner for action",
            "due_date": "Enter a due date for action",
        }
        for name, message in wanted.items():
            if not values.get(name):
                self.add_error(name, f"{message} {self.number}")
        due = values.get("due_date")
        if due and due < self.today and self.known.get(values.get("id") or 0) != due:
            self.add_error("due_date", f"Action {self.number} must be due today or later")
        return values

    def line(self) -> ActionLine:
        values = self.cleaned_data
        return ActionLine(
            id=values["id"],
            text=values["text"],
            owner=self.people[values["owner"]],
            due_date=values["due_date"],
        )


class MoveForm(TrackerForm):
    """Another due date for a remedial action, and why. ``seen`` is the date that was shown."""

    due_date = SplitDateField(label="New due date")
    reason = forms.CharField(
        label="Reason",
        help_text="Why the date in force cannot be kept. The journal keeps it with both dates.",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.DateField(widget=forms.HiddenInput, input_formats=["%Y-%m-%d"])

    @classmethod
    def of(cls, action: RemedialAction) -> "MoveForm":
        return cls(initial={"seen": action.due_date.isoformat()})

    @classmethod
    def on_top_of(cls, data: Any, action: RemedialAction) -> "MoveForm":
        """What was typed, on top of the date that is stored now: sending it again saves it."""
        changed = data.copy()
        changed["seen"] = action.due_date.isoformat()
        return cls(changed)


class BaseActionFormSet(forms.BaseFormSet):
    forms: list[ActionForm]

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "number": (index or 0) + 1}

    def total_form_count(self) -> int:
        """Give the number of rows; after a session has ended, as many as were typed."""
        return max(super().total_form_count(), typed_again.rows(self))

    def lines(self) -> tuple[ActionLine, ...]:
        """The actions typed, once valid."""
        return tuple(form.line() for form in self.forms if not form.is_row_empty)

    def take_errors(self, error: ValidationError) -> ValidationError:
        """Show a service's messages about the actions at the first row; give back the others."""
        messages = dict(error.message_dict)
        if "actions" in messages:
            self.forms[0].add_error("text", messages.pop("actions"))
            # The list of all errors is made once, before the service was asked.
            self._errors = [form.errors for form in self.forms]
        return ValidationError(messages)

    def typed(self) -> list[dict[str, Any]]:
        """What was typed into each row, for a formset with one row more."""
        return [typed_values(form) for form in self.forms]


ActionFormSet = forms.formset_factory(
    ActionForm,
    formset=BaseActionFormSet,
    extra=0,
    min_num=ROWS,
    max_num=MOST_ROWS,
    absolute_max=MOST_ROWS,
    validate_max=True,
)


def action_rows(
    programme: Programme,
    data: Any = None,
    *,
    initial: list[dict[str, Any]] | None = None,
    stored: ExceptionReport | ChangeRequest | None = None,
) -> BaseActionFormSet:
    """Give the rows for the programme's people; a stored due date that has passed may stay."""
    rows = ActionFormSet(
        data,
        prefix=PREFIX,
        initial=initial,
        form_kwargs={
            "people": {person.pk: person for person in programme_people(programme)},
            "known": due_dates(stored) if stored else {},
            "today": programme.today(),
        },
    )
    # The factory's own type knows only the base class of Django.
    return cast(BaseActionFormSet, rows)


def stored_rows(report: ExceptionReport | ChangeRequest) -> list[dict[str, Any]]:
    """Give the rows of the actions that are not done yet; what is done is not edited."""
    actions = report.remedial_actions.filter(done_date__isnull=True).order_by("due_date", "pk")
    return [
        {"id": each.pk, "text": each.text, "owner": each.owner_id, "due_date": each.due_date}
        for each in actions
    ]


def with_rows_of_others(data: Any, report: ExceptionReport | ChangeRequest) -> Any:
    """Add to submitted rows those that somebody else stored meanwhile, so that none is lost."""
    changed = data.copy()
    total = int(changed[f"{PREFIX}-TOTAL_FORMS"])
    typed_ids = {changed.get(f"{PREFIX}-{row}-id") for row in range(total)}
    for stored in stored_rows(report):
        if str(stored["id"]) in typed_ids or total >= MOST_ROWS:
            continue
        row, due = f"{PREFIX}-{total}", stored["due_date"]
        changed[f"{row}-id"], changed[f"{row}-text"] = str(stored["id"]), stored["text"]
        changed[f"{row}-owner"] = str(stored["owner"])
        for part in DATE_PARTS:
            changed[f"{row}-due_date_{part}"] = str(getattr(due, part))
        total += 1
    changed[f"{PREFIX}-TOTAL_FORMS"] = str(total)
    return changed
