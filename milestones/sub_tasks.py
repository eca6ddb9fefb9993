"""The steps of a milestone: who does what by when. They never decide the milestone's rating."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts import audit
from accounts.models import User
from milestones.models import Milestone, SubTask
from milestones.services import date_problem, require_update
from milestones.writing import locked
from workstreams.dates import short_day
from workstreams.models.programme import LIVE_ROLES

MOST_SUB_TASKS = 100


class SubTaskChanged(Exception):
    """Somebody else changed the sub-task since the form was opened; ``sub_task`` is as stored."""

    def __init__(self, sub_task: SubTask) -> None:
        super().__init__("Somebody else changed this sub-task while you were editing it.")
        self.sub_task = sub_task


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a person may write about a sub-task."""

    title: str
    owner: User | None = None
    due_date: date | None = None


@transaction.atomic
def add_sub_task(*, milestone_id: int, by: User, step: Step) -> SubTask:
    """Add a sub-task after the others. The milestone's own version stays: nothing conflicts.

    Raises PermissionDenied, and ValidationError by field.
    """
    milestone = _locked_for(milestone_id, by=by)
    _check(step, milestone=milestone)
    if milestone.sub_tasks.count() >= MOST_SUB_TASKS:
        raise ValidationError(f"A milestone has at most {MOST_SUB_TASKS} sub-tasks")
    last = milestone.sub_tasks.aggregate(last=Max("position"))["last"] or 0
    sub_task = SubTask.objects.create(
        milestone=milestone,
        title=step.title,
        owner=step.owner,
        due_date=step.due_date,
        position=last + 1,
    )
    _record("added", sub_task, by=by)
    return sub_task


@transaction.atomic
def edit_sub_task(*, sub_task_id: int, by: User, seen: str, step: Step) -> SubTask:
    """Change what a sub-task says; `seen` is the ``fingerprint`` of what the person saw.

    Raises PermissionDenied, SubTaskChanged, ValidationError by field, and SubTask.DoesNotExist
    when somebody removed it, as the two services below do.
    """
    sub_task = _locked_sub_task(sub_task_id, by=by)
    if fingerprint(sub_task) != seen:
        raise SubTaskChanged(sub_task)
    _check(step, milestone=sub_task.milestone, stored=sub_task)
    before = _said(sub_task)
    sub_task.title, sub_task.owner, sub_task.due_date = step.title, step.owner, step.due_date
    sub_task.save(update_fields=["title", "owner", "due_date"])
    _record("edited", sub_task, by=by, changes=audit.changed(before, _said(sub_task)))
    return sub_task


@transaction.atomic
def mark_sub_task(*, sub_task_id: int, by: User, done: bool) -> SubTask:
    """Mark a sub-task as done today, or as not done after all. Doing it twice changes nothing."""
    sub_task = _locked_sub_task(sub_task_id, by=by)
    if bool(sub_task.done_date) == done:
        return sub_task
    was = sub_task.done_date
    sub_task.done_date = sub_task.milestone.programme.today() if done else None
    sub_task.save(update_fields=["done_date"])
    changes = {"done_date": (was, sub_task.done_date)}
    _record("done" if done else "reopened", sub_task, by=by, changes=changes)
    return sub_task


@transaction.atomic
def remove_sub_task(*, sub_task_id: int, by: User) -> SubTask:
    """Take a sub-task off its milestone; the journal keeps what it said."""
    sub_task = _locked_sub_task(sub_task_id, by=by)
    _record("removed", sub_task, by=by)
    sub_task.delete()
    return sub_task


def fingerprint(sub_task: SubTask) -> str:
    """Give a short text that changes whenever what a person may write about it changes."""
    said = json.dumps(_said(sub_task), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Progress:
    """How far a milestone's sub-tasks are on a day."""

    sub_tasks: Sequence[SubTask]
    as_of: date

    @property
    def done(self) -> int:
        return sum(task.done_date is not None for task in self.sub_tasks)

    @property
    def next(self) -> SubTask | None:
        """The open one that is due first; without any due date the first in order."""
        still_open = (task for task in self.sub_tasks if not task.done_date)
        return min(still_open, key=lambda task: task.due_date or date.max, default=None)

    @property
    def overdue(self) -> list[SubTask]:
        """The open ones whose due date has passed; due today is not overdue."""
        return [
            task
            for task in self.sub_tasks
            if not task.done_date and task.due_date and task.due_date < self.as_of
        ]

    @property
    def text(self) -> str:
        """One line, "2 of 5 done, next: Agree the form by 3 May 2016"; empty without any."""
        if not self.sub_tasks:
            return ""
        counted = f"{self.done} of {len(self.sub_tasks)} done"
        if self.next is None:
            return counted
        due = f" by {short_day(self.next.due_date)}" if self.next.due_date else ""
        return f"{counted}, next: {self.next.title}{due}"


def progress_of(milestone: Milestone, *, as_of: date) -> Progress:
    """Give a milestone's sub-tasks with their owners, in their order. One query."""
    tasks = milestone.sub_tasks.select_related("owner").order_by("position", "pk")
    return Progress(list(tasks), as_of)


def _locked_for(milestone_id: int, *, by: User) -> Milestone:
    milestone = locked(milestone_id)
    require_update(milestone=milestone, by=by)
    return milestone


def _locked_sub_task(sub_task_id: int, *, by: User) -> SubTask:
    # The milestone's lock serves all of its sub-tasks; what is read before it may be stale.
    milestone_id = SubTask.objects.values_list("milestone_id", flat=True).get(pk=sub_task_id)
    milestone = _locked_for(milestone_id, by=by)
    sub_task = milestone.sub_tasks.select_related("owner").get(pk=sub_task_id)
    sub_task.milestone = milestone
    return sub_task


def _check(step: Step, *, milestone: Milestone, stored: SubTask | None = None) -> None:
    """Check what is new in it: whoever left the programme stays on the steps they have."""
    errors: dict[str, str] = {}
    programme = milestone.programme
    is_new_date = stored is None or stored.due_date != step.due_date
    is_new_owner = stored is None or stored.owner != step.owner
    if step.due_date and is_new_date:
        problem = date_problem("Due date", step.due_date, milestone, programme.today())
        errors |= {"due_date": problem} if problem else {}
    if step.owner and is_new_owner and programme.roles_of(step.owner).isdisjoint(LIVE_ROLES):
        errors["owner"] = f"{step.owner} is no member of this programme"
    if errors:
        raise ValidationError(errors)


def _said(sub_task: SubTask) -> dict[str, Any]:
    return {
        "title": sub_task.title,
        "owner": sub_task.owner_id,
        "due_date": sub_task.due_date.isoformat() if sub_task.due_date else None,
    }


def _record(
    act: str, sub_task: SubTask, *, by: User, changes: Mapping[str, audit.Change] | None = None
) -> None:
    audit.record(
        actor=by,
        action=f"sub_task.{act}",
        target=sub_task.milestone,
        changes=changes,
        details={"sub_task": sub_task.pk, **_said(sub_task)},
    )
