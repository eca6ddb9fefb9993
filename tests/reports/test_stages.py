from datetime import UTC, date, datetime

import pytest

from accounts.models import User
from reports.models import Snapshot
from reports.months import freeze_month
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


def afterwards(*, programme=None, version=1, by=None, **at):
    """What the steps of December 2016, all done, say of when they were."""
    programme = programme or ProgrammeFactory.build(demonstration_date=None)
    month = ReportingMonth(programme=programme, month=date(2016, 12, 1), state=MonthState.ISSUED)
    moments = {
        "frozen_at": datetime(2017, 1, 9, 0, 10, tzinfo=UTC),
        "signed_off_at": datetime(2017, 1, 17, 15, tzinfo=UTC),
        "issued_at": datetime(2017, 1, 18, 8, tzinfo=UTC),
    }
    people = {"frozen_by": by, "signed_off_by": User()}
    snapshot = Snapshot(version=version, **(people | moments | at))
    rows = stages_of(month, today=date(2017, 2, 1), snapshot=snapshot, facts=FACTS)
    return {stage.label: stage.afterwards for stage in rows if stage.afterwards}


def test_steps_done_on_their_days_say_nothing_of_it():
    assert afterwards() == {}


def test_a_step_that_the_schedule_caught_up_with_after_an_outage_says_when():
    said = afterwards(
        frozen_at=datetime(2017, 1, 11, 23, 50, tzinfo=UTC),
        issued_at=datetime(2017, 1, 20, 8, tzinfo=UTC),
    )

    assert said == {
        "PMO check and freeze": "caught up on 11 Jan 2017",
        "Issue": "caught up on 20 Jan 2017",
    }


def test_what_people_did_late_is_no_fault_of_the_schedule():
    late = datetime(2017, 1, 24, 15, tzinfo=UTC)

    assert afterwards(frozen_at=late, by=User()) == {"PMO check and freeze": "done on 24 Jan 2017"}
    assert afterwards(signed_off_at=late, issued_at=late) == {
        "ELT decides and signs off": "done on 24 Jan 2017",
        "Issue": "done on 24 Jan 2017",
    }


def test_a_second_version_and_a_demonstration_have_no_day_to_be_late_against():
    late = datetime(2026, 11, 26, tzinfo=UTC)

    assert afterwards(version=2, frozen_at=late) == {}
    assert afterwards(programme=ProgrammeFactory.build(), frozen_at=late) == {}


def test_the_month_page_shows_the_day_and_when_it_was_caught_up(
    client_of, programme, march, milestone, audiences, pmo_officer
):
    freeze_month(month_id=march.pk, by=None)
    Snapshot.objects.update(frozen_at=datetime(2016, 4, 11, 7, tzinfo=UTC))
    programme.demonstration_date = None
    programme.save()

    html = client_of(pmo_officer).get(march.get_absolute_url()).content.decode()

    assert "Due 7 Apr 2016, caught up on 11 Apr 2016" in html
