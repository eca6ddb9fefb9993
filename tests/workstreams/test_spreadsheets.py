import csv
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from workstreams.spreadsheets import (
    LARGEST_FILE,
    MOST_ROWS,
    guarded,
    read_rows,
    unguarded,
    write_csv,
    write_xlsx,
)

LIVE = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\x00=1", "\uff1d1", "\uff0b1", " =1", "'=1"]


def archive(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in files.items():
            book.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


@pytest.mark.parametrize("text", LIVE)
def test_no_text_of_ours_runs_as_a_formula(text):
    row = next(csv.reader(io.StringIO(write_csv([[text]]).decode("utf-8-sig"), newline="")))
    sheet = load_workbook(io.BytesIO(write_xlsx([[text]], title="Values"))).active

    assert row[0].startswith("'")
    assert sheet["A1"].data_type == "s"


def test_numbers_stay_numbers():
    assert write_csv([[-4]]).decode("utf-8-sig").strip() == "-4"
    sheet = load_workbook(io.BytesIO(write_xlsx([[-4]], title="Values"))).active
    assert (sheet["A1"].value, sheet["A1"].data_type) == (-4, "n")


@given(st.text())
@example("''=")
def test_what_is_guarded_comes_back_as_it_was(text):
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_comes_in_the_ways_that_spreadsheets_save_it(delimiter, encoding):
    content = delimiter.join(["Café", "2016-10"]).encode(encoding)

    assert [cell.value for cell in read_rows(content)[0]] == ["Café", "2016-10"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b",,\n,,", "empty"),
        (b"a,b\x00c", "no spreadsheet"),
        (b"%PDF-1.7\n\x00", "no spreadsheet"),
        ("a,b".encode("utf-16"), "no spreadsheet"),
        (b"\xd0\xcf\x11\xe0rest", "password"),
        (b"PK\x03\x04 no archive", "no spreadsheet"),
        (archive(word__document="<x/>"), "no spreadsheet"),
        (archive(xl__workbook="<x/>"), "no spreadsheet"),
        (archive(xl__workbook="0" * 20_000_000), "unpacks to more"),
        (b"x" * (LARGEST_FILE + 1), "larger than"),
        (b"1\n" * 100_000, "rows"),
        (b"," * 100 + b"1", "columns"),
    ],
)
def test_what_cannot_be_read_safely_is_refused_in_words(content, said):
    with pytest.raises(ValidationError, match=said):
        read_rows(content)


def test_a_value_far_below_is_not_passed_over():
    book = Workbook()
    book.active.cell(row=MOST_ROWS + 1, column=1, value="x")
    out = io.BytesIO()
    book.save(out)

    with pytest.raises(ValidationError, match="rows"):
        read_rows(out.getvalue())


def test_a_percent_cell_is_read_as_it_looks():
    book = Workbook()
    book.active["A1"] = 0.88
    book.active["A1"].number_format = "0%"
    out = io.BytesIO()
    book.save(out)

    assert read_rows(out.getvalue())[0][0].value == "88%"
