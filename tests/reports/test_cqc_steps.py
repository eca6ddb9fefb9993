"""The page of a CQC action: what each person can do, and what is said when it cannot be done."""

from datetime import date

import pytest
from django.urls import reverse

from governance.models import CqcState
from tests.factories.governance import CqcStepFactory
from tests.factories.milestones import EvidenceFactory


def url(name="cqc_action_detail", reference="WS2-M1"):
    return reverse(f"reports:{name}", args=["las-2016", reference])


@pytest.fixture
def piece(milestone):
    return EvidenceFactory(milestone=milestone)


@pytest.fixture
def brought_to(action, local_owner, elt_member):
    """Bring the action to a state, as its owner and an ELT member would."""

    def bring(*states):
        for state in states:
            CqcStepFactory(
                cqc_action=action,
                state=state,
                comment="Said",
                made_by=local_owner if state in ("claimed", "submitted") else elt_member,
                recheck_date=date(2016, 6, 14) if state == "assured" else None,
            )

    return bring


def test_the_way_from_open_to_assured(action, piece, client_of, local_owner, elt_member):
    owner, reviewer = client_of(local_owner), client_of(elt_member)

    assert b"Say that it is complete</button>" in owner.get(url()).content
    owner.post(url("cqc_claim"), {"number": 0, "comment": "All trained"})
    page = owner.get(url()).content.decode()
    assert "WS2-P3-03 Minutes of the board" in page
    owner.post(url("cqc_submit"), {"number": 1, "evidence": [piece.pk]})
    response = reviewer.post(url("cqc_assure"), {"number": 2}, follow=True)

    page = response.content.decode()
    assert "WS2-M1 is assured." in page
    assert [step.state for step in action.steps.order_by("number")] == [
        "claimed",
        "submitted",
        "assured",
    ]
    assert "To be checked again from 14\N{NO-BREAK SPACE}Jun\N{NO-BREAK SPACE}2016" in page
    assert "All trained" in page


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        ([], "Not proved yet: no evidence was submitted."),
        (["claimed"], "Not proved yet: said to be complete by {owner} on {day}, but no evidence"),
        (["claimed", "submitted"], "Not proved yet: evidence was submitted by {owner} on {day}"),
        (
            ["claimed", "submitted", "assured"],
            "Proved: assured by {elt} on {day}; checked again from 14 June 2016 on.",
        ),
        (
            ["claimed", "submitted", "assured", "embedded"],
            "Proved: assured by {elt} on {day}, embedded by {elt} on {day}.",
        ),
        (
            ["claimed", "submitted", "assured", "reopened"],
            "Not proved any more: reopened by {elt} on {day}.",
        ),
    ],
)
def test_the_page_answers_in_a_sentence_whether_the_action_can_be_proved(
    action, brought_to, client_of, auditor, local_owner, elt_member, states, sentence
):
    brought_to(*states)

    page = client_of(auditor).get(url()).content.decode()

    shown = sentence.format(owner=local_owner, elt=elt_member, day="14 March 2016")
    assert f'<p class="qip-lead">{shown}' in page


def test_who_may_not_take_the_next_step_is_told_why(
    action, brought_to, client_of, local_owner, auditor
):
    brought_to(CqcState.CLAIMED, CqcState.SUBMITTED)

    owner = client_of(local_owner).get(url()).content.decode()
    reader = client_of(auditor).get(url()).content.decode()

    assert "You answer for this CQC action. A second person assures it." in owner
    assert "Only the PMO, its executive lead or an ELT member assures" in reader
    assert "Assure it</button>" not in owner + reader
    assert "Reopen it</button>" in owner
    assert "Reopen it</button>" not in reader


def test_what_is_missing_is_said_on_top_and_at_the_field_and_typed_text_is_kept(
    action, piece, brought_to, client_of, local_owner
):
    brought_to(CqcState.CLAIMED)

    response = client_of(local_owner).post(
        url("cqc_submit"), {"number": 1, "comment": "Typed with care"}
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert '<a href="#submit_evidence_0">Choose at least one piece of evidence</a>' in page
    assert "Typed with care" in page
    assert action.steps.count() == 1


def test_reopening_without_a_reason_opens_the_form_with_its_error(
    action, brought_to, client_of, elt_member
):
    brought_to(CqcState.CLAIMED)

    response = client_of(elt_member).post(url("cqc_reopen"), {"number": 1})

    assert response.status_code == 422
    assert '<details class="nhsuk-details" open>' in response.content.decode()


def test_a_step_in_the_wrong_state_is_refused_with_a_sentence_and_the_text(
    action, client_of, elt_member
):
    response = client_of(elt_member).post(url("cqc_assure"), {"number": 0, "comment": "Looks good"})

    page = response.content.decode()
    assert response.status_code == 409
    assert "WS2-M1 is open: its owner has not said that it is complete." in page
    assert "Looks good" in page


def test_a_step_without_authority_is_not_allowed(action, brought_to, client_of, local_owner):
    brought_to(CqcState.CLAIMED, CqcState.SUBMITTED)

    response = client_of(local_owner).post(url("cqc_assure"), {"number": 2})

    assert response.status_code == 403
    assert "A second person assures it." in response.content.decode()


def test_of_two_who_claim_from_old_pages_the_second_reads_again_and_keeps_the_text(
    action, brought_to, client_of, local_owner
):
    brought_to(CqcState.CLAIMED, CqcState.REOPENED)
    client = client_of(local_owner)

    response = client.post(url("cqc_claim"), {"number": 0, "comment": "Done again"})
    page = response.content.decode()

    assert response.status_code == 409
    assert "Somebody took a step on WS2-M1 meanwhile" in page
    assert "Done again" in page
    assert 'name="number" value="2"' in page
    assert client.post(url("cqc_claim"), {"number": 2, "comment": "Done again"}).status_code == 302


def test_without_evidence_the_page_says_where_to_add_it(action, brought_to, client_of, local_owner):
    brought_to(CqcState.CLAIMED)

    page = client_of(local_owner).get(url()).content.decode()

    assert "hold no evidence yet" in page
    assert "Submit the evidence</button>" not in page


def test_the_page_costs_the_same_queries_however_many_steps_and_pieces(
    action, milestone, brought_to, client_of, auditor, django_assert_max_num_queries
):
    client = client_of(auditor)

    def fill(number):
        step = CqcStepFactory(cqc_action=action, state=CqcState.SUBMITTED)
        step.evidence.set(EvidenceFactory.create_batch(number, milestone=milestone))

    fill(1)
    client.get(url())
    with django_assert_max_num_queries(100) as few:
        client.get(url())
    for _ in range(10):
        fill(10)

    with django_assert_max_num_queries(len(few)):
        assert client.get(url()).status_code == 200
