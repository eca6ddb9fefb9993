from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from governance import review
from governance.models import ExceptionReport
from metrics.models import Rebase
from metrics.rating import Direction
from tests.factories.accounts import UserFactory
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory
from workstreams.calendar import next_month, previous_month

FEBRUARY, TODAY = date(2016, 2, 1), date(2016, 3, 14)
CALM = [80, 84] * 6


def record(indicator, values, *, last=FEBRUARY):
    """Values month by month up to the last; None is a gap."""
    month = last
    for value in reversed(values):
        if value is not None:
            MeasurementFactory(indicator=indicator, month=month, value=Decimal(str(value)))
        month = previous_month(month)


def aimed_at(indicator, value):
    TrajectoryPointFactory(indicator=indicator, month=date(2015, 1, 1), value=Decimal(value))


def review_on(indicator, day=TODAY):
    return review.raise_exceptions(programme_id=indicator.programme_id, as_of=day)


@pytest.fixture
def indicator(workstream):
    return IndicatorFactory(workstream=workstream, unit="percent")


@pytest.mark.parametrize(
    ("latest", "trajectory", "trigger"),
    [
        (
            80,
            90,
            "February 2016: 80% is 88.8% of the trajectory, 90%; 85% to less than 95% is Near.",
        ),
        (80, 100, "February 2016: 80% is 80% of the trajectory, 100%; less than 85% is Below."),
        (80, 80, None),
    ],
)
def test_near_and_below_open_an_exception_and_met_does_not(indicator, latest, trajectory, trigger):
    aimed_at(indicator, trajectory)
    record(indicator, [latest])

    opened = review_on(indicator).opened

    assert [report.trigger for report in opened] == ([trigger] if trigger else [])


def test_a_special_cause_for_concern_opens_an_exception_though_the_trajectory_is_met(indicator):
    aimed_at(indicator, 60)
    record(indicator, [*CALM, 66])

    [report] = review_on(indicator).opened

    assert report.trigger == (
        "Special cause for concern: 66% in February 2016 lies below the lower limit: "
        "more than chance, and low is bad here."
    )


def test_a_special_cause_that_is_an_improvement_opens_nothing(indicator):
    aimed_at(indicator, 60)
    record(indicator, [*CALM, 99])

    assert review_on(indicator).opened == []


def test_a_special_cause_of_an_indicator_without_direction_opens_nothing(workstream):
    indicator = IndicatorFactory(workstream=workstream, direction=Direction.NEITHER)
    record(indicator, [*CALM, 66])

    assert review_on(indicator).opened == []


def test_too_few_values_for_limits_open_nothing(indicator):
    aimed_at(indicator, 60)
    record(indicator, [*CALM[:11], 66])

    assert review_on(indicator).opened == []


def test_a_concern_that_is_not_the_latest_point_s_opens_nothing(indicator):
    aimed_at(indicator, 60)
    record(indicator, [*CALM, 66, 82])

    assert review_on(indicator).opened == []


def test_a_process_that_consistently_fails_its_target_opens_an_exception(indicator):
    indicator.final_target = Decimal(98)
    indicator.save()
    aimed_at(indicator, 80)
    record(indicator, [*CALM, 82])

    [report] = review_on(indicator).opened

    assert report.trigger == (
        "Consistently failing: the target of 98% lies above the limits, "
        "so it is normally missed every month; only a change of the process will meet it."
    )


def test_everything_that_is_off_is_said_in_one_exception(indicator):
    indicator.final_target = Decimal(99)
    indicator.save()
    aimed_at(indicator, 70)
    record(indicator, [*CALM, 66])

    [report] = review_on(indicator).opened

    assert report.trigger.startswith("February 2016: 66% is 94.2% of the trajectory, 70%;")
    assert "Special cause for concern: 66% in February 2016 lies below" in report.trigger
    assert "Consistently failing: the target of 99% lies above the limits" in report.trigger
    assert review_on(indicator).opened == []
    assert ExceptionReport.objects.count() == 1


def test_a_reason_never_ends_in_the_middle_of_a_sentence(workstream):
    indicator = IndicatorFactory(
        workstream=workstream, unit="calls per thousand of weighted people", kind="rate"
    )
    indicator.final_target = Decimal(99)
    indicator.save()
    aimed_at(indicator, 80)
    record(indicator, [*CALM, 66])

    [report] = review_on(indicator).opened

    assert len(report.trigger) <= 400
    assert report.trigger.endswith(".")


@pytest.mark.parametrize(
    ("march", "open_after", "because"),
    [
        (82, 0, "Back on trajectory: March 2016: 82% is 102.5% of the trajectory, 80%;"),
        (66, 1, None),
        (None, 1, None),
    ],
)
def test_an_exception_closes_when_nothing_is_off_any_more(indicator, march, open_after, because):
    aimed_at(indicator, 80)
    record(indicator, [*CALM, 66])
    [report] = review_on(indicator).opened
    record(indicator, [march], last=next_month(FEBRUARY))

    review_on(indicator, date(2016, 4, 12))

    report.refresh_from_db()
    assert ExceptionReport.objects.open().count() == open_after
    assert report.closed_because.startswith(because or "")


def test_a_month_without_a_value_closes_nothing(indicator):
    aimed_at(indicator, 90)
    record(indicator, [80])
    review_on(indicator)

    assert review_on(indicator, date(2016, 4, 12)).closed == []


def test_an_exception_stays_open_while_met_but_of_concern_or_failing(indicator):
    indicator.final_target = Decimal(99)
    indicator.save()
    aimed_at(indicator, 84)
    record(indicator, [*CALM, 70])
    review_on(indicator)
    record(indicator, [84], last=next_month(FEBRUARY))

    found = review_on(indicator, date(2016, 4, 12))

    assert found.closed == []


def test_an_exception_without_a_trajectory_closes_when_its_concern_is_over(indicator):
    record(indicator, [*CALM, 66])
    [report] = review_on(indicator).opened
    record(indicator, [82], last=next_month(FEBRUARY))

    [closed] = review_on(indicator, date(2016, 4, 12)).closed

    assert closed == report
    assert closed.closed_because == (
        "Neither a concern nor consistently failing any more. "
        "82% in March 2016 is usual variation: nothing says that the process has changed."
    )


def test_a_rebase_that_leaves_too_few_points_ends_a_concern(indicator):
    record(indicator, [*CALM, 66])
    review_on(indicator)
    Rebase.objects.create(
        indicator=indicator,
        month=FEBRUARY,
        reason="New system",
        made_by=UserFactory(),
        made_at=datetime(2016, 3, 15, tzinfo=UTC),
    )

    [closed] = review_on(indicator).closed

    assert closed.closed_because.endswith("SPC from 13 points: 1 of 13.")


def test_the_page_of_an_exception_shows_why_it_stands_today(client, indicator, member):
    aimed_at(indicator, 90)
    record(indicator, [80], last=previous_month(FEBRUARY))
    [report] = review_on(indicator, date(2016, 2, 12)).opened
    record(indicator, [70])
    client.force_login(member("pmo_officer"))

    page = client.get(
        reverse("governance:exception_detail", args=[report.programme.slug, report.number])
    ).content.decode()

    assert "January 2016: 80% is 88.8% of the trajectory" in page
    assert "February 2016: 70% is 77.7% of the trajectory, 90%; less than 85% is Below." in page
