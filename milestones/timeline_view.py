from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from milestones.filters import FilterForm, MilestoneFilter
from milestones.models import MilestoneQuerySet
from milestones.timeline_page import items_of, timeline_of, whole_span
from workstreams.calendar import parse_month
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme

# More milestones than a person reads line by line: each project becomes one line.
MOST_LINES = 300


class Lines(models.TextChoices):
    """What one line of the timeline is."""

    MILESTONES = "milestones", "Milestone"
    PROJECTS = "projects", "Project"


class MonthField(forms.CharField):
    """A month as 2016-04; gives its first day, or None."""

    default_error_messages = {"invalid": "Enter a month as 2016-04, from 1900 to 2199"}

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_month(text)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class TimelineForm(FilterForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # "from" is a word of Python's own, so the class cannot declare it.
        for name, label in [("from", "From month"), ("to", "To month")]:
            self.fields[name] = MonthField(
                label=label, required=False, help_text="For example, 2016-04"
            )

    def clean(self) -> dict[str, Any]:
        chosen: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = chosen.get("from"), chosen.get("to")
        if first and last and last < first:
            self.add_error("to", "To month must not come before From month")
        return chosen


class TimelineFilter(MilestoneFilter):
    """The register's filters without its order; and from=2016-04, to=2017-03 (months shown),
    lines=milestones or projects (as without it: projects once there are over 300 milestones).
    """

    sort = None
    lines = django_filters.ChoiceFilter(
        label="One line for each",
        method="unchanged",
        choices=Lines.choices,
        empty_label="Automatic",
        error_messages={"invalid_choice": "Choose what a line is from the list"},
    )

    class Meta(MilestoneFilter.Meta):
        form = TimelineForm

    def filter_queryset(self, queryset: MilestoneQuerySet) -> MilestoneQuerySet:
        # The months choose what is shown of the milestones, not which of them.
        chosen = self.form.cleaned_data
        self.months = {"first": chosen.pop("from"), "last": chosen.pop("to")}
        return super().filter_queryset(queryset).in_plan_order()


@require_safe
def timeline(request: ProgrammeRequest, programme: Programme) -> TemplateResponse:
    # Fetched apart and shared: joined, each row would make its own programme, project and so on.
    rows = programme.milestones.prefetch_related("project__workstream", "enabler")
    chosen = TimelineFilter(request.GET, rows, request=request)
    context: dict[str, Any] = {
        "form": chosen.form,
        "is_filtered": any(request.GET.values()),
        "breadcrumb": [("Programme", programme.get_absolute_url())],
        "timeline_url": reverse("milestones:timeline", args=[programme.slug]),
        "timeline": None,
        "page_obj": None,
        "total": 0,
    }
    if chosen.is_valid():
        context |= _laid_out(request, programme, chosen)
    return TemplateResponse(request, "milestones/timeline.html", context)


def _laid_out(
    request: ProgrammeRequest, programme: Programme, chosen: TimelineFilter
) -> dict[str, Any]:
    today = programme.today()
    answers = chosen.form.cleaned_data
    items = items_of(chosen.qs, as_of=today)
    span = whole_span(items, today=today, **chosen.months)
    by_project = answers["lines"] == Lines.PROJECTS or (
        not answers["lines"] and len(items) > MOST_LINES
    )
    page = None if by_project else Paginator(items, MOST_LINES).get_page(request.GET.get("page"))
    shown = list(page) if page else items
    return {
        "total": len(items),
        "page_obj": page,
        "timeline": timeline_of(
            shown, programme=programme, as_of=today, span=span, by_project=by_project
        ),
    }
