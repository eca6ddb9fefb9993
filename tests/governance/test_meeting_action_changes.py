"""What was agreed at a meeting is put right while it is open and the minutes are not closed."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from governance import meeting_actions, meetings
from governance.errors import StaleRecord, WrongState
from governance.models import MeetingAction, MeetingKind
from tests.factories.governance import MeetingActionFactory, MeetingFactory
from tests.governance.roles import ROLES
from tests.governance.test_races import at_once
from tests.journal import changes_of

TODAY, APRIL = date(2016, 3, 14), date(2016, 4, 1)
PMO = {"pmo_administrator", "pmo_officer"}
KEEPERS = [(MeetingKind.ELT, PMO), (MeetingKind.WORKSTREAM, PMO | {"executive_lead"})]


@pytest.fixture
def action(programme, local_owner):
    return MeetingActionFactory(meeting=MeetingFactory(programme=programme), owner=local_owner)


@pytest.fixture
def keeper(client_of, pmo_officer):
    return client_of(pmo_officer)


def change(action, by, *, seen=None, **fields):
    given = {"text": action.text, "owner": action.owner, "due_date": action.due_date, **fields}
    seen = action.fingerprint if seen is None else seen
    return meeting_actions.change_action(action_id=action.pk, by=by, seen=seen, **given)


def url(action):
    return reverse("governance:meeting_action_edit", args=["las-2016", action.pk])


def data(action, **changes):
    due = action.due_date
    return {
        "text": action.text,
        "owner": action.owner.pk,
        "due_date_day": due.day,
        "due_date_month": due.month,
        "due_date_year": due.year,
        "seen": action.fingerprint,
        **changes,
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("kind", "keepers"), KEEPERS)
def test_who_keeps_the_meeting_changes_what_was_agreed(
    programme, workstream, person, kind, keepers, role
):
    own = workstream if kind == MeetingKind.WORKSTREAM else None
    meeting = MeetingFactory(programme=programme, kind=kind, workstream=own)
    action = MeetingActionFactory(meeting=meeting, owner=person("local_owner"))

    if role in keepers:
        change(action, person(role), text=" Bring both plans ")
        action.refresh_from_db()
        assert action.text == "Bring both plans"
    else:
        with pytest.raises(PermissionDenied, match="keeps its meetings"):
            change(action, person(role), text="Bring both plans")
        assert not AuditEntry.objects.exists()


def test_the_journal_has_an_entry_for_each_field_that_changed(
    action, pmo_officer, local_owner, executive_lead
):
    change(action, pmo_officer, owner=executive_lead, due_date=APRIL.replace(day=15))

    assert changes_of("meeting_action.changed") == {
        "owner": (local_owner.pk, executive_lead.pk),
        "due_date": ("2016-04-01", "2016-04-15"),
    }
    entries = AuditEntry.objects.filter(action="meeting_action.changed")
    assert {entry.details["text"] for entry in entries} == {"Bring the workforce plan"}
    assert all(entry.target.endswith("ELT meeting of 14 Mar 2016") for entry in entries)


def test_what_is_saved_as_it_was_is_no_entry(action, pmo_officer):
    change(action, pmo_officer)

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ({"done_date": TODAY}, "was done on 14 March 2016, so it stays as it is"),
        (
            {"meeting__closed_date": TODAY},
            "The minutes of the ELT meeting of 14 Mar 2016 are closed: "
            "agree a new action at the next meeting",
        ),
    ],
)
def test_what_is_done_or_stands_in_closed_minutes_is_not_changed(
    programme, keeper, pmo_officer, spoil, sentence
):
    action = MeetingActionFactory(meeting__programme=programme, **spoil)

    with pytest.raises(WrongState) as refusal:
        change(action, pmo_officer, text="Never mind")
    answers = [keeper.get(url(action)), keeper.post(url(action), data(action, text="Never mind"))]

    assert sentence in str(refusal.value)
    for answer in answers:
        assert answer.status_code == 409
        text = answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert sentence in text
        assert url(action) not in text
    action.refresh_from_db()
    assert action.text == "Bring the workforce plan"


def test_what_somebody_changed_meanwhile_is_refused(action, pmo_officer, executive_lead):
    change(MeetingAction.objects.get(), pmo_officer, owner=executive_lead)

    with pytest.raises(StaleRecord, match="Somebody else changed this action"):
        change(action, pmo_officer, text="Mine")
    with pytest.raises(StaleRecord):
        change(action, pmo_officer, seen="", text="Mine")

    action.refresh_from_db()
    assert (action.text, action.owner) == ("Bring the workforce plan", executive_lead)


def test_it_keeps_words_an_owner_of_the_programme_and_a_day_not_before_the_meeting(
    action, pmo_officer, external_reader
):
    with pytest.raises(ValidationError) as refusal:
        change(action, pmo_officer, text=" ", owner=external_reader, due_date=date(2016, 3, 13))

    assert {name: texts[0] for name, texts in refusal.value.message_dict.items()} == {
        "text": "Enter what will be done",
        "owner": "The owner of an action must be a member of the programme",
        "due_date": "Due date must be on or after 14 March 2016, the day of the meeting",
    }


def test_an_owner_who_left_stays_until_another_is_chosen(action, keeper, local_owner):
    local_owner.memberships.all().delete()

    page = keeper.get(url(action)).content.decode()
    saved = keeper.post(url(action), data(action, text="Bring both plans"))

    assert f'<option value="{local_owner.pk}" selected>' in page
    assert saved.status_code == 302
    assert MeetingAction.objects.get().text == "Bring both plans"


def test_it_is_changed_from_the_page_of_its_meeting_and_of_those_it_is_carried_over_to(
    programme, keeper, client_of, local_owner, executive_lead
):
    first = MeetingFactory(programme=programme, held_date=date(2016, 2, 15))
    second = MeetingFactory(programme=programme)
    action = MeetingActionFactory(meeting=first, owner=local_owner)
    link = f"{url(action)}?meeting={second.pk}"

    assert link in keeper.get(second.get_absolute_url()).content.decode()
    assert url(action) in keeper.get(first.get_absolute_url()).content.decode()
    assert url(action) not in client_of(local_owner).get(first.get_absolute_url()).content.decode()
    done = keeper.post(link, data(action, owner=executive_lead.pk), follow=True)

    assert done.redirect_chain[-1][0] == second.get_absolute_url()
    assert f"“{action.text}” is saved." in done.content.decode()
    assert MeetingAction.objects.get().owner == executive_lead


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": ""}, '<a href="#action_text">Enter what will be done'),
        ({"owner": "999999"}, '<a href="#action_owner">Choose the owner from the list'),
        ({"due_date_day": "31"}, '<a href="#action_due_date_day">Due date must be a real date'),
        (
            {"due_date_month": "3", "due_date_day": "13"},
            '<a href="#action_due_date_day">Due date must be on or after 14 March 2016',
        ),
    ],
)
def test_what_is_wrong_stands_at_its_field_with_the_typed_text(action, keeper, changes, message):
    sent = data(action, text="Bring both plans") | changes

    response = keeper.post(url(action), sent)

    text = response.content.decode()
    assert response.status_code == 422
    assert message in text
    assert "<title>Error: " in text
    assert not sent["text"] or 'value="Bring both plans"' in text
    assert MeetingAction.objects.get().text == "Bring the workforce plan"


def test_two_who_change_it_at_once_see_both_texts_and_the_second_may_save_again(action, keeper):
    mine = data(action, text="My words")
    keeper.post(url(action), data(action, text="Their words"))

    conflict = keeper.post(url(action), mine)
    seen = conflict.context["form"]["seen"].value()
    again = keeper.post(url(action), mine | {"seen": seen})

    text = conflict.content.decode()
    assert conflict.status_code == 409
    assert "Somebody else changed this action" in text
    assert "Their words" in text
    assert 'value="My words"' in text
    assert again.status_code == 302
    assert MeetingAction.objects.get().text == "My words"


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_change_it_at_once_one_does(action, pmo_officer):
    outcomes = at_once(lambda number: change(action, pmo_officer, text=f"Words {number}"))

    assert sum(isinstance(outcome, StaleRecord) for outcome in outcomes) == 7
    assert AuditEntry.objects.filter(action="meeting_action.changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_closing_the_minutes_and_changing_an_action_take_turns(action, pmo_officer, elt_member):
    action.meeting.attendees.add(elt_member)

    def act(number):
        if number:
            return change(action, pmo_officer, text="Bring both plans")
        return meetings.close_meeting(
            meeting_id=action.meeting.pk, by=pmo_officer, seen_version=action.meeting.version
        )

    at_once(act)

    said = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert said in (["meeting_action.changed", "meeting.closed"], ["meeting.closed"])
