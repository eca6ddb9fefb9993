"""How far the making and the sending of a month's packs have come."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.models import Delivery, DeliveryState, Pack, Snapshot
from reports.packs import MOST_ATTEMPTS


@dataclass(frozen=True)
class Progress:
    """Counts of packs and messages; under way while a worker still has something to do."""

    packs: int
    made: int
    failed: int
    given_up: int
    messages: int
    sent: int
    waiting: int
    unsent: int

    @property
    def is_making(self) -> bool:
        return self.made + self.given_up < self.packs

    @property
    def is_under_way(self) -> bool:
        return self.is_making or bool(self.waiting)

    @property
    def is_told(self) -> bool:
        """Whether the month's page needs to say it: going on, or in need of somebody."""
        return self.is_under_way or bool(self.failed or self.unsent)

    @property
    def lines(self) -> list[str]:
        """The state in sentences."""
        said = [f"{self.made} of {self.packs} packs made."]
        if self.failed:
            said.append(f"{self.failed} could not be made so far: see the reason below.")
        if self.messages:
            said.append(f"{self.sent} of {self.messages} messages sent.")
        if self.unsent:
            said.append(f"{self.unsent} not sent: see the deliveries.")
        return said


def progress_of(snapshot: Snapshot, packs: Sequence[Pack]) -> Progress:
    """Give the progress of a snapshot's current packs and of all its messages."""
    states = list(Delivery.objects.filter(pack__snapshot=snapshot).values_list("state", flat=True))
    waiting = [DeliveryState.QUEUED, DeliveryState.SENDING]
    sent, going = states.count(DeliveryState.SENT), sum(state in waiting for state in states)
    missing = [pack for pack in packs if not pack.rendered_at]
    return Progress(
        packs=len(packs),
        made=len(packs) - len(missing),
        failed=sum(bool(pack.failure) for pack in missing),
        given_up=sum(bool(pack.failure) and pack.attempts >= MOST_ATTEMPTS for pack in missing),
        messages=len(states),
        sent=sent,
        waiting=going,
        unsent=len(states) - sent - going,
    )
