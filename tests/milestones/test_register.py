from datetime import date

import pytest
from django.urls import reverse

from milestones.columns import COLUMNS, DEFAULT, SORT_CHOICES
from milestones.models import Milestone, MilestoneStatus
from milestones.services import Position, record_update, set_baseline
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import ProjectFactory, WorkstreamFactory
from tests.milestones.answers import update_data

LIST = "/las-2016/milestones/"


@pytest.fixture
def plan(programme, workstream, member):
    """Three milestones, each sorted otherwise by each column. Today is 14 March 2016."""
    first, second = member(full_name="Ann"), member(full_name="bob")
    late = WorkstreamFactory(programme=programme, code="WS5", name="Pride", position=5)
    BaselinedMilestoneFactory(
        reference="A-1",
        title="Zeta",
        project=ProjectFactory(workstream=workstream),
        local_owner=second,
        lead_director=first,
        baseline_date=date(2016, 1, 1),
        planned_date=date(2016, 6, 30),
        forecast_date=date(2016, 7, 30),
    )
    BaselinedMilestoneFactory(
        reference="B-2",
        title="alpha",
        project=ProjectFactory(workstream=late, code="WS5-P1"),
        local_owner=first,
        lead_director=second,
        planned_date=date(2016, 3, 31),
        status=MilestoneStatus.COMPLETE,
        completed_date=date(2016, 3, 1),
    )
    MilestoneFactory(
        reference="C-3",
        title="Mid",
        project=ProjectFactory(workstream=late, code="WS5-P2", position=9),
        local_owner=None,
        lead_director=None,
        planned_date=None,
        planned_precision="",
        status=MilestoneStatus.NOT_STARTED,
    )


def listed(response):
    return "".join(row.milestone.reference[0] for row in response.context["rows"])


@pytest.mark.parametrize(
    ("sort", "up", "down"),
    [
        ("worst", "ACB", "BCA"),
        ("reference", "ABC", "CBA"),
        ("title", "BCA", "ACB"),
        ("plan", "ABC", "CBA"),
        ("owner", "BAC", "ABC"),
        ("lead", "ABC", "BAC"),
        ("status", "CAB", "BAC"),
        ("baseline", "ABC", "BAC"),
        ("planned", "BAC", "ABC"),
        ("forecast", "ABC", "ABC"),
        ("completed", "BAC", "BAC"),
        ("late", "ABC", "BAC"),
        ("late_on_baseline", "ABC", "BAC"),
        ("updated", "BAC", "ABC"),
    ],
)
def test_every_column_sorts_both_ways_with_nothing_last(
    client_of, plan, pmo_officer, sort, up, down
):
    for reference, day in [("A-1", date(2016, 3, 10)), ("B-2", date(2016, 3, 12))]:
        _update_on(day, reference, pmo_officer)
    browser = client_of(pmo_officer)

    found = browser.get(LIST, {"sort": sort}), browser.get(LIST, {"sort": f"-{sort}"})

    assert [listed(response) for response in found] == [up, down]


def _update_on(day, reference, by):
    milestone = Milestone.objects.with_people().get(reference=reference)
    milestone.updates.create(
        month=milestone.programme.months.get_or_create(month=date(2016, 3, 1))[0],
        status=milestone.status,
        made_by=by,
        made_date=day,
        made_at=f"{day}T09:00Z",
    )


def test_there_is_a_sort_for_each_column_and_none_beside():
    names = {name.removeprefix("-") for name, _ in SORT_CHOICES}

    assert names == {column.sort for column in COLUMNS} | {"reference", "title"}


def test_a_heading_says_how_the_list_is_sorted_and_turns_it_round(client_of, plan, auditor):
    page = client_of(auditor).get(LIST, {"sort": "planned", "search": "a"}).content.decode()

    assert 'aria-sort="ascending"><a href="?sort=-planned&amp;search=a">Planned' in page
    assert page.count("aria-sort") == 1
    assert 'href="?sort=late&amp;search=a"' in page


def test_the_columns_asked_for_are_shown_and_kept_in_links(client_of, plan, auditor):
    query = {"columns": ["status", "lead"], "sort": "reference"}

    response = client_of(auditor).get(LIST, query)

    page = response.content.decode()
    assert response.context["column_codes"] == ["lead", "status"]
    assert "Not started" in page
    assert 'href="?columns=status&amp;columns=lead&amp;sort=status"' in page
    assert 'data-label="Planned"' not in page


def test_without_a_choice_the_usual_columns_are_shown(client_of, plan, auditor):
    response = client_of(auditor).get(LIST)

    assert tuple(response.context["column_codes"]) == DEFAULT


def test_every_column_shows_its_fact(client_of, plan, pmo_officer, programme):
    milestone = Milestone.objects.get(reference="A-1")
    position = Position(
        status=MilestoneStatus.IN_PROGRESS,
        forecast_date=date(2016, 7, 30),
        narrative="Supplier chosen.",
    )
    record_update(milestone_id=milestone.pk, by=pmo_officer, seen_version=1, position=position)

    query = {"columns": [column.code for column in COLUMNS], "search": "zeta"}
    page = client_of(pmo_officer).get(LIST, query).content.decode()

    for words in ["Ann", "bob", "In progress", "30 Jul 2016", "+30", "+211", "Supplier chosen."]:
        assert words in page


@pytest.mark.parametrize("query", ["columns=colour", "columns=owner&columns=%00", "sort=--late"])
def test_a_column_or_an_order_that_is_none_gives_a_message(client_of, plan, auditor, query):
    response = client_of(auditor).get(f"{LIST}?{query}")

    assert response.status_code == 200
    assert listed(response) == ""
    assert "There is a problem" in response.content.decode()


@pytest.mark.parametrize("rows", [50, 5000])
def test_five_thousand_milestones_cost_as_many_queries_as_fifty(
    client_of, workstream, pmo_officer, local_owner, django_assert_num_queries, rows
):
    project = ProjectFactory(workstream=workstream)
    batch = MilestoneFactory.build_batch(
        rows,
        project=project,
        programme=workstream.programme,
        lead_director=local_owner,
        local_owner=local_owner,
    )
    Milestone.objects.bulk_create(batch)
    browser = client_of(pmo_officer)

    with django_assert_num_queries(13):
        response = browser.get(LIST, {"sort": "late"})

    assert len(response.context["rows"]) == 50
    assert response.context["paginator"].count == rows


def test_a_row_becomes_a_form_and_saves_in_place(client_of, milestone, local_owner):
    browser = client_of(local_owner)
    address = f"{LIST}?sort=late&search=datix&edit={milestone.reference}"
    opened = browser.get(address).content.decode()

    answers = update_data(milestone, forecast_date=date(2016, 6, 1), narrative="Server late.")
    response = browser.post(address, answers)

    assert "Save update" in opened
    assert response.status_code == 302
    assert response["Location"] == f"{LIST}?search=datix&sort=late#{milestone.reference}"
    milestone.refresh_from_db()
    assert milestone.forecast_date == date(2016, 6, 1)
    assert milestone.updates.get().narrative == "Server late."
    assert milestone.exceptions.exists()


def test_a_wrong_answer_in_a_row_stands_there_with_its_message(client_of, milestone, local_owner):
    address = f"{LIST}?edit={milestone.reference}"
    answers = update_data(milestone, forecast_date=date(2000, 6, 1), narrative="My words")

    response = client_of(local_owner).post(address, answers)

    page = response.content.decode()
    assert response.status_code == 422
    assert "Forecast date must be on or after" in page
    assert "My words" in page
    assert "<title>Error: Milestones" in page
    assert 'href="#edit_forecast_date_day"' in page


def test_completing_in_a_row_asks_for_the_reason_without_evidence(
    client_of, milestone, local_owner
):
    browser, address = client_of(local_owner), f"{LIST}?edit={milestone.reference}"
    answers = update_data(milestone, status="complete", completed_date=date(2016, 3, 1))

    asked = browser.post(address, answers)
    saved = browser.post(address, answers | {"no_evidence_reason": "A visit."})

    assert "Add evidence before you complete it" in asked.content.decode()
    assert saved.status_code == 302
    assert Milestone.objects.get().status == MilestoneStatus.COMPLETE


def test_a_stale_row_shows_both_values_and_keeps_what_was_typed(
    client_of, milestone, local_owner, pmo_officer
):
    theirs = Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=date(2016, 7, 7))
    record_update(milestone_id=milestone.pk, by=pmo_officer, seen_version=1, position=theirs)
    browser, address = client_of(local_owner), f"{LIST}?edit={milestone.reference}"
    mine = update_data(milestone, forecast_date=date(2016, 6, 1), narrative="Mine")

    response = browser.post(address, mine)

    page = response.content.decode()
    assert response.status_code == 409
    assert "7 Jul 2016" in page
    assert "1 Jun 2016" in page
    assert "PMO officer" in page
    assert "Mine" in page
    again = browser.post(address, mine | {"version": 2})
    assert again.status_code == 302
    assert Milestone.objects.get().forecast_date == date(2016, 6, 1)


def test_a_row_that_is_not_on_the_page_keeps_its_typed_form(client_of, milestone, local_owner):
    address = f"{LIST}?search=nothing&edit={milestone.reference}"
    answers = update_data(milestone, status="finished", narrative="Typed")

    response = client_of(local_owner).post(address, answers)

    assert response.status_code == 422
    assert "Typed" in response.content.decode()


@pytest.mark.parametrize("edit", ["", "NO-SUCH", "%00", "x" * 300])
def test_posting_without_a_row_saves_nothing_and_says_so(client_of, milestone, local_owner, edit):
    browser = client_of(local_owner)

    response = browser.post(f"{LIST}?edit={edit}", update_data(milestone), follow=True)

    assert "Nothing was saved." in response.content.decode()
    assert Milestone.objects.get().version == 1


def test_others_rows_offer_no_form_and_take_none(client_of, milestone, member, local_owner):
    other = MilestoneFactory(project=milestone.project, reference="OTHER")
    browser = client_of(local_owner)

    page = browser.get(LIST, {"edit": "OTHER"}).content.decode()
    response = browser.post(f"{LIST}?edit=OTHER", update_data(other))

    assert "Save update" not in page
    assert 'value="OTHER"' not in page
    assert response.status_code == 403


def test_a_row_never_changes_what_is_baselined(client_of, milestone, pmo_officer):
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    answers = update_data(Milestone.objects.get(), narrative="x") | {
        "title": "Changed",
        "planned_date_day": "1",
        "planned_date_month": "1",
        "planned_date_year": "2017",
    }

    client_of(pmo_officer).post(f"{LIST}?edit={milestone.reference}", answers)

    stored = Milestone.objects.get()
    assert (stored.title, stored.planned_date) == (milestone.title, milestone.planned_date)
    assert stored.version == 3


def test_an_auditor_reads_the_register_without_anything_to_press(client_of, milestone, auditor):
    page = client_of(auditor).get(LIST).content.decode()

    assert milestone.title in page
    assert reverse("milestones:bulk_change", args=["las-2016"]) not in page
    assert 'name="pick"' not in page
