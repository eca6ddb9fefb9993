from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from reports.due import run_due


def moment(text: str) -> datetime:
    """Read an ISO time given to the command; without an offset it is London's."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        message = f'"{text}" is not a time: write it as 2016-11-14T08:00'
        raise ArgumentTypeError(message) from None
    return value if value.tzinfo else timezone.make_aware(value)


class Command(BaseCommand):
    help = "Do everything that the schedule owes at a moment, each thing once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", type=moment, metavar="ISO-TIME", help="by default now")

    def handle(self, *args: Any, now: datetime | None, **options: Any) -> None:
        done = run_due(at=now)
        for step in done.steps:
            self.stdout.write(step)
        for pack in done.packs:
            self.stdout.write(f"pack {pack}: {pack.failure or pack.sha256}")
        for delivery in done.deliveries:
            delivery.refresh_from_db()
            self.stdout.write(f"delivery {delivery}: {delivery.get_state_display()}")
