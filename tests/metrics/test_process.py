from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from metrics.models import Annotation, Frequency, Indicator, IndicatorKind, Rebase
from metrics.process import process_of
from metrics.rating import Direction
from tests.factories.accounts import UserFactory
from tests.factories.metrics import IndicatorFactory, MeasurementFactory

pytestmark = pytest.mark.django_db

AT = datetime(2016, 11, 3, 9, 0, tzinfo=UTC)
OCTOBER = date(2016, 10, 1)


def months_from(first, count):
    months = [first]
    while len(months) < count:
        year, month = divmod(months[-1].year * 12 + months[-1].month, 12)
        months.append(date(year, month + 1, 1))
    return months


def measured(values, first=date(2015, 1, 1), **indicator):
    """An indicator with these values, month by month; None is a gap."""
    indicator = IndicatorFactory(**indicator)
    for month, value in zip(months_from(first, len(values)), values, strict=True):
        if value is not None:
            MeasurementFactory(indicator=indicator, month=month, value=Decimal(str(value)))
    return indicator


def loaded(indicator):
    return Indicator.objects.with_people().with_series().get(pk=indicator.pk)


def rebase(indicator, month, reason="New rota", **fields):
    return Rebase.objects.create(
        indicator=indicator,
        month=month,
        reason=reason,
        made_by=UserFactory(full_name="Performance analyst"),
        made_at=AT,
        **fields,
    )


def test_the_series_runs_from_the_first_to_the_last_measured_month_with_its_gaps():
    indicator = measured([80, None, 82.5])

    process = process_of(indicator, month=OCTOBER)

    assert process.months == (date(2015, 1, 1), date(2015, 2, 1), date(2015, 3, 1))
    assert process.values == (Decimal(80), None, Decimal("82.5"))


def test_values_and_remarks_after_the_month_asked_about_are_left_out():
    indicator = measured([80, 81, 82])
    rebase(indicator, date(2015, 3, 1))

    process = process_of(indicator, month=date(2015, 2, 28))

    assert process.values == (80, 81)
    assert process.rebases == ()


@pytest.mark.parametrize(("points", "is_spc"), [(12, False), (13, True)])
def test_the_chart_is_spc_from_13_points_on(points, is_spc):
    indicator = measured([80, 82] * (points // 2) + [80] * (points % 2))

    process = process_of(indicator, month=OCTOBER)

    assert process.is_spc is is_spc
    assert process.points_in_step == points
    assert process.progress == ("" if is_spc else "SPC from 13 points: 12 of 13")


def test_a_gap_is_no_point():
    indicator = measured([80, 82, None, 81, 80, 82, 81, 80, 82, 81, 80, 82, 81])

    process = process_of(indicator, month=OCTOBER)

    assert process.points_in_step == 12
    assert process.variation is None


def test_only_the_points_since_the_latest_rebase_count():
    indicator = measured([80, 82] * 8)
    rebase(indicator, date(2015, 11, 1), reason="Second rota")

    process = process_of(indicator, month=OCTOBER)

    assert [step.count for step in process.analysis.steps] == [10, 6]
    assert process.progress == "SPC from 13 points: 6 of 13"
    assert [(each.month, each.text, each.by) for each in process.rebases] == [
        (date(2015, 11, 1), "Second rota", "Performance analyst")
    ]


def test_a_rebase_that_was_taken_back_changes_nothing():
    indicator = measured([80, 82] * 8)
    rebase(indicator, date(2015, 11, 1), removed_by=UserFactory(), removed_at=AT)

    process = process_of(loaded(indicator), month=OCTOBER)

    assert len(process.analysis.steps) == 1
    assert process.rebases == ()


def test_a_rebase_after_the_last_value_waits_for_one():
    indicator = measured([80, 82] * 7)
    rebase(indicator, date(2016, 8, 1))

    process = process_of(indicator, month=OCTOBER)

    assert len(process.analysis.steps) == 1


def test_a_rebase_in_a_gap_begins_at_that_gap():
    indicator = measured([80, 82, None, 90, 91])
    rebase(indicator, date(2015, 3, 1))

    process = process_of(indicator, month=OCTOBER)

    assert [(step.first, step.last, step.count) for step in process.analysis.steps] == [
        (0, 1, 2),
        (2, 4, 2),
    ]


@pytest.mark.parametrize(
    ("direction", "variation", "assurance"),
    [
        (Direction.UP, "improvement", "fail"),
        (Direction.DOWN, "concern", "pass"),
        (Direction.NEITHER, "neutral_high", None),
    ],
)
def test_direction_and_final_target_decide_what_it_means(direction, variation, assurance):
    indicator = measured(
        [50, 51] * 8 + [60], direction=direction, final_target=Decimal(90), kind=IndicatorKind.RATE
    )

    process = process_of(indicator, month=OCTOBER)

    assert process.analysis.latest.special_cause == "outside"
    assert (process.variation, process.assurance) == (variation, assurance)


def test_fixed_limits_and_screening_are_the_indicator_s_own():
    values = [50, 51] * 6 + [80, 50, 51]
    plain = process_of(measured(values), month=OCTOBER).analysis.steps[0]
    screened = process_of(measured(values, screen_outliers=True), month=OCTOBER).analysis.steps[0]
    fixed = process_of(measured(values, fix_after=12), month=OCTOBER).analysis.steps[0]

    assert screened.upper < plain.upper
    assert screened.mean == plain.mean
    assert fixed.mean == 50.5


@pytest.mark.parametrize("kind", [IndicatorKind.YES_NO, IndicatorKind.NARRATIVE])
def test_answers_and_words_never_make_an_spc_chart(kind):
    indicator = measured([0, 1] * 10, kind=kind, final_target=Decimal(1))

    process = process_of(indicator, month=OCTOBER)

    assert not process.is_spc
    assert process.variation is None
    assert process.assurance is None
    assert process.progress == ""


def test_words_without_a_figure_make_an_empty_series():
    indicator = IndicatorFactory(kind=IndicatorKind.NARRATIVE)
    MeasurementFactory(indicator=indicator, value=None, text="Members felt listened to.")

    process = process_of(indicator, month=OCTOBER)

    assert process.months == ()
    assert process.analysis.variation is None


def test_an_indicator_without_values_has_an_empty_process():
    indicator = IndicatorFactory()
    rebase(indicator, date(2015, 1, 1))

    process = process_of(indicator, month=OCTOBER)

    assert process.values == ()
    assert process.progress == "SPC from 13 points: 0 of 13"


def test_a_quarterly_indicator_has_one_place_per_quarter():
    indicator = IndicatorFactory(frequency=Frequency.QUARTERLY)
    for month in (date(2015, 3, 1), date(2015, 9, 1), date(2015, 11, 1)):
        MeasurementFactory(indicator=indicator, month=month, value=Decimal(80))

    process = process_of(indicator, month=OCTOBER)

    assert process.months == (
        date(2015, 3, 1),
        date(2015, 6, 1),
        date(2015, 9, 1),
        date(2015, 11, 1),
    )
    assert process.values == (80, None, 80, 80)


def test_provisional_values_count_and_are_named():
    indicator = measured([80, 81])
    MeasurementFactory(
        indicator=indicator, month=date(2015, 3, 1), value=Decimal(82), is_provisional=True
    )

    process = process_of(indicator, month=OCTOBER)

    assert process.values == (80, 81, 82)
    assert process.provisional == {date(2015, 3, 1)}


def test_a_corrected_value_is_not_in_the_series():
    indicator = measured([80])
    MeasurementFactory(
        indicator=indicator, month=date(2015, 1, 1), value=Decimal(8), replaced_at=AT
    )

    process = process_of(indicator, month=OCTOBER)

    assert process.values == (80,)


def test_a_process_from_a_loaded_series_costs_no_query(django_assert_num_queries):
    indicator = measured([80, 82] * 8)
    rebase(indicator, date(2015, 3, 1))
    Annotation.objects.create(
        indicator=indicator,
        month=date(2015, 5, 1),
        text="New system",
        made_by=UserFactory(full_name="Local owner"),
        made_at=AT,
    )
    indicator = loaded(indicator)

    with django_assert_num_queries(0):
        process = process_of(indicator, month=OCTOBER)

    assert [(each.text, each.by) for each in process.annotations] == [("New system", "Local owner")]
    assert [each.by for each in process.rebases] == ["Performance analyst"]
