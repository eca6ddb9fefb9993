"""Sending what is queued: one row at a time is claimed, handed over and settled.

The database says "may have gone" just before the dot that ends a message. A worker that is killed
before it has sent nothing, and the row is queued again; one that is killed after it leaves a row
that a person decides on. Nothing is sent twice by itself.
"""

import logging
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from reports.mail import NoAnswer, NotAccepted, ServerUnreachable, hand_over
from reports.messages import message_for, why_withheld
from reports.models import Delivery, DeliveryAttempt, DeliveryState, Notice, Outcome
from reports.one_at_a_time import only_one
from reports.outgoing import ON_THE_WAY

logger = logging.getLogger(__name__)

RETRY_MINUTES = (1, 5, 15, 60, 240)
TRY_FOR = timedelta(hours=24)
# A run that has lost so many time-outs to a server that leaves messages hanging ends there.
MOST_LOST_IN_TIME_OUTS = 3
# Well within the worker's time limit: what is left over goes with the next run, seconds later.
LONGEST_RUN_SECONDS = 120

STATE_AFTER = {
    Outcome.SENT: DeliveryState.SENT,
    Outcome.PUT_OFF: DeliveryState.QUEUED,
    Outcome.INTERRUPTED: DeliveryState.QUEUED,
    Outcome.ASKED_AGAIN: DeliveryState.QUEUED,
    Outcome.REFUSED: DeliveryState.FAILED,
    Outcome.GIVEN_UP: DeliveryState.FAILED,
    Outcome.WITHHELD: DeliveryState.FAILED,
    Outcome.UNCONFIRMED: DeliveryState.UNCONFIRMED,
    Outcome.MARKED: DeliveryState.SENT,
    Outcome.BOUNCED: DeliveryState.BOUNCED,
}


class ClaimLost(Exception):
    """Another worker has taken the row over meanwhile, so this one must not end its message."""


def send_due_deliveries(*, at: datetime | None = None) -> list[Delivery | Notice]:
    """Send everything queued whose turn has come; one bad address does not stop the others.

    Gives what was tried. With another sender at work it does nothing.
    """
    with only_one("sender") as is_free:
        if not is_free:
            return []
        _sweep(at or timezone.now())
        return _send_all(at)


def _send_all(at: datetime | None) -> list[Delivery | Notice]:
    tried: list[Delivery | Notice] = []
    lost = 0.0
    end = time.monotonic() + LONGEST_RUN_SECONDS
    moment = at or timezone.now()
    due = [*Notice.objects.due(at=moment), *Delivery.objects.due(at=moment)]
    for row in sorted(due, key=lambda row: (row.next_attempt_at or row.queued_at, row.pk)):
        began = time.monotonic()
        try:
            outcome = deliver(row, at=at or timezone.now())
        except ServerUnreachable:
            # Neither can the others be sent: they keep their place for the next run.
            return [*tried, row]
        if outcome:
            tried.append(row)
        if outcome in (Outcome.PUT_OFF, Outcome.UNCONFIRMED) and _is_slow(row):
            lost += time.monotonic() - began
            if lost >= MOST_LOST_IN_TIME_OUTS * settings.EMAIL_TIMEOUT:
                break
        if time.monotonic() > end:
            break
    return tried


def deliver(row: Delivery | Notice, *, at: datetime) -> Outcome | None:
    """Send one queued message and settle its row. Give None when somebody else has claimed it.

    Raises ServerUnreachable, after noting it, when no mail server answers at all.
    """
    if not _claim(row, at):
        return None
    reason = why_withheld(row)
    if reason:
        return settle(row, Outcome.WITHHELD, reason, at=at)
    try:
        message = message_for(row)
        answer = hand_over(message, before_final_dot=partial(_note_final_dot, row))
    except ClaimLost:
        return None
    except ServerUnreachable as error:
        _put_off(row, str(error), at)
        raise
    except NotAccepted as error:
        if error.is_final:
            return settle(row, Outcome.REFUSED, str(error), at=at)
        return _put_off(row, str(error), at)
    except NoAnswer as error:
        return settle(row, Outcome.UNCONFIRMED, str(error), at=at)
    except (OSError, ValueError) as error:
        # Its file cannot be read, or its address makes no header.
        logger.exception("Message %s of %s could not be made", row.pk, row._meta.label)
        return _put_off(row, f"The message could not be made: {error}", at)
    return settle(row, Outcome.SENT, answer, at=at)


def _claim(row: Delivery | Notice, at: datetime) -> bool:
    # The conditional update is the claim: of two workers, exactly one changes a row.
    rows = type(row).objects.filter(pk=row.pk)
    claimed = rows.filter(state=DeliveryState.QUEUED).update(
        state=DeliveryState.SENDING,
        claimed_at=at,
        attempts=F("attempts") + 1,
        tried_since=Coalesce("tried_since", at),
    )
    if claimed:
        row.refresh_from_db()
    return bool(claimed)


def _note_final_dot(row: Delivery | Notice) -> None:
    mine = type(row).objects.filter(pk=row.pk, attempts=row.attempts)
    if not mine.filter(state=DeliveryState.SENDING).update(state=DeliveryState.INFLIGHT):
        raise ClaimLost


def _put_off(row: Delivery | Notice, answer: str, at: datetime) -> Outcome | None:
    assert row.tried_since is not None  # set by the claim
    until = row.tried_since + TRY_FOR
    if at >= until:
        return settle(row, Outcome.GIVEN_UP, answer, at=at)
    tries = row.history.filter(outcome=Outcome.PUT_OFF, at__gte=row.tried_since).count()
    minutes = RETRY_MINUTES[min(tries, len(RETRY_MINUTES) - 1)]
    return settle(
        row, Outcome.PUT_OFF, answer, at=at, again=min(at + timedelta(minutes=minutes), until)
    )


def settle(
    row: Delivery | Notice,
    outcome: Outcome,
    answer: str,
    *,
    at: datetime,
    again: datetime | None = None,
) -> Outcome | None:
    """End an attempt: the row's new state and the line of its record, together.

    Gives None, and changes nothing, when the attempt is no longer this worker's.
    """
    fields: dict[str, Any] = {"state": STATE_AFTER[outcome], "last_error": answer[:400]}
    if outcome == Outcome.SENT:
        fields |= {"sent_at": at, "last_error": ""}
    if again:
        fields["next_attempt_at"] = again
    states = [*ON_THE_WAY, DeliveryState.UNCONFIRMED]
    with transaction.atomic():
        mine = type(row).objects.filter(pk=row.pk, attempts=row.attempts, state__in=states)
        if not mine.update(**fields):
            return None
        note(row, outcome, answer, at=at)
    row.refresh_from_db()
    return outcome


def note(
    row: Delivery | Notice,
    outcome: Outcome,
    answer: str,
    *,
    at: datetime,
    by: User | None = None,
) -> DeliveryAttempt:
    """Append a line to a message's record."""
    about = {"delivery": row} if isinstance(row, Delivery) else {"notice": row}
    return DeliveryAttempt.objects.create(
        **about, number=row.attempts, outcome=outcome, answer=answer[:400], by=by, at=at
    )


def _sweep(at: datetime) -> None:
    """Settle what a killed worker left: nobody else is sending, so nothing is still on its way."""
    for row in [*Notice.objects.on_the_way(), *Delivery.objects.on_the_way()]:
        if row.state == DeliveryState.SENDING:
            settle(row, Outcome.INTERRUPTED, "The worker was stopped.", at=at, again=at)
        else:
            words = "The worker was stopped while it handed the message over."
            settle(row, Outcome.UNCONFIRMED, words, at=at)


def _is_slow(row: Delivery | Notice) -> bool:
    return row.last_error.endswith("in time.")
