from collections.abc import Callable
from typing import TypeVar

from django.http.response import HttpResponseBase

from accounts.http import AuthenticatedRequest
from workstreams.models import Programme

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ProgrammeRequest(AuthenticatedRequest):
    """A request to a page of a programme, from one of its members (see middleware)."""

    programme: Programme
    roles: frozenset[str]


def open_to_external_readers(view: View) -> View:
    """Mark a view as one that external readers may reach; every other is hidden from them."""
    view.open_to_external_readers = True  # type: ignore[attr-defined]
    return view
