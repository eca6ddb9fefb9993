"""The evidence pack of a CQC action: a zip of an index (PDF) and the files, for an inspector."""

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from django.utils.text import slugify

from accounts import audit
from accounts.models import User
from governance.cqc import evidence_for, owner_of, steps_of, submission_of
from governance.models import CqcStep
from metrics.standing import Standing
from milestones.models import Evidence
from reports import wording
from reports.cqc import CqcRow
from reports.rendering import RenderFailed, typeset
from reports.snapshots.plan import milestone_content
from reports.snapshots.texts import shown
from workstreams.dates import long_day, long_month

INDEX = "00-index.pdf"
# So much stays in memory; a larger pack is written to a file that goes when it is sent.
IN_MEMORY = 2 * 1024**2
CHUNK = 256 * 1024
ENDING = re.compile(r"\.([A-Za-z0-9]{1,5})$")
LONGEST_NAME = 60


@dataclass(frozen=True)
class EvidencePack:
    """A finished pack, open at its beginning; who sends it closes it."""

    file: IO[bytes]
    name: str
    sha256: str


@dataclass(frozen=True)
class Contents:
    """What a pack holds: what was last submitted or, before that, everything that stands."""

    submitted: CqcStep | None
    files: Sequence[Evidence]
    links: Sequence[Evidence]
    removed: Sequence[Evidence]


def build_pack(row: CqcRow, *, by: User, as_of: date) -> EvidencePack:
    """Make the evidence pack of an action as it stands on a day, and note it in the journal.

    The same content gives the same bytes. Raises RenderFailed when the index cannot be made or a
    file is missing or not the one that was added: then there is no pack.
    """
    action = row.action
    steps = steps_of(action)
    contents = contents_of(row, steps)
    index = _index(row, steps, contents, as_of=as_of)
    # Not closed here: the answer sends it and closes it.
    spool = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    try:
        with zipfile.ZipFile(spool, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_entry(INDEX, as_of), index)
            for number, piece in enumerate(contents.files, 1):
                _add(archive, piece, name_of(number, piece))
        sha256 = _sha256_of(spool)
    except Exception:
        spool.close()
        raise
    details = {"sha256": sha256, "files": [piece.sha256 for piece in contents.files]}
    audit.record(actor=by, action="cqc_action.evidence_pack", target=action, details=details)
    name = f"{action.programme.slug}-{slugify(action.reference)}-evidence-{as_of.isoformat()}.zip"
    return EvidencePack(spool, name, sha256)


def contents_of(row: CqcRow, steps: Sequence[CqcStep]) -> Contents:
    """Give what the pack of an action holds; `steps` are its own, the newest first."""
    submitted = submission_of(steps)
    pieces = list(submitted.evidence.for_panel() if submitted else evidence_for(row.action))
    standing = [piece for piece in pieces if not piece.removed_date]
    return Contents(
        submitted,
        files=[piece for piece in standing if piece.file],
        links=[piece for piece in standing if piece.url],
        removed=[piece for piece in pieces if piece.removed_date],
    )


def name_of(number: int, piece: Evidence) -> str:
    """A name that every system can unpack: number, milestone, what the file was called."""
    ending = ENDING.search(piece.file_name)
    stem = piece.file_name[: ending.start()] if ending else piece.file_name
    words = slugify(f"{piece.milestone.reference} {stem}")[:LONGEST_NAME].strip("-")
    return f"evidence/{number:02}-{words or 'file'}.{ending[1].lower() if ending else 'bin'}"


def _add(archive: zipfile.ZipFile, piece: Evidence, name: str) -> None:
    """Copy a file into the pack, piece by piece, and refuse one that is not what was added."""
    digest = hashlib.sha256()
    try:
        source = piece.file.open("rb")
    except FileNotFoundError:
        raise RenderFailed(
            f"The evidence pack was not made: the file of “{piece}” is missing from the store. "
            "Tell the PMO administrator."
        ) from None
    with source, archive.open(_entry(name, piece.added_date), "w") as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            target.write(chunk)
    if digest.hexdigest() != piece.sha256:
        raise RenderFailed(
            f"The evidence pack was not made: the file of “{piece}” is not the one that was added, "
            "its SHA-256 differs. Tell the PMO administrator."
        )


def _entry(name: str, day: date) -> zipfile.ZipInfo:
    """An entry that is the same on every machine."""
    entry = zipfile.ZipInfo(name, date_time=(max(day.year, 1980), day.month, day.day, 12, 0, 0))
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _sha256_of(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _index(row: CqcRow, steps: Sequence[CqcStep], contents: Contents, *, as_of: date) -> bytes:
    programme = row.programme
    words = {
        "programme": {"name": programme.name, "organisation": programme.organisation},
        "key": {
            "delivery": wording.delivery_key(programme),
            "performance": wording.performance_key(programme),
        },
    }
    inputs = {
        "snapshot": words,
        "pack": _content(row, steps, contents, as_of=as_of),
        # As texts and not in the JSON: nothing breaks a long word of these in two.
        "hashes": "\n".join(piece.sha256 for piece in contents.files),
        "urls": "\n".join(piece.url for piece in contents.links),
    }
    subject = f"The evidence pack of {row.action.reference}"
    return typeset("evidence.typ", inputs, day=as_of.isoformat(), subject=subject)


def _content(
    row: CqcRow, steps: Sequence[CqcStep], contents: Contents, *, as_of: date
) -> dict[str, Any]:
    action, programme = row.action, row.programme
    submitted = contents.submitted
    files = enumerate(contents.files, 1)
    return {
        "reference": action.reference,
        "text": action.text,
        "level": action.get_level_display(),
        "heading": action.heading,
        "workstream": str(action.workstream),
        "owner": str(owner_of(action) or ""),
        "state": row.state.label,
        "recheck": shown(row.step.recheck_date if row.step else None),
        "as_of": long_day(as_of),
        "illustrative": programme.is_demonstration,
        "illustrative_note": wording.ILLUSTRATIVE_NOTE if programme.is_demonstration else "",
        "submitted": submitted and f"{submitted.made_by}, {shown(submitted.made_date)}",
        "steps": [_step(step) for step in reversed(steps)],
        "files": [_piece(each) | {"name": name_of(number, each)} for number, each in files],
        "links": [_piece(each) | {"url": each.url} for each in contents.links],
        "removed": [_piece(each) | {"removed": _removed(each)} for each in contents.removed],
        "projects": [
            {
                "name": str(project.project),
                "milestones": [milestone_content(line) for line in project.lines],
            }
            for project in row.projects
        ],
        "indicators": [_indicator(each) for each in row.standings],
    }


def _step(step: CqcStep) -> dict[str, str]:
    return {
        "state": step.get_state_display(),
        "by": str(step.made_by),
        "date": shown(step.made_date),
        "comment": step.comment,
    }


def _indicator(standing: Standing) -> dict[str, str]:
    return {
        "reference": standing.indicator.reference,
        "name": standing.indicator.name,
        "month_name": long_month(standing.value_month or standing.month),
        "value": standing.indicator.show(standing.value),
        "trajectory": standing.shown_trajectory,
        "rating": standing.rating.value,
    }


def _piece(piece: Evidence) -> dict[str, str]:
    return {
        "title": piece.title,
        "milestone": str(piece.milestone),
        "added": f"{piece.added_by}, {shown(piece.added_date)}",
    }


def _removed(piece: Evidence) -> str:
    return f"{piece.removed_by}, {shown(piece.removed_date)}"
