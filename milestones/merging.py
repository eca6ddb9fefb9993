"""Two people's edits of the same thing made into one, field by field. Pure: no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Merged:
    """What comes of two edits. For a field in conflict, `values` holds what I typed."""

    values: dict[str, Any]
    # Fields that both changed, each to something else.
    conflicts: tuple[str, ...] = ()
    # Fields that I left alone and they changed: theirs stand.
    taken: tuple[str, ...] = ()


def merge(
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    *,
    linked: Iterable[tuple[str, ...]] = (),
) -> Merged:
    """Merge what I typed with what is stored, both made from `base`; all have the same fields.

    What only one of us changed is taken as changed; what both changed alike is agreed. Fields that
    are `linked` mean nothing without each other, so they are taken or disputed as one.
    """
    groups = list(linked)
    grouped = {name for group in groups for name in group}
    groups += [(name,) for name in mine if name not in grouped]
    values, conflicts, taken = dict(mine), list[str](), list[str]()
    for group in groups:
        differing = [name for name in group if mine[name] != theirs[name]]
        if all(mine[name] == base[name] for name in group):
            values |= {name: theirs[name] for name in group}
            taken += differing
        elif any(theirs[name] != base[name] for name in group):
            conflicts += differing
    return Merged(values, tuple(conflicts), tuple(taken))
