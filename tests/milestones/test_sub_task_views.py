from datetime import date

import pytest
from django.urls import reverse

from milestones.models import Milestone, SubTask
from milestones.sub_tasks import fingerprint
from tests.factories.milestones import MilestoneFactory
from tests.milestones.answers import flatten, update_data, url

MAY = date(2016, 5, 3)


@pytest.fixture
def sub_task(milestone) -> SubTask:
    return milestone.sub_tasks.create(title="Agree the form", due_date=MAY, position=1)


def task_url(name, sub_task):
    milestone = sub_task.milestone
    keys = [milestone.programme.slug, milestone.reference, sub_task.pk]
    return reverse(f"milestones:sub_task_{name}", args=keys)


def answers(sub_task=None, **changed):
    fresh = {"title": "", "owner": "", "due_date": None, "seen": ""}
    stored = (
        fresh
        | {
            "title": sub_task.title,
            "owner": sub_task.owner_id or "",
            "due_date": sub_task.due_date,
            "seen": fingerprint(sub_task),
        }
        if sub_task
        else fresh
    )
    return flatten(stored | changed)


def test_the_owner_adds_a_sub_task_on_the_milestones_page(client_of, milestone, local_owner):
    browser = client_of(local_owner)
    before = browser.get(url("milestone_detail", milestone)).content.decode()

    response = browser.post(
        url("sub_task_add", milestone),
        answers(title="Train the trainers", owner=local_owner.pk, due_date=MAY),
        follow=True,
    )

    page = response.content.decode()
    assert "No steps are named yet." in before
    assert f'action="{url("sub_task_add", milestone)}"' in before
    assert "“Train the trainers” is added." in page
    assert "0 of 1 done, next: Train the trainers by 3 May 2016" in page


def test_a_wrong_answer_is_named_and_what_was_typed_stays(client_of, milestone, local_owner):
    wrong = answers(title="", owner="x") | {
        "due_date_day": "31",
        "due_date_month": "2",
        "due_date_year": "2016",
    }

    response = client_of(local_owner).post(url("sub_task_add", milestone), wrong)

    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    for words in ["Enter what will be done", "Due date must be a real date"]:
        assert words in page
    assert 'value="31"' in page
    assert not SubTask.objects.exists()


def test_a_rule_of_the_service_stands_at_its_field(client_of, milestone, local_owner):
    late = answers(title="Some day", due_date=date(2030, 1, 1))

    response = client_of(local_owner).post(url("sub_task_add", milestone), late)

    assert response.status_code == 422
    assert response.context["form"].errors == {
        "due_date": ["Due date must be within 10 years of today"]
    }


def test_a_sub_task_is_edited(client_of, sub_task, local_owner):
    browser = client_of(local_owner)
    form = browser.get(task_url("edit", sub_task)).context["form"]

    browser.post(task_url("edit", sub_task), answers(sub_task, title="Agree both forms"))

    assert form["title"].value() == "Agree the form"
    assert form["seen"].value() == fingerprint(sub_task)
    sub_task.refresh_from_db()
    assert (sub_task.title, sub_task.due_date) == ("Agree both forms", MAY)


def test_two_editors_of_one_sub_task_see_both_texts_and_saving_again_works(
    client_of, sub_task, local_owner
):
    mine = answers(sub_task, title="Mine")
    SubTask.objects.update(title="Theirs")
    browser = client_of(local_owner)

    conflict = browser.post(task_url("edit", sub_task), mine)

    page = conflict.content.decode()
    assert conflict.status_code == 409
    assert "Somebody else changed this sub-task" in page
    assert "<dd>Theirs</dd>" in page
    assert 'value="Mine"' in page
    assert SubTask.objects.get().title == "Theirs"
    seen = conflict.context["form"]["seen"].value()
    assert browser.post(task_url("edit", sub_task), mine | {"seen": seen}).status_code == 302
    assert SubTask.objects.get().title == "Mine"


def test_a_form_without_what_was_seen_asks_again_instead_of_overwriting(
    client_of, sub_task, local_owner
):
    response = client_of(local_owner).post(
        task_url("edit", sub_task), answers(sub_task, title="Mine", seen="")
    )

    assert response.status_code == 409
    assert SubTask.objects.get().title == "Agree the form"


def test_one_press_marks_it_done_another_undone_and_a_third_removes_it(
    client_of, sub_task, local_owner
):
    browser = client_of(local_owner)

    done = browser.post(task_url("done", sub_task), {"done": "yes"}, follow=True)
    undone = browser.post(task_url("done", sub_task), {"done": "no"}, follow=True)
    removed = browser.post(task_url("remove", sub_task), follow=True)

    assert "1 of 1 done" in done.content.decode()
    assert 'value="no"' in done.content.decode()
    assert "“Agree the form” is open again." in undone.content.decode()
    assert "“Agree the form” is removed." in removed.content.decode()
    assert not SubTask.objects.exists()
    assert browser.post(task_url("remove", sub_task)).status_code == 404


def test_what_is_overdue_is_marked_in_words(client_of, sub_task, auditor):
    SubTask.objects.update(due_date=date(2016, 3, 13))

    page = client_of(auditor).get(url("milestone_detail", sub_task.milestone)).content.decode()

    assert "1 overdue" in page
    assert "Overdue, was due 13\N{NO-BREAK SPACE}Mar\N{NO-BREAK SPACE}2016" in page


def test_a_reader_sees_the_steps_and_no_forms(client_of, sub_task, auditor):
    page = client_of(auditor).get(url("milestone_detail", sub_task.milestone)).content.decode()

    assert "Agree the form" in page
    assert "/sub-tasks/" not in page


def test_a_sub_task_is_reached_through_its_own_milestone_only(client_of, sub_task, pmo_officer):
    other = MilestoneFactory(project=sub_task.milestone.project)
    browser = client_of(pmo_officer)

    for name in ("edit", "done", "remove"):
        keys = ["las-2016", other.reference, sub_task.pk]
        assert browser.post(reverse(f"milestones:sub_task_{name}", args=keys)).status_code == 404

    assert SubTask.objects.get().done_date is None


def test_the_update_form_opened_before_a_sub_task_was_added_still_saves(
    client_of, milestone, local_owner
):
    browser = client_of(local_owner)
    opened = update_data(milestone, narrative="Typed meanwhile.")
    browser.post(url("sub_task_add", milestone), answers(title="Train"))

    response = browser.post(url("milestone_update", milestone), opened)

    assert response.status_code == 302
    assert Milestone.objects.get().updates.get().narrative == "Typed meanwhile."
