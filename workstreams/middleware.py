from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from workstreams.models import Programme
from workstreams.models.programme import LIVE_ROLES


class CurrentProgramme:
    """The one gate to a programme's pages.

    Turns the address's programme slug into the Programme for the view, and hides it (404) from
    everybody who is no member; from external readers too, except where a view is open to them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: Any, view: Callable[..., HttpResponse], args: Any, kwargs: dict[str, Any]
    ) -> None:
        if "programme" not in kwargs:
            return
        programmes = Programme.objects.of_member(request.user)
        programme = get_object_or_404(programmes, slug=kwargs["programme"])
        roles = programme.roles_of(request.user)
        if roles.isdisjoint(LIVE_ROLES) and not hasattr(view, "open_to_external_readers"):
            raise Http404("No such page.")
        request.programme, request.roles = programme, roles
        kwargs["programme"] = programme
