"""Half a year of a programme, day by day of the table, against what a person worked out."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from governance import review
from governance.models import Decision, ExceptionReport, Outcome
from milestones.models import PlanVersion
from tests.factories.governance import SubmittedReportFactory
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory
from tests.factories.milestones import BaselinedMilestoneFactory

# What happens before the job runs on a day: a forecast or a completion of a milestone (planned
# for 30 April, by name), or the value of an indicator whose trajectory is 90% throughout.
#
# day (2016) | what is entered | what the job opens and closes; the number counts the subjects
CALENDAR = [
    # Nothing is known yet: no forecast, no value.
    ((1, 4), {}, ["nothing"]),
    # The forecast counts although the planned day is far ahead; 28 days late is off plan too.
    ((1, 18), {"A": (5, 28)}, ["open 1 A"]),
    # December's value comes in January: 80 of 90 is Near.
    ((1, 20), {"X": ((2015, 12), 80)}, ["open 2 X"]),
    # February begins, January has no value: a month without one closes nothing.
    ((2, 1), {}, ["nothing"]),
    # 90 of 90 is Met.
    ((2, 3), {"X": ((2016, 1), 90)}, ["close 2 X"]),
    # On the planned day itself is in time.
    ((2, 15), {"A": (4, 30)}, ["close 1 A"]),
    # 85.5 of 90 is exactly 95%: Met.  Below and off at once: two open in the plan's order.
    ((3, 3), {"X": ((2016, 2), 85.5), "Y": ((2016, 2), 60), "A": (5, 1)}, ["open 3 A", "open 4 Y"]),
    # Still off plan, worse: the same exception stands.
    ((3, 14), {"A": (9, 30)}, ["nothing"]),
    # From Below to Near is not back.
    ((4, 5), {"X": ((2016, 3), 90), "Y": ((2016, 3), 80)}, ["nothing"]),
    # The last day of B's plan has come: due today is not late.
    ((4, 30), {}, ["nothing"]),
    # It has passed, and B never said anything: one day late.
    ((5, 1), {}, ["open 5 B"]),
    # Y is back; X falls again and has its second exception. A is done, four days after its plan.
    (
        (5, 4),
        {"X": ((2016, 4), 70), "Y": ((2016, 4), 95), "A": "done"},
        ["close 3 A", "close 4 Y", "open 6 X"],
    ),
    # B is done too. X waits for May's value.
    ((6, 2), {"B": "done"}, ["close 5 B"]),
    ((6, 6), {"X": ((2016, 5), 91)}, ["close 6 X"]),
    ((6, 30), {}, ["nothing"]),
]


@pytest.fixture
def subjects(milestone, workstream):
    """Two milestones planned for 30 April, and two indicators."""
    indicators = [
        IndicatorFactory(workstream=workstream, reference=f"WS2-I{number}", position=number)
        for number in (1, 2)
    ]
    for indicator in indicators:
        TrajectoryPointFactory(indicator=indicator, month=date(2015, 12, 1), value=Decimal(90))
    second = BaselinedMilestoneFactory(project=milestone.project, reference="WS2-P3-99")
    return dict(zip("ABXY", [milestone, second, *indicators], strict=True))


def enter(subject, entered, *, day):
    if entered == "done":
        subject.status, subject.completed_date, subject.completed_precision = "complete", day, "day"
        subject.save()
    elif isinstance(entered[0], tuple):
        (year, month), value = entered
        MeasurementFactory(indicator=subject, month=date(year, month, 1), value=Decimal(str(value)))
    else:
        subject.forecast_date = date(2016, *entered)
        subject.save()


def said(found, names) -> list[str]:
    def line(verb, report):
        return f"{verb} {report.number} {names[report.subject]}"

    closed = [line("close", report) for report in found.closed]
    opened = [line("open", report) for report in found.opened]
    return [*closed, *opened] or ["nothing"]


def test_six_months_open_and_close_exactly_what_the_table_says(subjects):
    names = {subject: name for name, subject in subjects.items()}
    programme_id = subjects["A"].programme_id
    got = []
    for (month, number), entries, _ in CALENDAR:
        day = date(2016, month, number)
        for name, entered in entries.items():
            enter(subjects[name], entered, day=day)
        runs = [review.raise_exceptions(programme_id=programme_id, as_of=day) for _ in range(3)]
        got.append(((month, number), said(runs[0], names)))
        # The second and the third run for the day find nothing left to do.
        assert [said(run, names) for run in runs[1:]] == [["nothing"]] * 2
        assert [run.escalated for run in runs[1:]] == [[], []]

    assert got == [(day, wanted) for day, _, wanted in CALENDAR]
    assert not ExceptionReport.objects.open().exists()
    reopened = ExceptionReport.objects.with_reopenings().order_by("number")
    assert [report.reopenings for report in reopened] == [0, 0, 1, 0, 0, 1]


@pytest.fixture
def decided(milestone, elt_member):
    """A decision and a plan version, as the services leave them."""
    report = SubmittedReportFactory(milestone=milestone)
    Decision.objects.create(
        programme=milestone.programme,
        exception=report,
        outcome=Outcome.ACCEPTED,
        decided_by=elt_member,
        decided_date=date(2016, 3, 14),
        decided_at="2016-03-14T10:00:00Z",
        chairs_action_reason="It could not wait.",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE governance_decision SET outcome = 'returned'",
        "UPDATE governance_decision SET comment = 'Forged' WHERE outcome = 'accepted'",
        "DELETE FROM governance_decision",
        "UPDATE milestones_planversion SET planned_date = '2017-01-01'",
        "DELETE FROM milestones_planversion",
    ],
)
def test_the_database_itself_refuses_to_change_a_decision_or_a_plan_version(decided, statement):
    counts = (Decision.objects.count(), PlanVersion.objects.count())

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert counts == (1, 1)
    assert (Decision.objects.count(), PlanVersion.objects.count()) == counts
    assert Decision.objects.get().outcome == Outcome.ACCEPTED
