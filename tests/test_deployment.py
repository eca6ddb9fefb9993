"""What can be known of the deployment without a Docker engine, and bin/supervise.py for real."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(COMPOSE_TEXT)["services"]
OURS = {"migrate", "web", "worker", "scheduler"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PARTS = re.findall(r"^(\w+)\)$", (ROOT / "bin/serve").read_text(), re.MULTILINE)


def test_compose_has_every_part_of_the_tracker():
    expected = OURS | {"database", "queue", "mail", "backup"}

    assert set(SERVICES) == expected


def test_the_containers_run_the_parts_that_bin_run_starts():
    bin_run = (ROOT / "bin/run").read_text()
    commands = {name: " ".join(SERVICES[name]["command"]) for name in OURS}

    assert commands["migrate"] == "bin/serve prepare"
    assert all(command in bin_run for command in commands.values())
    assert {command.split()[1] for command in commands.values()} == set(PARTS)
    assert 'CMD ["bin/serve", "web"]' in DOCKERFILE


def test_every_service_that_stays_has_a_health_check():
    without = {name for name, service in SERVICES.items() if not service["healthcheck"].get("test")}

    assert without == {"migrate"}
    assert "HEALTHCHECK" in DOCKERFILE


def test_the_image_runs_as_a_user_without_rights_and_carries_no_secret():
    last_user = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1]
    kept = re.findall(r"^(?:ENV|ARG) .*$", DOCKERFILE, re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text().split()

    assert last_user not in {"root", "0"}
    assert not re.search("SECRET|PASSWORD|_URL", " ".join(kept))
    assert {".*", "var"} <= set(ignored)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_is_read_only_and_gains_no_rights(name):
    service = SERVICES[name]

    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")


def test_only_the_web_server_and_the_mail_catcher_are_reached_and_from_this_machine_alone():
    published = {name: s["ports"] for name, s in SERVICES.items() if "ports" in s}

    assert set(published) == {"web", "mail"}
    assert all(p.startswith("127.0.0.1:") for ports in published.values() for p in ports)


def test_secrets_come_from_the_environment_and_every_variable_is_documented():
    used = set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT))
    documented = set(
        re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )
    settings = "DATABASE_URL REDIS_URL EMAIL_URL SECRET_KEY ALLOWED_HOSTS DEBUG MEDIA_ROOT"

    assert used | set(settings.split()) | {"DEMO_PASSWORD"} <= documented
    for secret in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert re.findall(rf"{secret}: (.*)", COMPOSE_TEXT)
        assert set(re.findall(rf"{secret}: (.*)", COMPOSE_TEXT)) == {
            f"${{{secret}:?set it in .env}}"
        }
        assert not re.search(rf"^{secret}=.", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_one_scheduler_and_a_worker_that_may_finish_its_pack():
    assert SERVICES["scheduler"]["deploy"]["replicas"] == 1
    assert SERVICES["worker"]["stop_grace_period"] == "6m"


def test_every_part_waits_for_the_migration():
    waiting = {
        name
        for name, service in SERVICES.items()
        if service.get("depends_on", {}).get("migrate")
        == {"condition": "service_completed_successfully"}
    }

    assert waiting == OURS - {"migrate"}


def supervise(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(ROOT / "bin/supervise.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# Starts a grandchild that ignores the polite signal. It holds the output open for two minutes, so
# that `communicate` gives up unless it is really gone.
STUBBORN = "trap '' TERM; sleep 120 & echo ready; trap 'exit 0' TERM; while :; do sleep 0.1; done"


def test_when_one_part_ends_the_others_end_with_it_and_a_line_says_which():
    started = supervise("worker", "sh", "-c", STUBBORN, "--", "web", "sh", "-c", "sleep 1; exit 3")

    _, errors = started.communicate(timeout=30)

    assert started.returncode == 1
    assert "The web ended by itself (status 3)" in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_part_and_leaves_no_child_behind(number):
    started = supervise("worker", "sh", "-c", STUBBORN, "--", "web", "sleep", "60")
    assert started.stdout is not None
    started.stdout.readline()

    os.kill(started.pid, number)
    _, errors = started.communicate(timeout=30)

    assert started.returncode == 0
    assert "Stopping worker, web" in errors


def test_a_taken_port_is_said_in_one_line():
    check = (ROOT / "bin/run").read_text().split("<<'PYTHON' || exit 1\n")[1].split("\nPYTHON\n")[0]

    answer = subprocess.run(
        [sys.executable, "-c", check, "99999"], capture_output=True, text=True, check=False
    )

    assert answer.returncode == 1
    assert answer.stderr.startswith("bin/run: port 99999 cannot be used")
    assert len(answer.stderr.splitlines()) == 1
