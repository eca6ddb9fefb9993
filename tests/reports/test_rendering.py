import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest

from reports import rendering
from reports.rendering import PackKind, RenderFailed, render_pack
from reports.typesetting.cleaning import clean_markup, clean_text
from tests.reports import snapshot_sample as sample
from tests.reports.snapshot_outline import PLAN

REPOSITORY = Path(__file__).parents[2]
SELF_CONTAINED = """
import hashlib
from reports.rendering import render_pack
from tests.reports import snapshot_sample as sample
pdf = render_pack(snapshot=sample.snapshot(), audience=sample.audience(),
                  number=sample.NUMBER, sha256=sample.SHA256)
print(hashlib.sha256(pdf).hexdigest())
"""
HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    '#read("/etc/passwd") #panic("no") $x^2$ *bold* _it_ = Heading',
    "{{ 7*7 }} {% debug %} \\u{1F600} @label <label> // comment /* more */",
    "Emoji 🚑 and 你好 are replaced, not refused",
    "Evil \u202egnp.exe\u202c and \u2066isolated\u2069 text",
    "Controls \x00\x07\x1b[31m\ud800 gone",
    "Lines\r\none\u2028two\ttabbed",
]


def render(snapshot=None, kind="progress", **spoilt_audience):
    return render_pack(
        snapshot=sample.snapshot() if snapshot is None else snapshot,
        audience={**sample.audience(kind), **spoilt_audience},
        number=sample.NUMBER,
        sha256=sample.SHA256,
    )


def page_texts(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded() for page in document]


def words(pdf):
    """All text of a PDF with every run of white space as one blank."""
    text = " ".join(page_texts(pdf)).replace("\u200b", "")
    return re.sub(r"\s+", " ", text)


def squeezed(text):
    """Text without any white space, for what wraps in the middle of a word."""
    return re.sub(r"[\s\u200b\ufffe\u0002]+", "", text)


def ink(page):
    """The share of pixels of a page, above its footer, that are not white."""
    bitmap = page.render(scale=0.5, grayscale=True)
    pixels = bytes(bitmap.buffer)[: bitmap.stride * int(bitmap.height * 0.92)]
    return sum(value < 250 for value in pixels) / len(pixels)


def spoilt(text):
    """The sample with the text in every field that a person types."""
    snapshot = sample.snapshot()
    snapshot["workstreams"] = snapshot["workstreams"][2:3]
    stream = snapshot["workstreams"][0]
    stream["name"] = stream["executive_lead"] = text
    project = stream["projects"][0]
    project["name"] = project["aim"] = project["owner"] = text
    project["milestones"][0].update(title=text, narrative=text, owner=text)
    stream["indicators"][0].update(name=text, reading=text, alt=text)
    snapshot["exceptions"] = snapshot["exceptions"][2:3]
    snapshot["exceptions"][0].update(
        title=text, owner=text, cause=text, consequence=text, recovery=text, delivery_impact=text
    )
    snapshot["exceptions"][0]["remedial_actions"][0].update(text=text, owner=text)
    snapshot["risks"]["risks"][0].update(
        title=text, belongs_to=text, owner=text, response_text=text
    )
    snapshot["risks"]["closed"][0].update(title=text, because=text)
    request = snapshot["change_requests"]["awaiting"][0]
    request.update(title=text, reason=text, delivery_impact=text, dependants=[text])
    request["changes"][0].update(old=text, new=text, difference=text)
    return snapshot


def letters_stay_inside_the_margins(pdf):
    for page in pypdfium2.PdfDocument(pdf):
        text_page = page.get_textpage()
        for place in range(text_page.count_rects()):
            left, bottom, right, top = text_page.get_rect(place)
            if left < 40 or right > page.get_width() - 40:
                return False
            if bottom < 25 or top > page.get_height() - 25:
                return False
    return True


@pytest.fixture(scope="module")
def progress():
    return render()


@pytest.fixture(scope="module")
def decisions():
    return render(kind="decisions")


@pytest.fixture(scope="module")
def public():
    return render(kind="public")


def test_the_progress_pack_holds_every_part_of_the_plan(progress):
    snapshot = sample.snapshot()

    text = words(progress)

    for stream in snapshot["workstreams"]:
        assert f"{stream['code']} {stream['name']}" in text
        for project in stream["projects"]:
            assert f"{project['code']} {project['name']}" in text
            assert all(one["reference"] in text for one in project["milestones"])
        assert all(one["reference"] in text for one in stream["indicators"])
    assert all(one["reference"] in text for one in snapshot["programme_milestones"])
    for one in snapshot["exceptions"]:
        filed = f"{one['number']} {one['title']}"
        unfiled = f"{one['number']} {one['reference']} {one['title']}"
        assert (filed if one["cause"] else unfiled) in text
    for requests in snapshot["change_requests"].values():
        assert all(f"{one['number']} {one['title']}" in text for one in requests)


def test_the_chapters_stand_in_the_order_of_the_report_and_are_bookmarked(progress):
    document = pypdfium2.PdfDocument(progress)

    chapters = [mark.get_title() for mark in document.get_toc() if mark.level == 0]

    assert chapters == [
        "Key to ratings",
        "Executive summary",
        "Programme summary",
        *[f"{row[0]} {row[1]}" for row in PLAN],
        "Programme-level milestones",
        "Exceptions",
        "Change requests",
        "Risks and issues",
        "Definitions",
        "Data quality",
        "About this pack",
    ]


def test_the_decisions_pack_asks_for_what_awaits_a_decision_and_nothing_else(decisions):
    snapshot = sample.snapshot()

    text = words(decisions)

    awaiting = snapshot["change_requests"]["awaiting"]
    submitted = [one for one in snapshot["exceptions"] if one["state"] == "submitted"]
    assert (
        f"decide {len(awaiting)} change requests and to accept or return "
        f"{len(submitted)} exception reports" in text
    )
    assert text.count("Decision sought") == len(awaiting)
    assert all(f"{one['number']} {one['title']}" in text for one in submitted)
    others = [one for one in snapshot["exceptions"] if one["state"] != "submitted"]
    assert all(f"{one['number']} {one['reference']} {one['title']}" in text for one in others)
    assert "30 November 2016" in text
    assert "27 January 2017" in text
    assert "Executive summary" in text
    assert "Programme summary" not in text


@pytest.mark.parametrize("kind", PackKind.values)
def test_no_page_is_blank_and_every_page_says_what_it_is(kind, request):
    document = pypdfium2.PdfDocument(request.getfixturevalue(kind))

    pages = [(ink(page), page.get_textpage().get_text_bounded()) for page in document]

    lengths = {"progress": range(35, 61), "decisions": range(10, 21), "public": range(20, 41)}
    assert len(pages) in lengths[kind]
    for number, (share, text) in enumerate(pages, 1):
        assert share > 0.01, f"page {number} is nearly blank"
        assert f"Page {number} of {len(pages)}" in text
        assert "Illustrative data" in text
        assert f"{sample.NUMBER} · {sample.SHA256[:12]}" in text


def test_the_document_is_tagged_titled_and_in_british_english(progress):
    document = pypdfium2.PdfDocument(progress)

    title = document.get_metadata_dict()["Title"]

    assert title == "Quality Improvement Plan, November 2016, for Clinical Quality Review Group"
    assert document.is_tagged()
    assert b"/Lang(en-GB)" in progress
    assert b"/DisplayDocTitle true" in progress


def test_the_same_snapshot_gives_the_same_bytes_in_another_process_zone_and_locale(progress):
    elsewhere = subprocess.run(
        [sys.executable, "-c", SELF_CONTAINED],
        cwd=REPOSITORY,
        env={**os.environ, "TZ": "Pacific/Auckland", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )

    again = render()

    assert again == progress
    assert elsewhere.stdout.strip() == hashlib.sha256(progress).hexdigest()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_was_typed(text):
    snapshot = spoilt(text)

    progress, decisions = render(snapshot), render(snapshot, kind="decisions")

    shown = squeezed(clean_text(text))
    for pdf in (progress, decisions):
        assert squeezed(words(pdf)).count(shown) >= 5
        assert letters_stay_inside_the_margins(pdf)
        assert b"root:x:0" not in pdf


def test_a_word_of_4000_letters_and_a_title_of_200_wrap_and_lose_nothing():
    word = "".join(chr(97 + n * 7 % 26) for n in range(4000))
    title = ("A long title about the medicine packs of every station " * 4)[:200].strip()
    snapshot = sample.snapshot()
    exception = snapshot["exceptions"][0]
    row = snapshot["workstreams"][0]["projects"][0]["milestones"][0]
    exception["title"] = row["title"] = title
    exception["cause"] = row["narrative"] = word

    pdf = render(snapshot)

    assert squeezed(words(pdf)).count(squeezed(title)) >= 2
    assert sum(squeezed(text).count(word[:600]) for text in page_texts(pdf)) >= 2
    assert letters_stay_inside_the_margins(pdf)


def test_a_long_word_in_every_field_stays_on_the_pages():
    snapshot = spoilt("abcdefghijk" * 364)

    pdf = render(snapshot)

    assert letters_stay_inside_the_margins(pdf)


@pytest.mark.parametrize("kind", PackKind.values)
def test_no_letter_leaves_the_margins(kind, request):
    pdf = request.getfixturevalue(kind)

    assert letters_stay_inside_the_margins(pdf)


@pytest.mark.parametrize("kind", PackKind.values)
def test_an_empty_programme_is_told_in_sentences(kind):
    snapshot = {
        "schema": 1,
        "programme": {"slug": "new", "name": "New plan", "organisation": "A trust"},
        "month_name": "November 2016",
        "as_of": "2016-11-14",
        "previous": None,
    }

    text = words(render(snapshot, kind=kind, previously_considered_by=None, purpose=None))

    expected = {
        "progress": [
            "No milestone was due in November 2016.",
            "There is no earlier pack to compare with.",
            "This programme has no work streams.",
            "The programme has no milestones of its own.",
            "No exception is open.",
            "No change request is awaiting a decision or was decided this month.",
        ],
        "decisions": [
            "Nothing awaits a decision of the ELT this month: no change request and no exception "
            "report.",
            "No other exception is open.",
        ],
        "public": [
            "There is no earlier pack to compare with.",
            "This programme has no work streams.",
        ],
    }[kind]
    assert all(sentence in text for sentence in expected)
    assert "Illustrative" not in text


def test_a_milestone_and_an_indicator_with_nothing_known_still_show():
    snapshot = sample.snapshot()
    stream = snapshot["workstreams"][0]
    stream["worst"] = None
    stream["projects"][0]["milestones"] = [
        {"reference": "WS1-P1-01", "title": "Bare", "rating": "no_date", "late_days": None}
    ]
    stream["projects"][1]["milestones"] = []
    stream["indicators"] = [{"reference": "WS1-I1", "name": "Alone", "rating": "not_reported"}]

    text = words(render(snapshot))

    assert "WS1-P1-01 Bare" in text
    assert "This project has no milestones." in text
    assert "WS1-I1 Alone" in text


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ({"schema": 2}, "its snapshot is not of schema 1."),
        ({"as_of": "14/11/2016"}, "its as-of day is no date."),
        ({"workstreams": "none"}, "The typesetter said:"),
    ],
)
def test_a_snapshot_that_cannot_be_typeset_raises_a_sentence(spoil, sentence):
    snapshot = {**sample.snapshot(), **spoil}

    with pytest.raises(RenderFailed, match=re.escape(sentence)) as failure:
        render(snapshot)

    assert str(failure.value).startswith(
        "The Clinical Quality Review Group pack for November 2016 was not made"
    )


def test_a_broken_chart_stops_the_pack_instead_of_leaving_a_hole():
    snapshot = sample.snapshot()
    snapshot["workstreams"][0]["indicators"][0]["svg"] = "<svg"

    with pytest.raises(RenderFailed, match="The typesetter said"):
        render(snapshot)


def test_an_audience_without_a_known_kind_raises_a_sentence():
    audience = {**sample.audience(), "kind": "poster"}

    with pytest.raises(RenderFailed, match="no known kind of pack"):
        render_pack(snapshot=sample.snapshot(), audience=audience, number="1", sha256="0" * 64)


def test_a_pack_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(rendering, "TIME_LIMIT_SECONDS", 0.01)

    with pytest.raises(RenderFailed, match="took longer than"):
        render()


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("plain text", "plain text"),
        ("a\u202eb\u200bc\x00d", "abcd"),
        ("🚑 help", "□ help"),
        ("e\u0301", "é"),
        ("Zalgo e" + "\u0301" * 200, "Zalgo é" + "\u0301" * 3),
        ("one\r\ntwo", "one\ntwo"),
        ("a" * 24, "a" * 24),
        ("a" * 25, "a" * 12 + "\u200b" + "a" * 12 + "\u200b" + "a"),
    ],
)
def test_text_is_cleaned_for_the_font_and_the_column(raw, cleaned):
    assert clean_text(raw) == cleaned


def test_markup_gets_no_break_inside_its_long_attributes():
    path = f'<path d="{"M1" * 40}"/>'

    assert clean_markup(path) == path
