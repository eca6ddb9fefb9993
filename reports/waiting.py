"""Which requests and reports wait for one person: to endorse, check, decide, ratify or finish."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.models import User
from governance.models import ChangeRequest, ChangeRequestState, ExceptionReport
from governance.queue import Queue, Waiting, decidable, decision_queue, leads
from governance.ratification import (
    chairs_actions,
    meeting_to_ratify_at,
    meetings_to_ratify_at,
    ratifiable,
)
from workstreams.models import Programme, Role

PMO = frozenset({Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER})
UNFINISHED = (ChangeRequestState.DRAFT, ChangeRequestState.RETURNED)


@dataclass(frozen=True)
class Asked:
    """One request or report, and what the person is asked to do with it."""

    item: ChangeRequest | ExceptionReport
    act: str
    asked: str
    # Where it is done.
    url: str
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
        asked += _to_ratify(programme, user, on=on)
    unfinished = ChangeRequest.objects.filter(
        programme=programme, raised_by=user, state__in=UNFINISHED
    )
    for request in unfinished.with_subject().order_by("number"):
        words = f"{request.get_state_display()}, not submitted"
        asked.append(Asked(request, "Finish", words, request.get_absolute_url()))
    return asked


def _to_endorse(queue: Queue, user: User, roles: frozenset[str]) -> list[Asked]:
    if Role.EXECUTIVE_LEAD not in roles:
        return []
    return [
        _asked(waiting, "Endorse") for waiting in queue.for_endorsement if leads(user, waiting.item)
    ]


def _to_ratify(programme: Programme, user: User, *, on: date) -> list[Asked]:
    decisions = ratifiable(chairs_actions(programme), user)
    meetings = meetings_to_ratify_at(decisions)
    asked = []
    for decision in decisions:
        meeting = meeting_to_ratify_at(decision, meetings, on=on)
        if meeting:
            url = f"{meeting.get_absolute_url()}#to-ratify"
        else:
            url = f"{reverse('governance:decision_queue', args=[programme.slug])}#ratify"
        words = f"{decision.get_outcome_display()} as chair’s action by {decision.decided_by}"
        days = (on - decision.decided_date).days
        asked.append(Asked(decision.subject, "Ratify", words, url, days))
    return asked


def _asked(waiting: Waiting, act: str) -> Asked:
    url = waiting.item.get_absolute_url()
    return Asked(waiting.item, act, waiting.asked, url, waiting.days, waiting.is_long)
