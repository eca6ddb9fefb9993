from datetime import date

from django.urls import register_converter

from workstreams.calendar import format_month, parse_month


class MonthConverter:
    """A reporting month in an address: 2016-11, given to the view as its first day."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value: str) -> date:
        return parse_month(value)

    def to_url(self, value: date) -> str:
        return format_month(value)


register_converter(MonthConverter, "month")
