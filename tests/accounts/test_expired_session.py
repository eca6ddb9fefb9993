"""A form sent after the session has ended comes back, once, after signing in again."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import typed_again
from governance.models import ExceptionReport
from tests.factories.accounts import PASSWORD
from tests.factories.governance import ExceptionReportFactory
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import ProgrammeFactory, ProjectFactory

BANNER = "You were signed out before this was saved. Check it and save again."


@pytest.fixture
def milestone(workstream, local_owner):
    project = ProjectFactory(workstream=workstream)
    return BaselinedMilestoneFactory(project=project, local_owner=local_owner)


@pytest.fixture
def page(milestone):
    return reverse("milestones:milestone_update", args=["las-2016", milestone.reference])


@pytest.fixture
def browser():
    """A browser in which nobody is signed in (any more)."""
    return Client()


def answers(**changed):
    return {
        "version": "1",
        "month_shown": "2016-03",
        "status": "not_started",
        "forecast_date_day": "31",
        "forecast_date_month": "Febr",
        "forecast_date_year": "2016",
        "completed_date_day": "",
        "completed_date_month": "",
        "completed_date_year": "",
        "no_evidence_reason": "",
        "owner_view": "delayed",
        "narrative": "An hour's work <b>&",
    } | changed


def sign_in(browser, person, asked):
    """Sign in on the page that the refused form led to; give the page that follows."""
    return browser.post(asked.url, {"login": person.email, "password": PASSWORD}, follow=True)


def kept_data(browser):
    return browser.session.get(typed_again.SESSION_KEY)


def set_kept(browser, **changed):
    session = browser.session
    session[typed_again.SESSION_KEY] |= changed
    session.save()


def test_the_typed_form_comes_back_after_signing_in(browser, page, local_owner, milestone):
    asked = browser.post(page, answers())
    back = sign_in(browser, local_owner, asked)

    assert asked.url == f"{reverse('account_login')}?next={page}"
    assert back.redirect_chain[-1][0] == page
    text = back.content.decode()
    assert BANNER in text
    assert "An hour&#x27;s work &lt;b&gt;&amp;" in text
    assert 'value="Febr"' in text
    form = back.context["form"]
    assert (form["status"].value(), form["owner_view"].value()) == ("not_started", "delayed")
    assert form["version"].value() == "1"
    assert not milestone.updates.exists()


def test_what_came_back_can_be_saved(browser, page, local_owner, milestone):
    asked = browser.post(page, answers(forecast_date_month="1", forecast_date_year="2017"))
    form = sign_in(browser, local_owner, asked).context["form"]

    fields = answers(forecast_date_month="1", forecast_date_year="2017")
    saved = browser.post(page, fields | {"version": form["version"].value()})

    assert saved.status_code == 302
    assert milestone.updates.get().narrative == "An hour's work <b>&"


def test_the_sign_in_page_says_that_the_text_comes_back(browser, page):
    asked = browser.post(page, answers(), follow=True)

    assert "Log in, and your text comes back." in asked.content.decode()


def test_it_comes_back_once(browser, page, local_owner):
    sign_in(browser, local_owner, browser.post(page, answers()))

    again = browser.get(page)

    assert again.context["form"]["narrative"].value() == ""
    assert BANNER not in again.content.decode()


def test_it_comes_back_on_its_own_page_alone(browser, page, local_owner, milestone):
    other = MilestoneFactory(project=milestone.project, local_owner=local_owner)
    asked = browser.post(page, answers())
    browser.post(asked.url.split("?")[0], {"login": local_owner.email, "password": PASSWORD})

    elsewhere = browser.get(page.replace(milestone.reference, other.reference))

    assert elsewhere.context["form"]["narrative"].value() == ""
    assert BANNER not in elsewhere.content.decode()
    assert browser.get(page).context["form"]["narrative"].value() == "An hour's work <b>&"


def test_it_is_gone_after_an_hour(browser, page, local_owner):
    asked = browser.post(page, answers())
    set_kept(browser, until=timezone.now().timestamp() - 1)

    back = sign_in(browser, local_owner, asked)

    assert back.context["form"]["narrative"].value() == ""
    assert kept_data(browser) is None


def test_the_session_of_nobody_lives_an_hour_and_the_next_one_as_usual(browser, page, local_owner):
    asked = browser.post(page, answers())
    of_nobody = Session.objects.get()
    sign_in(browser, local_owner, asked)

    assert of_nobody.expire_date - timezone.now() <= timedelta(hours=1)
    assert browser.session.get_expire_at_browser_close()
    assert not Session.objects.filter(pk=of_nobody.pk).exists()


@pytest.mark.parametrize("who", ["stranger", "auditor"])
def test_who_may_not_see_the_page_sees_nothing_and_ends_it(
    browser, page, member, auditor, local_owner, who
):
    stranger = member("local_owner", programme=ProgrammeFactory(slug="other-trust"))
    person = {"stranger": stranger, "auditor": auditor}[who]

    refused = sign_in(browser, person, browser.post(page, answers()))

    assert refused.status_code == {"stranger": 404, "auditor": 403}[who]
    assert "hour&#x27;s work" not in refused.content.decode()
    assert BANNER not in refused.content.decode()
    assert kept_data(browser) is None


def test_files_passwords_and_the_token_are_not_kept(browser, page):
    fields = answers(new_password="secret", csrfmiddlewaretoken="token")

    browser.post(page, fields | {"file": SimpleUploadedFile("notes.txt", b"Notes")})

    assert kept_data(browser)["data"].keys() == answers().keys()


def test_too_much_text_is_not_kept_and_the_page_says_so(browser, page):
    asked = browser.post(page, answers(narrative="x" * typed_again.LARGEST), follow=True)

    assert "The text is too long to keep" in asked.content.decode()
    assert kept_data(browser) is None


@pytest.mark.parametrize("path", ["/", "/accounts/password/change/"])
def test_only_pages_of_a_programme_keep_what_is_sent(browser, db, path):
    browser.post(path, answers())

    assert kept_data(browser) is None


def test_a_form_without_its_token_is_refused_and_signed_out_nothing_is_kept(page):
    browser = Client(enforce_csrf_checks=True)

    refused = browser.post(page, answers())

    assert refused.status_code == 403
    assert kept_data(browser) is None


def test_a_form_with_an_old_token_is_refused_and_leads_back_to_the_text(
    client_of, page, local_owner
):
    browser = client_of(local_owner)
    browser.handler.enforce_csrf_checks = True

    refused = browser.post(page, answers(), headers={"referer": f"http://testserver{page}"})

    assert refused.status_code == 403
    text = refused.content.decode()
    assert "Nothing has been saved." in text
    assert f'href="{page}"' in text
    assert browser.get(page).context["form"]["narrative"].value() == "An hour's work <b>&"


@pytest.mark.parametrize("referer", ["", "https://evil.example/las-2016/"])
def test_another_site_puts_no_words_into_our_forms(client_of, page, local_owner, referer):
    browser = client_of(local_owner)
    browser.handler.enforce_csrf_checks = True

    refused = browser.post(page, answers(), headers={"referer": referer})

    assert refused.status_code == 403
    assert "press its Back button" in refused.content.decode()
    assert browser.get(page).context["form"]["narrative"].value() == ""


def test_an_indicators_value_comes_back(browser, workstream, local_owner):
    indicator = IndicatorFactory(workstream=workstream, local_owner=local_owner)
    page = f"{indicator.get_absolute_url()}record/"
    fields = {"month": "2016-01", "value": "1,2O4", "correction_reason": "", "version": "0"}

    form = sign_in(browser, local_owner, browser.post(page, fields)).context["form"]

    assert {name: form[name].value() for name in fields} == fields


def test_an_exception_report_comes_back_with_all_its_rows(browser, milestone, local_owner):
    ExceptionReportFactory(milestone=milestone, number=4)
    page = reverse("governance:exception_report", args=["las-2016", 4])
    rows = {"actions-TOTAL_FORMS": "5", "actions-INITIAL_FORMS": "0"}
    for number in range(5):
        rows |= {
            f"actions-{number}-id": "",
            f"actions-{number}-text": f"Action {number}",
            f"actions-{number}-owner": str(local_owner.pk),
            f"actions-{number}-due_date_day": "31",
            f"actions-{number}-due_date_month": "",
            f"actions-{number}-due_date_year": "",
        }
    words = {"version": "1", "cause": "Late", "consequence": "Paper", "delivery_impact": "None"}
    words |= {"options": "Wait", "risk": ""}
    date_parts = {f"recovery_date_{part}": "4" for part in ("day", "month", "year")}

    back = sign_in(browser, local_owner, browser.post(page, rows | words | date_parts))

    assert back.context["form"]["cause"].value() == "Late"
    typed = [row["text"].value() for row in back.context["formset"]]
    assert typed == [f"Action {number}" for number in range(5)]
    assert not ExceptionReport.objects.get().cause


def test_a_change_request_comes_back_at_its_milestone(browser, milestone, local_owner):
    page = reverse("governance:change_request_create", args=["las-2016"])
    page += f"?milestone={milestone.reference}"
    fields = {
        "version": "1",
        "planned_date_day": "5",
        "planned_date_month": "",
        "planned_date_year": "",
        "precision": "month",
        "title": milestone.title,
        "scope": "",
        "reason": "Supplier",
        "delivery_impact": "",
    }

    back = sign_in(browser, local_owner, browser.post(page, fields))

    assert back.redirect_chain[-1][0] == page
    form = back.context["form"]
    assert form["reason"].value() == "Supplier"
    assert form["precision"].value() == "month"


def test_a_form_that_stands_on_another_page_comes_back_there(browser, programme, pmo_administrator):
    settings_page = reverse("reports:settings", args=["las-2016"])
    fields = {"email": "new@las.example", "full_name": "New Person", "role": "auditor"}

    asked = browser.post(
        reverse("reports:member_add", args=["las-2016"]),
        fields,
        headers={"referer": f"http://testserver{settings_page}"},
    )
    back = sign_in(browser, pmo_administrator, asked)

    assert back.redirect_chain[-1][0] == settings_page
    form = back.context["member_form"]
    assert {name: form[name].value() for name in fields} == fields
    assert back.context["recipient_form"]["email"].value() is None
    tolerance = back.context["figures_form"]["tolerance_days"].value()
    assert tolerance == programme.tolerance_days
    assert BANNER in back.content.decode()


def test_htmx_is_led_to_the_sign_in_and_back_to_the_page_of_the_row(browser, page, local_owner):
    asked = browser.post(
        page,
        answers(),
        headers={"hx-request": "true", "hx-current-url": "http://testserver/las-2016/?a=1"},
    )

    assert asked.status_code == 200
    assert asked.headers["HX-Redirect"].endswith("?next=/las-2016/%3Fa%3D1")
    assert kept_data(browser)["path"] == "/las-2016/"
