import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.chart_axes import tick_labels, value_ticks
from metrics.chart_labels import Box, shortened, text_width, wrapped
from metrics.charts import ChartNote, ChartPoint, ChartStep, indicator_chart, render_svg
from tests.metrics.chart_samples import SVG, chart_of, months, parsed, spc_chart, texts

FIGURES = st.none() | st.floats(min_value=-1e6, max_value=1e6, allow_nan=False, width=32)


def assert_nothing_is_clipped_or_hidden(chart):
    canvas = Box(0, 0, chart.width, chart.height)
    for label in chart.labels:
        assert label.box.inside(canvas), label
    for one, other in combinations(chart.labels, 2):
        assert not one.box.meets(other.box), (one, other)
    for tick in chart.x_ticks:
        half = text_width(tick.label, size=12) / 2
        assert tick.at - half >= 0
        assert tick.at + half <= chart.width
    for one, other in combinations(chart.x_ticks, 2):
        assert abs(one.at - other.at) >= text_width(one.label, size=12)
    for tick in chart.y_ticks:
        assert text_width(tick.label, size=12) <= chart.plot.left - 7
        assert chart.plot.top <= tick.at <= chart.plot.bottom
    for one, other in combinations(chart.flags, 2):
        assert abs(one.letter_x - other.letter_x) >= text_width(one.letter, size=12, bold=True)
    for item in chart.key_items:
        assert item.words_x + text_width(item.words, size=12) <= chart.width
        assert chart.plot.bottom + 24 < item.y < chart.height
    for one, other in combinations(chart.key_items, 2):
        assert one.y != other.y or one.words_x + text_width(one.words, size=12) < other.x
    for x1, y1, x2, y2 in chart.lines:
        assert chart.plot.left <= min(x1, x2) <= max(x1, x2) <= chart.plot.right
        assert chart.plot.top <= min(y1, y2) <= max(y1, y2) <= chart.plot.bottom


@settings(max_examples=150, deadline=None)
@given(
    figures=st.lists(st.tuples(FIGURES, FIGURES), max_size=36),
    baseline=FIGURES,
    target=FIGURES,
    label=st.text(max_size=80),
    unit=st.sampled_from(["%", "", "minutes", "calls answered within five seconds " * 6]),
    size=st.sampled_from([(720, 320), (360, 240), (280, 180)]),
    steps=st.lists(st.tuples(st.integers(0, 35), FIGURES, FIGURES, FIGURES), max_size=4),
    notes=st.lists(st.tuples(st.integers(0, 35), st.text(max_size=80), st.booleans())),
)
def test_no_label_is_clipped_or_hides_another(
    figures, baseline, target, label, unit, size, steps, notes
):
    when = months(36)
    chart = chart_of(
        [value for value, _ in figures],
        [plan for _, plan in figures],
        unit=unit,
        baseline=baseline,
        baseline_label=label,
        final_target=target,
        width=size[0],
        height=size[1],
        steps=[
            ChartStep(when[at], mean, *sorted([low or 0, high or 0]))
            for at, mean, low, high in steps
        ],
        notes=[ChartNote(when[at], text, starts) for at, text, starts in notes],
        remark=label,
    )

    assert_nothing_is_clipped_or_hidden(chart)


@pytest.mark.parametrize(
    "values",
    [
        [1e12 + n for n in range(5)],
        [1e15, 1e15],
        [1e-9, 3e-9],
        [-1e-9],
        [0, 0, 0],
        [100] * 9,
        [4_100_000_000 + 30_000_000 * n for n in range(14)],
        [-12.5, -0.1],
        [1_250_000, 1_250_010],
    ],
)
def test_huge_tiny_negative_and_constant_figures_have_an_axis_that_tells_them_apart(values):
    chart = chart_of(values, unit="", final_target=values[0], baseline=values[-1])

    assert_nothing_is_clipped_or_hidden(chart)
    assert 2 <= len(chart.y_ticks) <= 9
    assert len({tick.label for tick in chart.y_ticks}) == len(chart.y_ticks)


@pytest.mark.parametrize(
    ("figures", "percent", "expected"),
    [
        ([70, 73, 59, 88, 95], True, ["50%", "60%", "70%", "80%", "90%", "100%"]),
        ([100, 100], True, ["90%", "95%", "100%"]),
        ([3, 90], True, ["0%", "20%", "40%", "60%", "80%", "100%"]),
        ([99, 104], True, ["98%", "99%", "100%", "101%", "102%", "103%", "104%"]),
        ([-12.5, 0], False, ["−15.0", "−12.5", "−10.0", "−7.5", "−5.0", "−2.5", "0.0"]),
        ([4.1e9, 5e9], False, ["4.0bn", "4.2bn", "4.4bn", "4.6bn", "4.8bn", "5.0bn"]),
        ([3000, 3250], False, ["2,950", "3,000", "3,050", "3,100", "3,150", "3,200", "3,250"]),
    ],
)
def test_ticks_are_round_figures_within_the_possible(figures, percent, expected):
    ticks = value_ticks(figures, percent=percent)

    assert tick_labels(ticks, percent=percent) == expected


def test_lines_break_where_a_month_has_no_value_or_is_left_out():
    values = [70, 71, None, 73, 74, 75]

    chart = chart_of(values, [60, 62, 64, 66, 68, 70])

    assert [len(piece) for piece in chart.actual.pieces] == [2, 3]
    assert [len(piece) for piece in chart.trajectory.pieces] == [6]
    left_out = indicator_chart(
        key="a",
        title="A",
        unit="",
        points=[ChartPoint(date(2016, 3, 1), 1), ChartPoint(date(2016, 1, 1), 2)],
    )
    assert [len(piece) for piece in left_out.actual.pieces] == [1, 1]
    assert left_out.dots[0].tip == "Jan 2016: 2"


def test_a_single_month_is_a_dot_in_the_middle_and_its_trajectory_a_dash():
    chart = chart_of([48], [50])

    assert len(chart.dots) == 1
    assert [tick.label for tick in chart.x_ticks] == ["Apr 14"]
    ((x1, _, x2, _),) = chart.trajectory.lines
    assert (x1 + x2) / 2 == pytest.approx(chart.dots[0].x)
    assert x2 - x1 == 12


def test_lines_are_named_with_their_figures():
    chart = chart_of(
        [80, 84, 88, None],
        [80, 85, 90, 95],
        baseline=70,
        baseline_label="2015 average",
        final_target=95,
    )

    named = {label.kind: " ".join(label.lines) for label in chart.labels}

    assert named == {
        "target": "Target 95%",
        "trajectory": "Trajectory",
        "actual": "Actual 88%",
        "baseline": "2015 average 70%",
    }


def test_a_long_name_is_cut_but_its_figure_never():
    chart = chart_of([1], unit="", baseline=14.25, baseline_label="Average of the year " * 9)

    (label,) = (label for label in chart.labels if label.kind == "baseline")

    assert len(label.lines) == 3
    assert label.lines[1].endswith("…")
    assert label.lines[2] == "14.25"


def test_the_unit_stands_above_the_axis_unless_the_figures_carry_it():
    minutes = chart_of([12.5], unit="minutes")
    percent = chart_of([12.5], unit="percent")

    assert minutes.caption == "Minutes"
    assert percent.caption == ""
    assert percent.y_ticks[-1].label.endswith("%")


def test_yes_and_no_take_the_place_of_figures():
    chart = chart_of([0, 0, 1], [1, 1, 1], unit="", yes_no=True, final_target=1, baseline=0)

    assert [tick.label for tick in chart.y_ticks] == ["No", "Yes"]
    assert {"Target Yes", "Actual Yes", "Baseline No"} <= set(texts(chart))
    assert chart.dots[0].tip == "Apr 2014: No, trajectory Yes"
    assert_nothing_is_clipped_or_hidden(chart)


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_chart_without_measurements_says_so(values):
    chart = chart_of(values)

    assert "Not measured yet" in texts(chart)
    assert chart.description == "Nothing has been measured yet."


def test_the_description_says_what_the_picture_shows():
    chart = chart_of(
        [80, None, Decimal("88.2500")],
        [80, 85, 90],
        baseline=70,
        baseline_label="2015 average",
        final_target=95,
    )

    assert chart.description == (
        "Latest value: 88.25% in June 2014. Trajectory for June 2014: 90%. Target: 95%. "
        "Baseline (2015 average): 70%. 2 months measured from April 2014 to June 2014."
    )


def test_the_picture_is_named_and_described_by_ids_of_its_own():
    svg = parsed(chart_of([1], key="WS1 I1/a"))

    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "WS1-I1-a-title WS1-I1-a-desc"
    assert svg.find(f"{SVG}title[@id='WS1-I1-a-title']").text == "Drug pack forms complete"
    assert svg.find(f"{SVG}desc[@id='WS1-I1-a-desc']").text.startswith("Latest value: 1%")


def test_markup_and_control_characters_in_names_stay_text():
    nasty = '</title><script>alert("1")</script>\x00\u202e&'

    svg = render_svg(chart_of([1], title=nasty, unit=nasty, baseline=1, baseline_label=nasty))

    assert "<script" not in svg
    assert "\x00" not in svg
    assert ET.fromstring(svg).find(f"{SVG}title").text == (  # noqa: S314
        '</title><script>alert("1")</script> &'
    )


def test_the_drawing_keeps_to_a_strict_content_security_policy():
    svg = parsed(
        spc_chart(baseline=1, final_target=3, notes=[ChartNote(date(2014, 6, 1), "Campaign")])
    )

    tags = {element.tag.removeprefix(SVG) for element in svg.iter()}
    attributes = {name for element in svg.iter() for name in element.attrib}

    assert tags <= {
        "svg",
        "title",
        "desc",
        "g",
        "line",
        "rect",
        "path",
        "polyline",
        "circle",
        "text",
    }
    assert "style" not in attributes
    assert not [name for name in attributes if name.startswith("on") or "href" in name]


def test_a_page_may_place_the_drawing_as_it_is():
    chart = chart_of([1, 2])

    page = Template("{{ svg }}").render(Context({"svg": render_svg(chart)}))

    assert page == render_svg(chart)
    assert page.startswith("<svg ")


def test_figures_in_the_drawing_do_not_depend_on_the_language(settings):
    chart = chart_of([70.5, 71, 72.25])
    before = render_svg(chart)

    settings.LANGUAGE_CODE, settings.USE_THOUSAND_SEPARATOR = "de", True

    assert render_svg(chart) == before


def test_a_month_given_twice_is_refused():
    twice = [ChartPoint(date(2016, 1, 1), 1), ChartPoint(date(2016, 1, 31), 2)]

    with pytest.raises(ValueError, match="twice"):
        indicator_chart(key="a", title="A", unit="", points=twice)


def test_a_chart_too_small_to_read_is_refused():
    with pytest.raises(ValueError, match="280 by 180"):
        chart_of([1], width=200)


@given(text=st.text(max_size=60), room=st.floats(min_value=30, max_value=300))
def test_a_shortened_or_wrapped_text_fits(text, room):
    lines = wrapped(text, room)

    assert text_width(shortened(text, room)) <= room
    assert len(lines) <= 3
    assert all(text_width(line, bold=True) <= room for line in lines)
