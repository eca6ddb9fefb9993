"""One sender at a time, over all worker processes; a killed one frees the place at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

SENDER_LOCK = 7_216_042


@contextmanager
def only_sender() -> Iterator[bool]:
    """Take the sender's place and give whether it was free; it is free again at the end.

    PostgreSQL's lock ends with the connection, that of the file beside SQLite's with the process:
    so whoever has it knows that nobody else is still sending.
    """
    if connection.vendor == "sqlite":
        with _only_one_of_this_machine() as is_free:
            yield is_free
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SENDER_LOCK])
        is_free = cursor.fetchone()[0]
    try:
        yield is_free
    finally:
        if is_free:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDER_LOCK])


@contextmanager
def _only_one_of_this_machine() -> Iterator[bool]:
    with Path(f"{connection.settings_dict['NAME']}.sender").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
