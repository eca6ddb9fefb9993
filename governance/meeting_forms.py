"""Planning a meeting, writing its record, and the actions agreed there."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.urls import reverse

from accounts.forms import SplitDateField, TrackerForm
from accounts.models import User
from governance import meetings
from governance.meetings import Record
from governance.models import Meeting, MeetingAction, MeetingKind
from workstreams.models import Programme, Workstream
from workstreams.roles import is_pmo

# A kind of meeting, and whose it is where it is a work stream's.
Body = tuple[MeetingKind, Workstream | None]


def bodies_for(programme: Programme, user: User) -> dict[str, Body]:
    """Give the bodies whose meetings a person keeps, by their code: all, or the own work stream."""
    holds_all = is_pmo(user, programme)
    bodies: dict[str, Body] = {}
    if holds_all:
        bodies = {kind.value: (kind, None) for kind in (MeetingKind.ELT, MeetingKind.QIG)}
    for workstream in programme.workstreams.in_order():
        if holds_all or workstream.executive_lead_id == user.pk:
            bodies[workstream.code] = (MeetingKind.WORKSTREAM, workstream)
    return bodies


class PlanForm(TrackerForm):
    """A meeting to come, or one that was held already."""

    submit_label = "Add meeting"

    body = forms.ChoiceField(
        label="Meeting of",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whose meeting it is"},
    )
    held_date = SplitDateField(label="Date")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        programme: Programme,
        bodies: Mapping[str, Body],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.bodies = bodies
        body = self.fields["body"]
        assert isinstance(body, forms.ChoiceField)
        body.choices = [
            (code, str(workstream) if workstream else kind.label.removesuffix(" meeting"))
            for code, (kind, workstream) in bodies.items()
        ]
        self.cancel_url = reverse("governance:meeting_list", args=[programme.slug])


class RecordForm(TrackerForm):
    """What is written down about a meeting."""

    submit_label = "Save"

    held_date = SplitDateField(label="Date")
    attendees = forms.TypedMultipleChoiceField(
        label="Who attended", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    apologies = forms.CharField(
        label="Apologies", required=False, max_length=500, help_text="Who sent apologies."
    )
    notes = forms.CharField(
        label="Notes",
        help_text="Others in attendance, and what was said. Write nothing that identifies a "
        "patient.",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Mapping[str, Any] | None = None, *, meeting: Meeting) -> None:
        recorded = [person.pk for person in meeting.attendees.all()]
        initial = {
            "held_date": meeting.held_date,
            "attendees": recorded,
            "apologies": meeting.apologies,
            "notes": meeting.notes,
            "version": meeting.version,
        }
        super().__init__(data, initial=initial)
        self.people = {person.pk: person for person in meetings.people_of(meeting)}
        attendees = self.fields["attendees"]
        assert isinstance(attendees, forms.ChoiceField)
        attendees.choices = [(pk, str(person)) for pk, person in self.people.items()]
        if meeting.is_elt:
            attendees.label = "Which ELT members attended"
            attendees.help_text = f"The quorum is {meeting.programme.elt_quorum}."
        self.cancel_url = meeting.get_absolute_url()

    def record(self) -> Record:
        values = {name: self.cleaned_data[name] for name in ("held_date", "apologies", "notes")}
        attendees = frozenset(self.people[pk] for pk in self.cleaned_data["attendees"])
        return Record(attendees=attendees, **values)


class ActionForm(TrackerForm):
    """What somebody agreed at a meeting to do."""

    mark_optional = False
    submit_label = "Add action"

    text = forms.CharField(
        label="What will be done",
        max_length=500,
        error_messages={"required": "Enter what will be done"},
    )
    owner = forms.TypedChoiceField(label="Owner", coerce=int, empty_value=None)
    due_date = SplitDateField(label="Due date")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        people: Iterable[User],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial, auto_id="action_%s")
        self.people = {person.pk: person for person in people}
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [("", "Choose"), *((pk, str(each)) for pk, each in self.people.items())]


class ChangeActionForm(ActionForm):
    """What was agreed, to be put right. ``seen`` is its fingerprint when the page was opened."""

    submit_label = "Save action"

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        action: MeetingAction,
        people: Iterable[User],
    ) -> None:
        initial = {
            "text": action.text,
            "owner": action.owner_id,
            "due_date": action.due_date,
            "seen": action.fingerprint,
        }
        # Who owns it may have left since, and stays unless somebody else is chosen.
        known = {person.pk: person for person in [*people, action.owner]}
        super().__init__(data, people=known.values(), initial=initial)
        self.cancel_url = action.meeting.get_absolute_url()

    @classmethod
    def on_top_of(
        cls, data: Any, *, action: MeetingAction, people: Iterable[User]
    ) -> "ChangeActionForm":
        """What was typed, on top of what is stored now: sending it again saves it."""
        changed = data.copy()
        changed["seen"] = action.fingerprint
        return cls(changed, action=action, people=people)
