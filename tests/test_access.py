"""The role table of the product's design, held against every address: nobody gets more."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.access_table import METHODS, PAGES, SITE_PAGES, Row, address
from tests.access_world import fill
from tests.factories.workstreams import (
    ProgrammeFactory,
)
from workstreams.models import Membership, Role


def names_of(resolver: URLResolver | None = None, prefix: str = "") -> list[str]:
    names = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            names.append(f"{prefix}{entry.name}")
        else:
            inner = f"{entry.namespace}:" if entry.namespace else ""
            names += names_of(entry, f"{prefix}{inner}")
    return names


@pytest.fixture
def people(
    pmo_administrator,
    pmo_officer,
    executive_lead,
    local_owner,
    elt_member,
    auditor,
    external_reader,
):
    return {
        "pmo_administrator": pmo_administrator,
        "pmo_officer": pmo_officer,
        "executive_lead": executive_lead,
        "local_owner": local_owner,
        "elt_member": elt_member,
        "auditor": auditor,
        "external_reader": external_reader,
    }


@pytest.fixture
def world(programme, workstream, people):
    return fill(
        programme,
        workstream,
        people["executive_lead"],
        people["local_owner"],
        people["pmo_officer"],
    )


def expected(row: Row, role: str, method: str) -> str:
    reads, writes = method in ("get", "head"), method == "post"
    if not reads and not writes:
        return "405"
    allowed = row.read if reads else row.write
    if role == "external_reader" and "external_reader" not in (row.read or ()):
        return "404"
    if allowed is None:
        return "405"
    return "served" if role in allowed else "403"


def read_to_the_end(response):
    """Let go of a download's file, as a browser would."""
    if response.streaming:
        b"".join(response)


def outcome(response) -> str:
    if response.status_code in (403, 404, 405):
        return str(response.status_code)
    # 409 and 422 are the page again, with what is wrong: served to who may.
    return "served" if response.status_code in (200, 302, 409, 422) else f"{response.status_code}!"


def test_every_address_of_the_product_is_in_the_table():
    names = {name for name in names_of() if not name.startswith("account_")}

    assert names == PAGES.keys() | SITE_PAGES


@pytest.mark.parametrize("role", list(Role))
def test_nobody_gets_more_than_the_table_says(world, people, client_of, role):
    surprises = []
    client = client_of(people[role])
    for method in METHODS:
        for name, row in PAGES.items():
            before = transaction.savepoint()
            response = getattr(client, method)(address(name, "las-2016", world))
            read_to_the_end(response)
            transaction.savepoint_rollback(before)
            wanted = expected(row, role, method)
            got = outcome(response)
            # Both say that there is nothing here to do; which comes first tells nobody more.
            same = {got, wanted} <= {"403", "404", "405"} and "405" in {got, wanted}
            if got != wanted and not same:
                surprises.append(f"{role} {method} {name}: {got} not {wanted}")

    assert not surprises, "\n".join(surprises)


def test_members_of_one_programme_find_nothing_of_another(world, people, client_of, member):
    other = ProgrammeFactory(slug="other-trust", name="CANARY programme")
    strangers = [member(role, programme=other) for role in Role]
    surprises = []
    for person in strangers:
        client = client_of(person)
        for name in PAGES:
            for method in ("get", "post"):
                response = getattr(client, method)(address(name, "las-2016", world))
                if response.status_code != 404:
                    surprises.append(f"{person} {method} {name}: {response.status_code}")

    assert not surprises, "\n".join(surprises)


def test_whoever_is_not_signed_in_is_asked_to_sign_in(world):
    surprises = []
    for name in PAGES:
        for method in ("get", "post"):
            response = getattr(Client(), method)(address(name, "las-2016", world))
            if response.status_code != 302 or "/accounts/login/" not in response["Location"]:
                surprises.append(f"{method} {name}: {response.status_code}")

    assert not surprises, "\n".join(surprises)


def test_ids_of_another_programme_are_not_found(world, people, client_of, programme):
    """An administrator of one programme cannot reach rows of another by their number."""
    other = ProgrammeFactory(slug="other-trust", name="Other")
    Membership.objects.create(
        programme=other, user=people["pmo_administrator"], role=Role.PMO_ADMINISTRATOR
    )
    client = client_of(people["pmo_administrator"])

    own = {"action", "member", "meeting", "meeting_action", "decision"}
    for name, row in PAGES.items():
        if own & set(row.keys.values()):
            send = client.post if row.write else client.get
            assert send(address(name, "other-trust", world)).status_code == 404, name


def test_a_form_without_its_token_changes_nothing(world, people):
    surprises = []
    for role in ("pmo_administrator", "local_owner"):
        client = Client(enforce_csrf_checks=True)
        client.force_login(
            people[role], backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        for name, row in PAGES.items():
            if row.write and role in row.write:
                response = client.post(address(name, "las-2016", world))
                if response.status_code != 403:
                    surprises.append(f"{role} {name}: {response.status_code}")

    assert not surprises, "\n".join(surprises)


def test_every_page_carries_the_headers_that_protect_a_browser(world, people, client_of):
    client = client_of(people["pmo_administrator"])

    for name, row in PAGES.items():
        if row.read and "pmo_administrator" in row.read:
            response = client.get(address(name, "las-2016", world))
            read_to_the_end(response)
            policy = response["Content-Security-Policy"]
            assert "default-src 'none'" in policy, name
            assert "unsafe" not in policy, name
            assert response["X-Content-Type-Options"] == "nosniff", name
            assert "no-store" in response["Cache-Control"], name
            assert response["Cross-Origin-Opener-Policy"] == "same-origin", name
