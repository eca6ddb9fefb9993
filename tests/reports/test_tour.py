import re
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.models import ChangeRequestState, ExceptionState, Outcome
from milestones.models import MilestoneStatus, MilestoneUpdate
from milestones.services import set_baseline
from reports.months import freeze_month
from reports.tour import tour_steps
from tests.factories.governance import (
    ChangeRequestFactory,
    ExceptionReportFactory,
    MeetingFactory,
)
from tests.factories.workstreams import MembershipFactory, ProgrammeFactory
from workstreams.dates import DatePrecision
from workstreams.models import Role

pytestmark = pytest.mark.django_db
TOUR, CLOSE = "/las-2016/tour/", "/las-2016/tour/close/"
HEADING = "See the loop in five steps</h2>"
MADE = datetime(2016, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def slipped(milestone, march, pmo_officer, local_owner):
    """An update of 14 March that puts WS2-P3-03 on 4 June, 35 days after its planned date."""
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    milestone.refresh_from_db()
    return MilestoneUpdate.objects.create(
        milestone=milestone,
        month=march,
        status=MilestoneStatus.IN_PROGRESS,
        forecast_date=date(2016, 6, 4),
        made_by=local_owner,
        made_date=date(2016, 3, 14),
        made_at=datetime(2100, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def story(slipped, executive_lead, pmo_officer, elt_member, march):
    """The whole loop of that update, up to a frozen month."""
    milestone = slipped.milestone
    report = ExceptionReportFactory(
        milestone=milestone,
        number=7,
        state=ExceptionState.CLOSED,
        closed_date=date(2016, 3, 14),
    )
    request = ChangeRequestFactory(
        milestone=milestone,
        number=900,
        exception=report,
        state=ChangeRequestState.APPROVED,
        endorsed_by=executive_lead,
        checked_by=pmo_officer,
    )
    request.decisions.create(
        programme=milestone.programme,
        outcome=Outcome.APPROVED,
        meeting=MeetingFactory(programme=milestone.programme),
        decided_by=elt_member,
        decided_date=date(2016, 3, 14),
        decided_at=MADE,
    )
    milestone.plan_versions.create(
        number=2,
        planned_date=date(2016, 6, 10),
        planned_precision=DatePrecision.DAY,
        change_request_number=900,
        made_by=elt_member,
        made_date=date(2016, 3, 14),
        made_at=datetime(2100, 1, 2, tzinfo=UTC),
    )
    freeze_month(month_id=march.pk, by=pmo_officer)
    return request


def names(programme):
    return [step.name for step in tour_steps(programme)]


def test_the_steps_follow_one_milestone_from_its_update_to_the_packs(
    programme, story, local_owner, executive_lead, elt_member, pmo_officer
):
    steps = tour_steps(programme)

    assert [step.text.partition(",")[0] for step in steps] == [
        "On 14 March 2016 the owner of WS2-P3-03 forecast 4 June 2016",
        "EX-007 opened by itself on 14 March 2016",
        "CR-900 asked on 14 March 2016 for the exact change: the executive lead endorsed it",
        "The ELT approved it on 14 March 2016",
        "March 2016 was frozen as at 14 March 2016",
    ]
    assert "35 days after its planned date, 30 April 2016." in steps[0].text
    assert "made version 2 of its plan" in steps[3].text
    assert [step.person for step in steps] == [
        local_owner,
        local_owner,
        executive_lead,
        elt_member,
        pmo_officer,
    ]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.EXTERNAL_READER}))
def test_every_link_of_the_tour_opens_for_every_role(client_of, member, story, role):
    client = client_of(member(role))

    html = client.get(TOUR).content.decode()

    urls = [link.url for step in tour_steps(story.programme) for link in step.links]
    assert len(urls) == 7
    assert all(f'href="{url}"' in html for url in urls)
    assert {client.get(url).status_code for url in urls} == {200}


def test_a_step_whose_item_is_missing_is_left_out(
    programme, milestone, march, client_of, pmo_officer
):
    assert names(programme) == []
    html = client_of(pmo_officer).get(TOUR).content.decode()
    assert "This demonstration has nothing to follow yet" in html
    assert HEADING not in client_of(pmo_officer).get("/las-2016/home/").content.decode()

    # Late without an update, and nobody asked for another date.
    ExceptionReportFactory(milestone=milestone)
    assert names(programme) == ["The exception"]

    freeze_month(month_id=march.pk, by=pmo_officer)
    assert names(programme) == ["The exception", "The month’s pack and the trace"]


def test_an_update_that_slips_nothing_is_no_step(programme, slipped):
    ExceptionReportFactory(milestone=slipped.milestone)
    assert names(programme) == ["The owner’s update", "The exception"]

    later = dict(slipped.__dict__, id=None, forecast_date=date(2016, 4, 30))
    del later["_state"]
    later.pop("_django_version", None)
    MilestoneUpdate.objects.create(**later)

    assert names(programme) == ["The exception"]


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.ELT_MEMBER, "reports:role_home"),
        (Role.LOCAL_OWNER, "reports:my_work"),
        (Role.AUDITOR, "reports:journal"),
    ],
)
def test_whoever_closes_the_tour_finds_it_no_more_on_the_first_page(
    client_of, member, story, role, page
):
    person = member(role)
    client, first_page = client_of(person), reverse(page, args=["las-2016"])
    assert HEADING in client.get(first_page).content.decode()

    response = client.post(CLOSE)

    assert response["Location"] == first_page
    html = client_of(person).get(first_page).content.decode()
    assert HEADING not in html
    # The way back stands in the demonstration's banner; others still see their own.
    assert f'href="{TOUR}"' in html
    assert HEADING in client_of(member(role)).get(first_page).content.decode()


def test_a_programme_that_is_no_demonstration_has_no_tour(client_of, member):
    real = ProgrammeFactory(slug="real", demonstration_date=None)
    person = member(Role.ELT_MEMBER, programme=real)
    client = client_of(person)

    assert client.get("/real/tour/").status_code == 404
    assert client.post("/real/tour/close/").status_code == 404
    person.refresh_from_db()
    assert not person.has_closed_tour
    home = client.get("/real/home/").content.decode()
    assert not re.search("tour|five steps", home)


def test_an_external_reader_is_not_led_to_pages_that_are_hidden(client_of, external_reader, story):
    client = client_of(external_reader)

    assert client.get(TOUR).status_code == 404
    assert TOUR not in client.get("/las-2016/months/").content.decode()


def decided_after_the_freeze(milestone, elt_member):
    """An approved request of number 901, decided on 15 March: a day after the month was frozen."""
    request = ChangeRequestFactory(
        milestone=milestone,
        number=901,
        exception=ExceptionReportFactory(milestone=milestone, number=8),
        state=ChangeRequestState.APPROVED,
    )
    request.decisions.create(
        programme=milestone.programme,
        outcome=Outcome.APPROVED,
        meeting=MeetingFactory(programme=milestone.programme, held_date=date(2016, 3, 15)),
        decided_by=elt_member,
        decided_date=date(2016, 3, 15),
        decided_at=MADE,
    )


def test_a_story_that_a_frozen_month_tells_comes_before_a_newer_one(
    programme, story, owned, elt_member
):
    decided_after_the_freeze(owned(), elt_member)

    assert tour_steps(programme)[2].text.startswith("CR-900 ")


def test_no_month_is_named_that_does_not_tell_the_decision(
    programme, slipped, elt_member, pmo_officer, march
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    decided_after_the_freeze(slipped.milestone, elt_member)

    steps = tour_steps(programme)

    assert steps[2].text.startswith("CR-901 ")
    assert [step.name for step in steps][3:] == ["The decision and the plan version"]


def test_more_history_costs_no_more_queries(programme, story, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        tour_steps(programme)
    for number in range(100, 110):
        report = ExceptionReportFactory(
            milestone=story.milestone,
            number=number,
            state=ExceptionState.CLOSED,
            closed_date=date(2016, 3, 14),
        )
        ChangeRequestFactory(
            milestone=story.milestone,
            number=number,
            state=ChangeRequestState.APPROVED,
            exception=report,
        )

    with django_assert_num_queries(len(few)):
        tour_steps(programme)


def test_a_member_of_two_demonstrations_closes_it_once(client_of, elt_member, story):
    MembershipFactory(
        programme=ProgrammeFactory(slug="other-trust", name="Other"),
        user=elt_member,
        role=Role.ELT_MEMBER,
    )

    client_of(elt_member).post(CLOSE)

    elt_member.refresh_from_db()
    assert elt_member.has_closed_tour
