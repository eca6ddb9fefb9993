import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from qip import env

ROOT = Path(__file__).parents[2]


def test_unset_variables_give_the_embedded_form(monkeypatch, tmp_path):
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "MEDIA_ROOT", "DEBUG", "ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)

    database = env.database("DATABASE_URL", default=tmp_path / "db.sqlite3")

    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert env.broker("REDIS_URL") is None
    assert env.email("EMAIL_URL", default=tmp_path)["EMAIL_FILE_PATH"] == str(tmp_path)
    assert env.boolean("DEBUG") is False


def test_a_postgresql_address_is_checked_before_each_request(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://qip:secret@db:5432/qip")

    database = env.database("DATABASE_URL", default=tmp_path)

    assert (database["HOST"], database["NAME"]) == ("db", "qip")
    assert database["CONN_HEALTH_CHECKS"] is True
    assert "statement_timeout" in database["OPTIONS"]["options"]


@pytest.mark.parametrize(
    ("address", "port", "tls", "ssl"),
    [
        ("smtp://mail:1025", 1025, False, False),
        ("smtp://me:p%40ss@mail:587/?tls=on", 587, True, False),
        ("smtps://mail", 465, False, True),
    ],
)
def test_a_mail_server_is_read_from_its_address(monkeypatch, tmp_path, address, port, tls, ssl):
    monkeypatch.setenv("EMAIL_URL", address)

    settings = env.email("EMAIL_URL", default=tmp_path)

    assert settings["EMAIL_HOST"] == "mail"
    assert settings["EMAIL_PORT"] == port
    assert (settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (tls, ssl)


def test_the_embedded_form_makes_its_own_key_and_keeps_it(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    file = tmp_path / "var" / "secret-key"

    first = env.secret_key("SECRET_KEY", default=file, embedded=True)
    second = env.secret_key("SECRET_KEY", default=file, embedded=True)

    assert first == second
    assert len(first) >= 50
    assert file.stat().st_mode & 0o077 == 0


def test_a_server_that_others_reach_needs_its_own_key(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        env.secret_key("SECRET_KEY", default=tmp_path / "key", embedded=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "mysql://db/qip"),
        ("DATABASE_URL", "postgres://db"),
        ("REDIS_URL", "localhost:6379"),
        ("EMAIL_URL", "mail.example"),
        ("EMAIL_URL", "smtp://mail:port"),
        ("VIRUS_SCANNER", "localhost:3310"),
        ("VIRUS_SCANNER", "clamd://scanner:port"),
        ("ALLOWED_HOSTS", "http://tracker.example"),
        ("MEDIA_ROOT", "media"),
        ("SECRET_KEY", "short"),
    ],
)
def test_a_wrong_variable_stops_the_start_with_one_line_that_names_it(name, value):
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "qip.settings", name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"Configuration: {name} ")


def test_debug_is_refused_where_others_reach_the_server():
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "qip.settings",
            "DEBUG": "on",
            "ALLOWED_HOSTS": "tracker.example",
            "SECRET_KEY": "x" * 50,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert "Switch DEBUG off" in result.stderr


@pytest.mark.parametrize(
    ("value", "hosts", "embedded", "expected"),
    [
        (None, ["127.0.0.1"], True, "http://127.0.0.1:8000"),
        (None, [".trust.example", "other"], False, "https://trust.example"),
        ("https://qip.trust.example/", ["qip"], False, "https://qip.trust.example"),
    ],
)
def test_links_in_e_mails_begin_with_the_address_of_the_tracker(
    monkeypatch, value, hosts, embedded, expected
):
    monkeypatch.delenv("PORT", raising=False)
    if value is None:
        monkeypatch.delenv("SITE_URL", raising=False)
    else:
        monkeypatch.setenv("SITE_URL", value)

    assert env.address("SITE_URL", hosts=hosts, embedded=embedded) == expected


def test_an_address_of_the_tracker_that_is_none_stops_the_start(monkeypatch):
    monkeypatch.setenv("SITE_URL", "trust.example")

    with pytest.raises(ImproperlyConfigured, match="https://host"):
        env.address("SITE_URL", hosts=["trust.example"], embedded=False)
