"""The figures that the dashboard shows and a snapshot freezes: worked out once, in one place."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TypeVar

from django.db.models import TextChoices

from metrics.rating import PerformanceRating
from metrics.standing import Standing, reporting_month, standings
from milestones.as_at import as_at
from milestones.models import Milestone, MilestoneUpdate
from milestones.rating import WORST_FIRST, DeliveryRating, count_ratings, worst
from workstreams.calendar import month_start
from workstreams.models import Programme, Project, Workstream

Rating = TypeVar("Rating", bound=TextChoices)

DUE_SOON = timedelta(days=30)
LATE = (DeliveryRating.DELAYED, DeliveryRating.AT_RISK)
OFF_TRAJECTORY = (PerformanceRating.NEAR, PerformanceRating.BELOW)


@dataclass(frozen=True)
class RatingCount:
    """How many of one rating, with the programme's word for it."""

    code: str
    word: str
    count: int
    url: str = ""


@dataclass(frozen=True)
class MilestoneLine:
    """One milestone as it stands on a day."""

    milestone: Milestone
    rating: DeliveryRating
    days_late: int | None
    days_late_on_baseline: int | None
    update: MilestoneUpdate | None
    is_updated: bool

    @property
    def word(self) -> str:
        return self.milestone.programme.word_for(self.rating)

    @property
    def disagrees(self) -> bool:
        """Whether the owner's own view differs from the computed rating."""
        view = self.update.owner_view if self.update else ""
        return bool(view) and view != self.rating


@dataclass(frozen=True)
class Roll:
    """The milestones of something larger: counts per rating and the worst open one."""

    programme: Programme
    lines: Sequence[MilestoneLine]

    @cached_property
    def counted(self) -> list[MilestoneLine]:
        """Withdrawn milestones are out of every count."""
        return [line for line in self.lines if line.rating != DeliveryRating.WITHDRAWN]

    @property
    def total(self) -> int:
        return len(self.counted)

    @cached_property
    def counts(self) -> Mapping[DeliveryRating, int]:
        return count_ratings(line.rating for line in self.counted)

    @property
    def rating_counts(self) -> list[RatingCount]:
        """The counts, worst first, for the components that draw them."""
        return rating_counts(self.programme, self.counts, WORST_FIRST)

    @cached_property
    def worst(self) -> DeliveryRating | None:
        return worst(line.rating for line in self.counted)

    @property
    def worst_word(self) -> str:
        return self.programme.word_for(self.worst) if self.worst else ""


@dataclass(frozen=True)
class ProjectFigures(Roll):
    project: Project


@dataclass(frozen=True)
class WorkstreamFigures(Roll):
    workstream: Workstream
    projects: Sequence[ProjectFigures]
    standings: Sequence[Standing]


@dataclass(frozen=True)
class ProgrammeFigures(Roll):
    as_of: date
    month: date
    workstreams: Sequence[WorkstreamFigures]
    standings: Sequence[Standing]

    @property
    def without_project(self) -> list[MilestoneLine]:
        """Milestones of enablers: the programme's own."""
        return [line for line in self.lines if line.milestone.project_id is None]

    @property
    def late(self) -> list[MilestoneLine]:
        late = [line for line in self.lines if line.rating in LATE]
        return sorted(late, key=lambda line: -(line.days_late or 0))

    @property
    def due_soon(self) -> list[MilestoneLine]:
        """Open milestones planned for today or the 30 days after it."""
        return self.open_between(self.as_of, self.as_of + DUE_SOON)

    def open_between(self, first: date, last: date) -> list[MilestoneLine]:
        lines = [
            line
            for line in self.counted
            if line.rating != DeliveryRating.COMPLETE
            and line.milestone.planned_date
            and first <= line.milestone.planned_date <= last
        ]
        return sorted(lines, key=lambda line: line.milestone.planned_date or self.as_of)

    @property
    def off_trajectory(self) -> list[Standing]:
        """Indicators Below and then Near, the furthest off first."""
        off = [standing for standing in self.standings if standing.rating in OFF_TRAJECTORY]
        return sorted(off, key=lambda standing: standing.attainment or 0)

    @property
    def performance_counts(self) -> dict[PerformanceRating, int]:
        counts = dict.fromkeys(PerformanceRating, 0)
        for standing in self.standings:
            counts[standing.rating] += 1
        return counts


def rating_counts(
    programme: Programme, counts: Mapping[Rating, int], order: Iterable[Rating]
) -> list[RatingCount]:
    """Give counts in the given order with the programme's words."""
    return [
        RatingCount(code=rating.value, word=programme.word_for(rating), count=counts.get(rating, 0))
        for rating in order
    ]


def programme_figures(
    programme: Programme, *, as_of: date, month: date | None = None, as_it_stood: bool = False
) -> ProgrammeFigures:
    """Work out where the whole programme stands on a day, in a constant number of queries.

    `month` is the reporting month whose updates count as current; by default the day's own.
    The milestones are today's, judged on that day; `as_it_stood`, they are those of that day
    itself, with every later change undone. Indicators are today's either way.
    """
    month = month or month_start(as_of)
    lines = milestone_lines(programme, as_of=as_of, month=month, as_it_stood=as_it_stood)
    all_standings = standings(programme, month=reporting_month(as_of))
    by_project: dict[int | None, list[MilestoneLine]] = defaultdict(list)
    for line in lines:
        by_project[line.milestone.project_id].append(line)
    workstreams = [
        _workstream_figures(programme, workstream, by_project, all_standings)
        for workstream in programme.workstreams.in_order()
        .select_related("programme", "executive_lead")
        .prefetch_related("projects__lead_director", "projects__local_owner")
    ]
    return ProgrammeFigures(
        programme=programme,
        lines=lines,
        as_of=as_of,
        month=month,
        workstreams=workstreams,
        standings=all_standings,
    )


def _workstream_figures(
    programme: Programme,
    workstream: Workstream,
    by_project: Mapping[int | None, list[MilestoneLine]],
    all_standings: Iterable[Standing],
) -> WorkstreamFigures:
    projects = []
    for project in sorted(workstream.projects.all(), key=lambda row: (row.position, row.pk)):
        project.workstream = workstream
        lines = by_project.get(project.pk, [])
        projects.append(ProjectFigures(programme=programme, lines=lines, project=project))
    return WorkstreamFigures(
        programme=programme,
        lines=[line for project in projects for line in project.lines],
        workstream=workstream,
        projects=projects,
        standings=[row for row in all_standings if row.indicator.workstream_id == workstream.pk],
    )


def milestone_lines(
    programme: Programme, *, as_of: date, month: date, as_it_stood: bool = False
) -> list[MilestoneLine]:
    """Give every milestone of the programme as it stands on a day, in plan order."""
    made = MilestoneUpdate.objects.all()
    milestones: Iterable[Milestone] = programme.milestones.with_people().in_plan_order()
    if as_it_stood:
        made = made.filter(made_date__lte=as_of)
        milestones = as_at(milestones, as_of)
    updates = made.newest_of(programme).select_related("month", "made_by")
    newest = {update.milestone_id: update for update in updates}
    return [
        _line(milestone, newest.get(milestone.pk), as_of=as_of, month=month)
        for milestone in milestones
    ]


def _line(
    milestone: Milestone, update: MilestoneUpdate | None, *, as_of: date, month: date
) -> MilestoneLine:
    is_current = update is not None and update.month.month >= month
    return MilestoneLine(
        milestone=milestone,
        rating=milestone.rating(as_of=as_of),
        days_late=milestone.days_late(as_of=as_of),
        days_late_on_baseline=milestone.days_late_on_baseline(as_of=as_of),
        update=update,
        is_updated=is_current or not milestone.is_open,
    )
