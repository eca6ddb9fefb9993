"""What is written in the messages that go out, and who may still get them when they do."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from reports.models import Delivery, Notice, Pack
from reports.pack_links import GOOD_FOR_DAYS, link_to
from workstreams.models.programme import LIVE_ROLES


def message_for(row: Delivery | Notice) -> EmailMultiAlternatives:
    """Give the message: plain text and HTML, a pack's file attached as it was rendered.

    A file over the limit is not attached; the message then says where to fetch it.
    """
    return _pack_message(row) if isinstance(row, Delivery) else _notice_message(row)


def why_withheld(row: Delivery | Notice) -> str:
    """Say why a message that was queued may not go out any more; "" when it may.

    The list of recipients, a membership or a sign-in may have changed since it was queued.
    """
    if isinstance(row, Notice):
        member = row.programme.memberships.filter(user=row.user, role__in=LIVE_ROLES)
        if not row.user.is_active or not member.exists():
            return f"Not sent: {row.user} is no longer a member of the programme."
        return ""
    recipient, pack = row.recipient, row.pack
    gone = recipient.user is not None and not recipient.user.is_active
    if gone or not recipient.is_active or recipient.audience_id != pack.audience_id:
        return f"Not sent: {recipient.name} no longer gets the packs of the {pack.audience.name}."
    if pack.audience.is_external and pack.snapshot.issued_at is None:
        return "Not sent: the pack is not issued."
    return ""


def _pack_message(delivery: Delivery) -> EmailMultiAlternatives:
    pack = delivery.pack
    month = pack.snapshot.month
    content = pack.read()
    link = _where_to_fetch(pack) if len(content) > settings.LARGEST_ATTACHMENT else ""
    context = {
        "pack": pack,
        "month": month,
        "programme": month.programme,
        "link": link,
        "good_for_days": GOOD_FOR_DAYS if pack.snapshot.issued_at else 0,
    }
    subject = f"{month.programme.name}: {pack.audience.name}, {month.name}"
    message = _message(delivery, subject, "reports/email/pack", context)
    if not link:
        message.attach(pack.file_name, content, "application/pdf")
    return message


def _where_to_fetch(pack: Pack) -> str:
    # Before it is issued a pack is only for who signs in.
    if pack.snapshot.issued_at is None:
        return f"{settings.SITE_URL}{pack.get_absolute_url()}"
    return link_to(pack)


def _notice_message(notice: Notice) -> EmailMultiAlternatives:
    context = {
        "programme": notice.programme,
        "subject": notice.subject,
        "content": notice.content,
        "caused_by": notice.caused_by,
        "site": settings.SITE_URL,
    }
    return _message(notice, notice.subject, "reports/email/notice", context)


def _message(
    row: Delivery | Notice, subject: str, template: str, context: dict[str, Any]
) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=_one_line(subject),
        body=render_to_string(f"{template}.txt", context),
        to=[row.email],
        # Answering machines do not answer what a machine sent.
        headers={"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return message


def _one_line(text: str) -> str:
    """Make a text fit for a header: no line break, so nobody can add headers; at most 200."""
    return " ".join(text.split())[:200]
