"""What a person decides about a delivery: send it again, call it delivered, note a bounce."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import audit
from accounts.models import User
from reports.delivery import STATE_AFTER, note
from reports.messages import why_withheld
from reports.models import Delivery, DeliveryState, Outcome
from reports.months import WrongState
from reports.outgoing import TROUBLED

SETTLED = (*TROUBLED, DeliveryState.SENT)
MAY_BOUNCE = (DeliveryState.SENT, DeliveryState.UNCONFIRMED)


@transaction.atomic
def send_again(*, delivery_id: int, by: User, seen_attempts: int, at: datetime) -> Delivery:
    """Queue one more copy: the identical file under the same Message-ID.

    Raises PermissionDenied, and WrongState when it is on its way, was sent again meanwhile, or
    may no longer go to this recipient.
    """
    delivery = _locked(delivery_id, by, seen_attempts, SETTLED)
    reason = why_withheld(delivery)
    if reason:
        raise WrongState(reason)
    _settle(delivery, Outcome.ASKED_AGAIN, "", by=by, at=at)
    delivery.queued_at = at
    delivery.next_attempt_at = delivery.tried_since = None
    delivery.save(update_fields=["queued_at", "next_attempt_at", "tried_since"])
    return delivery


@transaction.atomic
def mark_as_delivered(*, delivery_id: int, by: User, seen_attempts: int, at: datetime) -> Delivery:
    """Note that the recipient has the pack. Raises PermissionDenied and WrongState."""
    delivery = _locked(delivery_id, by, seen_attempts, TROUBLED)
    _settle(delivery, Outcome.MARKED, "", by=by, at=at)
    delivery.sent_at = delivery.claimed_at or at
    delivery.save(update_fields=["sent_at"])
    return delivery


@transaction.atomic
def record_bounce(
    *, delivery_id: int, by: User, seen_attempts: int, text: str, at: datetime
) -> Delivery:
    """Note that the message came back, with what it said. Raises PermissionDenied, WrongState."""
    delivery = _locked(delivery_id, by, seen_attempts, MAY_BOUNCE)
    return _settle(delivery, Outcome.BOUNCED, text, by=by, at=at)


def _locked(
    delivery_id: int, by: User, seen_attempts: int, states: Collection[DeliveryState]
) -> Delivery:
    deliveries = Delivery.objects.select_for_update(of=("self",)).with_pack()
    delivery: Delivery = deliveries.get(pk=delivery_id)
    if not by.has_perm("reports.settle_delivery", delivery):
        raise PermissionDenied("Only the PMO decides about deliveries.")
    if delivery.attempts != seen_attempts or delivery.state not in states:
        word = delivery.get_state_display().lower()
        raise WrongState(f"The delivery to {delivery.recipient.name} has changed: it is {word}.")
    return delivery


def _settle(delivery: Delivery, outcome: Outcome, text: str, *, by: User, at: datetime) -> Delivery:
    delivery.state, delivery.last_error = STATE_AFTER[outcome], text[:400]
    delivery.save(update_fields=["state", "last_error"])
    note(delivery, outcome, text, at=at, by=by)
    audit.record(
        actor=by,
        action=f"delivery.{outcome.value}",
        target=delivery,
        details={"message_id": delivery.message_id, "text": text},
    )
    return delivery
