"""The CQC actions and what answers them: projects, milestones, indicators, evidence, and gaps."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.db.models import Count

from accounts.models import User
from governance.cqc import owner_of, state_of
from governance.models import CqcState, CqcStep
from metrics.models import Indicator
from metrics.rating import PerformanceRating
from metrics.standing import SEVERITY, Standing
from milestones.models import Evidence
from milestones.rating import DeliveryRating
from reports.figures import ProgrammeFigures, ProjectFigures, RatingCount, Roll, rating_counts
from workstreams.models import CqcAction, Programme


class CqcGap(models.TextChoices):
    """What the chain from a CQC action to its proof lacks."""

    PROJECT = "project", "No project"
    INDICATOR = "indicator", "No indicator"
    EVIDENCE = "evidence", "No evidence"
    BELOW = "below", "All milestones done, an indicator Below"


@dataclass(frozen=True)
class CqcRow(Roll):
    """One CQC action with everything that answers it; its lines are its projects' milestones."""

    action: CqcAction
    step: CqcStep | None
    projects: Sequence[ProjectFigures]
    standings: Sequence[Standing]
    # Pieces that stand on its projects' milestones.
    evidence: int

    @property
    def state(self) -> CqcState:
        return state_of([self.step] if self.step else [])

    @property
    def owner(self) -> User | None:
        return owner_of(self.action)

    @property
    def complete(self) -> int:
        return self.counts.get(DeliveryRating.COMPLETE, 0)

    @property
    def performance_counts(self) -> list[RatingCount]:
        counts = Counter(standing.rating for standing in self.standings)
        return rating_counts(self.programme, counts, SEVERITY)

    @cached_property
    def gaps(self) -> frozenset[CqcGap]:
        is_done = bool(self.counted) and self.complete == self.total
        is_below = any(each.rating == PerformanceRating.BELOW for each in self.standings)
        found = {
            CqcGap.PROJECT: not self.projects,
            CqcGap.INDICATOR: not self.standings,
            CqcGap.EVIDENCE: not self.evidence,
            CqcGap.BELOW: is_done and is_below,
        }
        return frozenset(gap for gap, is_there in found.items() if is_there)


def cqc_rows(figures: ProgrammeFigures, actions: Iterable[CqcAction]) -> list[CqcRow]:
    """Give each action, from ``cqc_actions``, with what answers it. Three queries."""
    programme = figures.programme
    projects = {row.project.pk: row for each in figures.workstreams for row in each.projects}
    steps = {step.cqc_action_id: step for step in CqcStep.objects.newest_of(programme)}
    evidence, measured = _evidence_by_project(programme), _indicators_by_project(programme)
    rows = []
    for action in actions:
        own = [projects[project.pk] for project in action.projects.all()]
        own.sort(key=lambda row: (row.project.workstream.position, row.project.position))
        related = {pk for row in own for pk in measured.get(row.project.pk, ())}
        rows.append(
            CqcRow(
                programme=programme,
                lines=[line for row in own for line in row.lines],
                action=action,
                step=steps.get(action.pk),
                projects=own,
                standings=[each for each in figures.standings if each.indicator.pk in related],
                evidence=sum(evidence.get(row.project.pk, 0) for row in own),
            )
        )
    return rows


def cqc_actions(programme: Programme) -> models.QuerySet[CqcAction]:
    """A programme's actions in the plan's order, with what a row shows. Two queries."""
    actions = CqcAction.objects.filter(programme=programme)
    return (
        actions.select_related("programme", "workstream__programme", "workstream__executive_lead")
        .select_related("local_owner")
        .prefetch_related("projects")
        .order_by("workstream__position", "position", "pk")
    )


def count_gaps(rows: Iterable[CqcRow]) -> dict[CqcGap, int]:
    """How many actions have each gap, zeroes included."""
    counts = Counter(gap for row in rows for gap in row.gaps)
    return {gap: counts[gap] for gap in CqcGap}


def count_states(rows: Iterable[CqcRow]) -> dict[CqcState, int]:
    """How many actions are in each state, zeroes included."""
    counts = Counter(row.state for row in rows)
    return {state: counts[state] for state in CqcState}


def _evidence_by_project(programme: Programme) -> Mapping[int | None, int]:
    standing = Evidence.objects.standing().filter(milestone__programme=programme)
    counted = standing.order_by().values_list("milestone__project").annotate(number=Count("pk"))
    return dict(counted)


def _indicators_by_project(programme: Programme) -> Mapping[int, Sequence[int]]:
    links = Indicator.projects.through.objects.filter(indicator__programme=programme)
    found: dict[int, list[int]] = defaultdict(list)
    for project, indicator in links.values_list("project_id", "indicator_id"):
        found[project].append(indicator)
    return found
