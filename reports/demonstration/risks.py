"""An illustrative register: risks over all bands, what moved, and what happened."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import User
from governance import monthly_lines, risks
from governance.models import LineState, Risk, RiskKind
from governance.ownership import name_owner
from governance.risks import Place, RiskContent
from reports.demonstration import DEMONSTRATION_DATE
from workstreams.models import Programme, Project

RECORDED_DAY = date(2016, 2, 10)
Score = tuple[int, int]


@dataclass(frozen=True)
class Line:
    """One entry: place ("" is the programme), title, scores as likelihood and impact, review."""

    place: str
    title: str
    cause: str
    effect: str
    inherent: Score
    current: Score
    target: Score
    done: str
    review: date
    recorded: date = RECORDED_DAY
    kind: RiskKind = RiskKind.RISK
    milestones: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()


NOV_18, NOV_24, NOV_30, DEC_16 = (
    date(2016, 11, 18),
    date(2016, 11, 24),
    date(2016, 11, 30),
    date(2016, 12, 16),
)
# The comment gives the number that each gets.
REGISTER = [
    Line(  # 1: comes down in November
        "WS1-P1",
        "Recruitment does not keep up with leavers",
        "More paramedics leave than the university courses bring",
        "Shifts stay open, and response times suffer",
        (5, 5),
        (5, 4),
        (2, 4),
        "Graduate intake in January; second round of recruitment overseas",
        NOV_30,
        indicators=("WS1-I2",),
    ),
    Line(  # 2
        "",
        "Commissioners do not fund the plan’s second year",
        "The contracting round is open",
        "Work that needs new posts stops in April",
        (4, 5),
        (4, 5),
        (2, 4),
        "Joint paper to the commissioners on 24 November",
        NOV_24,
    ),
    Line(  # 3: goes up in November
        "WS2-P5",
        "No agreement with trade unions on rest breaks",
        "Talks have stopped",
        "New rotas cannot start",
        (4, 4),
        (3, 4),
        (2, 3),
        "Facilitated meeting on 29 November",
        date(2016, 11, 29),
        indicators=("WS2-I5a",),
    ),
    Line(  # 4: its review is overdue
        "WS5-P3",
        "Key safes arrive late, so shared codes stay in use",
        "One supplier for all stations",
        "Medicines are less secure for some weeks",
        (4, 5),
        (3, 5),
        (1, 4),
        "Supplier confirmed 28 November",
        date(2016, 11, 7),
        milestones=("WS5-P3-07",),
    ),
    Line(  # 5: happens in October
        "WS4-P1",
        "The tender for vehicle preparation is challenged",
        "Two bidders asked for data that was not in the tender",
        "Preparation stays with the crews",
        (4, 4),
        (3, 4),
        (2, 2),
        "Reissue the data and extend the deadline",
        NOV_24,
        milestones=("WS4-P1-02",),
    ),
    Line(  # 6
        "WS1-P3",
        "Winter demand stops staff being released for training",
        "Every shift is needed in December",
        "Mandatory training falls behind",
        (4, 4),
        (4, 3),
        (2, 3),
        "Training moved out of the two busiest weeks",
        NOV_30,
    ),
    Line(  # 7
        "WS5",
        "Audits stop when demand is high",
        "Team leaders are called back to the road",
        "Nobody sees what does not work",
        (4, 3),
        (3, 3),
        (2, 2),
        "Audit slots protected in the rotas",
        DEC_16,
    ),
    Line(  # 8: goes up in November
        "WS2-P3",
        "Incident backlog grows during recruitment",
        "Two posts are empty",
        "Learning from incidents comes late",
        (4, 3),
        (2, 3),
        (1, 3),
        "Two temporary staff enter reports from 21 November",
        date(2016, 11, 21),
        milestones=("WS2-P3-05",),
        indicators=("WS2-I4",),
    ),
    Line(  # 9
        "WS3-P3",
        "Hospitals do not take up electronic handover",
        "Each hospital buys its own system",
        "Handover times do not fall",
        (3, 4),
        (2, 4),
        (2, 3),
        "Escalation route agreed with NHS England",
        NOV_30,
        indicators=("WS3-I3",),
    ),
    Line(  # 10
        "WS4-P4",
        "Station works reveal further cost",
        "Buildings are old",
        "Other works wait",
        (3, 4),
        (2, 4),
        (2, 3),
        "Contingency held by Finance",
        DEC_16,
    ),
    Line(  # 11
        "WS5-P3",
        "National policy on oral morphine is not settled",
        "The regulators are still consulting",
        "Two procedures have to be written twice",
        (3, 3),
        (2, 3),
        (1, 3),
        "Raised with the regulators",
        NOV_30,
    ),
    Line(  # 12: new in November
        "WS4-P5",
        "Vehicle specification is delayed nationally",
        "The national group meets in December",
        "Orders move into the new year",
        (3, 3),
        (1, 3),
        (1, 2),
        "Watching brief",
        date(2016, 12, 30),
        recorded=date(2016, 11, 9),
    ),
    Line(  # 13: was there from the start
        "WS1-P1",
        "References of recruits from overseas arrive late",
        "Employers abroad answer by post",
        "Start dates slip by weeks",
        (5, 3),
        (5, 2),
        (1, 2),
        "One person chases them daily",
        NOV_18,
        kind=RiskKind.ISSUE,
        recorded=date(2016, 7, 12),
    ),
]
# number, day, the score from then on, what was found
REVIEWS: list[tuple[int, date, Score, str]] = [
    (1, date(2016, 6, 8), (5, 5), "The university intake is smaller than planned"),
    (3, date(2016, 8, 10), (3, 4), "Nothing new"),
    (1, date(2016, 10, 12), (5, 4), "The first overseas round has started"),
    (1, date(2016, 11, 9), (4, 4), "The January intake is full"),
    (3, date(2016, 11, 10), (4, 4), "Talks stopped again"),
    (8, date(2016, 11, 11), (3, 3), "A third post fell empty"),
]
HAPPENED = (5, date(2016, 10, 20), "A bidder challenged the tender on 18 October")
# What is said of every other enabler and commitment; the rest still lacks its line.
LINES: dict[str | int, tuple[LineState, str]] = {
    "E1": (LineState.ON_TRACK, "Road shows held at nine stations; action cards go out this month."),
    "E3": (LineState.CONCERN, "Two shifts with crews were missed; both are rebooked for December."),
    "E5": (LineState.OFF_TRACK, "No offer yet; the joint paper goes in on 24 November."),
    1: (LineState.ON_TRACK, "Partner confirmed the dates in writing."),
    2: (LineState.CONCERN, "Three providers still hand over late; raised again."),
    6: (LineState.DONE, "The training resources have arrived."),
}


def create_register(programme: Programme) -> None:
    """Live the register's months through its services, each act on its day."""
    shown_day = programme.demonstration_date
    pmo = User.objects.get(email="pmo@las.example")
    acts: list[tuple[date, int, Any]] = [(line.recorded, 0, line) for line in REGISTER]
    acts += [(day, 1, review) for review in REVIEWS for day in [review[1]]]
    acts += [(HAPPENED[1], 2, HAPPENED)]
    for day, _, act in sorted(acts, key=lambda each: each[:2]):
        _on(programme, day)
        if isinstance(act, Line):
            _record(programme, act, pmo)
        elif act is HAPPENED:
            _happen(programme, pmo)
        else:
            _review(programme, act, pmo)
    _on(programme, shown_day or DEMONSTRATION_DATE)


def write_lines(programme: Programme) -> None:
    """Say how some enablers and commitments stand in the month under way."""
    pmo = User.objects.get(email="pmo@las.example")
    subjects: dict[str | int, monthly_lines.Subject] = {}
    for enabler in programme.enablers.select_related("programme"):
        subjects[enabler.code] = enabler
    for commitment in programme.partner_commitments.select_related("programme"):
        subjects[commitment.position] = commitment
    for key, (state, text) in LINES.items():
        subject = subjects[key]
        if isinstance(key, str):
            lead = User.objects.get(email=f"lead-ws{key[1:]}@las.example")
            name_owner(subject=subject, by=pmo, owner=lead)
        monthly_lines.write_line(subject=subject, by=pmo, state=state, text=text)


def _on(programme: Programme, day: date) -> None:
    programme.demonstration_date = day
    programme.save(update_fields=["demonstration_date"])


def _record(programme: Programme, line: Line, pmo: User) -> None:
    place = _place(programme, line.place)
    workstream = getattr(place, "workstream", None)
    local_owner = getattr(place, "local_owner", None)
    owner = local_owner or (workstream.executive_lead if workstream else None) or pmo
    likelihood_and_impact = {
        f"{name}_{part}": value
        for name in ("inherent", "current", "target")
        for part, value in zip(("likelihood", "impact"), getattr(line, name), strict=True)
    }
    risks.record_risk(
        place=place,
        kind=line.kind,
        by=pmo,
        content=RiskContent(
            title=line.title,
            cause=line.cause,
            effect=line.effect,
            owner_id=owner.pk,
            response_text=line.done,
            review_date=line.review,
            milestones=line.milestones,
            indicators=line.indicators,
            **likelihood_and_impact,
        ),
    )


def _place(programme: Programme, code: str) -> Place:
    if not code:
        return programme
    if "-" in code:
        projects = Project.objects.select_related("workstream__programme", "local_owner")
        return projects.get(workstream__programme=programme, code=code)
    return programme.workstreams.select_related("executive_lead", "programme").get(code=code)


def _review(programme: Programme, review: tuple[int, date, Score, str], pmo: User) -> None:
    number, _, (likelihood, impact), found = review
    risk = Risk.objects.get(programme=programme, number=number)
    risks.review_risk(
        risk_id=risk.pk,
        by=pmo,
        seen_version=risk.version,
        current_likelihood=likelihood,
        current_impact=impact,
        review_date=max(risk.review_date, NOV_18),
        comment=found,
    )


def _happen(programme: Programme, pmo: User) -> None:
    number, _, what_happened = HAPPENED
    risk = Risk.objects.get(programme=programme, number=number)
    # It is beyond its project before it happens: the history of one record through two levels.
    risks.promote_risk(
        risk_id=risk.pk,
        by=pmo,
        seen_version=risk.version,
        reason="Every project of the work stream buys from this tender",
    )
    risks.turn_into_issue(
        risk_id=risk.pk,
        by=pmo,
        seen_version=risk.version + 1,
        what_happened=what_happened,
        review_date=NOV_24,
    )
