from datetime import date

import pytest
from django.urls import reverse

from governance.models import Meeting, MeetingAction, MeetingKind
from tests.factories.governance import (
    MeetingActionFactory,
    MeetingFactory,
)
from tests.factories.workstreams import WorkstreamFactory

TODAY = date(2016, 3, 14)


def url(name, *args):
    return reverse(f"governance:{name}", args=["las-2016", *args])


def day(name, on=TODAY):
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


def record_data(meeting, *attendees, **changes):
    people = [person.pk for person in attendees]
    data = {"attendees": people, "apologies": "", "notes": "", "version": meeting.version}
    return day("held_date", meeting.held_date) | data | changes


@pytest.fixture
def quorum(elt_member, elt_attendees):
    return [elt_member, *elt_attendees]


@pytest.fixture
def meeting(programme, quorum):
    return MeetingFactory(programme=programme, attendees=quorum)


def test_the_list_says_of_each_meeting_how_many_attended_decided_and_agreed(
    meeting, programme, client_of, auditor
):
    MeetingActionFactory(meeting=meeting)
    MeetingActionFactory(meeting=meeting, done_date=TODAY)
    MeetingFactory(programme=programme, held_date=date(2016, 3, 15))
    MeetingFactory(programme=programme, kind=MeetingKind.QIG, held_date=date(2016, 3, 10))

    response = client_of(auditor).get(url("meeting_list"))

    rows = [(str(row), row.attended, row.actions_open) for row in response.context["meetings"]]
    assert rows == [
        ("ELT meeting of 15 Mar 2016", 0, 0),
        ("ELT meeting of 14 Mar 2016", 3, 1),
        ("QIG meeting of 10 Mar 2016", 0, 0),
    ]
    text = response.content.decode()
    assert "Not held yet" in text
    assert "Quorate" in text
    assert "Add a meeting" not in text


@pytest.mark.parametrize(("query", "count"), [("?kind=qig", 1), ("?kind=elt", 0), ("?kind=x", 0)])
def test_the_list_is_narrowed_to_one_body(programme, client_of, auditor, query, count):
    MeetingFactory(programme=programme, kind=MeetingKind.QIG)

    response = client_of(auditor).get(url("meeting_list") + query)

    assert len(response.context["meetings"]) == count


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_queries_however_long(
    programme, client_of, auditor, quorum, django_assert_num_queries, rows
):
    for number in range(rows):
        meeting = MeetingFactory(
            programme=programme, held_date=date(2016, 3, 1 + number), attendees=quorum
        )
        MeetingActionFactory(meeting=meeting)
    client = client_of(auditor)

    with django_assert_num_queries(9):
        response = client.get(url("meeting_list"))

    assert len(response.context["meetings"]) == rows


def test_the_pmo_adds_a_meeting_and_a_lead_one_of_the_own_work_stream(
    programme, workstream, client_of, pmo_officer, executive_lead
):
    WorkstreamFactory(programme=programme, code="WS5", name="Other", position=5)
    for person, body in ((pmo_officer, "elt"), (executive_lead, "WS2")):
        response = client_of(person).post(
            url("meeting_create"), {"body": body, **day("held_date", date(2016, 3, 15))}
        )
        assert response.status_code == 302
    refused = client_of(executive_lead).post(
        url("meeting_create"), {"body": "WS5", **day("held_date")}
    )

    assert refused.status_code == 422
    assert "from the list" in refused.content.decode()
    names = {meeting.name for meeting in Meeting.objects.with_subject()}
    assert names == {"ELT meeting", "WS2 meeting"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"body": ""}, "Choose whose meeting it is"),
        ({"held_date_day": "31", "held_date_month": "2"}, "Date must be a real date"),
        ({"held_date_year": "2019"}, "Date must be within a year from today"),
        ({}, "There is a meeting of ELT on 14 March 2016 already"),
    ],
)
def test_what_is_wrong_with_a_new_meeting_stands_at_its_field(
    meeting, client_of, pmo_officer, changes, message
):
    data = {"body": "elt", **day("held_date")} | changes

    response = client_of(pmo_officer).post(url("meeting_create"), data)

    text = response.content.decode()
    assert response.status_code == 422
    assert message in text
    assert f'value="{data["held_date_year"]}"' in text
    assert Meeting.objects.count() == 1


def test_the_pmo_records_who_attended_and_closes_the_minutes(
    programme, client_of, pmo_officer, quorum
):
    meeting = MeetingFactory(programme=programme)
    client = client_of(pmo_officer)

    client.post(url("meeting_edit", meeting.pk), record_data(meeting, *quorum, notes="Said."))
    meeting.refresh_from_db()
    closed = client.post(
        url("meeting_close", meeting.pk), {"version": meeting.version}, follow=True
    )

    assert "are closed and stand" in closed.content.decode()
    assert "Record attendance" not in closed.content.decode()
    for name in ("meeting_edit", "meeting_close"):
        response = client.post(url(name, meeting.pk), record_data(meeting))
        assert response.status_code == 409
        assert "they stand as they are" in response.content.decode()


def test_two_who_write_at_once_both_keep_their_words(meeting, client_of, pmo_officer, quorum):
    Meeting.objects.update(version=2, notes="Their words")
    client = client_of(pmo_officer)
    data = record_data(meeting, *quorum, notes="My words")

    conflict = client.post(url("meeting_edit", meeting.pk), data)
    again = client.post(
        url("meeting_edit", meeting.pk),
        data | {"version": conflict.context["form"]["version"].value()},
    )

    text = conflict.content.decode()
    assert conflict.status_code == 409
    assert "Their words" in text
    assert "My words" in text
    assert "Somebody else saved" in text
    assert again.status_code == 302
    assert Meeting.objects.get().notes == "My words"


def test_a_page_without_its_version_closes_nothing(meeting, client_of, pmo_officer):
    response = client_of(pmo_officer).post(url("meeting_close", meeting.pk), {"version": "x"})

    assert response.status_code == 409
    assert not Meeting.objects.get().is_closed


def test_an_action_is_added_and_done_on_the_page(meeting, client_of, pmo_officer, local_owner):
    data = {"text": "Bring the plan", "owner": local_owner.pk, **day("due_date")}
    client_of(pmo_officer).post(url("meeting_action_add", meeting.pk), data)
    action = MeetingAction.objects.get()

    response = client_of(local_owner).post(
        url("meeting_action_done", action.pk), {"meeting": meeting.pk}, follow=True
    )

    assert response.redirect_chain[-1][0] == meeting.get_absolute_url()
    assert "“Bring the plan” is marked as done." in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": ""}, '<a href="#action_text">Enter what will be done'),
        ({"owner": ""}, '<a href="#action_owner">Select the owner'),
        ({"owner": "999999"}, '<a href="#action_owner">Choose the owner from the list'),
        ({"due_date_day": ""}, '<a href="#action_due_date_day">Due date must include a day'),
        ({"due_date_day": "13"}, '<a href="#action_due_date_day">Due date must be on or after'),
    ],
)
def test_what_is_wrong_with_an_action_stands_at_its_field_with_the_typed_text(
    meeting, client_of, pmo_officer, local_owner, changes, message
):
    data = {"text": "Bring the plan", "owner": local_owner.pk, **day("due_date")} | changes

    response = client_of(pmo_officer).post(url("meeting_action_add", meeting.pk), data)

    text = response.content.decode()
    assert response.status_code == 422
    assert message in text
    assert "<title>Error: " in text
    assert not data["text"] or 'value="Bring the plan"' in text
    assert not MeetingAction.objects.exists()
