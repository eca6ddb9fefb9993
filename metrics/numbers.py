"""Figures of indicators: exact for the rules, short for the reader."""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

Number = Decimal | int | float

MILLION = Decimal(1_000_000)
BILLION = 1000 * MILLION
# Kinds of unit that say nothing beside a figure: "131", not "131 count".
UNNAMED = {"count", "score", "rate", "number", "yes/no"}


def exact(value: Number) -> Decimal:
    """A figure as a person would write it: 0.1 is one tenth, and 0.95 * 0.7 is 0.665.

    A float counts to 12 significant digits, which drops the dust of binary arithmetic; a Decimal
    counts whole. ValueError unless it is a finite number.
    """
    number = Decimal(f"{value:.12g}") if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError(f"Not a finite number: {value!r}.")
    return number


def show_value(value: Number, unit: str = "", *, yes_no: bool = False) -> str:
    """A figure with its unit: "88%", "12.5 minutes", "1,240", "1.25m"; "Yes" or "No".

    Up to two decimals, or three significant digits below 0.1; from a million on in millions or
    billions. A percent sign follows at once, another unit after a space.
    """
    number = exact(value)
    if yes_no:
        return "Yes" if number else "No"
    size = abs(number)
    if size >= 1000 * BILLION or 0 < size < Decimal("0.0001"):
        shown = f"{float(number):.3g}"
    elif size >= BILLION:
        shown = f"{_trimmed(number / BILLION, 2)}bn"
    elif size >= MILLION:
        shown = f"{_trimmed(number / MILLION, 2)}m"
    elif 0 < size < Decimal("0.1"):
        shown = _trimmed(number, 2 - size.adjusted())
    else:
        shown = _trimmed(number, 2)
    return shown + _suffix(unit)


def plain(value: Decimal | None) -> str:
    """An exact figure as a person types it, "95" or "12.5"; nothing for None."""
    return "" if value is None else f"{value.normalize():f}"


def show_attainment(percent: Decimal) -> str:
    """An attainment with one decimal, "93.6%", cut and never rounded up across a threshold."""
    return f"{_trimmed(percent, 1, ROUND_FLOOR)}%"


def _suffix(unit: str) -> str:
    unit = unit.strip()
    if unit.lower() in {"%", "percent", "per cent"}:
        return "%"
    return f" {unit}" if unit and unit.lower() not in UNNAMED else ""


def _trimmed(number: Decimal, decimals: int, rounding: str = ROUND_HALF_UP) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-decimals), rounding=rounding)
    text = f"{rounded:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")
