"""The demonstration for tests: lived through once in a run, then laid out again."""

import shutil
import sqlite3
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

PASSWORD = "correct horse battery staple"
PLAN = Path(__file__).parents[1] / "plans" / "las-2016.yaml"


class Demonstration:
    """Lays out the whole demonstration, files too, in the empty database of a test.

    Its nine months with all their packs take most of a minute. On SQLite a copy of the first
    one is kept in memory for the tests that follow; elsewhere every test lives it anew.
    """

    def __init__(self, folder: Path) -> None:
        self.media = folder / "media"
        self.copy: sqlite3.Connection | None = None

    def lay_out(self) -> None:
        connection.ensure_connection()
        if self.copy is not None:
            self.copy.backup(connection.connection)
            shutil.copytree(self.media, settings.MEDIA_ROOT)
            return
        call_command("load_plan", str(PLAN))
        call_command("demo", "--yes")
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            self.copy = sqlite3.connect(":memory:")
            connection.connection.backup(self.copy)
            shutil.copytree(settings.MEDIA_ROOT, self.media)
