"""Search over everything of a programme that the reader may see: a query for each kind of thing."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from governance.models import ChangeRequest, ExceptionReport, Risk
from milestones.models import Milestone
from reports.models import Pack
from workstreams.models import Programme, Project

# Of each kind; who needs more narrows the words or goes to the list.
MOST_OF_A_KIND = 10
MOST_WORDS = 8
SNIPPET = 160
NUMBER = re.compile(r"(?:(?P<prefix>[A-Z]{1,2})-)?0*(?P<number>[0-9]{1,6})", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """A piece of a text; ``is_match`` where it is one of the words looked for."""

    text: str
    is_match: bool


@dataclass(frozen=True)
class Hit:
    """One thing found: where it is, what it is called, and the text round the words."""

    url: str
    label: str
    title: Sequence[Part]
    snippet: Sequence[Part]


@dataclass(frozen=True)
class Found:
    """The first things of one kind; ``has_more`` when there are others."""

    kind: str
    hits: Sequence[Hit]
    has_more: bool


@dataclass(frozen=True)
class Kind:
    """How one kind of thing is looked for: its texts in the database, and how a hit reads."""

    name: str
    fields: tuple[str, ...]
    rows: Callable[[Programme], QuerySet[Any]]
    label: Callable[[Any], str]
    title: Callable[[Any], str]
    text: Callable[[Any], str]
    # What stands before its number within the programme: "CR" for "CR-012".
    prefixes: tuple[str, ...] = ()


def words_of(text: str) -> list[str]:
    """Give the words of a search, each once, no more than a search takes."""
    return list(dict.fromkeys(text.split()))[:MOST_WORDS]


def search(programme: Programme, text: str, *, packs: QuerySet[Pack], is_live: bool) -> list[Found]:
    """Find the things in which all the words stand, by kind; what is called so exactly comes first.

    ``packs`` are those that the reader may read. Who does not see the live programme
    (``is_live``) finds nothing else.
    """
    words = words_of(text)
    if not words:
        return []
    kinds = KINDS if is_live else ()
    found = [_found(kind, kind.rows(programme), words, text) for kind in kinds]
    found.append(_found_packs(packs, words))
    return [each for each in found if each.hits]


def parts_of(text: str, words: Iterable[str]) -> list[Part]:
    """Split a text at the words looked for, whatever their case."""
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pieces = re.split(f"({pattern})", text, flags=re.IGNORECASE) if pattern else [text]
    # Every second piece is what the pattern caught.
    return [Part(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece]


def snippet_of(text: str, words: Sequence[str]) -> str:
    """Cut a long text to what stands round the first word found; "" when none is."""
    text = " ".join(text.split())
    starts = [text.casefold().find(word.casefold()) for word in words]
    first = min((start for start in starts if start >= 0), default=-1)
    if first < 0:
        return ""
    start = max(0, first - SNIPPET // 3)
    cut = text[start : start + SNIPPET]
    before, after = "…" if start else "", "…" if start + SNIPPET < len(text) else ""
    return f"{before}{cut.strip()}{after}"


def _found(kind: Kind, rows: QuerySet[Any], words: Sequence[str], text: str) -> Found:
    wanted = Q()
    for word in words:
        wanted &= _somewhere(kind, word)
    number = _number(kind, text)
    if number is not None:
        wanted |= Q(number=number)
    listed = list(rows.filter(wanted)[: MOST_OF_A_KIND + 1])
    listed.sort(key=lambda row: kind.label(row).casefold() != text.strip().casefold())
    hits = [_hit(kind, row, words) for row in listed[:MOST_OF_A_KIND]]
    return Found(kind.name, hits, has_more=len(listed) > MOST_OF_A_KIND)


def _number(kind: Kind, text: str) -> int | None:
    """The number meant by "CR-012", "cr-12" or "12", if things of the kind are called so."""
    match = NUMBER.fullmatch(text.strip())
    if not kind.prefixes or match is None:
        return None
    prefix = (match["prefix"] or "").upper()
    return int(match["number"]) if not prefix or prefix in kind.prefixes else None


def _somewhere(kind: Kind, word: str) -> Q:
    anywhere = Q()
    for field in kind.fields:
        anywhere |= Q(**{f"{field}__icontains": word})
    return anywhere


def _hit(kind: Kind, row: Any, words: Sequence[str]) -> Hit:
    return Hit(
        url=row.get_absolute_url(),
        label=kind.label(row),
        title=parts_of(kind.title(row), words),
        snippet=parts_of(snippet_of(kind.text(row), words), words),
    )


def _found_packs(packs: QuerySet[Pack], words: Sequence[str]) -> Found:
    """Find packs by their month and audience in words, of each the newest version."""
    rendered = packs.filter(rendered_at__isnull=False).defer("snapshot__content")
    newest: dict[tuple[int, int], Pack] = {}
    for pack in rendered.order_by("-snapshot__month__month", "audience__position", "-pk"):
        newest.setdefault((pack.snapshot.month_id, pack.audience_id), pack)
    wanted = [word.casefold() for word in words]
    matching = [pack for pack in newest.values() if _is_pack_wanted(pack, wanted)]
    hits = [
        Hit(
            url=pack.get_absolute_url(),
            label=str(pack.snapshot.month),
            title=parts_of(_pack_title(pack), words),
            snippet=(),
        )
        for pack in matching[:MOST_OF_A_KIND]
    ]
    return Found("Packs", hits, has_more=len(matching) > MOST_OF_A_KIND)


def _is_pack_wanted(pack: Pack, words: Sequence[str]) -> bool:
    text = f"{pack.snapshot.month} {_pack_title(pack)} {pack.audience.code}".casefold()
    return all(word in text for word in words)


def _pack_title(pack: Pack) -> str:
    return f"{pack.snapshot.month.name}, {pack.audience.name} (PDF)"


def _subject(row: Any) -> str:
    return str(row.subject)


KINDS = (
    Kind(
        "Milestones",
        ("reference", "title", "note", "local_owner__full_name"),
        lambda programme: (
            Milestone.objects.filter(programme=programme).with_people().in_plan_order()
        ),
        lambda row: row.reference,
        lambda row: row.title,
        lambda row: row.note,
    ),
    Kind(
        "Projects",
        ("code", "name", "aim"),
        lambda programme: (
            Project.objects.filter(workstream__programme=programme)
            .select_related("workstream__programme")
            .order_by("workstream__position", "position", "pk")
        ),
        lambda row: row.code,
        lambda row: row.name,
        lambda row: row.aim,
    ),
    Kind(
        "CQC actions",
        ("reference", "text", "heading"),
        lambda programme: programme.cqc_actions.select_related("programme").order_by(
            "workstream__position", "position", "pk"
        ),
        lambda row: row.reference,
        lambda row: row.text,
        lambda row: row.heading,
    ),
    Kind(
        "Indicators",
        ("reference", "name", "note"),
        lambda programme: programme.indicators.with_people().in_plan_order(),
        lambda row: row.reference,
        lambda row: row.name,
        lambda row: row.note,
    ),
    Kind(
        "Exceptions",
        (
            "milestone__title",
            "milestone__reference",
            "indicator__name",
            "indicator__reference",
            "trigger",
            "cause",
            "consequence",
        ),
        lambda programme: (
            ExceptionReport.objects.filter(programme=programme).with_subject().newest_first()
        ),
        lambda row: row.label,
        _subject,
        lambda row: " ".join([row.trigger, row.cause, row.consequence]),
        prefixes=("EX",),
    ),
    Kind(
        "Change requests",
        (
            "milestone__title",
            "milestone__reference",
            "indicator__name",
            "indicator__reference",
            "project__name",
            "project__code",
            "reason",
            "delivery_impact",
        ),
        lambda programme: (
            ChangeRequest.objects.filter(programme=programme).with_subject().newest_first()
        ),
        lambda row: row.label,
        _subject,
        lambda row: f"{row.reason} {row.delivery_impact}",
        prefixes=("CR",),
    ),
    Kind(
        "Risks and issues",
        ("title", "cause", "effect", "response_text"),
        lambda programme: (
            Risk.objects.filter(programme=programme).with_subject().order_by("-number", "-pk")
        ),
        lambda row: row.label,
        lambda row: row.title,
        lambda row: " ".join([row.cause, row.effect, row.response_text]),
        prefixes=("R", "I"),
    ),
)
