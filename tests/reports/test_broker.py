"""Redis only wakes the worker: no page waits for it, and nothing is lost without it."""

import ast
import socket

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from qip.celery import app
from reports.models import Delivery, DeliveryState
from reports.months import sign_off_month
from tests.reports.outbox import make_files
from tests.test_architecture import CODE, ROOT
from workstreams.models import MonthState

pytestmark = pytest.mark.django_db
PUBLISHES = {"delay", "apply_async", "send_task", "delay_on_commit", "apply_async_on_commit"}


@pytest.fixture
def hanging(monkeypatch):
    """A broker that takes connections and never answers."""
    with socket.socket() as broker:
        broker.bind(("127.0.0.1", 0))
        broker.listen()
        broker.setblocking(False)
        monkeypatch.setattr(app.conf, "broker_url", f"redis://127.0.0.1:{broker.getsockname()[1]}")
        yield broker


def post(client, month, act):
    keys = [month.programme.slug, month.month]
    return client.post(reverse(f"reports:month_{act}", args=keys), {"early": "yes"})


def test_a_broker_that_hangs_is_never_asked_by_a_page_and_holds_up_no_mail(
    hanging, march, milestone, audiences, pmo_officer, elt_member, client_of
):
    pmo = client_of(pmo_officer)
    frozen = post(pmo, march, "freeze")
    make_files(march)
    sign_off_month(month_id=march.pk, by=elt_member)
    issued = post(pmo, march, "issue")

    call_command("run_due")

    march.refresh_from_db()
    assert (frozen.status_code, issued.status_code, march.state) == (302, 302, MonthState.ISSUED)
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert sum(bool(message.attachments) for message in mail.outbox) == 2
    with pytest.raises(BlockingIOError):
        hanging.accept()


def test_no_code_publishes_a_task():
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in PUBLISHES
    }

    assert found == set()
