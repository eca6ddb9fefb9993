import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import models

from reports.chapters import CHAPTERS
from reports.public import public_commentary, public_extract
from reports.typesetting.cleaning import clean_markup, clean_text

SCHEMA = 1
TIME_LIMIT_SECONDS = 60
TYPESETTING = Path(__file__).parent / "typesetting"
VIEW_BOX = re.compile(r"""\bviewBox=["'][-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+[\d.]+["']""")


class PackKind(models.TextChoices):
    DECISIONS = "decisions", "Decisions pack"
    PROGRESS = "progress", "Progress report"
    PUBLIC = "public", "Public extract"


class RenderFailed(Exception):
    """A document could not be made; the message is a sentence for the PMO. Nothing was produced."""


def render_pack(
    *,
    snapshot: dict[str, Any],
    audience: dict[str, Any],
    number: str,
    sha256: str,
    commentary: dict[str, dict[str, str]] | None = None,
) -> bytes:
    """Return the PDF of one snapshot for one audience: tagged, PDF/UA-1 and PDF/A-2a.

    Pure: the same arguments give the same bytes on any day, in any process, time zone or locale.
    ``snapshot``, ``audience`` and ``commentary`` follow schema 1 (``typesetting/README.md``), and
    every text in them is shown as it is, never read as markup. Without a ``sha256`` it is a draft,
    and every page says so. Raises RenderFailed, never returns a part of a document.
    """
    subject = f"The {audience.get('name', 'unnamed')} pack for {snapshot.get('month_name', '?')}"
    if snapshot.get("schema") != SCHEMA:
        raise RenderFailed(f"{subject} was not made: its snapshot is not of schema {SCHEMA}.")
    if audience.get("kind") not in PackKind.values:
        raise RenderFailed(f"{subject} was not made: its audience has no known kind of pack.")

    audience = {**audience, "sections": audience.get("sections") or CHAPTERS[audience["kind"]]}
    said = commentary or {}
    if audience["kind"] == PackKind.PUBLIC:
        # Here, so that there is no way to typeset a public pack of anything more.
        snapshot, said = public_extract(snapshot), public_commentary(said)
    inputs = {
        "snapshot": snapshot,
        "audience": audience,
        "commentary": said,
        "number": number,
        "sha256": sha256,
    }
    return typeset("pack.typ", inputs, day=snapshot.get("as_of"), subject=subject)


def typeset(main: str, inputs: Mapping[str, Any], *, day: Any, subject: str) -> bytes:
    """Return the PDF that a file of ``typesetting/`` makes of its inputs: PDF/UA-1 and PDF/A-2a.

    A text reaches it as ``sys.inputs.<name>``, anything else as JSON; every text in it is shown
    as it is. ``day``, an ISO day, is the only date that the document carries, and ``subject`` what
    RenderFailed calls it. The same arguments give the same bytes.
    """
    job = {
        "main": main,
        "timestamp": _noon(day, subject),
        "inputs": {name: _input(value) for name, value in inputs.items()},
    }
    return _typeset(json.dumps(job).encode(), subject)


def _input(value: Any) -> str:
    if isinstance(value, str):
        return clean_markup(value)
    return json.dumps(_prepare(value), sort_keys=True)


def _noon(day: Any, subject: str) -> int:
    """Return noon UTC of an ISO day as a Unix time: the only time that the document carries."""
    try:
        return int(datetime.fromisoformat(str(day)).replace(hour=12, tzinfo=UTC).timestamp())
    except ValueError as error:
        raise RenderFailed(f"{subject} was not made: its as-of day is no date.") from error


def _prepare(value: Any) -> Any:
    """Return the data with every text made safe to typeset; charts get their width in pixels."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list | tuple):
        return [_prepare(item) for item in value]
    if not isinstance(value, dict):
        return value
    prepared = {key: _prepare(item) for key, item in value.items() if key != "svg"}
    if value.get("svg"):
        prepared["svg"] = clean_markup(value["svg"])
        view_box = VIEW_BOX.search(value["svg"])
        prepared["svg_width"] = float(view_box[1]) if view_box else 0
    return prepared


def _typeset(job: bytes, subject: str) -> bytes:
    # A short-lived process: the typesetter's memory grows with every new document, a hanging
    # one can be ended, and it inherits neither settings nor a database connection.
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(TYPESETTING / "__main__.py")],
            input=job,
            capture_output=True,
            timeout=TIME_LIMIT_SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RenderFailed(
            f"{subject} was not made: it took longer than {TIME_LIMIT_SECONDS} seconds."
        ) from error
    except OSError as error:
        raise RenderFailed(f"{subject} was not made: the typesetter did not start.") from error
    if done.returncode or not done.stdout.rstrip().endswith(b"%%EOF"):
        reason = done.stderr.decode(errors="replace").strip()[-300:] or "it gave no reason"
        raise RenderFailed(f"{subject} was not made. The typesetter said: {reason}")
    return done.stdout
