from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from accounts.models import AuditEntry
from governance import decisions
from governance.decisions import Sitting
from governance.errors import WrongState
from governance.models import Decision, MeetingKind, Outcome, Ratification
from governance.ratification import ratify_decision, why_not_ratify
from tests.factories.governance import MeetingFactory, SubmittedReportFactory
from workstreams.models import Role

TODAY = date(2016, 3, 14)


@pytest.fixture
def chairs_action(milestone, elt_member) -> Decision:
    report = SubmittedReportFactory(milestone=milestone, number=4)
    sitting = Sitting(held_date=TODAY, chairs_action_reason="The CQC asked today.")
    return decisions.decide_exception(
        exception_id=report.pk, by=elt_member, outcome=Outcome.ACCEPTED, sitting=sitting
    )


@pytest.fixture
def meeting(programme, elt_member, elt_attendees):
    return MeetingFactory(programme=programme, attendees=[elt_member, *elt_attendees])


def ratify(decision, meeting, by):
    return ratify_decision(decision_id=decision.pk, meeting_id=meeting.pk, by=by)


def test_a_quorate_meeting_ratifies_a_chairs_action(chairs_action, meeting, member):
    another = member(Role.ELT_MEMBER)

    ratification = ratify(chairs_action, meeting, another)

    assert (ratification.meeting, ratification.ratified_date) == (meeting, TODAY)
    assert meeting.attendees.filter(pk=another.pk).exists()
    assert not Decision.objects.to_ratify().exists()
    assert AuditEntry.objects.filter(action="decision.ratified").count() == 1


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("elt_member", "You took this chair’s action"),
        ("executive_lead", "You lead WS2"),
        ("local_owner", "Only a member of the Executive Leadership Team"),
        ("pmo_officer", "Only a member of the Executive Leadership Team"),
    ],
)
def test_neither_who_took_it_nor_who_may_not_decide_ratifies(
    chairs_action, meeting, person, role, sentence
):
    with pytest.raises(PermissionDenied, match=sentence):
        ratify(chairs_action, meeting, person(role))

    assert sentence in why_not_ratify(chairs_action, person(role))
    assert not Ratification.objects.exists()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ({"kind": MeetingKind.QIG}, "Only an ELT meeting ratifies"),
        ({"closed_date": TODAY}, "minutes of the ELT meeting of 14 Mar 2016 are closed"),
        ({"held_date": date(2016, 3, 15)}, "It ratifies once it is held"),
        ({"held_date": date(2016, 3, 11)}, "is ratified at a later meeting"),
    ],
)
def test_only_an_open_elt_meeting_held_since_ratifies(
    chairs_action, programme, elt_member, elt_attendees, spoil, sentence
):
    meeting = MeetingFactory(programme=programme, attendees=[elt_member, *elt_attendees], **spoil)

    with pytest.raises(WrongState, match=sentence):
        ratify(chairs_action, meeting, elt_attendees[0])

    assert not Ratification.objects.exists()


def test_a_meeting_below_the_quorum_ratifies_nothing(chairs_action, programme, elt_attendees):
    meeting = MeetingFactory(programme=programme, attendees=elt_attendees)

    with pytest.raises(WrongState, match="The quorum is 3 and 2 attend"):
        ratify(chairs_action, meeting, elt_attendees[0])

    assert not Ratification.objects.exists()


def test_it_is_ratified_once_and_never_changed(chairs_action, meeting, elt_attendees):
    ratify(chairs_action, meeting, elt_attendees[0])

    with pytest.raises(WrongState, match="ratified already"):
        ratify(chairs_action, meeting, elt_attendees[1])
    rows = Ratification.objects.all()
    for act in (lambda: rows.update(ratified_date=TODAY), lambda: rows._raw_delete(rows.db)):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()


def test_what_a_meeting_decided_needs_no_ratification(
    milestone, meeting, elt_member, elt_attendees
):
    report = SubmittedReportFactory(milestone=milestone)
    decision = decisions.decide_exception(
        exception_id=report.pk,
        by=elt_member,
        outcome=Outcome.ACCEPTED,
        sitting=Sitting(held_date=TODAY, attendees=frozenset(elt_attendees)),
    )

    with pytest.raises(WrongState, match="nothing to ratify"):
        ratify(decision, meeting, elt_attendees[0])


def test_a_closed_meeting_takes_no_decision_and_a_recorded_one_lends_its_quorum(
    milestone, programme, elt_member, elt_attendees
):
    report = SubmittedReportFactory(milestone=milestone)
    meeting = MeetingFactory(programme=programme, attendees=elt_attendees, closed_date=TODAY)

    def accept():
        return decisions.decide_exception(
            exception_id=report.pk,
            by=elt_member,
            outcome=Outcome.ACCEPTED,
            sitting=Sitting(held_date=TODAY),
        )

    with pytest.raises(ValidationError) as refusal:
        accept()
    meeting.closed_date = None
    meeting.save()
    decision = accept()

    assert "are closed. Choose another meeting" in str(refusal.value)
    assert decision.meeting == meeting
    meeting.refresh_from_db()
    assert (meeting.attendees.count(), meeting.version) == (3, 2)
