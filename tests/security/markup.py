"""Finds in a page whatever came from a text: an element, an attribute, something that runs."""

import re
from html.parser import HTMLParser

FORBIDDEN = {"iframe", "object", "embed", "base", "math", "style", "foreignobject", "x-bad"}
RUNS = re.compile(r"^[\s\x00-\x20]*(javascript|vbscript|data):", re.IGNORECASE)
ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "srcdoc", "hx-get", "hx-post"}


class Page(HTMLParser):
    """Reads a page and notes what is wrong with it, and the words that it shows."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        bad = [name for name in names if name.startswith("on") or "xbad" in name or name == "style"]
        runs = [
            (name, value)
            for name, value in attrs
            if name in ADDRESSES and RUNS.match(value or "") and tag != "img"
        ]
        if tag in FORBIDDEN or bad or runs:
            self.faults.append(f"<{tag}> {bad} {runs}")
        if tag == "script" and "src" not in names and dict(attrs).get("type") != "application/json":
            self.faults.append("a script within the page")
        if tag == "meta" and "http-equiv" in names:
            self.faults.append("a meta refresh")
        self.words += [value for _, value in attrs if value]

    def handle_data(self, data):
        self.words.append(data)


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    return page
