from datetime import date
from decimal import Decimal

from metrics.charts import ChartNote, ChartPoint, ChartStep, indicator_chart, render_svg
from tests.metrics.chart_samples import SIGNALS, SVG, chart_of, months, parsed, spc_chart


def test_the_mean_and_the_limits_of_the_latest_step_are_named_with_their_figures():
    chart = spc_chart()

    named = {label.kind: " ".join(label.lines) for label in chart.labels}

    assert named["mean"] == "Mean 75.25%"
    assert named["upper"] == "Upper limit 77.5%"
    assert named["lower"] == "Lower limit 73%"
    assert "Mean since August 2014: 75.25%, limits 73% to 77.5%." in chart.description


def test_a_step_goes_on_until_the_next_one_and_the_last_to_the_edge():
    chart = spc_chart()

    first, last = chart.bands
    july, august = (dot.x for dot in sorted(chart.dots, key=lambda dot: dot.x)[3:5])
    assert first.left == chart.plot.left
    assert july < first.right == last.left < august
    assert last.right == chart.plot.right


def test_each_kind_of_point_has_a_shape_and_a_word_of_its_own():
    chart = spc_chart()

    svg = parsed(chart)

    points = [mark for mark in svg.iter() if mark.find(f"{SVG}title") is not None and mark != svg]
    assert len(points) == 8
    shapes = {
        (mark.tag, mark.get("d", "").partition("m")[2]): mark.find(f"{SVG}title").text
        for mark in points
    }
    assert len(shapes) == 4
    assert all("Said in words" in tip for tip in shapes.values())
    assert [item.words for item in chart.key_items] == [
        "Common cause: usual variation",
        "Improvement",
        "Concern",
        "Neutral: unusual, neither good nor bad",
        "Between the limits",
    ]


def test_notes_are_letters_over_their_months_and_words_below():
    chart = spc_chart(
        notes=[
            ChartNote(date(2014, 8, 1), "New form", starts_step=True),
            ChartNote(date(2014, 6, 1), "Campaign starts"),
            ChartNote(date(2013, 1, 1), "Before the chart begins"),
        ]
    )

    assert [(flag.letter, flag.starts_step) for flag in chart.flags] == [("A", False), ("B", True)]
    assert [(item.symbol, item.words) for item in chart.key_items[-2:]] == [
        ("A", "Jun 2014: Campaign starts"),
        ("B", "Aug 2014, new step: New form"),
    ]
    assert chart.flags[1].x == chart.bands[0].right


def test_of_many_notes_the_latest_eight_are_drawn():
    notes = [ChartNote(month, f"Note {n}") for n, month in enumerate(months(12))]

    chart = chart_of([1] * 12, notes=notes)

    assert [flag.letter for flag in chart.flags] == list("ABCDEFGH")
    assert [item.words for item in chart.key_items][-1] == "Mar 2015: Note 11"


def test_a_chart_without_its_key_keeps_only_its_remark():
    chart = spc_chart(
        notes=[ChartNote(date(2014, 6, 1), "Campaign starts")],
        remark="SPC from 13 points: 8 of 13",
        with_key=False,
    )

    assert chart.flags == []
    assert [item.words for item in chart.key_items] == ["SPC from 13 points: 8 of 13"]
    assert chart.description.endswith("SPC from 13 points: 8 of 13.")


def test_limits_of_no_width_are_not_named_beside_their_mean():
    chart = spc_chart(steps=[ChartStep(date(2014, 4, 1), 71, 71, 71)])

    assert {"upper", "lower"}.isdisjoint(label.kind for label in chart.labels)
    assert "Between the limits" not in [item.words for item in chart.key_items]


def test_three_years_with_everything_drawn_take_less_than_20_kilobytes():
    when = months(36)
    points = [
        ChartPoint(
            month,
            Decimal("12345.6789") + n,
            Decimal("12000.1234") + n,
            symbol=SIGNALS[n % 4],
            signal="Concern: seven months in a row on one side of the mean",
        )
        for n, month in enumerate(when)
    ]
    steps = [
        ChartStep(month, Decimal("12345.67"), Decimal("12340.12"), Decimal("12351.22"))
        for month in when[::12]
    ]

    chart = indicator_chart(
        key="WS1-I1",
        title="A" * 200,
        unit="calls answered",
        points=points,
        steps=steps,
        notes=[ChartNote(month, "N" * 300, starts_step=True) for month in when[::3]],
        baseline=12000,
        final_target=13000,
    )

    assert len(render_svg(chart).encode()) < 20_000
