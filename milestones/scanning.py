"""The virus scanner of uploads: ClamAV's daemon, where the settings name one."""

import socket
import struct

from django.conf import settings
from django.core.exceptions import ValidationError

SECONDS = 20
CHUNK = 64 * 1024
UNANSWERED = (
    "The virus scanner did not answer, so the file was not kept. Try again later, or tell the "
    "PMO administrator"
)


def refuse_viruses(content: bytes) -> None:
    """Raise ValidationError for a file that the scanner names, or when it says nothing useful.

    Without a scanner in the settings nothing is asked.
    """
    address = settings.VIRUS_SCANNER
    if address is None:
        return
    try:
        answer = _ask(address, content)
    except OSError:
        raise ValidationError(UNANSWERED) from None
    if answer.endswith(b" FOUND"):
        raise ValidationError("The virus scanner found a virus in this file. It was not kept")
    if answer != b"stream: OK":
        raise ValidationError(UNANSWERED)


def _ask(address: tuple[str, int], content: bytes) -> bytes:
    """Send the bytes as clamd's INSTREAM takes them; give its one line."""
    with socket.create_connection(address, timeout=SECONDS) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        return connection.makefile("rb").read(1024).rstrip(b"\0\r\n")
