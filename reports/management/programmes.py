"""What the commands share: finding a programme and reading a date."""

from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import CommandError

from workstreams.calendar import parse_month
from workstreams.models import Programme


def programme_named(slug: str) -> Programme:
    """Give the programme, or stop the command with the names of those that exist."""
    programme = Programme.objects.filter(slug=slug).first()
    if programme is None:
        known = ", ".join(Programme.objects.order_by("slug").values_list("slug", flat=True))
        raise CommandError(f'There is no programme "{slug}". There is: {known or "none yet"}.')
    return programme


def day(text: str) -> date:
    """Read an ISO date given to a command."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is not a date: write it as 2016-11-14') from None


def month(text: str) -> date:
    """Read a month given to a command, as its first day."""
    try:
        return parse_month(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
