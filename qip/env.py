"""Reads settings from the environment; a wrong value stops the start with one clear line."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def boolean(name: str) -> bool:
    """Give the yes-or-no variable `name`; unset is no. Raises ImproperlyConfigured."""
    value = os.environ.get(name, "").strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f'{name} is "{value}". Set it to "on" or "off".')
    return value in TRUE


def names(name: str, *, default: list[str]) -> list[str]:
    """Give the comma-separated variable `name` as a list, or the default when it is unset."""
    value = os.environ.get(name, "")
    found = [part.strip() for part in value.split(",") if part.strip()]
    if any(" " in part or "/" in part for part in found):
        raise ImproperlyConfigured(
            f'{name} is "{value}". Give host names separated by commas, without "http://".'
        )
    return found or default


def address(name: str, *, hosts: list[str], embedded: bool) -> str:
    """Give where people reach the tracker, for links in e-mails; unset is its first host."""
    value = os.environ.get(name, "").rstrip("/")
    if value:
        url = urlsplit(value)
        if url.scheme not in {"http", "https"} or not url.hostname or url.path:
            raise ImproperlyConfigured(f'{name} is "{value}". Use https://host.')
        return value
    # A leading dot means "and every host below it".
    host = hosts[0].lstrip(".")
    return f"http://{host}:{os.environ.get('PORT') or 8000}" if embedded else f"https://{host}"


def folder(name: str, *, default: Path) -> Path:
    """Give the folder that variable `name` holds; it must be an absolute path."""
    value = os.environ.get(name, "")
    if value and not Path(value).is_absolute():
        raise ImproperlyConfigured(f'{name} is "{value}". Give an absolute path.')
    return Path(value) if value else default


def database(name: str, *, default: Path) -> dict[str, Any]:
    """Give the database of `name`: postgres://… or sqlite:///…; unset is the given SQLite file."""
    value = os.environ.get(name) or f"sqlite:///{default}"
    scheme = urlsplit(value).scheme
    if scheme not in {"postgres", "postgresql", "sqlite"}:
        raise ImproperlyConfigured(
            f'{name} begins with "{scheme}://". Use postgres://user:password@host:5432/name '
            "or sqlite:////absolute/path.sqlite3."
        )
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(value))
    except (ValueError, dj_database_url.ParseError) as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}.") from None
    if not config["NAME"]:
        raise ImproperlyConfigured(f"{name} names no database. Add it after the last slash.")
    if scheme == "sqlite":
        # WAL and immediate transactions: writers wait for each other instead of failing.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        config |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
        config["OPTIONS"] = {
            **config.get("OPTIONS", {}),
            "connect_timeout": 5,
            "options": "-c statement_timeout=30s -c lock_timeout=10s"
            " -c idle_in_transaction_session_timeout=60s",
        }
    return config


def broker(name: str) -> str | None:
    """Give the Redis address of `name`, or None for the embedded queue."""
    value = os.environ.get(name, "")
    if value and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(f'{name} is "{value}". Use redis://host:6379/0.')
    return value or None


def scanner(name: str) -> tuple[str, int] | None:
    """Give host and port of the virus scanner in `name`, clamd://host:3310; None when unset."""
    value = os.environ.get(name, "")
    if not value:
        return None
    try:
        url = urlsplit(value)
        host, port = url.hostname, url.port or 3310
    except ValueError:
        host, port = None, 0
    if not host or url.scheme != "clamd":
        raise ImproperlyConfigured(f'{name} is "{value}". Use clamd://host:3310.')
    return host, port


def email(name: str, *, default: Path) -> dict[str, Any]:
    """Give Django's e-mail settings from smtp[s]://user:password@host:port/?tls=on or file:///path.

    Unset means files in the given folder.
    """
    value = os.environ.get(name) or f"file://{default}"
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} has a port that is no number.") from None
    if url.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": url.path,
        }
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        raise ImproperlyConfigured(
            f"{name} must look like smtp://user:password@host:587/?tls=on or file:///path."
        )
    use_tls = parse_qs(url.query).get("tls", ["off"])[-1].lower() in TRUE
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": port or (465 if url.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": use_tls and url.scheme == "smtp",
    }


def secret_key(name: str, *, default: Path, embedded: bool) -> str:
    """Give the secret key; only the embedded form makes its own and keeps it in a private file."""
    value = os.environ.get(name, "")
    if value:
        if len(value) < 32:
            raise ImproperlyConfigured(f"{name} is too short. Use 50 random characters or more.")
        return value
    if not embedded:
        raise ImproperlyConfigured(
            f"{name} is not set. A server that others reach needs its own: set {name} to "
            "50 random characters or more."
        )
    if not default.exists():
        default.parent.mkdir(parents=True, exist_ok=True)
        default.touch(mode=0o600)
        default.write_text(secrets.token_urlsafe(50))
    return default.read_text()
