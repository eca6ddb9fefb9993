"""The groups for which every programme makes packs, and the chapters that each of them gets."""

from dataclasses import dataclass
from typing import Any

from reports.chapters import BOARD, CHAPTERS
from reports.models import Audience
from reports.rendering import PackKind
from workstreams.models import Programme


@dataclass(frozen=True)
class Standard:
    """An audience as every programme begins with it."""

    code: str
    name: str
    kind: PackKind
    is_external: bool
    purpose: str
    before: tuple[str, ...] = ()
    # Empty: the chapters of its kind.
    sections: tuple[str, ...] = ()


QIG, ELT = "Quality Improvement Group", "Executive Leadership Team"
STANDARD = (
    Standard(
        "elt",
        ELT,
        PackKind.DECISIONS,
        False,
        "To decide on the exception reports and change requests of the month.",
        ("Work stream meetings", QIG),
    ),
    Standard(
        "qig",
        QIG,
        PackKind.PROGRESS,
        False,
        "To review the progress of every work stream before it goes to the Executive Leadership "
        "Team, and to see where the data is incomplete.",
        ("Work stream meetings",),
    ),
    Standard(
        "cqrg",
        "Clinical Quality Review Group",
        PackKind.PROGRESS,
        True,
        "To assure commissioners of the progress of the quality improvement plan.",
        (QIG, ELT),
    ),
    Standard(
        "rog",
        "Regional Oversight Group",
        PackKind.PROGRESS,
        True,
        "To assure the regulators of the progress of the quality improvement plan.",
        (QIG, ELT),
    ),
    # The board sits inside the trust, but its papers are published: nothing before the sign-off.
    Standard(
        "board",
        "Trust Board",
        PackKind.PROGRESS,
        True,
        "To assure the board of the progress of the quality improvement plan, of what is off plan "
        "and of what is being done about it.",
        (QIG, ELT),
        BOARD,
    ),
    Standard(
        "public",
        "Public",
        PackKind.PUBLIC,
        True,
        "To tell patients, staff and the public how the quality improvement plan is going.",
        (ELT, "Trust Board"),
    ),
)


def create_standard_audiences(programme: Programme) -> None:
    """Give a programme the audiences that it lacks; what the trust made of them stays."""
    for position, each in enumerate(STANDARD, 1):
        Audience.objects.get_or_create(
            programme=programme,
            code=each.code,
            defaults={
                "name": each.name,
                "kind": each.kind,
                "is_external": each.is_external,
                "purpose": each.purpose,
                "previously_considered_by": list(each.before),
                "sections": list(each.sections),
                "position": position,
            },
        )


def audience_content(audience: Audience) -> dict[str, Any]:
    """Give what a pack says of its audience, and its chapters in order, for the snapshot."""
    return {
        "code": audience.code,
        "name": audience.name,
        "kind": audience.kind,
        "is_external": audience.is_external,
        "purpose": audience.purpose,
        "previously_considered_by": audience.previously_considered_by,
        "sections": audience.sections or list(CHAPTERS[audience.kind]),
    }
