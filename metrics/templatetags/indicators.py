from django import template
from django.utils.safestring import SafeString

from metrics.chart_indicator import chart_of
from metrics.charts import render_svg
from metrics.standing import Standing

register = template.Library()

SMALL_WIDTH, SMALL_HEIGHT = 340, 200


@register.simple_tag
def small_chart(standing: Standing) -> SafeString:
    """The chart of an indicator for a page of many, without a key of its own."""
    return render_svg(chart_of(standing, with_key=False, width=SMALL_WIDTH, height=SMALL_HEIGHT))
