"""What a made-up invoice says, before a writer puts it into FatturaPA, UBL or CII.

The amounts follow from the rows: `sums` adds them up once, in the way that all three syntaxes ask for
(a row is rounded to cents, VAT is computed and rounded per rate).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from fatto.money import round_cents

ZERO = Decimal("0.00")
HUNDRED = Decimal(100)
NO_NUMBER = "99999999999"
"""What FatturaPA takes for the VAT number of a business outside the Union."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Party:
    """Who sells or buys. Compared by identity, so that writers can keep its rendered block."""

    key: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    country: str = "IT"
    vat: str = ""
    """VAT number without its country prefix; empty for who has none."""
    tax: str = ""
    """Codice fiscale, or the Romanian code of who does not pay VAT."""
    street: str = ""
    house: str = ""
    post_code: str = ""
    city: str = ""
    province: str = ""
    """Italian province, or Romanian county as `RO-CJ`."""
    regime: str = "RF01"
    register: str = ""
    """Entry in the trade register: `VR-412345` or `J12/345/2015`."""
    capital: str = ""
    email: str = ""
    phone: str = ""
    office: str = ""
    """SDI recipient code: seven characters, six for a public office."""
    pec: str = ""
    iban: str = ""
    iban_eur: str = ""

    @property
    def full_name(self) -> str:
        return self.name or f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vat:
    """A VAT treatment in the words of both countries."""

    rate: Decimal = ZERO
    nature: str = ""
    category: str = "S"
    code: str = ""
    reason: str = ""
    split: bool = False
    """The public buyer pays the VAT to the State itself."""


class Row(NamedTuple):
    """A line; `net` is already rounded to cents."""

    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    vat: Vat
    net: Decimal
    code: str = ""
    discount: Decimal = ZERO
    """Percent of the price."""
    delivery: int = 0
    """Which of the delivery notes the goods came with, from 1."""


def row(name: str, quantity: Decimal, unit: str, price: Decimal, vat: Vat, *, code: str = "",
        discount: Decimal = ZERO, delivery: int = 0) -> Row:  # fmt: skip
    """A line with its net amount."""
    net = quantity * price
    if discount:
        net = net * (HUNDRED - discount) / HUNDRED
    return Row(name, quantity, unit, price, vat, round_cents(net), code, discount, delivery)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    amount: Decimal
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order or contract referred to, with the codes that public offices ask for."""

    number: str
    issued: date | None = None
    cig: str = ""
    cup: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A delivery note, or an invoice that is not in this world."""

    number: str
    issued: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """Contribution to a professional's pension fund, as a percentage of the fee."""

    kind: str
    percent: Decimal
    vat: Vat
    withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    kind: str
    percent: Decimal
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """An attached file."""

    name: str
    data: bytes
    description: str


@dataclass(slots=True, kw_only=True, eq=False)
class Sheet:
    """One invoice. Mutable for one reason: its number is given when all of its seller's are known."""

    kind: str
    """`TD01` … or UNTDID 1001: `380`, `381`, `389`."""
    issued: date
    seller: Party
    buyer: Party
    rows: tuple[Row, ...]
    number: str = ""
    currency: str = "EUR"
    exchange: Decimal | None = None
    """National currency per unit of `currency`, where VAT must be told in the national one."""
    notes: tuple[str, ...] = ()
    means: str = ""
    """`MP05` … or UNCL 4461 `30` …"""
    instalments: tuple[Instalment, ...] = ()
    iban: str = ""
    orders: tuple[Order, ...] = ()
    deliveries: tuple[Reference, ...] = ()
    refers: tuple[Sheet | Reference, ...] = ()
    fund: Fund | None = None
    withholding: Withholding | None = None
    stamp: Decimal | None = None
    enclosures: tuple[Enclosure, ...] = ()
    period: tuple[date, date] | None = None
    by_buyer: bool = False
    """Issued by the buyer."""
    tags: frozenset[str] = field(default_factory=frozenset)


@dataclass(slots=True)
class Group:
    """A row of the VAT breakdown."""

    vat: Vat
    taxable: Decimal
    tax: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    lines: Decimal
    fund: Decimal
    without_vat: Decimal
    vat: Decimal
    with_vat: Decimal
    withheld: Decimal
    payable: Decimal
    """What the buyer pays to the seller: less the tax withheld, less VAT under split payment."""
    groups: tuple[Group, ...]


def sums(sheet: Sheet) -> Sums:
    """All totals of a sheet."""
    groups: dict[int, Group] = {}
    lines = ZERO
    for line in sheet.rows:
        lines += line.net
        group = groups.get(id(line.vat))
        if group is None:
            groups[id(line.vat)] = Group(line.vat, line.net)
        else:
            group.taxable += line.net
    fund = ZERO
    if sheet.fund is not None:
        fund = round_cents(lines * sheet.fund.percent / HUNDRED)
        group = groups.setdefault(id(sheet.fund.vat), Group(sheet.fund.vat, ZERO))
        group.taxable += fund
    vat = split = ZERO
    for group in groups.values():
        if group.vat.rate:
            group.tax = round_cents(group.taxable * group.vat.rate / HUNDRED)
            vat += group.tax
            if group.vat.split:
                split += group.tax
    withheld = ZERO
    if sheet.withholding is not None:
        base = lines + fund if sheet.fund is not None and sheet.fund.withheld else lines
        withheld = round_cents(base * sheet.withholding.percent / HUNDRED)
    without_vat = lines + fund
    return Sums(
        lines=lines,
        fund=fund,
        without_vat=without_vat,
        vat=vat,
        with_vat=without_vat + vat,
        withheld=withheld,
        payable=without_vat + vat - withheld - split,
        groups=tuple(groups.values()),
    )


def text(value: str) -> str:
    """Escaped for XML."""
    if "&" in value or "<" in value or ">" in value:
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return value
