"""Who answers for an enabler, a partner's commitment or a CQC action."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from governance.risks import risk_owners
from workstreams.models import CqcAction, Enabler, PartnerCommitment

Owned = Enabler | PartnerCommitment | CqcAction

# Whoever may own a risk may answer for these: a member who may act.
possible_owners = risk_owners


@transaction.atomic
def name_owner(*, subject: Owned, by: User, owner: User | None) -> Owned:
    """Say who answers for it. Raises PermissionDenied, and ValidationError at "owner"."""
    stored = type(subject).objects.select_for_update(of=("self",)).select_related("programme")
    found: Owned = stored.get(pk=subject.pk)
    if not by.has_perm("governance.name_owner", found):
        raise PermissionDenied("Only the PMO says who answers for it.")
    if owner and not possible_owners(found.programme).filter(pk=owner.pk).exists():
        raise ValidationError(
            {"owner": "The owner must be a local owner, an executive lead or of the PMO"}
        )
    if found.local_owner_id != (owner.pk if owner else None):
        audit.record(
            actor=by,
            action="owner.named",
            target=found,
            changes={"local_owner": (found.local_owner, owner)},
        )
        found.local_owner = owner
        found.save(update_fields=["local_owner"])
    return found
