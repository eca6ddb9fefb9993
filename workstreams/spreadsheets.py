"""Spreadsheets from people and for people: CSV and XLSX, read and written without surprises."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.core.exceptions import ValidationError
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from accounts.forms import clean_text

LARGEST_FILE = 2 * 1024 * 1024
LARGEST_UNPACKED = 10 * 1024 * 1024
LARGEST_RATIO = 100
MOST_ENTRIES = 200
MOST_ROWS = 5_000
MOST_COLUMNS = 100
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

OLE = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"
ENCRYPTED = 0x1
# What makes a spreadsheet program run a text as a formula, in ASCII and full width.
LIVE = re.compile(r"\s*[=+\-@\t\r\x00\uff1d\uff0b\uff0d\uff20]")
NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

NO_SPREADSHEET = "This is no spreadsheet that can be read. Save it as CSV or Excel workbook (.xlsx)"
TOO_LONG = f"The file has more than {MOST_ROWS:,} rows. Split it"
TOO_WIDE = f"The file has more than {MOST_COLUMNS} columns. Take out what is not needed"
TOO_LARGE_INSIDE = (
    f"The workbook unpacks to more than {LARGEST_UNPACKED // 1024**2} MB. Keep only the sheet with "
    "the values"
)

Value = str | date | Decimal | int | None


@dataclass(frozen=True)
class Cell:
    """A cell as read: where it stands in words ("E5", "row 5, column 5"), and what it holds.

    Numbers come as the text that a person would type, with a % sign where the cell shows one.
    """

    place: str
    value: str | date = ""
    is_formula: bool = False

    @property
    def is_blank(self) -> bool:
        return self.value == "" and not self.is_formula


Row = list[Cell]


def read_rows(content: bytes) -> list[Row]:
    """The rows of a CSV file or of a workbook's first sheet, as the bytes themselves tell.

    Raises ValidationError with a sentence when it is neither, or larger than the limits above.
    """
    if len(content) > LARGEST_FILE:
        raise ValidationError(f"The file is larger than {LARGEST_FILE // 1024**2} MB. Split it")
    if content.startswith(OLE):
        raise ValidationError(
            "The workbook is protected by a password, or in the old .xls format. Save it as Excel "
            "workbook (.xlsx) without a password"
        )
    rows = _xlsx_rows(content) if content.startswith(ZIP) else _csv_rows(content)
    kept = []
    for number, row in enumerate(rows, start=1):
        if number > 2 * MOST_ROWS or (number > MOST_ROWS and any(not c.is_blank for c in row)):
            raise ValidationError(TOO_LONG)
        if len(row) > MOST_COLUMNS and any(not cell.is_blank for cell in row[MOST_COLUMNS:]):
            raise ValidationError(TOO_WIDE)
        kept.append(row[:MOST_COLUMNS])
    kept = [row for row in kept if any(not cell.is_blank for cell in row)]
    if not kept:
        raise ValidationError("The file is empty. Choose one with a header row and values")
    return kept


def _csv_rows(content: bytes) -> Iterator[Row]:
    text = _decoded(content)
    if NO_TEXT.search(text):
        raise ValidationError(NO_SPREADSHEET)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
            yield [
                Cell(f"row {number}, column {column}", unguarded(clean_text(value).strip()))
                for column, value in enumerate(row, start=1)
            ]
    except csv.Error:
        raise ValidationError("The CSV file is damaged: a quotation mark is not closed") from None


def _decoded(content: bytes) -> str:
    # Excel saves CSV as UTF-8 with a mark, or in Windows' own alphabet.
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationError("The file's letters cannot be read. Save it as “CSV UTF-8”")


def _xlsx_rows(content: bytes) -> Iterator[Row]:
    _refuse_bombs(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What the sheet claims of its size is not believed.
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
            yield [_cell(each, number, column) for column, each in enumerate(row, start=1)]
    except (
        InvalidFileException,
        DefusedXmlException,
        ParseError,
        zipfile.BadZipFile,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        EOFError,
    ):
        raise ValidationError(NO_SPREADSHEET) from None


def _refuse_bombs(content: bytes) -> None:
    """Judge a workbook by its archive's directory, before anything is unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise ValidationError(NO_SPREADSHEET) from None
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise ValidationError("The workbook is protected by a password. Save it without one")
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise ValidationError(NO_SPREADSHEET)
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > min(
        LARGEST_UNPACKED, max(LARGEST_RATIO * len(content), 1024**2)
    ):
        raise ValidationError(TOO_LARGE_INSIDE)


def _cell(cell: Any, row: int, column: int) -> Cell:
    place = f"{get_column_letter(column)}{row}"
    value = cell.value
    if cell.data_type == "f":
        return Cell(place, is_formula=True)
    if value is None:
        return Cell(place)
    if isinstance(value, datetime):
        return Cell(place, value.date())
    if isinstance(value, bool):
        return Cell(place, "yes" if value else "no")
    if isinstance(value, int | float):
        return Cell(place, _typed(value, cell.number_format or ""))
    return Cell(place, clean_text(str(value)).strip())


def _typed(number: float, number_format: str) -> str:
    # 15 significant digits are what a spreadsheet keeps; the rest is dust of binary arithmetic.
    exact = Decimal(f"{number:.15g}")
    if "%" in number_format:
        return f"{(exact * 100).normalize():f}%"
    return f"{exact:f}"


def guarded(text: str) -> str:
    """A text for a CSV cell, with an apostrophe before what would run as a formula."""
    return f"'{text}" if LIVE.match(text.lstrip("'")) else text


def unguarded(text: str) -> str:
    """The text that ``guarded`` was given."""
    is_guarded = text.startswith("'") and LIVE.match(text.lstrip("'"))
    return text[1:] if is_guarded else text


def write_csv(rows: Iterable[Sequence[Value]]) -> bytes:
    """A CSV file that Excel opens as UTF-8; numbers stay numbers, no text is a live formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([guarded(each) if isinstance(each, str) else each for each in row])
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(rows: Iterable[Sequence[Value]], *, title: str) -> bytes:
    """A workbook of one sheet; every text is typed as text, whatever it begins with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_written(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _written(sheet: Any, value: Value) -> Any:
    cell = WriteOnlyCell(sheet, value=clean_text(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
