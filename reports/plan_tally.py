"""Counts what loading a plan does to the database, row by row."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models

from workstreams.models import Project

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class LoadResult:
    """How many rows of each kind a load created, updated or found as they should be.

    `kept` names the milestones, targets and values that people have changed through the product
    and that the file would have otherwise: they stay as they are.
    """

    created: Mapping[str, int]
    updated: Mapping[str, int]
    unchanged: Mapping[str, int]
    kept: tuple[str, ...]

    @property
    def kinds(self) -> list[str]:
        """Every kind that was met, in the order of loading."""
        return list({**self.unchanged, **self.updated, **self.created})

    @property
    def changed_anything(self) -> bool:
        return bool(sum(self.created.values()) + sum(self.updated.values()))


@dataclass
class Tally:
    """Writes rows that differ from the file and keeps count."""

    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in ("created", "updated", "unchanged")}
    )
    kept: list[str] = field(default_factory=list)

    def result(self) -> LoadResult:
        counts = {name: dict(counter) for name, counter in self.counts.items()}
        return LoadResult(**counts, kept=tuple(self.kept))

    def put(
        self,
        kind: str,
        row: Row | None,
        blank: Row,
        values: Mapping[str, Any],
        *,
        write: Callable[[Row, Mapping[str, Any]], object] | None = None,
    ) -> Row:
        """Bring a row to the given values, or save `blank` with them where there is none.

        Only what differs is written, by `write` where a row has a way of its own. Names of
        foreign keys end in `_id`.
        """
        found = row or blank
        different = {name: to for name, to in values.items() if getattr(found, name) != to}
        if row is None:
            _set(blank, different)
            blank.save(force_insert=True)
            self.counts["created"][kind] += 1
        elif different:
            (write or _save)(row, different)
            self.counts["updated"][kind] += 1
        else:
            self.counts["unchanged"][kind] += 1
        return found

    def keep(self, kind: str, row: models.Model, reference: str, values: Mapping[str, Any]) -> None:
        """Leave a row alone that people have changed; name it if the file says otherwise."""
        self.counts["unchanged"][kind] += 1
        if any(getattr(row, name) != value for name, value in values.items()):
            self.kept.append(reference)

    def link(self, owner: models.Model, projects: Iterable[Project]) -> None:
        """Link a CQC action or an indicator to its projects. Links are added, never removed."""
        linked = owner.projects  # type: ignore[attr-defined]  # both models have it
        present = set(linked.values_list("pk", flat=True))
        for project in projects:
            if project.pk not in present:
                linked.add(project)
            self.counts["unchanged" if project.pk in present else "created"]["project links"] += 1


def _set(row: models.Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _save(row: models.Model, values: Mapping[str, Any]) -> None:
    _set(row, values)
    row.save(update_fields=list(values))
