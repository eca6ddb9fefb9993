from datetime import date

import pytest
from django.urls import reverse

from milestones.models import Milestone, MilestoneStatus
from milestones.services import Position, record_update
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import (
    EnablerFactory,
    ProgrammeFactory,
    ProjectFactory,
    WorkstreamFactory,
)
from workstreams.models import MonthState, Role
from workstreams.months import open_month

LIST = "/las-2016/milestones/"
DONE = {"status": MilestoneStatus.COMPLETE, "completed_date": date(2016, 3, 1)}


@pytest.fixture
def plan(programme, workstream, local_owner):
    """One milestone of each kind, named for what it is. Today is 14 March 2016."""
    incidents = ProjectFactory(workstream=workstream, name="Improve incident reporting")
    other = WorkstreamFactory(programme=programme, code="WS5", name="Pride", position=5)
    drugs = ProjectFactory(workstream=other, code="WS5-P1", name="Medicines")
    undated = {"planned_date": None, "planned_precision": ""}
    BaselinedMilestoneFactory(project=incidents, reference="LATE", planned_date=date(2016, 2, 1))
    MilestoneFactory(project=incidents, reference="SLIPPED", planned_date=date(2016, 3, 4))
    MilestoneFactory(
        project=incidents, reference="DUE", planned_date=date(2016, 3, 31), local_owner=local_owner
    )
    MilestoneFactory(project=drugs, reference="UNDATED", local_owner=None, **undated)
    MilestoneFactory(project=drugs, reference="DONE", title="Drug audit", **undated, **DONE)
    MilestoneFactory(project=drugs, reference="GONE", status=MilestoneStatus.WITHDRAWN)
    MilestoneFactory(
        project=None,
        enabler=EnablerFactory(programme=programme),
        programme=programme,
        reference="ENABLER",
        planned_date=date(2016, 6, 1),
        forecast_date=date(2016, 4, 1),
    )


def listed(response):
    return [row.milestone.reference for row in response.context["rows"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["LATE", "SLIPPED", "UNDATED", "DUE", "ENABLER", "DONE"]),
        ("sort=reference", ["DONE", "DUE", "ENABLER", "LATE", "SLIPPED", "UNDATED"]),
        ("sort=planned", ["LATE", "SLIPPED", "DUE", "ENABLER", "DONE", "UNDATED"]),
        ("sort=forecast", ["ENABLER", "DONE", "DUE", "LATE", "SLIPPED", "UNDATED"]),
        ("sort=late", ["LATE", "SLIPPED", "DUE", "ENABLER", "DONE", "UNDATED"]),
        ("rating=at_risk", ["LATE"]),
        ("rating=at_risk&rating=delayed", ["LATE", "SLIPPED"]),
        ("rating=complete", ["DONE"]),
        ("rating=withdrawn", ["GONE"]),
        ("rating=at_risk&workstream=WS2", ["LATE"]),
        ("rating=at_risk&workstream=WS5", []),
        ("workstream=WS5", ["UNDATED", "DONE"]),
        ("workstream=enablers", ["ENABLER"]),
        ("project=WS2-P3", ["LATE", "SLIPPED", "DUE"]),
        ("owner=me", ["DUE"]),
        ("owner=none", ["UNDATED"]),
        ("due=overdue", ["LATE", "SLIPPED"]),
        ("due=next_30_days", ["DUE"]),
        ("due=next_90_days", ["DUE", "ENABLER"]),
        ("due=this_month", ["SLIPPED", "DUE"]),
        ("missing=date", ["UNDATED"]),
        ("missing=owner", ["UNDATED"]),
        ("missing=baseline", ["SLIPPED", "UNDATED", "DUE", "ENABLER"]),
        ("search=audit", ["DONE"]),
        ("search=INCIDENT+late", ["LATE"]),
        ("search=slip", ["SLIPPED"]),
        ("search=nothing+like+this", []),
        ("search=%00%25_%5B", []),
        ("unknown=1", ["LATE", "SLIPPED", "UNDATED", "DUE", "ENABLER", "DONE"]),
    ],
)
def test_a_filter_lists_exactly_its_milestones(client_of, plan, local_owner, query, expected):
    response = client_of(local_owner).get(f"{LIST}?{query}")

    assert listed(response) == expected
    shown = sum(count["count"] for count in response.context["counts"])
    assert shown == len([name for name in expected if name != "GONE"])


def test_an_owner_is_chosen_by_their_number(client_of, plan, auditor, local_owner):
    response = client_of(auditor).get(LIST, {"owner": local_owner.pk})

    assert listed(response) == ["DUE"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("rating=purple", "rating"),
        ("workstream=WS99", "workstream"),
        ("project=WS9-P9", "project"),
        ("owner=99999999999999999999", "owner"),
        ("owner=-1", "owner"),
        ("owner=%F0%9F%98%80", "owner"),
        ("due=someday", "due"),
        ("missing=point", "missing"),
        ("sort=random", "sort"),
        ("search=" + "x" * 101, "search"),
    ],
)
def test_a_wrong_value_gives_a_message_at_its_field(client_of, plan, auditor, query, field):
    response = client_of(auditor).get(f"{LIST}?{query}")

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert listed(response) == []
    assert "<title>Error: Milestones" in response.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "abc", "9" * 30])
def test_a_page_that_is_not_there_is_not_found(client_of, plan, auditor, page):
    response = client_of(auditor).get(LIST, {"page": page})

    assert response.status_code == 404


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_costs_the_same_queries_however_many_rows(
    client_of, workstream, auditor, django_assert_num_queries, rows
):
    MilestoneFactory.create_batch(rows, project=ProjectFactory(workstream=workstream))
    browser = client_of(auditor)

    # Session, user, programme, roles; work streams, projects, owners; count, page, ratings;
    # what holds each up and how its forecast moved.
    with django_assert_num_queries(13):
        response = browser.get(LIST)

    assert len(response.context["rows"]) == rows


def test_the_fifty_first_milestone_stands_on_the_second_page(client_of, workstream, auditor):
    MilestoneFactory.create_batch(51, project=ProjectFactory(workstream=workstream))

    response = client_of(auditor).get(LIST, {"page": 2, "sort": "reference"})

    assert len(listed(response)) == 1
    assert 'href="?page=1&amp;sort=reference"' in response.content.decode()


def test_an_empty_programme_says_where_milestones_come_from(client_of, programme, auditor):
    response = client_of(auditor).get(LIST)

    assert "They come with its plan file" in response.content.decode()


def test_a_filter_without_a_match_says_so(client_of, plan, auditor):
    response = client_of(auditor).get(LIST, {"search": "zebra"})

    assert "No milestone matches this filter." in response.content.decode()


def test_the_programmes_own_words_and_tolerance_count(client_of, plan, programme, auditor):
    programme.tolerance_days, programme.rating_words = 60, {"delayed": "Slipping"}
    programme.save()

    response = client_of(auditor).get(LIST, {"rating": "delayed"})

    assert listed(response) == ["LATE", "SLIPPED"]
    assert "Slipping" in response.content.decode()


def test_only_made_up_positions_carry_the_illustrative_mark(client_of, plan, pmo_officer):
    Milestone.objects.update(stated_date=None)
    milestone = Milestone.objects.get(reference="UNDATED")
    browser = client_of(pmo_officer)
    before = browser.get(LIST, {"missing": "date"}).content.decode()
    position = Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=date(2016, 5, 1))
    record_update(milestone_id=milestone.pk, by=pmo_officer, seen_version=1, position=position)

    after = browser.get(LIST, {"missing": "date"}).content.decode()

    assert "qip-illustrative" not in before
    assert "qip-illustrative" in after


def test_another_programmes_milestones_and_people_stay_hidden(client_of, plan, member, auditor):
    other = ProgrammeFactory(slug="other-trust", organisation="Other Trust")
    outsider = member(Role.AUDITOR, programme=other)

    response = client_of(outsider).get(reverse("milestones:milestone_list", args=["other-trust"]))

    assert listed(response) == []
    assert "WS2 local owner" not in response.content.decode()
    assert client_of(outsider).get(LIST).status_code == 404


def test_an_external_reader_finds_no_list(client_of, plan, external_reader):
    assert client_of(external_reader).get(LIST).status_code == 404


def test_the_filter_for_what_is_not_updated_follows_the_month_that_takes_updates(
    plan, programme, client_of, auditor, local_owner
):
    march = open_month(programme, date(2016, 3, 1))
    due = Milestone.objects.get(reference="DUE")
    position = Position(status=MilestoneStatus.IN_PROGRESS, narrative="On its way.")
    record_update(milestone_id=due.pk, by=local_owner, seen_version=due.version, position=position)
    client = client_of(auditor)

    in_march = listed(client.get(f"{LIST}?update=none&sort=reference"))
    march.state = MonthState.FROZEN
    march.save()
    in_april = listed(client.get(f"{LIST}?update=none&sort=reference"))

    assert in_march == ["ENABLER", "LATE", "SLIPPED", "UNDATED"]
    assert in_april == ["DUE", "ENABLER", "LATE", "SLIPPED", "UNDATED"]
