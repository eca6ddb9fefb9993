import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import pack_links
from reports.delivery import send_due_deliveries
from reports.models import Delivery, Pack, Snapshot
from tests.reports.outbox import NOON, queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(programme, milestone, audiences, pmo_officer, elt_member):
    queued(programme, to=[], by=pmo_officer, signed_off_by=elt_member)
    return Delivery.objects.with_pack().get(email="cqrg@las.example")


def test_a_file_over_the_limit_is_not_attached_but_fetched_without_signing_in(delivery, settings):
    settings.LARGEST_ATTACHMENT = 100
    settings.SITE_URL = "https://tracker.example"

    send_due_deliveries(at=NOON)

    message = next(each for each in mail.outbox if each.to == [delivery.email])
    [(html, _)] = message.alternatives
    [address] = re.findall(r"https://tracker\.example(\S+)", message.body)
    response = Client().get(address)
    assert not message.attachments
    assert "within 30 days" in message.body
    assert f'href="https://tracker.example{address}"' in html
    assert b"".join(response) == delivery.pack.read()
    assert response["X-Pack-SHA256"] == delivery.pack.sha256


def test_a_large_pack_that_stays_inside_is_fetched_by_who_signs_in(delivery, settings):
    settings.LARGEST_ATTACHMENT = 100
    Snapshot.objects.update(issued_at=None)

    send_due_deliveries(at=NOON)

    [message] = mail.outbox
    pack = Pack.objects.get(audience__code="elt")
    assert f"{settings.SITE_URL}{pack.get_absolute_url()}\n" in message.body
    assert "days" not in message.body


@pytest.mark.parametrize(
    ("age", "status"), [(timedelta(days=30), 200), (timedelta(days=30, seconds=2), 404)]
)
def test_a_link_expires(delivery, monkeypatch, age, status):
    with monkeypatch.context() as then:
        made = (timezone.now() - age).timestamp() + 1
        then.setattr("django.core.signing.time.time", lambda: made)
        address = pack_links.link_to(delivery.pack)

    response = Client().get(address.partition("8000")[2])

    assert response.status_code == status
    if status == 404:
        assert b"This link has expired" in response.content
    else:
        response.close()


def test_a_link_opens_nothing_that_is_not_issued(delivery):
    address = pack_links.link_to(delivery.pack).partition("8000")[2]
    Snapshot.objects.update(issued_at=None)

    response = Client().get(address)

    assert response.status_code == 404
    assert b"not issued" in response.content


@pytest.mark.parametrize("token", ["x", "eyJwYWNrIjoxfQ:1abc:forged", "%00", "%ff", "a" * 3000])
def test_a_forged_link_is_not_found(db, token):
    response = Client().get(f"/media/packs/{token}/")

    assert response.status_code == 404
    assert b"not a link that the tracker sent" in response.content


def test_a_link_signed_for_something_else_is_not_found(delivery):
    token = pack_links.signing.dumps({"pack": delivery.pack_id, "sha256": delivery.pack.sha256})

    assert Client().get(reverse("pack_link", args=[token])).status_code == 404


def test_only_reading_is_allowed(delivery):
    address = pack_links.link_to(delivery.pack).partition("8000")[2]

    assert Client().post(address).status_code == 405
