import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance import change_requests, decisions, exceptions, review
from governance.actions import ActionLine
from governance.change_requests import Proposal
from governance.decisions import Sitting
from governance.exceptions import ReportContent
from governance.models import ChangeRequest, ExceptionReport, Outcome
from governance.remedial_actions import complete_action
from milestones.models import MilestoneStatus, PlanVersion
from milestones.services import Position, set_baseline
from reports.months import freeze_month
from reports.packs import render_due_packs
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    RemedialActionFactory,
)
from tests.factories.metrics import TrajectoryPointFactory
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import ProgrammeFactory
from workstreams.models import Role
from workstreams.months import open_month


def url(kind, key):
    return reverse("reports:trace_detail", args=["las-2016", kind, key])


def on(programme, day):
    programme.demonstration_date = day
    programme.save(update_fields=["demonstration_date"])


def freeze(programme, month, by):
    frozen = freeze_month(month_id=open_month(programme, month).pk, by=by)
    render_due_packs()
    return frozen


def report_content(owner, due):
    return ReportContent(
        cause="Winter rotas",
        consequence="Registers are late",
        delivery_impact="Patients: none",
        recovery_date=due,
        actions=(ActionLine(text="Name a deputy for each register", owner=owner, due_date=due),),
    )


@pytest.fixture
def decide(elt_member, member):
    """Let the ELT decide with a quorum on the day of the programme."""
    attendees = frozenset([elt_member, member(Role.ELT_MEMBER), member(Role.ELT_MEMBER)])

    def at(day):
        return {"by": elt_member, "sitting": Sitting(held_date=day, attendees=attendees)}

    return at


def chain(response):
    """What a trace shows, as pairs of kind and text, in its order."""
    return [(each["node"].kind.value, each["node"].text) for each in response.context["nodes"]]


def links_of(response):
    return set(re.findall(r'href="(/las-2016/trace/[^"]+)"', response.content.decode()))


@pytest.fixture
def indicator_story(programme, indicator, local_owner, pmo_officer, decide, audiences):
    """An indicator off trajectory in February 2016 and back on it in March, with its exception."""
    for month in (date(2016, 2, 1), date(2016, 3, 1)):
        TrajectoryPointFactory(indicator=indicator, month=month, value=Decimal(90))
    said = {"indicator_id": indicator.pk, "by": local_owner}
    on(programme, date(2016, 3, 3))
    review.record_measurement(**said, month=date(2016, 2, 1), value=Decimal(70))
    report = ExceptionReport.objects.get(indicator=indicator)
    exceptions.file_report(
        exception_id=report.pk,
        by=local_owner,
        seen_version=report.version,
        content=report_content(local_owner, date(2016, 3, 31)),
        submit=True,
    )
    on(programme, date(2016, 3, 4))
    decisions.decide_exception(
        exception_id=report.pk, outcome=Outcome.ACCEPTED, **decide(date(2016, 3, 4))
    )
    on(programme, date(2016, 3, 7))
    freeze(programme, date(2016, 2, 1), pmo_officer)
    on(programme, date(2016, 3, 30))
    complete_action(action_id=report.remedial_actions.get().pk, by=local_owner)
    on(programme, date(2016, 4, 5))
    review.record_measurement(**said, month=date(2016, 3, 1), value=Decimal(92))
    on(programme, date(2016, 4, 7))
    freeze(programme, date(2016, 3, 1), pmo_officer)
    report.refresh_from_db()
    return report


def test_the_story_of_an_indicator_is_all_on_its_trace(indicator_story, client_of, auditor):
    report = indicator_story
    assert report.state == "closed"

    page = client_of(auditor).get(url("indicator", "WS2-I1"))

    assert chain(page) == [
        ("measurement", "WS2-I1: February 2016 70%, trajectory 90%"),
        ("exception", f"{report.label} opened on WS2-I1"),
        ("exception", f"{report.label}: report submitted"),
        ("remedial-action", "Name a deputy for each register"),
        ("decision", f"Accepted: {report.label}, ELT meeting of 4 Mar 2016"),
        ("snapshot", "February 2016, version 1"),
        ("remedial-action", "Done: Name a deputy for each register"),
        ("measurement", "WS2-I1: March 2016 92%, trajectory 90%"),
        ("exception", f"{report.label} closed"),
        ("snapshot", "March 2016, version 1"),
    ]
    html = page.content.decode()
    assert "Shown as Below, February 2016 70%" in html
    for word in ("Below", "Met", "Winter rotas", "Pack for Clinical Quality Review Group"):
        assert word in html


def test_from_each_of_them_the_same_story_is_told_and_it_says_where_one_came_from(
    indicator_story, client_of, auditor
):
    client, report = client_of(auditor), indicator_story
    whole = chain(client.get(url("indicator", "WS2-I1")))
    starts = [
        ("exception", report.number),
        ("remedial-action", report.remedial_actions.get().pk),
        ("decision", report.decisions.get().pk),
    ]

    for kind, key in starts:
        page = client.get(url(kind, key))
        assert chain(page) == whole
        marked = {each["node"].kind.value for each in page.context["nodes"] if each["is_start"]}
        assert marked == {kind}
        others = {url(*other) for other in starts} - {url(kind, key)}
        assert others <= links_of(page)


@pytest.fixture
def milestone_story(programme, milestone, local_owner, executive_lead, pmo_officer, decide):
    """A milestone forecast late, whose planned date is moved by an approved request."""
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    milestone.refresh_from_db()
    review.record_update(
        milestone_id=milestone.pk,
        by=local_owner,
        seen_version=milestone.version,
        position=Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=date(2016, 6, 10)),
    )
    request = change_requests.raise_change_request(
        milestone_id=milestone.pk,
        by=local_owner,
        submit=True,
        proposal=Proposal(planned_date=date(2016, 6, 10), reason="Late", delivery_impact="None"),
    )
    change_requests.endorse(change_request_id=request.pk, by=executive_lead)
    change_requests.check(change_request_id=request.pk, by=pmo_officer)
    request.refresh_from_db()
    on(programme, date(2016, 3, 15))
    decisions.decide_change_request(
        change_request_id=request.pk,
        outcome=Outcome.APPROVED,
        seen_version=request.version,
        **decide(date(2016, 3, 15)),
    )
    return request


def test_the_story_of_a_milestone_reaches_from_the_update_to_the_plan_version_and_the_packs(
    milestone_story, programme, pmo_officer, audiences, client_of, auditor
):
    request = milestone_story
    on(programme, date(2016, 4, 4))
    freeze(programme, date(2016, 3, 1), pmo_officer)
    client = client_of(auditor)

    page = client.get(url("milestone", "WS2-P3-03"))

    report = ExceptionReport.objects.get()
    assert chain(page) == [
        ("update", "WS2-P3-03: forecast 10 Jun 2016"),
        ("exception", f"{report.label} opened on WS2-P3-03"),
        (
            "change-request",
            f"{request.label} on WS2-P3-03: Move the planned date to 10 Jun 2016",
        ),
        ("plan-version", "WS2-P3-03, version 1: baseline Apr 2016"),
        ("decision", f"Approved: {request.label}, ELT meeting of 15 Mar 2016"),
        ("exception", f"{report.label} closed"),
        ("plan-version", "WS2-P3-03, version 2: planned date 10 Jun 2016"),
        ("snapshot", "March 2016, version 1"),
    ]
    # Rated by the date in force when it was made, and shown by the one in force when frozen.
    assert page.context["nodes"][0]["node"].rating == "at_risk"
    assert "Shown as On track, planned 10 Jun 2016" in page.content.decode()
    version = PlanVersion.objects.get(number=2)
    for kind, key in [
        ("change-request", request.number),
        ("decision", request.decisions.get().pk),
        ("plan-version", version.pk),
    ]:
        assert chain(client.get(url(kind, key))) == chain(page)


def test_a_snapshot_and_its_packs_lead_to_what_they_show_and_back(
    milestone_story, indicator_story, programme, client_of, auditor
):
    client, request = client_of(auditor), milestone_story

    page = client.get(url("snapshot", "2016-02-v1"))
    pack = client.get(url("pack", "2016-02-v1-cqrg"))

    version = PlanVersion.objects.get(number=2)
    wanted = {
        url("exception", indicator_story.number),
        url("change-request", request.number),
        url("decision", request.decisions.get().pk),
        url("plan-version", version.pk),
        url("pack", "2016-02-v1-cqrg"),
        url("indicator", "WS2-I1"),
    }
    assert wanted <= links_of(page)
    assert wanted <= links_of(pack)
    assert "Shown as Accepted" in page.content.decode()
    assert pack.context["start"].title == "Pack for Clinical Quality Review Group, February 2016"


def test_a_decisions_pack_is_named_only_where_it_shows_the_thing(
    programme, milestone, pmo_officer, audiences, client_of, auditor
):
    freeze(programme, date(2016, 2, 1), pmo_officer)

    links = links_of(client_of(auditor).get(url("milestone", "WS2-P3-03")))

    assert url("pack", "2016-02-v1-cqrg") in links
    assert url("pack", "2016-02-v1-elt") not in links


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("milestone", "WS9-P9-99"),
        ("milestone", "\0"),
        ("indicator", "WS2-P3-03"),
        ("exception", "999"),
        ("exception", "1x"),
        ("exception", "9" * 30),
        ("decision", "1"),
        ("plan-version", "\u0661"),
        ("snapshot", "2016-02-v9"),
        ("snapshot", "nonsense"),
        ("pack", "2016-02-v1-nobody"),
        ("update", "1"),
        ("nonsense", "1"),
    ],
)
def test_what_is_not_there_is_not_found(milestone, client_of, auditor, kind, key):
    assert client_of(auditor).get(url(kind, key)).status_code == 404


def test_nothing_of_another_programme_is_traced(milestone, client_of, member):
    report = ExceptionReportFactory(milestone=milestone, number=7)
    other = ProgrammeFactory(slug="other-trust")
    client = client_of(member(Role.PMO_OFFICER, programme=other))
    action = RemedialActionFactory(exception=report)

    for kind, key in [
        ("milestone", milestone.reference),
        ("exception", 7),
        ("remedial-action", action.pk),
    ]:
        address = reverse("reports:trace_detail", args=["other-trust", kind, key])
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        ("ws2-p3-03", ("milestone", "WS2-P3-03")),
        ("WS2-I1", ("indicator", "WS2-I1")),
        ("EX-007", ("exception", "7")),
        ("ex7", ("exception", "7")),
        ("CR-3", ("change-request", "3")),
    ],
)
def test_a_reference_leads_to_its_trace(milestone, indicator, client_of, auditor, typed, leads_to):
    ExceptionReportFactory(milestone=milestone, number=7)
    ChangeRequestFactory(milestone=milestone, number=3)

    response = client_of(auditor).get(reverse("reports:trace", args=["las-2016"]), {"text": typed})

    assert response["Location"] == url(*leads_to)


def test_a_reference_of_nothing_is_said_at_the_field(programme, client_of, auditor):
    address = reverse("reports:trace", args=["las-2016"])

    html = client_of(auditor).get(address, {"text": "EX-999"}).content.decode()

    assert '<a href="#id_text">This programme has nothing of this reference.' in html
    assert 'value="EX-999"' in html
    assert "There is a problem" not in client_of(auditor).get(address).content.decode()


def test_a_trace_costs_the_same_queries_however_long_it_is(
    programme, milestone, client_of, auditor, local_owner
):
    client = client_of(auditor)

    def lengthen(number):
        for _ in range(number):
            report = ExceptionReportFactory(
                milestone=milestone, state="closed", closed_date=date(2016, 3, 1)
            )
            RemedialActionFactory.create_batch(3, exception=report, owner=local_owner)
            ChangeRequestFactory(milestone=milestone, exception=report, state="rejected")

    def queries():
        with CaptureQueriesContext(connection) as counted:
            client.get(url("milestone", milestone.reference))
        return len(counted)

    lengthen(1)
    queries()
    few = queries()
    lengthen(25)

    assert queries() == few
    assert ChangeRequest.objects.count() == 26


def test_a_thing_without_a_story_says_so(client_of, auditor, programme):
    milestone = BaselinedMilestoneFactory(reference="WS2-P3-99")

    page = client_of(auditor).get(url("milestone", milestone.reference))

    assert "Nothing has happened to it yet" in page.content.decode()
