from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.review import raise_exceptions
from reports.delivery import send_due_deliveries
from reports.management import programmes
from reports.months import freeze_month
from reports.packs import render
from workstreams.models import ReportingMonth
from workstreams.months import open_month


class Command(BaseCommand):
    help = "Do by hand what the schedule does for a month: exceptions, freeze, packs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--programme", required=True, metavar="SLUG")
        parser.add_argument("--month", required=True, type=programmes.month, metavar="YYYY-MM")
        parser.add_argument(
            "--as-of",
            type=programmes.day,
            metavar="DATE",
            help="the day whose position is reported; by default today, at most the cut-off",
        )

    def handle(
        self, *args: Any, programme: str, month: date, as_of: date | None, **options: Any
    ) -> None:
        found = programmes.programme_named(programme)
        if month > found.today():
            raise CommandError(f"{month:%Y-%m} has not begun: today is {found.today()}.")
        reporting_month = open_month(found, month)
        day = as_of or reporting_month.as_of(found.today())
        if day < month:
            raise CommandError(f"--as-of {day} lies before the month. Give a day in or after it.")
        if reporting_month.takes_updates:
            raise_exceptions(programme_id=found.pk, as_of=day)
        self._freeze(reporting_month, day)
        for delivery in send_due_deliveries():
            delivery.refresh_from_db()
            self.stdout.write(f"{delivery}: {delivery.get_state_display()}")

    def _freeze(self, month: ReportingMonth, day: date) -> None:
        snapshot = freeze_month(month_id=month.pk, by=None, as_of=day)
        self.stdout.write(f"snapshot {snapshot.number} {snapshot.sha256}")
        failures = []
        for pack in snapshot.packs.order_by("audience__position"):
            rendered = render(pack_id=pack.pk)
            if rendered.failure:
                failures.append(rendered.failure)
            else:
                self.stdout.write(f"{rendered.file.path} {rendered.sha256}")
        if failures:
            raise CommandError("\n".join(failures))
