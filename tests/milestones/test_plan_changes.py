"""What an approved request leaves on a milestone's own record."""

from datetime import date

import pytest

from milestones.as_at import as_at
from milestones.models import Milestone, MilestoneStatus
from milestones.plan_changes import (
    NewMilestone,
    OthersWait,
    add_milestone,
    next_reference,
    reword_plan,
    withdraw_milestone,
)
from milestones.services import NotReady, set_baseline
from tests.factories.milestones import MilestoneFactory
from tests.milestones.answers import url

TODAY = date(2016, 3, 14)
BEFORE = date(2016, 3, 1)


@pytest.fixture
def added(milestone, pmo_officer, local_owner):
    new = NewMilestone(
        title="Review of the launch",
        lead_director=pmo_officer,
        local_owner=local_owner,
        planned_date=date(2016, 9, 30),
    )
    return add_milestone(
        project_id=milestone.project_id, new=new, change_request_number=7, by=pmo_officer
    )


def test_an_added_milestone_is_in_the_plan_from_its_day_on(added, milestone, client_of, auditor):
    every = Milestone.objects.with_people().in_plan_order()

    before = {each.reference for each in as_at(every, BEFORE)}
    after = {each.reference for each in as_at(every, TODAY)}
    pages = [
        client_of(auditor).get(url("milestone_detail", added), {"as-at": day}).status_code
        for day in ("", BEFORE.isoformat())
    ]

    assert before == {milestone.reference}
    assert after == {milestone.reference, added.reference}
    assert pages == [200, 404]


def test_its_history_begins_with_the_request_that_added_it(added, client_of, auditor):
    text = client_of(auditor).get(url("milestone_detail", added)).content.decode()

    assert "Added to the plan: baseline set to 30 Sep 2016, plan version 1" in text
    assert "/las-2016/change-requests/7/" in text


def test_a_new_title_and_scope_stand_in_the_history_with_their_request(
    milestone, client_of, pmo_officer, auditor
):
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    reword_plan(
        milestone_id=milestone.pk,
        title="In two sites",
        scope="North first",
        change_request_number=8,
        by=pmo_officer,
    )

    text = client_of(auditor).get(url("milestone_detail", milestone)).content.decode()

    assert "Title from Datix Web launched to In two sites" in text
    assert "/las-2016/change-requests/8/" in text
    assert milestone.plan_versions.count() == 1


def test_what_has_no_baseline_is_not_reworded_by_a_request(milestone, pmo_officer):
    given = {"milestone_id": milestone.pk, "change_request_number": 8, "by": pmo_officer}

    with pytest.raises(NotReady, match="has no baseline yet"):
        reword_plan(title="Another", **given)

    milestone.refresh_from_db()
    assert (milestone.title, milestone.is_open) == ("Datix Web launched", True)


def test_a_milestone_on_which_an_open_one_depends_stays(milestone, pmo_officer):
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    after = MilestoneFactory(project=milestone.project, reference="WS2-P3-77")
    after.links_to_predecessors.create(predecessor=milestone)
    given = {"milestone_id": milestone.pk, "change_request_number": 8, "by": pmo_officer}

    with pytest.raises(OthersWait, match="WS2-P3-77 depends on"):
        withdraw_milestone(**given)
    after.status = MilestoneStatus.WITHDRAWN
    after.save(update_fields=["status"])
    withdraw_milestone(**given)

    milestone.refresh_from_db()
    assert milestone.status == MilestoneStatus.WITHDRAWN


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ([], "WS2-P3-01"),
        (["WS2-P3-01", "WS2-P3-09"], "WS2-P3-10"),
        (["WS2-P3-99"], "WS2-P3-100"),
        (["WS2-P3-A", "WS2-P31-50"], "WS2-P3-01"),
    ],
)
def test_the_next_reference_follows_the_highest_number(milestone, there, expected):
    project = milestone.project
    milestone.delete()
    for reference in there:
        MilestoneFactory(project=project, reference=reference)

    assert next_reference(project) == expected
