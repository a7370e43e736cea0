"""Thousands of distinct invoices, quickly: for measuring and for tests of large imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import NamedTuple

from fatto.portal.demo import cii, fatturapa, identifiers, signing, trade, ubl
from fatto.portal.demo.sheet import Instalment, Party, Row, Sheet, sums

MIX = {"fatturapa": 50, "fatturapa-credit": 4, "ubl": 36, "ubl-credit": 4, "cii": 6}
"""How many of a hundred are of which kind; `fatturapa-signed` (a `.p7m`) can be asked for too."""

_GOODS = {
    "IT": tuple(
        good for plan in trade.PLANS for good in plan.goods if good.vat in {"22", "10", "4"} and good.unit
    ),
    "RO": tuple(good for plan in trade.PLANS for good in plan.goods if good.vat in {"standard", "reduced"}),
}  # fmt: skip


class Made(NamedTuple):
    """A file, and what reading it must give."""

    name: str
    data: bytes
    number: str
    seller: Party
    buyer: Party
    with_vat: Decimal


def papers(
    count: int,
    *,
    seed: int = 1,
    mix: Mapping[str, int] | None = None,
    buyers: Mapping[str, Sequence[Party]] | None = None,
    lines: int | tuple[int, int] = (1, 9),
    until: date = date(2026, 10, 31),
) -> Iterator[Made]:
    """So many files, all distinct; the same arguments give the same files.

    `mix` says how many of which kind; `buyers` gives the buyers by country (`IT` for FatturaPA, `RO` for
    UBL and CII), of whom one is chosen for each document; `lines` is a number or a range.
    """
    source = Random(seed)  # noqa: S311 - invented data
    wanted = mix or MIX
    kinds = source.choices(tuple(wanted), tuple(wanted.values()), k=count)
    few, many = (lines, lines) if isinstance(lines, int) else lines
    for index, kind in enumerate(kinds):
        country = "IT" if kind.startswith("fatturapa") else "RO"
        seller = source.choice(sellers(country))
        buyer = source.choice((buyers or {}).get(country) or everybody(country))
        issued = until - timedelta(days=source.randrange(360))
        sheet = Sheet(
            kind=_KINDS[kind],
            issued=issued,
            seller=seller,
            buyer=buyer,
            rows=_rows(source, country, source.randint(few, many), issued),
            number=f"{seed}-{index + 1}/{issued.year}",
            currency="EUR" if country == "IT" else "RON",
            means="MP05" if country == "IT" else "30",
            iban=seller.iban,
        )
        total = sums(sheet)
        sheet.instalments = (Instalment(amount=total.payable, due=issued + timedelta(days=30)),)
        name, data = _file(kind, sheet, index)
        yield Made(name, data, sheet.number, seller, buyer, total.with_vat)


_KINDS = {
    "fatturapa": "TD01",
    "fatturapa-signed": "TD01",
    "fatturapa-credit": "TD04",
    "ubl": "380",
    "ubl-credit": "381",
    "cii": "380",
}


def _file(kind: str, sheet: Sheet, index: int) -> tuple[str, bytes]:
    if kind.startswith("ubl"):
        return f"{6_000_000_000 + index}.xml", ubl.write(sheet)
    if kind == "cii":
        return f"{7_000_000_000 + index}.xml", cii.write(sheet)
    name = f"IT{sheet.seller.tax}_{index:05d}.xml"
    data = fatturapa.write(sheet, transmitter=sheet.seller.tax, progressive=f"{index:05d}")
    if kind == "fatturapa-signed":
        at = trade.noon(sheet.issued)
        return f"{name}.p7m", signing.sign(data, name="Mario Firmatario", tax_code=sheet.seller.tax, at=at)
    return name, data


@cache
def _catalogue(country: str, after: bool) -> tuple[tuple[Row, ...], ...]:
    """Rows made beforehand: each good in 40 quantities and prices, with the VAT before or after August 2025."""
    day = date(2026, 1, 1) if after else date(2025, 1, 1)
    source = Random(country)  # noqa: S311 - invented data
    return tuple(tuple(trade.make_row(good, day, source, 0.1, "BULK") for _ in range(40)) for good in _GOODS[country])


def _rows(source: Random, country: str, count: int, day: date) -> tuple[Row, ...]:
    catalogue = _catalogue(country, day >= date(2025, 8, 1))
    picked = source.random
    width = len(catalogue)
    return tuple(catalogue[int(picked() * width)][int(picked() * 40)] for _ in range(count))


@cache
def sellers(country: str) -> tuple[Party, ...]:
    """200 suppliers of a country."""
    return tuple(_party(country, "fornitore" if country == "IT" else "furnizor", number) for number in range(200))


@cache
def everybody(country: str) -> tuple[Party, ...]:
    """50 buyers of a country."""
    return tuple(company(country, number) for number in range(50))


def company(country: str, number: int) -> Party:
    """The buyer of that number: the same party each time."""
    return _party(country, "azienda" if country == "IT" else "firma", number)


_TRADES = ("Meccanica", "Tessile", "Alimentare", "Logistica", "Ceramiche", "Elettronica", "Carta", "Plastica")
_PLACES = ("Adige", "Brenta", "Piave", "Oglio", "Trebbia", "Mincio", "Sile", "Astico", "Livenza", "Tartaro")
_TRADES_RO = ("Prod", "Com", "Trans", "Agro", "Construct", "Metal", "Textil", "Lemn")
_PLACES_RO = ("Someș", "Mureș", "Olt", "Crișuri", "Arieș", "Bega", "Timiș", "Târnave", "Ampoi", "Zarand")


@cache
def _party(country: str, kind: str, number: int) -> Party:
    key = f"{kind}-{number}"
    serial = number if kind.startswith(("azienda", "firma")) else 900_000 + number
    if country == "IT":
        vat = identifiers.partita_iva(key, serial=serial)
        return Party(
            key=key,
            name=f"{_TRADES[number % 8]} {_PLACES[number // 8 % 10]} {number} S.r.l.",
            vat=vat,
            tax=vat,
            street="Via dell'Industria",
            house=str(number + 1),
            post_code=f"{30000 + number % 9999}",
            city="Verona",
            province="VR",
            register=f"VR-{300000 + number}",
            office=f"B{number % 1_000_000:06d}",
            iban=identifiers.italian_iban(key),
        )
    return Party(
        key=key,
        name=f"{_TRADES_RO[number % 8]} {_PLACES_RO[number // 8 % 10]} {number} SRL",
        country="RO",
        vat=identifiers.cui(key, serial),
        street=f"Str. Industriilor nr. {number + 1}",
        post_code=f"{400001 + number % 9999}",
        city="Cluj-Napoca",
        province="RO-CJ",
        register=f"J12/{number + 100}/2016",
        iban=identifiers.romanian_iban(key),
    )
