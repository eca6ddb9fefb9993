"""The register as at a day. Later changes are undone in Python, so it filters and sorts there too.

The rules are those of ``milestones.filters`` and ``milestones.columns``; a test holds the two
against each other. Fine up to some 5,000 milestones, with the same number of queries for all.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from accounts.models import User
from milestones.as_at import as_at
from milestones.assurance import AssuranceState
from milestones.models import (
    Assurance,
    DueWindow,
    Milestone,
    MilestoneQuerySet,
    MilestoneStatus,
    MilestoneUpdate,
)
from milestones.quality import GapsAsAt
from milestones.rating import DeliveryRating, count_ratings
from workstreams.calendar import month_start
from workstreams.dates import DatePrecision, span_end
from workstreams.months import month_updated_on

LATE = (DeliveryRating.DELAYED, DeliveryRating.AT_RISK)
# In the order of the register's worst first.
URGENCY = (
    LATE,
    (DeliveryRating.NO_DATE,),
    (DeliveryRating.ON_TRACK,),
    (DeliveryRating.COMPLETE,),
    (DeliveryRating.WITHDRAWN,),
)
STARTS_DOWN = {"late", "late_on_baseline", "updated"}


class MilestonesAsAt(list[Milestone]):
    """Milestones as they stood; counted as a queryset of them would be."""

    def count_by_rating(self, *, as_of: date, tolerance_days: int) -> dict[DeliveryRating, int]:
        return count_ratings(milestone.rating(as_of=as_of) for milestone in self)


def listed_as_at(
    milestones: MilestoneQuerySet, chosen: Mapping[str, Any], *, day: date, user: User
) -> MilestonesAsAt:
    """Give those of the milestones that the filter finds as they stood on a day, sorted.

    `chosen` is the filter's cleaned data; its owner "me" is the user.
    """
    found = as_at(milestones, day)
    updates = _note_updates(found, day)
    tests = [(test, chosen[name]) for name, test in _tests(day, user).items() if chosen.get(name)]
    if found and chosen.get("update"):
        month = month_updated_on(found[0].programme, day=day)
        tests.append((lambda each, _: not _is_updated(each, updates, month), chosen["update"]))
    if found and chosen.get("assurance"):
        given = Assurance.objects.filter(milestone__programme=found[0].programme)
        assured = set(given.standing_on(day).values_list("milestone", flat=True))
        tests.append((lambda each, state: _has(each, state, assured), chosen["assurance"]))
    if found and chosen.get("gap"):
        gaps = GapsAsAt(found[0].programme, found, day=day)
        tests.append(
            (lambda each, gap: gaps.has(each, updates.get(each.pk), gap=gap), chosen["gap"])
        )
    if not chosen.get("rating"):
        tests.append((lambda milestone, value: milestone.status != value, "withdrawn"))
    kept = [each for each in found if all(test(each, value) for test, value in tests)]
    return MilestonesAsAt(_sorted(kept, chosen.get("sort") or "worst", day))


def _note_updates(milestones: Iterable[Milestone], day: date) -> dict[int, MilestoneUpdate]:
    """Attach what lists show of the last update, as it was on the day, and give it. One query."""
    programmes = {milestone.programme for milestone in milestones}
    made = MilestoneUpdate.objects.filter(made_date__lte=day)
    newest = {
        update.milestone_id: update
        for programme in programmes
        for update in made.newest_of(programme).select_related("month")
    }
    for milestone in milestones:
        update = newest.get(milestone.pk)
        vars(milestone).update(
            has_updates=update is not None,
            updated_date=update.made_date if update else None,
            last_narrative=update.narrative if update else None,
        )
    return newest


def _has(milestone: Milestone, state: str, assured: Collection[int]) -> bool:
    """Whether it is complete, and accepted by a second person or not, as the filter asks."""
    is_asked = state == AssuranceState.ASSURED
    return milestone.status == MilestoneStatus.COMPLETE and (milestone.pk in assured) == is_asked


def _is_updated(milestone: Milestone, newest: Mapping[int, MilestoneUpdate], month: date) -> bool:
    """Whether nothing is to be said of it for the month: it is said, or it is open no more."""
    update = newest.get(milestone.pk)
    return not milestone.is_open or (update is not None and update.month.month >= month)


def _tests(day: date, user: User) -> dict[str, Callable[[Milestone, Any], bool]]:
    """Give the test behind each name of the filter: of a milestone and what was chosen."""
    return {
        "search": _has_words,
        "rating": lambda milestone, value: milestone.rating(as_of=day) in value,
        "workstream": _is_of_workstream,
        "project": lambda milestone, value: bool(
            milestone.project and milestone.project.code == value
        ),
        "owner": lambda milestone, value: (
            str(milestone.local_owner_id or "none") == (str(user.pk) if value == "me" else value)
        ),
        "due": lambda milestone, value: _is_due(milestone, value, day),
        "missing": lambda milestone, value: milestone.lacks(value),
    }


def _has_words(milestone: Milestone, words: str) -> bool:
    project = milestone.project.name if milestone.project else ""
    texts = [text.casefold() for text in (milestone.title, milestone.reference, project)]
    return all(any(word.casefold() in text for text in texts) for word in words.split())


def _is_of_workstream(milestone: Milestone, code: str) -> bool:
    if code == "enablers":
        return milestone.enabler_id is not None
    return milestone.workstream is not None and milestone.workstream.code == code


def _is_due(milestone: Milestone, window: str, day: date) -> bool:
    planned = milestone.planned_date
    if planned is None or not milestone.is_open:
        return False
    first, last = {
        DueWindow.OVERDUE: (date.min, day - timedelta(days=1)),
        DueWindow.NEXT_30_DAYS: (day, day + timedelta(days=30)),
        DueWindow.NEXT_90_DAYS: (day, day + timedelta(days=90)),
        DueWindow.THIS_MONTH: (month_start(day), span_end(day, DatePrecision.MONTH)),
    }[DueWindow(window)]
    return first <= planned <= last


def _sorted(milestones: list[Milestone], sort: str, day: date) -> list[Milestone]:
    """Sort by a name of the register's; what has no value comes last either way."""
    name, is_reversed = sort.removeprefix("-"), sort.startswith("-")
    in_order = sorted(milestones, key=lambda each: (each.reference, each.pk))
    if name == "worst":
        worst = sorted(in_order, key=lambda each: _urgency(each, day))
        return worst[::-1] if is_reversed else worst
    key = _keys(day)[name]
    with_value = [each for each in in_order if key(each) is not None]
    without = [each for each in in_order if key(each) is None]
    goes_down = (name in STARTS_DOWN) != is_reversed
    if name == "plan":
        without.sort(key=lambda each: each.position, reverse=goes_down)
    return [*sorted(with_value, key=key, reverse=goes_down), *without]


def _urgency(milestone: Milestone, day: date) -> tuple[Any, ...]:
    rating, late = milestone.rating(as_of=day), milestone.days_late(as_of=day)
    place = next(place for place, ratings in enumerate(URGENCY) if rating in ratings)
    planned = milestone.planned_date or date.max
    return place, late is None, -(late or 0), planned


def _keys(day: date) -> dict[str, Callable[[Milestone], Any]]:
    statuses = list(MilestoneStatus)
    return {
        "reference": lambda each: each.reference,
        "title": lambda each: each.title.lower(),
        "plan": lambda each: (
            (each.project.workstream.position, each.project.position, each.position)
            if each.project
            else None
        ),
        "owner": lambda each: each.local_owner and each.local_owner.full_name.lower(),
        "lead": lambda each: each.lead_director and each.lead_director.full_name.lower(),
        "status": lambda each: statuses.index(MilestoneStatus(each.status)),
        "baseline": lambda each: each.baseline_date,
        "planned": lambda each: each.planned_date,
        "forecast": lambda each: each.forecast_date,
        "completed": lambda each: each.completed_date,
        "late": lambda each: each.days_late(as_of=day),
        "late_on_baseline": lambda each: each.days_late_on_baseline(as_of=day),
        "updated": lambda each: vars(each)["updated_date"],
    }
