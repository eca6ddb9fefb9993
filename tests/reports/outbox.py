"""A month whose packs wait to be sent, without the typesetting."""

import hashlib
from datetime import UTC, date, datetime

from django.core.files.base import ContentFile
from django.utils import timezone

from reports.models import Delivery, Pack, Recipient
from reports.months import freeze_month, issue_month, sign_off_month
from workstreams.models import Programme
from workstreams.months import open_month

# A moment of the retries; its London time is the same.
NOON = datetime(2016, 3, 14, 12, tzinfo=UTC)
PDF = b"%PDF-1.7\r\n.\r\n..two dots\r\n" + bytes(range(256)) + b"%%EOF\n"


def queued(programme: Programme, *, to, by, signed_off_by, month=date(2016, 3, 1)):
    """Give the queued deliveries of an issued month, one to each address of the second audience."""
    audience = programme.audiences.in_order().last()
    for address in to:
        Recipient.objects.get_or_create(
            audience=audience, email=address, defaults={"name": address.partition("@")[0]}
        )
    row = open_month(programme, month)
    freeze_month(month_id=row.pk, by=by)
    make_files(row)
    sign_off_month(month_id=row.pk, by=signed_off_by)
    issue_month(month_id=row.pk, by=by)
    Delivery.objects.filter(pack__snapshot__month=row).update(queued_at=NOON, next_attempt_at=NOON)
    return Delivery.objects.filter(pack__snapshot__month=row).order_by("pk")


def make_files(month) -> None:
    """Give a month's packs a file each, as rendering would, in no time."""
    for pack in Pack.objects.filter(snapshot__month=month, rendered_at=None):
        content = PDF + str(pack).encode()
        pack.sha256, pack.rendered_at = hashlib.sha256(content).hexdigest(), timezone.now()
        pack.file.save(f"packs/{pack.pk}.pdf", ContentFile(content), save=False)
        pack.file.close()
        pack.save()
