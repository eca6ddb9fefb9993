"""Every text of one programme holds a canary: nobody of another programme ever sees it."""

import io
import zipfile

import pytest
from django.core import mail

from reports.delivery import send_due_deliveries
from reports.due import run_due
from tests.security.filling import fill_texts, freeze_again
from tests.test_access import PAGES, address
from workstreams.models import Role

CANARY = "CANARY-5d41"
# To search for: enough to find it.
PART = CANARY[:-2]
# The tests' executive lead sits on the ELT too; a PMO officer sees what the administrator sees.
ROLES = ["pmo_administrator", "executive_lead", "local_owner", "auditor", "external_reader"]
# Addresses of rows that only the database numbers; these a stranger would guess.
GUESSED = {name: row for name, row in PAGES.items() if row.read and "pk" in row.keys}


@pytest.fixture
def canaries(programme, other_world, other_programme, strangers):
    """The other programme, with the canary in each of its texts, its snapshot and its packs."""
    assert fill_texts(lambda longest: CANARY) > 80
    programme.save()  # the one row of ours that is there by now
    freeze_again(other_programme, strangers[Role.PMO_OFFICER])
    return other_world


def body_of(response) -> bytes:
    body = b"".join(response) if response.streaming else response.content
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body += b"".join(archive.read(name) for name in archive.namelist())
    return body + repr(sorted(response.headers.items())).encode()


def own_pages(role, keys):
    for name, row in PAGES.items():
        if row.read and role in row.read:
            yield address(name, "las-2016", keys)


def test_the_canary_is_seen_by_its_own_programme(canaries, strangers, client_of):
    client = client_of(strangers[Role.PMO_OFFICER])
    seen = 0
    for name, row in PAGES.items():
        if row.read and "pmo_officer" in row.read:
            response = client.get(address(name, "other-trust", canaries))
            seen += CANARY.encode() in body_of(response)

    assert seen > 60


def test_no_page_of_a_programme_shows_anything_of_another(canaries, world, people, client_of):
    found = []
    for role in ROLES:
        client = client_of(people[role])
        for url in ["/", *own_pages(role, world)]:
            if CANARY.encode() in body_of(client.get(url)):
                found.append(f"{role} {url}")

    assert not found, "\n".join(found)


def test_search_and_filters_find_nothing_of_another_programme(
    canaries, world, people, strangers, client_of
):
    client = client_of(people["pmo_administrator"])
    theirs = strangers[Role.LOCAL_OWNER]
    questions = {
        "reports:search": {"q": PART},
        "reports:trace": {"text": PART},
        "reports:cqc_action_list": {"text": PART, "owner": theirs.pk},
        "milestones:milestone_list": {"text": PART, "owner": theirs.pk, "edit": "WS2-P3-02"},
        "milestones:bulk_change": {"all": 1, "owner": theirs.pk},
        "milestones:timeline": {"owner": theirs.pk},
        "metrics:indicator_list": {"owner": theirs.pk},
        "governance:exception_list": {"owner": theirs.pk},
        "governance:remedial_action_list": {"owner": theirs.pk},
        "governance:change_request_list": {"raised_by": theirs.pk, "owner": theirs.pk},
        "governance:risk_list": {"text": PART, "owner": theirs.pk},
        "governance:decision_queue": {"meeting": canaries["meeting"]},
        "reports:dashboard": {"as-at": "2016-03-01"},
    }
    for name, query in questions.items():
        response = client.get(address(name, "las-2016", world), query)
        # The page may say again what was asked for; only a row says the whole canary.
        assert CANARY.encode() not in body_of(response), name
        assert response.status_code in (200, 404), name


def test_guessed_numbers_lead_to_nothing_of_another_programme(canaries, world, people, client_of):
    client = client_of(people["pmo_administrator"])
    found = []
    for name, row in GUESSED.items():
        theirs = canaries[row.keys["pk"]]
        for number in range(max(1, theirs - 20), theirs + 21):
            response = client.get(address(name, "las-2016", {**world, row.keys["pk"]: number}))
            if CANARY.encode() in body_of(response):
                found.append(f"{name} {number}")
        # What is ours is found by its number, or this test would prove nothing.
        ours = client.get(address(name, "las-2016", world))
        assert body_of(ours), name
        assert ours.status_code != 404, name

    assert not found, "\n".join(found)


def test_no_message_to_members_of_a_programme_tells_of_another(
    canaries, world, people, programme, strangers
):
    addresses = {person.email for person in people.values()}
    run_due()
    send_due_deliveries()

    told = [message for message in mail.outbox if addresses & set(message.recipients())]
    assert told
    for message in told:
        assert CANARY not in message.message().as_string(), message.subject
    assert any(CANARY in message.subject + message.body for message in mail.outbox)
