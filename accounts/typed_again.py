"""Keeps what somebody typed after their session had ended, until they are signed in again.

A form sent by nobody is not saved. Its text waits in the server-side session of that browser, for
one page and for an hour; the page's form then shows it once. See ``accounts.middleware``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

SESSION_KEY = "typed_again"
KEPT_FOR = timedelta(hours=1)
LARGEST = 200 * 1024
# A browser leaves out what is not ticked, so these say nothing about which form was sent.
MAY_BE_LEFT_OUT = (
    forms.CheckboxInput,
    forms.CheckboxSelectMultiple,
    forms.FileInput,
    forms.RadioSelect,
    forms.SelectMultiple,
)

_typed: ContextVar[QueryDict | None] = ContextVar("typed", default=None)


@dataclass(frozen=True)
class Kept:
    """Text that waits for its page. ``came_from`` is where its form stood, if elsewhere."""

    path: str
    came_from: str
    data: QueryDict


def came_from(request: HttpRequest) -> str:
    """Give the path and query of our own page that sent the form; "" for any other sender."""
    address = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return ""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def keep(request: HttpRequest) -> bool:
    """Keep the text of the form that was sent; False when there is too much of it.

    Files, passwords and the token are never kept.
    """
    data = {
        name: values
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name.lower()
    }
    if sum(len("".join([name, *values]).encode()) for name, values in data.items()) > LARGEST:
        return False
    request.session[SESSION_KEY] = {
        "path": request.path,
        "came_from": came_from(request),
        "data": data,
        "until": (timezone.now() + KEPT_FOR).timestamp(),
    }
    return True


def kept_for(request: HttpRequest) -> Kept | None:
    """Give the text that waits for this page, if its hour is not over."""
    kept = request.session.get(SESSION_KEY)
    if kept is None or kept["path"] != request.path:
        return None
    if kept["until"] < timezone.now().timestamp():
        forget(request)
        return None
    data = QueryDict(mutable=True)
    for name, values in kept["data"].items():
        data.setlist(name, values)
    return Kept(path=kept["path"], came_from=kept["came_from"], data=data)


def forget(request: HttpRequest) -> None:
    """Drop what was kept; without any, do nothing."""
    request.session.pop(SESSION_KEY, None)


def move(request: HttpRequest, to: str) -> None:
    """Let the text wait for another page, the one where its form stood."""
    request.session[SESSION_KEY] |= {"path": urlsplit(to).path, "came_from": ""}
    request.session.modified = True


@contextmanager
def offered(data: QueryDict) -> Iterator[None]:
    """Offer the text to the forms that are drawn meanwhile."""
    token = _typed.set(data)
    try:
        yield
    finally:
        _typed.reset(token)


def typed() -> QueryDict | None:
    """Give the text that waits for the page now being drawn, if any does."""
    return _typed.get()


def is_for(form: forms.BaseForm) -> bool:
    """Say whether the text that waits was typed into this form: each of its boxes is there."""
    data = _typed.get()
    if data is None or form.is_bound:
        return False
    boxes = {
        name: field.widget
        for name, field in form.fields.items()
        if not isinstance(field.widget, MAY_BE_LEFT_OUT)
    }
    return any(not widget.is_hidden for widget in boxes.values()) and not any(
        widget.value_omitted_from_data(data, {}, form.add_prefix(name))
        for name, widget in boxes.items()
    )


def value(form: forms.BaseForm, field: forms.Field, name: str) -> Any:
    """Give what was typed into a field of a form that the text ``is_for``."""
    data = _typed.get()
    assert data is not None
    return field.widget.value_from_datadict(data, {}, form.add_prefix(name))


def rows(formset: "forms.BaseFormSet[Any]") -> int:
    """Give how many rows of a formset wait for it, no more than it takes; 0 for none."""
    data = _typed.get()
    if data is None or formset.is_bound:
        return 0
    number = data.get(f"{formset.prefix}-TOTAL_FORMS", "")
    is_number = number.isascii() and number.isdigit() and len(number) <= 4
    return min(int(number), formset.max_num) if is_number else 0
