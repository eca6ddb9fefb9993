from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milestones.as_at import AsAtForm, as_at
from milestones.models import Milestone, MilestoneStatus
from milestones.rating import DeliveryRating
from milestones.services import Position, move_planned_date, record_update, set_baseline
from milestones.writing import Act, write
from tests.factories.accounts import UserFactory
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import ProjectFactory
from tests.milestones.answers import url

FIRST = date(2016, 3, 1)
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
COLUMNS = [
    field.attname
    for field in Milestone._meta.concrete_fields
    if field.attname not in ("version", "id")
]

days = st.dates(date(2016, 3, 1), date(2017, 3, 31))
dates_or_none = st.none() | days


def state(milestone):
    return {column: getattr(milestone, column) for column in COLUMNS}


def today(programme, day):
    programme.demonstration_date = day
    programme.save()


def change(milestone, **fields):
    """Write the fields on the programme's day, and give the milestone as it is then."""
    milestone = Milestone.objects.with_people().get(pk=milestone.pk)
    write(milestone, seen_version=milestone.version, fields=fields, act=Act(by=None))
    return milestone


@st.composite
def changes(draw):
    """Some fields of one act; a completed date goes with its status, as the database wants it."""
    fields = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "title": st.sampled_from(["Datix Web launched", "Datix Web in use", "Datix"]),
                "forecast_date": dates_or_none,
                "planned_date": dates_or_none,
                "planned_precision": st.sampled_from(["day", "month", "quarter"]),
                "planned_start_date": dates_or_none,
                "local_owner": st.sampled_from([0, 1, None]),
                "quantity": st.none() | st.decimals(0, 999, places=2),
                "note": st.sampled_from(["", "Agreed."]),
            },
        )
    )
    completed = draw(dates_or_none)
    fields["completed_date"] = completed
    fields["status"] = (
        MilestoneStatus.COMPLETE
        if completed
        else draw(st.sampled_from(["not_started", "withdrawn"]))
    )
    return fields


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.tuples(st.integers(0, 3), changes()), min_size=1, max_size=12))
def test_as_at_a_day_is_what_was_stored_on_that_day(programme, workstream, acts):
    owners = [UserFactory(), UserFactory()]
    milestone = MilestoneFactory(project=ProjectFactory(workstream=workstream))
    day = FIRST
    snapshots = {day: state(Milestone.objects.get(pk=milestone.pk))}
    for wait, fields in acts:
        day += timedelta(days=wait)
        today(programme, day)
        if fields.get("local_owner") is not None:
            fields["local_owner"] = owners[fields["local_owner"]]
        change(milestone, **fields)
        snapshots[day] = state(Milestone.objects.get(pk=milestone.pk))
    stored = Milestone.objects.with_people().filter(pk=milestone.pk)

    shown = {each: as_at(stored, each)[0] for each in snapshots}

    assert {each: state(found) for each, found in shown.items()} == snapshots
    for each, found in shown.items():
        owner = found.local_owner
        assert (owner.pk if owner else None) == snapshots[each]["local_owner_id"]


def test_a_day_without_acts_shows_the_day_before_it(programme, milestone):
    today(programme, date(2016, 4, 1))
    change(milestone, forecast_date=date(2016, 6, 1))
    today(programme, date(2016, 5, 1))
    now = change(milestone, forecast_date=date(2016, 7, 1))

    shown = [as_at([now], date(2016, month, 15))[0].forecast_date for month in (3, 4, 5)]

    assert shown == [None, date(2016, 6, 1), date(2016, 7, 1)]


def test_what_is_given_to_as_at_stays_as_it_is(programme, milestone):
    today(programme, date(2016, 4, 1))
    now = change(milestone, title="Datix Web in use")

    (then,) = as_at([now], date(2016, 3, 1))

    assert (now.title, then.title) == ("Datix Web in use", "Datix Web launched")
    assert (now.as_at_day, then.as_at_day) == (None, date(2016, 3, 1))


def test_many_milestones_cost_as_many_queries_as_one(
    programme, milestone, django_assert_num_queries
):
    today(programme, date(2016, 4, 1))
    rows = [milestone, *MilestoneFactory.create_batch(12, project=milestone.project)]
    for row in rows:
        change(row, local_owner=UserFactory(), lead_director=None)
    stored = list(Milestone.objects.with_people().order_by("pk"))

    for some in (stored[:1], stored):
        with django_assert_num_queries(3):  # changes, lead directors, local owners
            then = as_at(some, FIRST)
            owners = [each.local_owner.pk for each in then]
        assert owners == [row.local_owner_id for row in rows[: len(some)]]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("2016-02-30", "The day must be a real date, such as 30 September 2016"),
        ("yesterday", "The day must be a real date, such as 30 September 2016"),
        ("9999999999-01-01", "The day must be a real date, such as 30 September 2016"),
        ("2016-03-15", "The day must be today, 14 March 2016, or in the past"),
        ("9999-12-31", "The day must be today, 14 March 2016, or in the past"),
        ("2015-05-31", "The day must be on or after 1 June 2015, when the programme began"),
        ("0001-01-01", "The day must be on or after 1 June 2015, when the programme began"),
    ],
)
def test_a_day_without_a_state_is_told_at_the_field_and_today_is_shown(
    client_of, milestone, auditor, typed, message
):
    response = client_of(auditor).get(url("milestone_detail", milestone), {"as-at": typed})

    page = response.content.decode()
    assert response.status_code == 200
    assert page.count(message) == 2  # in the summary, which links to the field, and at the field
    assert 'href="#id_as-at"' in page
    assert f'value="{typed}"' in page
    assert "Back to today" not in page


@pytest.mark.parametrize("typed", ["", " ", "2016-03-14", "14 March 2016", "\x00"])
def test_today_and_nothing_show_the_page_of_today(client_of, milestone, pmo_officer, typed):
    page = (
        client_of(pmo_officer).get(url("milestone_detail", milestone), {"as-at": typed}).content
    ).decode()

    assert "Back to today" not in page
    assert "Edit the plan" in page


@pytest.mark.parametrize("typed", ["2016-03-01", "01/03/2016", "1 March 2016", "1 Mar 2016"])
def test_a_day_is_read_as_people_write_it(programme, typed):
    form = AsAtForm({"as-at": typed}, programme=programme)

    assert form.day == date(2016, 3, 1)


@pytest.fixture
def lived(programme, milestone, pmo_officer, local_owner):
    """Baselined on 14 March, forecast late on 1 June, moved on 10 June, done on 5 July 2016."""
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    later = {"status": MilestoneStatus.IN_PROGRESS, "forecast_date": date(2016, 6, 15)}
    done = {"status": MilestoneStatus.COMPLETE, "completed_date": date(2016, 7, 4)}
    for day, version, position in [
        (date(2016, 6, 1), 2, Position(**later, narrative="Supplier late.")),
        (date(2016, 7, 5), 4, Position(**done, no_evidence_reason="Seen in use.")),
    ]:
        today(programme, day)
        record_update(
            milestone_id=milestone.pk, by=local_owner, seen_version=version, position=position
        )
        if version == 2:
            today(programme, date(2016, 6, 10))
            move_planned_date(
                milestone_id=milestone.pk,
                to=date(2016, 6, 30),
                precision="month",
                change_request_number=7,
                by=pmo_officer,
            )
    today(programme, date(2016, 8, 1))
    return Milestone.objects.with_people().get(pk=milestone.pk)


@pytest.mark.parametrize(
    ("day", "rating", "late", "words", "not_yet"),
    [
        (date(2016, 3, 13), DeliveryRating.ON_TRACK, 0, ["Not set"], ["Baseline set to"]),
        (date(2016, 5, 3), DeliveryRating.DELAYED, 3, ["Baseline set to"], ["Supplier late."]),
        (date(2016, 6, 2), DeliveryRating.AT_RISK, 46, ["15 Jun 2016", "Supplier"], ["moved to"]),
        (date(2016, 6, 10), DeliveryRating.ON_TRACK, -15, ["moved to Jun 2016"], ["4 Jul 2016"]),
        (date(2016, 7, 5), DeliveryRating.COMPLETE, 4, ["4 Jul 2016", "Seen in use."], []),
    ],
)
def test_the_page_shows_the_milestone_as_it_stood(
    client_of, lived, pmo_officer, day, rating, late, words, not_yet
):
    response = client_of(pmo_officer).get(url("milestone_detail", lived), {"as-at": f"{day}"})

    page = response.content.decode()
    standing = response.context["standing"]
    assert (standing.rating, standing.days_late) == (rating, late)
    assert "Back to today" in page
    assert [text for text in words if text not in page] == []
    assert [text for text in not_yet if text in page] == []


def test_nothing_can_be_changed_on_a_page_of_the_past(client_of, lived, pmo_officer):
    page = (
        client_of(pmo_officer).get(url("milestone_detail", lived), {"as-at": "2016-03-13"}).content
    ).decode()

    main = page[page.index('id="maincontent"') : page.index("</main>")]
    assert 'method="post"' not in main
    assert "/update/" not in main
    assert "/edit/" not in main
    assert "<strong>As at 13 March 2016</strong>" in main.replace(NO_BREAK_SPACE, " ")
