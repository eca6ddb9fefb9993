"""The id of the request or job under way: the same in the journal, on the log's lines and in the
answer's X-Request-ID, so that what somebody saw can be followed to what was recorded."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_under_way: ContextVar[str] = ContextVar("request_id", default="")


def new_request_id() -> str:
    """Give an id that nobody has had before: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def current_request_id() -> str:
    """Give the id of the request or job under way; "" in a command of the console."""
    return _under_way.get()


def begin(request_id: str) -> None:
    """Take what follows for one request or job, until the next begins; "" ends it."""
    _under_way.set(request_id)


@contextmanager
def under_way(request_id: str) -> Iterator[None]:
    """Take everything inside for one request or job."""
    token = _under_way.set(request_id)
    try:
        yield
    finally:
        _under_way.reset(token)


class RequestIdOnLines(logging.Filter):
    """Gives every line of the log its request's id; "-" outside of any."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True
