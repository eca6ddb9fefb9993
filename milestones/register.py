"""What the register shows of its milestones beside what every list shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import User
from milestones.figures import MilestoneRow, marked_rows
from milestones.models import Milestone, MilestoneStatus, MilestoneUpdate
from workstreams.models import Role, Workstream

# Who may update some milestone; which ones, the permission says for each.
UPDATING_ROLES = frozenset(
    [Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER, Role.EXECUTIVE_LEAD, Role.LOCAL_OWNER]
)
PMO_ROLES = frozenset([Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER])


@dataclass(frozen=True)
class _Asked:
    """A milestone as permissions ask about it, with the person's roles read once for all."""

    milestone: Milestone
    roles: frozenset[str]

    @property
    def programme(self) -> "_Asked":
        return self

    def roles_of(self, user: User) -> frozenset[str]:
        return self.roles

    @property
    def workstream(self) -> Workstream | None:
        return self.milestone.workstream

    @property
    def local_owner_id(self) -> int | None:
        return self.milestone.local_owner_id

    @property
    def lead_director_id(self) -> int | None:
        return self.milestone.lead_director_id


def may_update(milestone: Milestone, *, by: User, roles: frozenset[str]) -> bool:
    """Say whether the person updates it, from their roles in its programme. No query.

    For lists and previews alone; the services ask again.
    """
    if milestone.status == MilestoneStatus.WITHDRAWN:
        return False
    asked: Any = _Asked(milestone, roles)
    return by.has_perm("milestones.update_milestone", asked)


@dataclass(frozen=True)
class RegisterRow:
    """A milestone as the register shows it."""

    listed: MilestoneRow
    may_update: bool
    days_late_on_baseline: int | None


def register_rows(
    milestones: Iterable[Milestone], *, by: User, roles: frozenset[str], as_of: date
) -> list[RegisterRow]:
    """Rate each milestone on a day and say what the person may do with it. Two queries."""
    return [
        RegisterRow(
            listed=row,
            may_update=may_update(row.milestone, by=by, roles=roles),
            days_late_on_baseline=row.milestone.days_late_on_baseline(as_of=as_of),
        )
        for row in marked_rows(list(milestones), as_of=as_of)
    ]


def last_updates(milestones: Iterable[Milestone]) -> dict[int, MilestoneUpdate]:
    """Give the last update of each milestone that has one, by the milestone's id. One query."""
    updates = MilestoneUpdate.objects.filter(milestone__in=[each.pk for each in milestones])
    # The later takes the place of the earlier.
    return {update.milestone_id: update for update in updates.order_by("version", "made_at", "pk")}
