"""The parts of a pack that depend on its audience, on people's words, and on being a draft."""

import re

import pypdfium2
import pytest

from reports.rendering import render_pack
from tests.reports import snapshot_sample as sample


def render(snapshot=None, kind="progress", commentary=None, sha256=sample.SHA256, **audience):
    return render_pack(
        snapshot=sample.snapshot() if snapshot is None else snapshot,
        audience={**sample.audience(kind), **audience},
        number=sample.NUMBER,
        sha256=sha256,
        commentary=commentary,
    )


def page_texts(pdf):
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    return [re.sub(r"\s+", " ", text.replace("\u200b", "")) for text in texts]


def words(pdf):
    return " ".join(page_texts(pdf))


@pytest.fixture
def one_workstream():
    """The sample with a single work stream, quick to typeset."""
    snapshot = sample.snapshot()
    return snapshot | {"workstreams": snapshot["workstreams"][2:3]}


def test_a_public_extract_names_nobody_but_the_leads_and_holds_no_draft(one_workstream):
    secret = "CANARY"
    for stream in one_workstream["workstreams"]:
        for project in stream["projects"]:
            project["owner"] = secret
            for each in project["milestones"]:
                each.update(owner=secret, narrative=secret, not_updated=True)
        stream["indicators"][0].update(narrative=True, reading=secret, svg="")
    for report in one_workstream["exceptions"]:
        report.update(owner=secret, cause=secret)
    for request in one_workstream["change_requests"]["awaiting"]:
        request.update(raised_by=secret, reason=secret)
    one_workstream["data_quality"] = [{"label": secret, "items": []}]
    said = {"summary": {"text": "Going well.", "by": secret, "role": "Chief Executive"}}

    pdf = render(one_workstream, kind="public", commentary=said)

    text = words(pdf)
    assert secret.encode() not in pdf
    assert secret not in text
    assert "Not updated this month" not in text
    assert "Zoë Packman" in text
    assert "Going well. Chief Executive" in text


def test_commentary_stands_in_the_chapter_that_it_is_about_with_who_accepted_it(one_workstream):
    said = {
        "summary": {"text": "The plan holds.\n\nTwo risks.", "by": "PMO officer", "role": ""},
        "WS3": {"text": "Handover times fell.", "by": "", "role": "Director of Nursing"},
    }

    pages = page_texts(render(one_workstream, commentary=said))

    summary = next(page for page in pages if page.startswith("Executive summary"))
    chapter = next(page for page in pages if page.startswith("WS3 "))
    assert "The plan holds. Two risks. PMO officer" in summary
    assert "Handover times fell. Director of Nursing" in chapter


def test_commentary_is_words_and_never_markup(one_workstream):
    said = "= Heading #panic() $x$ {{ 7*7 }} <script>alert(1)</script> 🚑"

    pdf = render(one_workstream, commentary={"summary": {"text": said, "by": "", "role": ""}})

    assert said.replace("🚑", "\u25a1") in words(pdf)


def test_a_draft_says_so_on_every_page_and_shows_no_fingerprint(one_workstream):
    pages = page_texts(render(one_workstream, sha256=""))

    for page in pages:
        assert page.count("Draft, not frozen") >= 2  # across the page, and in its footer
    assert "None: this is a draft." in pages[-1]
    assert "SHA-256" not in " ".join(pages)


def test_the_head_of_the_journal_stands_on_the_last_page(one_workstream):
    one_workstream["journal"] = {"entries": 812, "head": "ab" * 32}

    last = page_texts(render(one_workstream))[-1]

    assert "812 entries" in last
    assert "ab" * 32 in last.replace(" ", "")


def test_a_question_about_the_data_is_counted_with_what_it_found(one_workstream):
    found = [
        {"reference": f"WS1-P1-{n:02}", "title": "", "detail": "forecast 3 Oct 2016"}
        for n in range(1, 16)
    ]
    row = {"label": "Forecast in the past", "meaning": "", "count": 15, "of": 90, "items": found}
    one_workstream["data_quality"] = [row, {**row, "count": 0, "items": []}]

    text = words(render(one_workstream))

    assert "1 of 2 questions found nothing" in text
    assert "WS1-P1-12 (forecast 3 Oct 2016) and 3 more" in text


def test_an_audience_gets_the_chapters_that_it_lists_in_its_order(one_workstream):
    pdf = render(one_workstream, sections=["summary", "definitions", "key"])

    marks = pypdfium2.PdfDocument(pdf).get_toc()
    assert [mark.get_title() for mark in marks if mark.level == 0] == [
        "Executive summary",
        "Definitions",
        "Key to ratings",
    ]
