"""What the demonstration's people write, in as many ways as keep a pack readable. Illustrative."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from reports.demonstration import drawn

Choice = TypeVar("Choice")

NARRATIVES = {
    "done": (
        "Finished and handed over to the team that runs it.",
        "Done; the team has worked this way for two weeks.",
        "Finished. The closing note is with the project’s papers.",
        "Done at every site; the last one followed this week.",
    ),
    "late": (
        "The supplier and the rota both cost us time; the steps left are listed and dated.",
        "Two of the people who do this cover winter rotas; the rest is replanned with them.",
        "The first draft came back with more questions than expected; answers are due this month.",
        "Waiting for a partner’s signature; everything that does not need it is done.",
    ),
    "steady": (
        "Work goes on as planned and nothing stands in the way.",
        "Half of the steps are done and the rest have names and dates.",
        "On course: the draft is with the reviewers.",
        "The pilot runs; its first results are good.",
    ),
    "later": (
        "Not due yet; the preparation has begun.",
        "Not due yet. The people are named and the first meeting is set.",
        "Not due yet, and nothing has to be ready before it begins.",
        "Not due yet; what it depends on is on course.",
    ),
}
DATE_REASONS = (
    "The steps left were dated one by one, and this is when the last ends.",
    "The supplier confirmed a later delivery in writing; nothing else is missing.",
    "The people who do this cover winter rotas until then.",
)


@dataclass(frozen=True)
class ReportWords:
    """An exception report, as one owner would write it."""

    cause: str
    consequence: str
    options: str
    delivery_impact: str
    actions: tuple[str, ...]


OF_MILESTONES = (
    ReportWords(
        cause="Staff who were to do this covered winter rotas.",
        consequence="The benefit comes later; nothing that works today is lost.",
        options="Wait until the rotas allow it, or let another team do the rest. Waiting costs "
        "nothing and keeps the knowledge in the team, so it was chosen.",
        delivery_impact="Patients: no change in safety. CQC: the action closes later. "
        "Dependants: told. Cost: none.",
        actions=(
            "Agree the remaining steps week by week and review them each Monday",
            "Name a deputy for each step that hangs on one person",
            "Show the steps left on the board of the team room",
        ),
    ),
    ReportWords(
        cause="The supplier delivered six weeks late, and the tests could only start then.",
        consequence="The old way of working stays in use until the tests are done.",
        options="Test at all sites at once, or at two sites first. Two first finds faults sooner "
        "and needs no overtime.",
        delivery_impact="Patients: none while the old way works. CQC: the proof comes later. "
        "Dependants: one, told. Cost: two days of overtime.",
        actions=(
            "Test at two sites and write down every fault",
            "Hold the supplier to the dates of the contract, in writing",
            "Keep the old way of working staffed until the tests are done",
        ),
    ),
    ReportWords(
        cause="The approval needed a second round: the first paper lacked the cost of training.",
        consequence="Training is booked later than planned, into the winter.",
        options="Train in smaller groups through the winter, or wait for spring. Smaller groups "
        "were chosen.",
        delivery_impact="Patients: no change in safety. CQC: no action is affected. "
        "Dependants: none. Cost: within the budget.",
        actions=(
            "Put the costed paper before the group that approves it",
            "Book the smaller groups and publish the dates",
            "Ask the trainers of the neighbouring station to help",
        ),
    ),
)
OF_INDICATORS = (
    ReportWords(
        cause="Demand rose faster than the rotas could follow, most of all at weekends.",
        consequence="The value stays off its trajectory until the new rotas are worked.",
        options="Overtime at weekends, or moving shifts from quiet days. Moving shifts lasts and "
        "was chosen.",
        delivery_impact="Patients: longer waits at weekends. CQC: watched with the action it "
        "belongs to. Dependants: none. Cost: none.",
        actions=(
            "Move two shifts a week from quiet days to weekends",
            "Look at the weekend figures each Tuesday with the team leaders",
            "Ask the two busiest stations what else would help",
        ),
    ),
    ReportWords(
        cause="Three stations report on paper, and their sheets come late or not at all.",
        consequence="Part of what is done is not counted, so the figure understates it.",
        options="Chase the sheets, or bring the three stations into the system. The second ends "
        "the problem and was chosen.",
        delivery_impact="Patients: none. CQC: the evidence is thinner than the work. "
        "Dependants: none. Cost: three tablets.",
        actions=(
            "Bring the three stations into the system and train their team leaders",
            "Enter the sheets of the last three months",
            "Compare sheets and system for one month",
        ),
    ),
    ReportWords(
        cause="New starters need the training first, and more of them came than were planned for.",
        consequence="The share of those trained falls although more people are trained.",
        options="Train new starters before their first shift, or double the monthly courses. The "
        "first needs no extra trainers and was chosen.",
        delivery_impact="Patients: new starters work with a mentor until trained. CQC: the "
        "action stays open. Dependants: none. Cost: one day per starter.",
        actions=(
            "Train new starters before their first shift",
            "Publish who is due for training each month, by station",
            "Book the next two courses now",
        ),
    ),
    ReportWords(
        cause="The step from here to the target needs the new vehicles, which arrive in spring.",
        consequence="The value improves slowly until then and will miss the months between.",
        options="Hire vehicles for the winter, or make the most of those there are. Hiring costs "
        "more than it brings.",
        delivery_impact="Patients: no change in safety. CQC: told at the monthly call. "
        "Dependants: the fleet strategy. Cost: none.",
        actions=(
            "Put the vehicles with the fewest faults on the busiest shifts",
            "Agree delivery dates with the supplier, month by month",
            "Repair the faults that take a vehicle off the road most often",
        ),
    ),
)


def narrative(kind: str, reference: str, day: date) -> str:
    """What an owner says of a milestone in an update of a day."""
    return _chosen(NARRATIVES[kind], "narrative", reference, day)


def date_reason(reference: str) -> str:
    return _chosen(DATE_REASONS, "reason", reference)


def report_words(number: int, *, is_milestone: bool) -> ReportWords:
    return _chosen(OF_MILESTONES if is_milestone else OF_INDICATORS, "report", number)


def _chosen(choices: Sequence[Choice], *about: object) -> Choice:
    return choices[int(drawn(*about) * len(choices))]
