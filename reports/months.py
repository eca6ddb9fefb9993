"""The acts of a reporting month: freeze, sign off, issue, open again."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from reports.models import Delivery, DeliveryState, Pack, Recipient, Snapshot
from reports.outgoing import message_id
from reports.snapshots import build_content, canonical, sha256_of
from workstreams.models import MonthState, ReportingMonth

FREEZE_ATTEMPTS = 3


class WrongState(Exception):
    """The month is not where this act is possible; the message is a sentence for the user."""


def freeze_month(*, month_id: int, by: User | None, as_of: date | None = None) -> Snapshot:
    """Freeze a month: one consistent read of everything its packs show, kept as a snapshot.

    From then on updates belong to the next month. Nobody (None) is the schedule. `as_of` is the
    day whose position is reported, by default today but never past the month's cut-off. A month
    that is frozen already gives its snapshot; one that was opened again waits for a person.
    Raises PermissionDenied.
    """
    for attempts_left in reversed(range(FREEZE_ATTEMPTS)):
        try:
            with transaction.atomic():
                read_consistently()
                return _freeze(month_id, by, as_of)
        except OperationalError:
            # Somebody else froze or changed it at the same moment: look again.
            if not attempts_left or connection.in_atomic_block:
                raise
    raise AssertionError("unreachable")


def read_consistently() -> None:
    """Let the transaction that begins here see one moment of the data in all its reads.

    Only possible before a transaction's first query, so not inside a larger one.
    """
    if connection.vendor == "postgresql" and len(connection.atomic_blocks) == 1:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _freeze(month_id: int, by: User | None, as_of: date | None) -> Snapshot:
    month = _locked(month_id)
    programme = month.programme
    if by and not by.has_perm("reports.freeze_month", month):
        raise PermissionDenied("Only the PMO freezes a month.")
    standing = month.snapshots.order_by("-version").first()
    waits_for_a_person = by is None and standing and standing.reopened_at
    if standing and (not month.takes_updates or waits_for_a_person):
        return standing
    version = standing.version + 1 if standing else 1
    day = as_of or month.as_of(programme.today())
    content = canonical(
        build_content(month, as_of=day, version=version, previous=content_before(month))
    )
    snapshot = Snapshot.objects.create(
        month=month,
        version=version,
        as_of_date=day,
        content=content,
        sha256=sha256_of(content),
        frozen_by=by,
        frozen_at=timezone.now(),
    )
    packs = [Pack(snapshot=snapshot, audience=audience) for audience in programme.audiences.all()]
    Pack.objects.bulk_create(packs)
    changes = _to_state(month, MonthState.FROZEN)
    audit.record(
        actor=by,
        action="month.frozen",
        target=month,
        changes=changes,
        details={"snapshot": snapshot.number, "sha256": snapshot.sha256},
    )
    # What stays inside the trust goes to its readers at once; the rest waits for the sign-off.
    _queue_deliveries(snapshot, external=False)
    return snapshot


@transaction.atomic
def sign_off_month(*, month_id: int, by: User, seen: str = "") -> Snapshot:
    """Sign off a frozen month's snapshot and its packs as an ELT member; then nothing changes.

    `seen` is the ``packs_digest`` of the packs that the person was shown. Raises PermissionDenied,
    and WrongState while a pack is missing or when one was made again since.
    """
    month = _locked(month_id)
    if not by.has_perm("reports.sign_off_month", month):
        raise PermissionDenied("Only a member of the Executive Leadership Team signs off.")
    if month.state != MonthState.FROZEN:
        raise WrongState(f"{month.name} is {month.get_state_display().lower()}.")
    snapshot = _newest_snapshot(month)
    packs = list(snapshot.packs.current().select_related("audience").order_by("audience_id"))
    if not all(pack.rendered_at for pack in packs):
        raise WrongState("Its packs are still being made. Read them first, then sign off.")
    if seen and seen != packs_digest(packs):
        raise WrongState(
            "Its packs were made again after you opened the page. Read them, then sign off."
        )
    snapshot.signed_off_by, snapshot.signed_off_at = by, timezone.now()
    snapshot.save(update_fields=["signed_off_by", "signed_off_at"])
    changes = _to_state(month, MonthState.SIGNED_OFF)
    audit.record(
        actor=by,
        action="month.signed_off",
        target=month,
        changes=changes,
        details={
            "snapshot": snapshot.number,
            "sha256": snapshot.sha256,
            "packs": {pack.audience.code: pack.sha256 for pack in packs},
        },
    )
    return snapshot


def packs_digest(packs: Iterable[Pack]) -> str:
    """Give one hash for the packs that somebody signs off, whatever their order."""
    return sha256_of("".join(sorted(pack.sha256 for pack in packs)))


@transaction.atomic
def issue_month(*, month_id: int, by: User | None) -> list[Delivery]:
    """Issue a signed-off month: one delivery of each outside audience's pack to each recipient.

    Nobody (None) is the schedule, on the issue day. Raises PermissionDenied and WrongState.
    """
    month = _locked(month_id)
    if by and not by.has_perm("reports.issue_month", month):
        raise PermissionDenied("Only the PMO issues a month's packs.")
    if month.state != MonthState.SIGNED_OFF:
        raise WrongState(
            f"{month.name} is {month.get_state_display().lower()}; "
            "only a signed-off month is issued."
        )
    snapshot = _newest_snapshot(month)
    snapshot.issued_by, snapshot.issued_at = by, timezone.now()
    snapshot.save(update_fields=["issued_by", "issued_at"])
    changes = _to_state(month, MonthState.ISSUED)
    deliveries = _queue_deliveries(snapshot, external=True)
    audit.record(
        actor=by,
        action="month.issued",
        target=month,
        changes=changes,
        details={"snapshot": snapshot.number, "messages": len(deliveries)},
    )
    return deliveries


@transaction.atomic
def reopen_month(*, month_id: int, by: User, reason: str) -> Snapshot:
    """Open a frozen month again; give its snapshot, which the next freeze will supersede.

    That snapshot and its packs stay as they are; what of them has not been sent is not sent any
    more. Raises PermissionDenied, WrongState, and ValidationError without a reason.
    """
    month = _locked(month_id)
    if not by.has_perm("reports.reopen_month", month):
        raise PermissionDenied("Only the PMO opens a month again.")
    if not reason.strip():
        raise ValidationError({"reason": "Enter the reason"})
    why_not = why_not_reopen(month)
    if why_not:
        raise WrongState(why_not)
    snapshot = _newest_snapshot(month)
    snapshot.reopened_by, snapshot.reopened_at = by, timezone.now()
    snapshot.reopen_reason = reason.strip()
    snapshot.save(update_fields=["reopened_by", "reopened_at", "reopen_reason"])
    waiting = Delivery.objects.filter(pack__snapshot=snapshot, state=DeliveryState.QUEUED)
    waiting.update(state=DeliveryState.FAILED, last_error="Not sent: the month was opened again.")
    changes = _to_state(month, MonthState.COLLECTING)
    audit.record(
        actor=by,
        action="month.reopened",
        target=month,
        changes=changes,
        details={"snapshot": snapshot.number, "reason": snapshot.reopen_reason},
    )
    return snapshot


def why_not_reopen(month: ReportingMonth) -> str:
    """Give what stands in the way of opening a month again, in a sentence, or nothing."""
    if month.takes_updates:
        return f"{month.name} is {month.get_state_display().lower()} already."
    later = Snapshot.objects.filter(
        month__programme=month.programme, month__month__gt=month.month
    ).select_related("month")
    newest = later.order_by("-month__month").first()
    if newest:
        return (
            f"{newest.month.name} is frozen already and is compared with {month.name}. Report the "
            "correction in the month that is open now."
        )
    return ""


def _locked(month_id: int) -> ReportingMonth:
    months = ReportingMonth.objects.select_for_update(of=("self",)).select_related("programme")
    return months.get(pk=month_id)


def _to_state(month: ReportingMonth, state: MonthState) -> dict[str, audit.Change]:
    """Store a month's new state; give the change for the journal."""
    was, month.state = month.state, state
    month.save(update_fields=["state"])
    return {"state": (was, state)}


def _newest_snapshot(month: ReportingMonth) -> Snapshot:
    return month.snapshots.order_by("-version")[0]


def content_before(month: ReportingMonth) -> dict[str, object] | None:
    """Give the content that a month's changes are told against: the newest of an earlier month."""
    earlier = Snapshot.objects.filter(
        month__programme=month.programme, month__month__lt=month.month
    )
    snapshot = earlier.order_by("-month__month", "-version").first()
    return snapshot.data if snapshot else None


def _queue_deliveries(snapshot: Snapshot, *, external: bool) -> list[Delivery]:
    deliveries = []
    recipients = Recipient.objects.filter(is_active=True).order_by("pk")
    for pack in (
        snapshot.packs.current().filter(audience__is_external=external).select_related("audience")
    ):
        for recipient in recipients.filter(audience=pack.audience):
            delivery, _ = Delivery.objects.get_or_create(
                pack=pack,
                recipient=recipient,
                defaults={
                    "email": recipient.email,
                    "message_id": _message_id(snapshot, pack, recipient),
                },
            )
            deliveries.append(delivery)
    return deliveries


def _message_id(snapshot: Snapshot, pack: Pack, recipient: Recipient) -> str:
    return message_id(snapshot.programme, f"{snapshot.number}/{pack.audience.code}/{recipient.pk}")
