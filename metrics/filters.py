from collections.abc import Mapping
from typing import Any, cast

from django import forms

from accounts.forms import TrackerForm
from accounts.models import User
from metrics.quality import IndicatorGap, has_gap
from metrics.rating import PerformanceRating
from metrics.reading import ASSURANCE_WORDS, VARIATION_WORDS
from metrics.standing import Standing
from workstreams.models import Programme

EVERYBODY, ME, NOBODY = "", "me", "none"
# Too few values for icons, no target, or words instead of figures.
NOT_JUDGED = "none", "Not judged"
CHARTS = "charts"


class IndicatorFilter(TrackerForm):
    """What the list of indicators shows.

    Filters standings and not rows, because ratings are computed and never stored.
    """

    mark_optional = False

    workstream = forms.ChoiceField(label="Work stream", required=False)
    rating = forms.MultipleChoiceField(
        label="Rating", required=False, widget=forms.CheckboxSelectMultiple
    )
    variation = forms.MultipleChoiceField(
        label="Variation",
        required=False,
        choices=[*VARIATION_WORDS.items(), NOT_JUDGED],
        widget=forms.CheckboxSelectMultiple,
    )
    assurance = forms.MultipleChoiceField(
        label="Assurance",
        required=False,
        choices=[*ASSURANCE_WORDS.items(), NOT_JUDGED],
        widget=forms.CheckboxSelectMultiple,
    )
    owner = forms.ChoiceField(label="Local owner", required=False)
    gap = forms.ChoiceField(
        label="Data quality", required=False, choices=[("", "Anything"), *IndicatorGap.choices]
    )
    text = forms.CharField(label="Words or reference", required=False, max_length=100)
    show = forms.ChoiceField(
        label="Show as",
        required=False,
        choices=[("", "Table"), (CHARTS, "Charts")],
        widget=forms.RadioSelect,
        initial="",
    )

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        programme: Programme,
        user: User,
        standings: list[Standing],
    ) -> None:
        super().__init__(data)
        self.user = user
        self.standings = standings
        self.active = programme.active_people()
        workstreams = programme.workstreams.in_order()
        self._offer("workstream", [("", "All"), *((each.code, str(each)) for each in workstreams)])
        self._offer(
            "rating", [(each.value, programme.word_for(each)) for each in PerformanceRating]
        )
        everybody = [(EVERYBODY, "Everybody"), (ME, "Me"), (NOBODY, "No owner")]
        self._offer("owner", [*everybody, *_owners(standings)])

    def apply(self) -> list[Standing]:
        """The standings that match; none while a filter value is wrong."""
        if not self.is_valid():
            return []
        return [each for each in self.standings if self._matches(each)]

    @property
    def wants_charts(self) -> bool:
        return self.is_valid() and self.cleaned_data["show"] == CHARTS

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def _matches(self, standing: Standing) -> bool:
        wanted, indicator, process = self.cleaned_data, standing.indicator, standing.process
        words = f"{indicator.reference} {indicator.name} {indicator.note}".casefold()
        return (
            wanted["workstream"] in ("", indicator.workstream.code)
            and (not wanted["rating"] or standing.rating in wanted["rating"])
            and _is_wanted(wanted["variation"], process.variation)
            and _is_wanted(wanted["assurance"], process.assurance)
            and self._is_owner_wanted(wanted["owner"], indicator.local_owner_id)
            and (not wanted["gap"] or has_gap(standing, wanted["gap"], active=self.active))
            and wanted["text"].casefold() in words
        )

    def _is_owner_wanted(self, wanted: str, owner_id: int | None) -> bool:
        if wanted == EVERYBODY:
            return True
        if wanted == NOBODY:
            return owner_id is None
        return owner_id == (self.user.pk if wanted == ME else int(wanted))


def _is_wanted(wanted: list[str], found: str | None) -> bool:
    return not wanted or (found or NOT_JUDGED[0]) in wanted


def _owners(standings: list[Standing]) -> list[tuple[str, str]]:
    owners = {each.indicator.local_owner for each in standings} - {None}
    named = [(str(owner.pk), owner.full_name) for owner in owners if owner]
    return sorted(named, key=lambda owner: (owner[1].casefold(), owner[0]))
