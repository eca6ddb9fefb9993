from datetime import date

from django import template

from reports.models import Snapshot
from workstreams.models import Programme

register = template.Library()


@register.simple_tag
def last_frozen_day(programme: Programme) -> date | None:
    """The day of the newest snapshot, of which the last packs tell; for pages of lower apps."""
    snapshots = Snapshot.objects.filter(month__programme=programme)
    newest = snapshots.order_by("-month__month", "-version")
    return newest.values_list("as_of_date", flat=True).first()
