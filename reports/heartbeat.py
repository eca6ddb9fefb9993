"""Whether the scheduler and a worker live: each run of the schedule leaves the time it ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from reports.models import Delivery, Heartbeat, Notice

SCHEDULE = "schedule"
# The scheduler asks every 15 seconds; one run with many packs to render may take minutes.
SILENCE = timedelta(minutes=8)
# A message that waits longer than this is a fault somebody should know of.
LONGEST_WAIT = timedelta(minutes=10)


@dataclass(frozen=True)
class Pulse:
    """The last heartbeat, seen at a moment; ``beaten_at`` is None before the first."""

    beaten_at: datetime | None
    is_alive: bool


def beat(*, at: datetime) -> None:
    """Note that a worker has just done all that the schedule owed."""
    Heartbeat.objects.update_or_create(name=SCHEDULE, defaults={"beaten_at": at})


def pulse(*, at: datetime) -> Pulse:
    """Say whether scheduler and worker were alive within the last eight minutes; one query."""
    last = Heartbeat.objects.filter(name=SCHEDULE).values_list("beaten_at", flat=True).first()
    return Pulse(beaten_at=last, is_alive=last is not None and at - last <= SILENCE)


def is_mail_moving(*, at: datetime) -> bool:
    """Say whether no message that could go out has waited for more than ten minutes."""
    waiting = (Delivery.objects.ready(), Notice.objects.ready())
    return not any(rows.filter(queued_at__lt=at - LONGEST_WAIT).exists() for rows in waiting)
