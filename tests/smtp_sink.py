"""A real SMTP server for tests, with a fault per recipient where one is asked for."""

import asyncio
import email
import email.policy
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.processes import free_port


class Protocol(SMTP):
    # The stock one forgets a whole message when its sender dies before the answer. No real server
    # does: it has the dot.
    eof_received = asyncio.StreamReaderProtocol.eof_received


class Sink:
    """Keeps what it is sent. `faults` says what happens to a recipient's messages.

    A fault is "rcpt <answer>", "data <answer>" (after the dot), "stall" (at RCPT), "stall after
    dot", "drop" (at RCPT) or "drop after dot".
    """

    def __init__(self, *, delay: float = 0) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.faults: dict[str, str] = {}
        self.delay = delay

    async def handle_RCPT(self, server, session, envelope, address, options):
        fault = self.faults.get(address, "")
        if fault == "stall":
            await asyncio.sleep(30)
        if fault == "drop":
            server.transport.abort()
        if fault.startswith("rcpt "):
            return fault.removeprefix("rcpt ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        [address] = envelope.rcpt_tos
        fault = self.faults.get(address, "")
        if fault.startswith("data "):
            return fault.removeprefix("data ")
        # Before any waiting, as a server does that has the dot.
        self.received.append((address, envelope.content))
        if self.delay:
            await asyncio.sleep(self.delay)
        if fault == "stall after dot":
            await asyncio.sleep(30)
        if fault == "drop after dot":
            server.transport.abort()
        return "250 Queued"

    @property
    def copies(self) -> Counter[str]:
        """How many messages came under each Message-ID."""
        return Counter(message["Message-ID"] for message in self.messages())

    def messages(self, address: str = ""):
        return [
            email.message_from_bytes(content, policy=email.policy.default)
            for to, content in self.received
            if address in ("", to)
        ]

    def wait_for(self, number: int, *, seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while len(self.received) < number and time.monotonic() < end:
            time.sleep(0.005)


class SinkController(Controller):
    def factory(self):
        return Protocol(self.handler, **self.SMTP_kwargs)


@contextmanager
def running(sink: Sink, *, port: int = 0, **options) -> Iterator[int]:
    """Run it on a port of this machine, by default a free one; give the port."""
    port = port or free_port()
    controller = SinkController(sink, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
