"""What only a browser can show of the overview and the search: paper, and a key."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.test_pages import DESKTOP, NARROWEST, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Averyveryverylongwordwithoutanyplacetobreak " * 6


def test_the_overview_is_one_sheet_of_paper_whatever_the_plan_is_called(
    demonstration,
    live_server,
    browser_page,
):
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
    paper = page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


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
