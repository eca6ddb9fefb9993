from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.review import raise_exceptions
from reports.management.programmes import day
from workstreams.models import Programme


class Command(BaseCommand):
    help = "Open an exception for everything off plan on a day and close those that are back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=day, metavar="DATE", help="by default each programme's today"
        )

    def handle(self, *args: Any, as_of: date | None, **options: Any) -> None:
        for programme in Programme.objects.order_by("slug"):
            on = as_of or programme.today()
            review = raise_exceptions(programme_id=programme.pk, as_of=on)
            for report in review.opened:
                self.stdout.write(f"{programme.slug} {report.label} opened: {report.trigger}")
            for report in review.closed:
                self.stdout.write(
                    f"{programme.slug} {report.label} closed: {report.closed_because}"
                )
            for report in review.escalated:
                lead = report.executive_lead or "nobody: no executive lead is set"
                self.stdout.write(f"{programme.slug} {report.label} escalated to {lead}")
            self.stdout.write(
                f"{programme.slug} as of {on}: {len(review.opened)} opened, "
                f"{len(review.closed)} closed, {len(review.escalated)} escalated"
            )
