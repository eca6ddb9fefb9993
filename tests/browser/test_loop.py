"""The whole loop, once, as four people: from a slipped forecast to a mailbox outside."""

import email
import re
import socket
import subprocess
from datetime import date
from email import policy
from pathlib import Path
from shutil import which

import pypdfium2
import pytest
from aiosmtpd.controller import Controller
from django.core.management import call_command
from playwright.sync_api import expect

from milestones.models import Milestone
from milestones.services import set_baseline
from reports.demonstration import people
from reports.due import run_due
from reports.models import Pack
from tests.demonstration import PASSWORD, PLAN
from workstreams.models import Programme

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Mailbox:
    """A mail server's end: keeps every message that it was given."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's name)
        self.messages.append(
            (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=policy.default))
        )
        return "250 Kept"

    def to(self, address):
        return [message for recipients, message in self.messages if address in recipients]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mailbox(settings):
    handler = Mailbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    yield handler
    controller.stop()


@pytest.fixture
def las(mailbox):
    """The real plan on 14 March 2016, with its illustrative people and Datix Web baselined."""
    call_command("load_plan", str(PLAN))
    programme = Programme.objects.get(slug="las-2016")
    programme.demonstration_date = date(2016, 3, 14)
    programme.save()
    people.create_people(programme, domain="las.example", password=PASSWORD)
    people.make_accountable(programme, domain="las.example")
    people.create_audiences(programme, domain="las.example")
    milestone = programme.milestones.get(reference="WS2-P3-03")
    pmo = programme.memberships.get(user__email="pmo@las.example").user
    set_baseline(milestone_id=milestone.pk, by=pmo, seen_version=milestone.version)
    return programme


@pytest.fixture
def sign_in(browser_page, live_server):
    def sign_in(mailbox_name):
        page = browser_page()
        page.goto(f"{live_server.url}/")
        page.get_by_label("E-mail address").fill(f"{mailbox_name}@las.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        return page

    return sign_in


def fill_date(page, name, day, month, year):
    for part, value in zip(("day", "month", "year"), (day, month, year), strict=True):
        page.locator(f"#id_{name}_{part}").fill(str(value))


def text_of(content: bytes, folder: Path) -> str:
    """The text of a PDF, by pdftotext where the machine has it."""
    if which("pdftotext"):
        (folder / "pack.pdf").write_bytes(content)
        result = subprocess.run(
            ["pdftotext", "-layout", str(folder / "pack.pdf"), "-"], capture_output=True, check=True
        )
        return result.stdout.decode()
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_from_a_slipped_forecast_to_the_oversight_groups_mailbox(
    las, mailbox, sign_in, live_server, tmp_path
):
    owner_slips_the_milestone(sign_in("owner-ws2"))
    lead_endorses(sign_in("lead-ws2"), live_server.url)
    pmo = sign_in("pmo")
    pmo_checks(pmo, live_server.url)
    elt = sign_in("elt")
    elt_approves(elt, live_server.url)

    milestone = Milestone.objects.get(programme=las, reference="WS2-P3-03")
    assert milestone.planned_date == date(2016, 6, 4)
    assert milestone.baseline_date == date(2016, 4, 30)
    assert [
        (version.number, version.change_request_number)
        for version in milestone.plan_versions.order_by("number")
    ] == [(1, None), (2, 1)]

    month_url = f"{live_server.url}/las-2016/months/2016-03/"
    pmo.goto(month_url)
    pmo.get_by_label(re.compile("before its cut-off")).check()
    pmo.get_by_role("button", name="Freeze March 2016").click()
    expect(pmo.get_by_role("main")).to_contain_text("is frozen")
    run_due()
    press(elt, month_url, "Sign off")
    press(pmo, month_url, "Issue")
    run_due()
    run_due()

    messages = mailbox.to("cqrg@las.example")
    assert len(messages) == 1
    attachment = next(messages[0].iter_attachments())
    content = attachment.get_content()
    assert content == Pack.objects.get(audience__code="cqrg").read()
    text = re.sub(r"\s+", " ", text_of(content, tmp_path))
    for words in ("WS2-P3-03", "Datix Web launched", "Apr 2016", "4 Jun 2016", "Approved"):
        assert words in text, words


def owner_slips_the_milestone(page):
    """Forecast five weeks late, report the exception, ask for the new date."""
    page.get_by_role("link", name=re.compile("Datix Web launched")).click()
    page.get_by_role("button", name="Update").click()
    page.get_by_label(re.compile("in progress", re.I)).check()
    fill_date(page, "forecast_date", 4, 6, 2016)
    page.locator("#id_narrative").fill("The supplier's test system is five weeks late.")
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("main")).to_contain_text("EX-")
    page.get_by_role("link", name=re.compile("EX-")).first.click()
    page.get_by_role("main").get_by_text("Write the report").first.click()
    page.locator("#id_cause").fill("The supplier delivers its test system late.")
    page.locator("#id_consequence").fill("Staff report incidents on paper for five more weeks.")
    page.locator("#id_delivery_impact").fill("Patients: none. CQC: WS2-S2 closes in June.")
    fill_date(page, "recovery_date", 4, 6, 2016)
    page.locator("[id$='-0-text']").fill("Weekly call with the supplier")
    page.locator("[id$='-0-owner']").select_option(label="WS2 local owner")
    page.locator("[id$='-0-due_date_day']").fill("31")
    page.locator("[id$='-0-due_date_month']").fill("3")
    page.locator("[id$='-0-due_date_year']").fill("2016")
    page.get_by_role("button", name="Submit to ELT").click()
    page.get_by_text("Ask for a new planned date").first.click()
    fill_date(page, "planned_date", 4, 6, 2016)
    page.locator("#id_reason").fill("Five weeks are needed for a safe test.")
    page.locator("#id_delivery_impact").fill("Patients: none. Dependants: full roll-out.")
    page.get_by_role("button", name="Submit").first.click()
    expect(page.get_by_role("main")).to_contain_text("CR-001")


def lead_endorses(page, base):
    press(page, f"{base}/las-2016/change-requests/1/", "Endorse")


def pmo_checks(page, base):
    press(page, f"{base}/las-2016/change-requests/1/", "check")


def elt_approves(page, base):
    page.goto(f"{base}/las-2016/decisions/")
    page.get_by_role("link", name=re.compile("CR-001")).first.click()
    page.get_by_label(re.compile("^Approve")).check()
    for name in ("Second ELT member", "WS1 executive lead"):
        page.get_by_label(name).check()
    page.get_by_role("button", name="Record decision").click()
    expect(page.get_by_role("main")).to_contain_text("Approved")


def press(page, url, words):
    page.goto(url)
    page.get_by_role("main").get_by_role("button", name=re.compile(words, re.I)).first.click()
    page.wait_for_load_state()
