from datetime import date

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string

from accounts.forms import SplitDateField, TrackerForm, clean_text

ALL_RIGHT = {
    "forecast_date_day": "30",
    "forecast_date_month": "11",
    "forecast_date_year": "2016",
    "narrative": "Audited",
    "percent": "60",
    "owner": "1",
}


class UpdateForm(TrackerForm):
    submit_label = "Save update"

    forecast_date = SplitDateField(help_text="Planned: 30 11 2016")
    narrative = forms.CharField(label="Narrative", widget=forms.Textarea, max_length=20)
    percent = forms.IntegerField(label="Percent complete (%)", min_value=0, max_value=100)
    owner = forms.ChoiceField(label="Local owner", choices=[("", "Choose"), ("1", "Owner")])
    note = forms.CharField(required=False)


def update_form(**changes):
    return UpdateForm({**ALL_RIGHT, **changes})


def date_error(day, month, year):
    form = update_form(forecast_date_day=day, forecast_date_month=month, forecast_date_year=year)
    return form.errors["forecast_date"][0]


@pytest.mark.parametrize("month", ["11", "Nov", "november", "NOV.", " nov "])
def test_a_month_may_be_a_number_or_a_name(month):
    form = update_form(forecast_date_month=month)

    assert form.is_valid(), form.errors

    assert form.cleaned_data["forecast_date"] == date(2016, 11, 30)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (("", "", ""), "Enter the forecast date"),
        (("30", "", "2016"), "Forecast date must include a month"),
        (("", "", "2016"), "Forecast date must include a day and a month"),
        (("31", "2", "2016"), "Forecast date must be a real date"),
        (("29", "2", "2015"), "Forecast date must be a real date"),
        (("30", "ma", "2016"), "Forecast date must be a real date"),
        (("٣", "11", "2016"), "Forecast date must be a real date"),
        (("9" * 5000, "11", "2016"), "Forecast date must be a real date"),
        (("30", "11", "16"), "Forecast date must have a year between 1900 and 2100"),
        (("30", "11", "2101"), "Forecast date must have a year between 1900 and 2100"),
    ],
)
def test_a_wrong_date_is_named_in_words(typed, message):
    assert date_error(*typed) == message


@pytest.mark.parametrize("year", [1900, 2100])
def test_the_first_and_the_last_year_are_accepted(year):
    form = update_form(forecast_date_year=str(year))

    assert form.is_valid()

    assert form.cleaned_data["forecast_date"].year == year


def test_a_date_that_may_stay_empty_is_none():
    class OptionalDate(TrackerForm):
        done = SplitDateField(required=False)

    form = OptionalDate({"done_day": "", "done_month": "", "done_year": ""})

    assert form.is_valid()

    assert form.cleaned_data["done"] is None


def test_an_unchanged_date_does_not_count_as_changed():
    form = UpdateForm(
        ALL_RIGHT,
        initial={
            "forecast_date": date(2016, 11, 30),
            "narrative": "Audited",
            "percent": 60,
            "owner": "1",
        },
    )

    changed = form.changed_data

    assert changed == []


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("narrative", "", "Enter the narrative"),
        ("narrative", "x" * 21, "Narrative must be 20 characters or fewer"),
        ("percent", "abc", "Percent complete (per cent) must be a whole number"),
        ("percent", "101", "Percent complete (per cent) must be 100 or less"),
        ("owner", "", "Select the local owner"),
        ("owner", "7", "Choose the local owner from the list"),
    ],
)
def test_each_message_names_its_field(field, value, message):
    form = update_form(**{field: value})

    errors = form.errors

    assert errors[field] == [message]


def test_a_message_written_for_a_field_wins():
    class Reason(TrackerForm):
        reason = forms.CharField(error_messages={"required": "Say why the date moves"})

    form = Reason({})

    assert form.errors["reason"] == ["Say why the date moves"]


def test_text_loses_what_a_database_or_a_pdf_may_refuse():
    text = "a\x00b\ud800c\ufffed\x1b\te\r\nf"

    cleaned = clean_text(text)

    assert cleaned == "abcd\te\nf"


def test_line_endings_count_once_towards_the_limit():
    form = update_form(narrative="a\r\n" * 9 + "bc")

    assert form.is_valid(), form.errors

    assert form.cleaned_data["narrative"] == "a\n" * 9 + "bc"


def test_posted_data_is_cleaned_and_keeps_every_value_of_a_key():
    class Audiences(TrackerForm):
        audiences = forms.MultipleChoiceField(choices=[("cqrg", "CQRG"), ("rog", "ROG")])

    form = Audiences(QueryDict("audiences=cqrg&audiences=ro%00g"))

    assert form.is_valid(), form.errors

    assert form.cleaned_data["audiences"] == ["cqrg", "rog"]


def test_a_failed_form_keeps_the_typed_text_and_ties_each_message_to_its_box():
    form = update_form(forecast_date_month="Nonsense", percent="<b>abc")

    html = render_crispy_form(form)

    assert 'value="Nonsense"' in html
    assert 'value="&lt;b&gt;abc"' in html
    assert 'aria-describedby="id_percent_error"' in html
    assert 'aria-describedby="id_forecast_date_helptext id_forecast_date_error"' in html
    assert "Note (optional)" in html
    assert "Save update" in html


def test_the_error_summary_links_to_the_first_box_of_each_field():
    form = update_form(forecast_date_day="32", percent="")

    html = render_to_string("components/error_summary.html", {"form": form})

    assert '<a href="#id_forecast_date_day">Forecast date must be a real date</a>' in html
    assert '<a href="#id_percent">Enter the percent complete (per cent)</a>' in html
