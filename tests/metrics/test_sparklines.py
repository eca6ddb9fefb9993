import math
import xml.etree.ElementTree as ET

from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.chart_spark import sparkline
from tests.metrics.chart_samples import SVG

FIGURES = st.none() | st.floats(min_value=-1e6, max_value=1e6, allow_nan=False, width=32)


@settings(deadline=None)
@given(values=st.lists(FIGURES, max_size=36), trajectory=st.lists(FIGURES, max_size=36))
def test_a_sparkline_stays_within_its_frame(values, trajectory):
    spark = sparkline(values, trajectory)

    drawn = [*spark.actual.lines, *spark.trajectory.lines]
    assert all(0 <= x <= 96 for line in drawn for x in line[::2])
    assert all(0 <= y <= 28 for line in drawn for y in line[1::2])
    assert (spark.last is None) == all(value is None for value in values)


def test_a_sparkline_marks_the_latest_value_and_is_hidden_from_screen_readers():
    spark = sparkline([1, None, 3, None], [1, 2, 3, 4])

    svg = ET.fromstring(render_to_string("metrics/charts/spark.svg", {"spark": spark}))  # noqa: S314

    (circle,) = svg.iter(f"{SVG}circle")
    assert svg.get("aria-hidden") == "true"
    assert math.isclose(float(circle.get("cx")), 4 + 88 * 2 / 3, abs_tol=0.1)
    assert len(list(svg.iter(f"{SVG}polyline"))) == 3
