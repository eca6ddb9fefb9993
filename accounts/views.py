from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import typed_again


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form whose token is not this session's, and give the typed text a way back.

    It is kept only when our own page sent it: another site must not put words into our forms.
    """
    match = request.resolver_match
    is_ours = match is not None and "programme" in match.kwargs
    is_kept = is_ours and bool(typed_again.came_from(request)) and typed_again.keep(request)
    page = request.get_full_path() if is_kept else ""
    return render(request, "403_csrf.html", {"page": page}, status=403)
