"""Who answers for a CQC action: the PMO names them on its page."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from governance import cqc
from governance.cqc import CqcEvent
from governance.ownership import name_owner
from tests.factories.workstreams import ProgrammeFactory
from tests.journal import changes_of
from workstreams.models import Role


def url(name="cqc_action_detail"):
    return reverse(f"reports:{name}", args=["las-2016", "WS2-M1"])


@pytest.fixture
def nobodys(action):
    """The action before anybody is named for it."""
    action.local_owner = None
    action.save()
    return action


def may_claim(action, person):
    return not cqc.refusal(action, cqc.steps_of(action), by=person, event=CqcEvent.CLAIM)


def test_the_pmo_names_the_owner_who_then_answers_instead_of_the_executive_lead(
    nobodys, client_of, pmo_officer, local_owner, executive_lead
):
    assert may_claim(nobodys, executive_lead)

    response = client_of(pmo_officer).post(url("cqc_owner"), {"owner": local_owner.pk}, follow=True)

    nobodys.refresh_from_db()
    assert "WS2 local owner answers for WS2-M1 now." in response.content.decode()
    assert changes_of("owner.named") == {"local_owner": (None, local_owner.pk)}
    assert may_claim(nobodys, local_owner)
    assert not may_claim(nobodys, executive_lead)


def test_naming_nobody_gives_it_back_to_the_executive_lead(
    action, client_of, pmo_officer, local_owner
):
    page = client_of(pmo_officer).post(url("cqc_owner"), {"owner": ""}, follow=True)

    text = page.content.decode()
    assert "Director of Corporate Affairs answers for WS2-M1 now." in text
    assert "As its executive lead: nobody else is named" in text
    assert changes_of("owner.named") == {"local_owner": (local_owner.pk, None)}


def test_the_same_owner_again_is_no_entry_in_the_journal(action, pmo_officer, local_owner):
    name_owner(subject=action, by=pmo_officer, owner=local_owner)

    assert not AuditEntry.objects.filter(action="owner.named").exists()


def test_who_is_not_eligible_is_refused_at_the_field(
    nobodys, client_of, pmo_officer, auditor, elt_member, external_reader, member
):
    client = client_of(pmo_officer)
    stranger = member(Role.LOCAL_OWNER, programme=ProgrammeFactory(slug="other-trust"))

    for person in (auditor, elt_member, external_reader, stranger):
        response = client.post(url("cqc_owner"), {"owner": person.pk})

        text = response.content.decode()
        assert response.status_code == 422
        assert "<title>Error: " in text
        assert '<a href="#id_owner">Choose the owner from the list</a>' in text
        with pytest.raises(ValidationError, match="must be a local owner"):
            name_owner(subject=nobodys, by=pmo_officer, owner=person)
    nobodys.refresh_from_db()
    assert nobodys.local_owner is None


def test_only_the_pmo_sees_the_form_and_names(
    nobodys, client_of, pmo_administrator, executive_lead, local_owner, elt_member, auditor
):
    assert "Save owner</button>" in client_of(pmo_administrator).get(url()).content.decode()

    for person in (executive_lead, local_owner, elt_member, auditor):
        assert "Save owner" not in client_of(person).get(url()).content.decode()
        # What was typed is looked at only for who may.
        assert client_of(person).post(url("cqc_owner"), {"owner": "x"}).status_code == 403
        with pytest.raises(PermissionDenied, match="Only the PMO says who answers"):
            name_owner(subject=nobodys, by=person, owner=local_owner)
