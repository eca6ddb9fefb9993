from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from accounts.models import AuditEntry
from governance import decisions
from governance.decisions import Sitting
from governance.errors import WrongState
from governance.models import Decision, MeetingKind, Outcome, Ratification
from governance.ratification import (
    chairs_actions,
    meeting_to_ratify_at,
    meetings_to_ratify_at,
    ratifiable,
    ratify_decision,
    why_not_ratify,
)
from tests.factories.governance import MeetingFactory, SubmittedReportFactory
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import ProjectFactory, WorkstreamFactory
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


def test_of_many_the_same_people_ratify_as_of_one(
    chairs_action, programme, elt_member, pmo_officer, person
):
    other = WorkstreamFactory(programme=programme, code="WS5", position=5)
    elsewhere = SubmittedReportFactory(
        milestone=BaselinedMilestoneFactory(project=ProjectFactory(workstream=other))
    )
    written = SubmittedReportFactory(
        milestone=BaselinedMilestoneFactory(project=chairs_action.subject.milestone.project)
    )
    written.authors.add(person("other_lead"))
    for report, by in ((elsewhere, person("other_lead")), (written, elt_member)):
        Decision.objects.create(
            programme=programme,
            exception=report,
            outcome=Outcome.ACCEPTED,
            chairs_action_reason="The CQC asked today.",
            decided_by=by,
            decided_date=TODAY,
            decided_at="2016-03-14T12:00Z",
        )
    decisions = chairs_actions(programme)

    for role in ("elt_member", "executive_lead", "other_lead"):
        may = [each for each in decisions if not why_not_ratify(each, person(role))]
        assert ratifiable(decisions, person(role)) == may
    assert ratifiable(decisions, person("other_lead")) == [chairs_action]


@pytest.mark.parametrize(
    ("days", "closed", "found"),
    [
        ([14, 15], [], 14),
        ([11, 15, 18], [], 15),
        ([14, 15], [14], 15),
        ([11], [], None),
        ([], [], None),
    ],
)
def test_it_is_ratified_at_the_latest_meeting_held_since_else_at_the_next(
    chairs_action, programme, days, closed, found
):
    for day in days:
        MeetingFactory(
            programme=programme,
            held_date=date(2016, 3, day),
            closed_date=TODAY if day in closed else None,
        )
    MeetingFactory(programme=programme, kind=MeetingKind.QIG)
    meetings = meetings_to_ratify_at(chairs_actions(programme))

    meeting = meeting_to_ratify_at(chairs_action, meetings, on=TODAY)

    assert (meeting and meeting.held_date.day) == found


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
