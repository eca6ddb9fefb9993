"""Harmful texts in every column, on every page, in every message, file and PDF: only text."""

import csv
import io
import re
import zipfile
from datetime import date

import pypdfium2
import pytest
from django.core import mail
from openpyxl import load_workbook

from metrics.models import Indicator, IndicatorKind, Measurement
from reports.delivery import send_due_deliveries
from reports.due import run_due
from reports.months import issue_month, sign_off_month
from tests.factories.metrics import MeasurementFactory
from tests.security.filling import fill_texts, freeze_again
from tests.security.markup import read
from tests.security.payloads import PAYLOADS, payloads
from tests.test_access import PAGES, address, read_to_the_end

# What a template or Typst would make of a payload that it ran.
RAN = re.compile(r"\b49\b.*\b49\b|root:[x*]:0")


@pytest.fixture
def harmful(world, programme, people):
    """The world with payloads in each text, in its newest snapshot and in its packs."""
    assert fill_texts(payloads()) > 80
    programme.refresh_from_db()
    freeze_again(programme, people["pmo_officer"])
    return world


@pytest.fixture
def everything(harmful, people, client_of):
    """Every page that a role may read: by its address, as it came."""
    answers = {}
    for role in ("pmo_administrator", "executive_lead", "local_owner", "external_reader"):
        client = client_of(people[role])
        for name, row in PAGES.items():
            if row.read and role in row.read and name not in seen_by_others(role):
                response = client.get(address(name, "las-2016", harmful))
                read_to_the_end(response)
                answers[f"{role} {name}"] = response
    return answers


def seen_by_others(role):
    """Pages that are the same for every role: one look is enough."""
    own = {"my_work", "my_work_save", "role_home", "dashboard", "search", "month_list"}
    if role == "pmo_administrator":
        return set()
    return {
        name
        for name, row in PAGES.items()
        if "pmo_administrator" in (row.read or ()) and name.partition(":")[2] not in own
    }


def is_html(response):
    return response.headers.get("Content-Type", "").startswith("text/html")


def test_every_text_of_every_page_is_only_text(everything):
    faults, carrying, words = [], set(), []
    for name, response in everything.items():
        # Nor is any header of an answer broken in two.
        faults += [name for value in response.headers.values() if set(value) & set("\r\n")]
        if is_html(response) and response.status_code == 200:
            page = read(response.content.decode())
            faults += [f"{name}: {fault}" for fault in page.faults]
            words.append(" ".join(page.words))
            if any(mark in words[-1] for mark in ("xbad", "evil.example", "7*7")):
                carrying.add(name)

    assert not faults, "\n".join(faults)
    assert len(carrying) > 50
    shown = " ".join(" ".join(words).split())
    assert [each for each in PAYLOADS if " ".join(each.split()) not in shown] == []


@pytest.mark.parametrize("name", ["reports:search", "reports:trace", "milestones:milestone_list"])
def test_what_is_asked_for_is_said_again_as_text(harmful, people, client_of, name):
    client = client_of(people["pmo_administrator"])
    fields = ("q", "text", "edit", "workstream", "owner", "sort", "page", "as-at")
    for payload in PAYLOADS[::4]:
        response = client.get(address(name, "las-2016", harmful), dict.fromkeys(fields, payload))

        assert response.status_code < 500
        assert read(response.content.decode()).faults == [], payload


def test_pages_about_errors_and_what_was_typed_wrongly_keep_it_as_text(harmful, people, client_of):
    client = client_of(people["pmo_administrator"])
    for payload in PAYLOADS[::3]:
        answers = [
            client.get("/las-2016/milestones/" + payload.replace("/", "").replace("#", "") + "/"),
            client.post(
                address("governance:risk_create", "las-2016", harmful),
                dict.fromkeys(("title", "cause", "place", "owner", "review_date_0"), payload),
            ),
        ]
        for response in answers:
            assert response.status_code in (404, 422, 200)
            assert read(response.content.decode()).faults == [], payload


def test_messages_hold_payloads_as_text_and_no_header_of_them(harmful, people, programme):
    month = programme.months.get()
    sign_off_month(month_id=month.pk, by=people["elt_member"])
    issue_month(month_id=month.pk, by=people["pmo_officer"])
    run_due()
    send_due_deliveries()

    assert {type_of(message) for message in mail.outbox} == {"pack", "notice"}
    for message in mail.outbox:
        made = message.message()
        assert "Bcc" not in made
        assert all("\n" not in value.replace("\n ", "") for value in made.values())
        html = next(content for content, kind in message.alternatives if kind == "text/html")
        assert read(html).faults == []
        assert "\nBcc:" not in made.as_string().partition("\n\n")[0]


def type_of(message):
    return "pack" if message.attachments else "notice"


@pytest.mark.parametrize("name", ["reports:meeting_minutes", "reports:pack_download"])
def test_a_pdf_prints_payloads_and_runs_none(harmful, people, client_of, name):
    client = client_of(people["pmo_administrator"])
    response = client.get(address(name, "las-2016", harmful))
    assert response["Content-Type"] == "application/pdf"

    assert_only_printed(body(response))


def test_an_evidence_pack_prints_payloads_and_names_its_files_safely(harmful, people, client_of):
    client = client_of(people["local_owner"])
    response = client.post(address("reports:cqc_evidence", "las-2016", harmful))
    content = body(response)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            assert not name.startswith(("/", "\\"))
            assert not {"..", ""} & set(name.split("/"))
            assert name.isprintable()
        index = next(name for name in archive.namelist() if name.endswith(".pdf"))
        assert_only_printed(archive.read(index))


def assert_only_printed(pdf: bytes) -> None:
    """The PDF shows payloads, none has run, and it holds nothing that a reader would run."""
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    assert "xbad" in text
    assert RAN.search(text) is None
    for mark in (b"/JavaScript", b"/JS ", b"/Launch", b"/EmbeddedFile", b"evil.example)"):
        assert mark not in pdf


def test_sheets_hold_texts_and_no_formula(harmful, people, client_of):
    indicator = Indicator.objects.get()
    indicator.kind = IndicatorKind.NARRATIVE
    indicator.save(update_fields=["kind"])
    formulas = [text for text in PAYLOADS if text[0] in "=@"]
    Measurement.objects.all().delete()
    months = [date(2015, month, 1) for month in range(1, 13)]
    for text, month in zip([*formulas, "+1+1", "-1+1", "\t=1+1"], months, strict=False):
        MeasurementFactory(indicator=indicator, value=None, text=text, month=month)
    url = address("metrics:value_download", "las-2016", harmful)
    client = client_of(people["pmo_administrator"])

    book = load_workbook(io.BytesIO(body(client.get(url.replace(".csv", ".xlsx")))))
    lines = list(csv.reader(io.StringIO(body(client.get(url)).decode("utf-8-sig"))))

    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert len(lines) == 1 + len(formulas) + 3
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert not [cell for line in lines for cell in line if cell[:1] in set("=+-@\t\r")]


def body(response) -> bytes:
    return b"".join(response) if response.streaming else response.content
