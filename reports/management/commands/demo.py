import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import User
from reports.demonstration import DEMONSTRATION_DATE, NEXT_INSPECTION_DATE, people
from reports.demonstration.history import BASELINE_DAY, History
from reports.demonstration.measurements import create_series
from reports.demonstration.other_trust import create_other_trust
from reports.demonstration.processes import mark_charts
from reports.demonstration.risks import create_register, write_lines
from workstreams.models import Programme


class Command(BaseCommand):
    help = "Add illustrative people, updates and measurements to the loaded plan; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="also while DEBUG is off")

    def handle(self, *args: Any, yes: bool, **options: Any) -> None:
        if not settings.DEBUG and not yes:
            raise CommandError(
                "This adds people whose password is known. With DEBUG off it needs --yes."
            )
        programme = Programme.objects.filter(slug="las-2016").first()
        if programme is None:
            raise CommandError(
                "The plan is not loaded. First: manage.py load_plan plans/las-2016.yaml"
            )
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
        with transaction.atomic():
            self._fill(programme, password)
        self.stdout.write(f"Sign in with the password {password} as one of:")
        for each in Programme.objects.order_by("pk"):
            for membership in each.memberships.select_related("user").order_by("pk"):
                role = membership.get_role_display()
                self.stdout.write(f"  {membership.user.email:26} {role} ({each.name})")

    def _fill(self, programme: Programme, password: str) -> None:
        is_new = programme.demonstration_date is None
        self._give_people(programme, "las.example", password)
        self._give_people(create_other_trust(), "other.example", password)
        if is_new:
            programme.demonstration_date = DEMONSTRATION_DATE
            create_series(programme)
            pmo = User.objects.get(email="pmo@las.example")
            mark_charts(programme, pmo=pmo)
            create_register(programme)
            History(programme, domain="las.example").live()
            write_lines(programme)
            if programme.next_inspection_date is None:
                programme.next_inspection_date = NEXT_INSPECTION_DATE
                programme.save(update_fields=["next_inspection_date"])

    def _give_people(self, programme: Programme, domain: str, password: str) -> None:
        is_first, today = not programme.memberships.exists(), programme.demonstration_date
        people.create_people(programme, domain=domain, password=password)
        if is_first:
            # They were accountable from the beginning, and so the record shows it as at any day.
            programme.demonstration_date = BASELINE_DAY
        people.make_accountable(programme, domain=domain)
        programme.demonstration_date = today
        people.create_audiences(programme, domain=domain)
