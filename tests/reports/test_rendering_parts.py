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

    after_contents = " ".join(pages[1:])
    _, summary = after_contents.split("Executive summary", 1)
    summary, chapter = summary.split(f"WS3 {one_workstream['workstreams'][0]['name']} ", 1)
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


def test_only_a_pack_with_words_of_owners_has_a_column_for_them(one_workstream):
    assert "Progress and what is outstanding" in words(render(one_workstream))
    assert "Progress and what is" not in words(render(one_workstream, kind="public"))


def test_a_local_owner_stands_with_the_project_and_with_milestones_of_somebody_else(one_workstream):
    project = one_workstream["workstreams"][0]["projects"][0]
    project["owner"] = "Ada Lovelace"
    for each in project["milestones"]:
        each["owner"] = "Ada Lovelace"
    project["milestones"][0]["owner"] = "Grace Hopper"

    text = words(render(one_workstream))

    assert text.count("Ada Lovelace") == 1
    assert text.count("Local owner: Grace Hopper") == 1


@pytest.mark.parametrize(
    ("dates", "shown"),
    [
        ({"baseline": "Mar 2016", "planned": "Mar 2016"}, "Mar 2016"),
        ({"baseline": "Mar 2016", "planned": "4 Jun 2016"}, "4 Jun 2016 baseline Mar 2016"),
        ({"baseline": "", "planned": "4 Jun 2016"}, "4 Jun 2016 no baseline"),
    ],
)
def test_the_baseline_is_told_where_it_is_another_day(one_workstream, dates, shown):
    bare = {"reference": "WS3-P1-01", "title": "Bare", "rating": "on_track"}
    one_workstream["workstreams"][0]["projects"][0]["milestones"] = [{**bare, **dates}]

    text = words(render(one_workstream))

    assert f"WS3-P1-01 Bare {shown} – " in text


def test_nothing_depends_on_what_is_no_milestone(one_workstream):
    requests = one_workstream["change_requests"]
    milestone, *_ = one_workstream["workstreams"][0]["projects"][0]["milestones"]
    indicator, *_ = one_workstream["workstreams"][0]["indicators"]
    about_milestone, about_indicator = (
        {**requests["awaiting"][0], "reference": row["reference"], "dependants": []}
        for row in (milestone, indicator)
    )
    one_workstream["change_requests"] = {"awaiting": [about_milestone, about_indicator]}

    text = words(render(one_workstream))

    assert text.count("No other milestone depends on this one.") == 1


def test_a_recovery_day_that_passed_and_a_report_that_is_overdue_are_marked(one_workstream):
    filed, unfiled = (
        next(one for one in one_workstream["exceptions"] if bool(one["cause"]) is is_filed)
        for is_filed in (True, False)
    )
    filed.update(recovery="4 Oct 2016", recovery_passed=True)
    unfiled.update(report_due="7 Oct 2016", report_overdue=True, escalated="31 Oct 2016")
    one_workstream["exceptions"] = [filed, unfiled]

    text = words(render(one_workstream))

    assert "2 milestones and indicators are off plan beyond tolerance." in text
    assert "1 has no exception report yet." in text
    assert text.count("4 Oct 2016 Passed") == 2
    assert "7 Oct 2016 Overdue Escalated 31 Oct 2016" in text


def test_the_milestones_of_the_programme_itself_are_told_beside_the_work_streams(one_workstream):
    one_workstream["summary"]["total"] = one_workstream["workstreams"][0]["total"] + 6

    text = words(render(one_workstream, kind="public"))

    assert "the programme as a whole has 6 milestones of its own." in text


def test_the_public_is_not_told_what_an_exception_report_is(one_workstream):
    terms = ("Milestone", "Exception report", "Chair’s action")
    one_workstream["definitions"] = [{"term": term, "meaning": f"On {term}"} for term in terms]

    text = words(render(one_workstream, kind="public"))

    assert [term for term in terms if f"On {term}" in text] == ["Milestone"]
