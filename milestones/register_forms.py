from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.forms import TrackerForm
from milestones.forms import OWNER_STATUSES, UpdateForm
from milestones.saved_views import SHARING_ROLES
from workstreams.models import Role
from workstreams.models.programme import LIVE_ROLES

LONGEST_QUERY = 1000
VIEW_AUDIENCES = [
    ("", "Only me"),
    *((role.value, f"Everybody who is {role.label}") for role in Role if role in LIVE_ROLES),
]


class QuickForm(UpdateForm):
    """The monthly update, in a row of the register: the owner's own view stays as it is."""

    status = forms.ChoiceField(label="Status", choices=OWNER_STATUSES)
    owner_view = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    narrative = forms.CharField(
        label="What happened this month?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    prefix_of_ids = "edit_%s"

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        # The filter beside it has fields of its own.
        self.auto_id = self.prefix_of_ids
        self.fields["forecast_date"].help_text = ""
        self.fields["completed_date"].help_text = ""

    @property
    def asks_for_evidence(self) -> bool:
        """Whether the reason for having no evidence must be seen: it was asked for or given."""
        name = "no_evidence_reason"
        return bool(self.errors.get(name) or self[name].value())


class SaveViewForm(TrackerForm):
    """The name of a view and, from the PMO, the role to share it with."""

    name = forms.CharField(label="Name of the view", max_length=60)
    shared_with = forms.ChoiceField(label="For", required=False, choices=VIEW_AUDIENCES)
    query = forms.CharField(
        required=False,
        max_length=LONGEST_QUERY,
        widget=forms.HiddenInput,
        error_messages={"max_length": "This filter is too long to be kept. Choose less"},
    )

    submit_label = "Save view"

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        roles: frozenset[str],
        query: str = "",
    ) -> None:
        super().__init__(data, initial={"query": query})
        self.auto_id = "view_%s"
        if roles.isdisjoint(SHARING_ROLES):
            self.fields["shared_with"].widget = forms.HiddenInput()
