import shutil
import socket
import ssl
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread

import pytest

from reports import mail
from reports.delivery import TRY_FOR, send_due_deliveries
from reports.models import Delivery, DeliveryAttempt, DeliveryState, Notice
from reports.outgoing import message_id
from tests.reports.outbox import NOON, queued
from tests.smtp_sink import Sink, running

pytestmark = pytest.mark.django_db(transaction=True)
OTHERS = [f"reader-{n}@cqrg.example" for n in range(19)]
BAD = "bad@cqrg.example"


@pytest.fixture
def sink(settings):
    """A mail server to which the tracker sends."""
    sink = Sink()
    with running(sink) as port:
        settings.EMAIL_BACKEND = mail.SMTP_BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_TIMEOUT = 2
        yield sink


@pytest.fixture
def deliveries(programme, milestone, audiences, pmo_officer, elt_member):
    """20 deliveries to the outside audience and one to the ELT; the last address is the bad one."""
    audiences[1].recipients.all().delete()
    audiences[0].recipients.all().delete()
    to = [*OTHERS, BAD]
    return queued(programme, to=to, by=pmo_officer, signed_off_by=elt_member)


def bad():
    return Delivery.objects.get(email=BAD)


def record(delivery):
    return list(delivery.history.order_by("pk").values_list("outcome", flat=True))


@pytest.mark.parametrize(
    ("fault", "state", "answer", "copies"),
    [
        ("rcpt 421 4.3.2 Closing", DeliveryState.QUEUED, "421 4.3.2 Closing", 0),
        ("rcpt 450 4.2.1 Greylisted", DeliveryState.QUEUED, "450 4.2.1 Greylisted", 0),
        ("rcpt 550 5.1.1 No such mailbox", DeliveryState.FAILED, "550 5.1.1 No such mailbox", 0),
        ("data 451 4.3.0 Local error", DeliveryState.QUEUED, "451 4.3.0 Local error", 0),
        ("data 554 5.7.1 Refused", DeliveryState.FAILED, "554 5.7.1 Refused", 0),
        ("stall", DeliveryState.QUEUED, "The mail server did not answer in time.", 0),
        ("drop", DeliveryState.QUEUED, "The mail server closed the connection.", 0),
        ("stall after dot", DeliveryState.UNCONFIRMED, "did not answer in time.", 1),
        ("drop after dot", DeliveryState.UNCONFIRMED, "closed the connection.", 1),
    ],
)
def test_one_bad_address_never_stops_the_other_nineteen(
    deliveries, sink, fault, state, answer, copies
):
    sink.faults[BAD] = fault
    # Not the last in the queue, so that others come after it.
    deliveries.filter(email=BAD).update(next_attempt_at=NOON - timedelta(seconds=1))

    send_due_deliveries(at=NOON)
    send_due_deliveries(at=NOON)

    assert Counter(to for to, _ in sink.received if to != BAD) == dict.fromkeys(OTHERS, 1)
    assert len(sink.messages(BAD)) == copies
    assert bad().state == state
    assert answer in bad().last_error
    assert bad().history.get().answer == bad().last_error
    assert set(sink.copies.values()) == {1}


def test_what_arrives_is_the_file_under_its_message_id(deliveries, sink):
    send_due_deliveries(at=NOON)

    delivery = Delivery.objects.with_pack().get(email=OTHERS[0])
    [message] = sink.messages(OTHERS[0])
    [attachment] = message.iter_attachments()
    assert message["Message-ID"] == delivery.message_id
    assert attachment.get_content() == delivery.pack.read()
    assert attachment.get_filename() == "las-2016-2016-03-cqrg-v1.pdf"
    assert [part.get_content_type() for part in message.walk()][2:4] == ["text/plain", "text/html"]
    assert delivery.state == DeliveryState.SENT
    assert delivery.history.get().answer == "250 Queued"


def test_a_line_that_begins_with_a_dot_arrives_whole(programme, pmo_officer, sink):
    text = "First\n.\n..two\n.three"
    Notice.objects.create(
        programme=programme,
        user=pmo_officer,
        email=pmo_officer.email,
        message_id=message_id(programme, "dots"),
        day=programme.today(),
        subject="Due",
        content={"lead": text, "path": "/", "sections": []},
        next_attempt_at=NOON,
    )

    send_due_deliveries(at=NOON)

    [message] = sink.messages(pmo_officer.email)
    body = message.get_body(("plain",)).get_content()
    assert text in body.replace("\r\n", "\n")


def test_a_temporary_refusal_is_tried_again_less_and_less_often_for_a_day(deliveries, sink):
    sink.faults[BAD] = "rcpt 450 4.2.1 Greylisted"
    minutes = []

    for minute in range(25 * 60):
        at = NOON + timedelta(minutes=minute)
        if Delivery.objects.due(at=at).exists():
            send_due_deliveries(at=at)
            minutes.append(minute)

    assert minutes == [0, 1, 6, 21, 81, 321, 561, 801, 1041, 1281, 1440]
    assert bad().state == DeliveryState.FAILED
    assert bad().last_error == "450 4.2.1 Greylisted"
    assert record(bad()) == ["put_off"] * 10 + ["given_up"]
    assert bad().attempts == 11


def test_a_day_without_a_worker_is_no_day_of_trying(deliveries, sink):
    sink.faults[BAD] = "rcpt 450 4.2.1 Greylisted"

    send_due_deliveries(at=NOON + 3 * TRY_FOR)

    assert bad().state == DeliveryState.QUEUED


def test_a_server_that_is_away_costs_one_attempt_a_run_and_loses_nothing(deliveries, settings):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = mail.SMTP_BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()
        settings.EMAIL_TIMEOUT = 2

        tried = send_due_deliveries(at=NOON)

    assert len(tried) == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.QUEUED}
    assert "refused the connection" in DeliveryAttempt.objects.get().answer


def test_a_server_that_accepts_and_says_nothing_holds_the_sender_for_one_time_out(
    deliveries, settings
):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        settings.EMAIL_BACKEND = mail.SMTP_BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.2

        tried = send_due_deliveries(at=NOON)

    assert len(tried) == 1
    assert "did not answer in time" in DeliveryAttempt.objects.get().answer


def test_after_three_hanging_messages_the_rest_waits_for_the_next_run(deliveries, sink):
    sink.faults |= dict.fromkeys(OTHERS[:5], "stall")

    first = send_due_deliveries(at=NOON)
    send_due_deliveries(at=NOON)

    assert len(first) == 3
    assert {to for to, _ in sink.received} == {*OTHERS[5:], BAD}


@contextmanager
def saying(line: bytes, *, every: float = 60) -> Iterator[tuple[str, int]]:
    """A server that greets with this line, again and again, and takes no notice of anything."""
    over = Event()

    def greet(listening: socket.socket) -> None:
        caller, _ = listening.accept()
        with caller, suppress(OSError):
            while not over.is_set():
                caller.sendall(line)
                over.wait(every)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=greet, args=[listening])
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            over.set()
            thread.join(timeout=10)


@pytest.mark.parametrize(
    ("line", "every", "answer"),
    [
        (b"421 4.3.2 Too busy\r\n", 60, "421 4.3.2 Too busy"),
        # Never silent for long enough to be given up, and never at an end either.
        (b"220-Please wait\r\n", 0.1, "The mail server did not answer in time."),
    ],
)
def test_a_server_that_does_not_come_to_the_point_costs_one_attempt(
    deliveries, settings, line, every, answer
):
    with saying(line, every=every) as where:
        settings.EMAIL_BACKEND = mail.SMTP_BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT = where
        settings.EMAIL_TIMEOUT = 0.5
        began = time.monotonic()

        tried = send_due_deliveries(at=NOON)

    assert len(tried) == 1
    assert time.monotonic() - began < 5
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.QUEUED}
    assert DeliveryAttempt.objects.get().answer == answer


def test_a_server_without_the_tls_that_is_asked_for_gets_nothing(deliveries, sink, settings):
    settings.EMAIL_USE_TLS = True

    send_due_deliveries(at=NOON)

    assert not sink.received
    assert "STARTTLS" in DeliveryAttempt.objects.get().answer


def test_a_server_that_speaks_no_tls_at_all_gets_nothing(deliveries, sink, settings):
    settings.EMAIL_USE_SSL = True

    send_due_deliveries(at=NOON)

    assert not sink.received
    assert "could not be reached" in DeliveryAttempt.objects.get().answer


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes its certificate with openssl")
def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(deliveries, settings, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *subject]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    sink = Sink()

    with running(sink, tls_context=context) as port:
        settings.EMAIL_BACKEND = mail.SMTP_BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_TIMEOUT, settings.EMAIL_USE_TLS = 2, True
        send_due_deliveries(at=NOON)

    assert not sink.received
    assert "certificate verify failed" in DeliveryAttempt.objects.get().answer
