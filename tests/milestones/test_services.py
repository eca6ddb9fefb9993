from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from accounts.models import AuditEntry
from milestones.models import Milestone, MilestoneStatus, PlanVersion
from milestones.services import (
    AlreadyBaselined,
    NotReady,
    PlanText,
    Position,
    edit_plan,
    move_planned_date,
    record_update,
    set_baseline,
)
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import (
    ProgrammeFactory,
    ProjectFactory,
    ReportingMonthFactory,
    WorkstreamFactory,
)
from tests.journal import changes_of
from workstreams.models import MonthState, Role

TODAY = date(2016, 3, 14)
IN_PROGRESS = Position(status=MilestoneStatus.IN_PROGRESS)


def update(milestone, by, position=IN_PROGRESS, seen_version=1):
    return record_update(
        milestone_id=milestone.pk, by=by, seen_version=seen_version, position=position
    )


def complete(day):
    return Position(
        status=MilestoneStatus.COMPLETE, completed_date=day, no_evidence_reason="Seen on the ward"
    )


@pytest.mark.parametrize(
    "name", ["pmo_administrator", "pmo_officer", "executive_lead", "local_owner"]
)
def test_the_pmo_the_executive_lead_and_the_owner_update(request, milestone, name):
    person = request.getfixturevalue(name)

    made = update(milestone, person)

    assert (made.made_by, made.made_date) == (person, TODAY)
    assert made.month.month == date(2016, 3, 1)


@pytest.mark.parametrize("name", ["elt_member", "auditor", "external_reader"])
def test_nobody_else_updates(request, milestone, name):
    person = request.getfixturevalue(name)

    with pytest.raises(PermissionDenied, match="Only its owner"):
        update(milestone, person)


def test_an_executive_lead_and_an_owner_update_their_own_only(
    programme, milestone, executive_lead, local_owner
):
    elsewhere = MilestoneFactory(
        project=ProjectFactory(
            workstream=WorkstreamFactory(programme=programme, code="WS5", position=5),
            code="WS5-P1",
        )
    )

    for person in (executive_lead, local_owner):
        with pytest.raises(PermissionDenied):
            update(elsewhere, person)


def test_a_person_who_lost_the_role_no_longer_updates(milestone, local_owner):
    local_owner.memberships.all().delete()

    with pytest.raises(PermissionDenied):
        update(milestone, local_owner)


def test_a_withdrawn_milestone_takes_no_update(milestone, pmo_officer):
    Milestone.objects.update(status=MilestoneStatus.WITHDRAWN)

    with pytest.raises(PermissionDenied, match="withdrawn"):
        update(milestone, pmo_officer)


def test_an_update_belongs_to_the_earliest_month_that_is_not_frozen(milestone, pmo_officer):
    ReportingMonthFactory(month=date(2016, 3, 1), state=MonthState.FROZEN)

    made = update(milestone, pmo_officer)

    assert made.month.month == date(2016, 4, 1)


@pytest.mark.parametrize(
    ("position", "errors"),
    [
        (
            complete(date(2016, 3, 15)),
            {"completed_date": ["Completed date must be today, 14 March 2016, or in the past"]},
        ),
        (complete(None), {"completed_date": ["Enter the date on which it was completed"]}),
        (
            Position(status=MilestoneStatus.IN_PROGRESS, completed_date=TODAY),
            {"completed_date": ["Remove the completed date, or say that it is complete"]},
        ),
        (
            Position(status=MilestoneStatus.NOT_STARTED, forecast_date=date(2015, 5, 31)),
            {
                "forecast_date": [
                    "Forecast date must be on or after 1 June 2015, when the programme began"
                ]
            },
        ),
        (
            Position(status=MilestoneStatus.NOT_STARTED, forecast_date=date(2027, 1, 1)),
            {"forecast_date": ["Forecast date must be within 10 years of today"]},
        ),
        (
            Position(status=MilestoneStatus.WITHDRAWN),
            {"status": ["Only an approved change request withdraws a milestone"]},
        ),
    ],
)
def test_an_impossible_position_is_refused_by_field(milestone, pmo_officer, position, errors):
    with pytest.raises(ValidationError) as refused:
        update(milestone, pmo_officer, position)

    assert refused.value.message_dict == errors
    milestone.refresh_from_db()
    assert (milestone.version, milestone.updates.count()) == (1, 0)


@pytest.mark.parametrize(
    "position",
    [
        complete(TODAY),
        Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=date(2015, 6, 1)),
        Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=date(2026, 12, 31)),
    ],
)
def test_the_last_possible_days_are_taken(milestone, pmo_officer, position):
    update(milestone, pmo_officer, position)

    milestone.refresh_from_db()
    assert (milestone.status, milestone.version) == (position.status, 2)


def test_an_unchanged_completed_date_keeps_its_precision(milestone, pmo_officer):
    Milestone.objects.update(
        status=MilestoneStatus.COMPLETE,
        completed_date=date(2016, 1, 31),
        completed_precision="by",
    )

    update(milestone, pmo_officer, complete(date(2016, 1, 31)))
    milestone.refresh_from_db()
    kept = milestone.completed_text
    update(milestone, pmo_officer, complete(date(2016, 1, 30)), seen_version=2)

    milestone.refresh_from_db()
    assert (kept, milestone.completed_text) == ("by Jan 2016", "30 Jan 2016")


def test_the_baseline_is_written_once_with_plan_version_1(milestone, pmo_officer):
    version = set_baseline(milestone_id=milestone.pk, by=pmo_officer)

    milestone.refresh_from_db()
    assert (milestone.baseline_text, version.number) == ("Apr 2016", 1)
    assert AuditEntry.objects.get().action == "milestone.baselined"
    with pytest.raises(AlreadyBaselined):
        set_baseline(milestone_id=milestone.pk, by=pmo_officer)


def test_a_baseline_names_everything_that_it_lacks(milestone, pmo_officer):
    Milestone.objects.update(local_owner=None, planned_date=None, planned_precision="")

    with pytest.raises(NotReady, match="still needs a local owner and a planned date"):
        set_baseline(milestone_id=milestone.pk, by=pmo_officer)


@pytest.mark.parametrize("name", ["executive_lead", "local_owner", "elt_member", "auditor"])
def test_only_the_pmo_sets_the_baseline_and_edits_the_plan(request, milestone, name):
    person = request.getfixturevalue(name)

    with pytest.raises(PermissionDenied):
        set_baseline(milestone_id=milestone.pk, by=person)
    with pytest.raises(PermissionDenied):
        edit_plan(milestone_id=milestone.pk, by=person, seen_version=1, plan=PlanText(title="New"))


def test_editing_the_plan_is_journalled_with_old_and_new_values(milestone, pmo_officer):
    plan = PlanText(
        title="Datix Web launched",
        lead_director=None,
        local_owner=milestone.local_owner,
        planned_date=date(2016, 4, 2),
        planned_precision="quarter",
    )
    Milestone.objects.update(lead_director=None)

    edit_plan(milestone_id=milestone.pk, by=pmo_officer, seen_version=1, plan=plan)

    milestone.refresh_from_db()
    assert milestone.planned_text == "Apr to Jun 2016"
    assert changes_of("milestone.plan_edited") == {
        "planned_date": ("2016-04-30", "2016-06-30"),
        "planned_precision": ("month", "quarter"),
    }


def test_a_plan_keeps_to_members_and_to_the_limits_of_dates(milestone, pmo_officer, member):
    stranger = member(Role.LOCAL_OWNER, programme=ProgrammeFactory(slug="other-trust"))
    plan = PlanText(title="New", lead_director=stranger, planned_date=date(2015, 5, 31))

    with pytest.raises(ValidationError) as refused:
        edit_plan(milestone_id=milestone.pk, by=pmo_officer, seen_version=1, plan=plan)

    assert set(refused.value.message_dict) == {"lead_director", "planned_date"}


def test_after_the_baseline_only_a_change_request_moves_the_plan(milestone, pmo_officer):
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)

    with pytest.raises(AlreadyBaselined, match="change request"):
        edit_plan(
            milestone_id=milestone.pk, by=pmo_officer, seen_version=2, plan=PlanText(title="New")
        )
    moved = move_planned_date(
        milestone_id=milestone.pk,
        to=date(2016, 6, 30),
        precision="day",
        change_request_number=3,
        by=pmo_officer,
    )

    milestone.refresh_from_db()
    assert (moved.number, moved.change_request_number) == (2, 3)
    assert milestone.baseline_date == date(2016, 4, 30)
    assert milestone.planned_date == date(2016, 6, 30)


def test_a_date_without_a_baseline_is_not_moved(milestone, pmo_officer):
    with pytest.raises(NotReady):
        move_planned_date(
            milestone_id=milestone.pk,
            to=date(2016, 6, 30),
            precision="day",
            change_request_number=3,
            by=pmo_officer,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE milestones_planversion SET planned_date = '2017-01-01'",
        "DELETE FROM milestones_planversion",
        "UPDATE milestones_milestoneupdate SET narrative = 'Rewritten'",
        "DELETE FROM milestones_milestoneupdate",
    ],
)
def test_the_database_refuses_to_rewrite_history(milestone, pmo_officer, statement):
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    update(milestone, pmo_officer, seen_version=2)

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert PlanVersion.objects.get().planned_date == date(2016, 4, 30)
    assert milestone.updates.get().narrative == ""
