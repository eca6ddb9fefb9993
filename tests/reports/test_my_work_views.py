import re
from datetime import date
from decimal import Decimal

import pytest

from milestones.models import MilestoneStatus, MilestoneUpdate
from tests.factories.metrics import MeasurementFactory
from tests.reports.my_work_answers import address, answers, said_by, work_of
from workstreams.models import Role

JUNE = date(2016, 6, 4)


def test_still_on_track_keeps_the_dates_and_says_so(owned, owner, local_owner):
    milestone = owned(forecast_date=date(2016, 4, 20), status=MilestoneStatus.NOT_STARTED)

    response = owner.post(address("my_work_on_track"), {"item": f"{milestone.reference}:1"})

    update = MilestoneUpdate.objects.get(milestone=milestone)
    anchor = f"milestone-{milestone.pk}"
    assert response["Location"] == f"{address('my_work')}?at={anchor}#{anchor}"
    assert update.status == MilestoneStatus.IN_PROGRESS
    assert update.forecast_date == date(2016, 4, 20)
    assert update.narrative == "Still on track for 20 April 2016."
    assert update.made_by == local_owner


def test_pressed_twice_it_is_said_once(owned, owner):
    milestone = owned()
    item = {"item": f"{milestone.reference}:1"}

    owner.post(address("my_work_on_track"), item)
    response = owner.post(address("my_work_on_track"), item)

    assert response.status_code == 302
    assert MilestoneUpdate.objects.count() == 1


def test_what_is_not_on_track_is_refused_beside_what_is_saved(owned, owner):
    fine = owned()
    late = owned(forecast_date=JUNE)
    items = [f"{fine.reference}:1", f"{late.reference}:1", "no such:1", "nonsense"]

    response = owner.post(address("my_work_on_track"), {"item": items})

    assert response.status_code == 409
    assert "1 of 2 saved as still on track." in response.content.decode()
    assert "Not saved: It is late." in response.content.decode()
    assert [update.milestone for update in MilestoneUpdate.objects.all()] == [fine]


def test_still_on_track_on_an_old_page_is_asked_again(owned, owner, pmo_officer):
    milestone = owned()
    said_by(milestone, pmo_officer, forecast_date=date(2016, 4, 25))

    response = owner.post(address("my_work_on_track"), {"item": f"{milestone.reference}:1"})

    assert response.status_code == 409
    assert "somebody changed it meanwhile" in response.content.decode()
    assert MilestoneUpdate.objects.count() == 1


def test_nobody_confirms_a_milestone_of_somebody_else(owned, member, client_of):
    milestone = owned()
    stranger = client_of(member(Role.LOCAL_OWNER))

    response = stranger.post(address("my_work_on_track"), {"item": f"{milestone.reference}:1"})

    assert response.status_code == 403
    assert not MilestoneUpdate.objects.exists()


def test_a_saved_row_tells_when_and_by_how_many_days_the_forecast_moved(
    programme, owned, owner, local_owner
):
    milestone = owned(forecast_date=date(2016, 4, 20))

    owner.post(
        address("my_work_save", milestone.reference),
        answers(milestone, forecast_date=JUNE, narrative="The supplier is late."),
    )

    row = work_of(local_owner, programme).own.milestones[0]
    page = owner.get(address("my_work")).content.decode()
    assert row.is_updated
    assert row.moved_days == 45
    assert "Forecast moved +45\N{NO-BREAK SPACE}days" in page
    assert "1 of 1 updated for March 2016" in page


def test_a_completed_milestone_stays_on_the_page_for_the_month(
    programme, owned, owner, local_owner
):
    milestone = owned()
    done = {"completed_date_day": 10, "completed_date_month": 3, "completed_date_year": 2016}

    owner.post(
        address("my_work_save", milestone.reference),
        answers(milestone, status="complete", no_evidence_reason="On paper", **done),
    )

    work = work_of(local_owner, programme)
    assert [row.word for row in work.own.milestones] == ["Complete"]
    assert work.lead == "Everything due by 5 April 2016 is saved."


def test_what_is_wrong_stands_at_the_row_with_what_was_typed(owned, owner):
    milestone = owned()

    response = owner.post(
        address("my_work_save", milestone.reference),
        answers(milestone, forecast_date_day="31", forecast_date_month="2", narrative="Typed"),
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: My work" in page
    assert f'href="#milestone-{milestone.pk}-forecast_date_day"' in page
    assert "Typed</textarea>" in page
    assert not MilestoneUpdate.objects.exists()


def test_two_who_changed_the_same_field_see_both_values(owned, owner, pmo_officer):
    milestone = owned()
    seen = answers(milestone, forecast_date=date(2016, 4, 10), narrative="Mine")
    said_by(milestone, pmo_officer, forecast_date=date(2016, 4, 25))

    response = owner.post(address("my_work_save", milestone.reference), seen)
    again = owner.post(address("my_work_save", milestone.reference), seen | {"version": 2})

    page = response.content.decode()
    milestone.refresh_from_db()
    assert response.status_code == 409
    assert "25 Apr 2016" in page
    assert 'name="forecast_date_day" value="10"' in page
    assert f'name="version" value="{2}"' in page
    assert "Mine</textarea>" in page
    assert again.status_code == 302
    assert milestone.forecast_date == date(2016, 4, 10)


def test_htmx_gets_the_row_and_the_sums_alone(owned, owner):
    milestone = owned()

    response = owner.post(
        address("my_work_on_track"),
        {"item": f"{milestone.reference}:1"},
        headers={"HX-Request": "true"},
    )

    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    assert f'id="milestone-{milestone.pk}" hx-swap-oob="true"' in page
    assert "Everything due by 5 April 2016 is saved." in page
    assert f"{milestone.reference} saved" in page


def test_the_address_of_a_row_shows_its_form_again(owned, owner):
    milestone = owned()

    response = owner.get(address("my_work_save", milestone.reference))

    assert response.status_code == 200
    assert '<details class="qip-work__more" open>' in response.content.decode()


def test_a_measurement_is_saved_from_its_row(programme, indicator, owner, local_owner):
    url = address("my_work_measure", "WS2-I1")

    response = owner.post(url, {"month": "2016-02", "value": "88%"})

    saved = indicator.measurements.get()
    assert response.status_code == 302
    assert (saved.month, saved.value, saved.recorded_by) == (
        date(2016, 2, 1),
        Decimal(88),
        local_owner,
    )
    assert not work_of(local_owner, programme).own.measurements_due


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"value": "eighty"}, "Enter a number, like 88 or 1,240.5"),
        ({"value": "101"}, "Enter a per cent between 0 and 100"),
        ({"value": "88", "month": "2016-01"}, "Another month is due now"),
    ],
)
def test_a_wrong_value_stays_in_its_row_with_the_reason(indicator, owner, typed, message):
    response = owner.post(address("my_work_measure", "WS2-I1"), {"month": "2016-02"} | typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert f'value="{typed["value"]}"' in page
    assert not indicator.measurements.exists()


def test_a_value_that_somebody_else_entered_first_is_shown_beside_mine(indicator, owner):
    MeasurementFactory(indicator=indicator, value=Decimal(93))

    response = owner.post(address("my_work_measure", "WS2-I1"), {"month": "2016-02", "value": "88"})

    page = response.content.decode()
    assert response.status_code == 409
    assert "Stored now: <strong>93%</strong>. You typed: <strong>88%</strong>." in page
    assert indicator.measurements.get().value == 93


@pytest.mark.parametrize("is_known", [False, True])
def test_the_month_under_way_is_one_press_from_its_row(indicator, owner, is_known):
    if is_known:
        MeasurementFactory(indicator=indicator, month=date(2016, 3, 1), value=93)

    page = owner.get(address("my_work")).content.decode()
    (link,) = re.findall(r'href="([^"]*[?]month=2016-03)"', page)
    form = owner.get(link).context["form"]

    word = "Correct" if is_known else "Enter"
    assert f"{word} the value for March 2016<span" in page
    assert form["month"].value() == "2016-03"
