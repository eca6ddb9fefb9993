"""The one way to change a milestone: under lock, against the version seen, each field on record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from milestones.models import FieldChange, Milestone, MilestoneStatus, UpdateChannel


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """One field that two people changed: what I typed, what another stored, who and when.

    ``at`` is the moment and ``on`` the programme's day. Nobody (None) is a job or the plan file.
    """

    field: str
    mine: Any
    theirs: Any
    by: User | None
    at: datetime
    on: date


class StaleVersion(Exception):
    """Somebody else changed the milestone since the form was opened; nothing was written.

    ``milestone`` holds what is stored now, ``conflicts`` the fields in dispute and ``taken`` the
    others' values of fields that the person left alone, so that a page can show both and ask.
    """

    def __init__(
        self,
        milestone: Milestone,
        *,
        conflicts: Sequence[Conflict] = (),
        taken: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__("Somebody else changed this milestone while you were editing it.")
        self.milestone = milestone
        self.conflicts = list(conflicts)
        self.taken = dict(taken or {})


@dataclass(frozen=True, kw_only=True)
class Act:
    """Who changes a milestone, how and why. Nobody (None) is a job or the plan file."""

    by: User | None
    channel: UpdateChannel = UpdateChannel.PAGE
    reason: str = ""
    change_request_number: int | None = None


def locked(milestone_id: int) -> Milestone:
    """Give the milestone as it is now, locked until the transaction ends."""
    milestones = Milestone.objects.select_for_update(of=("self",)).with_people()
    return milestones.get(pk=milestone_id)


def write(
    milestone: Milestone, *, seen_version: int, fields: Mapping[str, Any], act: Act
) -> list[FieldChange]:
    """Set the fields of a milestone and record every one that changes; give the records.

    Counts a reopening. Raises StaleVersion when the milestone moved since `seen_version`.
    """
    new = {_column(name): _plain(value) for name, value in fields.items()}
    old = {name: getattr(milestone, name) for name in new}
    reopened = (
        old.get("status") == MilestoneStatus.COMPLETE != new.get("status", MilestoneStatus.COMPLETE)
    )
    if reopened:
        old["reopened_count"] = milestone.reopened_count
        new["reopened_count"] = milestone.reopened_count + 1
    # The condition is the check: of two writers who saw the same version, one changes a row.
    rows = Milestone.objects.filter(pk=milestone.pk, version=seen_version)
    if not rows.update(version=F("version") + 1, **new):
        raise StaleVersion(milestone)
    for name, value in fields.items():
        setattr(milestone, name, value)
    if reopened:
        milestone.reopened_count += 1
    milestone.version = seen_version + 1
    return FieldChange.objects.bulk_create(
        FieldChange(
            milestone=milestone,
            version=milestone.version,
            field=name,
            old_value=_stored(old[name]),
            new_value=_stored(value),
            made_by=act.by,
            made_date=milestone.programme.today(),
            made_at=timezone.now(),
            channel=act.channel,
            reason=act.reason,
            change_request_number=act.change_request_number,
        )
        for name, value in new.items()
        if value != old[name]
    )


def restored(field: str, value: Any) -> Any:
    """Give a recorded value as the milestone holds it: a date for a date's text, and so on."""
    return _field(field.removesuffix("_id")).to_python(value)


def _field(name: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", Milestone._meta.get_field(name))


def _column(name: str) -> str:
    return _field(name).attname


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _stored(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
