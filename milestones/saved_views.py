"""Saved views of the register: a person's own, and those that the PMO shares with a role."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q

from accounts import audit
from accounts.models import User
from milestones.models import SavedView
from workstreams.models import Programme, Role
from workstreams.models.programme import LIVE_ROLES

MOST_VIEWS = 30
SHARING_ROLES = frozenset([Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER])


def views_for(
    programme: Programme, *, user: User, roles: frozenset[str]
) -> "models.QuerySet[SavedView]":
    """Give the views a person sees: their own and their roles'; the PMO sees every shared one."""
    shared = ~Q(shared_with="") if roles & SHARING_ROLES else Q(shared_with__in=roles)
    return programme.saved_views.filter(Q(owner=user) | shared).order_by("shared_with", "name")


def views_known(programme: Programme, *, user: User) -> "models.QuerySet[SavedView]":
    """Give the views that are no secret to a person: their own and every shared one."""
    return programme.saved_views.filter(Q(owner=user) | ~Q(shared_with=""))


@transaction.atomic
def save_view(
    *, programme: Programme, by: User, name: str, query: str, shared_with: str = ""
) -> SavedView:
    """Keep a view under a name, for the person alone or for a role.

    `query` is the register filter's own (``RegisterFilter.query``), checked by the caller. Raises
    PermissionDenied for who may not share, and ValidationError by field.
    """
    roles = programme.roles_of(by)
    if roles.isdisjoint(LIVE_ROLES):
        raise PermissionDenied("Only members of the programme keep views of its milestones.")
    if shared_with and roles.isdisjoint(SHARING_ROLES):
        raise PermissionDenied("Only the PMO shares a view.")
    if shared_with and shared_with not in LIVE_ROLES:
        raise ValidationError({"shared_with": "Choose a role that sees the milestones"})
    owner = None if shared_with else by
    # Two presses of the button must not make two; the constraint does not see a missing owner.
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    beside = programme.saved_views.filter(owner=owner, shared_with=shared_with)
    if beside.filter(name__iexact=name).exists():
        raise ValidationError({"name": f"There is a view called “{name}” already"})
    if beside.count() >= MOST_VIEWS:
        raise ValidationError({"name": f"There are {MOST_VIEWS} views already. Delete one first"})
    view = SavedView.objects.create(
        programme=programme, name=name, query=query, owner=owner, shared_with=shared_with
    )
    if shared_with:
        audit.record(
            actor=by,
            action="saved_view.shared",
            target=view,
            details={"with": shared_with, "query": query},
        )
    return view


@transaction.atomic
def delete_view(*, view_id: int, by: User) -> SavedView:
    """Delete one's own view, or as the PMO a shared one. Raises PermissionDenied."""
    view = (
        SavedView.objects.select_for_update(of=("self",))
        .select_related("programme")
        .get(pk=view_id)
    )
    if not may_delete(view, by=by, roles=view.programme.roles_of(by)):
        raise PermissionDenied("Only the PMO deletes a view that is shared.")
    if view.shared_with:
        audit.record(actor=by, action="saved_view.deleted", target=view)
    view.delete()
    return view


def may_delete(view: SavedView, *, by: User, roles: frozenset[str]) -> bool:
    if view.shared_with:
        return not roles.isdisjoint(SHARING_ROLES)
    return view.owner_id == by.pk
