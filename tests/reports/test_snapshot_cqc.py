from governance.models import CqcState
from reports.months import freeze_month
from tests.factories.governance import CqcStepFactory
from tests.factories.workstreams import CqcActionFactory, ProgrammeFactory, WorkstreamFactory
from tests.reports import snapshot_sample as sample
from tests.reports.test_rendering import render, words


def test_a_snapshot_counts_the_cqc_actions_by_state_and_level(
    march, milestone, audiences, pmo_officer
):
    workstream = milestone.project.workstream
    CqcActionFactory.create_batch(2, workstream=workstream, level="must")
    step = CqcStepFactory(cqc_action__workstream=workstream, cqc_action__level="should")
    CqcStepFactory(cqc_action=step.cqc_action, state=CqcState.SUBMITTED)
    other = WorkstreamFactory(programme=ProgrammeFactory(slug="other-trust"))
    CqcActionFactory(workstream=other)

    states = freeze_month(month_id=march.pk, by=pmo_officer).data["cqc_states"]

    assert [row["word"] for row in states] == CqcState.labels
    counted = {row["state"]: (row["must"], row["should"]) for row in states}
    assert {state: pair for state, pair in counted.items() if any(pair)} == {
        "open": (2, 0),
        "submitted": (0, 1),
    }


def test_the_progress_report_has_them_as_a_chapter_and_an_older_one_has_none():
    states = [
        {"state": "open", "word": "Open", "must": 7, "should": 30},
        {"state": "assured", "word": "Assured", "must": 2, "should": 4},
    ]

    text = words(render({**sample.snapshot(), "cqc_states": states}))

    assert "9 actions must and 34 should be done" in text
    assert "Assured 2 4 6" in text
    assert "actions must and" not in words(render())
