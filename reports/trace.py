"""One thing followed both ways, from an update to the packs that show what came of it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from governance.models import ChangeRequest, Decision, ExceptionReport, RemedialAction
from metrics.models import Indicator, Measurement
from milestones.models import Milestone, MilestoneUpdate, PlanVersion
from reports.models import Pack, Snapshot
from reports.rendering import PackKind
from reports.trace_nodes import (
    STARTS,
    TraceKind,
    TraceNode,
    action_nodes,
    decision_nodes,
    exception_nodes,
    measurement_nodes,
    rating_word,
    request_nodes,
    snapshot_node,
    update_nodes,
    version_nodes,
)
from workstreams.models import Programme

NUMBER = re.compile(r"[0-9]{1,9}")
SNAPSHOT_KEY = re.compile(r"([0-9]{4}-[0-9]{2})-v([0-9]{1,4})")
PACK_KEY = re.compile(rf"({SNAPSHOT_KEY.pattern})-([-a-zA-Z0-9_]{{1,20}})")


@dataclass(frozen=True)
class Start:
    """What a trace starts from, and the milestones, indicators and requests whose story it is."""

    kind: TraceKind
    key: str
    title: str
    url: str
    milestones: Sequence[Milestone] = ()
    indicators: Sequence[Indicator] = ()
    requests: Sequence[ChangeRequest] = ()
    snapshot: Snapshot | None = None
    pack: Pack | None = None

    def is_at(self, node: TraceNode) -> bool:
        """Whether a node is the thing itself; the snapshot stands for a pack made from it."""
        if self.snapshot:
            is_own = node.key == self.snapshot.key
            return node.kind == TraceKind.SNAPSHOT and is_own
        return (node.kind, node.key) == (self.kind, self.key)


@dataclass(frozen=True)
class Trace:
    start: Start
    nodes: Sequence[TraceNode]

    @property
    def steps(self) -> list[tuple[str, int]]:
        """How many of each kind the chain has, in the order of the chain, zeroes left out."""
        seen = {(node.kind, node.key or place) for place, node in enumerate(self.nodes)}
        counts = Counter(kind for kind, _ in seen)
        counts[TraceKind.PACK] = sum(
            len(node.leads_to) for node in self.nodes if node.kind == TraceKind.SNAPSHOT
        )
        return [(kind.label, counts[kind]) for kind in TraceKind if counts[kind]]


def find_start(programme: Programme, kind: str, key: str) -> Start | None:
    """Give the thing of a programme that an address names, or None."""
    if kind not in STARTS or not key.isprintable():
        return None
    match TraceKind(kind):
        case TraceKind.MILESTONE:
            return _subject(kind, Milestone.objects.with_people(), programme, key)
        case TraceKind.INDICATOR:
            return _subject(kind, Indicator.objects.with_people(), programme, key)
        case TraceKind.SNAPSHOT:
            return _snapshot(programme, key)
        case TraceKind.PACK:
            return _pack(programme, key)
    return _numbered(programme, TraceKind(kind), int(key)) if NUMBER.fullmatch(key) else None


def trace_from(start: Start, programme: Programme) -> Trace:
    """Tell the story of what a trace starts from, in order of time.

    The same number of queries however long it is.
    """
    if start.snapshot:
        nodes = _story_of_snapshot(start.snapshot)
    else:
        nodes = _story_of_subjects(start, programme)
    return Trace(start, sorted(nodes, key=lambda node: node.place))


def _subject(kind: str, rows: QuerySet[Any], programme: Programme, key: str) -> Start | None:
    row = rows.filter(programme=programme, reference__iexact=key).first()
    if row is None:
        return None
    own: dict[str, Any] = (
        {"milestones": [row]} if kind == TraceKind.MILESTONE else {"indicators": [row]}
    )
    return Start(TraceKind(kind), row.reference, str(row), row.get_absolute_url(), **own)


def _numbered(programme: Programme, kind: TraceKind, number: int) -> Start | None:
    """An exception or request by its number, anything else by the database's."""
    found: Any
    match kind:
        case TraceKind.EXCEPTION:
            reports = ExceptionReport.objects.with_subject()
            found = reports.filter(programme=programme, number=number).first()
            return found and _of_exception(kind, number, found, str(found))
        case TraceKind.REQUEST:
            requests = ChangeRequest.objects.with_subject()
            found = requests.filter(programme=programme, number=number).first()
            return found and _of_request(kind, number, found, str(found))
        case TraceKind.ACTION:
            actions = RemedialAction.objects.of_programme(programme).with_record()
            found = actions.filter(pk=number).first()
            if found and found.change_request:
                return _of_request(kind, number, found.change_request, str(found))
            return found and _of_exception(kind, number, found.exception, str(found))
        case TraceKind.DECISION:
            decisions = Decision.objects.filter(programme=programme).with_subject()
            found = decisions.filter(pk=number).first()
            if found and found.change_request:
                return _of_request(kind, number, found.change_request, str(found))
            return found and _of_exception(kind, number, found.exception, str(found))
    versions = PlanVersion.objects.filter(milestone__programme=programme)
    found = versions.select_related("milestone__programme").filter(pk=number).first()
    if found is None:
        return None
    subject = found.milestone
    url = subject.get_absolute_url()
    return Start(kind, str(number), f"Plan {found}", url, milestones=[subject])


def _of_exception(kind: TraceKind, number: int, report: ExceptionReport, title: str) -> Start:
    return Start(
        kind,
        str(number),
        title,
        report.get_absolute_url(),
        milestones=[report.milestone] if report.milestone else [],
        indicators=[report.indicator] if report.indicator else [],
    )


def _of_request(kind: TraceKind, number: int, request: ChangeRequest, title: str) -> Start:
    changed = request.milestone or request.added_milestone
    return Start(
        kind,
        str(number),
        title,
        request.get_absolute_url(),
        milestones=[changed] if changed else [],
        indicators=[request.indicator] if request.indicator else [],
        requests=[request],
    )


def _snapshot(programme: Programme, key: str) -> Start | None:
    match = SNAPSHOT_KEY.fullmatch(key)
    snapshots = _snapshots(programme)
    found = next((each for each in snapshots if match and each.key == key), None)
    if found is None:
        return None
    url = found.month.get_absolute_url()
    return Start(TraceKind.SNAPSHOT, key, f"Snapshot {found}", url, snapshot=found)


def _pack(programme: Programme, key: str) -> Start | None:
    match = PACK_KEY.fullmatch(key)
    snapshot = _snapshot(programme, match[1]) if match else None
    if match is None or snapshot is None or snapshot.snapshot is None:
        return None
    packs = _packs([snapshot.snapshot]).filter(audience__code=match[4])
    pack = packs.first()
    if pack is None:
        return None
    title = f"Pack for {pack.audience}, {pack.snapshot.month.name}"
    url = pack.snapshot.month.get_absolute_url()
    return Start(TraceKind.PACK, key, title, url, snapshot=snapshot.snapshot, pack=pack)


def _snapshots(programme: Programme) -> QuerySet[Snapshot]:
    """Every snapshot, without its large content."""
    snapshots = Snapshot.objects.filter(month__programme=programme).defer("content")
    return snapshots.select_related("month__programme").order_by("month__month", "version")


def _packs(snapshots: Iterable[Snapshot]) -> QuerySet[Pack]:
    packs = Pack.objects.filter(snapshot__in=list(snapshots)).select_related(
        "snapshot__month__programme", "audience"
    )
    return packs.defer("snapshot__content").order_by("audience__position", "pk")


def _story_of_subjects(start: Start, programme: Programme) -> list[TraceNode]:
    milestones = list(start.milestones)
    series = Indicator.objects.filter(pk__in=[each.pk for each in start.indicators])
    indicators = list(series.with_people().with_series())
    references = {each.reference for each in milestones} | {each.reference for each in indicators}
    updates = MilestoneUpdate.objects.filter(milestone__in=milestones)
    versions = _versions(Q(milestone__in=milestones))
    measurements = Measurement.objects.in_force().filter(indicator__in=indicators)
    reports = _reports(Q(milestone__in=milestones) | Q(indicator__in=indicators))
    requests = _requests(
        Q(milestone__in=milestones)
        | Q(added_milestone__in=milestones)
        | Q(indicator__in=indicators)
        | Q(exception__in=reports)
        | Q(pk__in=[each.pk for each in start.requests])
    )
    return [
        *update_nodes(milestones, updates.select_related("made_by").order_by("made_at"), versions),
        *measurement_nodes(indicators, measurements.with_author()),
        *_governance(reports, requests, versions),
        *action_nodes(_actions(reports, requests)),
        *_shown_in(programme, references),
    ]


def _story_of_snapshot(snapshot: Snapshot) -> list[TraceNode]:
    """What a snapshot shows of governance, and the plan versions that its decisions made."""
    programme, data = snapshot.programme, snapshot.data
    asked = data.get("change_requests", {})
    listed = [each for name in ("awaiting", "under_way", "decided") for each in asked.get(name, ())]
    opened = data.get("exceptions", ())
    reports = _reports(Q(programme=programme, number__in=map(_number, opened)))
    requests = _requests(Q(programme=programme, number__in=map(_number, listed)))
    decided = [_number(each) for each in asked.get("decided", ())]
    made = Q(milestone__programme=programme, change_request_number__in=decided)
    shown = {each["number"]: each.get("state_word", "") for each in (*opened, *listed)}
    return [
        *_governance(reports, requests, _versions(made), shown=shown),
        snapshot_node(snapshot, _packs([snapshot])),
    ]


def _governance(
    reports: Sequence[ExceptionReport],
    requests: Sequence[ChangeRequest],
    versions: Sequence[PlanVersion],
    *,
    shown: Mapping[str, str] | None = None,
) -> list[TraceNode]:
    """Exceptions, requests, the decisions on both, and plan versions.

    `shown`: only that they were opened or raised, with the state that a snapshot shows of each.
    """
    decided = Q(change_request__in=list(requests)) | Q(exception__in=list(reports))
    decisions = Decision.objects.filter(decided).with_subject().order_by("decided_at", "pk")
    return [
        *exception_nodes(reports, shown=shown),
        *request_nodes(requests, shown=shown),
        *decision_nodes(decisions, versions),
        *version_nodes(versions, {request.number: request for request in requests}),
    ]


def _reports(wanted: Q) -> list[ExceptionReport]:
    return list(ExceptionReport.objects.filter(wanted).with_subject().order_by("number"))


def _requests(wanted: Q) -> list[ChangeRequest]:
    return list(ChangeRequest.objects.filter(wanted).with_subject().order_by("number"))


def _versions(wanted: Q) -> list[PlanVersion]:
    versions = PlanVersion.objects.filter(wanted).select_related("milestone__programme", "made_by")
    return list(versions.order_by("made_at", "pk"))


def _actions(
    reports: Sequence[ExceptionReport], requests: Sequence[ChangeRequest]
) -> QuerySet[RemedialAction]:
    actions = RemedialAction.objects.filter(
        Q(exception__in=reports) | Q(change_request__in=requests)
    )
    return actions.in_force().with_record().order_by("due_date", "pk")


def _shown_in(programme: Programme, references: set[str]) -> list[TraceNode]:
    """The snapshots that show these, as they show them, each with its packs that do."""
    packs: dict[int, list[Pack]] = {}
    for pack in _packs(_snapshots(programme)):
        packs.setdefault(pack.snapshot_id, []).append(pack)
    nodes = []
    # One content after another: together they would fill the memory.
    for snapshot in _snapshots(programme).defer(None).iterator(chunk_size=1):
        data = snapshot.data
        shown = [_words(programme, each) for each in _entries(data) if _is_of(each, references)]
        if shown:
            own = [each for each in packs.get(snapshot.pk, ()) if _shows(each, data, references)]
            nodes.append(snapshot_node(snapshot, own, shows="; ".join(shown)))
    return nodes


def _entries(data: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Every milestone and indicator of a snapshot."""
    yield from data.get("programme_milestones", ())
    for workstream in data.get("workstreams", ()):
        yield from workstream.get("indicators", ())
        for project in workstream.get("projects", ()):
            yield from project.get("milestones", ())


def _is_of(entry: dict[str, Any], references: set[str]) -> bool:
    return entry.get("reference") in references


def _words(programme: Programme, entry: dict[str, Any]) -> str:
    """A milestone or indicator as a snapshot shows it."""
    word = entry.get("rating_word") or rating_word(programme, entry.get("rating", ""))
    if "planned" in entry:
        figures = f"planned {entry['planned']}" if entry["planned"] else "no planned date"
    else:
        figures = " ".join(filter(None, [entry.get("month_name"), entry.get("value")]))
    return f"Shown as {word}, {figures}" if figures else f"Shown as {word}"


def _shows(pack: Pack, data: dict[str, Any], references: set[str]) -> bool:
    """A progress report shows all of the plan; a decisions pack what is off it or to be changed."""
    if pack.audience.kind == PackKind.PROGRESS:
        return True
    asked = data.get("change_requests", {}).get("awaiting", ())
    return any(_is_of(each, references) for each in (*data.get("exceptions", ()), *asked))


def _number(entry: dict[str, Any]) -> int:
    """The number of "EX-012" or "CR-003" in a snapshot."""
    digits = entry["number"].rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0
