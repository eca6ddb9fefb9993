"""Which requests and reports wait for one person: to endorse, check, decide or finish."""

from dataclasses import dataclass
from datetime import date

from accounts.models import User
from governance.models import ChangeRequest, ChangeRequestState, ExceptionReport
from governance.queue import Queue, Waiting, decidable, decision_queue, leads
from workstreams.models import Programme, Role

PMO = frozenset({Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER})
UNFINISHED = (ChangeRequestState.DRAFT, ChangeRequestState.RETURNED)


@dataclass(frozen=True)
class Asked:
    """One request or report, and what the person is asked to do with it."""

    item: ChangeRequest | ExceptionReport
    act: str
    asked: str
    # Days that it has waited; None where it waits for nobody else's sake.
    days: int | None = None
    is_long: bool = False

    @property
    def about(self) -> str:
        """What it is about: the milestone or the indicator, in words."""
        return str(self.item.subject)


def waiting_for(
    user: User, programme: Programme, *, roles: frozenset[str], on: date
) -> list[Asked]:
    """Give what waits for a person on a day, by the acts that their roles allow."""
    queue = decision_queue(programme, on=on)
    asked = [*_to_endorse(queue, user, roles)]
    if roles & PMO:
        asked += [_asked(waiting, "Check") for waiting in queue.for_check]
    if Role.ELT_MEMBER in roles:
        own = decidable([waiting.item for waiting in queue.for_elt], user)
        asked += [_asked(each, "Decide") for each in queue.for_elt if each.item in own]
    unfinished = ChangeRequest.objects.filter(
        programme=programme, raised_by=user, state__in=UNFINISHED
    )
    for request in unfinished.with_subject().order_by("number"):
        asked.append(Asked(request, "Finish", f"{request.get_state_display()}, not submitted"))
    return asked


def _to_endorse(queue: Queue, user: User, roles: frozenset[str]) -> list[Asked]:
    if Role.EXECUTIVE_LEAD not in roles:
        return []
    return [
        _asked(waiting, "Endorse") for waiting in queue.for_endorsement if leads(user, waiting.item)
    ]


def _asked(waiting: Waiting, act: str) -> Asked:
    return Asked(waiting.item, act, waiting.asked, waiting.days, waiting.is_long)
