"""Nothing that anybody typed is lost: two people on one milestone, and a session that has ended."""

import os
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from milestones.models import MilestoneStatus
from milestones.services import Position, record_update
from tests.factories.accounts import PASSWORD
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import ProjectFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESKTOP, PHONE = (1280, 900), (375, 700)


@pytest.fixture
def milestone(workstream, local_owner):
    project = ProjectFactory(workstream=workstream)
    return BaselinedMilestoneFactory(project=project, local_owner=local_owner)


@pytest.fixture
def address(live_server, milestone):
    path = reverse("milestones:milestone_update", args=["las-2016", milestone.reference])
    return live_server.url + path


def log_in(page, person):
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def type_date(page, day, month, year):
    for part, text in [("day", day), ("month", month), ("year", year)]:
        page.locator(f"#id_forecast_date_{part}").fill(text)


def keep_picture(page, name):
    """Keep a picture of the page where PICTURES names a folder, to be looked at."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("viewport", "scripts"), [(DESKTOP, True), (PHONE, True), (PHONE, False)])
def test_who_saves_second_sees_both_values_and_saves_again(
    browser_page, axe_violations, address, milestone, local_owner, pmo_officer, viewport, scripts
):
    page = browser_page(viewport=viewport, java_script_enabled=scripts)
    page.goto(address)
    log_in(page, local_owner)
    record_update(
        milestone_id=milestone.pk,
        by=pmo_officer,
        seen_version=1,
        position=Position(
            status=MilestoneStatus.IN_PROGRESS,
            forecast_date=date(2016, 5, 20),
            narrative="The supplier says the end of May.\n\nTraining is booked.",
            owner_view="delayed",
        ),
    )

    type_date(page, "4", "6", "2016")
    page.get_by_label("What happened this month?").fill("The supplier says early June.")
    page.get_by_role("button", name="Save update").click()

    summary = page.locator(".nhsuk-error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("PMO officer changed Forecast date: “20 May 2016”")
    expect(page.locator("#id_forecast_date_day")).to_have_value("4")
    expect(page.get_by_label("What happened this month?")).to_have_value(
        "The supplier says early June."
    )
    keep_picture(page, f"conflict_{viewport[0]}_{'scripts' if scripts else 'plain'}")
    assert not scripts or axe_violations(page) == []
    assert page.title().startswith("Error: ")
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("main")).to_contain_text("Saved.")
    last = milestone.updates.last()
    assert (last.forecast_date, last.owner_view) == (date(2016, 6, 4), "delayed")
    assert last.narrative == "The supplier says early June."


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_what_was_typed_when_the_session_ended_comes_back_after_logging_in(
    browser_page, axe_violations, address, milestone, local_owner, viewport
):
    page = browser_page(viewport=viewport)
    page.goto(address)
    log_in(page, local_owner)
    type_date(page, "4", "June", "2016")
    page.get_by_label("What happened this month?").fill("An hour's work.")

    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save update").click()
    keep_picture(page, f"signed_out_{viewport[0]}")
    log_in(page, local_owner)

    expect(page.get_by_role("main")).to_contain_text(
        "You were signed out before this was saved. Check it and save again."
    )
    expect(page.locator("#id_forecast_date_month")).to_have_value("June")
    expect(page.get_by_label("What happened this month?")).to_have_value("An hour's work.")
    keep_picture(page, f"came_back_{viewport[0]}")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("main")).to_contain_text("Saved.")
    assert milestone.updates.get().narrative == "An hour's work."


def test_what_was_typed_comes_back_after_logging_in_again_in_another_tab(
    browser_page, address, milestone, local_owner
):
    page = browser_page()
    page.goto(address)
    log_in(page, local_owner)
    page.get_by_label("What happened this month?").fill("An hour's work.")

    page.context.clear_cookies(name="sessionid")
    other_tab = page.context.new_page()
    other_tab.goto(address)
    log_in(other_tab, local_owner)
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("main")).to_contain_text("Nothing has been saved.")
    keep_picture(page, "old_token")
    page.get_by_role("link", name="Open the form again with your text").click()

    expect(page.get_by_label("What happened this month?")).to_have_value("An hour's work.")
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("main")).to_contain_text("Saved.")
    assert milestone.updates.get().narrative == "An hour's work."
