from django import forms

from accounts.forms import TrackerForm
from reports.commentary import Section

LONGEST_COMMENTARY = 3000
LONGEST_REASON = 1000


class CommentaryForm(TrackerForm):
    """The words of one section; empty, and accepted, nothing is printed for it."""

    mark_optional = False

    text = forms.CharField(
        label="Commentary",
        required=False,
        max_length=LONGEST_COMMENTARY,
        help_text="Printed in the packs once it is accepted. Leave a line empty between "
        "paragraphs. Write nothing that identifies a patient.",
        widget=forms.Textarea(attrs={"rows": 14}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    @classmethod
    def of(cls, section: Section, draft: str) -> "CommentaryForm":
        """Start from what was saved last, else from the draft."""
        text = section.newest.text if section.newest else draft
        return cls(initial={"text": text, "version": section.version})


class ReopenForm(TrackerForm):
    """Why a frozen month is opened again."""

    reason = forms.CharField(
        label="Reason",
        max_length=LONGEST_REASON,
        help_text="Kept in the journal and shown with the earlier version.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
