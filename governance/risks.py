"""Risks and issues: recorded, changed, reviewed, promoted, happened, closed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet

from accounts import audit
from accounts.models import User
from governance.errors import StaleRecord, WrongState
from governance.models import Likelihood, Risk, RiskChange, RiskKind, RiskLevel, RiskResponse
from governance.review import lock_numbers
from governance.risk_writing import LINKS, locked, values_at, values_of, write
from milestones.merging import merge
from workstreams.models import Programme, Project, Role, Workstream

Place = Programme | Workstream | Project

LEVELS = {
    Project: RiskLevel.PROJECT,
    Workstream: RiskLevel.WORKSTREAM,
    Programme: RiskLevel.PROGRAMME,
}
OWNERS = (Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER, Role.EXECUTIVE_LEAD, Role.LOCAL_OWNER)
# A likelihood means nothing without its impact: taken or disputed as one.
SCORES = tuple(
    (f"{name}_likelihood", f"{name}_impact") for name in ("inherent", "current", "target")
)
REFUSED = (
    "Only the PMO, the executive lead of its work stream, its project’s owner or its own owner "
    "changes a risk."
)


@dataclass(frozen=True, kw_only=True)
class RiskContent:
    """What a person says of a risk; milestones and indicators by their references."""

    title: str
    cause: str = ""
    effect: str = ""
    inherent_likelihood: int
    inherent_impact: int
    current_likelihood: int
    current_impact: int
    target_likelihood: int
    target_impact: int
    owner_id: int
    response: str = RiskResponse.TREAT
    response_text: str = ""
    review_date: date
    milestones: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}


class RiskMoved(StaleRecord):
    """Somebody else changed the same fields since the form was opened; nothing was written.

    ``risk`` is what is stored now, ``merged`` what came of both edits, with mine in ``conflicts``;
    ``taken`` are the fields that only the others changed.
    """

    def __init__(
        self,
        risk: Risk,
        merged: Mapping[str, Any],
        conflicts: Sequence[str],
        taken: Sequence[str],
    ) -> None:
        super().__init__(
            f"Somebody else changed {risk.label} while you were writing. "
            "Compare with what is stored, then save again."
        )
        self.risk, self.merged = risk, dict(merged)
        self.conflicts, self.taken = list(conflicts), list(taken)


def risk_owners(programme: Programme) -> QuerySet[User]:
    """Give who may own a risk: a member who may act on it, by name."""
    people = User.objects.filter(
        memberships__programme=programme, memberships__role__in=OWNERS, is_active=True
    )
    return people.distinct().order_by("full_name", "pk")


@transaction.atomic
def record_risk(*, place: Place, kind: RiskKind | str, content: RiskContent, by: User) -> Risk:
    """Put a risk or an issue on the register of a project, a work stream or the programme.

    Raises PermissionDenied, and ValidationError by field.
    """
    programme = lock_numbers(place.programme.pk)
    if not by.has_perm("governance.manage_risk", place):
        raise PermissionDenied(
            "Only the PMO, the executive lead of a work stream or the owner of a project "
            "records a risk there."
        )
    _check(content.values(), programme=programme)
    risk = _create(programme, place=place, kind=kind, values=content.values(), by=by)
    audit.record(
        actor=by, action="risk.recorded", target=risk, details={"score": risk.current_score}
    )
    return risk


@transaction.atomic
def edit_risk(
    *, risk_id: int, by: User, seen_version: int, content: RiskContent, reason: str = ""
) -> Risk:
    """Change what a risk says; what others changed meanwhile in other fields stays.

    Raises PermissionDenied, WrongState, ValidationError by field, and RiskMoved when others
    changed the same fields.
    """
    risk = _open_for(by, risk_id)
    mine, stored = content.values(), values_of(risk)
    theirs = {name: stored[name] for name in mine}
    if risk.version != seen_version:
        at_first = values_at(risk, seen_version)
        merged = merge({name: at_first[name] for name in mine}, mine, theirs, linked=SCORES)
        if merged.conflicts:
            raise RiskMoved(risk, merged.values, merged.conflicts, merged.taken)
        mine = merged.values
    _check(mine, programme=risk.programme, stored=theirs)
    changes = write(risk, seen_version=risk.version, values=mine, by=by, reason=reason)
    if changes:
        _journal("risk.changed", risk, changes, by=by)
    return risk


@transaction.atomic
def review_risk(
    *,
    risk_id: int,
    by: User,
    seen_version: int,
    current_likelihood: int,
    current_impact: int,
    review_date: date,
    comment: str = "",
) -> Risk:
    """Record that somebody looked at a risk: its score now, and when to look again.

    Raises PermissionDenied, WrongState (StaleRecord), and ValidationError by field.
    """
    risk = _open_for(by, risk_id)
    if review_date <= risk.programme.today():
        raise ValidationError({"review_date": "Next review must be after today"})
    values = {
        "current_likelihood": current_likelihood,
        "current_impact": current_impact,
        "review_date": review_date,
    }
    changes = write(
        risk, seen_version=seen_version, values=values, by=by, reason=comment, is_review=True
    )
    _journal("risk.reviewed", risk, changes, by=by, reason=comment)
    return risk


@transaction.atomic
def promote_risk(
    *, risk_id: int, by: User, seen_version: int, reason: str, owner: User | None = None
) -> Risk:
    """Let the next level manage a risk: project, work stream, programme. It stays one record.

    Raises PermissionDenied, WrongState, and ValidationError by field.
    """
    risk = _open_for(by, risk_id)
    if risk.next_level is None:
        raise WrongState(f"{risk.label} is at programme level already, which is the highest.")
    _require(reason, "reason", "Enter why the next level must manage it")
    values: dict[str, Any] = {"level": risk.next_level.value}
    if owner:
        values["owner_id"] = owner.pk
        _check_owner(owner.pk, risk.programme)
    changes = write(risk, seen_version=seen_version, values=values, by=by, reason=reason)
    _journal("risk.promoted", risk, changes, by=by, reason=reason)
    return risk


@transaction.atomic
def turn_into_issue(
    *, risk_id: int, by: User, seen_version: int, what_happened: str, review_date: date
) -> Risk:
    """Record that a risk happened: it closes, and an issue that links back to it opens.

    The issue keeps the risk's owner, place and links; its likelihood is 5, because it is there.
    Raises PermissionDenied, WrongState, and ValidationError by field.
    """
    programme = lock_numbers(Risk.objects.values_list("programme", flat=True).get(pk=risk_id))
    risk = _open_for(by, risk_id)
    if risk.is_issue:
        raise WrongState(f"{risk.label} is an issue already: it has happened.")
    _require(what_happened, "what_happened", "Enter what happened")
    if review_date <= programme.today():
        raise ValidationError({"review_date": "First review must be after today"})
    values = values_of(risk) | {
        "cause": what_happened,
        "inherent_likelihood": Likelihood.ALMOST_CERTAIN.value,
        "current_likelihood": Likelihood.ALMOST_CERTAIN.value,
        "review_date": review_date,
    }
    issue = _create(programme, place=risk, kind=RiskKind.ISSUE, values=values, by=by)
    closing = {
        "happened_as_id": issue.pk,
        "closed_date": programme.today(),
        "closed_because": f"It happened and became {issue.label}.",
    }
    changes = write(risk, seen_version=seen_version, values=closing, by=by, reason=what_happened)
    _journal("risk.happened", risk, changes, by=by, reason=what_happened)
    return issue


@transaction.atomic
def close_risk(*, risk_id: int, by: User, seen_version: int, reason: str) -> Risk:
    """Take a risk off the register, with the reason. Raises as ``promote_risk`` does."""
    risk = _open_for(by, risk_id)
    _require(reason, "reason", f"Enter why {risk.label} can be closed")
    values = {"closed_date": risk.programme.today(), "closed_because": reason}
    changes = write(risk, seen_version=seen_version, values=values, by=by, reason=reason)
    _journal("risk.closed", risk, changes, by=by, reason=reason)
    return risk


@transaction.atomic
def reopen_risk(
    *, risk_id: int, by: User, seen_version: int, reason: str, review_date: date
) -> Risk:
    """Put a closed risk back on the register; not one that happened, whose issue goes on.

    Raises PermissionDenied, WrongState, and ValidationError by field.
    """
    risk = _managed(by, risk_id)
    if risk.is_open:
        raise WrongState(f"{risk.label} is open.")
    if risk.happened_as:
        raise WrongState(
            f"{risk.label} happened and became {risk.happened_as.label}: work on that, "
            "or record a new risk if it may happen again."
        )
    _require(reason, "reason", f"Enter why {risk.label} is open again")
    if review_date <= risk.programme.today():
        raise ValidationError({"review_date": "Next review must be after today"})
    values = {"closed_date": None, "closed_because": "", "review_date": review_date}
    changes = write(risk, seen_version=seen_version, values=values, by=by, reason=reason)
    _journal("risk.reopened", risk, changes, by=by, reason=reason)
    return risk


def why_not_open(risk: Risk) -> str:
    """Say why nothing can be done to a risk; empty for an open one."""
    if risk.is_open:
        return ""
    because = risk.closed_because.rstrip(".")
    return f"{risk.label} is closed: {because}. Reopen it first if that is wrong."


def _managed(by: User, risk_id: int) -> Risk:
    risk = locked(risk_id)
    if not by.has_perm("governance.manage_risk", risk):
        raise PermissionDenied(REFUSED)
    return risk


def _open_for(by: User, risk_id: int) -> Risk:
    risk = _managed(by, risk_id)
    if not risk.is_open:
        raise WrongState(why_not_open(risk))
    return risk


def _create(
    programme: Programme,
    *,
    place: Place | Risk,
    kind: RiskKind | str,
    values: Mapping[str, Any],
    by: User,
) -> Risk:
    columns = {name: value for name, value in values.items() if name not in LINKS}
    highest = programme.risks.aggregate(highest=Max("number"))["highest"] or 0
    risk = Risk(
        **columns,
        programme=programme,
        number=highest + 1,
        kind=kind,
        raised_by=by,
        raised_date=programme.today(),
    )
    if isinstance(place, Risk):
        risk.project, risk.workstream = place.project, place.workstream
    else:
        risk.level = LEVELS[type(place)]
        risk.project = place if isinstance(place, Project) else None
        risk.workstream = getattr(place, "workstream", None)
    risk.save(force_insert=True)
    risk.milestones.set(programme.milestones.filter(reference__in=values["milestones"]))
    risk.indicators.set(programme.indicators.filter(reference__in=values["indicators"]))
    return risk


def _check(
    values: Mapping[str, Any], *, programme: Programme, stored: Mapping[str, Any] | None = None
) -> None:
    """Refuse what cannot be; what an edit leaves as it is, is not judged again."""
    errors: dict[str, str] = {}
    stored = stored or {}

    def is_new(name: str) -> bool:
        return bool(values[name] != stored.get(name))

    if is_new("review_date") and values["review_date"] < programme.today():
        errors["review_date"] = "Next review must be today or later"
    if is_new("owner_id"):
        try:
            _check_owner(values["owner_id"], programme)
        except ValidationError as error:
            errors |= {name: texts[0] for name, texts in error.message_dict.items()}
    inherent, target = (
        values[likelihood] * values[impact] for likelihood, impact in (SCORES[0], SCORES[2])
    )
    if target > inherent:
        errors["target_likelihood"] = (
            f"The target score, {target}, must not be above the inherent score, {inherent}"
        )
    for name, known in (("milestones", programme.milestones), ("indicators", programme.indicators)):
        unknown = _unknown(values[name], known.filter(reference__in=values[name]))
        if unknown:
            errors[name] = f"This programme has no {name[:-1]} {unknown}"
    if errors:
        raise ValidationError(errors)


def _unknown(references: Collection[str], known: "QuerySet[Any]") -> str:
    missing = set(references) - set(known.values_list("reference", flat=True))
    return min(missing, default="")


def _check_owner(owner_id: int, programme: Programme) -> None:
    if not risk_owners(programme).filter(pk=owner_id).exists():
        raise ValidationError(
            {"owner": "The owner must be a local owner, an executive lead or of the PMO"}
        )


def _require(text: str, name: str, message: str) -> None:
    if not text.strip():
        raise ValidationError({name: message})


def _journal(
    action: str, risk: Risk, changes: Sequence[RiskChange], *, by: User, reason: str = ""
) -> None:
    audit.record(
        actor=by,
        action=action,
        target=risk,
        changes={each.field: (each.old_value, each.new_value) for each in changes},
        details={"why": reason} if reason else {},
    )
