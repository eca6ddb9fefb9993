from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.verification import verify


class Command(BaseCommand):
    help = "Check the hashes of all snapshots and packs, and render a sample of packs again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--render",
            type=int,
            default=6,
            metavar="N",
            help="how many packs to render again (6; 0 for none)",
        )

    def handle(self, *args: Any, render: int, **options: Any) -> None:
        if render < 0:
            raise CommandError("--render needs 0 or more.")
        faults = number = 0
        for check in verify(packs_to_render=render):
            number += 1
            faults += bool(check.fault)
            self.stdout.write(f"{check.what}: {check.fault or 'ok'}")
        if faults:
            raise CommandError(f"{faults} of {number} checks found a fault (see above).")
        self.stdout.write(f"{number} checks, no fault.")
