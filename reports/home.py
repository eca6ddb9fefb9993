"""With what each person begins: by their roles in one programme, or a card for each of several."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from accounts.models import User
from governance.models import ChangeRequest, ExceptionReport
from milestones.models import Milestone, MilestoneStatus
from milestones.rating import WORST_FIRST, count_ratings, delivery_rating
from reports.figures import RatingCount
from workstreams.models import Membership, Programme, Role
from workstreams.models.programme import LEADING_ROLES, LIVE_ROLES

PMO = frozenset({Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER})
# Their first page is made of what they lead, decide or run.
LEADERS = LEADING_ROLES


@dataclass(frozen=True)
class Card:
    """One of several programmes: the person's roles there, and how it stands for who may know."""

    programme: Programme
    url: str
    roles: Sequence[str]
    is_live: bool
    counts: Sequence[RatingCount] = ()
    exceptions: int = 0
    waiting: int = 0

    @property
    def exceptions_url(self) -> str:
        return f"{reverse('governance:exception_list', args=[self.programme.slug])}?state=open"

    @property
    def waiting_url(self) -> str:
        return f"{reverse('governance:decision_queue', args=[self.programme.slug])}#elt"


def home_of(programme: Programme, roles: Iterable[str]) -> str:
    """Give the address of the page with which the roles begin."""
    held = frozenset(roles)
    if held & LEADERS:
        return reverse("reports:role_home", args=[programme.slug])
    if Role.LOCAL_OWNER in held:
        return reverse("reports:my_work", args=[programme.slug])
    if Role.AUDITOR in held:
        return reverse("reports:journal", args=[programme.slug])
    return reverse("reports:month_list", args=[programme.slug])


def roles_by_programme(user: User) -> dict[Programme, frozenset[str]]:
    """Give the roles of a person in each of their programmes, in order. One query."""
    roles: dict[Programme, set[str]] = defaultdict(set)
    memberships = Membership.objects.filter(user=user).select_related("programme")
    for membership in memberships.order_by("programme__name", "programme"):
        roles[membership.programme].add(membership.role)
    return {programme: frozenset(held) for programme, held in roles.items()}


def portfolio(roles: dict[Programme, frozenset[str]]) -> list[Card]:
    """Give a card for each programme; four queries for all of them."""
    live = [programme for programme, held in roles.items() if held & LIVE_ROLES]
    counts = _counts(live)
    exceptions = _number_of(ExceptionReport.objects.open(), live)
    waiting = _number_of(ExceptionReport.objects.awaiting_decision(), live)
    waiting += _number_of(ChangeRequest.objects.awaiting_decision(), live)
    return [
        Card(
            programme=programme,
            url=home_of(programme, held),
            roles=[role.label for role in Role if role in held],
            is_live=programme in live,
            counts=counts.get(programme.pk, ()),
            exceptions=exceptions[programme.pk],
            waiting=waiting[programme.pk],
        )
        for programme, held in roles.items()
    ]


def _number_of(rows: "QuerySet[Any]", programmes: Sequence[Programme]) -> Counter[int]:
    own = rows.filter(programme__in=programmes).order_by()
    return Counter(dict(own.values_list("programme").annotate(number=Count("pk"))))


def _counts(programmes: Sequence[Programme]) -> dict[int, list[RatingCount]]:
    """Count the ratings of each programme, each by its own today and tolerance. One query."""
    rows = Milestone.objects.filter(programme__in=programmes)
    dates: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for programme_id, *found in rows.values_list(
        "programme", "planned_date", "forecast_date", "completed_date", "status"
    ):
        dates[programme_id].append(tuple(found))
    return {programme.pk: _rated(programme, dates[programme.pk]) for programme in programmes}


def _rated(programme: Programme, rows: Iterable[tuple[Any, ...]]) -> list[RatingCount]:
    counts = count_ratings(
        delivery_rating(
            planned=planned,
            forecast=forecast,
            completed=completed,
            as_of=programme.today(),
            tolerance_days=programme.tolerance_days,
            withdrawn=status == MilestoneStatus.WITHDRAWN,
        )
        for planned, forecast, completed, status in rows
    )
    url = reverse("milestones:milestone_list", args=[programme.slug])
    return [
        RatingCount(
            rating.value, programme.word_for(rating), counts[rating], f"{url}?rating={rating.value}"
        )
        for rating in WORST_FIRST
    ]
