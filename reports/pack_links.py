"""A link to one pack for whoever holds it: signed, expiring; for files too large to mail."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from reports.models import Pack

SALT = "reports.pack_links"
GOOD_FOR_DAYS = 30


def link_to(pack: Pack) -> str:
    """Give the address under which anybody who has it can fetch the pack, once it is issued."""
    token = signing.dumps({"pack": pack.pk, "sha256": pack.sha256}, salt=SALT)
    return f"{settings.SITE_URL}{reverse('pack_link', args=[token])}"


def pack_of(token: str) -> Pack | None:
    """Give the issued pack that a token names, or None.

    Raises signing.BadSignature for a token that is not ours, SignatureExpired for an old one.
    """
    named = signing.loads(token, salt=SALT, max_age=GOOD_FOR_DAYS * 24 * 60 * 60)
    packs = Pack.objects.select_related("snapshot__month__programme", "audience")
    return packs.filter(
        pk=named["pack"], sha256=named["sha256"], snapshot__issued_at__isnull=False
    ).first()
