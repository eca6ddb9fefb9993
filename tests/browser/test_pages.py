"""Every page of the demonstration, opened as the people who use it: nothing breaks WCAG 2.2 AA."""

from collections.abc import Collection

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from governance.models import (
    ChangeRequest,
    ChangeRequestState,
    CqcStep,
    ExceptionReport,
    ExceptionState,
    Meeting,
    RemedialAction,
)
from metrics.models import Indicator
from milestones.models import Milestone
from reports.models import Delivery
from tests.demonstration import PASSWORD
from workstreams.models import Programme

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SUBJECTS = ("milestone", "indicator", "project")
# One of each role.
EVERYBODY = ("pmo-admin", "pmo", "lead-ws1", "owner-ws1", "elt", "auditor", "cqrg")
DESKTOP, PHONE, NARROWEST = (1280, 900), (375, 700), (320, 600)


def pages_by_person(programme: Programme) -> dict[str, list[str]]:
    """The addresses to open, each by somebody who may do all that the page offers."""

    def at(name, *keys):
        return reverse(name, args=[programme.slug, *keys])

    requests = ChangeRequest.objects.filter(programme=programme)
    reports = ExceptionReport.objects.filter(programme=programme)
    draft = reports.filter(state=ExceptionState.DRAFT, milestone=None).first()
    submitted = reports.filter(state=ExceptionState.SUBMITTED).first()
    accepted = reports.filter(state=ExceptionState.ACCEPTED).first()
    checked = requests.filter(state=ChangeRequestState.CHECKED).first()
    # One for a milestone, one for an indicator and one for a new milestone.
    kinds = [requests.exclude(**{kind: None}).last().number for kind in SUBJECTS]
    free = Milestone.objects.filter(programme=programme, change_requests=None).open()
    free = free.filter(baseline_date__isnull=False).first()
    agreed = Indicator.objects.filter(programme=programme, change_requests=None)
    agreed = agreed.filter(trajectory_versions__number=1).first()
    ask = at("governance:change_request_create")
    returned = requests.filter(state=ChangeRequestState.RETURNED).first()
    unfinished = RemedialAction.objects.of_programme(programme).open().first()
    meetings = Meeting.objects.filter(programme=programme)
    open_meeting = meetings.filter(kind="qig").newest_first().last()
    closed_meeting = meetings.exclude(closed_date=None).newest_first().first()
    next_elt = meetings.filter(kind="elt", closed_date=None).newest_first().first()
    todays_elt = meetings.filter(kind="elt", closed_date=None).newest_first().last()
    undated = Milestone.objects.filter(programme=programme, planned_date=None).open().first()
    own = Milestone.objects.filter(programme=programme, project__code="WS1-P2").open().first()
    late = reports.exclude(milestone=None).open().first().milestone
    complete = Milestone.objects.filter(programme=programme, status="complete")
    unassured = complete.filter(assurances=None).first()
    october = Delivery.objects.filter(pack__snapshot__month__month="2016-10-01")
    delivery = october.filter(pack__snapshot__month__programme=programme).first()
    return {
        "pmo-admin": [
            at("reports:dashboard"),
            at("reports:dashboard") + "?as-at=2016-09-30",
            at("reports:role_home"),
            at("reports:tour"),
            at("reports:data_quality"),
            at("reports:search"),
            at("reports:search") + "?q=training",
            at("reports:search") + "?q=x",
            at("reports:workstream_detail", "WS1") + "?as-at=2016-09-30",
            at("reports:my_work"),
            at("reports:definitions"),
            at("reports:plan"),
            at("reports:workstream_detail", "WS2"),
            at("reports:project_detail", "WS2-P3"),
            at("reports:cqc_action_list"),
            at("reports:cqc_action_list") + "?gap=below&state=open",
            at("reports:cqc_action_detail", "WS5-M1a"),
            at("reports:cqc_action_detail", cqc_action(programme, "claimed")),
            at("reports:trace"),
            at("reports:trace") + "?text=nothing",
            at("reports:trace_detail", "milestone", late.reference),
            at("reports:trace_detail", "indicator", "WS1-I6"),
            at("reports:trace_detail", "pack", "2016-10-v1-elt"),
            at("reports:month_list"),
            at("reports:month_detail", reports_month(programme, "2016-10")),
            at("reports:month_detail", reports_month(programme, "2016-11")),
            at("reports:delivery_detail", reports_month(programme, "2016-10"), delivery.pk),
            at("reports:commentary_edit", reports_month(programme, "2016-10"), "summary"),
            at("reports:settings"),
            at("reports:journal"),
            at("milestones:milestone_list"),
            at("milestones:milestone_list") + "?rating=at_risk&rating=delayed&sort=late",
            at("milestones:milestone_list") + "?workstream=WS99",
            at("milestones:milestone_list") + "?columns=late&columns=updated&rating=delayed"
            f"&rating=at_risk&edit={late.reference}",
            at("milestones:bulk_change") + "?all=1&rating=at_risk",
            at("milestones:bulk_change"),
            at("milestones:timeline"),
            at("milestones:timeline") + "?lines=projects&from=2016-04&to=2016-03",
            at("milestones:timeline") + "?lines=projects&from=2016-04",
            at("milestones:milestone_detail", undated.reference),
            at("milestones:milestone_edit", undated.reference),
            at("milestones:baselines"),
            at("milestones:dependency_conflicts"),
            at("milestones:dependency_add", undated.reference),
            at("milestones:sub_task_add", undated.reference),
            at("milestones:milestone_detail", late.reference),
            at("milestones:milestone_update", late.reference),
            at("milestones:evidence_add", late.reference),
            at("milestones:milestone_assure", unassured.reference),
            at("metrics:indicator_list"),
            at("metrics:indicator_list") + "?show=charts",
            at("metrics:indicator_detail", "WS1-I6"),
            at("metrics:indicator_detail", "WS3-I4"),
            at("metrics:indicator_detail", "WS4-I3"),
            at("metrics:measurement_record", "WS1-I6"),
            at("metrics:value_grid", "WS1"),
            at("metrics:value_import"),
            at("metrics:rebase_create", "WS1-I6"),
            at("metrics:indicator_edit", "WS1-I6"),
            at("metrics:trajectory_edit", "WS1-I6"),
            at("metrics:annotation_create", "WS1-I6"),
            at("governance:exception_list"),
            at("governance:exception_detail", draft.number),
            at("governance:exception_report", draft.number),
            at("governance:remedial_action_list"),
            at("governance:remedial_action_list") + "?state=nonsense",
            at("governance:remedial_action_move", unfinished.pk),
            at("governance:change_request_list"),
            at("governance:change_request_edit", returned.number),
            *(at("governance:change_request_detail", number) for number in kinds),
            ask,
            f"{ask}?milestone={free.reference}",
            f"{ask}?indicator={agreed.reference}",
            f"{ask}?project=WS2-P3",
            at("governance:decision_queue"),
            at("governance:risk_list"),
            at("governance:risk_list") + "?kind=issue",
            at("governance:risk_list") + "?likelihood=4&impact=4&text=none",
            at("governance:risk_detail", 1),
            at("governance:risk_detail", 5),
            at("governance:risk_create"),
            at("governance:risk_edit", 1),
            at("governance:risk_review", 4),
            at("governance:enabler_list"),
            at("governance:enabler_detail", "E1"),
            at("governance:commitment_detail", 1),
            at("governance:meeting_list"),
            at("governance:meeting_create"),
            at("governance:meeting_detail", next_elt.pk),
            at("governance:meeting_detail", todays_elt.pk),
            at("governance:meeting_detail", open_meeting.pk),
            at("governance:meeting_edit", open_meeting.pk),
            at("governance:meeting_detail", closed_meeting.pk),
            at("governance:meeting_action_edit", todays_elt.actions.get().pk),
            "/las-2016/no-such-page/",
            "/",
        ],
        "elt": [
            at("governance:exception_detail", submitted.number),
            at("governance:exception_decide", submitted.number),
            at("governance:decision_supersede", accepted.decisions.last().pk),
            at("governance:change_request_detail", checked.number),
            at("governance:change_request_decide", checked.number),
            at("reports:settings"),
            at("reports:cqc_action_detail", cqc_action(programme, "submitted")),
            at("reports:cqc_action_detail", cqc_action(programme, "embedded")),
        ],
        "owner-ws5": [at("reports:my_work")],
        "owner-ws1": [at("reports:my_work"), at("reports:my_work_save", own.reference)],
        "lead-ws1": [at("reports:my_work"), at("reports:role_home")],
        "cqrg": [at("reports:month_list"), at("reports:search") + "?q=october"],
    }


def cqc_action(programme, state):
    step = next(each for each in CqcStep.objects.newest_of(programme) if each.state == state)
    return step.cqc_action.reference


def reports_month(programme, text):
    return next(row.month for row in programme.months.all() if str(row) == text)


def sign_in(page, base, mailbox):
    page.goto(f"{base}/accounts/login/")
    page.locator("#id_login").fill(f"{mailbox}@las.example")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def faults_of(page, url, axe_violations, *, known: Collection[int] = ()) -> list[str]:
    """What is wrong with a page: of accessibility, of the console, and scrolling sideways.

    A page that answers with a status in `known` was looked at before.
    """
    said = []
    page.on("console", lambda message: said.append(message.text))
    status = page.goto(url).status
    if status in known:
        return []
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    faults = axe_violations(page) + [
        text for text in said if "404" not in text and "403" not in text
    ]
    return faults + (["scrolls sideways"] if wide > 0 else [])


def test_no_page_breaks_wcag_scrolls_sideways_or_complains_in_the_console(
    demonstration, live_server, browser_page, axe_violations
):
    found = []
    for mailbox, urls in pages_by_person(demonstration).items():
        for viewport in (DESKTOP, PHONE):
            page = browser_page(viewport=viewport)
            sign_in(page, live_server.url, mailbox)
            for url in urls:
                for fault in faults_of(page, live_server.url + url, axe_violations):
                    found.append(f"{mailbox} {viewport[0]} {url}: {fault}")

    assert not found, "\n".join(found)


@pytest.mark.chaos
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
@pytest.mark.parametrize("mailbox", EVERYBODY)
def test_no_page_breaks_wcag_for_any_role(
    demonstration, live_server, browser_page, axe_violations, mailbox, viewport
):
    urls = sorted(set().union(*pages_by_person(demonstration).values()))
    page = browser_page(viewport=viewport)
    sign_in(page, live_server.url, mailbox)

    # The page that says "not allowed", and the one that says "not found", once.
    refusals = ("/las-2016/settings/", "/las-2016/no-such-page/")
    found = {url: faults_of(page, live_server.url + url, axe_violations) for url in refusals}
    for url in urls:
        found[url] = faults_of(page, live_server.url + url, axe_violations, known={403, 404})

    assert not {url: faults for url, faults in found.items() if faults}


def test_the_sign_in_pages_and_a_form_with_errors_keep_to_it_too(
    db, live_server, browser_page, axe_violations
):
    page = browser_page(viewport=NARROWEST)
    found = []
    for url in ("/accounts/login/", "/accounts/password/reset/"):
        found += faults_of(page, live_server.url + url, axe_violations)
        page.get_by_role("main").get_by_role("button").last.click()
        found += axe_violations(page)
        assert page.title().startswith("Error: ")
        assert page.get_by_role("alert").is_visible()

    assert found == []


def test_the_monthly_update_works_without_javascript_and_by_keyboard(
    demonstration, live_server, browser_page
):
    page = browser_page(viewport=NARROWEST, java_script_enabled=False)
    sign_in(page, live_server.url, "owner-ws1")
    milestone = (
        Milestone.objects.filter(project__workstream__code="WS1", programme=demonstration)
        .open()
        .exclude(baseline_date=None)
        .first()
    )
    url = reverse("milestones:milestone_update", args=["las-2016", milestone.reference])

    page.goto(live_server.url + url)
    page.locator("#id_forecast_date_day").focus()
    for part in ("20", "2", "2017"):
        page.keyboard.press("Control+A")
        page.keyboard.type(part)
        page.keyboard.press("Tab")
    page.get_by_role("button", name="Save update").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_contain_text("Saved.")
    milestone.refresh_from_db()
    assert str(milestone.forecast_date) == "2017-02-20"
