from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from metrics.models import Frequency, IndicatorKind, Measurement
from tests.factories.metrics import IndicatorFactory, MeasurementFactory

FEBRUARY = date(2016, 2, 1)


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(workstream=workstream, local_owner=local_owner, reference="WS2-I1")


@pytest.fixture
def url(programme, workstream):
    return reverse("metrics:value_grid", args=[programme.slug, workstream.code])


def cell(indicator, month):
    return f"value-{indicator.pk}-2016-{month:02d}"


def test_a_grid_shows_what_stands_and_saves_what_changed(indicator, url, local_owner, client_of):
    old = MeasurementFactory(indicator=indicator, recorded_by=local_owner)
    client = client_of(local_owner)

    page = client.get(url).content.decode()
    typed = {"version": old.pk, cell(indicator, 1): "79%", cell(indicator, 2): "80"}
    response = client.post(url, typed)

    assert "WS2 local owner, 3 Mar 2016" in page
    assert response.status_code == 302
    values = indicator.measurements.order_by("month").values_list("value", "channel")
    assert list(values) == [(79, "grid"), (80, "page")]


def test_a_wrong_cell_keeps_the_typed_text_and_all_others_from_being_saved(
    indicator, url, local_owner, client_of
):
    typed = {"version": 0, cell(indicator, 1): "79", cell(indicator, 2): "140"}

    response = client_of(local_owner).post(url, typed)

    assert response.status_code == 422
    form = response.context["form"]
    assert form.errors[cell(indicator, 2)] == ["Enter a per cent between 0 and 100"]
    assert b'value="140"' in response.content
    assert b"<title>Error: " in response.content
    assert not Measurement.objects.exists()


def test_a_correction_asks_for_one_reason_and_then_keeps_the_old_value(
    indicator, url, local_owner, client_of
):
    old = MeasurementFactory(indicator=indicator)
    typed = {"version": old.pk, cell(indicator, 2): "81"}
    client = client_of(local_owner)

    asked = client.post(url, typed)
    saved = client.post(url, {**typed, "correction_reason": "Counted again"})

    assert asked.status_code == 422
    assert "correction_reason" in asked.context["form"].errors
    assert saved.status_code == 302
    assert indicator.measurements.in_force().get().correction_reason == "Counted again"


def test_a_conflict_shows_both_values_and_a_second_save_decides(
    indicator, url, local_owner, pmo_officer, client_of
):
    MeasurementFactory(indicator=indicator, value=Decimal(70), recorded_by=pmo_officer)
    typed = {"version": 0, cell(indicator, 2): "81", "correction_reason": "Checked"}
    client = client_of(local_owner)

    response = client.post(url, typed)

    form = response.context["form"]
    assert response.status_code == 409
    assert "PMO officer entered 70% meanwhile" in form.errors[cell(indicator, 2)][0]
    assert b'value="81"' in response.content
    assert Measurement.objects.get().value == 70
    client.post(url, {**typed, "version": form.data["version"]})
    assert indicator.measurements.in_force().get().value == 81


def test_what_others_entered_elsewhere_meanwhile_stays(indicator, url, local_owner, client_of):
    MeasurementFactory(indicator=indicator, value=Decimal(70))

    response = client_of(local_owner).post(url, {"version": 0, cell(indicator, 1): "79"})

    assert response.status_code == 302
    assert indicator.measurements.in_force().get(month=FEBRUARY).value == 70


def test_an_emptied_cell_is_no_way_to_take_a_value_away(indicator, url, local_owner, client_of):
    old = MeasurementFactory(indicator=indicator)

    response = client_of(local_owner).post(url, {"version": old.pk, cell(indicator, 2): ""})

    assert response.status_code == 422
    assert indicator.measurements.in_force().get() == old


def test_only_own_indicators_are_in_the_grid_and_no_others_can_be_posted(
    indicator, workstream, url, local_owner, client_of
):
    other = IndicatorFactory(workstream=workstream)
    client = client_of(local_owner)

    response = client.post(url, {"version": 0, cell(other, 1): "79", "channel": "import"})

    assert response.status_code == 302
    assert not Measurement.objects.exists()
    assert [row.indicator for row in client.get(url).context["rows"]] == [indicator]


def test_narrative_ones_have_their_own_form_and_quarterly_ones_four_months(
    indicator, workstream, url, local_owner, client_of
):
    indicator.frequency = Frequency.QUARTERLY
    indicator.save()
    words = IndicatorFactory(
        workstream=workstream, local_owner=local_owner, kind=IndicatorKind.NARRATIVE
    )

    context = client_of(local_owner).get(f"{url}?months=12").context

    cells = [each for row in context["rows"] for each in row.cells if each.field]
    assert (len(cells), context["narrative"]) == (4, [words])


@pytest.mark.parametrize("rows", [1, 25])
def test_the_grid_costs_the_same_queries_however_many_indicators(
    workstream, url, pmo_officer, client_of, django_assert_max_num_queries, rows
):
    for indicator in IndicatorFactory.create_batch(rows, workstream=workstream):
        MeasurementFactory(indicator=indicator)
    client = client_of(pmo_officer)

    with django_assert_max_num_queries(12):
        response = client.get(url)

    assert len(response.context["rows"]) == rows
