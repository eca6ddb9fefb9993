"""Indicators with their charts."""

from typing import Any

from django.template.loader import render_to_string

from metrics.chart_indicator import chart_of
from metrics.charts import render_svg
from metrics.reading import ASSURANCE_WORDS, VARIATION_WORDS, WITHOUT_TARGET
from metrics.standing import Standing
from workstreams.dates import long_month

# Two charts stand side by side on a page.
CHART_WIDTH, CHART_HEIGHT = 440, 230
VARIATION_MEANINGS = {
    "improvement": "More than chance, in the good direction",
    "concern": "More than chance, in the bad direction",
    "common_cause": "Usual variation: nothing says that the process has changed",
    "neutral_high": "Unusually high, which is neither good nor bad",
    "neutral_low": "Unusually low, which is neither good nor bad",
}
ASSURANCE_MEANINGS = {
    "pass": "The limits lie on the good side of the target: normally met every month",
    "fail": "The limits lie on the bad side of the target: normally missed every month",
    "hit_or_miss": "The target lies between the limits: met in some months, missed in others",
}


def icon_key() -> dict[str, list[dict[str, str]]]:
    """The icons of charts: drawing, word and meaning of each."""
    return {
        "variation": _icons("variation", VARIATION_WORDS, VARIATION_MEANINGS),
        "assurance": _icons("assurance", ASSURANCE_WORDS, ASSURANCE_MEANINGS),
    }


def indicator_content(standing: Standing, *, with_chart: bool = True) -> dict[str, Any]:
    """Give an indicator's figures, words and, unless left out, its chart as SVG."""
    indicator, process = standing.indicator, standing.process
    return {
        **(_chart(standing) if with_chart else {}),
        "reference": indicator.reference,
        "name": indicator.name,
        "unit": indicator.unit,
        "month_name": long_month(standing.value_month or standing.month),
        # A narrative's words stand in the reading; the column is for figures.
        "value": indicator.show(standing.value),
        "trajectory": standing.shown_trajectory,
        "attainment": standing.shown_attainment,
        "target": indicator.show(indicator.final_target),
        "rating": standing.rating.value,
        "rating_word": standing.word,
        "variation": process.variation or "",
        "assurance": process.assurance or "",
        "progress": process.progress,
        "figures": _figures(standing),
        "reading": _reading(standing),
        "narrative": indicator.is_narrative,
        "illustrative": standing.is_illustrative or standing.is_trajectory_illustrative,
    }


def _chart(standing: Standing) -> dict[str, str]:
    chart = chart_of(standing, width=CHART_WIDTH, height=CHART_HEIGHT)
    is_drawn = standing.points and not standing.indicator.is_narrative
    return {"svg": str(render_svg(chart)) if is_drawn else "", "alt": chart.description}


def _icons(name: str, words: dict[Any, str], meanings: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            "code": code,
            "word": word,
            "meaning": meanings[code],
            "svg": str(render_to_string(f"metrics/icons/{name}.svg", {"code": code})),
        }
        for code, word in words.items()
    ]


def _figures(standing: Standing) -> str:
    """The figures of the chart that its row of the table does not hold."""
    indicator, step = standing.indicator, standing.process.analysis.latest_step
    said = []
    if standing.process.is_spc and step and step.mean is not None:
        said.append(f"Mean {indicator.show(step.mean)}")
        if step.lower is not None and step.upper is not None:
            said.append(f"limits {indicator.show(step.lower)} to {indicator.show(step.upper)}")
    elif indicator.baseline_value is not None:
        said.append(f"Baseline {indicator.show(indicator.baseline_value)}")
    return ", ".join(said)


def _reading(standing: Standing) -> str:
    if standing.indicator.is_narrative:
        return standing.text
    if not standing.process.is_chartable:
        return standing.explanation
    # That there is no target stands in its row; under each of thirty charts it is a refrain.
    said = [each for each in standing.reading.sentences if each != WITHOUT_TARGET]
    return " ".join([standing.explanation, *said])
