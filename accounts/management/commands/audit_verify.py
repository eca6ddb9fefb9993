from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit import verify_chain
from accounts.models import AuditEntry


class Command(BaseCommand):
    help = "Checks the journal's chain of hashes from its first entry to its last."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect",
            metavar="HASH",
            help="the journal's hash as an earlier pack printed it: it must still be in the chain",
        )

    def handle(self, *args: Any, expect: str | None, **options: Any) -> None:
        chain = verify_chain()
        if chain.broken:
            raise CommandError(
                f"Entry {chain.broken.pk} of {chain.broken.at:%Y-%m-%d %H:%M} does not follow from "
                f"the one before it. The {chain.entries} entries before it are whole. Compare "
                "with a backup."
            )
        if expect and not AuditEntry.objects.filter(hash=expect.strip().lower()).exists():
            raise CommandError(
                f"No entry has the hash {expect}: entries that stood here when it was printed are "
                "gone. Compare with a backup."
            )
        self.stdout.write(f"{chain.entries} entries, unbroken. Last hash: {chain.head or 'none'}")
