"""The documents, their links and their pictures hold together."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"(!?)\[([^\]]+)\]\(([^)\s]+)\)")
ROLES = ("local-owner", "executive-lead", "pmo", "elt-member", "auditor", "external-reader")
LARGEST_PICTURE, LARGEST_FOLDER = 150_000, 1_500_000


def targets(document: Path, *, pictures: bool) -> set[Path]:
    """The files of ours that a document shows or links to."""
    return {
        (document.parent / target.partition("#")[0]).resolve()
        for mark, _, target in LINK.findall(document.read_text())
        if bool(mark) == pictures and "://" not in target and not target.startswith("#")
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_links_to_or_shows_is_there(document):
    named = targets(document, pictures=True) | targets(document, pictures=False)

    assert [str(path) for path in sorted(named) if not path.exists()] == []


def test_each_picture_is_shown_and_taken_by_the_script():
    kept = {path.stem for path in PICTURES.iterdir()}
    shown = {path.stem for document in DOCUMENTS for path in targets(document, pictures=True)}
    taken = set(runpy.run_path(str(ROOT / "docs" / "pictures.py"))["PICTURES"])

    assert kept == shown == taken
    assert all(path.suffix == ".png" for path in PICTURES.iterdir())


def test_the_pictures_are_small_enough_to_be_kept_with_the_code():
    sizes = {path.name: path.stat().st_size for path in PICTURES.iterdir()}

    assert {name: size for name, size in sizes.items() if size > LARGEST_PICTURE} == {}
    assert sum(sizes.values()) < LARGEST_FOLDER


def test_each_role_has_its_guide_with_a_picture():
    index = ROOT / "docs" / "guides" / "README.md"
    guides = [index.with_name(f"{role}.md") for role in ROLES]

    assert set(guides) <= targets(index, pictures=False)
    assert all(targets(guide, pictures=True) for guide in guides)
    assert index in targets(ROOT / "README.md", pictures=False)
