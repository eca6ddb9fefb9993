import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import AuditEntry, User

# One number for the whole product: writers of the chain queue behind it.
CHAIN_LOCK = 7_216_041
# From which value to which.
Change = tuple[Any, Any]


@transaction.atomic
def record(
    *,
    actor: User | None,
    action: str,
    target: models.Model,
    changes: Mapping[str, Change] | None = None,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one act to the journal, in the caller's transaction; give its last entry.

    Every field in `changes` has an entry of its own; an act without any has one. No actor means a
    job. `details`, such as why, must be plain JSON and stand in each entry. The programme is the
    target's own `programme`, where it has one.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    previous = AuditEntry.objects.order_by("-pk").values_list("hash", flat=True).first() or ""
    at, programme = timezone.now(), getattr(target, "programme", None)
    for field, (old, new) in (changes or {"": (None, None)}).items():
        entry = AuditEntry(
            at=at,
            actor=actor,
            programme=getattr(programme, "slug", ""),
            action=action,
            target=f"{target._meta.label_lower}:{target.pk} {target}"[:200],
            field=field,
            old_value=plain(old),
            new_value=plain(new),
            details=dict(details or {}),
            previous_hash=previous,
        )
        entry.hash = previous = entry_hash(entry)
        entry.save(force_insert=True)
    return entry


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Change]:
    """Give the fields whose value is another one after than before, for ``record``."""
    return {name: (before[name], new) for name, new in after.items() if before[name] != new}


def plain(value: Any) -> Any:
    """Give a value as the journal keeps it: a row by its number, a day and a decimal as text."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def in_words(value: Any) -> str:
    """Give a value that the journal keeps as people read it: no brackets, "nothing" for empty."""
    if isinstance(value, Mapping):
        if value.keys() == {"from", "to"}:
            return f"{in_words(value['from'])} to {in_words(value['to'])}"
        return ", ".join(f"{key.replace('_', ' ')} {in_words(it)}" for key, it in value.items())
    if isinstance(value, list):
        inner = ", " if not any(isinstance(each, list) for each in value) else "; "
        return inner.join(map(in_words, value)) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value in (None, "") else str(value)


def entry_hash(entry: AuditEntry) -> str:
    """Give the SHA-256 of an entry's content and of the hash before it."""
    content = {
        "at": entry.at.isoformat(),
        "actor": entry.actor_id,
        "programme": entry.programme,
        "action": entry.action,
        "target": entry.target,
        "field": entry.field,
        "from": entry.old_value,
        "to": entry.new_value,
        "details": entry.details,
        "request": entry.request_id,
        "previous": entry.previous_hash,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Chain:
    """The journal from its first entry to its last; ``broken`` is the first that does not fit."""

    entries: int
    head: str
    broken: AuditEntry | None


def verify_chain() -> Chain:
    """Read the whole journal and hold every entry against its hash and the one before it.

    A change, a missing entry and a swapped one show. Entries cut off at the end leave a shorter
    chain that is whole: hold its head against one written down outside, such as in a pack.
    """
    entries, head = 0, ""
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.previous_hash != head or entry.hash != entry_hash(entry):
            return Chain(entries, head, broken=entry)
        entries, head = entries + 1, entry.hash
    return Chain(entries, head, broken=None)


def head() -> tuple[int, str]:
    """Give how many entries the journal has, and the hash of the newest ("" for none).

    Printed in what leaves the building, it shows later whether the journal's end was cut off.
    """
    newest = AuditEntry.objects.order_by("-pk").values_list("hash", flat=True).first()
    return AuditEntry.objects.count(), newest or ""
