"""Milestones as they stood on a day: those of today with every later change undone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from accounts.forms import TrackerForm
from accounts.models import User
from milestones.models import FieldChange, Milestone
from milestones.rating import DeliveryRating, count_ratings
from milestones.writing import restored
from workstreams.dates import long_day
from workstreams.models import Enabler, Programme, Project

# What a rating is made of; and the reference, which a milestone lacked before it was added.
RATED_FIELDS = ("reference", "status", "planned_date", "forecast_date", "completed_date")
# As it is written in an address, and as people type it.
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y")


def as_at(milestones: Iterable[Milestone], day: date) -> list[Milestone]:
    """Give copies of the milestones as they stood at the end of a day, in the order given.

    A milestone of the plan file exists from the programme's start; one that a change request added
    later is left out. Its links carry the day along. One query for the changes of all, and one for
    each kind of thing that a changed field names.
    """
    found = [copy(milestone) for milestone in milestones]
    changes = _changes_after(day, found)
    for milestone in found:
        milestone.as_at_day = day
        for change in changes.get(milestone.pk, ()):
            setattr(milestone, change.field, restored(change.field, change.old_value))
    found = [milestone for milestone in found if milestone.reference]
    _bring("lead_director", User.objects.all(), found)
    _bring("local_owner", User.objects.all(), found)
    projects = Project.objects.select_related("workstream__executive_lead")
    _bring("project", projects, found)
    _bring("enabler", Enabler.objects.all(), found)
    return found


def counts_on(
    milestones: Iterable[Milestone], days: Iterable[date]
) -> dict[date, dict[DeliveryRating, int]]:
    """Count the ratings on each of several past days, as the milestones stood on it. One query."""
    found, latest_first = [copy(milestone) for milestone in milestones], sorted(days, reverse=True)
    if not latest_first:
        return {}
    ahead = _changes_after(latest_first[-1], found, fields=RATED_FIELDS)
    counts = {}
    for day in latest_first:
        for milestone in found:
            for change in ahead.get(milestone.pk, ()):
                if change.made_date > day:
                    value = restored(change.field, change.old_value)
                    setattr(milestone, change.field, value)
        counts[day] = count_ratings(each.rating(as_of=day) for each in found if each.reference)
    return counts


def _changes_after(
    day: date, milestones: Iterable[Milestone], *, fields: Sequence[str] = ()
) -> Mapping[int, Sequence[FieldChange]]:
    """Give each milestone's changes (of all fields, or some) made after the day, newest first."""
    changes: dict[int, list[FieldChange]] = defaultdict(list)
    own = FieldChange.objects.filter(milestone__in=[each.pk for each in milestones])
    if fields:
        own = own.filter(field__in=fields)
    for change in own.filter(made_date__gt=day).order_by("-version", "-pk"):
        changes[change.milestone_id].append(change)
    return changes


def _bring(name: str, rows: "QuerySet[Any]", milestones: Iterable[Milestone]) -> None:
    """Attach what a foreign key named then: setting its column has let go of today's."""
    field = Milestone._meta.get_field(name)
    without = [each for each in milestones if not field.is_cached(each)]  # type: ignore[union-attr]
    wanted = {getattr(each, f"{name}_id") for each in without} - {None}
    named: Mapping[int, Model] = rows.in_bulk(wanted) if wanted else {}
    for milestone in without:
        if getattr(milestone, f"{name}_id") in named:
            setattr(milestone, name, named[getattr(milestone, f"{name}_id")])


class AsAtField(forms.DateField):
    """A day from the programme's start to its today; empty stands for today."""

    default_error_messages = {  # noqa: RUF012
        "invalid": "The day must be a real date, such as 30 September 2016",
    }

    def __init__(self, programme: Programme, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "label": "As at",
            "required": False,
            "input_formats": DAY_FORMATS,
            "help_text": "A day in the past, for example 30 September 2016",
            "widget": forms.DateInput(format="%Y-%m-%d", attrs={"class": "nhsuk-input--width-10"}),
        }
        super().__init__(**defaults | kwargs)
        self.programme = programme

    def clean(self, value: Any) -> date | None:
        """Give the day, or None for today's. Raises ValidationError for one that has no state."""
        day: date | None = super().clean(value)
        today, start = self.programme.today(), self.programme.start_date
        if day is None or day == today:
            return None
        if day > today:
            raise ValidationError(f"The day must be today, {long_day(today)}, or in the past")
        if day < start:
            raise ValidationError(
                f"The day must be on or after {long_day(start)}, when the programme began"
            )
        return day


class AsAtForm(TrackerForm):
    """The day of a page, as its address has it: ``?as-at=2016-09-30``."""

    mark_optional = False

    def __init__(self, data: Mapping[str, Any], *, programme: Programme) -> None:
        super().__init__(data)
        self.fields["as_at"] = AsAtField(programme)

    def add_prefix(self, field_name: str) -> str:
        return field_name.replace("_", "-")

    @property
    def day(self) -> date | None:
        """The day to show; None for today, and while the field holds no such day."""
        day: date | None = self.cleaned_data.get("as_at") if self.is_valid() else None
        return day
