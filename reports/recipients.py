"""Who gets the packs of an audience: changed by the PMO administrator."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import audit
from accounts.models import User
from reports.models import Audience, Recipient
from workstreams.models import Programme


@transaction.atomic
def add_recipient(*, audience_id: int, by: User, name: str, email: str) -> Recipient:
    """Put a person on an audience's list, or back on it. Raises PermissionDenied.

    Somebody of the programme with the same e-mail address may then read the audience's packs here.
    """
    audience = Audience.objects.select_related("programme").get(pk=audience_id)
    _require_administrator(by, audience.programme)
    recipient, _ = Recipient.objects.update_or_create(
        audience=audience,
        email=email.lower(),
        defaults={"name": name, "is_active": True, "user": _member(audience.programme, email)},
    )
    details = {"audience": audience.code, "recipient": recipient.pk}
    audit.record(actor=by, action="recipient.added", target=audience.programme, details=details)
    return recipient


@transaction.atomic
def remove_recipient(*, recipient_id: int, by: User) -> Recipient:
    """Take a person off an audience's list; what was sent stays. Raises PermissionDenied."""
    recipient = Recipient.objects.select_related("audience__programme").get(pk=recipient_id)
    programme = recipient.audience.programme
    _require_administrator(by, programme)
    recipient.is_active = False
    recipient.save(update_fields=["is_active"])
    details = {"audience": recipient.audience.code, "recipient": recipient.pk}
    audit.record(actor=by, action="recipient.removed", target=programme, details=details)
    return recipient


def link_to_recipients(*, programme: Programme, user: User) -> None:
    """Let a new member read the packs of the audiences on whose lists the e-mail address stands."""
    recipients = Recipient.objects.filter(audience__programme=programme, user__isnull=True)
    recipients.filter(email__iexact=user.email).update(user=user)


def _member(programme: Programme, email: str) -> User | None:
    members = User.objects.filter(memberships__programme=programme, email__iexact=email)
    return members.distinct().first()


def _require_administrator(by: User, programme: Programme) -> None:
    if not by.has_perm("workstreams.administer_programme", programme):
        raise PermissionDenied("Only a PMO administrator changes who gets the packs.")
