"""The forms of sub-tasks, dependencies and baselines in bulk."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.forms import SplitDateField, TrackerForm
from accounts.models import User
from milestones.forms import members
from milestones.models import Milestone, SubTask
from milestones.sub_tasks import Step, fingerprint

# An id and the version seen, as the boxes of the baselines page send them.
TICKED = re.compile(r"(\d{1,18})-(\d{1,9})", re.ASCII)
REFERENCES = "milestone-references"


class SubTaskForm(TrackerForm):
    """What a sub-task says; ``seen`` is the fingerprint of what the person who edits it saw."""

    title = forms.CharField(
        label="What will be done",
        max_length=200,
        error_messages={"required": "Enter what will be done"},
    )
    owner = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Nobody yet")
    due_date = SplitDateField(label="Due date", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        milestone: Milestone,
        sub_task: SubTask | None = None,
    ) -> None:
        super().__init__(data, auto_id="sub_task_%s", initial=_stored(sub_task))
        people = members(milestone.programme)
        if sub_task and sub_task.owner_id:
            people |= User.objects.filter(pk=sub_task.owner_id)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
        self.submit_label = "Save sub-task" if sub_task else "Add sub-task"
        keys = [milestone.programme.slug, milestone.reference]
        if sub_task:
            self.helper.form_action = reverse("milestones:sub_task_edit", args=[*keys, sub_task.pk])
        else:
            self.helper.form_action = reverse("milestones:sub_task_add", args=keys)

    def step(self) -> Step:
        """Give the valid answers as the services take them."""
        data = self.cleaned_data
        return Step(title=data["title"], owner=data["owner"], due_date=data["due_date"])


def _stored(sub_task: SubTask | None) -> dict[str, Any]:
    if sub_task is None:
        return {}
    return {
        "title": sub_task.title,
        "owner": sub_task.owner_id,
        "due_date": sub_task.due_date,
        "seen": fingerprint(sub_task),
    }


class DependencyForm(TrackerForm):
    """Which milestone another one waits for."""

    predecessor = forms.CharField(
        label="Waits for",
        max_length=20,
        widget=forms.TextInput(
            attrs={"list": REFERENCES, "autocomplete": "off", "class": "nhsuk-input--width-10"}
        ),
        help_text="The reference of a milestone of this programme, typed or chosen.",
        error_messages={"required": "Enter the reference of the milestone that it waits for"},
    )

    submit_label = "Add"

    def __init__(self, data: Mapping[str, Any] | None = None, *, milestone: Milestone) -> None:
        super().__init__(data, auto_id="dependency_%s")
        keys = [milestone.programme.slug, milestone.reference]
        self.helper.form_action = reverse("milestones:dependency_add", args=keys)


class TickedField(forms.Field):
    """Milestones that were ticked, each with the version seen: a dict from id to version."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> dict[int, int]:
        found = {}
        for text in value or []:
            match = TICKED.fullmatch(str(text))
            if not match:
                raise ValidationError(self.error_messages["required"], code="invalid")
            found[int(match[1])] = int(match[2])
        return found


class BaselinesForm(TrackerForm):
    """Which milestones take their baseline now."""

    milestones = TickedField(
        label="Milestones", error_messages={"required": "Tick at least one milestone"}
    )
