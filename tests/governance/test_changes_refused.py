"""What stops an approval leaves the plan as it was, whatever the request asks for."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import AuditEntry
from governance import applying, change_requests
from governance.errors import PlanMoved
from governance.models import (
    ChangeRequest,
    ChangeRequestState,
    Decision,
    ExceptionReport,
)
from governance.proposals import Proposal
from metrics.trajectories import move_trajectory
from milestones.models import Milestone
from milestones.plan_changes import reword_plan
from tests.factories.governance import (
    ExceptionReportFactory,
)

TODAY = date(2016, 3, 14)
WHY = {"reason": "The supplier delivers late.", "delivery_impact": "Paper until June."}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "planned_date"),
        ({"title": "Datix Web launched", "scope": ""}, "planned_date"),
        ({"title": " "}, "title"),
        ({"title": "x" * 301}, "title"),
    ],
)
def test_a_request_that_changes_nothing_or_badly_is_refused_at_a_field(
    milestone, local_owner, asked, field
):
    with pytest.raises(ValidationError) as refusal:
        change_requests.raise_change_request(
            milestone_id=milestone.pk, by=local_owner, proposal=Proposal(**WHY | asked), submit=True
        )

    assert list(refusal.value.message_dict) == [field]
    assert not ChangeRequest.objects.exists()


def test_a_project_or_an_indicator_asked_for_nothing_says_so(milestone, indicator, pmo_officer):
    for subject in (milestone.project, indicator):
        name = type(subject).__name__.lower()
        with pytest.raises(ValidationError, match="Change at least one thing"):
            change_requests.raise_change_request(
                **{f"{name}_id": subject.pk},
                by=pmo_officer,
                proposal=Proposal(**WHY, final_target=getattr(subject, "final_target", Decimal(0))),
                submit=True,
            )


def moves_title(milestone, by):
    reword_plan(milestone_id=milestone.pk, title="Renamed", change_request_number=90, by=by)


def moves_scope(milestone, by):
    reword_plan(milestone_id=milestone.pk, scope="Wider", change_request_number=90, by=by)


def completes(milestone, by):
    Milestone.objects.filter(pk=milestone.pk).update(status="complete", completed_date=TODAY)


@pytest.mark.parametrize(
    ("happens", "sentence"),
    [
        (moves_title, "The title of WS2-P3-03 changed to “Renamed” after CR-001 was made."),
        (moves_scope, "The scope of WS2-P3-03 changed to “Wider” after CR-001 was made."),
        (completes, "WS2-P3-03 is complete now."),
    ],
)
def test_what_moved_since_stops_the_approval_of_all_changes(
    milestone, ask, approve, pmo_officer, happens, sentence
):
    request = ask(milestone, planned_date=date(2016, 6, 10), title="Another", scope="Narrower")
    happens(milestone, pmo_officer)

    with pytest.raises(PlanMoved, match=sentence):
        approve(request)

    milestone.refresh_from_db()
    request.refresh_from_db()
    assert milestone.planned_date == date(2016, 4, 30)
    assert request.state == ChangeRequestState.CHECKED
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("moved", "sentence"),
    [
        (
            {"values": {date(2016, 4, 1): Decimal(88)}},
            "The target of WS2-I1 for April 2016 moved to 88% after CR-001",
        ),
        (
            {"values": {}, "final_target": Decimal(97)},
            "The final target of WS2-I1 moved to 97% after CR-001",
        ),
    ],
)
def test_a_target_that_moved_since_stops_the_approval(
    indicator, ask, approve, pmo_officer, moved, sentence
):
    request = ask(indicator, trajectory={date(2016, 4, 1): Decimal(87)}, final_target=Decimal(94))
    move_trajectory(indicator_id=indicator.pk, **moved, change_request_number=90, by=pmo_officer)

    with pytest.raises(PlanMoved, match=sentence):
        approve(request)

    assert indicator.trajectory_versions.count() == 2


def test_a_month_that_the_request_leaves_alone_may_move_meanwhile(
    indicator, ask, approve, pmo_officer
):
    request = ask(indicator, trajectory={date(2016, 4, 1): Decimal(87)})
    move_trajectory(
        indicator_id=indicator.pk,
        values={date(2016, 6, 1): Decimal(93)},
        change_request_number=90,
        by=pmo_officer,
    )

    approve(request)

    values = indicator.trajectory_versions.get(number=3).values
    assert values == {"2016-03": "85", "2016-04": "87", "2016-06": "93"}


class DiskFull(Exception):
    pass


def test_a_fault_at_the_second_change_leaves_everything_as_it_was(
    milestone, ask, approve, monkeypatch
):
    report = ExceptionReportFactory(milestone=milestone)
    request = ask(milestone, planned_date=date(2016, 6, 10), title="Another")
    entries = AuditEntry.objects.count()
    reached = []

    def fail(**given):
        reached.append(Milestone.objects.get(pk=milestone.pk).planned_date)
        raise DiskFull

    monkeypatch.setattr(applying, "reword_plan", fail)

    with pytest.raises(DiskFull), transaction.atomic():
        approve(request)

    request.refresh_from_db()
    milestone.refresh_from_db()
    assert reached == [date(2016, 6, 10)]
    assert (milestone.planned_date, milestone.title) == (date(2016, 4, 30), "Datix Web launched")
    assert milestone.plan_versions.count() == 1
    assert request.state == ChangeRequestState.CHECKED
    assert ExceptionReport.objects.get(pk=report.pk).is_open
    assert not Decision.objects.exists()
    assert AuditEntry.objects.count() == entries
