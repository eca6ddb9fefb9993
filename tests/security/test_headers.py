"""What protects a browser stands on every answer: pages, fragments, downloads and refusals."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.security.test_over_posting import rows_of, settled
from tests.test_access import PAGES, SITE_PAGES, address, names_of, read_to_the_end

HTMX = {"HTTP_HX_REQUEST": "true"}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
    "connect-src": "'self'",
}
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SIGN_IN = ["account_login", "account_logout", "account_signup", "account_reset_password",
           "account_change_password", "account_reauthenticate"]  # fmt: skip


def faults_of(response, *, private=True):
    """What a browser would miss in this answer."""
    read_to_the_end(response)
    policy = response.headers.get("Content-Security-Policy", "")
    said = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    # A download may be held to more, never to less.
    missing = [
        name for name, value in POLICY.items() if said.get(name, "'none'") not in (value, "'none'")
    ]
    missing += [name for name in ("default-src", "frame-ancestors") if name not in said]
    missing += [f"unsafe: {policy}"] if "unsafe" in policy or "*" in policy else []
    missing += [name for name, value in FIXED.items() if response.headers.get(name) != value]
    if private and "no-store" not in response.headers.get("Cache-Control", ""):
        missing.append("no-store")
    return missing


@pytest.mark.parametrize("extra", [{}, HTMX], ids=["page", "fragment"])
def test_every_answer_carries_what_protects_a_browser(world, people, client_of, extra):
    client = client_of(people["pmo_administrator"])
    found = []
    for name in PAGES:
        url = address(name, "las-2016", world)
        send = client.post if extra else client.get
        # Without its fields a form is refused, with a page or a fragment.
        response = send(url, **extra)
        found += [f"{name} {response.status_code} {each}" for each in faults_of(response)]

    assert not found, "\n".join(found)


def test_refusals_and_downloads_of_other_roles_carry_it_too(world, people, client_of):
    client = client_of(people["external_reader"])
    urls = [address(name, "las-2016", world) for name in list(PAGES)[::6]]
    found = []
    for url in [*urls, "/", "/nothing/", "/las-2016/nothing/", "/las-2016/months/2016-99/"]:
        found += [f"{url} {each}" for each in faults_of(client.get(url))]

    assert not found, "\n".join(found)


def test_pages_before_the_sign_in_and_of_the_site_carry_it_too(world):
    urls = [reverse(name) for name in SIGN_IN]
    urls += [reverse(name) for name in SITE_PAGES - {"pack_link"}]
    urls += [reverse("pack_link", args=["x"]), "/las-2016/", "/nothing/", "/static/nothing.js"]
    browser = Client()
    found = []
    for url in urls:
        response = browser.get(url)
        found += [f"{url} {each}" for each in faults_of(response, private=False)]
        cookies = [f"{url} {c.key}" for c in response.cookies.values() if not c["httponly"]]
        found += cookies + [
            f"{url} {c.key} samesite" for c in response.cookies.values() if c["samesite"] != "Lax"
        ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("extra", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("token", [None, "x" * 64], ids=["missing", "foreign"])
def test_no_address_changes_anything_without_the_forms_token(world, people, extra, token):
    """Also for roles that may not post there: the token is asked for before all else."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        people["pmo_administrator"], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    data = {} if token is None else {"csrfmiddlewaretoken": token}
    found = []
    for url in [
        *(address(name, "las-2016", world) for name, row in PAGES.items() if row.write),
        *(reverse(name) for name in SIGN_IN),
    ]:
        response = client.post(url, data, **extra)
        if response.status_code != 403:
            found.append(f"{url} {response.status_code}")

    assert not found, "\n".join(found)


def test_methods_that_a_page_does_not_know_are_refused_for_the_sites_pages_too(world, people):
    """Those of a programme are in the role table, with every method."""
    browser = Client()
    for name in names_of():
        if name in SITE_PAGES or name.startswith("account_"):
            keys = {"pack_link": ["x"], "account_reset_password_from_key": ["1", "x"]}
            url = reverse(name, args=keys.get(name, []))
            for method in ("put", "patch", "delete", "trace"):
                response = getattr(browser, method)(url)
                assert response.status_code in (302, 405), (name, method)


def test_reading_a_page_changes_nothing(world, people, client_of):
    client = client_of(people["pmo_administrator"])
    before = rows_of()
    for name, row in PAGES.items():
        if row.read and "pmo_administrator" in row.read:
            read_to_the_end(client.get(address(name, "las-2016", world)))

    assert settled(before, rows_of()) == []
