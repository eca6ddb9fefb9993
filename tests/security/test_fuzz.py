"""Anything in any part of an address, any query key and any field: an answer of ours, no error."""

import os
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tests.security.pages_forms import forms_of
from tests.test_access import PAGES, address, read_to_the_end

NASTY = [
    "", " ", "\0", "a\0b", "\ufffd", "\ud83d", "0", "-1", "2147483648", "9223372036854775808",
    "9" * 30, "٣", "NaN", "Infinity", "-Infinity", "1e400", "1e999999", "1,5", "1=", "1,x", "1,",
    "(", "[", "*", "\\", "%", "%%", "%s", "{}", "{{7*7}}", "'", '"', "--", ";", "' OR 1=1 --",
    "0000-00-00", "0001-01-01", "9999-12-31", "99999-01-01", "2016-02-31", "2016-13", "2016-3",
    "0000-01", "9999-12", "31", "02", "true", "None", "null", "[]", "on", "-late", "--late",
    "=1+1", "@x", "+1", "a\r\nb", "//evil.example", "../../etc/passwd", "..", ".", "/", "?", "#",
    "\u202egnp", "a\u200db", "e" + "\u0301" * 10_000, "x" * 10_000, "<script>", "ﬀ", "İ", "ß", "💥",
]  # fmt: skip


@dataclass(frozen=True)
class Try:
    """One request: to an address with its query, read or with a form's answers."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    answers: dict[str, object] | None = None

    def send(self, client: Client) -> HttpResponse:
        url = f"{self.path}?{urlencode(self.query, errors='replace')}" if self.query else self.path
        if self.answers is None:
            return client.get(url)
        return client.post(url, self.answers)


@pytest.fixture
def client(people, client_of):
    client = client_of(people["pmo_administrator"])
    client.raise_request_exception = False
    return client


def known_tries(client: Client, world) -> list[Try]:
    """Every page with every query key that a form or link of it names, and every form filled in."""
    found: dict[tuple[str, ...], Try] = {}
    for name, row in PAGES.items():
        url = address(name, "las-2016", world)
        response = client.get(url) if row.read else None
        if response is not None:
            read_to_the_end(response)
        if response is None or "html" not in response.get("Content-Type", ""):
            found[url,] = Try(url)
            continue
        html = response.content.decode()
        keys = {key for form in forms_of(url, html, method="get") for key in form.names}
        for link in re.findall(r'href="([^"]*)"', html):
            parts = urlsplit(unescape(link))
            if parts.path in ("", urlsplit(url).path):
                keys |= {key for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
        path = urlsplit(url).path
        found[path,] = Try(path, tuple((key, "") for key in sorted(keys)))
        for form in forms_of(url, html, method="post"):
            button = form.buttons[0] if form.buttons else None
            parts = urlsplit(form.action)
            query = tuple(parse_qsl(parts.query))
            found[form.shape] = Try(parts.path, query, form.data(button))
    return list(found.values())


def spoilt(known: Try, chance: random.Random) -> Try:
    """Put something nasty in one place: a part of the path, a query key, or a field."""
    value = chance.choice(NASTY)
    places = ["path"] + ["query"] * 2 * bool(known.query) + ["field"] * 6 * bool(known.answers)
    match chance.choice(places):
        case "path":
            parts = known.path.split("/")
            parts[chance.randrange(1, len(parts))] = quote(value, safe="", errors="replace")
            return replace(known, path="/".join(parts))
        case "query":
            key = chance.choice(known.query)[0]
            kept = chance.sample(known.query, chance.randint(0, len(known.query)))
            return replace(known, query=(*kept, (key, value)))
        case _:
            assert known.answers
            field = chance.choice(sorted(known.answers))
            text = value.encode("utf-8", "replace").decode()
            return replace(known, answers=known.answers | {field: text})


def faults(client: Client, tries: Iterator[Try]) -> list[str]:
    found = []
    for each in tries:
        before, began = transaction.savepoint(), time.monotonic()
        signed_in = client.cookies[settings.SESSION_COOKIE_NAME].value
        response = each.send(client)
        read_to_the_end(response)
        seconds = time.monotonic() - began
        transaction.savepoint_rollback(before)
        # Whoever logged out is signed in again.
        client.cookies[settings.SESSION_COOKIE_NAME] = signed_in
        refused = 400 <= response.status_code < 500
        if response.status_code >= 500 or refused and b"QIP tracker" not in response.content:
            found.append(f"{response.status_code} {str(each)[:600]}")
        if seconds > 5:
            found.append(f"{seconds:.0f} s: {str(each)[:600]}")
    return found


def test_whatever_is_sent_the_answer_is_a_page_of_ours(world, client):
    chance = random.Random(2016)  # noqa: S311 (chooses what to try, keeps no secret)
    known = known_tries(client, world)

    found = faults(client, (spoilt(chance.choice(known), chance) for _ in range(400)))

    assert not found, "\n".join(found)


@pytest.mark.chaos
def test_ten_thousand_times(world, client, capsys):
    """As many as FUZZ_REQUESTS says, from the seed FUZZ_SEED."""
    number = int(os.environ.get("FUZZ_REQUESTS", "10000"))
    seed = int(os.environ.get("FUZZ_SEED", "1"))
    chance = random.Random(seed)  # noqa: S311
    known = known_tries(client, world)

    found = faults(client, (spoilt(chance.choice(known), chance) for _ in range(number)))

    with capsys.disabled():
        print(f"\n{number} requests from seed {seed}: {len(found)} faults")  # noqa: T201
    assert not found, "\n".join(found)
