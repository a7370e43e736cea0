"""What a country pack declares. Everything but code, name and currency has a default."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from msgspec import Struct

from fatto.channels.channel import ChannelType
from fatto.channels.seal import Seal
from fatto.formats.format import Format, Notice
from fatto.invoice.model import Invoice, Party
from fatto.rules.places import Place
from fatto.rules.ruleset import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A number that names a person or a company in a country."""

    code: str
    """`vat`, `tax`, …: which of the portal's fields it fills."""
    name: str
    """Its national name, e.g. `partita IVA`."""
    normalise: Callable[[str], str | None]
    """What a person typed → the form that is stored and compared; None when it cannot be one."""
    valid: Callable[[str], bool]
    """Is the normalised number formally right (check digit)? A wrong one is a warning, no refusal."""
    example: str = ""
    prefixed: bool = False
    """Does it count only when written with the country's letters? Without them it is the next kind of number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One amount due on one date, as the document says. Used by lists, due dates, rendering."""

    amount: object
    due_date: object
    means: str | None = None
    account: str | None = None
    origin: str = "document"


class Percent(Decimal):
    """A rate in a section: the page prints it with its sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """National particulars for a person to read: a titled table of the rendered page.

    `title` and `columns` are marked texts; `rows` hold words (marked ones are translated), dates,
    Decimals (amounts) and Percents as they are: the page formats them. With one column pair
    (label, value) leave `columns` empty.
    `place` says after which part of the page it stands: `header`, `lines`, `totals`, `payment`, `end`.
    """

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()
    place: str = "end"
    replaces: str = ""
    """The general part that this one says better, and which is then left out: `vat` or `payment`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """The table of contents of a country's folder."""

    code: str
    """ISO 3166-1 alpha-2."""
    name: str
    currency: str
    time_zone: str = "UTC"
    languages: tuple[str, ...] = ("en",)
    gate: str = "soft"
    """The gate a new company starts with: `none`, `soft` or `hard`."""
    formats: tuple[Format, ...] = ()
    notices: tuple[Notice, ...] = ()
    profiles: tuple[Profile, ...] = ()
    """The rules its authority judges documents by, beside EN 16931."""
    not_checked_here: Mapping[str, str] = field(default_factory=dict)
    """Checks that only its authority can make, since they need its registers: code → why, marked for translation."""
    place: Callable[[str], Place | None] = lambda path: None
    """Where a path of the country's own formats is, in a reader's terms; None for any other path."""
    channels: tuple[ChannelType, ...] = ()
    """How its documents travel."""
    verify: Callable[[bytes, Sequence[bytes]], Seal | None] = lambda data, anchors: None
    """(a file as its authority gives it, certificates as PEM or DER that are trusted beside those known) → what its
    seal is worth; None when the file is none of the country's. Raises `FattoError` for one that cannot be opened."""
    hand_in_by: Callable[[Invoice], date | None] = lambda invoice: None
    """The last day for handing an issued document in to the authority; None where nothing obliges to it."""
    identifiers: tuple[Identifier, ...] = ()
    parts: type[Struct] | None = None
    """The type of `Invoice.parts`, tagged with the country's code in lower case."""
    self_issued: Callable[[Invoice], bool] = lambda invoice: False
    """Is this a document that a company issues about itself, or about a purchase that has an invoice of its own?

    It is filed as issued and owes nothing. A self-billed invoice (389) is not one: it is the invoice.
    """
    credit: Callable[[Invoice], bool] = lambda invoice: invoice.type_code in {"381", "396", "261", "81", "83", "532"}
    """Does the document reduce what is owed?"""
    type_name: Callable[[Invoice], str | None] = lambda invoice: None
    """The document's kind in the country's own words (marked text), e.g. `TD04 credit note`."""
    line_vat: Callable[[Invoice, int], str | None] = lambda invoice, position: None
    """What stands in a line's VAT column where the country's readers look for a code of their own; by position."""
    sections: Callable[[Invoice], tuple[Section, ...]] = lambda invoice: ()
    """National particulars to print."""
    instalments: Callable[[Invoice], tuple[Instalment, ...]] = lambda invoice: ()
    """What is due when, where the country's syntax says more than BT-9."""
    holidays: Callable[[int], frozenset[date]] | None = None
    """The days of a year on which nobody works, besides Saturdays and Sundays; None where they are not known."""
    beside_total: Callable[[Invoice], tuple[Decimal, ...] | None] = lambda invoice: ()
    """Amounts by which the written total may rightly differ from base plus VAT, each for itself or together:
    stamp duty, what is withheld … None when that cannot be said."""
    party_ids: Callable[[Party], tuple[str, ...]] = lambda party: ()
    """Normalised tax ids of a party, for comparing: the VAT number first."""
    orders: Callable[[Invoice], tuple[str, ...]] = lambda invoice: tuple(filter(None, (invoice.purchase_order,)))
    """Numbers of the orders that it is about, where the country's syntax has room for several (BT-13 for one)."""
    despatches: Callable[[Invoice], tuple[str, ...]] = lambda invoice: tuple(filter(None, (invoice.despatch_advice,)))
    """The same of delivery notes (BT-16)."""
