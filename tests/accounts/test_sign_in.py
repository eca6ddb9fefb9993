import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "a different battery staple"


def sign_in(client, email, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_a_member_signs_in_with_the_e_mail_address_whatever_its_case(pmo_officer):
    client = Client()

    response = sign_in(client, pmo_officer.email.upper())

    assert response.status_code == 302
    assert client.get(reverse("home"), follow=True).status_code == 200


def test_a_wrong_password_and_an_unknown_address_give_the_same_answer(pmo_officer):
    known = sign_in(Client(), pmo_officer.email, "wrong")
    unknown = sign_in(Client(), "nobody@las.example", "wrong")

    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors
    assert "Error: " in known.content.decode()


def test_who_is_switched_off_cannot_sign_in(pmo_officer):
    pmo_officer.is_active = False
    pmo_officer.save()
    client = Client()

    sign_in(client, pmo_officer.email)

    assert client.get(reverse("home")).status_code == 302


def test_guessing_is_stopped_even_for_the_right_password(pmo_officer):
    client = Client()
    for _ in range(6):
        sign_in(client, pmo_officer.email, "wrong")

    response = sign_in(client, pmo_officer.email)

    assert response.status_code != 302
    assert "too many" in response.content.decode().lower()


def test_logging_out_takes_a_post_and_ends_the_session(pmo_officer):
    client = Client()
    sign_in(client, pmo_officer.email)

    client.get(reverse("account_logout"))
    still_in = client.get(reverse("home"), follow=True)
    client.post(reverse("account_logout"))
    out = client.get(reverse("home"))

    assert still_in.status_code == 200
    assert still_in.wsgi_request.user == pmo_officer
    assert out.status_code == 302
    assert "/accounts/login/" in out["Location"]


def test_a_forgotten_password_is_reset_by_e_mail(pmo_officer):
    client = Client()

    client.post(reverse("account_reset_password"), {"email": pmo_officer.email})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    form = client.get(link[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    pmo_officer.refresh_from_db()
    assert pmo_officer.check_password(NEW_PASSWORD)
    assert mail.outbox[0].to == [pmo_officer.email]


def test_a_reset_for_an_unknown_address_answers_the_same_and_tells_nothing(pmo_officer):
    known = Client().post(reverse("account_reset_password"), {"email": pmo_officer.email})
    unknown = Client().post(reverse("account_reset_password"), {"email": "nobody@las.example"})

    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]


def test_a_password_is_changed_by_who_knows_the_old_one(pmo_officer):
    client = Client()
    sign_in(client, pmo_officer.email)

    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    pmo_officer.refresh_from_db()
    assert pmo_officer.check_password(NEW_PASSWORD)


@pytest.mark.parametrize("password", ["short", "123456789012", "1q2w3e4r5t6y"])
def test_a_weak_password_is_refused_with_a_reason(pmo_officer, password):
    client = Client()
    sign_in(client, pmo_officer.email)

    response = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": password, "password2": password},
    )

    assert response.status_code == 200
    assert response.context["form"].errors
    pmo_officer.refresh_from_db()
    assert pmo_officer.check_password(PASSWORD)


def test_nobody_signs_up():
    data = {"email": "new@las.example", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    response = Client().post(reverse("account_signup"), data)

    assert response.status_code == 200
    assert not User.objects.filter(email="new@las.example").exists()


def test_an_address_for_after_the_sign_in_cannot_lead_away():
    user = UserFactory()

    response = Client().post(
        reverse("account_login") + "?next=//evil.example/",
        {"login": user.email, "password": PASSWORD},
    )

    assert response["Location"] == "/"
