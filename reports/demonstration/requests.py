"""One change request of each kind, each at another step of its way to the ELT. Illustrative."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from governance import change_requests
from governance.actions import ActionLine
from governance.models import UNDER_WAY, ChangeRequest
from governance.proposals import Proposal
from metrics.models import Indicator, IndicatorKind
from metrics.rating import Direction
from metrics.trajectories import baseline_trajectory, lacking
from milestones.models import Milestone
from milestones.plan_changes import NewMilestone, why_not_withdraw
from workstreams.calendar import add_working_days
from workstreams.models import Programme

# Whose trajectories are agreed: all of one work stream, so that the other four can still be set.
AGREED_WORKSTREAM = "WS4"


def agree_trajectories(programme: Programme, *, by: User) -> None:
    """Set the baseline of the trajectories of one work stream."""
    indicators = programme.indicators.filter(workstream__code=AGREED_WORKSTREAM)
    for indicator in indicators.with_people().in_plan_order():
        if not lacking(indicator):
            baseline_trajectory(indicator_id=indicator.pk, by=by, seen_version=indicator.version)


@dataclass(frozen=True)
class Asking:
    """Asks on the programme's today, as the local owners and the PMO would."""

    programme: Programme
    people: Mapping[str, User]

    def ask_for_every_kind(self) -> ChangeRequest:
        """Leave a request of each kind; give the one for a final target, which the ELT decides."""
        first, second = self._free_milestones()[:2]
        self._reword(first)
        self._withdraw(second)
        self._add()
        by_target, by_month = self._agreed_indicators()[:2]
        self._move_trajectory(by_month)
        return self._move_final_target(by_target)

    def _free_milestones(self) -> list[Milestone]:
        """Far-off ones without a request under way, on which nothing waits."""
        later = self.programme.today() + timedelta(days=60)
        milestones = self.programme.milestones.open().filter(
            baseline_date__isnull=False, project__isnull=False, planned_date__gt=later
        )
        free = milestones.exclude(change_requests__state__in=UNDER_WAY)
        return [each for each in free.with_people().in_plan_order() if not why_not_withdraw(each)]

    def _agreed_indicators(self) -> list[Indicator]:
        agreed = self.programme.indicators.filter(
            trajectory_versions__number=1,
            kind=IndicatorKind.PERCENT,
            direction=Direction.UP,
            final_target__isnull=False,
        )
        return list(agreed.with_people().in_plan_order())

    def _reword(self, milestone: Milestone) -> None:
        """Several changes in one request, checked and waiting for the ELT."""
        assert milestone.planned_date  # baselined
        assert milestone.local_owner
        today = self.programme.today()
        self._ask(
            milestone.local_owner,
            milestone_id=milestone.pk,
            planned_date=milestone.planned_date + timedelta(days=30),
            title=f"{milestone.title}, first at two sites"[:300],
            scope="Two sites first; the others follow once the first month is reviewed.",
            reason="Starting at two sites shows what the others need before they begin.",
            actions=(
                ActionLine(
                    text="Review the first month at both sites and write down what changes",
                    owner=milestone.local_owner,
                    due_date=add_working_days(today, 20),
                ),
            ),
        )

    def _withdraw(self, milestone: Milestone) -> None:
        assert milestone.local_owner  # baselined
        self._ask(
            milestone.local_owner,
            check=False,
            milestone_id=milestone.pk,
            withdraw=True,
            reason="Another milestone of the project now delivers the same.",
        )

    def _add(self) -> None:
        project = next(
            each.project for each in self._free_milestones() if each.project and each.lead_director
        )
        lead = project.workstream.executive_lead or self.people["elt"]
        self._ask(
            self.people["pmo"],
            project_id=project.pk,
            addition=NewMilestone(
                title="Review of what the first year changed",
                scope="Asks staff and patients, and says what to keep.",
                lead_director=lead,
                local_owner=self.people[f"owner-{project.workstream.code.lower()}"],
                planned_date=self.programme.today() + timedelta(days=180),
            ),
            reason="The board asked for proof that the work made a difference.",
        )

    def _move_trajectory(self, indicator: Indicator) -> None:
        today = self.programme.today()
        points = indicator.trajectory_points.filter(month__gte=today.replace(day=1))
        lower = {
            month: max(value - 2, Decimal(0))
            for month, value in points.order_by("month").values_list("month", "value")[:3]
        }
        self._ask(
            indicator.local_owner or self.people["pmo"],
            indicator_id=indicator.pk,
            trajectory=lower,
            reason="Winter rotas take staff away from this; spring makes up for it.",
        )

    def _move_final_target(self, indicator: Indicator) -> ChangeRequest:
        target = indicator.final_target or Decimal(0)
        return self._ask(
            indicator.local_owner or self.people["pmo"],
            indicator_id=indicator.pk,
            final_target=target - 1,
            reason="The national standard is a point lower than the plan assumed.",
        )

    def _ask(self, by: User, *, check: bool = True, **asked: Any) -> ChangeRequest:
        ids = {name: asked.pop(name) for name in list(asked) if name.endswith("_id")}
        impact = "Patients: none. CQC: the action stays open. Dependants: none. Cost: none."
        proposal = Proposal(delivery_impact=impact, **asked)
        request = change_requests.raise_change_request(**ids, by=by, proposal=proposal, submit=True)
        lead = request.workstream.executive_lead if request.workstream else None
        if lead:
            change_requests.endorse(change_request_id=request.pk, by=lead)
        if lead and check:
            change_requests.check(change_request_id=request.pk, by=self.people["pmo"])
        return ChangeRequest.objects.with_subject().get(pk=request.pk)
