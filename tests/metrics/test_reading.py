import re
from datetime import date
from decimal import Decimal

import pytest

from accounts.models import User
from metrics.models import Frequency, Indicator, IndicatorKind, Measurement, Rebase
from metrics.process import process_of
from metrics.rating import Direction
from metrics.reading import reading_of
from workstreams.calendar import next_month

# Twelve months that fix the mean at 10.5, two sigma at 8.73 and 12.27, limits at 7.84 and 13.16.
CALM = [10, 11] * 6


def process(values, *, first=date(2014, 1, 1), provisional=False, rebases=(), **indicator):
    """A process without a database: month by month from the first, None is a gap."""
    fields = {"kind": IndicatorKind.NUMBER, "direction": Direction.UP} | indicator
    indicator = Indicator(**fields)
    months = [first]
    while len(months) < len(values):
        months.append(next_month(months[-1]))
    indicator.loaded_measurements = [
        Measurement(month=month, value=Decimal(str(value)))
        for month, value in zip(months, values, strict=False)
        if value is not None
    ]
    if provisional:
        indicator.loaded_measurements[-1].is_provisional = True
    indicator.loaded_rebases = [
        Rebase(month=month, reason=reason, made_by=User(full_name="PMO officer"))
        for month, reason in rebases
    ]
    indicator.loaded_annotations = []
    return process_of(indicator, month=date(2020, 1, 1))


def first_sentence(values, **fields):
    return reading_of(process(CALM + values, fix_after=12, **fields)).sentences[0]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([11], "11 in January 2015 is usual variation: nothing says that the process has changed."),
        (
            [7.5],
            "7.5 in January 2015 lies below the lower limit: more than chance, "
            "and low is bad here.",
        ),
        (
            [13.5],
            "13.5 in January 2015 lies above the upper limit: more than chance, "
            "and high is good here.",
        ),
        (
            [10] * 7,
            "The seven months to July 2015 all lie below the mean: "
            "a real fall, and falling is bad here.",
        ),
        (
            [10, 11, 11.5, 11, 11.5, 11, 11.5, 11],
            "The seven months to August 2015 all lie above the mean: "
            "a real rise, and rising is good here.",
        ),
        (
            [10] * 12,
            "The 12 months to December 2015 all lie below the mean: "
            "a real fall, and falling is bad here.",
        ),
        (
            [9, 9.5, 10, 10.25, 11, 11.5, 12],
            "The value rises without a break over the seven months to July 2015: "
            "a real change, and rising is good here.",
        ),
        (
            [12, 11.9, 11.5, 11, 10.25, 10, 9.5, 9],
            "The value falls without a break over the eight months to August 2015: "
            "a real change, and falling is bad here.",
        ),
        (
            [10, 12.5, 11, 12.6],
            "Two of the three months to April 2015 lie close to the upper limit "
            "and all three above the mean: more than chance, and high is good here.",
        ),
        (
            [8.5, 8.4, 8.5],
            "The three months to March 2015 all lie close to the lower limit: "
            "more than chance, and low is bad here.",
        ),
    ],
)
def test_the_first_sentence_says_which_rule_the_latest_point_meets(values, sentence):
    assert first_sentence(values) == sentence


def test_the_other_direction_turns_good_and_bad():
    assert first_sentence([7.5], direction=Direction.DOWN).endswith("and low is good here.")
    assert first_sentence([10] * 7, direction=Direction.DOWN).endswith("and falling is good here.")
    assert first_sentence([7.5], direction=Direction.NEITHER).endswith(
        "and low is neither good nor bad here."
    )


@pytest.mark.parametrize(
    ("direction", "value", "word"),
    [
        (Direction.UP, 13.5, "Improving"),
        (Direction.UP, 7.5, "Concern"),
        (Direction.UP, 11, "Common cause"),
        (Direction.DOWN, 7.5, "Improving"),
        (Direction.DOWN, 13.5, "Concern"),
        (Direction.NEITHER, 13.5, "Neutral high"),
        (Direction.NEITHER, 7.5, "Neutral low"),
    ],
)
def test_the_word_for_variation_is_the_latest_point_s(direction, value, word):
    reading = reading_of(process([*CALM, value], direction=direction, fix_after=12))

    assert reading.variation == word


@pytest.mark.parametrize(
    ("direction", "target", "word", "sentence"),
    [
        (
            Direction.UP,
            95,
            "Consistently failing",
            "The target of 95% lies above the limits, so it is normally missed every month; "
            "only a change of the process will meet it.",
        ),
        (
            Direction.UP,
            5,
            "Consistently passing",
            "The target of 5% lies below the limits, so it is normally met every month; "
            "a miss would mean that the process has changed.",
        ),
        (
            Direction.DOWN,
            10,
            "Hit or miss",
            "The target of 10% lies within what the process normally does, "
            "so it will be met in some months and missed in others.",
        ),
        (
            Direction.DOWN,
            95,
            "Consistently passing",
            "The target of 95% lies above the limits, so it is normally met every month; "
            "a miss would mean that the process has changed.",
        ),
        (
            Direction.DOWN,
            5,
            "Consistently failing",
            "The target of 5% lies below the limits, so it is normally missed every month; "
            "only a change of the process will meet it.",
        ),
        (
            Direction.NEITHER,
            5,
            "",
            "Neither direction is good here, so the limits are not held against the target.",
        ),
        (Direction.UP, None, "", "There is no target to hold the limits against."),
    ],
)
def test_the_second_sentence_holds_the_target_against_the_limits(direction, target, word, sentence):
    target = None if target is None else Decimal(target)
    reading = reading_of(
        process([*CALM, 10], direction=direction, final_target=target, unit="percent")
    )

    assert reading.assurance == word
    assert reading.sentences[1] == sentence


@pytest.mark.parametrize(
    ("target", "word", "met"),
    [(100, "Consistently passing", "met"), (101, "Consistently failing", "missed")],
)
def test_a_value_that_never_varies_meets_its_target_or_not(target, word, met):
    reading = reading_of(process([100] * 13, final_target=Decimal(target)))

    assert reading.assurance == word
    assert reading.sentences[1] == (
        f"The target of {target} is {met} every month: the value does not vary."
    )


def test_values_without_neighbours_have_no_limits_for_the_target():
    reading = reading_of(process([10, None, 11, None] * 7, final_target=Decimal(10)))

    assert reading.assurance == ""
    assert reading.sentences[1] == (
        "Without two neighbouring values there are no limits to hold the target against."
    )


def test_a_quarterly_indicator_is_read_in_quarters():
    quarters = [None, None, 10, None, None, 11] * 6 + [None, None, 10] * 7
    reading = reading_of(
        process(quarters, frequency=Frequency.QUARTERLY, final_target=Decimal(10), fix_after=12)
    )

    assert reading.sentences[0].startswith("The seven values to September 2018 all lie below")
    assert reading.sentences[1].endswith("met in some quarters and missed in others.")


def test_a_run_chart_is_read_without_icons_or_limits():
    reading = reading_of(process([10, 20] * 4 + [90], final_target=Decimal(95)))

    assert (reading.variation, reading.assurance) == ("", "")
    assert reading.text == (
        "SPC from 13 points: 9 of 13. Until then this is a run chart: "
        "too few values to tell a real change from chance."
    )


def test_a_new_step_is_read_with_its_reason():
    reading = reading_of(
        process(
            CALM + [20, 21] * 7,
            rebases=[(date(2014, 5, 1), "New form."), (date(2015, 1, 1), "New rota. ")],
        )
    )

    assert reading.variation == "Common cause"
    assert reading.sentences[-1] == "Mean and limits start afresh in January 2015: New rota."


def test_a_provisional_latest_value_is_said_to_be_so():
    assert reading_of(process([*CALM, 11], provisional=True)).sentences[-1] == (
        "The value of January 2015 is provisional."
    )


def test_an_empty_series_has_a_reading():
    assert reading_of(process([])).text == "There is no value yet. SPC from 13 points: 0 of 13."


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (IndicatorKind.YES_NO, "A yes or no has no mean and no limits to be read against."),
        (
            IndicatorKind.NARRATIVE,
            "A report in words has no mean and no limits to be read against.",
        ),
    ],
)
def test_what_is_no_figure_is_not_read_with_limits(kind, sentence):
    assert reading_of(process([0, 1] * 10, kind=kind)).text == sentence


@pytest.mark.parametrize(
    "latest", [[7.5], [10] * 12, [9, 9.5, 10, 10.25, 11, 11.5, 12.05], [11.55]]
)
def test_every_number_of_a_reading_is_one_that_the_table_holds(latest):
    subject = process([*CALM, *latest], final_target=Decimal("12.75"), unit="percent")
    shown = {subject.indicator.show(value).rstrip("%") for value in subject.values}
    years = {str(month.year) for month in subject.months}

    count = {str(subject.analysis.latest.run)}
    numbers = set(re.findall(r"\d[\d.,]*\d|\d", reading_of(subject).text))

    assert numbers <= shown | years | count | {"12.75"}
