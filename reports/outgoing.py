"""What goes out by e-mail: one row per message, and an append-only line per thing done with it."""

import hashlib
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from workstreams.models import Programme


class DeliveryState(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    # Committed just before the dot that ends a message: from here on it may have gone.
    INFLIGHT = "inflight", "Being handed over"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    UNCONFIRMED = "unconfirmed", "May have been sent"
    BOUNCED = "bounced", "Bounced"


ON_THE_WAY = (DeliveryState.SENDING, DeliveryState.INFLIGHT)
# What a person has to look at.
TROUBLED = (DeliveryState.FAILED, DeliveryState.UNCONFIRMED, DeliveryState.BOUNCED)


def turn_has_come(at: datetime) -> Q:
    """Give the condition for rows whose next attempt is due at a moment."""
    return Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=at)


class OutgoingQuerySet(models.QuerySet[Any]):
    def on_the_way(self) -> "OutgoingQuerySet":
        return self.filter(state__in=ON_THE_WAY)

    def troubled(self) -> "OutgoingQuerySet":
        """Those that need a person: refused, given up, bounced, or perhaps sent."""
        return self.filter(state__in=TROUBLED)


class Outgoing(models.Model):
    """One message to one address: written with the act that caused it, sent once by the worker."""

    # The address as it was: the recipient's may change later.
    email = models.EmailField()
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=12, choices=DeliveryState, default=DeliveryState.QUEUED)
    # Also the number of the present claim: who holds an older one changes nothing any more.
    attempts = models.PositiveSmallIntegerField(default=0)
    # What the mail server said last, or why nothing was sent.
    last_error = models.CharField(max_length=400, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    # The first attempt since it was queued: for a day from then on it is tried again.
    tried_since = models.DateTimeField(null=True, blank=True)
    # Empty until something went wrong: as soon as can be.
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_troubled(self) -> bool:
        return self.state in TROUBLED

    @property
    def is_waiting(self) -> bool:
        return self.state == DeliveryState.QUEUED


class DeliveryQuerySet(OutgoingQuerySet):
    def ready(self) -> "DeliveryQuerySet":
        """Queued ones whose pack is made."""
        return self.filter(state=DeliveryState.QUEUED, pack__rendered_at__isnull=False)

    def due(self, *, at: datetime) -> "DeliveryQuerySet":
        """Ready ones whose turn has come."""
        return self.ready().filter(turn_has_come(at))

    def with_pack(self) -> "DeliveryQuerySet":
        """Everything that the message and its line on the month's page show, in one query."""
        return self.select_related(
            "pack__snapshot__month__programme", "pack__audience", "recipient__user"
        )


class Delivery(Outgoing):
    """One pack to one recipient. "Send again" sends the same file under the same Message-ID."""

    pack = models.ForeignKey("reports.Pack", on_delete=models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(
        "reports.Recipient", on_delete=models.PROTECT, related_name="deliveries"
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="delivery_once_per_recipient", fields=["pack", "recipient"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.pack} to {self.email}"

    @property
    def programme(self) -> Programme:
        return self.pack.programme


class NoticeQuerySet(OutgoingQuerySet):
    def ready(self) -> "NoticeQuerySet":
        """Queued ones: all they say is in them."""
        return self.filter(state=DeliveryState.QUEUED)

    def due(self, *, at: datetime) -> "NoticeQuerySet":
        """Ready ones whose turn has come."""
        return self.ready().filter(turn_has_come(at))


class Notice(Outgoing):
    """What one person is told on one day: everything due from them, in one message.

    Written by the schedule or by the PMO's "Chase", in the transaction of what caused it.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    day = models.DateField()
    subject = models.CharField(max_length=200)
    # What the message says, as it was then: see ``reports.notices``.
    content = models.JSONField(default=dict)
    # Who pressed "Chase"; nobody is the schedule.
    caused_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="notice_once_per_person_and_day", fields=["programme", "user", "day"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.email}"


class Outcome(models.TextChoices):
    SENT = "sent", "Accepted by the mail server"
    PUT_OFF = "put_off", "Not accepted, will be tried again"
    REFUSED = "refused", "Refused"
    GIVEN_UP = "given_up", "Given up after a day"
    WITHHELD = "withheld", "Not sent"
    UNCONFIRMED = "unconfirmed", "May have been sent"
    INTERRUPTED = "interrupted", "Interrupted before anything was sent"
    ASKED_AGAIN = "asked_again", "To be sent again"
    MARKED = "marked", "Marked as delivered"
    BOUNCED = "bounced", "Bounce recorded"


class DeliveryAttempt(models.Model):
    """One thing done with a message: an attempt to send it, or a person's word. Append-only."""

    delivery = models.ForeignKey(
        Delivery, null=True, blank=True, on_delete=models.PROTECT, related_name="history"
    )
    notice = models.ForeignKey(
        Notice, null=True, blank=True, on_delete=models.PROTECT, related_name="history"
    )
    # The number of the attempt that it ended, or after which somebody said so.
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    answer = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="delivery_attempt_of_one_message",
                condition=Q(delivery__isnull=False, notice__isnull=True)
                | Q(delivery__isnull=True, notice__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, attempt {self.number}"


def message_id(programme: Programme, about: str) -> str:
    """Give a Message-ID made from what it is about: a second one for the same thing is equal."""
    return f"<{hashlib.sha256(about.encode()).hexdigest()[:24]}.{programme.slug}@qip-tracker>"
