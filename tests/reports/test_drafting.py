from reports.commentary import SUMMARY
from reports.drafting import draft_for
from tests.reports import snapshot_sample as sample


def test_a_summary_is_drafted_from_the_figures_of_the_snapshot():
    content = sample.snapshot()

    paragraphs = draft_for(content, SUMMARY).split("\n\n")

    assert paragraphs[0] == "3 of 6 milestones due in November 2016 were delivered."
    assert paragraphs[1] == (
        "Since October 2016: 1 milestone completed, 1 slipped, 1 moved by change request, 1 added, "
        "1 withdrawn."
    )
    assert paragraphs[2].startswith("Furthest behind: WS1-P")
    assert "(58 days late)" in paragraphs[2]
    assert paragraphs[3].endswith("below trajectory.")
    # The pack prints it above them, and the extract for the public knows no requests.
    assert content["summary"]["lead"] not in paragraphs
    assert "request" not in paragraphs[3]


def test_a_work_stream_is_drafted_from_its_own_milestones_and_indicators():
    content = sample.snapshot()

    text = draft_for(content, "WS3")

    assert "Furthest behind: WS3-P" in text
    assert "of 4 indicators met" in text
    assert "WS1-" not in text


def test_a_first_month_compares_with_nothing():
    content = sample.snapshot() | {"previous": None}

    assert "Since" not in draft_for(content, SUMMARY)


def test_what_is_no_section_has_no_draft():
    assert draft_for(sample.snapshot(), "WS9") == ""
