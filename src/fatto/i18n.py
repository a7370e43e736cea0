"""Translatable text without Django: stdlib gettext, domain `fatto`, catalogues in `fatto/locale`."""

from __future__ import annotations

import gettext
from datetime import date
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "it", "ro")
_LOCALE = Path(__file__).parent / "locale"


def _(text: str) -> str:
    """Mark a text for translation; the translation itself happens at the edge, by `translate`."""
    return text


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of a language (`it`, `ro`; anything else is English, the source)."""
    return gettext.translation("fatto", _LOCALE, [language], fallback=True)


def translate(text: str, language: str, **values: object) -> str:
    """A marked text in a language, its parameters filled in."""
    translated = catalogue(language).gettext(text) if text else ""
    return translated.format(**values) if values else translated


_DATES = {"it": "{0:%d/%m/%Y}", "ro": "{0:%d.%m.%Y}"}


def day(value: date, language: str) -> str:
    """A date as people of that language write it: `31/12/2026`, `31.12.2026`, `31 Dec 2026`."""
    if language in _DATES:
        return _DATES[language].format(value)
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
