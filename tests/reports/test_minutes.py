from datetime import date

import pytest
from django.urls import reverse

from accounts.forms import clean_text
from governance.models import Decision, MeetingKind, Outcome, Ratification
from reports.minutes import minutes_content, render_minutes
from tests.factories.governance import (
    MeetingActionFactory,
    MeetingFactory,
    SubmittedReportFactory,
)
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.reports.test_rendering import HOSTILE, page_texts, squeezed, words
from workstreams.models import Role

TODAY = date(2016, 3, 14)


def address(meeting):
    return reverse("reports:meeting_minutes", args=["las-2016", meeting.pk])


def decided(by, report=None, **fields):
    report = report or SubmittedReportFactory(milestone=BaselinedMilestoneFactory())
    return Decision.objects.create(
        programme=report.programme,
        exception=report,
        outcome=fields.pop("outcome", Outcome.ACCEPTED),
        decided_by=by,
        decided_date=TODAY,
        decided_at="2016-03-14T12:00Z",
        **fields,
    )


@pytest.fixture
def attendees(member):
    return [member(Role.ELT_MEMBER, full_name=f"Director {number}") for number in (1, 2, 3)]


@pytest.fixture
def meeting(programme, attendees):
    """Closed, with a decision superseded by a second, a ratification and actions."""
    meeting = MeetingFactory(
        programme=programme,
        attendees=attendees,
        apologies="The fourth director",
        notes="Two papers were read.\n\nNeither was amended.",
        closed_by=attendees[0],
        closed_date=TODAY,
    )
    first = decided(attendees[0], meeting=meeting)
    decided(
        attendees[1],
        first.exception,
        meeting=meeting,
        outcome=Outcome.RETURNED,
        comment="Name the owner of each step",
        supersedes=first,
    )
    Ratification.objects.create(
        decision=decided(attendees[2], chairs_action_reason="The CQC asked that day"),
        meeting=meeting,
        ratified_by=attendees[0],
        ratified_date=TODAY,
        ratified_at="2016-03-14T12:00Z",
    )
    earlier = MeetingFactory(programme=programme, held_date=date(2016, 2, 15))
    MeetingActionFactory(meeting=earlier, text="Carried", done_date=date(2016, 3, 20))
    MeetingActionFactory(meeting=meeting, text="Agreed")
    return meeting


def test_the_minutes_say_who_decided_ratified_and_agreed_what(meeting):
    text = words(render_minutes(meeting))

    for part in (
        "Minutes of the ELT meeting",
        "14 March 2016",
        "Closed by Director 1, 14 Mar 2016",
        "Quorate: 3 attended, the quorum is 3",
        "The fourth director",
        "Neither was amended.",
        "Name the owner of each step",
        "Supersedes the decision of 14 Mar 2016: accepted.",
        "The CQC asked that day",
        "Carried",
        "Agreed",
    ):
        assert squeezed(part) in squeezed(text), part
    assert "Draft" not in text


def test_the_same_record_gives_the_same_bytes_as_a_tagged_document(meeting):
    pdf = render_minutes(meeting)

    assert render_minutes(meeting) == pdf
    assert b"pdfuaid:part" in pdf


def test_what_was_done_after_the_meeting_is_no_part_of_its_minutes(meeting):
    carried = minutes_content(meeting)["carried_over"]

    assert [(row["text"], row["state"]) for row in carried] == [("Carried", "Open")]


@pytest.mark.parametrize("kind", [MeetingKind.QIG, MeetingKind.WORKSTREAM])
def test_minutes_of_the_others_have_no_quorum_and_no_decisions(programme, workstream, kind):
    own = workstream if kind == MeetingKind.WORKSTREAM else None
    meeting = MeetingFactory(programme=programme, kind=kind, workstream=own)

    text = words(render_minutes(meeting))

    assert "Draft: the minutes are not closed yet" in text
    assert "Nobody is recorded as having attended." in text
    assert "quorum" not in text.lower()
    assert "Decisions" not in text


def test_hostile_and_long_texts_are_shown_as_they_are(programme, attendees):
    typed = [clean_text(text) for text in HOSTILE]  # as a form keeps it
    meeting = MeetingFactory(
        programme=programme, attendees=attendees, notes="\n\n".join(typed), apologies=typed[1]
    )
    for number in range(60):
        MeetingActionFactory(meeting=meeting, text=f"{typed[number % 7]} {'long ' * 60}")

    pages = page_texts(render_minutes(meeting))

    assert len(pages) > 3
    assert all(len(squeezed(page)) > 100 for page in pages)
    assert squeezed("<script>alert(1)</script>") in squeezed(" ".join(pages))
    assert 'read("/etc/passwd")' in " ".join(pages)


def test_every_live_member_downloads_them_under_a_telling_name(meeting, client_of, auditor):
    response = client_of(auditor).get(address(meeting))

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="las-2016-elt-2016-03-14.pdf"'
    assert response.content.startswith(b"%PDF")


def test_a_meeting_ahead_has_no_minutes_and_nobody_outside_sees_any(
    meeting, programme, client_of, auditor, external_reader
):
    ahead = MeetingFactory(programme=programme, held_date=date(2016, 3, 15))

    assert client_of(auditor).get(address(ahead)).status_code == 404
    assert client_of(external_reader).get(address(meeting)).status_code == 404
