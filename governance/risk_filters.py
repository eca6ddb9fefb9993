"""What the register may be narrowed to. Links lead here, so the names are fixed.

``kind``: risk or issue. ``state``: open, closed or all. ``level``, ``band``: their codes.
``workstream``: its code. ``owner``: the person's number. ``overdue``: on. ``likelihood`` and
``impact``: 1 to 5, the heat map's cell. ``text``: words or a reference.
"""

import re
from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.models import User
from governance.filters import FilterForm, GovernanceFilter
from governance.models import (
    BAND_SCORES,
    Impact,
    Likelihood,
    Risk,
    RiskBand,
    RiskKind,
    RiskLevel,
    RiskQuerySet,
)
from workstreams.http import ProgrammeRequest

# The list opens on the risks that are open.
AT_FIRST = {"kind": RiskKind.RISK.value, "state": "open"}
NUMBER = re.compile(r"(?:[RI]-)?0*([0-9]{1,9})", re.IGNORECASE)
BANDS = [
    (each.value, f"{each.label} ({lowest} to {highest})")
    for each, (lowest, highest) in BAND_SCORES.items()
]


def with_defaults(query: QueryDict) -> QueryDict:
    """Give what was asked for, with what is meant where nothing was said."""
    wanted = query.copy()
    for name, value in AT_FIRST.items():
        if not wanted.get(name):
            wanted[name] = value
    return wanted


def without(query: Mapping[str, Any], *names: str) -> QueryDict:
    """Give the same question without some of its parts."""
    wanted: QueryDict = query.copy()  # type: ignore[attr-defined]
    for name in names:
        wanted.pop(name, None)
    return wanted


def _owners(request: ProgrammeRequest) -> QuerySet[User]:
    owners = User.objects.filter(owned_risks__programme=request.programme)
    return owners.distinct().order_by("full_name", "pk")


class RiskFilter(GovernanceFilter):
    """What the register shows."""

    kind = django_filters.ChoiceFilter(label="Kind", choices=RiskKind, empty_label=None)
    state = django_filters.ChoiceFilter(
        label="State",
        method="in_state",
        empty_label=None,
        choices=[("open", "Open"), ("closed", "Closed"), ("all", "Open and closed")],
    )
    level = django_filters.ChoiceFilter(label="Level", choices=RiskLevel, empty_label="All")
    band = django_filters.ChoiceFilter(
        label="Band of the score", choices=BANDS, method="in_band", empty_label="All"
    )
    owner = django_filters.ModelChoiceFilter(label="Owner", queryset=_owners, empty_label="All")
    overdue = django_filters.BooleanFilter(
        label="Review overdue", method="is_overdue", widget=forms.CheckboxInput
    )
    likelihood = django_filters.ChoiceFilter(
        label="Likelihood",
        field_name="current_likelihood",
        choices=[(each.value, f"{each.value} {each.label}") for each in reversed(Likelihood)],
        empty_label="All",
    )
    impact = django_filters.ChoiceFilter(
        label="Impact",
        field_name="current_impact",
        choices=[(each.value, f"{each.value} {each.label}") for each in reversed(Impact)],
        empty_label="All",
    )

    class Meta:
        model = Risk
        form = FilterForm
        fields = (
            "kind",
            "state",
            "level",
            "workstream",
            "band",
            "likelihood",
            "impact",
            "owner",
            "overdue",
            "text",
        )

    def in_state(self, risks: RiskQuerySet, name: str, state: str) -> RiskQuerySet:
        match state:
            case "open":
                return risks.open()
            case "closed":
                return risks.closed()
            case _:
                return risks

    def in_band(self, risks: RiskQuerySet, name: str, wanted: str) -> RiskQuerySet:
        return risks.in_band(RiskBand(wanted))

    def is_overdue(self, risks: RiskQuerySet, name: str, wanted: bool) -> RiskQuerySet:
        return risks.review_overdue(on=self.request.programme.today()) if wanted else risks

    def with_text(self, risks: RiskQuerySet, name: str, text: str) -> RiskQuerySet:
        match = NUMBER.fullmatch(text.strip())
        return risks.filter(
            Q(number=int(match[1]) if match else 0)
            | Q(title__icontains=text)
            | Q(cause__icontains=text)
            | Q(effect__icontains=text)
            | Q(response_text__icontains=text)
        )
