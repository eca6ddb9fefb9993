import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from metrics.exports import sheet_of
from metrics.import_months import read_month
from metrics.imports import RowErrors, confirm_file, keep_file, plan_of, read_entries, version_of
from metrics.models import IndicatorKind, Measurement
from metrics.services import EntriesRefused
from tests.factories.metrics import IndicatorFactory, MeasurementFactory
from tests.factories.workstreams import ProgrammeFactory, WorkstreamFactory
from workstreams.spreadsheets import read_rows

LONG = "indicator,month,value\n"


@pytest.fixture
def indicator(workstream):
    return IndicatorFactory(workstream=workstream, reference="WS2-I1")


@pytest.fixture
def bring(client_of, pmo_administrator, programme):
    """Upload a file as the PMO administrator."""

    def post(content, name="values.csv", **more):
        url = reverse("metrics:value_import", args=[programme.slug])
        content = content.encode() if isinstance(content, str) else content
        file = SimpleUploadedFile(name, content)
        return client_of(pmo_administrator).post(url, {"file": file}, **more)

    return post


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_file_is_previewed_confirmed_and_changes_nothing_the_second_time(
    indicator, bring, client_of, pmo_administrator, programme
):
    preview = bring(LONG + "WS2-I1,2016-01,80\nWS2-I1,Feb 2016,81%\n", follow=True)
    assert b"2 new, 0 changed, 0 unchanged" in preview.content
    assert not Measurement.objects.exists()

    url = preview.redirect_chain[-1][0]
    done = client_of(pmo_administrator).post(url, {"version": 0, "reason": ""}, follow=True)
    again = bring(LONG + "WS2-I1,2016-01,80\nWS2-I1,Feb 2016,81%\n", follow=True)

    assert b"Imported 2 values." in done.content
    assert b"there is nothing to save" in again.content
    values = Measurement.objects.order_by("month").values_list("value", "channel")
    assert list(values) == [(80, "import"), (81, "import")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("WS2-I1,2016-01,many", "Row 2, column 3: Enter a number"),
        ("WS2-I1,2016-01,140", "Row 2, column 3: Enter a per cent between 0 and 100"),
        ("WS2-I1,2016-04,80", "Row 2, column 3: April 2016 lies ahead"),
        ("WS2-I1,01/02/2016,80", "Row 2, column 2: “01/02/2016” could be one of two months"),
        ("WS9-I9,2016-01,80", "Row 2, column 1: “WS9-I9” is no indicator of this programme"),
        ("OTHER,2016-01,80", "Row 2, column 1: “OTHER” is no indicator of this programme"),
        ("WS2-I1,2016-01,80\nWS2-I1,Jan 2016,81", "Row 3, column 3: WS2-I1 has January 2016 twice"),
    ],
)
def test_each_wrong_cell_is_named_and_nothing_is_kept(indicator, bring, row, said):
    other = ProgrammeFactory(slug="other")
    IndicatorFactory(workstream=WorkstreamFactory(programme=other), reference="OTHER")

    response = bring(LONG + row)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Measurement.objects.exists()


def test_a_workbook_with_months_across_is_read_and_its_formulas_refused(indicator, programme):
    header = ["Indicator", "Name", date(2016, 1, 31), "Feb 2016"]
    good = workbook(header, ["WS2-I1", "x", 0.1 + 0.2, None])
    bad = workbook(header, ["WS2-I1", "x", 80, "=1+1"])

    rows = read_entries(programme, read_rows(good))
    with pytest.raises(RowErrors) as caught:
        read_entries(programme, read_rows(bad))

    assert [(row["place"], row["month"], row["value"]) for row in rows] == [
        ("C2", "2016-01", "0.3")
    ]
    assert caught.value.errors == ["D2: it holds a formula; paste its value"]


@pytest.mark.parametrize(
    "typed", ["2016-10", "Oct 2016", "October 2016", "31/10/2016", "2016-10-05", date(2016, 10, 9)]
)
def test_a_month_may_be_written_in_many_ways(typed):
    assert read_month(typed) == date(2016, 10, 1)


@pytest.mark.parametrize("typed", ["", "10/11/2016", "Oct-16", "42644", "2016-13", "31/02/2016"])
def test_what_is_no_month_for_certain_is_refused(typed):
    with pytest.raises(ValueError, match="month"):
        read_month(typed)


def test_a_preview_that_others_overtook_is_checked_again(
    indicator, bring, client_of, pmo_administrator
):
    preview = bring(LONG + "WS2-I1,2016-02,81\n", follow=True)
    MeasurementFactory(indicator=indicator, value=Decimal(70), recorded_by=pmo_administrator)

    url = preview.redirect_chain[-1][0]
    response = client_of(pmo_administrator).post(url, {"version": 0, "reason": "Audited"})

    assert response.status_code == 409
    assert "It is now 70%" in response.content.decode()
    assert Measurement.objects.get().value == 70
    version = response.context["form"].data["version"]
    client_of(pmo_administrator).post(url, {"version": version, "reason": "Audited"})
    assert Measurement.objects.in_force().get().correction_reason == "Audited"


def test_changes_need_a_reason_and_without_it_nothing_is_written(
    indicator, programme, pmo_administrator
):
    MeasurementFactory(indicator=indicator)
    content = (LONG + "WS2-I1,2016-01,79\nWS2-I1,2016-02,81\n").encode()
    file = keep_file(programme=programme, by=pmo_administrator, file_name="v.csv", content=content)

    with pytest.raises(EntriesRefused):
        confirm_file(
            file_id=file.pk, by=pmo_administrator, seen_version=version_of(programme), reason=" "
        )

    assert Measurement.objects.get().value == 80


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_import_of_the_export_changes_nothing(
    indicator, workstream, programme, pmo_administrator, ending
):
    words = IndicatorFactory(workstream=workstream, kind=IndicatorKind.NARRATIVE, name="=1+1")
    answer = IndicatorFactory(workstream=workstream, kind=IndicatorKind.YES_NO, unit="")
    number = IndicatorFactory(workstream=workstream, kind=IndicatorKind.NUMBER, unit="")
    MeasurementFactory(indicator=indicator, value=Decimal("88.1250"), is_provisional=True)
    MeasurementFactory(indicator=number, value=Decimal("-99999999999.9999"))
    MeasurementFactory(indicator=answer, value=Decimal(0))
    MeasurementFactory(indicator=words, value=None, text="=cmd|' /C calc'!A1, \"then\"")
    content = sheet_of(programme, sheet="values", ending=ending)

    file = keep_file(programme=programme, by=pmo_administrator, file_name="v", content=content)

    assert [plan.kind for plan in plan_of(file)] == ["unchanged"] * 4


def test_the_template_lists_the_indicators_and_holds_no_values(indicator, programme):
    rows = read_rows(sheet_of(programme, sheet="template", ending="xlsx"))

    assert [cell.value for cell in rows[0]][:4] == ["Indicator", "Name", "Unit", "2015-10"]
    with pytest.raises(ValidationError, match="holds no values"):
        read_entries(programme, rows)
