"""Milestones whose record needs a look: what is missing, old, or does not fit together.

Each gap is a filter of the register, so that every count on the data quality page is a list. As at
a day the same rules run in Python (``GapsAsAt``); a test holds the two against each other.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery

from milestones.models import Evidence, Milestone, MilestoneQuerySet, MilestoneStatus
from milestones.models.history import MilestoneUpdate
from milestones.models.status import WITHDRAWN
from milestones.rating_sql import rating_case
from workstreams.calendar import month_start, previous_month
from workstreams.models import Membership, Programme

UPDATE_DAYS = 30


class Gap(models.TextChoices):
    """What is wrong with a milestone's record."""

    FORECAST_PAST = "forecast_past", "Forecast in the past"
    NO_RECENT_UPDATE = "no_recent_update", f"No update for {UPDATE_DAYS} days"
    VIEW_DIFFERS = "view_differs", "Owner’s view differs from the rating"
    NO_EVIDENCE = "no_evidence", "Complete without evidence"
    STALE_EVIDENCE = "stale_evidence", "Complete with old evidence only"
    INACTIVE_PERSON = "inactive_person", "Lead or owner is inactive"


def evidence_is_old_from(programme: Programme, *, on: date) -> date:
    """The first day on which evidence counts as recent: so many months back, as CQC re-checks."""
    day = month_start(on)
    for _ in range(programme.recheck_months):
        day = previous_month(day)
    return day


def with_gap(
    milestones: MilestoneQuerySet, gap: Gap | str, *, programme: Programme, on: date
) -> MilestoneQuerySet:
    """Narrow a programme's milestones to those with a gap on a day; withdrawn ones have none."""
    in_plan = milestones.in_plan()
    match Gap(gap):
        case Gap.FORECAST_PAST:
            return in_plan.open().filter(forecast_date__lt=on)
        case Gap.NO_RECENT_UPDATE:
            return in_plan.not_updated_since(on - timedelta(days=UPDATE_DAYS))
        case Gap.VIEW_DIFFERS:
            return _with_other_view(in_plan, programme, on)
        case Gap.NO_EVIDENCE:
            return _complete(in_plan).filter(~Exists(_evidence()))
        case Gap.STALE_EVIDENCE:
            old_from = evidence_is_old_from(programme, on=on)
            recent = _evidence().filter(added_date__gte=old_from)
            return _complete(in_plan).filter(Exists(_evidence()) & ~Exists(recent))
        case Gap.INACTIVE_PERSON:
            return in_plan.open().filter(
                _is_inactive("lead_director") | _is_inactive("local_owner")
            )


class GapsAsAt:
    """Tells the gaps of milestones as they stood on a day, by the rules of ``with_gap``.

    Two queries at most, made when first asked for. Who is active is known only today.
    """

    def __init__(self, programme: Programme, milestones: Iterable[Milestone], *, day: date) -> None:
        self.programme = programme
        self.milestones = milestones
        self.day = day

    def has(self, milestone: Milestone, update: MilestoneUpdate | None, *, gap: Gap | str) -> bool:
        """Whether a milestone, whose newest update is given, has a gap."""
        match Gap(gap):
            case Gap.FORECAST_PAST:
                return milestone.has_forecast_in_past(as_of=self.day)
            case Gap.NO_RECENT_UPDATE:
                since = self.day - timedelta(days=UPDATE_DAYS)
                return milestone.is_open and not (update and update.made_date > since)
            case Gap.VIEW_DIFFERS:
                view = update.owner_view if update else ""
                return _is_in_plan(milestone) and view not in ("", milestone.rating(as_of=self.day))
            case Gap.NO_EVIDENCE:
                return _is_complete(milestone) and milestone.pk not in self._newest_evidence
            case Gap.STALE_EVIDENCE:
                newest = self._newest_evidence.get(milestone.pk, date.max)
                return _is_complete(milestone) and newest < self._old_from
            case Gap.INACTIVE_PERSON:
                people = {milestone.lead_director_id, milestone.local_owner_id} - {None}
                return milestone.is_open and not people <= self._active

    @cached_property
    def _old_from(self) -> date:
        return evidence_is_old_from(self.programme, on=self.day)

    @cached_property
    def _active(self) -> frozenset[int]:
        return self.programme.active_people()

    @cached_property
    def _newest_evidence(self) -> dict[int, date]:
        standing = Evidence.objects.filter(
            Q(removed_date__isnull=True) | Q(removed_date__gt=self.day),
            milestone__in=[each.pk for each in self.milestones],
            added_date__lte=self.day,
        )
        newest = standing.order_by().values_list("milestone").annotate(newest=Max("added_date"))
        return dict(newest)


def _complete(milestones: MilestoneQuerySet) -> MilestoneQuerySet:
    return milestones.filter(status=MilestoneStatus.COMPLETE)


def _is_in_plan(milestone: Milestone) -> bool:
    return milestone.status != MilestoneStatus.WITHDRAWN


def _is_complete(milestone: Milestone) -> bool:
    return milestone.status == MilestoneStatus.COMPLETE


def _evidence() -> Any:
    return Evidence.objects.standing().filter(milestone=OuterRef("pk"))


def _with_other_view(
    milestones: MilestoneQuerySet, programme: Programme, on: date
) -> MilestoneQuerySet:
    newest = MilestoneUpdate.objects.filter(milestone=OuterRef("pk")).order_by("-pk")
    computed = rating_case(as_of=on, tolerance_days=programme.tolerance_days, withdrawn=WITHDRAWN)
    viewed = milestones.alias(
        owner_view=Subquery(newest.values("owner_view")[:1]), rating_by_dates=computed
    )
    return viewed.filter(owner_view__gt="").exclude(owner_view=F("rating_by_dates"))


def _is_inactive(person: str) -> Q:
    """Somebody is named who cannot sign in, or has no role in the programme any more."""
    here = Membership.objects.filter(programme=OuterRef("programme"), user=OuterRef(person))
    return Q(**{f"{person}__isnull": False}) & Q(~Exists(here.filter(user__is_active=True)))
