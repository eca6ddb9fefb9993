from datetime import date
from decimal import Decimal

import pytest

from metrics.forms import first_empty_month, offered_months
from metrics.models import IndicatorKind, Measurement
from tests.factories.metrics import IndicatorFactory, MeasurementFactory
from tests.factories.workstreams import WorkstreamFactory

TODAY = date(2016, 3, 14)
JANUARY, FEBRUARY, MARCH = (date(2016, month, 1) for month in (1, 2, 3))


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(
        workstream=workstream,
        local_owner=local_owner,
        reference="WS2-I1",
        final_target=Decimal(100),
    )


@pytest.fixture
def enter(client_of):
    """Post a value for February as a person; other fields as given."""

    def post(person, indicator, /, *, follow=False, **fields):
        data = {"month": "2016-02", "correction_reason": "", "version": 0, **fields}
        url = f"{indicator.get_absolute_url()}record/"
        return client_of(person).post(url, data, follow=follow)

    return post


def test_a_value_is_saved_and_the_message_says_the_rating_and_why(indicator, local_owner, enter):
    response = enter(local_owner, indicator, value="88", follow=True)

    assert response.redirect_chain == [(indicator.get_absolute_url(), 302)]
    assert [str(message) for message in response.context["messages"]] == [
        "Saved, rated Near. February 2016: 88% is 88% of the target, 100%; "
        "85% to less than 95% is Near."
    ]
    assert indicator.measurements.get().recorded_by == local_owner


@pytest.mark.parametrize(
    ("kind", "unit", "typed", "value"),
    [
        (IndicatorKind.PERCENT, "percent", "88%", "88"),
        (IndicatorKind.PERCENT, "percent", " 12.5 % ", "12.5"),
        (IndicatorKind.PERCENT, "percent", "0", "0"),
        (IndicatorKind.PERCENT, "percent", "100.0000", "100"),
        (IndicatorKind.NUMBER, "WTE", "3,169", "3169"),
        (IndicatorKind.NUMBER, "WTE", "1,234,567.25", "1234567.25"),
        (IndicatorKind.NUMBER, "", "-4.5", "-4.5"),
        (IndicatorKind.NUMBER, "", "\N{MINUS SIGN}4.5", "-4.5"),
        (IndicatorKind.RATE, "", ".5", "0.5"),
        (IndicatorKind.NUMBER, "", "0000000000000007", "7"),
        (IndicatorKind.NUMBER, "", "99999999999", "99999999999"),
    ],
)
def test_numbers_are_taken_as_people_type_them(
    workstream, local_owner, enter, kind, unit, typed, value
):
    indicator = IndicatorFactory(
        workstream=workstream, local_owner=local_owner, kind=kind, unit=unit
    )

    response = enter(local_owner, indicator, value=typed)

    assert response.status_code == 302
    assert indicator.measurements.get().value == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter the value"),
        ("12,5", "Write decimals with a point, like 12.5, and thousands like 1,240"),
        ("1,2345", "Write decimals with a point, like 12.5, and thousands like 1,240"),
        ("about 80", "Enter a number, like 88 or 1,240.5"),
        ("NaN", "Enter a number, like 88 or 1,240.5"),
        ("1e400", "Enter a number, like 88 or 1,240.5"),
        ("Infinity", "Enter a number, like 88 or 1,240.5"),
        ("\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}", "Enter a number, like 88 or 1,240.5"),
        ("\N{ARABIC-INDIC DIGIT ONE}", "Enter a number, like 88 or 1,240.5"),
        ("-", "Enter a number, like 88 or 1,240.5"),
        (".", "Enter a number, like 88 or 1,240.5"),
        ("%", "Enter a number, like 88 or 1,240.5"),
        ("1_000", "Enter a number, like 88 or 1,240.5"),
        ("9" * 30, "Enter a number with at most 11 digits before the point"),
        ("9" * 41, "Value must be 40 characters or fewer"),
        ("1.23456", "Enter at most 4 digits after the point"),
        ("100.5", "Enter a per cent between 0 and 100"),
        ("-1", "Enter a per cent between 0 and 100"),
    ],
)
def test_what_is_no_value_is_refused_at_its_field_and_kept(
    indicator, local_owner, enter, typed, message
):
    response = enter(local_owner, indicator, value=typed)

    assert response.status_code == 422
    assert response.context["form"].errors == {"value": [message]}
    assert response.context["form"]["value"].value() == typed
    assert b"<title>Error: " in response.content
    assert not Measurement.objects.exists()


def test_a_percent_sign_is_refused_where_the_unit_is_none(workstream, local_owner, enter):
    indicator = IndicatorFactory(
        workstream=workstream, local_owner=local_owner, kind=IndicatorKind.NUMBER, unit="WTE"
    )

    response = enter(local_owner, indicator, value="88%")

    assert "not measured in percent" in response.context["form"].errors["value"][0]


def test_control_characters_are_taken_out_of_what_is_typed(indicator, local_owner, enter):
    enter(local_owner, indicator, value="8\x008")

    assert indicator.measurements.get().value == 88


@pytest.mark.parametrize(
    "month",
    ["", "2016-04", "2014-02", "2016-13", "2016-2", "0000-00", "\x00", "February", "9" * 30],
)
def test_a_month_that_is_not_offered_is_refused(indicator, local_owner, enter, month):
    response = enter(local_owner, indicator, value="88", month=month)

    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"month"}


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "9" * 5000])
def test_a_broken_version_is_an_error_and_not_a_fault(indicator, local_owner, enter, version):
    response = enter(local_owner, indicator, value="88", version=version)

    assert response.status_code == 422


def test_a_correction_asks_for_its_reason_then_keeps_the_old_value_on_the_page(
    indicator, local_owner, client_of, enter
):
    old = MeasurementFactory(indicator=indicator, value=Decimal(80))

    refused = enter(local_owner, indicator, value="82", version=old.pk)
    saved = enter(
        local_owner, indicator, value="82", version=old.pk, correction_reason="Two came late"
    )

    assert refused.status_code == 422
    assert "Say why it changes" in refused.context["form"].errors["correction_reason"][0]
    assert saved.status_code == 302
    page = client_of(local_owner).get(indicator.get_absolute_url()).content.decode()
    assert "Was 80% until" in page
    assert "WS2 local owner: Two came late" in page


def test_a_value_that_came_in_meanwhile_is_shown_beside_what_was_typed(
    indicator, local_owner, pmo_officer, enter
):
    meanwhile = MeasurementFactory(indicator=indicator, value=Decimal(81), recorded_by=pmo_officer)

    response = enter(local_owner, indicator, value="82", correction_reason="Recount")

    assert response.status_code == 409
    page = response.content.decode()
    assert "<strong>81%</strong>, entered by PMO officer" in page
    assert 'value="82"' in page
    assert f'value="{meanwhile.pk}"' in page
    assert indicator.measurements.get() == meanwhile


def test_after_a_conflict_saving_again_replaces_the_value_seen(indicator, local_owner, enter):
    MeasurementFactory(indicator=indicator, value=Decimal(81))
    form = enter(local_owner, indicator, value="82", correction_reason="Recount").context["form"]

    response = enter(local_owner, indicator, **form.data)

    assert response.status_code == 302
    assert indicator.measurements.in_force().get().value == 82


def test_yes_or_no_is_chosen(workstream, local_owner, enter):
    indicator = IndicatorFactory(
        workstream=workstream, local_owner=local_owner, kind=IndicatorKind.YES_NO, unit=""
    )

    refused = enter(local_owner, indicator, value="2")
    empty = enter(local_owner, indicator)
    saved = enter(local_owner, indicator, value="0")

    assert refused.context["form"].errors == {"value": ["Choose yes or no"]}
    assert empty.context["form"].errors == {"value": ["Choose yes or no"]}
    assert saved.status_code == 302
    assert indicator.measurements.get().value == 0


def test_words_are_taken_up_to_their_limit(workstream, local_owner, enter):
    indicator = IndicatorFactory(
        workstream=workstream, local_owner=local_owner, kind=IndicatorKind.NARRATIVE, unit=""
    )

    too_long = enter(local_owner, indicator, text="é" * 2001)
    empty = enter(local_owner, indicator, text=" ")
    saved = enter(local_owner, indicator, text="é" * 2000)

    assert too_long.context["form"].errors == {
        "text": ["What was found must be 2000 characters or fewer"]
    }
    assert too_long.context["form"]["text"].value() == "é" * 2001
    assert empty.status_code == 422
    assert saved.status_code == 302
    assert indicator.measurements.get().text == "é" * 2000


def test_fields_that_the_form_does_not_have_are_ignored(indicator, local_owner, auditor, enter):
    other = IndicatorFactory(workstream=indicator.workstream)

    enter(
        local_owner,
        indicator,
        value="88",
        text="words",
        indicator=other.pk,
        recorded_by=auditor.pk,
        is_from_plan="on",
        recorded_at="2001-01-01",
        replaced_at="2001-01-01",
    )

    saved = Measurement.objects.get()
    assert (saved.indicator, saved.recorded_by, saved.text) == (indicator, local_owner, "")
    assert (saved.is_from_plan, saved.replaced_at) == (False, None)
    assert saved.recorded_at.year > 2001


@pytest.mark.parametrize("who", ["elt_member", "auditor"])
def test_who_may_not_record_sees_no_link_and_is_told_so(request, indicator, client_of, enter, who):
    person = request.getfixturevalue(who)
    client = client_of(person)

    page = client.get(indicator.get_absolute_url())
    form = client.get(f"{indicator.get_absolute_url()}record/")
    posted = enter(person, indicator, value="88")

    assert b"/record/" not in page.content
    assert (form.status_code, posted.status_code) == (403, 403)
    assert b"Only its owner, its executive lead or the PMO" in posted.content
    assert not Measurement.objects.exists()


def test_an_executive_lead_records_in_their_own_work_stream_only(indicator, executive_lead, enter):
    elsewhere = IndicatorFactory(workstream=WorkstreamFactory(code="WS1", position=1))

    assert enter(executive_lead, indicator, value="88").status_code == 302
    assert enter(executive_lead, elsewhere, value="88").status_code == 403


def test_the_page_and_the_form_offer_the_month_that_comes_next(indicator, local_owner, client_of):
    MeasurementFactory(indicator=indicator, month=JANUARY)
    client = client_of(local_owner)

    page = client.get(indicator.get_absolute_url())
    form = client.get(f"{indicator.get_absolute_url()}record/").context["form"]

    assert b"Enter the value for February 2016" in page.content
    assert form["month"].value() == "2016-02"


def test_the_page_offers_to_correct_once_no_month_is_empty(indicator, local_owner, client_of):
    for month in offered_months(TODAY):
        MeasurementFactory(indicator=indicator, month=month)

    page = client_of(local_owner).get(indicator.get_absolute_url()).content.decode()

    assert "Correct the value for March 2016" in page
    assert "Enter the value" not in page


def test_only_months_that_the_form_offers_can_be_corrected(indicator, local_owner, client_of):
    for month in (date(2014, 2, 1), date(2014, 3, 1)):
        MeasurementFactory(indicator=indicator, month=month)

    page = client_of(local_owner).get(indicator.get_absolute_url()).content.decode()

    assert "?month=2014-03" in page
    assert "?month=2014-02" not in page


@pytest.mark.parametrize(
    ("wanted", "chosen"), [("2015-10", "2015-10"), ("1999-01", "2016-02"), ("%00", "2016-02")]
)
def test_a_link_may_ask_for_a_month(indicator, local_owner, client_of, wanted, chosen):
    url = f"{indicator.get_absolute_url()}record/?month={wanted}"

    form = client_of(local_owner).get(url).context["form"]

    assert form["month"].value() == chosen


@pytest.mark.parametrize(
    ("filled", "expected"),
    [
        ([], FEBRUARY),
        ([date(2015, 11, 1), JANUARY], FEBRUARY),
        ([date(2015, 10, 1)], date(2015, 11, 1)),
        ([FEBRUARY], MARCH),
        ([FEBRUARY, MARCH], JANUARY),
        ([date(2012, 1, 1)], MARCH.replace(year=2014)),
    ],
)
def test_the_month_chosen_is_the_one_after_the_last_value(filled, expected):
    assert first_empty_month(offered_months(TODAY), set(filled), today=TODAY) == expected


def test_months_go_back_two_years_from_this_one():
    months = offered_months(TODAY)

    assert (months[0], months[-1], len(months)) == (MARCH, date(2014, 3, 1), 25)
