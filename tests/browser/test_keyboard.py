"""Report, decide, sign off and issue by keyboard alone, as three people of the demonstration.

The update by keyboard is in test_my_work.py and test_pages.py.
"""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from governance.models import (
    ChangeRequest,
    ChangeRequestState,
    ExceptionReport,
    ExceptionState,
)
from reports.due import run_due
from tests.browser.test_pages import sign_in
from workstreams.models import MonthState, Programme

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What has the focus, by its id or else its words.
FOCUSED = "() => [document.activeElement.id, document.activeElement.textContent.trim()]"


def tab_to(page: Page, wanted: str, *, most: int = 150) -> None:
    """Press Tab until the field with that id, or what begins with those words, is reached."""
    for _ in range(most):
        page.keyboard.press("Tab")
        identifier, words = page.evaluate(FOCUSED)
        if wanted == identifier or words.startswith(wanted):
            return
    raise AssertionError(f"Tab never reached “{wanted}”.")


def answer(page: Page, fields: dict[str, str]) -> None:
    """Go from field to field in the order of the page and type; a choice is made by its letters."""
    for identifier, text in fields.items():
        tab_to(page, identifier)
        page.keyboard.press("Control+A")
        page.keyboard.type(text)


def press(page: Page, words: str) -> None:
    tab_to(page, words)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


@pytest.fixture
def open_as(live_server, browser_page):
    def open_as(mailbox: str, url: str) -> Page:
        page = browser_page()
        sign_in(page, live_server.url, mailbox)
        page.goto(live_server.url + url)
        return page

    return open_as


def test_report_decide_sign_off_and_issue_need_no_mouse(demonstration, open_as):
    report_an_exception(demonstration, open_as)
    decide_a_change_request(demonstration, open_as)
    sign_off_and_issue(demonstration, open_as)


def report_an_exception(programme: Programme, open_as) -> None:
    drafts = ExceptionReport.objects.filter(programme=programme, state=ExceptionState.DRAFT)
    report = drafts.exclude(indicator=None).first()
    code = report.indicator.workstream.code
    url = reverse("governance:exception_report", args=[programme.slug, report.number])
    page = open_as(f"owner-{code.lower()}", url)

    answer(
        page,
        {
            "id_cause": "The supplier is late.",
            "id_consequence": "Staff wait five more weeks.",
            "id_actions-0-text": "Weekly call with the supplier",
            "id_actions-0-owner": f"{code} local owner",
            "id_actions-0-due_date_day": "30",
            "id_actions-0-due_date_month": "11",
            "id_actions-0-due_date_year": "2016",
            "id_delivery_impact": "Patients: none.",
            "id_recovery_date_day": "20",
            "id_recovery_date_month": "12",
            "id_recovery_date_year": "2016",
        },
    )
    press(page, "Submit to ELT")

    expect(page.get_by_role("main")).to_contain_text("Submitted")
    report.refresh_from_db()
    assert report.state == ExceptionState.SUBMITTED
    assert report.cause == "The supplier is late."


def decide_a_change_request(programme: Programme, open_as) -> None:
    checked = ChangeRequest.objects.filter(programme=programme, state=ChangeRequestState.CHECKED)
    request = checked.exclude(milestone=None).first()
    page = open_as("elt", request.get_absolute_url())

    tab_to(page, "id_outcome_0")
    page.keyboard.press("Space")
    press(page, "Record decision")

    expect(page.get_by_role("main")).to_contain_text("is approved")
    request.refresh_from_db()
    assert request.state == ChangeRequestState.APPROVED


def sign_off_and_issue(programme: Programme, open_as) -> None:
    month = programme.months.get(month="2016-10-01")
    # Whatever the schedule owes is done first, as the packs must be there.
    run_due()

    press(open_as("elt", month.get_absolute_url()), "Sign off")
    page = open_as("pmo", month.get_absolute_url())
    press(page, "Issue")

    expect(page.get_by_role("main")).to_contain_text("is issued")
    month.refresh_from_db()
    assert month.state == MonthState.ISSUED
