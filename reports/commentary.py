"""What people say of a month in its packs: written per section, accepted by a person."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from reports.models import Commentary, Delivery, DeliveryState, Pack, Snapshot
from workstreams.models import MonthState, Programme, ReportingMonth, Workstream

SUMMARY = Commentary.SUMMARY
FIXED = (MonthState.SIGNED_OFF, MonthState.ISSUED)


class CommentaryFixed(Exception):
    """The month is signed off, so nothing in its packs changes; a sentence for the user."""


class StaleCommentary(Exception):
    """Somebody saved the section after the form was opened; both texts must be shown."""


@dataclass(frozen=True)
class Section:
    """A part of a month's packs that has commentary, with the newest texts written for it."""

    month: ReportingMonth
    code: str
    title: str
    workstream: Workstream | None
    newest: Commentary | None = None
    accepted: Commentary | None = None

    @property
    def programme(self) -> Programme:
        return self.month.programme

    @property
    def version(self) -> int:
        return self.newest.version if self.newest else 0

    @property
    def has_newer_draft(self) -> bool:
        return bool(self.newest and self.accepted and self.newest != self.accepted)


def snapshot_version(month: ReportingMonth) -> int:
    """Give the version that commentary written now belongs to: the snapshot's, or the coming."""
    newest = month.snapshots.order_by("-version").values_list("version", flat=True).first() or 0
    return newest + 1 if month.takes_updates else newest


def sections_of(month: ReportingMonth) -> list[Section]:
    """Give the sections of a month, the executive summary first, with what was written."""
    rows: dict[str, list[Commentary]] = {}
    written = month.commentary.filter(snapshot_version=snapshot_version(month))
    for row in written.select_related("written_by").order_by("version"):
        rows.setdefault(row.section, []).append(row)
    workstreams = month.programme.workstreams.select_related("programme").in_order()
    named: list[tuple[str, str, Workstream | None]] = [(SUMMARY, "Executive summary", None)]
    named += [(row.code, f"{row.code} {row.name}", row) for row in workstreams]
    return [
        Section(
            month=month,
            code=code,
            title=title,
            workstream=workstream,
            newest=rows[code][-1] if code in rows else None,
            accepted=next((row for row in reversed(rows.get(code, [])) if row.is_accepted), None),
        )
        for code, title, workstream in named
    ]


def section_of(month: ReportingMonth, code: str) -> Section | None:
    """Give a section of a month's commentary by its code; None for an unknown one."""
    return next((section for section in sections_of(month) if section.code == code), None)


def may_write(user: User, section: Section) -> bool:
    """Say whether a person may write or accept this section."""
    # The rule asks any object for its programme and its work stream, rows or not.
    return user.has_perm("reports.write_commentary", section)  # type: ignore[arg-type]


def earlier_text(section: Section) -> str:
    """Give what was accepted for the same month before it was opened again, if anything."""
    rows = section.month.commentary.filter(section=section.code, is_accepted=True)
    earlier = rows.order_by("-snapshot_version", "-version").first()
    return earlier.text if earlier else ""


@transaction.atomic
def save_commentary(
    *, month_id: int, section: str, by: User, seen_version: int, text: str, accept: bool
) -> Commentary:
    """Save the words of a section; accepted, they are what the packs print.

    Packs that were rendered already are made again. Raises PermissionDenied, CommentaryFixed once
    the month is signed off, and StaleCommentary when somebody saved it meanwhile.
    """
    months = ReportingMonth.objects.select_for_update(of=("self",)).select_related("programme")
    month = months.get(pk=month_id)
    found = section_of(month, section)
    if found is None or not may_write(by, found):
        raise PermissionDenied(
            "Only the PMO writes commentary, and an executive lead that of the own work stream."
        )
    if month.state in FIXED:
        raise CommentaryFixed(
            f"{month.name} is {month.get_state_display().lower()}, so its commentary stays as it "
            "is. The PMO can open the month again."
        )
    if found.version != seen_version:
        raise StaleCommentary(f"The commentary on {found.title} was saved by somebody else.")
    row = Commentary.objects.create(
        month=month,
        snapshot_version=snapshot_version(month),
        section=section,
        version=seen_version + 1,
        text=text.strip(),
        is_accepted=accept,
        written_by=by,
        written_at=timezone.now(),
    )
    before = found.accepted.text if found.accepted else ""
    if accept and row.text != before:
        _make_packs_again(month)
    audit.record(
        actor=by,
        action="commentary.accepted" if accept else "commentary.drafted",
        target=month,
        details={
            "section": section,
            "snapshot_version": row.snapshot_version,
            "version": row.version,
            "text": row.text,
        },
    )
    return row


def printed_commentary(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Give the accepted words that a snapshot's packs print, by section; empty ones are left out.

    With each stands who accepted it.
    """
    return accepted_commentary(snapshot.month, snapshot.version)


def accepted_commentary(month: ReportingMonth, version: int) -> dict[str, dict[str, str]]:
    """Give the accepted words for a version of a month's snapshot, which may be still to come."""
    rows = month.commentary.filter(snapshot_version=version, is_accepted=True)
    newest = {row.section: row for row in rows.select_related("written_by").order_by("version")}
    return {
        section: {"text": row.text, "by": str(row.written_by), "role": row.written_by.job_title}
        for section, row in newest.items()
        if row.text
    }


def _make_packs_again(month: ReportingMonth) -> None:
    """Let the packs of a frozen month be rendered with the new words: each a new edition.

    One that is not rendered yet takes them as it is. What has not been sent goes out as the new
    edition; what has been sent stays on the record as it was.
    """
    snapshot = month.snapshots.order_by("-version").first()
    if snapshot is None or month.takes_updates:
        return
    packs = snapshot.packs.current()
    packs.filter(rendered_at__isnull=True).update(attempts=0, failure="")
    for pack in packs.filter(rendered_at__isnull=False).select_for_update(of=("self",)):
        pack.superseded_at = timezone.now()
        pack.save(update_fields=["superseded_at"])
        edition = Pack.objects.create(
            snapshot=snapshot, audience_id=pack.audience_id, edition=pack.edition + 1
        )
        waiting = Delivery.objects.filter(pack=pack, state=DeliveryState.QUEUED, attempts=0)
        waiting.update(pack=edition)
