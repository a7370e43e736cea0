"""How amounts, dates and tax ids are shown, and the small pieces that templates ask for by name.

Formats follow the reader's language, as documents made by the library do.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import lucide
from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext, ngettext

from fatto import countries, i18n, money, pipeline
from fatto.portal.approvals.models import Kind
from fatto.portal.documents.models import Document
from fatto.portal.web import shell as shells

register = template.Library()

SYMBOLS = {"EUR": "€", "GBP": "£", "RON": "lei"}
"""Currencies that people here know by a sign; the others are shown by their code."""
_MINUS = "−"
_NARROW = "\u202f"


def _language() -> str:
    return (get_language() or "en")[:2]


def _number(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    return Decimal(value) if isinstance(value, int) else None


@register.filter
def amount(value: object, currency: str = "") -> str:
    """`1.284,50 €`: at least two decimals, a true minus, the currency smaller. Nothing for None."""
    number = _number(value)
    if number is None:
        return ""
    text = money.amount(abs(number), _language())
    if number < 0:
        text = _MINUS + text
    if not currency:
        return text
    return format_html('{}\u00a0<span class="currency">{}</span>', text, SYMBOLS.get(currency, currency))


@register.filter
def plain_amount(value: object, currency: str = "") -> str:
    """As `amount`, without elements: for letters."""
    number = _number(value)
    if number is None:
        return ""
    text = money.amount(abs(number), _language())
    sign = _MINUS if number < 0 else ""
    return f"{sign}{text}\u00a0{SYMBOLS.get(currency, currency)}".strip()


@register.filter
def plain_day(value: date | None) -> str:
    """As `day`, without elements: for letters."""
    return i18n.day(value, _language()) if value else ""


@register.filter
def signed(value: object, currency: str = "") -> str:
    """As `amount`, with a plus for what comes in."""
    number = _number(value)
    if number is None:
        return ""
    text = amount(number, currency)
    return format_html("+{}", text) if number > 0 else text


@register.filter
def quantity(value: object) -> str:
    """A quantity, price or percentage with the document's own decimals."""
    number = _number(value)
    if number is None:
        return ""
    text = money.number(abs(number), _language())
    return _MINUS + text if number < 0 else text


@register.filter
def alert_words(kinds: list[str]) -> str:
    """The alerts of a document by name, as its lists say them."""
    return ", ".join(str(Kind(kind).label).rstrip("?") for kind in kinds if kind in Kind.values)


@register.filter
def to_choose(document: Document) -> str:
    """What the box of a document in a list says."""
    named = {"party": document.party_name or document.name, "number": document.number}
    return gettext("Choose %(party)s %(number)s") % named


@register.filter
def country(code: str) -> str:
    """The name of a country in the reader's language, where its pack is there; else its code."""
    return i18n.translate(countries.find(code).name, _language())


def format_title(name: str) -> str:
    """What a format is called in the reader's language; empty where nobody knows it."""
    return i18n.translate(pipeline.format_title(name), _language()) if name else ""


@register.filter
def day(value: date | datetime | None) -> str:
    """`31/12/2026` (it), `31.12.2026` (ro), `31 Dec 2026` (en); as a `<time>` element."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        value = _local(value).date()
    return _time(value, _language(), short=False)


@lru_cache(4096)
def _time(value: date, language: str, *, short: bool) -> SafeString:
    text = i18n.day(value, language)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text[:-5] if short else text)


@register.filter
def short_day(value: date | datetime | None) -> str:
    """A day in a list: without its year when that is the present one."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        value = _local(value).date()
    return _time(value, _language(), short=value.year == timezone.localdate().year)


@register.filter
def month(value: date) -> str:
    """The short name of a month, with its year in January."""
    name = date_format(value, "M")
    return f"{name} {value.year}" if value.month == 1 else str(name)


@register.filter
def unlocalized(value: float) -> str:
    """A number as SVG wants it, whatever the reader's language."""
    return f"{value:g}"


@register.filter
def moment(value: datetime | None) -> str:
    """A day with the time of day, `31/12/2026 14:05`."""
    if value is None or value == "":
        return ""
    here = _local(value)
    return format_html(
        '<time datetime="{}">{} {}</time>',
        value.isoformat(timespec="seconds"),
        i18n.day(here.date(), _language()),
        f"{here:%H:%M}",
    )


@register.filter
def ago(value: datetime | None) -> str:
    """How long ago, in words; the exact moment on hovering."""
    if value is None or value == "":
        return ""
    if (timezone.now() - value).total_seconds() < 60:
        text = gettext("just now")
    else:
        text = gettext("{time} ago").format(time=timesince(value, depth=1))
    here = _local(value)
    return format_html(
        '<time datetime="{}" title="{} {}">{}</time>',
        value.isoformat(timespec="seconds"),
        i18n.day(here.date(), _language()),
        f"{here:%H:%M}",
        text,
    )


@register.filter
def due(value: date | None) -> str:
    """How far a due date is: `in 3 days`, `today`, `5 days late`."""
    if value is None or value == "":
        return ""
    days = (value - timezone.localdate()).days
    if days == 0:
        return gettext("today")
    if days > 0:
        return ngettext("in {days} day", "in {days} days", days).format(days=days)
    return ngettext("{days} day late", "{days} days late", -days).format(days=-days)


@register.filter
def size(value: int | None) -> str:
    """A file's size, `1,2 MB`."""
    if value is None:
        return ""
    number = Decimal(value)
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    decimals = 0 if unit == "B" or number >= 100 else 1
    return f"{money.number(number, _language(), decimals)}{_NARROW}{unit}"


@register.filter
def ids(company: Any) -> str:
    """A company's or party's tax ids as people write them: the VAT number, and the tax number when it differs."""
    return shells.tax_ids(company)


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


@lru_cache(maxsize=512)
def _icon(name: str, size: int, extra: str) -> SafeString:
    css = f"icon {extra}".strip()
    drawn = lucide._render_icon(name, size, **{"class": css, "aria-hidden": "true", "focusable": "false"})
    return mark_safe(drawn)  # noqa: S308 - drawn by the package; the names are ours


@register.simple_tag
def icon(name: str, size: int = 16, extra: str = "") -> SafeString:
    """An icon of the Lucide family, hidden from screen readers: a word stands beside it."""
    return _icon(str(name), size, str(extra))


@register.simple_tag(takes_context=True)
def shell(context: Context) -> shells.Shell:
    """What stands around the page: whose it is, where one can go, who is reading."""
    request = context.get("request")
    return shells.shell(request, section=str(context.get("section") or ""))


@register.filter
def widget(field: Any) -> SafeString:
    """A form field's control, tied to its help and its error for screen readers; its label says what it is for."""
    described = [f"{field.auto_id}-help"] if field.help_text else []
    attrs: dict[str, Any] = {}
    if field.errors:
        described.insert(0, f"{field.auto_id}-error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if "placeholder" in field.field.widget.attrs:
        attrs["placeholder"] = False
    rendered: SafeString = field.as_widget(attrs={**field.field.widget.attrs, **attrs})
    return rendered


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(agent: str) -> str:
    """What a browser says of itself → `Firefox · Windows`."""
    named = (next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _SYSTEMS))
    return " · ".join(name for name in named if name) or gettext("Unknown device")


@register.filter
def is_phone(agent: str) -> bool:
    """Does the browser run on a phone?"""
    return "Mobi" in agent


@register.filter
def is_choice(field: Any) -> bool:
    """Is it a list to choose from? What it says when nothing is chosen stands in it."""
    return getattr(field.field.widget, "input_type", "") == "select"


@register.filter
def is_check(field: Any) -> bool:
    """Is it a single box to tick?"""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not hasattr(field.field, "choices")
