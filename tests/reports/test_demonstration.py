import re
from datetime import date

import pypdfium2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.audit import verify_chain
from accounts.models import User
from governance.models import (
    ChangeRequest,
    ChangeRequestState,
    CqcState,
    CqcStep,
    Decision,
    ExceptionReport,
    ExceptionState,
    LineState,
    Meeting,
    MeetingAction,
    MeetingKind,
    Risk,
    RiskBand,
    RiskKind,
)
from governance.risk_movement import register_movement
from metrics.models import Indicator
from metrics.process import process_of
from metrics.rating import PerformanceRating
from metrics.reading import ASSURANCE_WORDS, VARIATION_WORDS, reading_of
from milestones.rating import DeliveryRating
from reports.figures import programme_figures
from reports.models import Pack, Snapshot
from reports.snapshots import build_content
from reports.tour import tour_steps
from tests.demonstration import PASSWORD, PLAN
from tests.reports.demonstration_packs import check_changes, check_same_bytes
from workstreams.models import MonthState, Project, Role

pytestmark = pytest.mark.django_db


def squeezed(text: str) -> str:
    """Text without the breaks that a table's columns put into it."""
    return re.sub(r"[\s\u200b]+", "", text)


def check_states(programme):
    figures = programme_figures(programme, as_of=programme.today())
    shown = {rating for rating, count in figures.counts.items() if count}
    assert shown == set(DeliveryRating) - {DeliveryRating.WITHDRAWN}
    assert all(figures.performance_counts[rating] for rating in PerformanceRating)
    assert any(line.disagrees for line in figures.lines)
    assert any(not line.is_updated for line in figures.lines)
    reports = ExceptionReport.objects.filter(programme=programme)
    assert set(reports.values_list("state", flat=True)) >= set(ExceptionState) - {
        ExceptionState.RETURNED  # a returned one is revised within days
    }
    requests = ChangeRequest.objects.filter(programme=programme)
    assert set(requests.values_list("state", flat=True)) == set(ChangeRequestState)
    steps = CqcStep.objects.newest_of(programme)
    assert {step.state for step in steps} == set(CqcState) - {CqcState.OPEN}
    states = programme.months.values_list("state", flat=True)
    assert set(states) == {MonthState.OPEN, MonthState.FROZEN, MonthState.ISSUED}


def check_register(programme):
    """Each band, both directions, an overdue review, and an issue that a risk became."""
    register = Risk.objects.filter(programme=programme)
    today = programme.today()
    assert {risk.current_band for risk in register.open()} == set(RiskBand)
    assert register.review_overdue(on=today).count() == 1
    came_from = [risk.came_from for risk in register.filter(came_from__isnull=False)]
    assert [risk.label for risk in came_from] == ["R-005"]
    assert register.filter(kind=RiskKind.ISSUE).open().count() == 2
    frozen = Snapshot.objects.filter(month__programme=programme).latest("as_of_date")
    moved = register_movement(register.open(), since=frozen.as_of_date)
    assert {"up", "down", "new"} <= {each.direction for each in moved.moved}
    printed = {row["number"]: row["score"] for row in frozen.data["risks"]["risks"]}
    assert printed["R-001"] == moved.by_risk[register.get(number=1).pk].before
    assert {line.state for line in programme.monthly_lines.all()} == set(LineState)


def check_meetings(programme):
    """Past meetings with their minutes, one to come, actions open and done, a chair's action."""
    today = programme.today()
    meetings = Meeting.objects.filter(programme=programme)
    assert set(meetings.values_list("kind", flat=True)) == set(MeetingKind)
    closed = meetings.filter(kind=MeetingKind.ELT, closed_date__isnull=False)
    assert closed.count() == 8
    assert not meetings.get(kind=MeetingKind.ELT, held_date=today).is_closed
    assert all(meeting.attendees.count() >= programme.elt_quorum for meeting in closed)
    assert meetings.ahead(on=today).filter(kind=MeetingKind.ELT).exists()
    actions = MeetingAction.objects.filter(meeting__programme=programme)
    assert actions.open().exists()
    assert actions.exclude(done_date=None).exists()
    assert Decision.objects.filter(programme=programme).to_ratify().count() == 1


def check_november(programme):
    """The month under way moves, October's ELT has something to decide, and CQC comes again."""
    october = Snapshot.objects.filter(month__programme=programme).latest("as_of_date")
    november = programme.months.get(month="2016-11-01")
    november.programme = programme
    now = build_content(
        november, as_of=programme.today(), version=1, previous=october.data, with_charts=False
    )
    assert {"completed", "slipped"} <= {each["kind"] for each in now["summary"]["changes"]}
    assert october.data["change_requests"]["awaiting"]
    assert any(each["state"] == "submitted" for each in october.data["exceptions"])
    assert programme.next_inspection_date > programme.today()


def check_tour(programme):
    """Its guide has all five steps, on a milestone that is late or was."""
    steps = tour_steps(programme)
    assert [step.name for step in steps] == [
        "The owner’s update",
        "The exception",
        "The change request",
        "The decision and the plan version",
        "The month’s pack and the trace",
    ]
    assert all(step.person and step.person.email.endswith("@las.example") for step in steps)


def check_charts():
    """Every word of a reading, every rule, and what people note on a chart is there to see."""
    indicators = Indicator.objects.with_people().with_series().in_plan_order()
    processes = [process_of(each, month=date(2016, 10, 1)) for each in indicators]
    readings = [reading_of(each) for each in processes]
    assert {each.variation for each in readings} == {"", *VARIATION_WORDS.values()}
    assert {each.assurance for each in readings} == {"", *ASSURANCE_WORDS.values()}
    spc = [each for each in processes if each.is_spc]
    causes = {each.analysis.latest.special_cause for each in spc}
    assert causes == {None, "outside", "trend", "two_of_three", "shift"}
    assert any(0 < each.points_in_step < 13 for each in processes if each.is_chartable)
    assert any(each.rebases and len(each.analysis.steps) == 2 for each in spc)
    assert any(each.annotations for each in spc)
    assert any(None in each.values for each in spc)
    assert any(each.provisional for each in spc)
    assert any(each.indicator.is_quarterly and each.values for each in processes)


def check_readings(programme):
    """The reading of each kind of chart, next to what was made up for it."""
    read = {
        reference: reading_of(
            process_of(programme.indicators.get(reference=reference), month=date(2016, 10, 1))
        )
        for reference in ("WS1-I3", "WS2-I1", "WS2-I6", "WS3-I3", "WS4-I9", "WS5-I2", "WS5-I5")
    }
    words = {key: (each.variation, each.assurance) for key, each in read.items()}
    assert words == {
        "WS1-I3": ("Common cause", "Consistently passing"),
        "WS2-I1": ("Common cause", "Consistently failing"),
        "WS2-I6": ("Common cause", "Hit or miss"),
        "WS3-I3": ("Common cause", "Hit or miss"),
        "WS4-I9": ("", ""),
        "WS5-I2": ("Improving", "Hit or miss"),
        "WS5-I5": ("Concern", "Hit or miss"),
    }
    assert "start afresh in September 2015: Illustrative: a handover" in read["WS3-I3"].text
    assert "SPC from 13 points: 10 of 13." in read["WS4-I9"].text
    assert read["WS5-I2"].text.startswith(
        "The value rises without a break over the seven months to October 2016"
    )
    assert read["WS5-I5"].text.startswith(
        "The eight months to October 2016 all lie below the mean: a real fall, and falling is bad"
    )


def check_progress_pack(programme):
    pack = Pack.objects.get(snapshot__month__month="2016-10-01", audience__code="cqrg")
    document = pypdfium2.PdfDocument(pack.read())
    pages = [page.get_textpage().get_text_bounded() for page in document]
    text = squeezed(" ".join(pages))
    assert all(len(squeezed(page)) > 100 for page in pages)
    for workstream in programme.workstreams.all():
        assert squeezed(workstream.name) in text
    for project in Project.objects.filter(workstream__programme=programme):
        assert squeezed(project.name) in text
    for report in pack.snapshot.data["exceptions"]:
        assert report["number"] in text


def test_the_demonstration_shows_every_state_in_a_true_history(demonstration, capsys, tmp_path):
    programme = demonstration

    check_states(programme)
    check_register(programme)
    check_meetings(programme)
    check_november(programme)
    check_tour(programme)
    check_progress_pack(programme)
    check_charts()
    check_readings(programme)
    if connection.vendor == "sqlite":
        # A pack is made from its snapshot's text alone: no database has a part in it.
        check_same_bytes(tmp_path)
    assert check_changes() >= {"completed", "slipped", "moved", "rating"}
    assert verify_chain().broken is None
    assert User.objects.get(email="pmo@las.example").check_password(PASSWORD)
    held = set(programme.memberships.values_list("role", flat=True))
    assert held == set(Role)

    # Again: nothing is lived twice, and the plan loads as before.
    before = Snapshot.objects.count(), ExceptionReport.objects.count()
    capsys.readouterr()
    call_command("demo", "--yes")
    call_command("load_plan", str(PLAN))
    assert (Snapshot.objects.count(), ExceptionReport.objects.count()) == before
    assert not re.search(r"\b(created|updated)\b", capsys.readouterr().out)


def test_the_demonstration_wants_to_be_told_twice_where_debug_is_off():
    with pytest.raises(CommandError, match="needs --yes"):
        call_command("demo")

    assert not User.objects.exists()


def test_the_demonstration_wants_the_plan_first():
    with pytest.raises(CommandError, match="load_plan plans/las-2016.yaml"):
        call_command("demo", "--yes")
