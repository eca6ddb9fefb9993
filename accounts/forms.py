import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.dates import MONTHS

from accounts import typed_again

FIRST_YEAR = 1900
LAST_YEAR = 2100
DATE_PARTS = ("day", "month", "year")
PART_WIDTHS = {"day": 2, "month": 3, "year": 4}
SHORTEST_MONTH_NAME = 3
DETERMINERS = {"a", "an", "the", "your", "this"}


def clean_text(text: str) -> str:
    """Take out what no text should hold and a database or a PDF may refuse.

    Control characters, lone surrogates and Unicode noncharacters go; tabs stay; each kind of line
    ending becomes one "\\n", so that a length limit counts what the person sees.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(character for character in text if _is_wanted(character))


def _is_wanted(character: str) -> bool:
    if character in "\n\t":
        return True
    is_noncharacter = ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    return unicodedata.category(character) not in {"Cc", "Cs"} and not is_noncharacter


def clean_data(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same submitted data with ``clean_text`` applied to every text in it."""
    if isinstance(data, MultiValueDict):
        return MultiValueDict({key: [_clean(v) for v in vs] for key, vs in data.lists()})
    return {key: _clean(value) for key, value in data.items()}


def _clean(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


class SplitDateWidget(forms.MultiWidget):
    """Day, month and year as three text boxes, the NHS pattern; keeps whatever was typed."""

    template_name = "nhsuk/widgets/split_date.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({part: forms.TextInput() for part in DATE_PARTS}, attrs)

    def decompress(self, value: date | None) -> list[int | None]:
        return [value.day, value.month, value.year] if value else [None, None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        id_ = context["widget"]["attrs"].get("id", f"id_{name}")
        for part, box in zip(DATE_PARTS, context["widget"]["subwidgets"], strict=True):
            box["part"] = part.capitalize()
            # Django numbers the boxes; names make links and browser tests readable.
            box["attrs"]["id"] = f"{id_}_{part}"
            classes = f"nhsuk-date-input__input nhsuk-input--width-{PART_WIDTHS[part]}"
            box["attrs"]["class"] = f"{classes} {box['attrs'].get('class', '')}".strip()
            if part != "month":  # a month may be a name
                box["attrs"]["inputmode"] = "numeric"
        return context


class SplitDateField(forms.DateField):
    """A date typed as day, month (number or English name) and year (1900 to 2100)."""

    widget = SplitDateWidget
    default_error_messages = {  # noqa: RUF012
        "incomplete": "%(label)s must include %(missing)s",
        "unreal": "%(label)s must be a real date",
        "year": f"%(label)s must have a year between {FIRST_YEAR} and {LAST_YEAR}",
    }

    def to_python(self, value: Any) -> date | None:
        """Turn the three typed texts into a date; None when all are blank.

        Raises ValidationError "incomplete", "unreal" or "year", naming the field.
        """
        if not isinstance(value, list | tuple):
            return super().to_python(value)
        typed = ["" if part is None else str(part).strip() for part in value]
        if not any(typed):
            return None
        missing = [f"a {part}" for part, text in zip(DATE_PARTS, typed, strict=True) if not text]
        if missing:
            raise self._error("incomplete", missing=" and ".join(missing))
        return self._assemble(*typed)

    def _assemble(self, day: str, month: str, year: str) -> date:
        day_number, month_number, year_number = _number(day), _month(month), _number(year)
        if day_number is None or month_number is None or year_number is None:
            raise self._error("unreal")
        if not FIRST_YEAR <= year_number <= LAST_YEAR:
            raise self._error("year")
        try:
            return date(year_number, month_number, day_number)
        except ValueError:
            raise self._error("unreal") from None

    def _error(self, code: str, **params: str) -> ValidationError:
        params["label"] = str(self.label or "Date")
        return ValidationError(self.error_messages[code], code=code, params=params)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _month(text: str) -> int | None:
    word = text.lower().removesuffix(".")
    if len(word) < SHORTEST_MONTH_NAME or not word.isalpha():
        return _number(text)
    word = "sep" if word == "sept" else word
    return next((n for n, name in MONTHS.items() if str(name).lower().startswith(word)), None)


class TrackerBehaviour:
    """What every form of the tracker does; shared by ``TrackerForm`` and ``TrackerModelForm``.

    Submitted text is cleaned, messages name the field, and ``{% crispy form %}`` draws the whole
    form with its token and its button. ``submit_label`` and ``cancel_url`` may be set on the class
    or on the instance. A field's own ``error_messages`` win over the ones made here.
    """

    submit_label = "Save"
    cancel_url = ""
    mark_optional = True
    use_required_attribute = False

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and args[0] is not None:
            args = (clean_data(args[0]), *args[1:])
        elif kwargs.get("data") is not None:
            kwargs["data"] = clean_data(kwargs["data"])
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.label_for(name, field)
            name_field_in_messages(field)
            _keep_typed_text(field)

    def label_for(self, name: str, field: forms.Field) -> str:
        """The words above the field, known before the messages are made from them."""
        return name.replace("_", " ").capitalize() if field.label is None else str(field.label)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Start from what was typed before the session ended, if that waits for this form."""
        if typed_again.is_for(self) and not isinstance(field, forms.FileField):  # type: ignore[arg-type]
            return typed_again.value(self, field, field_name)  # type: ignore[arg-type]
        return super().get_initial_for_field(field, field_name)  # type: ignore[misc]

    @cached_property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        # A form with a layout of its own still carries its hidden version.
        helper.render_hidden_fields = True
        # autocomplete: or the back button shows old text in a form that knows the newest version.
        helper.attrs = {"novalidate": True, "autocomplete": "off"}
        helper.form_class = "qip-form"
        return helper


class TrackerForm(TrackerBehaviour, forms.Form):
    """Base of the tracker's plain forms."""


class TrackerModelForm(TrackerBehaviour, forms.ModelForm):
    """Base of the tracker's model forms.

    Dates need ``field_classes = {"planned_date": SplitDateField}`` in ``Meta``.
    """


def _keep_typed_text(field: forms.Field) -> None:
    """Let the server judge, in words: browsers cut long text and drop a number that is none."""
    widget = field.widget
    for attribute in ("maxlength", "min", "max", "step"):
        widget.attrs.pop(attribute, None)
    if isinstance(widget, forms.NumberInput):
        has_decimals = isinstance(field, forms.FloatField | forms.DecimalField)
        widget.input_type = "text"
        widget.attrs["inputmode"] = "decimal" if has_decimals else "numeric"
        widget.attrs.setdefault("class", "nhsuk-input--width-5")


def name_field_in_messages(field: forms.Field) -> None:
    """Replace Django's "This field is required." and its like by sentences naming the field."""
    # Some messages are %-formatted and some are not, so a label's own sign is spelt.
    label = str(field.label or "").replace("%", "per cent")
    if not label:
        return
    for code, message in _messages(field, label).items():
        if field.error_messages.get(code) in (None, _default_message(field, code)):
            field.error_messages[code] = message


def _messages(field: forms.Field, label: str) -> dict[str, str]:
    required = _required_message(field, label)
    label = "The answer" if label.endswith("?") else label
    messages = {
        "required": required,
        "max_length": f"{label} must be %(limit_value)d characters or fewer",
        "min_length": f"{label} must be %(limit_value)d characters or more",
        "max_value": f"{label} must be %(limit_value)s or less",
        "min_value": f"{label} must be %(limit_value)s or more",
        "max_decimal_places": f"{label} must have %(max)s decimal places or fewer",
        "max_digits": f"{label} must have %(max)s digits or fewer",
        "max_whole_digits": f"{label} must have %(max)s digits or fewer before the decimal point",
        "invalid_choice": f"Choose {_with_article(label)} from the list",
        "empty": f"{label}: the file is empty",
    }
    if isinstance(field, forms.EmailField):
        messages["invalid"] = f"{label} must look like name@example.com"
    elif isinstance(field, forms.DecimalField | forms.FloatField):
        messages["invalid"] = f"{label} must be a number"
    elif isinstance(field, forms.IntegerField):
        messages["invalid"] = f"{label} must be a whole number"
    return messages


def _required_message(field: forms.Field, label: str) -> str:
    if label.endswith("?"):
        return f"Answer the question “{label}”"
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return f"Select {_with_article(label)}"
    if isinstance(field, forms.FileField):
        return f"Choose {_with_article(label)}"
    if isinstance(field, forms.BooleanField):
        return f"Tick “{label}”"
    return f"Enter {_with_article(label)}"


def _with_article(label: str) -> str:
    """The label inside a sentence: "the forecast date", "the ELT meeting", "your password"."""
    is_abbreviation = label[:2].isalpha() and label[:2].isupper()
    words = label if is_abbreviation else label[:1].lower() + label[1:]
    return words if words.split(" ")[0] in DETERMINERS else f"the {words}"


def _default_message(field: forms.Field, code: str) -> Any:
    for cls in type(field).__mro__:
        message = getattr(cls, "default_error_messages", {}).get(code)
        if message is not None:
            return message
    return None
