from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from milestones.models import Milestone, MilestoneStatus, SubTask
from milestones.services import Position, record_update
from milestones.sub_tasks import (
    MOST_SUB_TASKS,
    Step,
    SubTaskChanged,
    add_sub_task,
    edit_sub_task,
    fingerprint,
    mark_sub_task,
    progress_of,
    remove_sub_task,
)
from tests.factories.accounts import UserFactory
from workstreams.models import Role

TODAY = date(2016, 3, 14)
MAY = date(2016, 5, 3)


@pytest.fixture
def sub_task(milestone, local_owner) -> SubTask:
    return add_sub_task(
        milestone_id=milestone.pk, by=local_owner, step=Step(title="Agree the form", due_date=MAY)
    )


def test_sub_tasks_are_added_one_after_the_other_with_their_owner_and_date(
    milestone, sub_task, local_owner
):
    second = add_sub_task(
        milestone_id=milestone.pk, by=local_owner, step=Step(title="Train", owner=local_owner)
    )

    assert list(milestone.sub_tasks.order_by("position")) == [sub_task, second]
    assert (sub_task.due_date, second.owner) == (MAY, local_owner)
    assert AuditEntry.objects.filter(action="sub_task.added").count() == 2


def test_nothing_about_a_sub_task_bumps_the_version_or_conflicts_with_an_open_form(
    milestone, sub_task, local_owner
):
    mark_sub_task(sub_task_id=sub_task.pk, by=local_owner, done=True)
    edit_sub_task(
        sub_task_id=sub_task.pk,
        by=local_owner,
        seen=fingerprint(sub_task),
        step=Step(title="Agree both forms"),
    )
    remove_sub_task(sub_task_id=sub_task.pk, by=local_owner)

    # The form of the monthly update was opened before all that.
    position = Position(status=MilestoneStatus.IN_PROGRESS, narrative="Typed meanwhile.")
    update = record_update(
        milestone_id=milestone.pk, by=local_owner, seen_version=1, position=position
    )

    assert update.version == 2


def test_no_state_of_its_sub_tasks_decides_the_rating(milestone, local_owner):
    before = Milestone.objects.get().rating(as_of=TODAY)
    steps = [Step(title="Overdue", due_date=date(2016, 1, 1)), Step(title="Open")]
    made = [add_sub_task(milestone_id=milestone.pk, by=local_owner, step=step) for step in steps]
    with_overdue = Milestone.objects.get().rating(as_of=TODAY)
    for each in made:
        mark_sub_task(sub_task_id=each.pk, by=local_owner, done=True)
    rules = {"as_of": TODAY, "tolerance_days": 28}

    after = Milestone.objects.get()

    assert before == with_overdue == after.rating(as_of=TODAY) == "on_track"
    assert Milestone.objects.rated("on_track", **rules).get() == milestone
    assert after.status == MilestoneStatus.IN_PROGRESS


def test_a_sub_task_is_done_today_once_and_undone_again(sub_task, local_owner):
    SubTask.objects.update(done_date=date(2016, 3, 1))
    mark_sub_task(sub_task_id=sub_task.pk, by=local_owner, done=True)
    first = SubTask.objects.get().done_date
    mark_sub_task(sub_task_id=sub_task.pk, by=local_owner, done=False)
    undone = SubTask.objects.get().done_date
    mark_sub_task(sub_task_id=sub_task.pk, by=local_owner, done=True)

    assert (first, undone) == (date(2016, 3, 1), None)
    assert SubTask.objects.get().done_date == TODAY
    assert AuditEntry.objects.filter(action="sub_task.done").count() == 1


def test_an_edit_from_what_somebody_else_changed_meanwhile_is_refused(
    sub_task, local_owner, pmo_officer
):
    seen = fingerprint(sub_task)
    edit_sub_task(
        sub_task_id=sub_task.pk, by=pmo_officer, seen=seen, step=Step(title="Theirs", due_date=MAY)
    )

    with pytest.raises(SubTaskChanged) as refusal:
        edit_sub_task(sub_task_id=sub_task.pk, by=local_owner, seen=seen, step=Step(title="Mine"))

    assert refusal.value.sub_task.title == "Theirs"
    assert SubTask.objects.get().title == "Theirs"


def test_marking_it_done_does_not_conflict_with_an_edit(sub_task, local_owner, pmo_officer):
    seen = fingerprint(sub_task)
    mark_sub_task(sub_task_id=sub_task.pk, by=pmo_officer, done=True)

    edit_sub_task(
        sub_task_id=sub_task.pk, by=local_owner, seen=seen, step=Step(title="Agree both forms")
    )

    stored = SubTask.objects.get()
    assert (stored.title, stored.done_date) == ("Agree both forms", TODAY)


def test_owner_lead_and_pmo_work_on_it_and_nobody_else(
    milestone, sub_task, local_owner, executive_lead, pmo_officer, member, elt_member, auditor
):
    another_owner = member(Role.LOCAL_OWNER)
    for person in (local_owner, executive_lead, pmo_officer):
        mark_sub_task(sub_task_id=sub_task.pk, by=person, done=True)
        mark_sub_task(sub_task_id=sub_task.pk, by=person, done=False)

    for person in (another_owner, elt_member, auditor):
        step = Step(title="Not mine")
        seen = fingerprint(sub_task)
        with pytest.raises(PermissionDenied):
            add_sub_task(milestone_id=milestone.pk, by=person, step=step)
        with pytest.raises(PermissionDenied):
            edit_sub_task(sub_task_id=sub_task.pk, by=person, seen=seen, step=step)
        with pytest.raises(PermissionDenied):
            mark_sub_task(sub_task_id=sub_task.pk, by=person, done=True)
        with pytest.raises(PermissionDenied):
            remove_sub_task(sub_task_id=sub_task.pk, by=person)

    stored = SubTask.objects.get()
    assert (stored.title, stored.done_date) == ("Agree the form", None)


def test_a_withdrawn_milestone_takes_no_sub_tasks(milestone, local_owner):
    Milestone.objects.update(status=MilestoneStatus.WITHDRAWN)

    with pytest.raises(PermissionDenied, match="withdrawn"):
        add_sub_task(milestone_id=milestone.pk, by=local_owner, step=Step(title="Late idea"))


def test_a_due_date_long_ago_or_far_ahead_and_a_stranger_are_refused(milestone, local_owner):
    stranger = UserFactory(full_name="A stranger")
    wrong = {
        "due_date": Step(title="Before the programme", due_date=date(2015, 5, 31)),
        "owner": Step(title="Whose?", owner=stranger),
    }
    for field, step in wrong.items():
        with pytest.raises(ValidationError) as refusal:
            add_sub_task(milestone_id=milestone.pk, by=local_owner, step=step)
        assert refusal.value.message_dict.keys() == {field}
    step = Step(title="Some day", due_date=date(2027, 1, 1))
    with pytest.raises(ValidationError, match="within 10 years"):
        add_sub_task(milestone_id=milestone.pk, by=local_owner, step=step)

    assert not SubTask.objects.exists()


def test_whoever_left_the_programme_stays_on_the_step_that_is_only_reworded(milestone, local_owner):
    gone = UserFactory()
    sub_task = SubTask.objects.create(milestone=milestone, title="Old", owner=gone, position=1)

    edit_sub_task(
        sub_task_id=sub_task.pk,
        by=local_owner,
        seen=fingerprint(sub_task),
        step=Step(title="New", owner=gone),
    )

    assert SubTask.objects.get().title == "New"


def test_a_milestone_has_so_many_sub_tasks_and_no_more(milestone, local_owner):
    SubTask.objects.bulk_create(
        SubTask(milestone=milestone, title="Step", position=number)
        for number in range(MOST_SUB_TASKS)
    )

    with pytest.raises(ValidationError, match="at most 100"):
        add_sub_task(milestone_id=milestone.pk, by=local_owner, step=Step(title="One more"))


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([], ""),
        ([("Agree", None, None)], "0 of 1 done, next: Agree"),
        ([("Agree", MAY, TODAY)], "1 of 1 done"),
        (
            [("Undated", None, None), ("Later", date(2016, 6, 1), None), ("Soon", MAY, None)],
            "0 of 3 done, next: Soon by 3 May 2016",
        ),
    ],
)
def test_progress_counts_what_is_done_and_names_what_is_due_first(milestone, steps, text):
    for number, (title, due, done) in enumerate(steps):
        milestone.sub_tasks.create(title=title, due_date=due, done_date=done, position=number)

    assert progress_of(milestone, as_of=TODAY).text == text


def test_only_an_open_sub_task_whose_day_has_passed_is_overdue(milestone):
    days = {"yesterday": date(2016, 3, 13), "today": TODAY, "none": None}
    for title, due in days.items():
        milestone.sub_tasks.create(title=title, due_date=due, position=1)
    milestone.sub_tasks.create(title="done", due_date=date(2016, 3, 1), done_date=TODAY, position=2)

    overdue = progress_of(milestone, as_of=TODAY).overdue

    assert [task.title for task in overdue] == ["yesterday"]
