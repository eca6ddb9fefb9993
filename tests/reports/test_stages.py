from datetime import date

import pytest

from reports.stages import Facts, stages_of
from tests.factories.workstreams import ProgrammeFactory
from workstreams.models import MonthState, ReportingMonth

FACTS = Facts(updated=3, to_update=9, accepted=2, sections=6, awaiting_elt=1, recipients=4)


def stages(today, state=MonthState.OPEN, month=date(2016, 12, 1)):
    row = ReportingMonth(programme=ProgrammeFactory.build(), month=month, state=state)
    return stages_of(row, today=today, snapshot=None, facts=FACTS)


def current(*args, **options):
    return next((stage.label for stage in stages(*args, **options) if stage.is_current), "")


def test_the_days_are_working_days_of_england():
    # December 2016: 26 December, 27 December and 2 January are bank holidays.
    assert [stage.when for stage in stages(date(2016, 12, 1))] == [
        "30 Dec 2016",
        "5 Jan 2017",
        "9 Jan 2017",
        "10 to 11 Jan 2017",
        "13 Jan 2017",
        "17 Jan 2017",
        "18 Jan 2017",
    ]


@pytest.mark.parametrize(
    ("today", "state", "label"),
    [
        (date(2016, 12, 30), MonthState.OPEN, "Cut-off"),
        (date(2016, 12, 31), MonthState.OPEN, "Updates due"),
        (date(2017, 1, 6), MonthState.OPEN, "PMO check and freeze"),
        (date(2017, 1, 16), MonthState.OPEN, "PMO check and freeze"),
        (date(2017, 1, 6), MonthState.FROZEN, "Work stream meetings"),
        (date(2017, 1, 12), MonthState.FROZEN, "Quality Improvement Group"),
        (date(2017, 1, 16), MonthState.FROZEN, "ELT decides and signs off"),
        (date(2017, 1, 3), MonthState.SIGNED_OFF, "Issue"),
        (date(2017, 1, 20), MonthState.ISSUED, ""),
    ],
)
def test_the_current_step_is_the_first_that_is_not_done(today, state, label):
    assert current(today, state) == label


def test_a_step_that_nobody_took_in_time_is_overdue():
    late = [stage for stage in stages(date(2017, 1, 10)) if stage.is_late]

    assert [stage.label for stage in late] == ["PMO check and freeze"]


def test_the_steps_say_how_far_they_are():
    notes = {stage.label: stage.note for stage in stages(date(2016, 12, 1))}

    assert notes["Updates due"] == "3 of 9 milestones updated"
    assert notes["Work stream meetings"] == "2 of 6 summaries accepted"
    assert notes["ELT decides and signs off"] == "1 decision waiting"
    assert notes["Issue"] == "4 recipients"
