"""Finds the country packs: the folders beside this file, and packages that announce themselves.

Nobody imports a country by name; `find("IT")` gives its declaration.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

import msgspec

from fatto.country import Country
from fatto.formats.format import Format, Notice
from fatto.invoice.model import Invoice
from fatto.rules import places
from fatto.rules.places import Place
from fatto.rules.ruleset import Profile


@cache
def every() -> tuple[Country, ...]:
    """All packs, by code. Packs from outside use the entry-point group `fatto.countries`."""
    inside = (import_module(f"{__name__}.{module.name}").COUNTRY for module in pkgutil.iter_modules(__path__))
    outside = (point.load() for point in entry_points(group="fatto.countries"))
    return tuple(sorted([*inside, *outside], key=lambda country: country.code))


@cache
def find(code: str | None) -> Country:
    """The pack of an ISO 3166 code; an empty one (no formats, no rules) when there is none."""
    for country in every():
        if country.code == code:
            return country
    return Country(code=code or "", name=code or "", currency="EUR")


@cache
def formats() -> tuple[Format, ...]:
    """The formats that only one country uses."""
    return tuple(each for country in every() for each in country.formats)


@cache
def notices() -> tuple[Notice, ...]:
    """Official XML of all countries that is no invoice."""
    return tuple(each for country in every() for each in country.notices)


@cache
def profiles() -> tuple[Profile, ...]:
    """The rules of all countries' authorities."""
    return tuple(each for country in every() for each in country.profiles)


def not_checked_here(sets: Iterable[str]) -> dict[str, str]:
    """Checks that only the authorities behind these rule sets can make: code → why, marked for translation."""
    asked = set(sets)
    return {
        code: why
        for country in every()
        if asked & {profile.name for profile in country.profiles}
        for code, why in country.not_checked_here.items()
    }


def place(path: str) -> Place:
    """Where a path of any format is, in a reader's terms."""
    found = places.of(path)
    for country in every():
        found = found or country.place(path)
    return found or Place(part="other")


def of(invoice: Invoice) -> Country:
    """The pack whose words and rules fit an invoice: that of its national parts, else its seller's."""
    if invoice.parts is not None:
        return find(_tag(invoice.parts))
    return find(invoice.seller.address.country if invoice.seller.address else (invoice.seller.vat_id or "")[:2])


def _tag(parts: object) -> str:
    tag = parts.get("type") if isinstance(parts, dict) else type(parts).__struct_config__.tag  # type: ignore[attr-defined]
    return str(tag or "").upper()


_decoder = msgspec.json.Decoder(Invoice)


def decode(data: bytes | str) -> Invoice:
    """JSON of a canonical invoice → the invoice, its national parts with their type."""
    invoice = _decoder.decode(data)
    if isinstance(invoice.parts, dict):
        kind = find(_tag(invoice.parts)).parts
        if kind is not None:
            parts = msgspec.convert(invoice.parts, kind, strict=False)
            return msgspec.structs.replace(invoice, parts=parts)
    return invoice
