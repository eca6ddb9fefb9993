from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from governance import meeting_actions, meetings
from governance.errors import StaleRecord, WrongState
from governance.meetings import Record
from governance.models import Decision, Meeting, MeetingAction, MeetingKind, Outcome
from tests.factories.governance import (
    ChangeRequestFactory,
    MeetingActionFactory,
    MeetingFactory,
)
from tests.factories.workstreams import ProgrammeFactory, WorkstreamFactory
from tests.governance.roles import ROLES
from tests.journal import changes_of

TODAY = date(2016, 3, 14)
PMO = {"pmo_administrator", "pmo_officer"}
# Who keeps the meetings of each kind, and whether such a meeting has a quorum and may decide.
KINDS = [
    (MeetingKind.ELT, PMO, True),
    (MeetingKind.QIG, PMO, False),
    (MeetingKind.WORKSTREAM, PMO | {"executive_lead"}, False),
]


def plan(programme, by, kind=MeetingKind.ELT, workstream=None, held_date=TODAY):
    return meetings.plan_meeting(
        programme=programme, by=by, kind=kind, workstream=workstream, held_date=held_date
    )


def record(meeting, by, *attendees, seen_version=1, **fields):
    content = Record(**{"held_date": meeting.held_date, **fields}, attendees=frozenset(attendees))
    return meetings.record_meeting(
        meeting_id=meeting.pk, by=by, seen_version=seen_version, record=content
    )


def close(meeting, by, seen_version=1):
    return meetings.close_meeting(meeting_id=meeting.pk, by=by, seen_version=seen_version)


def agree(meeting, by, owner, **fields):
    given = {"text": "Bring the plan", "due_date": date(2016, 4, 1), **fields}
    return meeting_actions.agree_action(meeting_id=meeting.pk, by=by, owner=owner, **given)


def messages_of(refusal):
    return {name: texts[0] for name, texts in refusal.value.message_dict.items()}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("kind", "keepers", "has_quorum"), KINDS)
def test_each_kind_of_meeting_is_kept_by_those_who_may(
    programme, workstream, person, elt_attendees, kind, keepers, has_quorum, role
):
    by, own = person(role), workstream if kind == MeetingKind.WORKSTREAM else None
    acts = [
        lambda meeting: record(meeting, by, person("elt_member"), *elt_attendees),
        lambda meeting: agree(meeting, by, person("local_owner")),
        lambda meeting: close(meeting, by, Meeting.objects.get().version),
    ]

    if role in keepers:
        meeting = plan(programme, by, kind, own)
        for act in acts:
            act(meeting)
        meeting.refresh_from_db()
        assert meeting.is_closed
        assert meetings.is_quorate(meeting) is has_quorum
        assert MeetingAction.objects.count() == 1
    else:
        with pytest.raises(PermissionDenied):
            plan(programme, by, kind, own)
        meeting = MeetingFactory(programme=programme, kind=kind, workstream=own)
        for act in acts:
            with pytest.raises(PermissionDenied):
                act(meeting)
        assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(("kind", "keepers", "has_quorum"), KINDS)
def test_closed_minutes_of_any_kind_stand(
    programme, workstream, pmo_officer, local_owner, kind, keepers, has_quorum
):
    own = workstream if kind == MeetingKind.WORKSTREAM else None
    meeting = MeetingFactory(programme=programme, kind=kind, workstream=own, closed_date=TODAY)

    for act in (
        lambda: record(meeting, pmo_officer, notes="Later"),
        lambda: agree(meeting, pmo_officer, local_owner),
        lambda: close(meeting, pmo_officer),
    ):
        with pytest.raises(WrongState, match="they stand as they are"):
            act()
    meeting.refresh_from_db()
    assert (meeting.notes, meeting.version, meeting.actions.count()) == ("", 1, 0)


def test_a_lead_keeps_no_meeting_of_another_work_stream(programme, executive_lead):
    other = WorkstreamFactory(programme=programme, code="WS5", name="Other", position=5)

    with pytest.raises(PermissionDenied):
        plan(programme, executive_lead, MeetingKind.WORKSTREAM, other)


@pytest.mark.parametrize(("kind", "keepers", "has_quorum"), KINDS)
def test_one_body_meets_once_on_a_day(
    programme, workstream, pmo_officer, kind, keepers, has_quorum
):
    own = workstream if kind == MeetingKind.WORKSTREAM else None
    plan(programme, pmo_officer, kind, own)

    with pytest.raises(ValidationError) as refusal:
        plan(programme, pmo_officer, kind, own)

    assert "on 14 March 2016 already" in messages_of(refusal)["held_date"]
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize("day", [date(2015, 5, 31), date(2017, 3, 16)])
def test_a_meeting_lies_within_the_plan_and_a_year(programme, pmo_officer, day):
    with pytest.raises(ValidationError) as refusal:
        plan(programme, pmo_officer, held_date=day)

    assert "held_date" in messages_of(refusal)


def test_the_record_is_kept_with_its_journal(programme, pmo_officer, elt_member, elt_attendees):
    meeting = MeetingFactory(programme=programme)

    record(meeting, pmo_officer, elt_member, *elt_attendees, apologies="One", notes=" Said. ")

    meeting.refresh_from_db()
    assert set(meeting.attendees.all()) == {elt_member, *elt_attendees}
    assert (meeting.apologies, meeting.notes, meeting.version) == ("One", "Said.", 2)
    assert changes_of("meeting.recorded") == {
        "attendees": ([], sorted(person.pk for person in [elt_member, *elt_attendees])),
        "apologies": ("", "One"),
        "notes": ("", "Said."),
    }


def test_a_record_on_top_of_a_newer_one_is_refused(programme, pmo_officer):
    meeting = MeetingFactory(programme=programme, version=2, notes="Theirs")

    with pytest.raises(StaleRecord, match="Somebody else saved"):
        record(meeting, pmo_officer, notes="Mine")

    assert Meeting.objects.get().notes == "Theirs"


def test_only_who_may_attend_is_recorded_and_only_once_it_was_held(
    programme, pmo_officer, elt_member
):
    meeting = MeetingFactory(programme=programme)

    with pytest.raises(ValidationError) as no_member:
        record(meeting, pmo_officer, pmo_officer)
    with pytest.raises(ValidationError) as ahead:
        record(meeting, pmo_officer, elt_member, held_date=date(2016, 3, 15))

    assert messages_of(no_member)["attendees"].startswith("Only ELT members attend")
    assert messages_of(ahead)["attendees"] == "Record who attended once the meeting was held"


def test_what_was_decided_there_keeps_its_day_its_decider_and_its_quorum(
    milestone, pmo_officer, elt_member, elt_attendees
):
    meeting = MeetingFactory(programme=milestone.programme, attendees=[elt_member, *elt_attendees])
    Decision.objects.create(
        programme=milestone.programme,
        change_request=ChangeRequestFactory(milestone=milestone),
        outcome=Outcome.APPROVED,
        meeting=meeting,
        decided_by=elt_member,
        decided_date=TODAY,
        decided_at="2016-03-14T12:00Z",
    )

    with pytest.raises(ValidationError) as moved:
        record(meeting, pmo_officer, elt_member, *elt_attendees, held_date=date(2016, 3, 11))
    with pytest.raises(ValidationError) as without_decider:
        record(meeting, pmo_officer, *elt_attendees)
    with pytest.raises(ValidationError) as below:
        record(meeting, pmo_officer, elt_member, elt_attendees[0])

    assert "its date stays" in messages_of(moved)["held_date"]
    assert "Who decided there attended" in messages_of(without_decider)["attendees"]
    assert "the quorum of 3 attended" in messages_of(below)["attendees"]
    assert meeting.attendees.count() == 3


def test_a_meeting_is_closed_once_it_was_held_and_who_attended_is_known(
    programme, pmo_officer, elt_member
):
    ahead = MeetingFactory(programme=programme, held_date=date(2016, 3, 15))
    today = MeetingFactory(programme=programme)

    with pytest.raises(WrongState, match="Close it once it was held"):
        close(ahead, pmo_officer)
    with pytest.raises(WrongState, match="Record who attended first"):
        close(today, pmo_officer)
    today.attendees.add(elt_member)
    with pytest.raises(StaleRecord):
        close(today, pmo_officer, seen_version=9)

    assert close(today, pmo_officer).closed_by == pmo_officer


def test_an_action_has_words_an_owner_of_the_programme_and_a_day_not_before_the_meeting(
    programme, pmo_officer, local_owner, external_reader
):
    meeting = MeetingFactory(programme=programme)

    with pytest.raises(ValidationError) as refusal:
        agree(meeting, pmo_officer, external_reader, text=" ", due_date=date(2016, 3, 13))

    assert messages_of(refusal) == {
        "text": "Enter what will be done",
        "owner": "The owner of an action must be a member of the programme",
        "due_date": "Due date must be on or after 14 March 2016, the day of the meeting",
    }
    ahead = MeetingFactory(programme=programme, held_date=date(2016, 3, 15))
    with pytest.raises(WrongState, match="Actions are agreed there"):
        agree(ahead, pmo_officer, local_owner)
    assert not MeetingAction.objects.exists()


@pytest.mark.parametrize("role", ROLES)
def test_an_action_is_done_by_its_owner_or_the_pmo_once(programme, person, role):
    action = MeetingActionFactory(meeting__programme=programme, owner=person("local_owner"))

    if role in PMO | {"local_owner"}:
        for _ in range(2):
            meeting_actions.complete_meeting_action(action_id=action.pk, by=person(role))
        action.refresh_from_db()
        assert (action.done_date, action.done_by) == (TODAY, person(role))
        assert AuditEntry.objects.filter(action="meeting_action.done").count() == 1
    else:
        with pytest.raises(PermissionDenied):
            meeting_actions.complete_meeting_action(action_id=action.pk, by=person(role))
        action.refresh_from_db()
        assert action.done_date is None


def test_an_owner_who_left_the_programme_marks_nothing(programme, local_owner):
    action = MeetingActionFactory(meeting__programme=programme, owner=local_owner)
    local_owner.memberships.all().delete()

    with pytest.raises(PermissionDenied):
        meeting_actions.complete_meeting_action(action_id=action.pk, by=local_owner)


def test_actions_are_carried_over_within_their_body_until_they_are_done(
    programme, workstream, local_owner
):
    first = MeetingFactory(programme=programme, held_date=date(2016, 1, 15))
    second = MeetingFactory(programme=programme, held_date=date(2016, 2, 15))
    third = MeetingFactory(programme=programme)
    qig = MeetingFactory(programme=programme, kind=MeetingKind.QIG, held_date=date(2016, 2, 1))
    other = MeetingFactory(
        programme=ProgrammeFactory(slug="other-trust"), held_date=date(2016, 2, 1)
    )
    still_open = MeetingActionFactory(meeting=first)
    done_at_second = MeetingActionFactory(meeting=first, done_date=date(2016, 2, 15))
    done_before = MeetingActionFactory(meeting=first, done_date=date(2016, 2, 14))
    of_second = MeetingActionFactory(meeting=second)
    for elsewhere in (qig, other, third):
        MeetingActionFactory(meeting=elsewhere)

    def carried(meeting):
        return list(MeetingAction.objects.carried_into(meeting).order_by("pk"))

    assert carried(first) == []
    assert carried(second) == [still_open, done_at_second]
    assert carried(third) == [still_open, of_second]
    assert done_before not in carried(second)
