"""What is missing, old or contradictory in the record.

The pages, the month and the packs all ask these questions, each with one code, label and meaning.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.urls import reverse

from metrics.quality import IndicatorGap, has_gap, trajectory_gap
from metrics.rating import PerformanceRating
from metrics.standing import Standing, reporting_month
from milestones.models import MilestoneStatus, MissingFact
from milestones.quality import UPDATE_DAYS, Gap, GapsAsAt, evidence_is_old_from
from reports.figures import MilestoneLine, ProgrammeFigures
from workstreams.dates import long_day, long_month, short_day
from workstreams.models import Programme

# Code, label, meaning, the list's query, the test, and what there is to say of who fails it.
IndicatorQuestion = tuple[str, str, str, str, Callable[[Standing], bool], Callable[[Standing], str]]
MISSING = {
    MissingFact.OWNER: "Open, and nobody is asked for its update",
    MissingFact.DATE: "Open, and nobody can say whether it is on track",
    MissingFact.BASELINE: "Open, and its planned date may move without a change request",
}


class Subject(StrEnum):
    """What a question is about, as its heading."""

    MILESTONES = "Milestones"
    INDICATORS = "Indicators"


@dataclass(frozen=True)
class Finding:
    """One milestone or indicator that answers a question badly, and what there is to say of it."""

    reference: str
    title: str
    detail: str = ""


@dataclass(frozen=True)
class Check:
    """One question about the record, with what answers it badly, of how many asked about.

    ``url`` lists exactly those, as they are on the programme's today.
    """

    code: str
    subject: Subject
    label: str
    meaning: str
    found: tuple[Finding, ...]
    of: int
    url: str

    @property
    def count(self) -> int:
        return len(self.found)

    @property
    def full_label(self) -> str:
        """The label where it stands without its heading."""
        return f"{self.subject}: {self.label[:1].lower()}{self.label[1:]}"


def checks_of(figures: ProgrammeFigures) -> list[Check]:
    """Ask every question about a programme as it stands on the day of its figures. Two queries."""
    return [*_missing(figures), *_gaps(figures), *_indicator_checks(figures)]


def _missing(figures: ProgrammeFigures) -> list[Check]:
    asked = [line for line in figures.lines if line.milestone.is_open]
    url = reverse("milestones:milestone_list", args=[figures.programme.slug])
    return [
        Check(
            f"no_{fact.value}",
            Subject.MILESTONES,
            fact.label,
            meaning,
            tuple(_finding(line) for line in asked if line.milestone.lacks(fact)),
            len(asked),
            f"{url}?missing={fact.value}",
        )
        for fact, meaning in MISSING.items()
    ]


def _gaps(figures: ProgrammeFigures) -> list[Check]:
    url = reverse("milestones:milestone_list", args=[figures.programme.slug])
    gaps = GapsAsAt(
        figures.programme, [line.milestone for line in figures.lines], day=figures.as_of
    )
    meanings = _meanings(figures.programme, figures.as_of)
    return [
        Check(
            gap.value,
            Subject.MILESTONES,
            gap.label,
            meanings[gap],
            tuple(
                _finding(line, DETAILS.get(gap))
                for line in figures.lines
                if gaps.has(line.milestone, line.update, gap=gap)
            ),
            _asked_by(gap, figures),
            f"{url}?gap={gap.value}",
        )
        for gap in Gap
    ]


def _meanings(programme: Programme, on: date) -> Mapping[Gap, str]:
    old_from = long_day(evidence_is_old_from(programme, on=on))
    return {
        Gap.FORECAST_PAST: "Still open after the day on which its owner expected to finish",
        Gap.NO_RECENT_UPDATE: f"Open, and no update in the last {UPDATE_DAYS} days",
        Gap.VIEW_DIFFERS: "What the owner believes is not what the dates say",
        Gap.NO_EVIDENCE: "Nothing shows that it was done",
        Gap.STALE_EVIDENCE: f"None of its evidence was added since {old_from}",
        Gap.INACTIVE_PERSON: "Who answers for it cannot sign in, or has no role here any more",
    }


def _asked_by(gap: Gap, figures: ProgrammeFigures) -> int:
    """How many milestones a question is about: open, complete or all in the plan."""
    if gap == Gap.VIEW_DIFFERS:
        return figures.total
    is_of_complete = gap in (Gap.NO_EVIDENCE, Gap.STALE_EVIDENCE)
    return sum(
        (line.milestone.status == MilestoneStatus.COMPLETE) == is_of_complete
        for line in figures.counted
    )


def _forecast(line: MilestoneLine) -> str:
    return f"forecast {line.milestone.forecast_text}"


def _last_update(line: MilestoneLine) -> str:
    return f"last {short_day(line.update.made_date)}" if line.update else "never"


def _views(line: MilestoneLine) -> str:
    programme = line.milestone.programme
    view = line.update.get_owner_view_display() if line.update else ""
    if line.update:
        view = programme.rating_words.get(line.update.owner_view) or view
    return f"owner {view}, rating {line.word}"


DETAILS: Mapping[Gap, Callable[[MilestoneLine], str]] = {
    Gap.FORECAST_PAST: _forecast,
    Gap.NO_RECENT_UPDATE: _last_update,
    Gap.VIEW_DIFFERS: _views,
}


def _finding(line: MilestoneLine, detail: Callable[[MilestoneLine], str] | None = None) -> Finding:
    said = detail(line) if detail else ""
    return Finding(line.milestone.reference, line.milestone.title, said)


def _indicator_checks(figures: ProgrammeFigures) -> list[Check]:
    url = reverse("metrics:indicator_list", args=[figures.programme.slug])
    questions = _indicator_questions(figures)
    return [
        Check(
            code,
            Subject.INDICATORS,
            label,
            meaning,
            tuple(
                Finding(each.indicator.reference, each.indicator.name, detail(each))
                for each in figures.standings
                if lacks(each)
            ),
            len(figures.standings),
            f"{url}?{query}",
        )
        for code, label, meaning, query, lacks, detail in questions
    ]


def _indicator_questions(figures: ProgrammeFigures) -> list[IndicatorQuestion]:
    active = figures.programme.active_people()
    owner_gone, trajectory = IndicatorGap.INACTIVE_PERSON, IndicatorGap.TRAJECTORY
    silent = PerformanceRating.NOT_REPORTED
    return [
        (
            "indicator_no_owner",
            "No local owner",
            "Nobody is asked for its values",
            "owner=none",
            lambda each: each.indicator.local_owner_id is None,
            _nothing,
        ),
        (
            "not_reported",
            silent.label,
            f"No value for {long_month(reporting_month(figures.as_of))}",
            f"rating={silent.value}",
            lambda each: each.rating == silent,
            _nothing,
        ),
        (
            "trajectory_gaps",
            trajectory.label,
            "Some month has no target to hold its value against",
            f"gap={trajectory.value}",
            lambda each: has_gap(each, trajectory, active=active),
            trajectory_gap,
        ),
        (
            "indicator_inactive_person",
            owner_gone.label,
            "Who reports it cannot sign in, or has no role here any more",
            f"gap={owner_gone.value}",
            lambda each: has_gap(each, owner_gone, active=active),
            _nothing,
        ),
    ]


def _nothing(standing: Standing) -> str:
    return ""
