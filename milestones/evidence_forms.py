from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.forms import TrackerForm
from milestones.assurance import LONGEST_COMMENT
from milestones.evidence import LONGEST_TITLE
from milestones.forms import VersionedForm
from milestones.models import AssuranceOutcome, Milestone
from milestones.uploads import ENDINGS, LARGEST_FILE, LONGEST_LINK

UPDATE = "update"


class EvidenceForm(TrackerForm):
    """A file or a link, and what it shows. Stands on the milestone's page and its update's."""

    title = forms.CharField(label="What does it show?", max_length=LONGEST_TITLE)
    file = forms.FileField(
        label="File",
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(f".{ending}" for ending in ENDINGS)}),
        help_text=f"Up to {LARGEST_FILE // 1024**2} MB: PDF, Word, Excel, PowerPoint, "
        "OpenDocument, PNG, JPEG or plain text. It must hold no patient data.",
    )
    url = forms.CharField(
        label="Or a link",
        required=False,
        max_length=LONGEST_LINK,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text="Beginning with https:// or http://, to a page without patient data.",
    )
    # The page to go back to.
    back = forms.CharField(required=False, widget=forms.HiddenInput)

    submit_label = "Add evidence"
    mark_optional = False

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        *,
        milestone: Milestone,
        back: str = "",
    ) -> None:
        # Beside the update form on one page, so with ids of its own.
        super().__init__(data, files, initial={"back": back}, auto_id="evidence_%s")
        keys = [milestone.programme.slug, milestone.reference]
        self.helper.form_action = reverse("milestones:evidence_add", args=keys)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        if bool(data["file"]) == bool(data["url"]):
            both = "Choose a file or enter a link, not both: add them one after the other"
            neither = "Choose a file or enter a link"
            raise ValidationError({"file": both if data["file"] else neither})
        return data


class AssuranceForm(VersionedForm):
    """What a second person says of a completion."""

    outcome = forms.ChoiceField(
        label="Is it complete, as the evidence shows?",
        choices=[
            (AssuranceOutcome.ASSURED.value, "Yes: accept the completion"),
            (AssuranceOutcome.RETURNED.value, "No: return it, so that it is open again"),
        ],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label="Comment",
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Needed to return it: what is missing? Do not name patients.",
    )

    submit_label = "Save"

    def __init__(self, data: Mapping[str, Any] | None = None, *, milestone: Milestone) -> None:
        super().__init__(data, initial={"version": milestone.version})
        self.cancel_url = milestone.get_absolute_url()
