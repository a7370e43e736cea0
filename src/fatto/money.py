"""Decimals for people: amounts, quantities and percentages in the reader's format."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")
_MARKS = {"it": (".", ","), "ro": (".", ","), "en": (",", ".")}


def round_cents(value: Decimal) -> Decimal:
    """To two decimals, half away from zero, as invoices round."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def number(value: Decimal, language: str, decimals: int | None = None) -> str:
    """A number as people of that language write it: `1.234,56` (it, ro), `1,234.56` (en).

    With `decimals` it is rounded to so many; without, the document's own digits stay,
    less trailing zeros beyond none.
    """
    thousands, point = _MARKS.get(language, _MARKS["en"])
    if decimals is not None:
        try:
            value = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
        except InvalidOperation:
            return str(value)
        text = f"{value:,f}"
    else:
        text = f"{value:,f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    return text.replace(",", "\0").replace(".", point).replace("\0", thousands)


def amount(value: Decimal, language: str) -> str:
    """An amount of money: at least two decimals, more only when the document has them."""
    exponent = value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 2
    while places > 2 and value == value.quantize(Decimal(1).scaleb(-(places - 1))):
        places -= 1
    return number(value, language, max(2, places))
