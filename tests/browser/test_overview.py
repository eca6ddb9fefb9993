"""What only a browser can show of the overview and the search: paper, and a key."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.test_pages import DESKTOP, NARROWEST, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Averyveryverylongwordwithoutanyplacetobreak " * 6


def sheets(page):
    """The width in millimetres of each sheet of paper that a page prints on."""
    paper = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([0-9.]+)", paper)
    assert len(boxes) == len(re.findall(rb"/Type\s*/Page\b", paper))
    return [round(float(width) / 72 * 25.4) for width in boxes]


def test_the_overview_is_one_sheet_of_paper_whatever_the_plan_is_called_and_however_much_changed(
    demonstration,
    live_server,
    browser_page,
):
    for milestone in demonstration.milestones.open().filter(forecast_date__isnull=False)[:12]:
        milestone.forecast_date += timedelta(days=40)
        milestone.save()
    for milestone in demonstration.milestones.filter(planned_date__year=2016):
        milestone.title = LONG
        milestone.save()
    for workstream in demonstration.workstreams.all():
        for project in workstream.projects.all():
            project.name = LONG[:200]
            project.save()
    page = browser_page(viewport=DESKTOP)
    sign_in(page, live_server.url, "elt")

    page.goto(live_server.url + reverse("reports:dashboard", args=["las-2016"]))

    expect(page.locator("[aria-labelledby=changes]")).to_contain_text("more")
    assert sheets(page) == [210]


@pytest.mark.parametrize(
    ("address", "width"),
    [("work-streams/WS1/", 210), ("projects/WS1-P2/", 210), ("timeline/", 420)],
)
def test_pages_to_run_a_meeting_from_print_on_a4_and_the_timeline_on_a3(
    demonstration, live_server, browser_page, address, width
):
    page = browser_page(viewport=DESKTOP)
    sign_in(page, live_server.url, "elt")

    page.goto(f"{live_server.url}/las-2016/{address}")

    assert set(sheets(page)) == {width}


def test_the_key_leads_to_the_search_box_until_it_is_turned_off(
    demonstration,
    live_server,
    browser_page,
):
    page = browser_page(viewport=DESKTOP)
    sign_in(page, live_server.url, "elt")
    # The key is heard once the page's scripts have run.
    page.wait_for_load_state()
    box = page.locator("#site-search")

    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("training 1/2")
    expect(box).to_have_value("training 1/2")
    box.fill("training")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Milestones")).to_be_visible()

    page.get_by_role("checkbox", name="The key").uncheck()
    page.reload()
    page.keyboard.press("/")
    expect(box).not_to_be_focused()
    expect(page.get_by_role("checkbox", name="The key")).not_to_be_checked()


def test_a_search_works_without_scripts_on_the_narrowest_screen(
    demonstration,
    live_server,
    browser_page,
):
    page = browser_page(viewport=NARROWEST, java_script_enabled=False)
    sign_in(page, live_server.url, "auditor")

    page.locator("#site-search").fill("WS2-P3")
    page.locator("#site-search").press("Enter")

    expect(page.get_by_role("link", name=re.compile("^WS2-P3 "))).to_be_visible()
    expect(page.get_by_text("The key", exact=False)).to_have_count(1)
    expect(page.get_by_role("checkbox")).to_have_count(0)
