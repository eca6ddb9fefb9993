"""Every state of an exception report, everything that can happen to it, by everybody."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from governance import decisions, escalation, remedial_actions, review
from governance.decisions import Sitting
from governance.errors import WrongState
from governance.models import ExceptionReport, ExceptionState, Outcome
from tests.factories.governance import ExceptionReportFactory, RemedialActionFactory
from tests.governance.roles import ROLES
from tests.governance.test_exceptions import file, slip

TODAY, LATER = date(2016, 3, 14), date(2016, 3, 22)
# Who reports: the PMO, the lead of the work stream and the local owner.
REPORT = {"pmo_administrator", "pmo_officer", "executive_lead", "local_owner"}
# The executive lead sits on the ELT too, but decides nothing of the own work stream.
DECIDE = {"elt_member", "other_lead"}
DRAFT, SUBMITTED, RETURNED, ACCEPTED, CLOSED = (
    ExceptionState.DRAFT,
    ExceptionState.SUBMITTED,
    ExceptionState.RETURNED,
    ExceptionState.ACCEPTED,
    ExceptionState.CLOSED,
)
# Event: who may cause it, and where it leads from each state; from any other it is refused.
PEOPLES_EVENTS = {
    "save a draft": (REPORT, {DRAFT: DRAFT, RETURNED: RETURNED}),
    "submit": (REPORT, {DRAFT: SUBMITTED, RETURNED: SUBMITTED}),
    "accept": (DECIDE, {SUBMITTED: ACCEPTED}),
    "return": (DECIDE, {SUBMITTED: RETURNED}),
    # An action is followed whatever becomes of its exception.
    "finish an action": (REPORT, {state: state for state in ExceptionState}),
    "move an action": (REPORT, {state: state for state in ExceptionState}),
}
# What the schedule does, which nobody has to be allowed: where it leads from each state.
SCHEDULES_EVENTS = {
    "still off plan": {},
    "report overdue": {},
    "back on plan": dict.fromkeys(ExceptionState, CLOSED),
}


def in_state(milestone, state) -> ExceptionReport:
    slip(milestone)
    fields = {"submitted_date": TODAY} if state in (SUBMITTED, ACCEPTED) else {}
    if state == CLOSED:
        fields = {"closed_date": TODAY, "closed_because": "Back"}
    return ExceptionReportFactory(milestone=milestone, state=state, **fields)


def decide(report, by, outcome, attendees):
    decisions.decide_exception(
        exception_id=report.pk,
        by=by,
        outcome=outcome,
        sitting=Sitting(held_date=TODAY, attendees=frozenset(attendees)),
        comment="Name the owners.",
    )


def cause(event, report, by, attendees):
    action = RemedialActionFactory(exception=report, owner=attendees[0])
    match event:
        case "save a draft":
            # A row that is not typed again is taken out, unlike one that is done.
            file(report, by, submit=False)
        case "submit":
            file(report, by)
        case "accept":
            decide(report, by, Outcome.ACCEPTED, attendees)
        case "return":
            decide(report, by, Outcome.RETURNED, attendees)
        case "finish an action":
            remedial_actions.complete_action(action_id=action.pk, by=by)
        case "move an action":
            remedial_actions.move_due_date(
                action_id=action.pk,
                by=by,
                to=date(2016, 5, 1),
                reason="The trainer is ill.",
                seen_due_date=action.due_date,
            )


def expected(event, state, role):
    """Where it leads, or how it is refused; who may not at all is told that first."""
    allowed, leads_to = PEOPLES_EVENTS[event]
    if role not in allowed:
        return PermissionDenied
    return leads_to.get(state, WrongState)


@pytest.mark.parametrize("event", PEOPLES_EVENTS)
@pytest.mark.parametrize("state", ExceptionState)
def test_what_people_may_do_leads_where_the_table_says_and_all_else_is_refused(
    milestone, person, elt_attendees, event, state
):
    report = in_state(milestone, state)
    got, wanted, sentences = {}, {}, []
    for role in ROLES:
        wanted[role] = expected(event, state, role)
        # As stored for each: what the one before did is undone.
        ExceptionReport.objects.filter(pk=report.pk).update(state=state, version=1)
        report.authors.clear()
        try:
            cause(event, report, person(role), elt_attendees)
        except (PermissionDenied, WrongState) as refusal:
            got[role] = type(refusal)
            sentences.append(str(refusal))
        else:
            got[role] = ExceptionState(ExceptionReport.objects.get().state)

    assert got == wanted
    assert all(sentence.endswith(".") for sentence in sentences)


@pytest.mark.parametrize("event", SCHEDULES_EVENTS)
@pytest.mark.parametrize("state", ExceptionState)
def test_what_the_schedule_finds_leads_where_the_table_says(milestone, event, state):
    report = in_state(milestone, state)
    if event == "back on plan":
        slip(milestone, to=date(2016, 4, 30))

    if event == "report overdue":
        escalation.escalate_overdue(programme_id=milestone.programme_id, on=LATER)
    else:
        review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY)

    report.refresh_from_db()
    assert report.state == SCHEDULES_EVENTS[event].get(state, state)
    assert bool(report.escalated_date) == (event == "report overdue" and state in (DRAFT, RETURNED))


@pytest.mark.parametrize("state", ExceptionState)
def test_only_a_closed_exception_is_followed_by_another(milestone, state):
    in_state(milestone, state)

    opened = [
        len(review.raise_exceptions(programme_id=milestone.programme_id, as_of=TODAY).opened)
        for _ in range(3)
    ]

    assert opened == ([1, 0, 0] if state == CLOSED else [0, 0, 0])


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.RETURNED])
@pytest.mark.parametrize("role", ["pmo_officer", "local_owner", "other_lead", "elt_member"])
def test_who_wrote_on_a_report_does_not_decide_it(milestone, person, elt_attendees, role, outcome):
    report = in_state(milestone, SUBMITTED)
    report.authors.add(person(role))

    with pytest.raises(PermissionDenied):
        decide(report, person(role), outcome, elt_attendees)

    assert ExceptionReport.objects.get().state == SUBMITTED
