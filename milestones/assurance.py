"""A second person looks at a completion: accepts it, or returns it and so reopens the milestone."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from accounts import audit
from accounts.models import User
from milestones.models import (
    Assurance,
    AssuranceOutcome,
    FieldChange,
    Milestone,
    MilestoneQuerySet,
    MilestoneStatus,
)
from milestones.models.evidence import COMPLETION_FIELDS
from milestones.services import LONGEST_REASON
from milestones.writing import Act, StaleVersion, locked, write

LONGEST_COMMENT = 2000


class WrongState(Exception):
    """The milestone is not where the act needs it to be; the message says where it is."""


class AssuranceState(models.TextChoices):
    """Where a completion stands, for lists."""

    NOT_ASSURED = "not_assured", "Complete, not assured"
    ASSURED = "assured", "Complete, assured"


@dataclass(frozen=True)
class Completion:
    """A milestone's completion as it stands, for its page: who said so, why, who accepted it."""

    assurance: Assurance | None
    recorded_by: frozenset[int]
    no_evidence_reason: str


@transaction.atomic
def give_assurance(
    *,
    milestone_id: int,
    by: User,
    seen_version: int,
    outcome: AssuranceOutcome,
    comment: str = "",
) -> Assurance:
    """Accept a milestone's completion, or return it with a comment, which reopens the milestone.

    Raises PermissionDenied, WrongState when it is not complete or assured already, StaleVersion
    when it moved since `seen_version`, and ValidationError by field.
    """
    milestone = locked(milestone_id)
    completed = require_assurance(milestone=milestone, by=by)
    if milestone.version != seen_version:
        raise StaleVersion(milestone)
    comment = comment.strip()
    _check_comment(outcome, comment)
    assurance = Assurance.objects.create(
        milestone=milestone,
        outcome=outcome,
        comment=comment,
        completed_date=completed,
        given_by=by,
        given_date=milestone.programme.today(),
        given_at=timezone.now(),
    )
    if outcome == AssuranceOutcome.RETURNED:
        _reopen(milestone, by=by, why=comment)
    action = f"milestone.{AssuranceOutcome(outcome).value}"
    audit.record(actor=by, action=action, target=milestone, details={"comment": comment})
    return assurance


def require_assurance(*, milestone: Milestone, by: User) -> date:
    """Give the day of the completion that the person may assure.

    Raises PermissionDenied for who may not, and WrongState when nobody can now.
    """
    if by.pk == milestone.local_owner_id:
        raise PermissionDenied(
            "You are the local owner of this milestone. A second person assures its completion."
        )
    if not by.has_perm("milestones.assure_milestone", milestone):
        raise PermissionDenied(
            "Only the PMO, its executive lead or an ELT member assures a completion."
        )
    if milestone.completed_date is None:
        raise WrongState(f"{milestone.reference} is not complete, so there is nothing to assure.")
    completion = completion_of(milestone)
    if completion.assurance:
        raise WrongState(
            f"{milestone.reference} was assured already, by {completion.assurance.given_by}."
        )
    if by.pk in completion.recorded_by:
        raise PermissionDenied(
            "You recorded this completion. Somebody else of the PMO, its executive lead or the "
            "ELT assures it."
        )
    return milestone.completed_date


def completion_of(milestone: Milestone) -> Completion:
    """Give what is known of a completion: its assurance, who recorded it, why without evidence."""
    standing = milestone.assurances.standing().newest_first().first()
    update = milestone.updates.order_by("made_at", "pk").last()
    reason = update.reason if update and update.status == MilestoneStatus.COMPLETE else ""
    return Completion(standing, frozenset(_recorders(milestone)), reason)


def is_assured(milestone: Milestone) -> bool:
    """Say whether a second person accepted the completion as it stands."""
    is_complete = milestone.status == MilestoneStatus.COMPLETE
    return is_complete and milestone.assurances.standing().exists()


def with_assurance(milestones: MilestoneQuerySet, state: AssuranceState | str) -> MilestoneQuerySet:
    """Give the complete ones of a list that a second person accepted, or that still wait."""
    accepted = Exists(Assurance.objects.standing().filter(milestone=OuterRef("pk")))
    complete = milestones.filter(status=MilestoneStatus.COMPLETE)
    is_asked = AssuranceState(state) == AssuranceState.ASSURED
    return complete.filter(accepted if is_asked else ~accepted)


def _recorders(milestone: Milestone) -> set[int]:
    """Everybody who said that it is complete or when, since it was last opened."""
    changes = FieldChange.objects.filter(milestone=milestone)
    completed = changes.filter(field="status").aggregate(version=Max("version"))["version"] or 0
    since = changes.filter(field__in=COMPLETION_FIELDS, version__gte=completed)
    return set(since.filter(made_by__isnull=False).values_list("made_by", flat=True))


def _check_comment(outcome: AssuranceOutcome, comment: str) -> None:
    if outcome == AssuranceOutcome.RETURNED and not comment:
        raise ValidationError(
            {"comment": "Say what is missing, so that the owner can put it right"}
        )
    if len(comment) > LONGEST_COMMENT:
        message = f"Comment must be {LONGEST_COMMENT} characters or fewer"
        raise ValidationError({"comment": message})


def _reopen(milestone: Milestone, *, by: User, why: str) -> None:
    write(
        milestone,
        seen_version=milestone.version,
        fields={
            "status": MilestoneStatus.IN_PROGRESS,
            "completed_date": None,
            "completed_precision": "",
        },
        act=Act(by=by, reason=f"Returned: {why}"[:LONGEST_REASON]),
    )
