from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.utils import dateformat

register = template.Library()

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@register.filter
def day(value: date | None) -> str:
    """A date for a table, "30 Nov 2016", that never breaks over a line; "" for no date."""
    if not value:
        return ""
    return dateformat.format(value, "j M Y").replace(" ", NO_BREAK_SPACE)


@register.filter
def long_day(value: date | None) -> str:
    """A date for a sentence, "30 November 2016"; "" for no date."""
    if not value:
        return ""
    return dateformat.format(value, "j F Y").replace(" ", NO_BREAK_SPACE, 1)


@register.filter
def days_late(value: int | None) -> str:
    """Days after the planned date in words: "+58 days", "on time", "−3 days" (early)."""
    if value is None:
        return ""
    if value == 0:
        return "on time"
    sign = "+" if value > 0 else MINUS
    noun = "day" if abs(value) == 1 else "days"
    return f"{sign}{abs(value)}{NO_BREAK_SPACE}{noun}"


@register.filter
def get_item(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """The mapping's value for the key, or None."""
    return mapping.get(key) if mapping else None


@dataclass(frozen=True)
class Segment:
    code: str
    offset: int
    count: int


@dataclass(frozen=True)
class StackedBar:
    total: int
    segments: tuple[Segment, ...]


@register.filter
def stacked(counts: Iterable[Any]) -> StackedBar:
    """Lay rating counts (objects with ``code`` and ``count``) end to end for a stacked bar."""
    segments: list[Segment] = []
    offset = 0
    for item in counts:
        if item.count:
            segments.append(Segment(code=item.code, offset=offset, count=item.count))
            offset += item.count
    return StackedBar(total=offset, segments=tuple(segments))


@register.filter
def page_numbers(page: Page[Any]) -> Iterable[int | str]:
    """The page numbers to show round this one, with the paginator's ellipsis for the rest."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


# What the templates in templates/nhsuk/field/ are called, the most special widget first.
WIDGET_KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.MultiWidget, "date"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.Select, "select"),
    (forms.CheckboxInput, "checkbox"),
    (forms.FileInput, "file"),
    (forms.PasswordInput, "password"),
    (forms.Textarea, "textarea"),
)


@register.filter
def widget_kind(field: BoundField) -> str:
    """Which NHS component draws the field: "date", "radios", "text" and so on."""
    if field.is_hidden:
        return "hidden"
    widget = field.field.widget
    return next((kind for cls, kind in WIDGET_KINDS if isinstance(widget, cls)), "text")


@register.filter
def with_class(field: BoundField, css_class: str) -> str:
    """Draw the field's widget with the classes beside its own; the first has an error form."""
    own = field.field.widget.attrs.get("class", "")
    error = f"{css_class.split()[0]}--error" if field.errors else ""
    classes = " ".join(name for name in (css_class, error, own) if name)
    return field.as_widget(attrs={"class": classes})


@register.filter
def first_input_id(field: BoundField) -> str:
    """The id of the first thing to type in or press, where the error summary's link leads."""
    kind = widget_kind(field)
    if kind == "date":
        return f"{field.auto_id}_day"
    if kind in {"radios", "checkboxes"}:
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id
