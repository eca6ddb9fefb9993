"""Messages to members about what is due from them: at most one per person and day."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import User
from reports.due_work import Item, Section, due_work, measurements, roles_by_person, updates
from reports.models import DeliveryState, Notice
from reports.months import WrongState
from reports.outgoing import message_id
from reports.schedule import Window
from workstreams.dates import long_day
from workstreams.models import Programme, ReportingMonth
from workstreams.models.programme import LIVE_ROLES

MOST_LINES = 40
# Words for a subject, one and many; equal ones are not counted.
NOUNS = {
    Section.UPDATES: ("milestone update", "milestone updates"),
    Section.MEASUREMENTS: ("measurement", "measurements"),
    Section.REPORTS: ("exception report", "exception reports"),
    Section.ESCALATED: ("escalated exception", "escalated exceptions"),
    Section.ACTIONS: ("overdue action", "overdue actions"),
    Section.RISKS: ("overdue risk review", "overdue risk reviews"),
    Section.DECISIONS: ("the monthly report to the ELT", "the monthly report to the ELT"),
    Section.DELIVERIES: ("messages that did not arrive", "messages that did not arrive"),
}


def write_digests(
    programme: Programme, window: Window, *, since_at: datetime | None, at: datetime
) -> list[Notice]:
    """Queue a digest for everybody from whom something is due, in the caller's transaction.

    Nothing for whom nothing is told on this day, and no second message for whom one was written
    today already.
    """
    roles = roles_by_person(programme)
    people = User.objects.filter(pk__in=roles).in_bulk()
    items: dict[int, list[Item]] = {}
    for item in due_work(programme, window, roles=roles, since_at=since_at):
        if not LIVE_ROLES.isdisjoint(roles.get(item.user_id, ())):
            items.setdefault(item.user_id, []).append(item)
    written = []
    for user_id, own in sorted(items.items()):
        if any(item.is_told for item in own):
            notice, is_new = _write(programme, people[user_id], own, day=window.day, at=at)
            written += [notice] * is_new
    return written


@transaction.atomic
def chase(month: ReportingMonth, owner: User, by: User) -> Notice:
    """Remind one owner of the updates and measurements that a month still lacks.

    Raises PermissionDenied, and WrongState when the month takes no updates, when nothing is due
    from the owner, or when they were written to today already.
    """
    # Locked, so that it is not frozen meanwhile.
    months = ReportingMonth.objects.select_for_update(of=("self",)).select_related("programme")
    month = months.get(pk=month.pk)
    programme = month.programme
    if not by.has_perm("reports.chase", month):
        raise PermissionDenied("Only the PMO chases for updates.")
    if not month.takes_updates:
        raise WrongState(f"{month.name} is {month.get_state_display().lower()}.")
    day, at = programme.today(), timezone.now()
    roles = roles_by_person(programme)
    asked = [
        *updates(programme, month, roles, is_told=True),
        *measurements(programme, day, roles, is_told=True),
    ]
    own = [item for item in asked if item.user_id == owner.pk]
    if not own:
        raise WrongState(f"Nothing is due from {owner} for {month.name}.")
    notice, is_new = _write(programme, owner, own, day=day, at=at, by=by)
    if not is_new:
        raise WrongState(_already_written(notice, owner))
    audit.record(actor=by, action="owner.chased", target=month, details={"owner": owner.pk})
    return notice


def _already_written(notice: Notice, owner: User) -> str:
    how = {
        DeliveryState.SENT: "was sent a message",
        DeliveryState.FAILED: "could not be sent the message",
    }.get(DeliveryState(notice.state), "is being sent a message")
    day = long_day(notice.day)
    return f"{owner} {how} of {day}. There is at most one a day: the next can go tomorrow."


def _write(
    programme: Programme,
    user: User,
    items: list[Item],
    *,
    day: date,
    at: datetime,
    by: User | None = None,
) -> tuple[Notice, bool]:
    return Notice.objects.get_or_create(
        programme=programme,
        user=user,
        day=day,
        defaults={
            "email": user.email,
            "message_id": message_id(programme, f"notice/{programme.pk}/{user.pk}/{day}"),
            "subject": f"{programme.name}: {_summary(items)}"[:200],
            "content": _content(programme, items, day),
            "caused_by": by,
            "queued_at": at,
        },
    )


def _content(programme: Programme, items: list[Item], day: date) -> dict[str, Any]:
    sections = []
    for section in Section:
        lines = [item for item in items if item.section == section]
        if lines:
            shown = [{"text": line.text, "path": line.path} for line in lines[:MOST_LINES]]
            more = len(lines) - len(shown)
            sections.append({"title": section.value, "lines": shown, "more": more})
    return {
        "lead": f"On {long_day(day)}: {_summary(items)}.",
        "path": reverse("reports:my_work", args=[programme.slug]),
        "sections": sections,
    }


def _summary(items: Iterable[Item]) -> str:
    """Say how much of what there is: "12 milestone updates, 1 overdue action"."""
    sections = [item.section for item in items]
    words = []
    for section, (one, many) in NOUNS.items():
        number = sections.count(section)
        if number and one == many:
            words.append(one)
        elif number:
            words.append(f"{number} {one if number == 1 else many}")
    return ", ".join(words)
