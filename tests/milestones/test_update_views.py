from datetime import UTC, date, datetime

from milestones.models import MilestoneUpdate
from tests.factories.workstreams import ReportingMonthFactory
from tests.milestones.answers import update_data, url

TODAY = date(2016, 3, 14)


def test_an_update_is_saved_and_the_consequence_said(client_of, milestone, local_owner):
    answers = update_data(
        milestone, forecast_date=date(2016, 6, 4), owner_view="at_risk", narrative="Late."
    )

    response = client_of(local_owner).post(url("milestone_update", milestone), answers, follow=True)

    assert response.redirect_chain == [(milestone.get_absolute_url(), 302)]
    assert "Saved. It is now 35 days late: At risk." in response.content.decode()
    milestone.refresh_from_db()
    update = milestone.updates.get()
    assert milestone.forecast_date == date(2016, 6, 4)
    assert (update.owner_view, update.narrative) == ("at_risk", "Late.")
    assert (update.made_by, update.made_date) == (local_owner, TODAY)


def test_the_update_form_starts_from_the_last_update(client_of, milestone, local_owner):
    browser = client_of(local_owner)
    answers = update_data(milestone, forecast_date=date(2016, 6, 4), narrative="Supplier late.")
    browser.post(url("milestone_update", milestone), answers)

    form = browser.get(url("milestone_update", milestone)).context["form"]

    assert form["forecast_date"].value() == date(2016, 6, 4)
    assert form["narrative"].value() == "Supplier late."
    assert form["version"].value() == 2


def test_a_wrong_answer_stays_in_the_form_with_a_message_at_its_field(
    client_of, milestone, local_owner
):
    answers = update_data(milestone, narrative="Do not lose me") | {
        "forecast_date_day": "31",
        "forecast_date_month": "2",
        "forecast_date_year": "2016",
    }

    response = client_of(local_owner).post(url("milestone_update", milestone), answers)

    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert '<a href="#id_forecast_date_day">Forecast date must be a real date</a>' in page
    assert "Do not lose me" in page
    assert not milestone.updates.exists()


def test_a_rule_of_the_service_stands_at_its_field_too(client_of, milestone, local_owner):
    answers = update_data(milestone, status="complete", completed_date=date(2016, 3, 15))

    response = client_of(local_owner).post(url("milestone_update", milestone), answers)

    assert response.status_code == 422
    assert response.context["form"].errors == {
        "completed_date": ["Completed date must be today, 14 March 2016, or in the past"],
        "no_evidence_reason": ["Add evidence before you complete it, or say why there is none"],
    }


def test_each_month_begins_with_words_of_its_own(milestone, local_owner, client_of, programme):
    last_month = ReportingMonthFactory(programme=programme, month=date(2016, 2, 1))
    MilestoneUpdate.objects.create(
        milestone=milestone,
        month=last_month,
        status=milestone.status,
        owner_view="on_track",
        narrative="Steady so far",
        made_by=local_owner,
        made_date=date(2016, 2, 29),
        made_at=datetime(2016, 2, 29, tzinfo=UTC),
    )
    last_month.state = "frozen"
    last_month.save()

    response = client_of(local_owner).get(url("milestone_update", milestone))

    form = response.context["form"]
    assert (form["owner_view"].value(), form["narrative"].value()) == ("", "")
    assert "Update for March 2016" in response.content.decode()
