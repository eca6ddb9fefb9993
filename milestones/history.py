"""Everything that happened to one milestone, as one timeline: an entry for each act."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from milestones.history_lines import FieldLine, lines_of, names_in, state_of, values
from milestones.models import (
    Assurance,
    AssuranceOutcome,
    FieldChange,
    Milestone,
    MilestoneStatus,
    MilestoneUpdate,
    PlanVersion,
    UpdateChannel,
)
from milestones.rating import DeliveryRating
from workstreams.dates import short_day

# So many entries stand open; older ones are folded away.
OPEN_ENTRIES = 20
PLAN_TEXT = {"title", "planned_date", "lead_director_id", "local_owner_id"}
MIDNIGHT = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class HistoryEntry:
    """One act: what it was, each field that it changed, who did it when and how."""

    title: str
    day: date
    who: str = ""
    channel: str = ""
    note: str = ""
    reason: str = ""
    lines: Sequence[str] = ()
    change_request_number: int | None = None
    # What is known by its day alone counts as the first of that day.
    at: datetime = field(default=MIDNIGHT, repr=False)


@dataclass(frozen=True)
class History:
    """The entries of a milestone, the newest first."""

    entries: Sequence[HistoryEntry]

    @property
    def newest(self) -> Sequence[HistoryEntry]:
        return self.entries[:OPEN_ENTRIES]

    @property
    def older(self) -> Sequence[HistoryEntry]:
        return self.entries[OPEN_ENTRIES:]


def history_of(milestone: Milestone, *, updates: Iterable[MilestoneUpdate]) -> History:
    """Put a milestone's updates, changes, plan versions, evidence and assurance together.

    Fields that one version changed are one entry, with the update that made it. A milestone of
    ``as_at`` has the history until its day. The same number of queries however long it is.
    """
    acts = _Acts(milestone, updates)
    entries = [*acts.entries(), *_evidence(milestone), *_sub_tasks(milestone)]
    day = milestone.as_at_day or date.max
    known = [entry for entry in entries if entry.day <= day]
    return History(sorted(known, key=lambda entry: (entry.day, entry.at), reverse=True))


class _Acts:
    """Gathers what was recorded of each version of a milestone."""

    def __init__(self, milestone: Milestone, updates: Iterable[MilestoneUpdate]) -> None:
        self.milestone = milestone
        changes = milestone.changes.select_related("made_by").order_by("version", "pk")
        if milestone.as_at_day:
            changes = changes.filter(made_date__lte=milestone.as_at_day)
        self.changes: dict[int, list[FieldChange]] = defaultdict(list)
        for change in changes:
            self.changes[change.version].append(change)
        self.names = names_in(changes)
        self.updates = list(updates)
        self.plan_versions = list(milestone.plan_versions.select_related("made_by"))
        self.assurances = list(milestone.assurances.select_related("given_by"))

    def entries(self) -> list[HistoryEntry]:
        by_version = {update.version: update for update in self.updates if update.version}
        state = state_of(self.milestone)
        found = []
        for version, changes in sorted(self.changes.items(), reverse=True):
            after = {**state, **values(changes, "new_value")}
            state = {**after, **values(changes, "old_value")}
            changed = {change.field for change in changes}
            lines = lines_of(changed, before=state, after=after, names=self.names)
            update = by_version.pop(version, None)
            found.append(self._entry(changes, changed, lines, update))
        left = [*by_version.values(), *(each for each in self.updates if not each.version)]
        found += [self._unchanged(update) for update in left]
        found += [_version_entry(version) for version in self.plan_versions]
        found += [_assurance_entry(assurance) for assurance in self.assurances]
        return [entry for entry in found if entry is not None]

    def _entry(
        self,
        changes: Sequence[FieldChange],
        changed: set[str],
        lines: Sequence[FieldLine],
        update: MilestoneUpdate | None,
    ) -> HistoryEntry | None:
        if not lines:
            return None  # its place in the list, and nothing that a reader asks for
        first = changes[0]
        act = HistoryEntry(
            title=_title(changes, changed),
            day=first.made_date,
            at=first.made_at,
            who=str(first.made_by or ""),
            channel=first.get_channel_display(),
            reason=first.reason,
            lines=[line.text for line in lines],
            change_request_number=first.change_request_number,
        )
        if update:
            return self._with_update(act, update, reopened="reopened_count" in changed)
        version = self._plan_version_of(first, changed)
        if version:
            # The title of the first gives its date; a move's lines say from where.
            told = act.lines if version.change_request_number else ()
            title = _version_title(version)
            if "reference" in changed:
                title = f"Added to the plan: {title[:1].lower()}{title[1:]}"
            return replace(act, title=title, lines=told)
        returned = self._returned_by(first)
        if returned:
            return replace(act, title="Completion returned", note=returned.comment, reason="")
        return act

    def _with_update(
        self, act: HistoryEntry, update: MilestoneUpdate, *, reopened: bool = False
    ) -> HistoryEntry:
        lines = list(act.lines)
        if update.owner_view:
            word = self.milestone.programme.word_for(DeliveryRating(update.owner_view))
            lines.append(f"Owner’s view: {word}")
        return replace(
            act,
            title=f"Update for {update.month.name}{', opened again' if reopened else ''}",
            note=update.narrative,
            reason=update.reason or act.reason,
            lines=lines,
        )

    def _unchanged(self, update: MilestoneUpdate) -> HistoryEntry:
        """An update that found everything as it was: "still on track"."""
        act = HistoryEntry(
            title="",
            day=update.made_date,
            at=update.made_at,
            who=str(update.made_by),
            channel=update.get_channel_display(),
            lines=[_position_text(update)],
        )
        return self._with_update(act, update)

    def _plan_version_of(self, change: FieldChange, changed: set[str]) -> PlanVersion | None:
        """Take the plan version that this act wrote, so that it is told once."""
        number = change.change_request_number
        if "baseline_date" in changed:
            number = None  # of a milestone that a request added, too: its first names none
        elif number is None:
            return None
        found = [row for row in self.plan_versions if row.change_request_number == number]
        if not found or not changed & {"baseline_date", "planned_date"}:
            return None
        self.plan_versions.remove(found[0])
        return found[0]

    def _returned_by(self, change: FieldChange) -> Assurance | None:
        """Take the assurance that reopened it: returning it is one act."""
        for assurance in self.assurances:
            is_return = assurance.outcome == AssuranceOutcome.RETURNED
            said = f"Returned: {assurance.comment}"
            if is_return and change.reason and said.startswith(change.reason):
                self.assurances.remove(assurance)
                return assurance
        return None


def _title(changes: Sequence[FieldChange], changed: set[str]) -> str:
    if any(each.new_value == MilestoneStatus.WITHDRAWN for each in changes):
        return "Withdrawn"
    if changes[0].channel == UpdateChannel.IMPORT:
        return "Imported" if changes[0].made_by else "Plan file loaded"
    if "reopened_count" in changed:
        return "Opened again"
    return "Plan edited" if changed & PLAN_TEXT else "Changed"


def _version_title(version: PlanVersion) -> str:
    what = "Baseline set to" if version.number == 1 else "Planned date moved to"
    return f"{what} {version.planned_text}, plan version {version.number}"


def _version_entry(version: PlanVersion) -> HistoryEntry:
    return HistoryEntry(
        title=_version_title(version),
        day=version.made_date,
        at=version.made_at,
        who=str(version.made_by),
        change_request_number=version.change_request_number,
    )


def _assurance_entry(assurance: Assurance) -> HistoryEntry:
    returned = assurance.outcome == AssuranceOutcome.RETURNED
    return HistoryEntry(
        title="Completion returned" if returned else "Completion assured by a second person",
        day=assurance.given_date,
        at=assurance.given_at,
        who=str(assurance.given_by),
        note=assurance.comment,
    )


def _position_text(update: MilestoneUpdate) -> str:
    parts: list[Any] = [update.get_status_display()]
    if update.completed_date:
        parts.append(f"completed {short_day(update.completed_date)}")
    elif update.forecast_date:
        parts.append(f"forecast {short_day(update.forecast_date)}")
    return ", ".join(parts)


def _evidence(milestone: Milestone) -> Iterable[HistoryEntry]:
    for piece in milestone.evidence.select_related("added_by", "removed_by"):
        yield HistoryEntry(
            title=f"Evidence added: {piece.title}",
            day=piece.added_date,
            at=piece.added_at,
            who=str(piece.added_by),
        )
        if piece.removed_date:
            yield HistoryEntry(
                title=f"Evidence removed: {piece.title}",
                day=piece.removed_date,
                # Its hour is not kept, but it was there first.
                at=piece.added_at + timedelta(microseconds=1),
                who=str(piece.removed_by),
            )


def _sub_tasks(milestone: Milestone) -> Iterable[HistoryEntry]:
    """Those done, on the day that they were."""
    for task in milestone.sub_tasks.filter(done_date__isnull=False).order_by("position", "pk"):
        if task.done_date:
            yield HistoryEntry(title=f"Sub-task done: {task.title}", day=task.done_date)
