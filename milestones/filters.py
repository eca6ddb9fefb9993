from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import django_filters
from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.forms import TrackerForm
from accounts.models import User
from milestones.as_at import AsAtField
from milestones.assurance import AssuranceState, with_assurance
from milestones.columns import COLUMN_CHOICES, SORT_CHOICES, WORST, ordered
from milestones.models import DueWindow, Milestone, MilestoneQuerySet, MissingFact
from milestones.quality import Gap, with_gap
from milestones.rating import WORST_FIRST, DeliveryRating
from milestones.register_as_at import MilestonesAsAt, listed_as_at
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme, Project
from workstreams.months import month_updated_on

ME, NOBODY, ENABLERS = "me", "none", "enablers"
NOT_UPDATED = "none"
AS_AT = "as-at"
Choices = list[tuple[str, str]]


class FilterForm(TrackerForm):
    # Nothing in a filter must be filled in, so nothing needs to say so.
    mark_optional = False


class MilestoneFilter(django_filters.FilterSet):
    """The list's filters, as they stand in its address. Withdrawn milestones show when asked for.

    rating=at_risk (delayed, on_track, no_date, complete, withdrawn; repeated for several);
    workstream=WS2, or enablers for the programme's own milestones; project=WS2-P1;
    owner=me, none or a person's id (the local owner);
    due=overdue, next_30_days, next_90_days or this_month (open ones, ``due_in``);
    missing=date, owner or baseline (open ones, ``missing``);
    update=none (open ones without an update for the month that is updated now);
    assurance=assured or not_assured (complete ones, by whether a second person accepted them);
    gap= a name of ``milestones.quality.Gap``;
    search= words that all stand in the title, the reference or the project's name;
    sort= a name of ``milestones.columns`` (worst as without it), -name for the other way; page=2.
    Days and ratings are those of the programme's today.
    """

    search = django_filters.CharFilter(label="Search", method="with_words", max_length=100)
    rating = django_filters.MultipleChoiceFilter(
        label="Rating", method="with_rating", widget=forms.CheckboxSelectMultiple
    )
    workstream = django_filters.ChoiceFilter(
        label="Work stream", method="of_workstream", empty_label="All"
    )
    project = django_filters.ChoiceFilter(
        label="Project", field_name="project__code", empty_label="All"
    )
    owner = django_filters.ChoiceFilter(label="Local owner", method="of_owner", empty_label="All")
    due = django_filters.ChoiceFilter(
        label="Due",
        method="due_within",
        choices=DueWindow.choices,
        empty_label="Any time",
        error_messages={"invalid_choice": "Choose when it is due from the list"},
    )
    missing = django_filters.ChoiceFilter(
        label="Missing",
        method="lacking",
        choices=MissingFact.choices,
        empty_label="Anything",
        error_messages={"invalid_choice": "Choose what is missing from the list"},
    )
    update = django_filters.ChoiceFilter(
        label="Update",
        method="not_updated",
        choices=[(NOT_UPDATED, "Not updated this month")],
        empty_label="Any",
        error_messages={"invalid_choice": "Choose what to look at from the list"},
    )
    assurance = django_filters.ChoiceFilter(
        label="Assurance",
        method="assured",
        choices=AssuranceState.choices,
        empty_label="Any",
        error_messages={"invalid_choice": "Choose what to look at from the list"},
    )
    gap = django_filters.ChoiceFilter(
        label="Data quality",
        method="having_gap",
        choices=Gap.choices,
        empty_label="Anything",
        error_messages={"invalid_choice": "Choose what to look at from the list"},
    )
    sort = django_filters.ChoiceFilter(
        label="Sort by",
        method="unchanged",
        choices=SORT_CHOICES,
        empty_label=None,
        error_messages={"invalid_choice": "Choose an order from the list"},
    )

    class Meta:
        model = Milestone
        fields: tuple[str, ...] = ()
        form = FilterForm

    request: ProgrammeRequest

    def __init__(
        self, data: Mapping[str, Any] | None, queryset: MilestoneQuerySet, **kwargs: Any
    ) -> None:
        super().__init__({} if data is None else data, queryset, **kwargs)
        self.programme = self.request.programme
        self.today = self.programme.today()
        for name, choices in [
            ("rating", _ratings(self.programme)),
            ("workstream", _workstreams(self.programme)),
            ("project", _projects(self.programme)),
            ("owner", _owners(self.programme)),
        ]:
            self.filters[name].extra["choices"] = choices

    def filter_queryset(self, queryset: MilestoneQuerySet) -> MilestoneQuerySet:
        """Apply every filter, hide what is withdrawn unless it was asked for, and order."""
        chosen = self.form.cleaned_data
        found: MilestoneQuerySet = super().filter_queryset(queryset)
        if not chosen.get("rating"):
            found = found.in_plan()
        return ordered(found, chosen.get("sort") or WORST, as_of=self.today)

    def with_words(self, queryset: MilestoneQuerySet, name: str, value: str) -> MilestoneQuerySet:
        for word in value.split():
            queryset = queryset.filter(
                Q(title__icontains=word)
                | Q(reference__icontains=word)
                | Q(project__name__icontains=word)
            )
        return queryset

    def with_rating(
        self, queryset: MilestoneQuerySet, name: str, value: list[str]
    ) -> MilestoneQuerySet:
        tolerance = self.programme.tolerance_days
        return queryset.rated(*value, as_of=self.today, tolerance_days=tolerance)

    def of_workstream(
        self, queryset: MilestoneQuerySet, name: str, value: str
    ) -> MilestoneQuerySet:
        if value == ENABLERS:
            return queryset.filter(enabler__isnull=False)
        return queryset.filter(project__workstream__code=value)

    def of_owner(self, queryset: MilestoneQuerySet, name: str, value: str) -> MilestoneQuerySet:
        if value == NOBODY:
            return queryset.filter(local_owner__isnull=True)
        return queryset.filter(local_owner=self.request.user.pk if value == ME else int(value))

    def due_within(self, queryset: MilestoneQuerySet, name: str, value: str) -> MilestoneQuerySet:
        return queryset.due_in(value, on=self.today)

    def lacking(self, queryset: MilestoneQuerySet, name: str, value: str) -> MilestoneQuerySet:
        return queryset.missing(value)

    def not_updated(self, queryset: MilestoneQuerySet, name: str, value: str) -> MilestoneQuerySet:
        return queryset.not_updated_for(month_updated_on(self.programme, day=self.today))

    def assured(self, queryset: MilestoneQuerySet, name: str, value: str) -> MilestoneQuerySet:
        return with_assurance(queryset, value)

    def having_gap(self, queryset: MilestoneQuerySet, name: str, value: str) -> MilestoneQuerySet:
        return with_gap(queryset, value, programme=self.programme, on=self.today)

    def unchanged(self, queryset: MilestoneQuerySet, name: str, value: str) -> MilestoneQuerySet:
        """Leave the order to ``filter_queryset``: it is set for every list, sorted or not."""
        return queryset


class AsAtFilter(django_filters.Filter):
    field_class = AsAtField


class RegisterFilter(MilestoneFilter):
    """The register's: ``MilestoneFilter`` and two more.

    columns= (repeated; those of ``COLUMN_CHOICES``); as-at=2016-09-30, a day: then ``listed`` has
    the milestones as they stood, ratings and days of that day included.
    """

    columns = django_filters.MultipleChoiceFilter(
        label="Columns",
        method="unchanged",
        choices=COLUMN_CHOICES,
        widget=forms.MultipleHiddenInput,
        error_messages={"invalid_choice": "Choose the columns from the list"},
    )

    class Meta(MilestoneFilter.Meta):
        pass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        as_at = AsAtFilter(label="As at", method="unchanged", programme=self.programme)
        as_at.parent, as_at.model = self, Milestone
        self.filters[AS_AT] = as_at

    @property
    def day(self) -> date | None:
        """The day that the list stands for; None for today and while the filter is wrong."""
        day: date | None = self.form.cleaned_data.get(AS_AT) if self.is_valid() else None
        return day

    def listed(self) -> "MilestoneQuerySet | MilestonesAsAt":
        """Give what the filter finds, as at its day. What changes milestones takes ``qs``."""
        if not self.is_valid():
            return Milestone.objects.none()
        if self.day is None:
            found: MilestoneQuerySet = self.qs
            return found
        chosen = self.form.cleaned_data
        return listed_as_at(self.queryset, chosen, day=self.day, user=self.request.user)

    def query(self, *, without: str = "") -> str:
        """Give the query string of what was sent that this filter knows, right or wrong."""
        sent, known = cast("MultiValueDict[str, str]", self.form.data), QueryDict(mutable=True)
        for name in (name for name in self.filters if name != without):
            values = [value for value in sent.getlist(name) if value]
            if values:
                known.setlist(name, values)
        return known.urlencode()


def _ratings(programme: Programme) -> Choices:
    shown = [*WORST_FIRST, DeliveryRating.WITHDRAWN]
    return [(rating.value, programme.word_for(rating)) for rating in shown]


def _workstreams(programme: Programme) -> Choices:
    own = [(row.code, str(row)) for row in programme.workstreams.in_order()]
    return [*own, (ENABLERS, "Programme level (enablers)")]


def _projects(programme: Programme) -> Choices:
    projects = Project.objects.filter(workstream__programme=programme)
    ordered = projects.order_by("workstream__position", "position", "pk")
    return [(row.code, str(row)) for row in ordered]


def _owners(programme: Programme) -> Choices:
    owners = User.objects.filter(owned_milestones__programme=programme).distinct()
    named = [(str(row.pk), row.full_name) for row in owners.order_by("full_name", "pk")]
    return [(ME, "Me"), (NOBODY, "Nobody"), *named]
