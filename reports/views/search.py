from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.forms import TrackerForm
from reports.search import MOST_OF_A_KIND, search
from reports.views.months import readable_packs
from workstreams.http import ProgrammeRequest, open_to_external_readers
from workstreams.models import Programme
from workstreams.models.programme import LIVE_ROLES

LONGEST, SHORTEST = 100, 2


class SearchForm(TrackerForm):
    """What is looked for, as the address has it: ``?q=datix``."""

    mark_optional = False

    q = forms.CharField(
        label="Search for",
        required=False,
        min_length=SHORTEST,
        max_length=LONGEST,
        help_text="Words, a reference such as WS2-P3-03, or a number such as CR-012",
        error_messages={
            "max_length": f"Search for {LONGEST} characters or fewer: a few words find more",
            "min_length": f"Search for {SHORTEST} characters or more",
        },
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})


@open_to_external_readers
@require_safe
def search_page(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Things of the programme in which all the words stand, as far as the reader may see them."""
    form = SearchForm(request.GET)
    is_live = not request.roles.isdisjoint(LIVE_ROLES)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    packs = readable_packs(request, programme)
    found = search(programme, text, packs=packs, is_live=is_live) if text else []
    context = {
        "form": form,
        "text": text,
        "found": found,
        "number": sum(len(each.hits) for each in found),
        "has_more": any(each.has_more for each in found),
        "most": MOST_OF_A_KIND,
        "is_live": is_live,
    }
    return render(request, "reports/search.html", context)
