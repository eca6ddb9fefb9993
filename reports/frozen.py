"""What frozen months counted, as their snapshots hold it: to compare today with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from governance.models import ChangeRequest, ChangeRequestState
from milestones.rating import WORST_FIRST, DeliveryRating
from reports.changes import changes_between
from reports.figures import ProgrammeFigures, Roll
from reports.models import Snapshot
from reports.snapshots.plan import milestone_content
from workstreams.dates import MONTHS
from workstreams.models import Programme

Counts = Mapping[str, int]


@dataclass(frozen=True)
class FrozenCounts:
    """How many milestones had each rating: in the whole programme, and by work stream's code."""

    programme: Counts
    workstreams: Mapping[str, Counts]


@dataclass(frozen=True)
class FrozenMonth:
    """The newest version of a month's snapshot, with what it counted."""

    snapshot: Snapshot
    counts: FrozenCounts


@dataclass(frozen=True)
class Movement:
    """How the counts of something moved since a frozen month."""

    since: str
    changes: Mapping[str, int]

    def words_for(self, rating: DeliveryRating | str) -> str:
        """Say it under a number: "4 more than in October"."""
        change = self.changes.get(rating, 0)
        if not change:
            return f"As many as in {self.since}"
        return f"{abs(change)} {'more' if change > 0 else 'fewer'} than in {self.since}"

    def sentence(self, programme: Programme) -> str:
        """Say it in one line: "Since October: at risk +2, complete +1"."""
        moved = [
            f"{programme.word_for(rating).lower()} {change:+d}".replace("-", "\N{MINUS SIGN}")
            for rating in WORST_FIRST
            if (change := self.changes.get(rating, 0))
        ]
        return f"Since {self.since}: {', '.join(moved) or 'no change'}"


def movement_since(frozen: FrozenMonth, roll: Roll, *, workstream: str = "") -> Movement:
    """Compare what a roll counts with what the frozen month counted of the same."""
    then = frozen.counts.workstreams.get(workstream, {}) if workstream else frozen.counts.programme
    now = {rating.value: count for rating, count in roll.counts.items()}
    changes = {code: now.get(code, 0) - then.get(code, 0) for code in {*now, *then}}
    return Movement(since=MONTHS[frozen.snapshot.month.month.month - 1], changes=changes)


def frozen_months(programme: Programme, *, until: date) -> list[FrozenMonth]:
    """Give the frozen months whose day is not after the one given, the latest first.

    Of each month its newest version. Contents never change, so each is read once per process.
    """
    snapshots = Snapshot.objects.filter(month__programme=programme, as_of_date__lte=until)
    newest: dict[date, Snapshot] = {}
    rows = snapshots.defer("content").select_related("month__programme")
    for snapshot in rows.order_by("-month__month", "-version"):
        newest.setdefault(snapshot.month.month, snapshot)
    return [FrozenMonth(each, _counts(each.pk, each.sha256)) for each in newest.values()]


def changes_since(snapshot: Snapshot, figures: ProgrammeFigures) -> list[dict[str, str]]:
    """Tell what changed from a snapshot to the figures, as the next pack would."""
    projects = [row for each in figures.workstreams for row in each.projects]
    content = {
        "workstreams": [{"projects": [{"milestones": _contents(row)} for row in projects]}],
        "programme_milestones": [milestone_content(line) for line in figures.without_project],
        "change_requests": {"decided": _approved(snapshot, until=figures.as_of)},
    }
    return changes_between(snapshot.data, content)


def _contents(roll: Roll) -> list[dict[str, Any]]:
    return [milestone_content(line) for line in roll.lines]


def _approved(snapshot: Snapshot, *, until: date) -> list[dict[str, str]]:
    requests = ChangeRequest.objects.filter(
        programme=snapshot.programme,
        state=ChangeRequestState.APPROVED,
        decisions__decided_date__gt=snapshot.as_of_date,
        decisions__decided_date__lte=until,
    )
    return [
        {"reference": getattr(request.subject, "reference", ""), "number": request.label}
        for request in requests.with_subject().distinct().order_by("number")
    ]


@lru_cache(maxsize=512)
def _counts(pk: int, sha256: str) -> FrozenCounts:
    data: dict[str, Any] = Snapshot.objects.get(pk=pk, sha256=sha256).data
    return FrozenCounts(
        programme=data["summary"]["counts"],
        workstreams={row["code"]: row["counts"] for row in data["workstreams"]},
    )
