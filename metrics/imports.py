"""Values from a spreadsheet: read, checked in full, then written all or none."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import audit
from accounts.models import User
from metrics.forms import LONGEST_NARRATIVE, FigureField
from metrics.import_months import read_month
from metrics.models import EntryChannel, Indicator, Measurement, MeasurementFile
from metrics.services import (
    EntriesRefused,
    Entry,
    StaleValue,
    check_value,
    is_same,
    needs_reason,
)
from workstreams.calendar import format_month, parse_month
from workstreams.dates import long_month
from workstreams.models import Programme, Role
from workstreams.spreadsheets import Cell, Row, read_rows

NOT_ALLOWED = "Only a PMO administrator imports values."
LONGEST_REASON = 300
# Columns by the words that may stand above them.
HEADERS = {
    "indicator": "indicator",
    "reference": "indicator",
    "month": "month",
    "value": "value",
    "note": "note",
    "provisional": "provisional",
}
PASSED_OVER = {"", "name", "unit"}
YES = {"yes", "y", "1", "true"}
NO = {"no", "n", "0", "false"}


class RowErrors(Exception):
    """What is wrong in a file: each a sentence that begins with the cell."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(f"{len(errors)} cells are wrong")
        self.errors = errors


@dataclass(frozen=True)
class Planned:
    """One row of a file against what stands: new, changed or unchanged."""

    indicator: Indicator
    entry: Entry
    standing: Measurement | None
    place: str

    @property
    def kind(self) -> str:
        if self.standing is None:
            return "new"
        return "unchanged" if is_same(self.standing, self.entry) else "changed"

    @property
    def lacks_reason(self) -> bool:
        is_change = self.standing is not None and self.kind == "changed"
        return (
            is_change
            and needs_reason(self.standing, self.entry)  # type: ignore[arg-type]
            and not self.entry.correction_reason
        )

    @property
    def old(self) -> str:
        return _shown(self.indicator, self.standing) if self.standing else ""

    @property
    def new(self) -> str:
        return _shown(self.indicator, self.entry)


@dataclass
class _Reading:
    """Rows read so far, with the errors beside them."""

    indicators: dict[str, Indicator]
    rows: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seen: dict[tuple[str, date], str] = field(default_factory=dict)

    def say(self, cell: Cell, problem: str) -> None:
        self.errors.append(f"{cell.place[:1].upper()}{cell.place[1:]}: {problem}")


def keep_file(*, programme: Programme, by: User, file_name: str, content: bytes) -> MeasurementFile:
    """Read and check a spreadsheet, and keep its rows to be confirmed. No value is written.

    Raises PermissionDenied, ValidationError for the file as a whole, and RowErrors.
    """
    _require(by, programme)
    rows = read_entries(programme, read_rows(content))
    return MeasurementFile.objects.create(
        programme=programme,
        file_name=file_name[:150],
        sha256=hashlib.sha256(content).hexdigest(),
        rows=rows,
        uploaded_by=by,
        uploaded_at=timezone.now(),
    )


def _require(by: User, programme: Programme) -> None:
    if Role.PMO_ADMINISTRATOR not in programme.roles_of(by):
        raise PermissionDenied(NOT_ALLOWED)


def read_entries(programme: Programme, rows: list[Row]) -> list[dict[str, Any]]:
    """The values in the rows of a file, long or wide; RowErrors with every wrong cell."""
    indicators = Indicator.objects.filter(programme=programme).with_people()
    reading = _Reading({each.reference: each for each in indicators})
    columns = [HEADERS.get(str(cell.value).strip().lower(), "") for cell in rows[0]]
    repeated = [name for name, times in Counter(columns).items() if name and times > 1]
    if repeated:
        raise ValidationError(f"Two columns are headed “{repeated[0]}”. Keep one")
    if {"indicator", "month", "value"} <= set(columns):
        for row in rows[1:]:
            _read_long(reading, dict(zip(columns, row, strict=False)), row[0])
    else:
        _read_wide(reading, rows)
    if reading.errors:
        raise RowErrors(reading.errors)
    if not reading.rows:
        raise ValidationError("The file holds no values. Enter some below the header row")
    return reading.rows


def _read_long(reading: _Reading, row: dict[str, Cell], first: Cell) -> None:
    blank = Cell(first.place)
    value = row.get("value", blank)
    if value.is_blank:
        return
    note, provisional = row.get("note", blank), row.get("provisional", blank)
    for cell in (note, provisional):
        if cell.is_formula:
            reading.say(cell, "it holds a formula; paste its value")
            return
    if str(provisional.value).lower() not in YES | NO | {""}:
        reading.say(provisional, "write yes or no for provisional")
    elif len(str(note.value)) > LONGEST_REASON:
        reading.say(note, f"a note has at most {LONGEST_REASON} characters")
    else:
        is_provisional = str(provisional.value).lower() in YES
        month = _month(reading, row.get("month", blank))
        indicator = _indicator(reading, row.get("indicator", blank))
        if month and indicator:
            extra = {"note": str(note.value), "provisional": is_provisional}
            _add(reading, indicator, month, value, extra)


def _read_wide(reading: _Reading, rows: list[Row]) -> None:
    passed_over = {
        column
        for column, cell in enumerate(rows[0])
        if str(cell.value).strip().lower() in PASSED_OVER and not cell.is_formula
    }
    heads = {
        column: _month(reading, cell)
        for column, cell in enumerate(rows[0])
        if column and column not in passed_over
    }
    if not heads:
        raise ValidationError(
            "The header row names no months and no columns “indicator”, “month” and “value”"
        )
    for row in rows[1:]:
        cells = [(heads[n], cell) for n, cell in enumerate(row) if n in heads and not cell.is_blank]
        indicator = _indicator(reading, row[0]) if cells else None
        for month, cell in cells:
            if indicator and month:
                _add(reading, indicator, month, cell, {"note": "", "provisional": False})
        for n, cell in enumerate(row):
            if n and n not in heads and n not in passed_over and not cell.is_blank:
                reading.say(cell, "no month stands above it")


def _month(reading: _Reading, cell: Cell) -> date | None:
    if cell.is_formula:
        reading.say(cell, "it holds a formula; paste its value")
        return None
    try:
        return read_month(cell.value)
    except ValueError as problem:
        reading.say(cell, str(problem))
        return None


def _indicator(reading: _Reading, cell: Cell) -> Indicator | None:
    if cell.is_formula:
        reading.say(cell, "it holds a formula; paste its value")
        return None
    indicator = reading.indicators.get(str(cell.value))
    if indicator is None:
        reading.say(cell, f"“{str(cell.value)[:30]}” is no indicator of this programme")
    return indicator


def _add(
    reading: _Reading, indicator: Indicator, month: date, cell: Cell, extra: dict[str, Any]
) -> None:
    key = indicator.reference, month
    if key in reading.seen:
        reading.say(
            cell,
            f"{indicator.reference} has {long_month(month)} twice, also at {reading.seen[key]}",
        )
        return
    reading.seen[key] = cell.place
    try:
        value, text = read_value(indicator, cell)
        check_value(indicator, month=month, value=value, text=text)
    except ValidationError as problem:
        reading.say(cell, ". ".join(problem.messages))
        return
    reading.rows.append(
        {
            "place": cell.place,
            "indicator": indicator.reference,
            "month": format_month(month),
            "value": None if value is None else str(value),
            "text": text,
            **extra,
        }
    )


def read_value(indicator: Indicator, cell: Cell) -> tuple[Decimal | None, str]:
    """The number, or for a narrative indicator the text, of a cell; ValidationError when wrong."""
    if cell.is_formula:
        raise ValidationError("it holds a formula; paste its value")
    if isinstance(cell.value, date):
        raise ValidationError("it holds a date; enter a number")
    if indicator.is_narrative:
        if len(cell.value) > LONGEST_NARRATIVE:
            raise ValidationError(f"the text has more than {LONGEST_NARRATIVE:,} characters")
        return None, cell.value
    if indicator.is_yes_no:
        if cell.value.lower() not in YES | NO:
            raise ValidationError("Write yes or no")
        return Decimal(cell.value.lower() in YES), ""
    figure = FigureField(max_length=40)
    figure.is_percent = indicator.show(Decimal(1)).endswith("%")
    return figure.clean(cell.value), ""


def plan_of(file: MeasurementFile, *, seen_version: int | None = None) -> list[Planned]:
    """Each row of a kept file against what stands now. Two queries, however many rows."""
    indicators = Indicator.objects.filter(programme=file.programme_id).with_people()
    found = {each.reference: each for each in indicators}
    standing = {
        (each.indicator_id, each.month): each
        for each in Measurement.objects.in_force().filter(indicator__programme=file.programme_id)
    }
    plans = []
    for row in file.rows:
        indicator = found.get(row["indicator"])
        if indicator is None:
            raise ValidationError(f"{row['indicator']} is gone from the programme. Import again")
        entry = Entry(
            indicator_id=indicator.pk,
            month=parse_month(row["month"]),
            value=None if row["value"] is None else Decimal(row["value"]),
            text=row["text"],
            is_provisional=row["provisional"],
            correction_reason=row["note"],
            seen_version=seen_version,
        )
        there = standing.get((indicator.pk, entry.month))
        plans.append(Planned(indicator, entry, there, row["place"]))
    return plans


def version_of(programme: Programme) -> int:
    """Grows with every value entered in a programme, for the check of a stale preview."""
    return Measurement.objects.filter(indicator__programme=programme).version()


def _shown(indicator: Indicator, said: Measurement | Entry) -> str:
    shown = indicator.show(said.value) or said.text
    return f"{shown} (provisional)" if said.is_provisional else shown


@transaction.atomic
def confirm_file(
    *, file_id: int, by: User, seen_version: int, reason: str = ""
) -> list[Measurement]:
    """Write every value of a kept file, or none; what stands already stays untouched.

    ``seen_version`` is ``version_of`` the programme at the preview, ``reason`` the one for
    corrections whose row has no note. Gives the new measurements. Raises PermissionDenied,
    ValidationError, and EntriesRefused by place in the file.
    """
    programme_id = MeasurementFile.objects.values_list("programme", flat=True).get(pk=file_id)
    # The programme first, as everywhere: it also keeps a second confirmation waiting.
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme_id)
    _require(by, programme)
    file = MeasurementFile.objects.select_for_update().get(pk=file_id)
    plans = [each for each in plan_of(file, seen_version=seen_version) if each.kind != "unchanged"]
    entries = [
        replace(each.entry, correction_reason=reason) if each.lacks_reason else each.entry
        for each in plans
    ]
    recorded: list[Measurement] = import_string(settings.RECORD_MEASUREMENTS)(
        programme_id=programme.pk, entries=entries, by=by, channel=EntryChannel.IMPORT
    )
    file.imported_at = timezone.now()
    file.save(update_fields=["imported_at"])
    details = {"file": file.file_name, "sha256": file.sha256, "values": len(recorded)}
    audit.record(actor=by, action="measurements.imported", target=file, details=details)
    return recorded


def refusals(refused: EntriesRefused) -> list[str]:
    """Why values were refused when they were confirmed, each in a sentence."""
    said = []
    for problem in refused.problems.values():
        if isinstance(problem, StaleValue):
            there = problem.measurement
            where = f"{there.indicator.reference}, {long_month(there.month)}"
            said.append(f"{where}: {problem} It is now {_shown(there.indicator, there)}")
        else:
            said.extend(problem.messages)
    return said
