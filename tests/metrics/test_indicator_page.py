import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.html import strip_tags

from metrics.charts import render_svg
from metrics.models import Annotation, Rebase
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory
from tests.factories.workstreams import WorkstreamFactory
from tests.metrics.chart_samples import SVG, months

AT = datetime(2016, 3, 3, 9, 0, tzinfo=UTC)
LIST = "/las-2016/indicators/"
FIGURE = re.compile(r"−?\d[\d,]*(?:\.\d+)?%?")
MONTH = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{4}\b")
# Rises for seven months at the end, to February 2016: the demonstration's last complete month.
VALUES = [72, 71, 72, 70, 73, 59, 71, 73, 70, 72, 71, 70, 73, 76, 78, 80, 82, 84, 86]


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(
        workstream=workstream,
        local_owner=local_owner,
        reference="WS2-I1",
        final_target=Decimal("94.5"),
        baseline_value=Decimal("70.25"),
        baseline_month=date(2014, 8, 1),
    )


def measure(indicator, values, first=(2014, 8), **fields):
    for month, value in zip(months(len(values), *first), values, strict=True):
        if value is not None:
            MeasurementFactory(indicator=indicator, month=month, value=Decimal(value), **fields)


def page_of(client, indicator):
    response = client.get(indicator.get_absolute_url())
    assert response.status_code == 200
    return response


def table_of(response):
    page = response.content.decode()
    return strip_tags(page[page.index('id="months"') :].replace("<", " <"))


@pytest.mark.parametrize("values", [VALUES, VALUES[-8:]])
def test_the_chart_shows_no_figure_that_the_table_does_not_hold(
    indicator, local_owner, client_of, values
):
    measure(indicator, values, first=(2014, 8) if len(values) > 13 else (2015, 7))
    for month in months(24, 2015, 6):
        TrajectoryPointFactory(indicator=indicator, month=month, value=Decimal("91.75"))

    response = page_of(client_of(local_owner), indicator)

    table = set(FIGURE.findall(MONTH.sub("", table_of(response))))
    chart = response.context["chart"]
    drawn = [" ".join(label.lines) for label in chart.labels] + [dot.tip for dot in chart.dots]
    figures = set(FIGURE.findall(MONTH.sub("", " ".join([*drawn, chart.description]))))
    counts = {str(len(values)), *FIGURE.findall(response.context["standing"].process.progress)}
    assert len(figures) > 8
    assert figures - counts <= table


def test_an_spc_chart_comes_with_icons_in_words_and_a_reading(indicator, auditor, client_of):
    measure(indicator, VALUES)

    page = page_of(client_of(auditor), indicator).content.decode()

    assert page.count('class="qip-verdict"') == 2
    assert "Improving</span>" in page
    assert "Consistently failing</span>" in page
    assert "high is good here" in page or "rising is good here" in page
    assert "Upper limit" in page


def test_under_13_points_there_is_a_run_chart_without_icons(indicator, auditor, client_of):
    measure(indicator, VALUES[:12], first=(2015, 3))

    page = page_of(client_of(auditor), indicator).content.decode()

    assert "SPC from 13 points: 12 of 13" in page
    assert 'class="qip-verdict"' not in page
    assert "Mean and limits</th>" not in page
    assert "Upper limit" not in page


def test_months_with_values_come_first_and_future_ones_stand_apart(indicator, auditor, client_of):
    measure(indicator, VALUES)
    for month in months(4, 2016, 2):
        TrajectoryPointFactory(indicator=indicator, month=month)

    context = page_of(client_of(auditor), indicator).context

    assert [row.month for row in context["rows"][:2]] == [date(2016, 2, 1), date(2016, 1, 1)]
    assert len(context["rows"]) == 12
    assert len(context["earlier"]) == len(VALUES) - 12
    assert [row.month for row in context["months_ahead"]] == months(3, 2016, 3)


def test_the_page_says_which_month_is_rated_and_keeps_the_one_under_way_apart(
    indicator, auditor, client_of
):
    measure(indicator, VALUES)
    MeasurementFactory(indicator=indicator, month=date(2016, 3, 1), value=Decimal("12.34"))

    response = page_of(client_of(auditor), indicator)

    page = response.content.decode()
    assert "Rated for February 2016, the last complete month" in page
    assert "March 2016 is still under way" in page
    assert "12.34%" in table_of(response)
    assert "Under way, not rated yet" in page
    assert "12.34" not in render_svg(response.context["chart"])


def test_the_table_says_what_the_chart_marks(indicator, auditor, client_of):
    measure(indicator, VALUES, is_provisional=True)
    fields = {"indicator": indicator, "made_by": indicator.local_owner, "made_at": AT}
    Annotation.objects.create(**fields, month=date(2015, 12, 1), text="Campaign starts")
    Rebase.objects.create(**fields, month=date(2014, 9, 1), reason="New form")

    response = page_of(client_of(auditor), indicator)

    table, author = table_of(response), indicator.local_owner
    assert f"Note:  Campaign starts ({author})" in table
    assert f"New mean and limits:  New form ({author})" in table
    assert "Provisional" in table
    assert [flag.letter for flag in response.context["chart"].flags] == ["A", "B"]


def test_a_step_of_too_few_points_is_drawn_without_mean_and_signals(indicator, auditor, client_of):
    measure(indicator, VALUES)
    Rebase.objects.create(
        indicator=indicator,
        month=date(2014, 12, 1),
        reason="New form",
        made_by=indicator.local_owner,
        made_at=AT,
    )

    context = page_of(client_of(auditor), indicator).context

    short, long = context["chart"].bands
    assert short.mean is None
    assert long.mean is not None
    marked = [dot for dot in context["chart"].dots if dot.symbol]
    assert len(marked) == len(VALUES) - 4
    assert [row.signal for row in context["earlier"][-4:]] == [""] * 4


def test_a_quarterly_indicator_is_drawn_as_one_line(indicator, auditor, client_of):
    indicator.frequency = "quarterly"
    indicator.save(update_fields=["frequency"])
    for month in months(19, 2014, 8)[::3]:
        MeasurementFactory(indicator=indicator, month=month, value=Decimal(70))

    chart = page_of(client_of(auditor), indicator).context["chart"]

    assert [len(piece) for piece in chart.actual.pieces] == [7]
    assert chart.title.endswith("by quarter")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("variation=improvement", ["Improving"]),
        ("variation=common_cause", ["Usual"]),
        ("variation=concern", []),
        ("variation=none", ["Too few"]),
        ("assurance=fail", ["Improving", "Usual"]),
        ("assurance=pass&assurance=none", ["Too few"]),
        ("variation=improvement&variation=none&show=charts", ["Improving", "Too few"]),
    ],
)
def test_the_list_is_filtered_by_variation_and_assurance(
    workstream, auditor, client_of, query, expected
):
    series = {"Improving": VALUES, "Usual": [70, 71] * 9 + [70], "Too few": [None] * 10 + [1] * 9}
    for name, values in series.items():
        made = IndicatorFactory(workstream=workstream, name=name, final_target=Decimal("99.5"))
        measure(made, values)

    response = client_of(auditor).get(f"{LIST}?{query}")

    found = [each.indicator.name for _, group in response.context["groups"] for each in group]
    assert sorted(found) == expected


def test_the_list_can_be_turned_into_charts_and_back_with_its_filter_kept(
    workstream, auditor, client_of
):
    measure(IndicatorFactory(workstream=workstream), VALUES)
    client = client_of(auditor)

    table = client.get(f"{LIST}?workstream=WS2")
    charts = client.get(LIST + table.context["other_view"])
    back = client.get(LIST + charts.context["other_view"])

    assert b'role="img"' not in table.content
    assert charts.content.count(b'role="img"') == 1
    assert "workstream=WS2" in charts.request["QUERY_STRING"]
    assert back.request["QUERY_STRING"] == "workstream=WS2"


def test_a_chart_on_the_page_is_valid_and_its_ids_are_its_own(indicator, auditor, client_of):
    measure(indicator, VALUES)

    context = page_of(client_of(auditor), indicator).context

    drawn = [render_svg(context[name]) for name in ("chart", "narrow_chart")]
    titles = [
        ET.fromstring(svg).find(f"{SVG}title").get("id")  # noqa: S314 (our own drawing)
        for svg in drawn
    ]
    assert len(set(titles)) == 2
    assert all(len(svg.encode()) < 20_000 for svg in drawn)


def test_pages_about_the_indicator_are_linked_for_those_who_may_use_them(
    indicator, pmo_officer, local_owner, auditor, client_of
):
    labels = {
        user: [label for label, _ in page_of(client_of(user), indicator).context["links"]]
        for user in (pmo_officer, local_owner, auditor)
    }

    assert labels == {
        pmo_officer: ["Trajectory", "Rebase the chart", "Mark a month", "Settings"],
        local_owner: ["Trajectory", "Mark a month"],
        auditor: ["Trajectory"],
    }


def test_words_have_no_trajectory_chart_or_icons_to_link_or_show(
    workstream, pmo_officer, client_of
):
    words = IndicatorFactory(workstream=workstream, kind="narrative", unit="", final_target=None)
    MeasurementFactory(indicator=words, value=None, text="Members felt listened to.")

    response = page_of(client_of(pmo_officer), words)

    assert [label for label, _ in response.context["links"]] == ["Settings"]
    assert b'role="img"' not in response.content


def test_yes_and_no_are_drawn_without_means_or_icons(workstream, auditor, client_of):
    answers = IndicatorFactory(workstream=workstream, kind="yes_no", unit="", final_target=1)
    measure(answers, [0] * 10 + [1] * 9)

    response = page_of(client_of(auditor), answers)

    assert response.context["chart"].bands == []
    assert response.context["chart"].key_items == []
    assert b'class="qip-verdict"' not in response.content


def test_the_list_leads_to_the_grid_of_the_work_streams_that_the_person_records(
    workstream, local_owner, auditor, client_of
):
    other = WorkstreamFactory(code="WS1", name="A great place to work", position=1)
    IndicatorFactory(workstream=other)
    IndicatorFactory(workstream=workstream, local_owner=local_owner)

    owners, auditors = (client_of(user).get(LIST) for user in (local_owner, auditor))

    assert b"/work-streams/WS2/values/" in owners.content
    assert b"/work-streams/WS1/values/" not in owners.content
    assert b"/values/" not in auditors.content
    assert b"/import/" not in owners.content
