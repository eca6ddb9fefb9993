"""Baselines in bulk: set at once for what is ready, and what the others still lack."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from milestones.models import Milestone, PlanVersion
from milestones.services import AlreadyBaselined, NotReady, StaleVersion, set_baseline
from workstreams.models import Programme

# So many are offered at once: a form holds no more than Django takes (1,000 fields).
MOST_AT_ONCE = 500


class BaselinesRefused(Exception):
    """Some of the milestones cannot take their baseline now, so none took it.

    ``reasons`` holds one sentence for each of them.
    """

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class BaselineWork:
    """The open milestones without a baseline: those that are ready for it, and the others."""

    ready: list[Milestone]
    lacking: list[Milestone]


def baseline_work(programme: Programme) -> BaselineWork:
    """Give a programme's open milestones without a baseline, in the plan's order. One query."""
    waiting = programme.milestones.missing("baseline").with_people().in_plan_order()
    work = BaselineWork(ready=[], lacking=[])
    for milestone in waiting:
        (work.lacking if milestone.missing_for_baseline else work.ready).append(milestone)
    return work


@transaction.atomic
def set_baselines(
    *, programme_id: int, by: User, seen_versions: Mapping[int, int]
) -> list[PlanVersion]:
    """Set the baseline of several milestones, of all or of none; give their plan versions.

    `seen_versions` maps each milestone's id to the version that the person saw: a baseline is
    written once, so it must be the date that they looked at. Raises PermissionDenied, and
    BaselinesRefused with a reason for each one that is unknown, has it already, lacks something
    or was changed meanwhile.
    """
    programme = Programme.objects.get(pk=programme_id)
    if not by.has_perm("milestones.set_baseline", programme):
        raise PermissionDenied("Only the PMO sets baselines.")
    # All of them first and in one order: two such acts, or one and an edit, then wait in turn.
    own = Milestone.objects.select_for_update(of=("self",)).filter(programme=programme)
    found = list(own.filter(pk__in=seen_versions).order_by("pk"))
    reasons = []
    if len(found) < len(seen_versions):
        reasons.append("A milestone that you ticked does not exist in this programme.")
    versions = []
    for milestone in found:
        try:
            versions.append(
                set_baseline(
                    milestone_id=milestone.pk, by=by, seen_version=seen_versions[milestone.pk]
                )
            )
        except (AlreadyBaselined, NotReady) as error:
            reasons.append(str(error))
        except StaleVersion:
            reasons.append(f"{milestone.reference} was changed while you looked at this page.")
    if reasons:
        raise BaselinesRefused(reasons)
    return versions
