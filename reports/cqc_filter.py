from collections.abc import Mapping, Sequence
from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from accounts.forms import TrackerForm
from governance.models import CqcState
from reports.cqc import CqcGap, CqcRow, count_states
from workstreams.http import ProgrammeRequest
from workstreams.models import CqcAction, CqcLevel, Workstream

LONGEST_TEXT = 100


class FilterForm(TrackerForm):
    """A form beside the matrix: nothing in it has to be filled in."""

    mark_optional = False


def _workstreams(request: ProgrammeRequest) -> QuerySet[Workstream]:
    return request.programme.workstreams.in_order()


class CqcFilter(django_filters.FilterSet):
    """What the matrix shows. Pages link to it, so the names are fixed: gap, state, level,
    workstream (its code), owner (a person's number), text.

    States, gaps and who answers are worked out and never stored, so it asks the rows for them.
    """

    gap = django_filters.ChoiceFilter(
        label="Gap", method="with_gap", choices=CqcGap.choices, empty_label="All, with or without"
    )
    state = django_filters.ChoiceFilter(
        label="State", method="in_state", choices=CqcState.choices, empty_label="All"
    )
    level = django_filters.ChoiceFilter(
        label="Level", choices=CqcLevel.choices, empty_label="Must do and should do"
    )
    workstream = django_filters.ModelChoiceFilter(
        label="Work stream", queryset=_workstreams, to_field_name="code", empty_label="All"
    )
    owner = django_filters.ChoiceFilter(label="Owner", method="of_owner", empty_label="All")
    text = django_filters.CharFilter(
        label="Words or reference", method="with_text", max_length=LONGEST_TEXT
    )

    class Meta:
        model = CqcAction
        form = FilterForm
        fields: tuple[str, ...] = ()

    def __init__(
        self, data: Mapping[str, Any], *, rows: Sequence[CqcRow], request: ProgrammeRequest
    ) -> None:
        actions = CqcAction.objects.filter(programme=request.programme)
        super().__init__(data, actions, request=request)
        self.rows = rows
        counts = count_states(rows)
        self.filters["state"].extra["choices"] = [
            (state.value, f"{state.label} ({number})") for state, number in counts.items()
        ]
        owners = sorted({row.owner for row in rows if row.owner}, key=str)
        self.filters["owner"].extra["choices"] = [(str(each.pk), str(each)) for each in owners]

    def apply(self) -> list[CqcRow]:
        """The rows that match; none while a filter value is wrong."""
        if not self.is_valid():
            return []
        found = set(self.qs.values_list("pk", flat=True))
        return [row for row in self.rows if row.action.pk in found]

    def with_gap(self, actions: QuerySet[CqcAction], name: str, gap: str) -> QuerySet[CqcAction]:
        return actions.filter(pk__in=[row.action.pk for row in self.rows if gap in row.gaps])

    def in_state(self, actions: QuerySet[CqcAction], name: str, state: str) -> QuerySet[CqcAction]:
        return actions.filter(pk__in=[row.action.pk for row in self.rows if row.state == state])

    def of_owner(self, actions: QuerySet[CqcAction], name: str, pk: str) -> QuerySet[CqcAction]:
        owned = [row.action.pk for row in self.rows if row.owner and str(row.owner.pk) == pk]
        return actions.filter(pk__in=owned)

    def with_text(self, actions: QuerySet[CqcAction], name: str, text: str) -> QuerySet[CqcAction]:
        return actions.filter(
            Q(reference__icontains=text) | Q(text__icontains=text) | Q(heading__icontains=text)
        )
