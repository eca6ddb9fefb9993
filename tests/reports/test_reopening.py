from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from reports import packs
from reports.due import run_due
from reports.models import Delivery, DeliveryState, Pack
from reports.months import (
    WrongState,
    freeze_month,
    issue_month,
    packs_digest,
    reopen_month,
    sign_off_month,
)
from workstreams.models import MonthState, Programme
from workstreams.months import open_month

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_typesetter(monkeypatch):
    monkeypatch.setattr(packs, "render_pack", lambda **given: f"%PDF {given['number']}".encode())


@pytest.fixture
def frozen(march, milestone, audiences, pmo_officer):
    """March, frozen, its packs made."""
    freeze_month(month_id=march.pk, by=pmo_officer)
    packs.render_due_packs()
    march.refresh_from_db()
    return march


def reopen(month, by, reason="A figure was wrong"):
    return reopen_month(month_id=month.pk, by=by, reason=reason)


def test_a_reopened_month_gets_version_2_and_keeps_version_1(
    frozen, pmo_officer, elt_member, client_of
):
    reopen(frozen, pmo_officer)
    second = freeze_month(month_id=frozen.pk, by=pmo_officer)
    packs.render_due_packs()
    client = client_of(elt_member)

    html = client.get(frozen.get_absolute_url()).content.decode()
    url = reverse("reports:pack_of_version", args=["las-2016", frozen.month, 1, "elt"])
    old, new = (
        client.get(url),
        client.get(Pack.objects.get(snapshot=second, audience__code="elt").get_absolute_url()),
    )

    assert second.version == 2
    assert old.getvalue() == b"%PDF las-2016/2016-03/v1"
    assert new.getvalue() == b"%PDF las-2016/2016-03/v2"
    assert "Superseded" in html
    assert "A figure was wrong" in html
    assert url in html


def test_an_issued_month_can_be_reopened_and_its_readers_keep_what_was_issued(
    frozen, pmo_officer, elt_member, external_reader, client_of
):
    sign_off_month(month_id=frozen.pk, by=elt_member)
    issue_month(month_id=frozen.pk, by=pmo_officer)
    reopen(frozen, pmo_officer)
    freeze_month(month_id=frozen.pk, by=pmo_officer)
    packs.render_due_packs()

    url = reverse("reports:pack_download", args=["las-2016", frozen.month, "cqrg"])
    response = client_of(external_reader).get(url)

    assert response.getvalue() == b"%PDF las-2016/2016-03/v1"


def test_messages_not_sent_yet_are_not_sent_any_more(frozen, pmo_officer):
    reopen(frozen, pmo_officer)

    delivery = Delivery.objects.get()
    assert delivery.state == DeliveryState.FAILED
    assert delivery.last_error == "Not sent: the month was opened again."


def test_the_schedule_leaves_a_reopened_month_to_a_person(frozen, pmo_officer):
    reopen(frozen, pmo_officer)
    Programme.objects.update(demonstration_date=date(2016, 4, 11))

    done = run_due()

    assert not [step for step in done.steps if "2016-03" in step]
    frozen.refresh_from_db()
    assert frozen.takes_updates
    assert frozen.snapshots.count() == 1


def test_only_the_pmo_reopens_and_only_with_a_reason(frozen, pmo_officer, elt_member):
    with pytest.raises(PermissionDenied, match="Only the PMO opens a month again"):
        reopen(frozen, elt_member)
    with pytest.raises(ValidationError):
        reopen(frozen, pmo_officer, reason="  ")
    frozen.refresh_from_db()
    assert frozen.state == MonthState.FROZEN


def test_an_open_month_and_one_with_a_later_frozen_one_are_not_reopened(
    frozen, programme, pmo_officer
):
    april = open_month(programme, date(2016, 4, 1))
    with pytest.raises(WrongState, match="April 2016 is open already"):
        reopen(april, pmo_officer)

    freeze_month(month_id=april.pk, by=pmo_officer)

    with pytest.raises(WrongState, match="April 2016 is frozen already and is compared"):
        reopen(frozen, pmo_officer)


def test_the_page_asks_for_the_reason_and_keeps_the_month_frozen(frozen, pmo_officer, client_of):
    url = reverse("reports:month_reopen", args=["las-2016", frozen.month])
    client = client_of(pmo_officer)

    refused = client.post(url, {"reason": ""})
    done = client.post(url, {"reason": "A figure was wrong"}, follow=True)

    assert refused.status_code == 422
    assert "Enter the reason" in refused.content.decode()
    assert "March 2016 is open again" in done.content.decode()
    act = AuditEntry.objects.get(action="month.reopened")
    assert act.details["reason"] == "A figure was wrong"


def test_a_sign_off_names_the_files_that_were_read(frozen, elt_member):
    made = list(Pack.objects.all())

    with pytest.raises(WrongState, match="made again after you opened the page"):
        sign_off_month(month_id=frozen.pk, by=elt_member, seen="0" * 64)
    sign_off_month(month_id=frozen.pk, by=elt_member, seen=packs_digest(made))

    signed = AuditEntry.objects.get(action="month.signed_off").details["packs"]
    assert signed == {pack.audience.code: pack.sha256 for pack in made}
