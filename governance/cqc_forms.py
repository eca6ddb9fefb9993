from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from accounts.forms import TrackerForm
from governance.cqc import LONGEST_COMMENT, RULES, CqcEvent
from milestones.models import Evidence

HINTS = {
    CqcEvent.CLAIM: "What was done? Write nothing that identifies a patient.",
    CqcEvent.SUBMIT: "What does it show? Write nothing that identifies a patient.",
    CqcEvent.ASSURE: "What did you look at? Write nothing that identifies a patient.",
    CqcEvent.EMBED: "What did you check again, and what did you find? Do not name patients.",
    CqcEvent.REOPEN: "Why is it not done? Its owner needs to know what is missing.",
}
BUTTONS = {
    CqcEvent.CLAIM: "Say that it is complete",
    CqcEvent.SUBMIT: "Submit the evidence",
    CqcEvent.ASSURE: "Assure it",
    CqcEvent.EMBED: "Say that it is embedded",
    CqcEvent.REOPEN: "Reopen it",
}


class StepForm(TrackerForm):
    """What somebody says who takes a CQC action a step on."""

    evidence = forms.TypedMultipleChoiceField(
        label="Evidence",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="The pieces that show that the action is done: what stands on the milestones "
        "of its projects.",
        error_messages={
            "required": "Choose at least one piece of evidence",
            "invalid_choice": "Choose evidence from the list: one piece was removed meanwhile",
        },
    )
    comment = forms.CharField(
        label="Comment",
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    # How many steps there were when the page was opened.
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        event: CqcEvent,
        number: int,
        evidence: Iterable[Evidence] = (),
        action: str,
    ) -> None:
        self.event = event
        # Beside another step on one page, so with ids of its own.
        super().__init__(data, initial={"number": number}, auto_id=f"{event.value}_%s")
        comment = self.fields["comment"]
        comment.help_text = HINTS[event]
        if RULES[event].needs_comment:
            comment.required = True
            comment.label = "Reason" if event == CqcEvent.REOPEN else "What you found"
            comment.error_messages["required"] = RULES[event].needs_comment
        if event == CqcEvent.SUBMIT:
            field = self.fields["evidence"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(each.pk, f"{each.milestone.reference} {each}") for each in evidence]
        else:
            del self.fields["evidence"]
        self.submit_label = BUTTONS[event]
        self.helper.form_action = action
