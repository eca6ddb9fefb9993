"""Parts of the tracker as processes of their own, as bin/serve starts them, for tests."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client

ROOT = Path(__file__).parents[1]
# A loaded machine is slow, which is no fault of the tracker.
PATIENCE = 120


def environment(**more: str) -> dict[str, str]:
    """What a process needs to work on the database and the files of the test."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "qip.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": database_url(),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        **more,
    }


def database_url() -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    known = connection.settings_dict
    return f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{name}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(is_so: Callable[[], object], *, seconds: float = PATIENCE) -> float:
    """Wait for something; give how long it took."""
    began = time.monotonic()
    while not is_so():
        waited = time.monotonic() - began
        assert waited < seconds, f"not so after {waited:.0f} seconds"
        time.sleep(0.05)
    return time.monotonic() - began


@contextmanager
def process(command: list[str], log: Path, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command until the end of the block, with every process that it starts."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment(**more)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        started.terminate()
        with suppress(subprocess.TimeoutExpired):
            started.wait(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait(timeout=15)


@contextmanager
def web_server(folder: Path, **more: str) -> Iterator[int]:
    """Serve the pages on a free port, which is given."""
    port = free_port()
    # As bin/serve does, but with the test's settings, whose static files need no collecting.
    more |= {"DJANGO_SETTINGS_MODULE": "qip.settings_test"}
    command = ["gunicorn", "qip.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    command += ["--timeout", "60", "--no-control-socket", "--log-level", "warning"]
    with process(command, folder / "web.log", **more):
        wait_until(lambda: _answers(port))
        yield port


@contextmanager
def schedulers_and_workers(folder: Path, number: int, **more: str) -> Iterator[None]:
    """Run so many of each."""
    with ExitStack() as running:
        for index in range(number):
            schedule = {"SCHEDULE_FILE": str(folder / f"schedule-{index}")}
            for part in ("worker", "scheduler"):
                log = folder / f"{part}-{index}.log"
                running.enter_context(process(["bin/serve", part], log, **more, **schedule))
        yield


class Redis:
    """A Redis of the test's own, on a port that stays the same, that can die and come back."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder, self.port = folder, port or free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        self.server = subprocess.Popen(
            ["redis-server", *where, "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._is_up)

    def kill(self) -> None:
        if self.server:
            self.server.kill()
            self.server.wait(timeout=15)
        self.server = None

    def _is_up(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as at:
            at.sendall(b"PING\r\n")
            return at.recv(16).startswith(b"+PONG")
        return False


class Gate:
    """A port in front of a Redis. While it is shut it takes connections and never answers.

    Who was connected then, or came then, gets no answer afterwards either, and no goodbye: as
    from a machine that is gone.
    """

    def __init__(self, redis: Redis) -> None:
        self.redis, self.is_open, self.closings = redis, False, 0
        self.sockets = [socket.create_server(("127.0.0.1", 0))]
        port = self.sockets[0].getsockname()[1]
        self.url = f"redis://127.0.0.1:{port}/0"
        Thread(target=self._take, daemon=True).start()

    def open(self) -> None:
        self.is_open = True

    def shut(self) -> None:
        self.is_open, self.closings = False, self.closings + 1

    def close(self) -> None:
        for each in self.sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _take(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self.sockets[0].accept()
                self.sockets.append(caller)
                if self.is_open:
                    server = socket.create_connection(("127.0.0.1", self.redis.port))
                    self.sockets.append(server)
                    for way in ((caller, server), (server, caller)):
                        Thread(target=self._pump, args=way, daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        began = self.closings
        with suppress(OSError):
            while data := source.recv(65536):
                if self.closings > began:
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)


class Browser:
    """Somebody who is signed in, at a web server; keeps the status and the time of each answer."""

    def __init__(self, client: Client, port: int) -> None:
        self.port = port
        self.cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        self.statuses: list[int] = []
        # When each was asked for, and how long it took.
        self.times: list[tuple[float, float]] = []

    def get(self, path: str) -> int:
        return self._ask("GET", path)

    def post(self, path: str, data: dict[str, object]) -> int:
        token = self.cookies["csrftoken"]
        body = urlencode({**data, "csrfmiddlewaretoken": token})
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(self, method: str, path: str, body: str = "", headers=None) -> int:
        began = time.monotonic()
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        server = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            server.request(method, path, body or None, {**(headers or {}), "Cookie": cookies})
            answer = server.getresponse()
            answer.read()
        finally:
            server.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.statuses.append(answer.status)
        self.times.append((began, time.monotonic() - began))
        return answer.status


def _answers(port: int) -> bool:
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        server.request("GET", "/health/live/")
        return server.getresponse().read() is not None
    except OSError:
        return False
    finally:
        server.close()
