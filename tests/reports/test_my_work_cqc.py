"""My work lists the CQC actions that wait for the person, and no step that they may not take."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance import cqc
from governance.cqc_queue import turns_of
from governance.models import CqcState
from tests.factories.governance import CqcStepFactory
from tests.factories.workstreams import CqcActionFactory, ProgrammeFactory, WorkstreamFactory
from workstreams.models import Role

URL = reverse("reports:my_work", args=["las-2016"])
State = CqcState
BEFORE = {
    State.OPEN: [],
    State.CLAIMED: [State.CLAIMED],
    State.SUBMITTED: [State.CLAIMED, State.SUBMITTED],
    State.ASSURED: [State.CLAIMED, State.SUBMITTED, State.ASSURED],
    State.EMBEDDED: [State.CLAIMED, State.SUBMITTED, State.ASSURED, State.EMBEDDED],
    State.REOPENED: [State.CLAIMED, State.REOPENED],
}
DUE, NOT_DUE = date(2016, 3, 14), date(2016, 3, 15)


def bring_to(action, state, *, by, recheck=DUE):
    for each in BEFORE[state]:
        CqcStepFactory(
            cqc_action=action,
            state=each,
            comment="Two of three wards do not",
            made_by=by,
            recheck_date=recheck if each == State.ASSURED else None,
        )


def listed(client):
    """What the panel asks of the person: each action by the words before it."""
    html = client.get(URL).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    panel = html.partition('aria-labelledby="cqc"')[2].partition("</section>")[0]
    lines = re.findall(r"<a href=[^>]*>([^<]*)</a>\s*<span [^>]*>([^<]*)</span>", panel)
    return {asked.partition(":")[0]: state for asked, state in lines}


@pytest.fixture
def people(pmo_officer, executive_lead, local_owner, elt_member, auditor, external_reader, member):
    other_lead = member(Role.EXECUTIVE_LEAD, Role.ELT_MEMBER)
    owner_in_elt = member(Role.LOCAL_OWNER, Role.ELT_MEMBER)
    known = [pmo_officer, executive_lead, local_owner, elt_member, auditor, external_reader]
    return [*known, other_lead, owner_in_elt, member(Role.EXECUTIVE_LEAD), member()]


@pytest.mark.parametrize("state", State)
def test_it_lists_exactly_what_its_owner_or_a_second_person_may_do_now(
    programme, workstream, people, state
):
    owners = [None, *people]
    actions = [CqcActionFactory(workstream=workstream, local_owner=owner) for owner in owners]
    actions.append(CqcActionFactory(workstream=WorkstreamFactory(code="WS5", position=5)))
    for number, action in enumerate(actions):
        bring_to(action, state, by=people[number % len(people)])
    event = cqc.next_event(state)

    for person in people:
        turns = turns_of(person, programme, roles=programme.roles_of(person))

        may = [
            action
            for action in actions
            if event
            and not cqc.refusal(action, cqc.steps_of(action), by=person, event=event)
            and (event in cqc.SECOND_PERSON or cqc.owner_of(action) == person)
        ]
        assert {turn.action for turn in turns} == set(may), person
        assert {turn.event for turn in turns} <= {event}


def test_an_owner_sees_what_is_open_what_came_back_and_what_lacks_its_evidence(
    workstream, owner, local_owner, pmo_officer
):
    for reference, state in [
        ("M1", State.OPEN),
        ("M2", State.CLAIMED),
        ("M3", State.REOPENED),
        ("M4", State.SUBMITTED),
        ("M5", State.ASSURED),
        ("M6", State.EMBEDDED),
    ]:
        action = CqcActionFactory(
            workstream=workstream, reference=reference, local_owner=local_owner
        )
        bring_to(action, state, by=pmo_officer)

    assert listed(owner) == {
        "Say that M3 is complete": "Reopened 14 Mar 2016 by PMO officer",
        "Submit the evidence for M2": "Said to be complete 14 Mar 2016, evidence not submitted",
        "Say that M1 is complete": "Open",
    }


def test_a_reviewer_sees_what_waits_to_be_assured_or_is_due_to_be_checked_again(
    workstream, client_of, elt_member, local_owner, auditor
):
    of_owner = {"workstream": workstream, "local_owner": local_owner}
    bring_to(CqcActionFactory(reference="M1", **of_owner), State.SUBMITTED, by=local_owner)
    bring_to(CqcActionFactory(reference="M2", **of_owner), State.SUBMITTED, by=elt_member)
    bring_to(CqcActionFactory(reference="M3", **of_owner), State.ASSURED, by=local_owner)
    not_due = CqcActionFactory(reference="M4", **of_owner)
    bring_to(not_due, State.ASSURED, by=local_owner, recheck=NOT_DUE)
    elsewhere = WorkstreamFactory(programme=ProgrammeFactory(slug="other-trust"))
    bring_to(CqcActionFactory(workstream=elsewhere), State.SUBMITTED, by=local_owner)

    assert listed(client_of(elt_member)) == {
        "Assure M1": "Evidence submitted 14 Mar 2016 by WS2 local owner",
        "Check M3 again": "Assured 14 Mar 2016, to be checked again from 14 Mar 2016",
    }
    assert "CQC actions</h2>" not in client_of(auditor).get(URL).content.decode()


@pytest.mark.parametrize(("number", "is_cut"), [(5, False), (6, True)])
def test_many_open_actions_are_one_line_that_leads_to_exactly_them(
    workstream, client_of, executive_lead, local_owner, pmo_officer, number, is_cut
):
    CqcActionFactory.create_batch(number, workstream=workstream)
    CqcActionFactory(workstream=workstream, local_owner=local_owner)
    bring_to(
        CqcActionFactory(workstream=workstream, reference="M1"), State.REOPENED, by=pmo_officer
    )
    client = client_of(executive_lead)

    lines = listed(client)

    assert next(iter(lines)) == "Say that M1 is complete"
    assert len(lines) == (2 if is_cut else 1 + number)
    assert (f"{number} open CQC actions" in lines) is is_cut
    link = f"/las-2016/cqc-actions/?state=open&owner={executive_lead.pk}"
    assert (link.replace("&", "&amp;") in client.get(URL).content.decode()) is is_cut
    assert client.get(link).context["shown"] == number


@pytest.mark.parametrize("who", ["local_owner", "elt_member", "pmo_officer"])
def test_it_costs_the_same_queries_however_many_actions_wait(
    request, workstream, client_of, local_owner, executive_lead, who
):
    client = client_of(request.getfixturevalue(who))

    def fill(number):
        for state in State:
            for _ in range(number):
                action = CqcActionFactory(workstream=workstream, local_owner=local_owner)
                bring_to(action, state, by=executive_lead)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(URL)
        return len(queries)

    fill(1)
    few = cost()
    fill(12)

    assert cost() == few
