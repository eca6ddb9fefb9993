from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reports.pack_links import pack_of
from reports.views.packs import pack_file


@login_not_required
@require_safe
@never_cache
def pack_link(request: HttpRequest, token: str) -> FileResponse:
    """An issued pack, for whoever holds the link that was e-mailed."""
    try:
        pack = pack_of(token)
    except signing.SignatureExpired:
        raise Http404(
            "This link has expired. Ask the office that sent it to send the pack again."
        ) from None
    except signing.BadSignature:
        raise Http404("This is not a link that the tracker sent, or not all of it.") from None
    if pack is None:
        raise Http404("The pack of this link is not issued.")
    return pack_file(pack)
