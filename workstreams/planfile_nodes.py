"""Reads YAML block by block and collects every fault with its line. Knows nothing of plans."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from workstreams.planfile_dates import BadDate, read_day, read_month

LARGEST_FILE = 5 * 1024 * 1024
DEEPEST = 20
REFERENCE = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
SOURCE_LINES = re.compile(r"\d+(-\d+)?(, ?\d+(-\d+)?)*")
_START = yaml.Mark("", 0, 0, 0, None, 0)
YES_NO = {"yes": True, "true": True, "no": False, "false": False}
# As wide as the narrowest column that a figure goes into.
MOST_WHOLE_DIGITS, MOST_DECIMALS = 10, 4


@dataclass(frozen=True, order=True)
class PlanFileError:
    """One fault: its line (from 1), the field as in "milestones[4].date", and the way out."""

    line: int
    field: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.line}: {self.field}: {self.message} {self.remedy}"


class PlanFileInvalid(Exception):
    """The plan file holds faults; `errors` lists all of them in the order of their lines."""

    def __init__(self, errors: Iterable[PlanFileError]) -> None:
        self.errors = sorted(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class _StrictLoader(yaml.SafeLoader):
    """Refuses anchors, aliases and deep nesting: a small file could grow without bound."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if getattr(event, "anchor", None) is not None:
            problem = "anchors (&) and aliases (*) are not allowed here"
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        if self.depth == DEEPEST:
            problem = "the blocks are nested too deeply"
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        self.depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_root(path: Path, faults: list[PlanFileError]) -> "Block":
    """Give the outermost block of a YAML file. Raises PlanFileInvalid if it is no such file."""
    node = _compose(_read_text(path))
    if not isinstance(node, yaml.MappingNode):
        raise _not_yaml(1, "The file holds no plan.", 'Begin with "programme:".')
    return Block(node, "", faults)


def _read_text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise _not_yaml(1, "The file is larger than 5 MB.", "A plan is far smaller: check it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        remedy = "Save the file with the encoding UTF-8."
        raise _not_yaml(line, "This is no UTF-8 text.", remedy) from error


def _compose(text: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=_StrictLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _not_yaml(line, "This line holds a control character.", "Remove it.") from error
    except yaml.MarkedYAMLError as error:
        # A quote that is never closed is at fault where it opens, not at the end of the file.
        at_the_end = "end of stream" in str(error.problem)
        mark = (at_the_end and error.context_mark) or error.problem_mark or error.context_mark
        remedy = "Compare spaces, colons and quotes with a block that is right."
        raise _not_yaml(
            mark.line + 1 if mark else 1, f"YAML cannot be read: {error.problem}.", remedy
        ) from error
    return node


def _not_yaml(line: int, message: str, remedy: str) -> PlanFileInvalid:
    return PlanFileInvalid([PlanFileError(line, "file", message, remedy)])


@dataclass(frozen=True)
class Person:
    """Somebody named by e-mail address; whether there is such a user shows when loading."""

    email: str
    line: int
    field: str


class Block:
    """One block of the file, read key by key. A fault goes to the shared list and reading goes on.

    A key that nobody has asked for when `finish` is called is an unknown key.
    """

    def __init__(self, node: yaml.MappingNode, field: str, faults: list[PlanFileError]) -> None:
        self.line = node.start_mark.line + 1
        self.field = field
        self._faults = faults
        self._asked: list[str] = []
        self._keys: dict[str, yaml.Node] = {}
        self._values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in self._values:
                first = self._keys[name].start_mark.line + 1
                self._fault(
                    key, name, f"This block has it twice, first in line {first}.", "Keep one."
                )
            self._keys[name], self._values[name] = key, value

    def fault(self, key: str, message: str, remedy: str) -> None:
        """Report a fault at a key, or at the block itself if the key is not there."""
        self._fault(self._keys.get(key), key, message, remedy)

    def finish(self) -> None:
        """Report every key that is not known here."""
        for name in self._values:
            if name not in self._asked:
                near = get_close_matches(name, self._asked, n=1)
                known = (
                    f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(self._asked)}."
                )
                self.fault(name, "There is no such key.", known)

    def text(self, key: str, *, longest: int = 2000, required: bool = True) -> str:
        """Give a text as written; empty if it is absent or at fault."""
        node = self._get(key, required)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.fault(key, "A text is expected here.", f'Write "{key}: some words" in one piece.')
            return ""
        text = str(node.value).strip()
        if len(text) > longest:
            message = f"The text has {len(text)} characters."
            self.fault(key, message, f"Shorten it to {longest}.")
            return ""
        return text

    def reference(self, key: str, *, longest: int = 20, required: bool = True) -> str:
        """Give a reference such as WS1-P1: letters, digits and single hyphens."""
        text = self.text(key, longest=longest, required=required)
        if text and not REFERENCE.fullmatch(text):
            message = f'"{text}" is not a reference.'
            self.fault(key, message, "Use letters, digits and hyphens only, such as WS1-P1.")
            return ""
        return text

    def choice(self, key: str, codes: Collection[str], *, required: bool = True) -> str:
        """Give one of the codes; "financial_year" may be written "financial year"."""
        text = self.text(key, required=required)
        code = re.sub(r"[ /]", "_", text.lower())
        if text and code not in codes:
            words = [code.replace("_", " ") for code in codes]
            near = get_close_matches(text, words, n=1)
            message = f'"{text}" is not known here.'
            meant = f'Did you mean "{near[0]}"?' if near else f"Write one of: {', '.join(words)}."
            self.fault(key, message, meant)
            return ""
        return code

    def month(self, key: str, *, required: bool = True) -> date | None:
        """Give the first day of a month that is written 2016-03."""
        return self._date(key, read_month, required)

    def day(self, key: str, *, required: bool = True) -> date | None:
        """Give a day that is written 2016-03-31."""
        return self._date(key, read_day, required)

    def _date(self, key: str, read: Callable[[str], date], required: bool) -> date | None:
        text = self.text(key, required=required)
        try:
            return read(text) if text else None
        except BadDate as error:
            self.fault(key, error.message, error.remedy)
            return None

    def number(self, key: str, *, required: bool = True) -> Decimal | None:
        """Give a number that fits the columns of the database."""
        text = self.text(key, required=required)
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            self.fault(key, f'"{text}" is not a number.', "Write it as 3169 or 12.6.")
            return None
        if not number.is_finite() or abs(number) >= 10**MOST_WHOLE_DIGITS:
            self.fault(key, f'"{text}" is too large.', "Write it as 3169 or 12.6.")
            return None
        if number != round(number, MOST_DECIMALS):
            self.fault(key, f'"{text}" is too exact.', f"Give {MOST_DECIMALS} decimals at most.")
            return None
        return number

    def flag(self, key: str) -> bool:
        """Give whether it says yes; an absent key says no."""
        text = self.text(key, required=False)
        if text and text.lower() not in YES_NO:
            self.fault(key, f'"{text}" is neither yes nor no.', "Write yes or no.")
        return YES_NO.get(text.lower(), False)

    def source_lines(self) -> str:
        """Give the lines of the published plan: "96, 206-208". Empty for an item from elsewhere."""
        text = self.text("lines", longest=60, required=False)
        if text and not SOURCE_LINES.fullmatch(text):
            self.fault("lines", f'"{text}" are no lines.', "Write them as 96, 206 or 282-288.")
            return ""
        return text

    def person(self, key: str) -> Person | None:
        """Give the person behind an e-mail address, if one is given."""
        text = self.text(key, longest=254, required=False)
        if not text:
            return None
        try:
            validate_email(text)
        except ValidationError:
            message = f'"{text}" is not an e-mail address.'
            self.fault(key, message, "Write the address that the person signs in with.")
            return None
        line = self._values[key].start_mark.line + 1
        return Person(text.lower(), line, self._path(key))

    def texts(self, key: str, *, longest: int = 200) -> tuple[str, ...]:
        """Give a list of texts, written [one, two] or with a hyphen each."""
        found = []
        for item in self._items(key, required=False):
            text = str(item.value).strip()
            if not isinstance(item, yaml.ScalarNode) or not text:
                self._fault(item, key, "A list of texts is expected here.", "Write [one, two].")
            elif len(text) > longest:
                message = f"A text has {len(text)} characters."
                self._fault(item, key, message, f"Shorten it to {longest}.")
            else:
                found.append(text)
        return tuple(found)

    def blocks(self, key: str, *, required: bool = True) -> list["Block"]:
        """Give the blocks of a list."""
        found = []
        for number, item in enumerate(self._items(key, required)):
            path = f"{self._path(key)}[{number}]"
            if isinstance(item, yaml.MappingNode):
                found.append(Block(item, path, self._faults))
            else:
                line = item.start_mark.line + 1
                remedy = "Write each key on a line of its own, as in the block before."
                self._faults.append(PlanFileError(line, path, "A block is expected here.", remedy))
        return found

    def block(self, key: str, *, required: bool = True) -> "Block | None":
        """Give one inner block."""
        node = self._get(key, required)
        if node is None:
            return None
        if not isinstance(node, yaml.MappingNode):
            self.fault(key, "A block is expected here.", f'Write "{key}:", then its keys indented.')
            return None
        return Block(node, self._path(key), self._faults)

    def empty(self, key: str) -> "Block":
        """Give a block without keys, to read on with after a missing one; its faults are lost."""
        return Block(yaml.MappingNode("", [], _START, _START), self._path(key), [])

    def has(self, key: str) -> bool:
        """Tell whether the block holds something at a key, right or wrong."""
        return self._get(key, required=False) is not None

    def key_lines(self) -> dict[str, int]:
        """Give the line of each key of this block."""
        return {name: key.start_mark.line + 1 for name, key in self._keys.items()}

    def pairs(self, key: str) -> dict[str, str]:
        """Give a block whose keys are free, such as the rating of each domain."""
        inner = self.block(key, required=False)
        return {name: inner.text(name, longest=100) for name in inner._keys} if inner else {}

    def _items(self, key: str, required: bool) -> list[yaml.Node]:
        node = self._get(key, required)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(key, "A list is expected here.", 'Begin each of its items with "- ".')
            return []
        return list(node.value)

    def _get(self, key: str, required: bool) -> yaml.Node | None:
        if key not in self._asked:
            self._asked.append(key)
        node = self._values.get(key)
        is_empty = isinstance(node, yaml.ScalarNode) and (
            node.tag == "tag:yaml.org,2002:null" or not node.value.strip()
        )
        if node is not None and not is_empty:
            return node
        if required:
            self.fault(key, "It is missing.", f'Add "{key}: ..." to this block.')
        return None

    def _path(self, key: str) -> str:
        return f"{self.field}.{key}" if self.field else key

    def _fault(self, node: yaml.Node | None, key: str, message: str, remedy: str) -> None:
        line = node.start_mark.line + 1 if node else self.line
        self._faults.append(PlanFileError(line, self._path(key), message, remedy))
