"""What the PMO administrator changes: the programme's figures and its members."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from workstreams.dates import long_day
from workstreams.models import Membership, Programme, Role

FIGURES = (
    "tolerance_days",
    "met_threshold",
    "near_threshold",
    "elt_quorum",
    "report_working_days",
    "updates_due_working_day",
    "pmo_check_working_day",
    "meetings_working_day",
    "qig_working_day",
    "elt_working_day",
    "issue_working_day",
    "next_inspection_date",
    "demonstration_date",
)


class FiguresChanged(Exception):
    """Somebody changed the figures since the person opened them; holds the current programme."""

    def __init__(self, programme: Programme) -> None:
        super().__init__("Somebody else changed these figures while you had them open.")
        self.programme = programme


class LastAdministrator(Exception):
    """The act would leave the programme without a PMO administrator."""


def too_early(programme: Programme) -> str:
    """Give the sentence for a demonstration date that lies before today's."""
    return (
        f"Demonstration date must be {long_day(programme.today())} or later: updates and months "
        "of that day exist already"
    )


def figures_version(programme: Programme) -> str:
    """Give a mark of the figures as they are, to notice that somebody changed them meanwhile."""
    values = "|".join(str(getattr(programme, name)) for name in FIGURES)
    return hashlib.sha256(values.encode()).hexdigest()[:16]


@transaction.atomic
def change_figures(
    *, programme_id: int, by: User, seen_version: str, figures: Mapping[str, Any]
) -> list[str]:
    """Set the programme's figures and give the names of those that changed.

    A demonstration's date may be moved on, never back behind what has happened, and never be
    removed; a real programme never gets one. Raises PermissionDenied, FiguresChanged and
    ValidationError by field.
    """
    programme = _administered(programme_id, by, "Only a PMO administrator changes the figures.")
    if seen_version != figures_version(programme):
        raise FiguresChanged(programme)
    if not programme.demonstration_date or not figures.get("demonstration_date"):
        figures = {name: value for name, value in figures.items() if name != "demonstration_date"}
    elif figures["demonstration_date"] < programme.demonstration_date:
        raise ValidationError({"demonstration_date": too_early(programme)})
    changes = audit.changed(
        {name: getattr(programme, name) for name in FIGURES},
        {name: figures[name] for name in FIGURES if name in figures},
    )
    if changes:
        for name in changes:
            setattr(programme, name, figures[name])
        programme.save(update_fields=list(changes))
        audit.record(
            actor=by, action="programme.figures_changed", target=programme, changes=changes
        )
    return list(changes)


@transaction.atomic
def add_member(
    *, programme_id: int, by: User, email: str, role: Role | str, full_name: str = ""
) -> tuple[Membership, bool]:
    """Give a person a role; give the membership and whether the person is new to the product.

    A new person has no password and chooses one through the reset page. The name of somebody who
    is known already stays as it is. A role that the person holds is left alone.
    Raises PermissionDenied.
    """
    programme = _administered(programme_id, by, "Only a PMO administrator adds members.")
    user = User.objects.filter(email__iexact=email).first()
    is_new = user is None
    if user is None:
        user = User.objects.create_user(email, full_name=full_name)
    membership, is_added = Membership.objects.get_or_create(
        programme=programme, user=user, role=Role(role)
    )
    if is_added:
        details = {"user": str(user), "role": membership.get_role_display(), "is_new": is_new}
        audit.record(actor=by, action="member.added", target=programme, details=details)
    return membership, is_new


@transaction.atomic
def remove_member(*, membership_id: int, by: User) -> None:
    """Take a role from a person. Raises PermissionDenied and LastAdministrator."""
    membership = Membership.objects.select_related("user").get(pk=membership_id)
    # Under the programme's lock, so that two administrators cannot remove each other.
    programme = _administered(
        membership.programme_id, by, "Only a PMO administrator removes members."
    )
    if membership.role == Role.PMO_ADMINISTRATOR:
        administrators = programme.memberships.filter(role=Role.PMO_ADMINISTRATOR)
        if not administrators.exclude(pk=membership.pk).exists():
            raise LastAdministrator(
                f"{membership.user} is the only PMO administrator. Make somebody else one first."
            )
    details = {"user": str(membership.user), "role": membership.get_role_display()}
    membership.delete()
    audit.record(actor=by, action="member.removed", target=programme, details=details)


def _administered(programme_id: int, by: User, refusal: str) -> Programme:
    programme = Programme.objects.select_for_update().get(pk=programme_id)
    if not by.has_perm("workstreams.administer_programme", programme):
        raise PermissionDenied(refusal)
    return programme
