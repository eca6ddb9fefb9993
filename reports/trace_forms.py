import re

from django import forms

from accounts.forms import TrackerForm
from reports.trace import Start, find_start
from reports.trace_nodes import TraceKind
from workstreams.models import Programme

NUMBERED = {"EX": TraceKind.EXCEPTION, "CR": TraceKind.REQUEST}
NUMBER = re.compile(r"(EX|CR)-?0*([0-9]{1,9})", re.IGNORECASE)
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


class TraceForm(TrackerForm):
    """What to start from, by the name that pages and packs give it."""

    mark_optional = False
    submit_label = "Trace it"

    text = forms.CharField(
        label="Reference",
        max_length=40,
        help_text="Of a milestone or indicator, such as WS2-P3-03 or WS1-I6; an exception or "
        "change request, such as EX-012 or CR-004; or a month’s snapshot, such as 2016-10-v1.",
    )

    def __init__(self, *args: object, programme: Programme, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.programme = programme
        self.start: Start | None = None
        self.helper.form_method = "get"

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        self.start = self._found(text.strip())
        if self.start is None:
            raise forms.ValidationError(
                "This programme has nothing of this reference. Check it and try again"
            )
        return text

    def _found(self, text: str) -> Start | None:
        match = NUMBER.fullmatch(text)
        if match:
            return find_start(self.programme, NUMBERED[match[1].upper()], match[2])
        kinds = (TraceKind.MILESTONE, TraceKind.INDICATOR, TraceKind.SNAPSHOT, TraceKind.PACK)
        if MONTH.fullmatch(text):
            text = f"{text}-v1"
        return next(filter(None, (find_start(self.programme, kind, text) for kind in kinds)), None)
