"""The columns of the register: what each is called and how a list is sorted by it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Lower

from milestones.models import MilestoneQuerySet, MilestoneStatus, MilestoneUpdate
from milestones.rating_sql import lateness

UP, DOWN = "ascending", "descending"
WORST = "worst"
DATES = ("earliest first", "latest first")
WORDS = ("A to Z", "Z to A")


@dataclass(frozen=True)
class Column:
    """One column: its name in the address, its heading, and how its first click sorts."""

    code: str
    label: str
    sort: str
    orders: tuple[str, str]
    first: str = UP
    is_default: bool = False
    is_number: bool = False


MILESTONE = Column("milestone", "Milestone", "reference", WORDS)
COLUMNS = (
    Column("workstream", "Work stream", "plan", ("in the plan’s order", "from its end")),
    Column("owner", "Local owner", "owner", WORDS, is_default=True),
    Column("lead", "Lead director", "lead", WORDS),
    Column("status", "Status", "status", ("not started first", "complete first")),
    Column("baseline", "Baseline", "baseline", DATES, is_default=True),
    Column("planned", "Planned", "planned", DATES, is_default=True),
    Column("forecast", "Forecast", "forecast", DATES, is_default=True),
    Column("completed", "Completed", "completed", DATES),
    Column("late", "Late", "late", ("most first", "least first"), DOWN, True, True),
    Column(
        "late_on_baseline",
        "Late on baseline",
        "late_on_baseline",
        ("most first", "least first"),
        DOWN,
        is_number=True,
    ),
    Column("rating", "Rating", WORST, ("worst first", "best first"), DOWN, True),
    Column("updated", "Last update", "updated", ("newest first", "oldest first"), DOWN),
)
DEFAULT = tuple(column.code for column in COLUMNS if column.is_default)
COLUMN_CHOICES = [(column.code, column.label) for column in COLUMNS]


def _sort_choices() -> list[tuple[str, str]]:
    reference = replace(MILESTONE, label="Reference")
    title = replace(MILESTONE, label="Title", sort="title")
    # The register's own order stands first.
    listed = sorted([reference, title, *COLUMNS], key=lambda column: column.sort != WORST)
    choices = []
    for column in listed:
        choices.append((column.sort, f"{column.label}, {column.orders[0]}"))
        choices.append((f"-{column.sort}", f"{column.label}, {column.orders[1]}"))
    return choices


SORT_CHOICES = _sort_choices()


@dataclass(frozen=True)
class Heading:
    """A column's heading: ``link`` is what sort becomes when it is pressed."""

    column: Column
    direction: str
    link: str


def heading(column: Column, sort: str) -> Heading:
    """Give a column's heading in a list sorted so; ``direction`` is as ``aria-sort`` says it."""
    if sort == column.sort:
        return Heading(column, column.first, f"-{column.sort}")
    if sort == f"-{column.sort}":
        return Heading(column, DOWN if column.first == UP else UP, column.sort)
    return Heading(column, "", column.sort)


def chosen_columns(codes: list[str]) -> list[Column]:
    """Give the columns asked for, in the register's order; the default ones for none."""
    wanted = set(codes or DEFAULT)
    return [column for column in COLUMNS if column.code in wanted]


def ordered(milestones: MilestoneQuerySet, sort: str, *, as_of: date) -> MilestoneQuerySet:
    """Sort a list by a name of ``SORT_CHOICES``; what has no value comes last either way."""
    name = sort.removeprefix("-")
    is_reversed = sort.startswith("-")
    if name == WORST:
        worst = milestones.worst_first(as_of=as_of)
        return worst.reverse() if is_reversed else worst
    keys = [_key(each) for each in _expressions(name, as_of)]
    starts_down = name in {"late", "late_on_baseline", "updated"}
    if starts_down != is_reversed:
        in_order = [key.desc(nulls_last=True) for key in keys]
    else:
        in_order = [key.asc(nulls_last=True) for key in keys]
    return milestones.order_by(*in_order, "reference", "pk")


def _key(expression: Any) -> Any:
    return F(expression) if isinstance(expression, str) else expression


def _expressions(name: str, as_of: date) -> list[Any]:
    late = lateness(as_of=as_of)
    moved = ExpressionWrapper(F("planned_date") - F("baseline_date"), output_field=DurationField())
    expressions: dict[str, list[Any]] = {
        "reference": ["reference"],
        "title": [Lower("title")],
        "plan": ["project__workstream__position", "project__position", "position"],
        "owner": [Lower("local_owner__full_name")],
        "lead": [Lower("lead_director__full_name")],
        "status": [_progress()],
        "baseline": ["baseline_date"],
        "planned": ["planned_date"],
        "forecast": ["forecast_date"],
        "completed": ["completed_date"],
        "late": [late],
        "late_on_baseline": [ExpressionWrapper(late + moved, output_field=DurationField())],
        "updated": [Subquery(_last_updates().values("made_date")[:1])],
    }
    return expressions[name]


def _progress() -> Case:
    return Case(
        *(When(status=status, then=Value(place)) for place, status in enumerate(MilestoneStatus)),
        output_field=IntegerField(),
    )


def _last_updates() -> QuerySet[MilestoneUpdate]:
    return MilestoneUpdate.objects.filter(milestone=OuterRef("pk")).order_by("-made_at", "-pk")


def with_last_update(milestones: MilestoneQuerySet) -> MilestoneQuerySet:
    """Annotate what the column of last updates shows: ``updated_date`` and ``last_narrative``."""
    return milestones.annotate(
        updated_date=Subquery(_last_updates().values("made_date")[:1]),
        last_narrative=Subquery(_last_updates().values("narrative")[:1]),
    )
