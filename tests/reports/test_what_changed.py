"""What two frozen months tell of the time between them, held against what was done in it."""

from datetime import date

import pytest

from milestones import services
from milestones.models import MilestoneStatus
from milestones.services import Position
from reports.months import freeze_month
from tests.factories.milestones import MilestoneFactory
from tests.reports.demonstration_packs import expected_changes
from workstreams.dates import DatePrecision
from workstreams.models import Programme
from workstreams.months import open_month

pytestmark = pytest.mark.django_db


def update(milestone, by, **fields):
    milestone.refresh_from_db()
    services.record_update(
        milestone_id=milestone.pk,
        by=by,
        seen_version=milestone.version,
        position=Position(**fields),
    )


def test_a_month_tells_what_was_done_since_the_last_and_nothing_else(
    march, programme, owned, pmo_officer, local_owner
):
    done, slips, late, stays = (
        owned(
            reference=f"WS2-P3-0{n}",
            title=f"Step {n}",
            planned_date=date(2016, 4, day),
            planned_precision=DatePrecision.DAY,
        )
        for n, day in enumerate((11, 20, 8, 29), 1)
    )
    before = freeze_month(month_id=march.pk, by=pmo_officer).data
    Programme.objects.update(demonstration_date=date(2016, 4, 13))
    update(
        done,
        local_owner,
        status=MilestoneStatus.COMPLETE,
        completed_date=date(2016, 4, 12),
        no_evidence_reason="Kept by the team",
    )
    update(slips, local_owner, status=MilestoneStatus.IN_PROGRESS, forecast_date=date(2016, 5, 9))
    MilestoneFactory(project=stays.project, reference="WS2-P3-09", title="New", planned_date=None)
    april = open_month(programme, date(2016, 4, 1))

    after = freeze_month(month_id=april.pk, by=pmo_officer).data

    told = {
        (change["kind"], change["reference"]): change["text"]
        for change in after["summary"]["changes"]
    }
    assert told == {
        ("completed", done.reference): "Completed 12 Apr 2016",
        ("slipped", slips.reference): (
            "Forecast moved from 20 Apr 2016 to 9 May 2016; was On track, now Delayed"
        ),
        ("rating", late.reference): "Was On track, now Delayed",
        ("added", "WS2-P3-09"): "Added to the plan, without a date yet",
    }
    assert told.keys() == expected_changes(before, after)
    assert after["summary"]["delivered"] == 1
