import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from reports.delivery import send_due_deliveries
from reports.models import Delivery, DeliveryState, Recipient
from tests.reports.outbox import NOON, queued
from workstreams.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(programme, milestone, audiences, pmo_officer, elt_member):
    """The CQRG's pack, sent once."""
    queued(programme, to=[], by=pmo_officer, signed_off_by=elt_member)
    send_due_deliveries(at=NOON)
    return Delivery.objects.with_pack().get(email="cqrg@las.example")


@pytest.fixture
def pmo(client_of, pmo_officer):
    return client_of(pmo_officer)


def url(delivery, act="detail"):
    month = delivery.pack.snapshot.month
    return reverse(
        f"reports:delivery_{act}", args=[delivery.programme.slug, month.month, delivery.pk]
    )


def press(client, delivery, act, **data):
    data = {"attempts": delivery.attempts} | data
    return client.post(url(delivery, act), data, follow=True)


def to_state(delivery, state):
    Delivery.objects.filter(pk=delivery.pk).update(state=state)


def test_sending_again_sends_the_identical_file_once_more_under_the_same_name(delivery, pmo):
    response = press(pmo, delivery, "send_again")
    twice = press(pmo, delivery, "send_again")
    send_due_deliveries()
    send_due_deliveries()
    late = press(pmo, delivery, "send_again")

    first, second = (each for each in mail.outbox if each.to == [delivery.email])
    assert first.attachments == second.attachments
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert b"goes to CQRG again" in response.content
    assert b"has changed: it is queued" in twice.content
    assert b"has changed: it is sent" in late.content
    outcomes = list(delivery.history.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["sent", "asked_again", "sent"]
    assert AuditEntry.objects.filter(action="delivery.asked_again").count() == 1


def test_nothing_is_sent_again_to_who_left_the_list(delivery, pmo):
    Recipient.objects.update(is_active=False)

    response = press(pmo, delivery, "send_again")

    assert b"no longer gets the packs" in response.content
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT


def test_a_message_that_may_have_been_sent_is_shown_first_and_can_be_marked(delivery, pmo):
    to_state(delivery, DeliveryState.UNCONFIRMED)
    page = pmo.get(delivery.pack.snapshot.month.get_absolute_url())

    response = press(pmo, delivery, "mark", detail="1")

    delivery.refresh_from_db()
    assert page.context["deliveries"].lines[0].delivery == delivery
    assert b"May have been sent" in page.content
    assert b"1 sent, 1 may have been sent" in page.content
    assert response.redirect_chain == [(url(delivery), 302)]
    assert delivery.state == DeliveryState.SENT
    assert delivery.history.latest("pk").by.full_name == "PMO officer"


@pytest.mark.parametrize(
    ("act", "state"),
    [("mark", DeliveryState.SENT), ("send_again", DeliveryState.QUEUED)],
)
def test_a_wrong_state_is_said_in_a_sentence(delivery, pmo, act, state):
    to_state(delivery, state)

    response = press(pmo, delivery, act)

    assert b"The delivery to CQRG has changed" in response.content
    delivery.refresh_from_db()
    assert delivery.state == state


@pytest.mark.parametrize("attempts", ["", "x", "-1", "9" * 30, "7"])
def test_a_press_on_an_old_page_changes_nothing(delivery, pmo, attempts):
    response = press(pmo, delivery, "send_again", attempts=attempts)

    delivery.refresh_from_db()
    assert b"has changed" in response.content
    assert delivery.state == DeliveryState.SENT


def test_a_bounce_is_recorded_with_its_text(delivery, pmo):
    response = press(pmo, delivery, "bounce", text="550 5.1.1 Mailbox full since <Tuesday>")

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.BOUNCED
    assert b"550 5.1.1 Mailbox full since &lt;Tuesday&gt;" in response.content
    assert b"Bounce recorded by PMO officer" in response.content


def test_a_bounce_without_its_text_is_asked_for(delivery, pmo):
    response = press(pmo, delivery, "bounce", text=" ")

    assert response.status_code == 422
    assert b"<title>Error: " in response.content
    assert b"Enter the reason of the bounce" in response.content


def test_a_bounce_of_a_message_that_waits_keeps_the_typed_text(delivery, pmo):
    to_state(delivery, DeliveryState.UNCONFIRMED)
    form = {"text": "Mailbox full", "attempts": 0}

    response = press(pmo, delivery, "bounce", **form)

    assert response.status_code == 409
    assert b"Mailbox full</textarea>" in response.content


@pytest.mark.parametrize("role", [Role.ELT_MEMBER, Role.LOCAL_OWNER, Role.AUDITOR])
@pytest.mark.parametrize("act", ["send_again", "mark", "bounce"])
def test_who_is_not_of_the_pmo_sees_the_record_and_decides_nothing(
    client_of, member, delivery, role, act
):
    to_state(delivery, DeliveryState.UNCONFIRMED)
    client = client_of(member(role))

    page, refused = client.get(url(delivery)), press(client, delivery, act, text="Bounced")

    assert page.status_code == 200
    assert b"Send again" not in page.content
    assert refused.status_code == 403
    assert b"Only the PMO decides about deliveries." in refused.content


def test_a_delivery_of_another_month_is_not_found(delivery, pmo):
    address = url(delivery).replace("2016-03", "2016-02")

    assert pmo.get(address).status_code == 404


def test_the_month_page_costs_the_same_queries_however_many_deliveries(
    programme, audiences, delivery, pmo
):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = pmo.get(delivery.pack.snapshot.month.get_absolute_url())
        return len(queries), len(page.context["deliveries"].lines)

    cost()  # the session's own first queries
    few = cost()
    for n in range(25):
        recipient = audiences[1].recipients.create(name=f"Reader {n}", email=f"{n}@cqrg.example")
        Delivery.objects.create(
            pack=delivery.pack, recipient=recipient, email=recipient.email, message_id=f"<{n}>"
        )
    many = cost()

    assert (few[1], many[1]) == (2, 27)
    assert few[0] == many[0]
