"""Handing one message to the mail server, so that it is known whether it may have gone.

A mail server takes a message at the dot that ends it, and not before. So over SMTP the caller is
asked just ahead of that dot; what went wrong until then certainly sent nothing.
"""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from smtplib import (
    CRLF,
    SMTP,
    SMTP_SSL,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from threading import Timer
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import sanitize_address
from django.core.mail.utils import DNS_NAME

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
# A time-out is for one answer, and begins anew with each byte of it. A whole conversation lasts
# no longer than so many of them, however busily a server says nothing.
LONGEST_IN_TIME_OUTS = 3


class ServerUnreachable(Exception):
    """No conversation came about: no connection, no greeting, no sign-in. Nothing was sent."""


class NotAccepted(Exception):
    """The message was not taken; the message is the server's answer, or what broke."""

    def __init__(self, answer: str, *, is_final: bool = False) -> None:
        super().__init__(answer)
        # A refusal for good (5xx): the same message would be refused again.
        self.is_final = is_final


class NoAnswer(Exception):
    """The whole message was handed over and then nothing was heard: it may have been sent."""


class _Impatient(SMTP):
    """Hangs up on a server that takes too long over the whole of a conversation."""

    def connect(self, *args: Any, **kwargs: Any) -> Any:
        self.has_hung_up = False
        self.watch = Timer(LONGEST_IN_TIME_OUTS * self.timeout, self._hang_up)
        self.watch.daemon = True
        self.watch.start()
        try:
            return super().connect(*args, **kwargs)
        except Exception:
            self.close()
            raise

    def getreply(self) -> Any:
        try:
            return super().getreply()
        except SMTPServerDisconnected as error:
            if self.has_hung_up:
                raise TimeoutError from error
            raise

    def close(self) -> None:
        self.watch.cancel()
        super().close()

    def _hang_up(self) -> None:
        self.has_hung_up = True
        if self.sock:
            with suppress(OSError):
                # Wakes the thread that waits for an answer, also one that came through TLS.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _ImpatientOverTls(_Impatient, SMTP_SSL):
    pass


def hand_over(message: EmailMessage, *, before_final_dot: Callable[[], None]) -> str:
    """Send one message to one address and give the server's answer.

    Raises ServerUnreachable, NotAccepted and NoAnswer, and what `before_final_dot` raises: then
    nothing is sent. Where mail goes into files (or a test's outbox), the whole of it counts as
    the dot.
    """
    if settings.EMAIL_BACKEND == SMTP_BACKEND:
        return _over_smtp(message, before_final_dot)
    before_final_dot()
    try:
        get_connection().send_messages([message])
    except (SMTPException, OSError) as error:
        raise _not_accepted(error) from error
    return "Written by the embedded mailer"


def _over_smtp(message: EmailMessage, before_final_dot: Callable[[], None]) -> str:
    try:
        server = _connect()
    except (SMTPException, OSError) as error:
        raise ServerUnreachable(_words(error)) from error
    try:
        return _converse(server, message, before_final_dot)
    finally:
        # The answer to QUIT could only be waited for; and without one, what is unended is dropped.
        server.close()


def _connect() -> SMTP:
    """Connect as the settings say: in the clear, with STARTTLS or with TLS from the start."""
    where = {
        "host": settings.EMAIL_HOST,
        "port": settings.EMAIL_PORT,
        "local_hostname": DNS_NAME.get_fqdn(),
        "timeout": settings.EMAIL_TIMEOUT,
    }
    if settings.EMAIL_USE_SSL:
        server: SMTP = _ImpatientOverTls(**where, context=ssl.create_default_context())
    else:
        server = _Impatient(**where)
    try:
        if settings.EMAIL_USE_TLS:
            server.starttls(context=ssl.create_default_context())
        if settings.EMAIL_HOST_USER:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except Exception:
        server.close()
        raise
    return server


def _converse(server: SMTP, message: EmailMessage, before_final_dot: Callable[[], None]) -> str:
    try:
        _begin(server, message)
        # The stubs do not know that Django's messages take the ends of lines.
        content = message.message().as_bytes(linesep=CRLF)  # type: ignore[call-arg]
        # The body, with doubled dots, but without the dot that ends it.
        server.send(_dotted(content))
    except (SMTPException, OSError) as error:
        raise _not_accepted(error) from error
    before_final_dot()
    try:
        server.send(b"." + CRLF.encode())
        code, answer = server.getreply()
    except (SMTPException, OSError) as error:
        raise NoAnswer(_words(error)) from error
    text = f"{code} {answer.decode(errors='replace')}"
    if code != 250:
        raise NotAccepted(text, is_final=code >= 500)
    with suppress(SMTPException):
        server.send("QUIT" + CRLF)
    return text


def _begin(server: SMTP, message: EmailMessage) -> None:
    """MAIL, RCPT and DATA, up to the server's "go on"."""
    # Small writes leave at once; else the dot could wait for an answer to the body.
    assert server.sock is not None  # connected
    server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sender = sanitize_address(message.from_email, "utf-8")
    [recipient] = [sanitize_address(address, "utf-8") for address in message.recipients()]
    server.ehlo_or_helo_if_needed()
    code, answer = server.mail(sender)
    if code != 250:
        raise SMTPSenderRefused(code, answer, sender)
    code, answer = server.rcpt(recipient)
    if code not in (250, 251):
        raise SMTPRecipientsRefused({recipient: (code, answer)})
    code, answer = server.docmd("DATA")
    if code != 354:
        raise SMTPDataError(code, answer)


def _dotted(content: bytes) -> bytes:
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    return b"".join(b"." * line.startswith(b".") + line + b"\r\n" for line in lines)


def _not_accepted(error: Exception) -> NotAccepted:
    if isinstance(error, SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
    else:
        code, answer = getattr(error, "smtp_code", 0), getattr(error, "smtp_error", b"")
    # A server that ends the conversation says nothing final about this message.
    is_final = code >= 500 and not isinstance(error, SMTPServerDisconnected)
    if not code:
        return NotAccepted(_words(error))
    said = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    return NotAccepted(f"{code} {said}", is_final=is_final)


def _words(error: Exception) -> str:
    """Give an error as a PMO officer can pass it on."""
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "The mail server did not answer in time."
    if isinstance(error, ConnectionRefusedError):
        return "The mail server refused the connection."
    if isinstance(error, SMTPServerDisconnected):
        return "The mail server closed the connection."
    code, said = getattr(error, "smtp_code", ""), getattr(error, "smtp_error", b"")
    if code and isinstance(said, bytes):
        return f"{code} {said.decode(errors='replace')}"
    return f"The mail server could not be reached: {error}"
