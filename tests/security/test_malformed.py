"""Malformed bodies, headers, sessions and methods: always a refusal of ours, never an error."""

from urllib.parse import quote

import pytest
from django.test import Client

from tests.factories.accounts import PASSWORD
from tests.test_access import address


@pytest.fixture
def client(people, client_of):
    client = client_of(people["pmo_administrator"])
    client.raise_request_exception = False
    return client


FORM = "application/x-www-form-urlencoded"
BODIES = [
    (b"a=b", "multipart/form-data"),
    (b"", "multipart/form-data; boundary=x"),
    (b"\xff\x00", "multipart/form-data; boundary=x"),
    (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b'{"title": 1}', "application/json"),
    (b"title=%ff%00", "text/plain; charset=bogus"),
    (b"title=%ff%00", f"{FORM}; charset=bogus"),
    (b"&".join(b"f%d=x" % n for n in range(1500)), FORM),
    (b"title=" + b"x" * 3_000_000, FORM),
    (b"title=a&title=b&version=1&version=2", FORM),
]
HEADERS = [
    ({"HTTP_HOST": "a b"}, 400),
    ({"HTTP_HOST": "evil.example"}, 400),
    ({"HTTP_ACCEPT_LANGUAGE": "x," * 50_000}, 200),
    ({"HTTP_IF_MATCH": "\xff"}, 200),
    ({"HTTP_IF_NONE_MATCH": '"'}, 200),
    ({"HTTP_IF_MODIFIED_SINCE": "yesterday"}, 200),
    ({"HTTP_RANGE": "bytes=-1-"}, 200),
    ({"HTTP_X_FORWARDED_FOR": "\x00'"}, 200),
    ({"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "<script>"}, 200),
]


def test_a_body_that_is_no_form_is_refused_with_a_page(world, client):
    url = address("governance:risk_create", "las-2016", world)
    for body, kind in BODIES:
        response = client.generic("POST", url, body, content_type=kind)

        assert response.status_code in (400, 413, 415, 422), (body[:40], kind)
        assert b"QIP tracker" in response.content, (body[:40], kind)


def test_malformed_headers_break_nothing(world, client):
    url = address("milestones:milestone_list", "las-2016", world)
    for headers, expected in HEADERS:
        assert client.get(url, **headers).status_code == expected, headers


@pytest.mark.parametrize("value", ["", "x", "'", "\xff", "x" * 5000])
def test_a_broken_session_is_a_sign_in_and_a_broken_token_is_refused(db, value):
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.cookies["sessionid"] = browser.cookies["csrftoken"] = value

    page = browser.get("/las-2016/")
    sent = browser.post(
        "/accounts/login/", {"login": "a", "password": "b", "csrfmiddlewaretoken": value}
    )

    assert page.status_code == 302
    assert sent.status_code == 403


@pytest.mark.parametrize("value", ["a\0b@las.example", "x" * 2_000_000, "\ud83d", "' OR 1=1 --"])
def test_a_malformed_name_or_password_signs_nobody_in(db, value):
    value = value.encode("utf-8", "replace").decode()
    browser = Client(raise_request_exception=False)

    response = browser.post("/accounts/login/", {"login": value, "password": value})

    assert response.status_code in (200, 400, 422)
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example",
                                "javascript:alert(1)", "/a\r\nX: y"])  # fmt: skip
def test_nobody_is_led_away_after_signing_in(people, to):
    answer = {"login": people["auditor"].email, "password": PASSWORD}

    response = Client().post(f"/accounts/login/?next={quote(to)}", {**answer, "next": to})

    assert response.status_code == 302
    assert "evil" not in response["Location"]
    assert response["Location"].startswith("/")


def test_methods_that_nobody_uses_are_refused(world, client):
    for method in ("TRACE", "BOGUS", "CONNECT", "PROPFIND", "OPTIONS"):
        response = client.generic(method, address("reports:dashboard", "las-2016", world))

        assert response.status_code == 405, method
