"""Charts to try, and how to read their drawing."""

import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal

from metrics.charts import ChartPoint, ChartStep, indicator_chart, render_svg

SVG = "{http://www.w3.org/2000/svg}"


def months(count, year=2014, month=4):
    return [date(year + (month - 1 + n) // 12, (month - 1 + n) % 12 + 1, 1) for n in range(count)]


def chart_of(values, trajectory=(), **options):
    planned = [*trajectory, *[None] * (len(values) - len(trajectory))]
    points = [
        ChartPoint(month, value, plan)
        for month, value, plan in zip(months(len(values)), values, planned, strict=True)
    ]
    given_options = {"key": "WS1-I1", "title": "Drug pack forms complete", "unit": "%"} | options
    return indicator_chart(points=points, **given_options)


def parsed(chart):
    return ET.fromstring(render_svg(chart))  # noqa: S314 (our own drawing)


def texts(chart):
    return [element.text for element in parsed(chart).iter(f"{SVG}text")]


SIGNALS = ["common", "improvement", "concern", "neutral"]


def spc_chart(**options):
    points = [
        ChartPoint(month, value, symbol=SIGNALS[index % 4], signal="Said in words")
        for index, (month, value) in enumerate(zip(months(8), range(70, 78), strict=True))
    ]
    steps = [
        ChartStep(date(2014, 4, 1), 71.5, 69, 74),
        ChartStep(date(2014, 8, 1), Decimal("75.25"), 73, Decimal("77.5")),
    ]
    return indicator_chart(
        key="a", title="A", unit="%", points=points, **{"steps": steps} | options
    )
