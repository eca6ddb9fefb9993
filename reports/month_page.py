"""What the page of a month shows, put together from the parts that know it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Prefetch

from accounts.models import User
from governance.queue import decision_queue
from reports.commentary import Section, sections_of
from reports.figures import MilestoneLine, milestone_lines, programme_figures
from reports.models import Notice, Pack, Recipient, Snapshot
from reports.progress import Progress, progress_of
from reports.quality import Check, checks_of
from reports.stages import Facts, Stage, stages_of
from workstreams.models import ReportingMonth
from workstreams.months import month_to_update


@dataclass(frozen=True)
class OwnerRow:
    """How many of a local owner's open milestones have their update for the month."""

    owner: User | None
    done: int
    of: int
    # The day of the newest message about what is due.
    written: date | None = None

    @property
    def left(self) -> int:
        return self.of - self.done


@dataclass(frozen=True)
class MonthPage:
    """A month with everything that its page tells."""

    month: ReportingMonth
    today: date
    snapshot: Snapshot | None
    earlier: Sequence[Snapshot]
    packs: list[Pack]
    progress: Progress | None
    sections: list[Section]
    owners: list[OwnerRow]
    checks: list[Check]
    stages: list[Stage]
    # Whether updates made today are for this month, so that the register lists what is missing.
    is_updated_now: bool

    @property
    def missing(self) -> list[OwnerRow]:
        return [row for row in self.owners if row.left]

    @property
    def updated_owners(self) -> list[OwnerRow]:
        return [row for row in self.owners if not row.left]

    @property
    def missing_count(self) -> int:
        return sum(row.left for row in self.owners)

    @property
    def found_checks(self) -> list[Check]:
        """The questions about the data that found something."""
        return [check for check in self.checks if check.count]

    @property
    def as_of(self) -> date:
        """The day that the figures of the page, and of the snapshot made from it, are of."""
        return self.month.as_of(self.today)

    @property
    def is_of_today(self) -> bool:
        return self.as_of == self.today

    @property
    def unaccepted(self) -> int:
        return sum(section.accepted is None for section in self.sections)


def month_page(month: ReportingMonth, *, today: date) -> MonthPage:
    """Read a month's page: the same number of queries for one milestone and for many."""
    snapshots = _snapshots(month)
    snapshot = snapshots[0] if snapshots else None
    packs = packs_of(snapshot)
    sections = sections_of(month)
    owners, checks = _data(month, today) if month.takes_updates else ([], [])
    facts = Facts(
        updated=sum(row.done for row in owners),
        to_update=sum(row.of for row in owners),
        accepted=sum(section.accepted is not None for section in sections),
        sections=len(sections),
        awaiting_elt=len(decision_queue(month.programme, on=today).for_elt),
        recipients=Recipient.objects.filter(
            audience__programme=month.programme, is_active=True
        ).count(),
    )
    return MonthPage(
        month=month,
        today=today,
        snapshot=snapshot,
        earlier=snapshots[1:],
        packs=packs,
        progress=progress_of(snapshot, packs) if snapshot and not month.takes_updates else None,
        sections=sections,
        owners=owners,
        checks=checks,
        stages=stages_of(month, today=today, snapshot=snapshot, facts=facts),
        is_updated_now=month.takes_updates
        and month_to_update(month.programme, today=today).pk == month.pk,
    )


def _snapshots(month: ReportingMonth) -> list[Snapshot]:
    """Give the month's snapshots, the newest first, each with the packs that were made of it."""
    made = Pack.objects.current().filter(rendered_at__isnull=False).select_related("audience")
    return list(
        month.snapshots.select_related(
            "month__programme", "frozen_by", "signed_off_by", "issued_by", "reopened_by"
        )
        .prefetch_related(
            Prefetch(
                "packs",
                queryset=made.order_by("audience__position", "pk"),
                to_attr="made_packs",
            )
        )
        .defer("content")
        .order_by("-version")
    )


def packs_of(snapshot: Snapshot | None) -> list[Pack]:
    """Give the current packs of a snapshot, in the order of their audiences."""
    if snapshot is None:
        return []
    packs = snapshot.packs.current().select_related("snapshot__month__programme", "audience")
    return list(packs.defer("snapshot__content").order_by("audience__position", "pk"))


def owners_of(month: ReportingMonth, *, today: date) -> list[OwnerRow]:
    """Give the owners of open milestones, with how many have their update for the month."""
    day = month.as_of(today)
    return _owners(month, milestone_lines(month.programme, as_of=day, month=month.month))


def _data(month: ReportingMonth, today: date) -> tuple[list[OwnerRow], list[Check]]:
    figures = programme_figures(month.programme, as_of=month.as_of(today), month=month.month)
    return _owners(month, figures.lines), checks_of(figures)


def _owners(month: ReportingMonth, lines: Iterable[MilestoneLine]) -> list[OwnerRow]:
    """Give the owners in plan order, nobody as None."""
    owned: dict[User | None, list[MilestoneLine]] = {}
    for line in lines:
        if line.milestone.is_open:
            owned.setdefault(line.milestone.local_owner, []).append(line)
    notices = Notice.objects.filter(programme=month.programme, user__in=[*filter(None, owned)])
    written = dict(notices.values_list("user").annotate(Max("day")))
    return [
        OwnerRow(
            owner,
            sum(line.is_updated for line in own),
            len(own),
            written.get(owner.pk) if owner else None,
        )
        for owner, own in owned.items()
    ]
