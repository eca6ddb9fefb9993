import json
import re
from datetime import date
from decimal import Decimal

import pytest

from metrics.standing import standing
from reports.snapshots.indicators import icon_key, indicator_content
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory
from tests.metrics.chart_samples import months
from tests.reports import snapshot_sample
from tests.reports.test_rendering import render, squeezed, words

FEBRUARY = date(2016, 2, 1)
FIGURE = re.compile(r"−?\d[\d,]*(?:\.\d+)?%?")
AXES = re.compile(r'text-anchor="(?:end|middle)">.*?</g>', re.DOTALL)
RISING = [72, 71, 72, 70, 73, 59, 71, 73, 70, 72, 71, 70, 73, 76, 78, 80, 82, 84, 86]


def content_of(values, **fields):
    indicator = IndicatorFactory(final_target=Decimal("94.5"), **fields)
    for month, value in zip(months(19, 2014, 8)[-len(values) :], values, strict=True):
        MeasurementFactory(indicator=indicator, month=month, value=Decimal(value))
        TrajectoryPointFactory(indicator=indicator, month=month, value=Decimal("91.75"))
    return indicator_content(standing(indicator, month=FEBRUARY))


def test_an_indicator_is_frozen_with_its_icons_and_its_reading(programme):
    content = content_of(RISING)

    key = icon_key()
    assert content["variation"] in {entry["code"] for entry in key["variation"]}
    assert (content["variation"], content["assurance"]) == ("improvement", "fail")
    assert content["reading"].startswith("February 2016: 86% is")
    assert "is good here" in content["reading"]
    assert "<svg" in content["svg"]
    assert content["progress"] == ""


def test_a_run_chart_is_frozen_without_icons_but_says_how_far_it_is(programme):
    content = content_of(RISING[:9], baseline_value=Decimal("70.25"))

    assert (content["variation"], content["assurance"]) == ("", "")
    assert content["progress"] == "SPC from 13 points: 9 of 13"
    assert content["figures"] == "Baseline 70.25%"


@pytest.mark.parametrize("values", [RISING, RISING[:9]])
def test_a_packs_chart_shows_no_figure_that_stands_nowhere_beside_it(programme, values):
    content = content_of(values, baseline_value=Decimal("70.25"))

    drawn = re.findall(r"<text[^>]*>(.*?)</text>", AXES.sub("", content["svg"]))
    beside = " ".join(
        content[key] for key in ("value", "trajectory", "target", "figures", "progress")
    )
    assert len(drawn) > 5
    assert set(FIGURE.findall(" ".join(drawn))) <= set(FIGURE.findall(beside))


def test_the_pack_prints_icons_with_their_words_and_keeps_to_old_snapshots(programme):
    snapshot = json.loads(json.dumps(snapshot_sample.snapshot()))
    old = words(render(snapshot))
    content = content_of(RISING)
    snapshot["key"] |= icon_key()
    snapshot["workstreams"][0]["indicators"] = [content]

    new = words(render(snapshot))

    assert "Consistently failing" not in old
    assert "Variation of indicators" not in old
    assert squeezed(new).count(squeezed("Consistently failing")) == 3  # key, table, chart
    assert squeezed(content["figures"]) in squeezed(new)
