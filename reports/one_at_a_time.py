"""One worker at a time, over all processes, sends mail, and one makes packs.

A killed one frees its place at once.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

# The number of PostgreSQL's lock for each place; 7_216_041 is the journal's.
PLACES = {"sender": 7_216_042, "typesetter": 7_216_043}


@contextmanager
def only_one(place: str) -> Iterator[bool]:
    """Take a place, and give whether it was free; it is free again at the end.

    PostgreSQL's lock ends with the connection, that of the file beside SQLite's with the process:
    so whoever has it knows that nobody else is still at work there.
    """
    if connection.vendor == "sqlite":
        with _only_one_of_this_machine(place) as is_free:
            yield is_free
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [PLACES[place]])
        is_free = cursor.fetchone()[0]
    try:
        yield is_free
    finally:
        if is_free:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [PLACES[place]])


@contextmanager
def _only_one_of_this_machine(place: str) -> Iterator[bool]:
    with Path(f"{connection.settings_dict['NAME']}.{place}").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
