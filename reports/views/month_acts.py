"""What can be done with a month next, by whom, and what stands in the way, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from reports.models import Pack, Recipient
from reports.month_page import MonthPage
from reports.months import packs_digest
from workstreams.calendar import next_month
from workstreams.dates import long_day, long_month
from workstreams.models import MonthState, ReportingMonth


@dataclass(frozen=True)
class Act:
    """The next step of a month; `url` is empty for who may not take it, or when it is too early."""

    title: str
    says: str
    button: str
    url: str = ""
    obstacle: str = ""
    # What the person has to tick before an act that comes early.
    confirm: str = ""
    # The packs that the act is about, and one hash that names exactly those files.
    seen: str = ""
    packs: tuple[Pack, ...] = ()


def next_act(page: MonthPage, *, user: User) -> Act | None:
    """Give the step that comes next, or None for an issued month."""
    match page.month.state:
        case MonthState.FROZEN:
            return _sign_off(page, user)
        case MonthState.SIGNED_OFF:
            return _issue(page.month, page.packs, user)
        case MonthState.ISSUED:
            return None
    return _freeze(page, user)


def _freeze(page: MonthPage, user: User) -> Act:
    month, late = page.month, page.missing_count
    day = long_day(month.as_of(page.today))
    says = (
        f"Freezing keeps every figure as it stands on {day}. Later updates belong to "
        f"{long_month(next_month(month.month))}, and the packs of the groups inside the trust go "
        "out at once."
    )
    if late:
        waiting = "1 open milestone has" if late == 1 else f"{late} open milestones have"
        says += f" {waiting} no update for {month.name}: the packs say so."
    if page.snapshot:
        says += f" This makes version {page.snapshot.version + 1}; the earlier one stays."
    if not user.has_perm("reports.freeze_month", month):
        return Act(f"Freeze {month.name}", says, "", obstacle="The PMO freezes the month.")
    title, url = f"Freeze {month.name}", _url(month, "freeze")
    return Act(title, says, title, url, confirm=early_freeze(month))


def early_freeze(month: ReportingMonth) -> str:
    """Give what a person confirms who freezes a month before its cut-off; else nothing."""
    cut_off = month.dates.cut_off
    if month.programme.today() >= cut_off:
        return ""
    return f"Yes, freeze {month.name} before its cut-off, {long_day(cut_off)}"


def _sign_off(page: MonthPage, user: User) -> Act:
    month, packs = page.month, page.packs
    title = f"Sign off {month.name}"
    says = (
        "Read the packs first. You sign these files: they and their commentary do not change any "
        "more, and they can leave the trust."
    )
    if page.unaccepted:
        says += (
            f" {page.unaccepted} of {len(page.sections)} sections have no accepted commentary and "
            "are printed without."
        )
    unmade = sum(pack.rendered_at is None for pack in packs)
    if not user.has_perm("reports.sign_off_month", month):
        return Act(title, says, "", obstacle="A member of the ELT signs the month off.")
    if unmade:
        obstacle = f"{unmade} of {len(packs)} packs are still missing, so it cannot be signed off."
        return Act(title, says, "", obstacle=obstacle)
    return Act(
        title, says, title, _url(month, "sign_off"), seen=packs_digest(packs), packs=tuple(packs)
    )


def _issue(month: ReportingMonth, packs: Sequence[Pack], user: User) -> Act:
    title = f"Issue {month.name}"
    outside = [pack.audience for pack in packs if pack.audience.is_external]
    recipients = Recipient.objects.filter(audience__in=outside, is_active=True).count()
    messages = "1 message" if recipients == 1 else f"{recipients} messages"
    names = ", ".join(audience.name for audience in outside) or "no group"
    says = f"Issuing sends {messages}, each with its pack, to {names}. It cannot be taken back."
    if not user.has_perm("reports.issue_month", month):
        return Act(title, says, "", obstacle="The PMO issues the month’s packs.")
    return Act(title, says, title, _url(month, "issue"))


def _url(month: ReportingMonth, act: str) -> str:
    return reverse(f"reports:month_{act}", args=[month.programme.slug, month.month])
