import io
import time
import tracemalloc
import zipfile

import pytest
from django.core.exceptions import ValidationError

from milestones.uploads import LARGEST_FILE, check_link, check_upload, safe_name

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 17 + b"\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\x01" * 40 + b"\xff\xd9"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>window.__x=1</script></svg>'
HTML = b"<!DOCTYPE html><html><script>window.__x=1</script></html>"
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
TYPES = "[Content_Types].xml"


def archive(*names, **parts):
    """A ZIP archive of the named parts, each of a few bytes, and of `parts` with their bytes."""
    return packed(dict.fromkeys(names, b"<x/>") | parts)


def packed(parts, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def open_document(kind):
    return packed({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": "<x/>"})


def with_password(content):
    """The same archive with the mark of a password on every part, as the directory keeps it."""
    marked = bytearray(content)
    at = marked.find(b"PK\x01\x02")
    while at >= 0:
        marked[at + 8] |= 1
        at = marked.find(b"PK\x01\x02", at + 4)
    return bytes(marked)


DOCX = archive(TYPES, "word/document.xml")
XLSX = archive(TYPES, "xl/workbook.xml")
PPTX = archive(TYPES, "ppt/presentation.xml")
BOMB = packed({TYPES: b"<x/>", "xl/workbook.xml": b"\0" * (110 * 1024 * 1024)})
STEEP = packed({TYPES: b"<x/>", "xl/workbook.xml": b"\0" * (5 * 1024 * 1024)})
TWICE = b"PK\x03\x04" + b"\0" * 30 + DOCX
LONG_NAME = "x" * 500


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("Minutes of 3 March.pdf", PDF, "application/pdf"),
        ("Plan v1.2 final.PDF", PDF, "application/pdf"),
        ("ward.png", PNG, "image/png"),
        ("ward.jpg", JPEG, "image/jpeg"),
        ("ward.jpeg", JPEG, "image/jpeg"),
        ("rota.csv", "name,hours\r\nÉva,7\r\n".encode(), "text/csv"),
        ("notes.txt", b"PKI cards handed out \x96 done\n", "text/plain"),
        ("notes.txt", "Ŵythnos".encode("utf-16"), "text/plain"),
        ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            "a.pptx",
            PPTX,
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        ("a.odt", open_document("text"), "application/vnd.oasis.opendocument.text"),
        ("a.ods", open_document("spreadsheet"), "application/vnd.oasis.opendocument.spreadsheet"),
    ],
)
def test_a_file_of_a_known_kind_is_taken_with_the_type_of_its_content(name, content, content_type):
    checked = check_upload(content, name=name)

    assert (checked.content_type, checked.size) == (content_type, len(content))
    assert len(checked.sha256) == 64


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("page.png", HTML, "web page or markup"),
        ("page.txt", HTML, "web page or markup"),
        ("page.txt", b"Hello <script>alert(1)</script>", "web page or markup"),
        ("page.csv", HTML.decode().encode("utf-16"), "web page or markup"),
        ("drawing.png", SVG, "web page or markup"),
        ("drawing.svg", SVG, "must end in one of"),
        ("page.html", HTML, "must end in one of"),
        ("laughs.txt", LAUGHS, "web page or markup"),
        ("laughs.xml", LAUGHS, "must end in one of"),
        ("minutes.pdf", PNG, "by its content it is a PNG image"),
        ("minutes.pdf", b"Only words", "by its content it is plain text"),
        ("picture.jpg", PNG, "by its content it is a PNG image"),
        ("table.xlsx", DOCX, "by its content it is a Word document"),
        ("minutes.pdf", b"MZ\x90\0\x03\0\0\0", "no kind that can be added"),
        ("notes.txt", b"\x7fELF\x02\x01\x01\0", "no kind that can be added"),
        ("notes.txt", b"\xff\xfe\x00", "cannot be read"),
        ("notes.txt", b"", "empty"),
        ("notes.txt", b"x" * (LARGEST_FILE + 1), "10 MB or smaller"),
        ("old.docx", OLE, "password or an old Office format"),
        ("a.pdf", PDF + HTML, "web page"),
        ("a.pdf", b"%PDF-1.7\n" + HTML + PDF, "web page"),
        ("a.pdf", PDF + b"\0" * 2000, "cut off or goes on"),
        ("a.pdf", b"%PDF-1.7\n1 0 obj", "cut off or goes on"),
        ("a.pdf", PDF + archive("x.class"), "two files in one"),
        ("a.png", PNG + archive("x.class"), "two files in one"),
        ("a.jpg", JPEG + archive("x.class"), "two files in one"),
        ("a.png", PNG + b"more", "cut off or goes on"),
        ("a.png", PNG[:20], "cut off or goes on"),
        ("a.jpg", JPEG[:-2], "cut off or goes on"),
        ("a.jpg", JPEG[:-2] + HTML + b"\xff\xd9", "web page"),
        ("a.docx", archive("readme.txt"), "archive"),
        ("a.docx", archive(TYPES, "word/document.xml", "word/vbaProject.bin"), "macros"),
        ("a.docx", archive(TYPES, "word/document.xml", "word/run.exe"), "programs or web pages"),
        ("a.docx", archive(TYPES, "word/document.xml", "word/chunk.HTM"), "programs or web pages"),
        ("a.docx", archive(TYPES, "word/document.xml", "../../etc/passwd"), "point out of it"),
        ("a.docx", archive(TYPES, "word/document.xml", "/etc/passwd"), "point out of it"),
        ("a.docx", with_password(DOCX), "password"),
        ("a.docx", DOCX + b"more", "damaged or goes on"),
        ("a.docx", HTML + DOCX, "two files in one"),
        ("a.docx", TWICE, "two files in one"),
        ("a.docx", DOCX[:-30], "damaged or goes on"),
        ("a.docx", b"PK\x03\x04", "damaged or goes on"),
        ("a.docx", b"PK\x05\x06" + b"\0" * 18, "damaged or goes on"),
        ("a.xlsx", BOMB, "too large when opened"),
        ("a.xlsx", STEEP, "too large when opened"),
        ("a.xlsx", archive(TYPES, *(f"xl/{n}.xml" for n in range(1_000))), "more than 1,000 parts"),
        ("minutes.docx.pdf", PDF, "two endings, .docx and .pdf"),
        ("virus.exe.pdf", PDF, "two endings, .exe and .pdf"),
        ("virus.pdf.exe", PDF, "must end in one of"),
        ("virus.pdf ", PNG, "by its content"),
        ("virus.pdf\0.exe", PDF, "must end in one of"),
        ("nothing", PDF, "must end in one of"),
        (".pdf", PDF, "must end in one of"),
        ("...pdf", PDF, "must end in one of"),
        ("a\u202efdp.exe", PDF, "must end in one of"),
        ("a.exe\u202e.pdf", PDF, "two endings"),
        ("macro.docm", DOCX, "must end in one of"),
        ("a.zip", archive("readme.txt"), "must end in one of"),
    ],
)
def test_a_hostile_or_mistaken_file_is_refused_with_a_sentence(name, content, why):
    with pytest.raises(ValidationError, match=why):
        check_upload(content, name=name)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/minutes.pdf", "minutes.pdf"),
        ("C:\\Users\\me\\minutes.pdf", "minutes.pdf"),
        ("min\0utes\u202e\u200b.pdf", "minutes.pdf"),
        ("  minutes\r\nof   May .PDF. ", "minutes of May.pdf"),
        (f"{LONG_NAME}.pdf", f"{'x' * 146}.pdf"),
        ("café.pdf", "café.pdf"),
    ],
)
def test_a_name_is_kept_without_folders_and_invisible_signs(name, kept):
    assert safe_name(name) == kept


def test_a_bomb_is_refused_at_once_and_in_little_memory():
    tracemalloc.start()
    began = time.monotonic()

    with pytest.raises(ValidationError, match="too large when opened"):
        check_upload(BOMB, name="a.xlsx")

    took, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 2
    assert peak < 10 * 1024 * 1024


def test_an_archive_that_hides_its_number_of_parts_is_refused_by_its_directory():
    content = bytearray(archive(*(f"{number:0100}.xml" for number in range(9_000))))
    end = content.rfind(b"PK\x05\x06")
    content[end + 8 : end + 12] = b"\x02\x00\x02\x00"

    with pytest.raises(ValidationError, match="more than 1,000 parts"):
        check_upload(bytes(content), name="a.docx")


@pytest.mark.parametrize(
    "url",
    [
        "https://nww.las.example/minutes?id=3#top",
        "http://intranet/minutes",
        "https://las.example:8443/a%20b",
        "  https://las.example/  ",
    ],
)
def test_a_link_to_a_web_page_is_taken(url):
    assert check_link(url) == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "las.example/minutes",
        "//las.example/minutes",
        "javascript:alert(1)",
        "JaVaScRiPt://las.example/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://las.example/minutes",
        "https://",
        "https:///minutes",
        "https://user:secret@las.example/",
        "https://las.example@evil.example/",
        "https://las.example\\@evil.example/",
        "https://las.example/a b",
        "https://las.example/a\u202eb",
        "https://las.example:port/",
        "https://[::1/",
        f"https://las.example/{'x' * 500}",
    ],
)
def test_anything_else_is_no_link(url):
    with pytest.raises(ValidationError, match="The link"):
        check_link(url)


def test_the_standard_test_virus_is_plain_text_so_only_a_scanner_finds_it():
    assert check_upload(EICAR, name="eicar.txt").content_type == "text/plain"
