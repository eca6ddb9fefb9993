import io

import pytest
from django.test import Client
from django.urls import reverse

MEGABYTE = 1024 * 1024
pytestmark = pytest.mark.django_db


class Endless(io.RawIOBase):
    """A body that never ends and counts what was taken of it."""

    taken = 0

    def read(self, size=-1):
        self.taken += size
        return b"x" * size


def send(body, length, *, client=None):
    return (client or Client()).generic(
        "POST",
        reverse("account_login"),
        content_type="multipart/form-data; boundary=x",
        **{"wsgi.input": body, "CONTENT_LENGTH": str(length)},
    )


@pytest.mark.parametrize("length", [11 * MEGABYTE + 1, 1024 * MEGABYTE, "9" * 5_000])
def test_a_body_that_says_it_is_too_large_is_refused_with_a_page_and_mostly_unread(length):
    body = Endless()

    response = send(body, length)

    page = response.content.decode()
    assert response.status_code == 413
    assert "That is too large to send" in page
    assert "10.0" in page
    assert body.taken <= 64 * MEGABYTE


def test_a_person_who_is_signed_in_gets_the_same_page(client_of, pmo_officer):
    response = send(Endless(), 1024 * MEGABYTE, client=client_of(pmo_officer))

    assert response.status_code == 413


@pytest.mark.parametrize("length", ["", "0", "-1", "abc", "１２", "12"])
def test_a_body_of_a_usual_or_a_senseless_length_goes_on_to_the_page(length):
    response = send(io.BytesIO(b""), length)

    assert response.status_code in (200, 400)


def test_a_client_that_goes_away_while_sending_is_no_fault_of_ours():
    class Gone(io.RawIOBase):
        def read(self, size=-1):
            raise ConnectionResetError

    assert send(Gone(), 1024 * MEGABYTE).status_code == 413
