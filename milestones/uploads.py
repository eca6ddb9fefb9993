"""What may be uploaded: judged by the file's own bytes, before anything stores or opens it.

Nothing here unpacks a file or parses what is in it: an archive is judged by its directory alone.
"""

import hashlib
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

# `accounts.middleware.BodyLimit` lets no request in that is much larger.
LARGEST_FILE: int = settings.LARGEST_UPLOAD
LONGEST_NAME = 150
LONGEST_LINK = 500
MOST_ENTRIES = 1_000
LARGEST_UNPACKED = 100 * 1024 * 1024
LARGEST_RATIO = 100
# More than a thousand entries of an office file ever need.
LARGEST_DIRECTORY = 1024 * 1024


@dataclass(frozen=True)
class FileType:
    """A kind of file that the tracker takes: its name in words, its endings, how it is served."""

    words: str
    endings: tuple[str, ...]
    content_type: str


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
PDF = FileType("a PDF", ("pdf",), "application/pdf")
PNG = FileType("a PNG image", ("png",), "image/png")
JPEG = FileType("a JPEG image", ("jpg", "jpeg"), "image/jpeg")
TEXT = FileType("plain text", ("txt", "csv"), "text/plain")
DOCX = FileType("a Word document", ("docx",), f"{_OFFICE}.wordprocessingml.document")
XLSX = FileType("an Excel workbook", ("xlsx",), f"{_OFFICE}.spreadsheetml.sheet")
PPTX = FileType("a PowerPoint file", ("pptx",), f"{_OFFICE}.presentationml.presentation")
ODT = FileType("an OpenDocument text", ("odt",), f"{_OPEN}.text")
ODS = FileType("an OpenDocument spreadsheet", ("ods",), f"{_OPEN}.spreadsheet")
TYPES = (PDF, DOCX, XLSX, PPTX, ODT, ODS, PNG, JPEG, TEXT)
ENDINGS = tuple(ending for kind in TYPES for ending in kind.endings)

# Endings that a computer runs or a browser draws: refused inside a name and inside an archive.
ACTIVE_ENDINGS = frozenset(
    "app bat class cmd com cpl dll docm dotm exe hta htm html inf jar js jse lnk mht mhtml mjs msc "
    "msi php pif pptm ps1 py reg rtf scr sh svg svgz swf vb vbe vbs wsf xhtml xlsm xltm".split()
)
_MARKUP = re.compile(rb"<(?:!doctype|html|head|iframe|object|script|svg)[\s>/]|<\?php", re.I)
_XML_AT_START = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<[?!a-z]", re.I)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_ZIP_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be stored: the name members see, how it is served, and its SHA-256."""

    name: str
    content_type: str
    size: int
    sha256: str


def check_upload(content: bytes, *, name: str) -> CheckedFile:
    """Judge an upload by its name and its bytes; `content` may be cut one byte past the limit.

    Raises ValidationError with one sentence. Limits: trust rules on files (10 MB; an archive's
    directory names at most 1,000 entries, 100 MB unpacked, 100 times the file's size).
    """
    safe = safe_name(name)
    if not content:
        raise ValidationError("The file is empty")
    if len(content) > LARGEST_FILE:
        raise ValidationError(f"The file must be {LARGEST_FILE // 1024**2} MB or smaller")
    ending = _ending(safe)
    kind = _kind(content)
    if ending not in kind.endings:
        raise ValidationError(
            f"The file is not what its name says: by its content it is {kind.words}, "
            f"which ends in .{kind.endings[0]}"
        )
    return CheckedFile(
        name=safe,
        content_type="text/csv" if ending == "csv" else kind.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def safe_name(name: str) -> str:
    """Give a file's name without folders and invisible signs, at most 150 characters, same ending.

    Raises ValidationError for a name whose ending is not taken, or that has a second one.
    """
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(" " if sign.isspace() else sign for sign in base if _is_visible(sign))
    stem, _, ending = re.sub(r" +", " ", visible).strip(" .").rpartition(".")
    ending = ending.strip().lower()
    if not stem.strip(" .") or ending not in ENDINGS:
        raise ValidationError(
            f"The file must end in one of: {', '.join(f'.{known}' for known in ENDINGS)}"
        )
    for part in stem.split(".")[1:]:
        if part.strip().lower() in ACTIVE_ENDINGS | set(ENDINGS):
            raise ValidationError(
                f"The file’s name has two endings, .{part.strip()} and .{ending}. Rename the file"
            )
    return f"{stem.strip(' .')[: LONGEST_NAME - len(ending) - 1].rstrip(' .')}.{ending}"


def check_link(url: str) -> str:
    """Give the address of a link, trimmed; raises ValidationError unless it is http or https."""
    url = url.strip()
    if len(url) > LONGEST_LINK:
        raise ValidationError(f"The link must be {LONGEST_LINK} characters or fewer")
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ValidationError("The link is not an address that a browser can open") from None
    if parts.scheme not in {"http", "https"} or not usable:
        raise ValidationError(
            "The link must be a whole address, beginning with https:// or http://"
        )
    if parts.username is not None or parts.password is not None:
        raise ValidationError("The link must not hold a user name or a password")
    if "\\" in url or not all(sign.isprintable() and not sign.isspace() for sign in url):
        raise ValidationError("The link must not hold spaces or invisible characters")
    return url


def _is_visible(sign: str) -> bool:
    # "C": controls, format signs such as a right-to-left override, surrogates, private use.
    return sign.isspace() or not unicodedata.category(sign).startswith("C")


def _ending(name: str) -> str:
    return name.rpartition(".")[2]


def _kind(content: bytes) -> FileType:
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _archive_kind(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValidationError(
            "The file has a password or an old Office format. Save it without a password as "
            ".docx, .xlsx or .pptx, or as a PDF"
        )
    if _end_of_archive(content) is not None:
        raise ValidationError("The file is two files in one. Save it again as one kind of file")
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        is_png = content[12:16] == b"IHDR" and content.endswith(b"IEND\xaeB`\x82")
        return _whole(PNG, content, is_png)
    if content.startswith(b"\xff\xd8\xff"):
        return _whole(JPEG, content, b"\xff\xd9" in content[-65_536:])
    return _text(content)


def _whole(kind: FileType, content: bytes, is_whole: bool) -> FileType:
    if not is_whole:
        raise ValidationError(f"The file begins as {kind.words} but is cut off or goes on")
    if _MARKUP.search(content):
        raise ValidationError("The file holds a web page. Save it again as a picture")
    return kind


def _pdf(content: bytes) -> FileType:
    body, end, rest = content.rpartition(b"%%EOF")
    if not end or len(rest) > 1024:
        raise ValidationError("The file begins as a PDF but is cut off or goes on")
    if _MARKUP.search(body[:1024]) or _MARKUP.search(rest):
        raise ValidationError("The file holds a web page. Save it again as a PDF")
    return PDF


def _text(content: bytes) -> FileType:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = _utf_16(content)
    if _NO_TEXT.search(content):
        raise ValidationError(
            f"The file is of no kind that can be added. Take one of: {', '.join(ENDINGS)}"
        )
    if _MARKUP.search(content) or _XML_AT_START.search(content):
        raise ValidationError("The file is a web page or markup. Save it as a PDF")
    return TEXT


def _utf_16(content: bytes) -> bytes:
    try:
        return content.decode("utf-16").encode()
    except UnicodeError:
        raise ValidationError("The file is text that cannot be read. Save it as UTF-8") from None


def _end_of_archive(content: bytes) -> int | None:
    """Where the record is that makes the bytes a ZIP archive; it may hold a comment."""
    start = content.rfind(b"PK\x05\x06", max(0, len(content) - _ZIP_END.size - 65_535))
    if start < 0 or len(content) - start < _ZIP_END.size:
        return None
    comment = _ZIP_END.unpack_from(content, start)[7]
    return start if start + _ZIP_END.size + comment == len(content) else None


def _archive_kind(content: bytes) -> FileType:
    start = _end_of_archive(content)
    if start is None or not content.startswith(b"PK\x03\x04"):
        raise ValidationError("The file is an archive that is damaged or goes on as another file")
    _, disk, _, _, entries, directory_size, _, comment = _ZIP_END.unpack_from(content, start)
    # A 64-bit directory would say other numbers than these, and is for files far over the limit.
    is_64_bit = content[max(0, start - 20) :].startswith(b"PK\x06\x07")
    if is_64_bit or disk or comment:
        raise ValidationError("The file is an archive of an unusual kind. Save it again")
    if entries > MOST_ENTRIES or directory_size > LARGEST_DIRECTORY:
        raise ValidationError(f"The file holds more than {MOST_ENTRIES:,} parts")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive.infolist(), size=len(content))
            return _office_kind(archive)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError, zlib.error):
        raise ValidationError("The file is damaged: its list of parts cannot be read") from None


def _check_parts(parts: list[zipfile.ZipInfo], *, size: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    names = [part.filename for part in parts]
    if len(parts) > MOST_ENTRIES:
        raise ValidationError(f"The file holds more than {MOST_ENTRIES:,} parts")
    if unpacked > min(LARGEST_UNPACKED, LARGEST_RATIO * size):
        raise ValidationError("The file would grow too large when opened")
    if any(part.flag_bits & 1 for part in parts):
        raise ValidationError("The file has a password. Save it without one")
    if len(set(names)) != len(names) or min(part.header_offset for part in parts) != 0:
        raise ValidationError("The file is two files in one. Save it again as one kind of file")
    if any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names):
        raise ValidationError("The file holds parts that point out of it")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise ValidationError("The file holds macros. Save it without them")
    if any(_ending(name).lower() in ACTIVE_ENDINGS for name in names):
        raise ValidationError("The file holds programs or web pages. Save it without them")


def _office_kind(archive: zipfile.ZipFile) -> FileType:
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        for kind, main in (
            (DOCX, "word/document.xml"),
            (XLSX, "xl/workbook.xml"),
            (PPTX, "ppt/presentation.xml"),
        ):
            if main in names:
                return kind
    for kind in (ODT, ODS):
        if "mimetype" in names and _starts_with(archive, kind.content_type):
            return kind
    raise ValidationError(
        "The file is an archive. Unpack it and add its documents one by one: "
        "Word, Excel, PowerPoint or OpenDocument"
    )


def _starts_with(archive: zipfile.ZipFile, content_type: str) -> bool:
    with archive.open("mimetype") as part:
        return part.read(200) == content_type.encode()
