"""Reads the forms of a page and fills them in, as a person would."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile

DATE = {"day": "20", "month": "4", "year": "2016"}
UNTICKED = {"checkbox", "radio"}


@dataclass
class Field:
    name: str
    kind: str
    value: str = ""
    is_chosen: bool = False
    id: str = ""
    mode: str = ""

    def filled(self, page_is_choice: bool) -> object:
        """What a person would send; None for nothing."""
        part = self.id.rpartition("_")[2]
        if self.kind == "hidden" or self.value and self.kind not in UNTICKED:
            return self.value
        if self.kind in UNTICKED:
            return self.value if self.is_chosen or page_is_choice else None
        if self.kind == "file":
            return SimpleUploadedFile("notes.txt", b"Agreed.")
        if part in DATE:
            return DATE[part]
        if self.kind == "email":
            return "new@las.example"
        return "3" if self.mode in ("numeric", "decimal") else "Some words"


@dataclass
class Form:
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {each.name for each in self.fields}

    @property
    def shape(self) -> tuple[str, ...]:
        return (urlsplit(self.action).path, *sorted(self.names), *(n for n, _ in self.buttons))

    def data(self, button: tuple[str, str] | None) -> dict[str, object]:
        only_choices = all(each.kind in {"hidden", *UNTICKED} for each in self.fields)
        sent: dict[str, object] = {}
        radios = {each.name for each in self.fields if each.kind == "radio" and each.is_chosen}
        for each in self.fields:
            first = each.kind == "radio" and each.name not in radios | sent.keys()
            value = each.filled(first or (only_choices and each.kind == "checkbox"))
            if value is not None and each.kind == "checkbox":
                sent.setdefault(each.name, []).append(value)  # type: ignore[attr-defined]
            elif value is not None:
                sent[each.name] = value
        for name, options in self.options.items():
            if not sent.get(name) or sent[name] == "Some words":
                sent[name] = next((value for value in options if value), "")
        return sent | ({button[0]: button[1]} if button else {})


class FormReader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.url, self.forms = url, []
        self.form: Form | None = None
        self.select: Field | None = None
        self.area: Field | None = None

    def handle_starttag(self, tag, attrs):
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.url, at.get("action") or self.url)
            self.form = Form(action, at.get("method", "get").lower())
            self.forms.append(self.form)
        elif self.form is None or not (at.get("name") or tag == "option"):
            return
        elif tag == "input" and at.get("type") != "submit":
            self._add(at, at.get("type", "text"))
        elif tag == "textarea":
            self.area = self._add(at, "textarea")
        elif tag == "select":
            self.select = self._add(at, "select")
            self.form.options[at["name"]] = []
        elif tag == "option" and self.select is not None:
            self.form.options[self.select.name].append(at.get("value", ""))
            if "selected" in at:
                self.select.value = at.get("value", "")
        elif tag == "button":
            self.form.buttons.append((at["name"], at.get("value", "")))

    def _add(self, at, kind):
        made = Field(
            name=at["name"],
            kind=kind,
            value=at.get("value", "on" if kind in UNTICKED else ""),
            is_chosen="checked" in at,
            id=at.get("id", ""),
            mode=at.get("inputmode", ""),
        )
        self.form.fields.append(made)
        return made

    def handle_data(self, data):
        if self.area is not None:
            self.area.value += data.strip()

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None


def forms_of(url: str, html: str, *, method: str) -> Iterator[Form]:
    reader = FormReader(url)
    reader.feed(html)
    return (form for form in reader.forms if form.method == method)
