from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from accounts import typed_again
from accounts.request_id import new_request_id, under_way

CHUNK = 64 * 1024


class RequestId:
    """Gives every request an id: the journal and the log keep it, the answer names it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = new_request_id()
        with under_way(request_id):
            response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class PrivatePages:
    """Keeps every page of a signed-in person out of shared and back-button caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store, private"
        return response


class MethodPage:
    """Answers a method that an address does not take with a page that says so, not with nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = render(request, "405.html", status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page


class BodyLimit:
    """Refuses a request that says it is larger than any upload, before anything reads its body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or int(length[:20]) <= settings.LARGEST_BODY:
            return self.get_response(request)
        _discard(request)
        return render(request, "413.html", {"largest": settings.LARGEST_UPLOAD}, status=413)


def _discard(request: HttpRequest) -> None:
    """Read a part of the body away: a browser in the midst of sending shows no answer."""
    with suppress(OSError):
        for _ in range(settings.DISCARDED_BODY // CHUNK):
            if not request.read(CHUNK):
                return


class KeepTyped:
    """Keeps what somebody sends to a programme's page after their session has ended.

    Stands before the middleware that asks for a sign-in, and after the one that checks the form's
    token: what did not come from a page of ours is not kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        is_ours = "programme" in kwargs and getattr(view, "login_required", True)
        if request.method != "POST" or request.user.is_authenticated or not is_ours:
            return None
        page = request.get_full_path()
        is_kept = typed_again.keep(request)
        if is_kept:
            # A session of nobody needs to live no longer than what it holds.
            request.session.set_expiry(typed_again.KEPT_FOR)
            messages.warning(request, "You were signed out. Log in, and your text comes back.")
        else:
            messages.error(
                request,
                "You were signed out. The text is too long to keep: go back and copy it.",
            )
        if not request.headers.get("HX-Request"):
            return redirect_to_login(page)
        page = typed_again.came_from(request) or page
        if is_kept:
            typed_again.move(request, page)
        return HttpResponse(headers={"HX-Redirect": redirect_to_login(page).url})


class OfferTyped:
    """Shows what was kept in the form of its page, once its person is signed in again.

    Stands after every check of who may see the page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_reading = request.method == "GET" and request.user.is_authenticated
        kept = typed_again.kept_for(request) if is_reading else None
        if kept is None:
            return self.get_response(request)
        with typed_again.offered(kept.data):
            response = self.get_response(request)
        if response.status_code == 405 and kept.came_from:
            # The address takes forms only: the form stood on another page.
            typed_again.move(request, kept.came_from)
            return redirect(kept.came_from)
        if response.status_code in (200, 403, 404):
            typed_again.forget(request)
        return response

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> None:
        request.typed_again = typed_again.typed() is not None

    def process_exception(self, request: Any, exception: Exception) -> None:
        # The page that says "not allowed" shows no form, so it promises none.
        request.typed_again = False
