from smtplib import SMTPConnectError, SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import DatabaseError, transaction
from django.utils import timezone

from reports.delivery import deliver, send_due_deliveries
from reports.models import Delivery, DeliveryAttempt, DeliveryState, Outcome, Recipient, Snapshot
from reports.months import freeze_month, issue_month, sign_off_month
from reports.packs import render_due_packs

pytestmark = pytest.mark.django_db


class FaultyBackend(EmailBackend):
    """A mail server that refuses one address and cannot be reached for another."""

    def send_messages(self, messages):
        for message in messages:
            if message.to == ["gone@las.example"]:
                raise SMTPRecipientsRefused({"gone@las.example": (550, b"No such mailbox")})
            if message.to == ["later@las.example"]:
                raise SMTPConnectError(421, "Try again later")
        return super().send_messages(messages)


@pytest.fixture
def issued(march, milestone, audiences, pmo_officer, elt_member):
    """A month whose pack for the CQRG is queued to three addresses, two of them faulty."""
    for name in ("gone", "later"):
        Recipient.objects.create(audience=audiences[1], name=name, email=f"{name}@las.example")
    freeze_month(month_id=march.pk, by=pmo_officer)
    render_due_packs()
    sign_off_month(month_id=march.pk, by=elt_member)
    issue_month(month_id=march.pk, by=pmo_officer)
    return march


def test_each_recipient_gets_one_message_with_the_file_attached(issued):
    send_due_deliveries()

    message = next(each for each in mail.outbox if each.to == ["cqrg@las.example"])
    pack = Delivery.objects.get(email="cqrg@las.example").pack
    name, content, kind = message.attachments[0]
    assert (name, kind) == (pack.file_name, "application/pdf")
    assert content == pack.read()
    assert pack.sha256 in message.body
    assert message.extra_headers["Message-ID"].startswith("<")


def test_sending_again_sends_nothing(issued):
    send_due_deliveries()
    sent = len(mail.outbox)

    send_due_deliveries()

    assert len(mail.outbox) == sent == 4


def test_of_two_workers_one_delivers(issued):
    delivery, same = (Delivery.objects.get(email="cqrg@las.example") for _ in range(2))

    first, second = (deliver(row, at=timezone.now()) for row in (delivery, same))

    assert (first, second) == (Outcome.SENT, None)
    assert len(mail.outbox) == 1


def test_one_bad_address_does_not_stop_the_others(issued, settings):
    settings.EMAIL_BACKEND = "tests.reports.test_delivery.FaultyBackend"

    send_due_deliveries()

    states = dict(Delivery.objects.values_list("email", "state"))
    assert states == {
        "elt@las.example": DeliveryState.SENT,
        "cqrg@las.example": DeliveryState.SENT,
        "gone@las.example": DeliveryState.FAILED,
        "later@las.example": DeliveryState.QUEUED,
    }
    assert "No such mailbox" in Delivery.objects.get(email="gone@las.example").last_error


def test_a_worker_whose_message_another_has_taken_over_does_not_end_it(issued):
    delivery = Delivery.objects.get(email="cqrg@las.example")

    class Usurped(Delivery):
        """Swept by another worker between its claim and its dot."""

        class Meta:
            proxy = True
            app_label = "reports"

        def refresh_from_db(self, *args, **kwargs):
            super().refresh_from_db(*args, **kwargs)
            Delivery.objects.filter(pk=self.pk).update(state=DeliveryState.QUEUED)

    outcome = deliver(Usurped.objects.get(pk=delivery.pk), at=timezone.now())

    assert outcome is None
    assert not mail.outbox
    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.QUEUED


@pytest.mark.parametrize("state", [DeliveryState.SENDING, DeliveryState.INFLIGHT])
def test_what_a_killed_worker_left_is_sent_or_left_to_a_person(issued, state):
    Delivery.objects.filter(email="cqrg@las.example").update(state=state, attempts=1)

    send_due_deliveries()
    send_due_deliveries()

    delivery = Delivery.objects.get(email="cqrg@las.example")
    sent = [message for message in mail.outbox if message.to == ["cqrg@las.example"]]
    outcomes = list(delivery.history.order_by("pk").values_list("outcome", flat=True))
    if state == DeliveryState.SENDING:
        assert (delivery.state, len(sent)) == (DeliveryState.SENT, 1)
        assert outcomes == [Outcome.INTERRUPTED, Outcome.SENT]
    else:
        assert (delivery.state, len(sent)) == (DeliveryState.UNCONFIRMED, 0)
        assert outcomes == [Outcome.UNCONFIRMED]


def test_who_left_the_list_after_the_issue_gets_nothing(issued, elt_member, external_reader):
    Recipient.objects.filter(email="gone@las.example").update(is_active=False)
    external_reader.is_active = False
    external_reader.save()

    send_due_deliveries()

    assert {message.to[0] for message in mail.outbox} == {"elt@las.example", "later@las.example"}
    for email in ("gone@las.example", "cqrg@las.example"):
        delivery = Delivery.objects.get(email=email)
        assert delivery.state == DeliveryState.FAILED
        assert "no longer gets the packs" in delivery.last_error
        assert delivery.history.get().outcome == Outcome.WITHHELD


def test_a_pack_that_is_not_issued_never_leaves_the_trust(issued):
    Snapshot.objects.update(issued_at=None)

    send_due_deliveries()

    assert [message.to for message in mail.outbox] == [["elt@las.example"]]
    assert "not issued" in Delivery.objects.get(email="cqrg@las.example").last_error


def test_a_file_that_cannot_be_read_holds_up_nobody_else(issued):
    delivery = Delivery.objects.with_pack().get(email="cqrg@las.example")
    delivery.pack.file.storage.delete(delivery.pack.file.name)

    send_due_deliveries()

    assert [message.to for message in mail.outbox] == [["elt@las.example"]]
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.QUEUED
    assert "could not be made" in delivery.last_error


def test_nobody_changes_what_was_done_with_a_message(issued):
    send_due_deliveries()
    attempt = DeliveryAttempt.objects.first()

    for change in (attempt.save, attempt.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_title_with_a_line_break_cannot_add_headers(issued, programme):
    programme.name = "Plan\nBcc: everybody@las.example"
    programme.save()

    send_due_deliveries()

    assert Delivery.objects.filter(state=DeliveryState.SENT).count() == 4
    assert all("\n" not in message.subject for message in mail.outbox)
