"""Twelve milestones updated from My work by keyboard alone, with scripts and without."""

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from milestones.models import MilestoneUpdate
from tests.factories.accounts import PASSWORD
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import ProjectFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = (375, 700)
JUNE = date(2016, 6, 4)


@pytest.fixture
def twelve(workstream, executive_lead, local_owner):
    """Nine milestones on track, three late; and an indicator without its value."""
    project = ProjectFactory(workstream=workstream)
    IndicatorFactory(workstream=workstream, local_owner=local_owner, reference="WS2-I1")
    return [
        MilestoneFactory(
            project=project,
            reference=f"WS2-P3-{number:02}",
            title=f"Step {number}",
            lead_director=executive_lead,
            local_owner=local_owner,
            planned_date=date(2016, 2, 29) if number > 9 else date(2016, 4, number),
            planned_precision="day",
        )
        for number in range(1, 13)
    ]


@pytest.fixture
def open_my_work(browser_page, live_server, local_owner, twelve):
    def open_page(**options):
        page = browser_page(**options)
        page.goto(live_server.url + "/")
        page.get_by_label("E-mail address").fill(local_owner.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="My work")).to_be_visible()
        return page

    return open_page


# What has the focus reads, in one look: between two looks a page may come and go.
FOCUSED_WORDS = """() => {
    const focused = document.activeElement;
    return focused && focused !== document.body ? focused.textContent : "";
}"""


def tab_to(page, words, *, most=120):
    """Press Tab until what has the focus reads so; fails when it never does."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in page.evaluate(FOCUSED_WORDS):
            return
    raise AssertionError(f"Tab never reached “{words}”.")


def type_a_late_forecast(page, milestone):
    """Open the row's form and answer it: forecast 4 June 2016, and why."""
    tab_to(page, f"Update {milestone.reference}")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # status
    for part in ("4", "6", "2016"):
        page.keyboard.press("Tab")
        page.keyboard.press("Control+A")
        page.keyboard.type(part)
    page.keyboard.press("Tab")
    if "narrative" not in str(page.locator(":focus").get_attribute("name")):
        pytest.fail("After the forecast comes what happened.")
    page.keyboard.type("The supplier is late.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def update_all_by_keyboard(page, milestones):
    """Work through the page from its top, as the rows stand: the late ones come first."""
    for milestone in sorted(milestones, key=lambda each: (each.planned_date, each.reference)):
        row = page.locator(f"#milestone-{milestone.pk}")
        if milestone.planned_date < date(2016, 3, 14):
            type_a_late_forecast(page, milestone)
        else:
            tab_to(page, f"Still on track: {milestone.reference}")
            page.keyboard.press("Enter")
        expect(row).to_contain_text("Saved ")
        page.wait_for_load_state()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_twelve_milestones_are_updated_by_keyboard_alone(
    open_my_work, twelve, has_scripts, axe_violations
):
    page = open_my_work(java_script_enabled=has_scripts)
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    lead = page.locator("#work-lead")
    expect(lead).to_have_text("12 milestones and 1 measurement are due by 5 April 2016.")

    update_all_by_keyboard(page, twelve)

    expect(lead).to_have_text("1 measurement is due by 5 April 2016.")
    updates = MilestoneUpdate.objects.order_by("milestone__reference")
    assert len(updates) == 12
    assert [update.forecast_date for update in updates] == [None] * 9 + [JUNE] * 3
    assert updates.first().narrative == "Still on track for 1 April 2016."
    assert faults == []
    if has_scripts:
        assert axe_violations(page) == []


def test_all_that_are_on_track_are_said_so_after_seeing_what_is_said(open_my_work, twelve):
    page = open_my_work(viewport=PHONE)

    page.get_by_text("Still on track for all 9").click()
    expect(page.locator("#work-all li")).to_have_count(9)
    page.get_by_role("button", name="Say this for all 9").click()

    expect(page.locator("#work-said")).to_have_text("9 of 9 saved as still on track.")
    expect(page.locator("#work-count")).to_have_text("9 of 12 updated for March 2016")
    expect(page.locator("#work-count")).to_be_focused()
    assert MilestoneUpdate.objects.count() == 9


def test_what_is_wrong_is_said_at_the_row_and_what_was_typed_elsewhere_stays(
    open_my_work, twelve, axe_violations
):
    page = open_my_work()
    first, second = (page.locator(f"#milestone-{each.pk}") for each in twelve[:2])
    second.get_by_text("Update").click()
    second.get_by_label("What happened this month?").fill("Half a sentence")
    first.get_by_text("Update").click()
    first.get_by_label("Day").first.fill("31")
    first.get_by_label("Month").first.fill("2")
    first.get_by_label("Year").first.fill("2016")

    first.get_by_role("button", name="Save").click()

    expect(first.get_by_role("alert")).to_be_focused()
    expect(first.get_by_role("alert")).to_contain_text("New forecast must be a real date")
    expect(first.get_by_label("Day").first).to_have_value("31")
    expect(second.get_by_label("What happened this month?")).to_have_value("Half a sentence")
    assert axe_violations(page) == []


def test_the_forecast_tells_by_how_many_days_it_moves_and_a_value_is_saved_in_place(
    open_my_work, twelve
):
    page = open_my_work()
    row = page.locator(f"#milestone-{twelve[0].pk}")
    row.get_by_text("Update").click()

    for part, value in (("Day", "11"), ("Month", "April"), ("Year", "2016")):
        row.get_by_label(part).first.fill(value)
    value = page.get_by_label("February 2016")
    value.fill("88%")
    value.press("Enter")

    expect(row.locator("[data-move]")).to_have_text("Moves by +10 days")
    expect(page.locator("#work-said")).to_contain_text("WS2-I1 saved")
    expect(row.get_by_label("Day").first).to_have_value("11")


def test_a_server_that_does_not_answer_costs_no_text(open_my_work, twelve):
    page = open_my_work()
    row = page.locator(f"#milestone-{twelve[0].pk}")
    url = reverse("reports:my_work_save", args=["las-2016", twelve[0].reference])
    page.route(f"**{url}", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    row.get_by_text("Update").click()
    row.get_by_label("What happened this month?").fill("Worth keeping")

    row.get_by_role("button", name="Save").click()

    expect(page.locator("#work-said")).to_contain_text("Not saved")
    expect(row.get_by_label("What happened this month?")).to_have_value("Worth keeping")
