"""The document as the checks of SDI look at it: the values they ask for, each read once.

The structure is right when they are asked, so amounts are numbers and what must be there is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from lxml import etree

from fatto.rules.tree import Tree

Values = Mapping[str, str]
"""The texts of an element's children by name."""

_SPACES = " \t\r\n"
ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
CENT = Decimal("0.01")


@lru_cache(maxsize=1024)
def rate(text: str) -> Decimal:
    """A rate as it is compared: `22.00` → 22. There are few, and each line has one."""
    return Decimal(text)


def values(element: etree._Element | None) -> Values:
    """The texts of an element's children by name; of some with the same name, the last."""
    return {} if element is None else {str(child.tag): child.text or "" for child in element}


def day(text: str | None) -> date | None:
    """A day, its time zone apart; None where there is none, or beyond the years that programs know."""
    try:
        return date.fromisoformat((text or "").strip(_SPACES)[:10])
    except ValueError:
        return None


class Party:
    """Seller, buyer, or who stands in for them: the ids that are compared."""

    def __init__(self, element: etree._Element | None, ids: etree._Element | None) -> None:
        self.element = element
        self.ids = ids
        """Where IdFiscaleIVA and CodiceFiscale stand."""
        self.vat = None if ids is None else ids.find("IdFiscaleIVA")
        number = values(self.vat)
        self.country = number.get("IdPaese", "")
        self.number = number.get("IdCodice", "").strip(_SPACES).upper()
        tax = None if ids is None else ids.find("CodiceFiscale")
        self.tax = "" if tax is None else (tax.text or "")

    @property
    def written(self) -> str:
        """The id as a person reads it: `IT01234567897`, else the codice fiscale."""
        return f"{self.country}{self.number}" if self.vat is not None else self.tax

    def same(self, other: Party) -> bool | None:
        """Is the other the same? By the VAT ids; by the tax codes where one has no VAT id; None when none compare."""
        if self.vat is not None and other.vat is not None:
            return (self.country, self.number) == (other.country, other.number)
        for mine, theirs in ((self.tax, other.tax), (self.number, other.tax), (self.tax, other.number)):
            if mine and mine == theirs:
                return True
        return False if self.tax and other.tax else None


class Row:
    """An element that carries a rate and perhaps a Natura: a line, a contribution, a VAT summary."""

    __slots__ = ("element", "nature", "rate", "values")

    def __init__(self, element: etree._Element) -> None:
        self.element = element
        self.values = found = {str(child.tag): child.text or "" for child in element}
        self.rate = rate(found["AliquotaIVA"])
        self.nature = found.get("Natura", "")

    def amount(self, name: str) -> Decimal | None:
        """An amount of the row; None when it is not there."""
        text = self.values.get(name)
        return None if text is None else Decimal(text)


def price_of(line: Row) -> Decimal:
    """PrezzoUnitario with its discounts and surcharges, one upon the other: an amount before a percentage."""
    price = Decimal(line.values["PrezzoUnitario"])
    if "ScontoMaggiorazione" in line.values:
        for element in line.element.iterchildren("ScontoMaggiorazione"):
            found = values(element)
            amount = Decimal(found.get("Importo", "0"))
            change = amount or price * Decimal(found.get("Percentuale", "0")) / HUNDRED
            price = price - change if found["Tipo"] == "SC" else price + change
    return price


class SimpleLine:
    """A line of the simplified invoice. Its amount contains the VAT."""

    __slots__ = ("amount", "element", "nature", "rate", "values", "vat")

    def __init__(self, element: etree._Element) -> None:
        self.element = element
        self.values = found = values(element)
        self.vat = vat = values(element.find("DatiIVA"))
        self.rate = rate(vat["Aliquota"]) if vat.get("Aliquota") else None
        self.amount = Decimal(found["Importo"])
        self.nature = found.get("Natura", "")


class Body:
    """One invoice of the file. Nearly all of this is asked for in each, so it is made at once."""

    def __init__(self, document: Document, element: etree._Element, number: int) -> None:
        self.document = document
        self.element = element
        self.number = number
        """Its place in the file, from 1."""
        blocks: dict[str, list[etree._Element]] = defaultdict(list)
        for child in element:
            blocks[str(child.tag)].append(child)
        self.blocks: Mapping[str, list[etree._Element]] = blocks
        self.general = blocks["DatiGenerali"][0]
        self.goods = blocks["DatiBeniServizi"]
        """One of the ordinary invoice, one for each line of the simplified."""
        self.head = self.general[0]
        """DatiGeneraliDocumento."""
        self.values = found = values(self.head)
        self.type = found["TipoDocumento"]
        self.code = found["Numero"]
        self.day = day(found["Data"])
        self.lines: list[Row] = []
        """DettaglioLinee."""
        self.withheld: list[Row] = []
        """Of them, those that are subject to withholding."""
        self.lines_off: list[tuple[Row, Decimal]] = []
        """Lines whose PrezzoTotale is more than a cent away from what it must be, and that."""
        self.line_totals: dict[Decimal, Decimal] = {}
        """What the lines of each rate add up to."""
        self.summaries: list[Row] = []
        """DatiRiepilogo."""
        self.simple_lines: list[SimpleLine] = []
        """DatiBeniServizi of the simplified invoice."""
        self.funds = [Row(each) for each in self.of_head("DatiCassaPrevidenziale")]
        """DatiCassaPrevidenziale."""
        if document.simplified:
            self.simple_lines += [SimpleLine(each) for each in self.goods]
        else:
            self._read_goods()
        self.line_pairs = {(line.rate, line.nature) for line in self.lines}
        """Rate and Natura of the lines, each pair once."""
        self.pairs = self.line_pairs | {(fund.rate, fund.nature) for fund in self.funds}
        """Those of lines and contributions: what the VAT summaries must have."""
        self.summary_pairs = {(summary.rate, summary.nature) for summary in self.summaries}
        """Those of the VAT summaries."""

    def _read_goods(self) -> None:
        totals = self.line_totals
        for element in self.goods[0]:
            row = Row(element)
            if element.tag == "DatiRiepilogo":
                self.summaries.append(row)
                continue
            self.lines.append(row)
            total = Decimal(row.values["PrezzoTotale"])
            totals[row.rate] = totals[row.rate] + total if row.rate in totals else total
            if "Ritenuta" in row.values:
                self.withheld.append(row)
            expected = price_of(row)
            quantity = row.values.get("Quantita")
            if quantity is not None:  # without one it is 1
                expected *= Decimal(quantity)
            if abs(total - expected) > CENT:
                self.lines_off.append((row, expected))

    def corrected(self) -> etree._Element | None:
        """DatiFatturaRettificata: what is corrected by this simplified document."""
        return self.general.find("DatiFatturaRettificata")

    def of_head(self, name: str) -> list[etree._Element]:
        """The children of DatiGeneraliDocumento of that name."""
        return self.head.findall(name) if name in self.values else []

    def at(self, name: str) -> etree._Element:
        """The element of a value of DatiGeneraliDocumento."""
        found = self.head.find(name)
        return self.head if found is None else found


class Document:
    """A file: who sends what to whom, and its invoices."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.simplified = str(root.tag).endswith("}FatturaElettronicaSemplificata")
        self.header = root[0]
        blocks = {str(child.tag): child for child in self.header}
        self.sending = blocks["DatiTrasmissione"]
        """DatiTrasmissione."""
        self.sent = values(self.sending)
        self.format = self.sent["FormatoTrasmissione"]
        self.recipient = self.sent["CodiceDestinatario"]
        seller, buyer = blocks["CedentePrestatore"], blocks["CessionarioCommittente"]
        self.seller = Party(seller, seller if self.simplified else seller[0])
        self.buyer = Party(buyer, buyer[0])
        self.blocks: Mapping[str, etree._Element] = blocks
        self.bodies = [
            Body(self, element, number) for number, element in enumerate(root.findall("FatturaElettronicaBody"), 1)
        ]


def of(tree: Tree) -> Document:
    """The document of a tree; the first rule set that asks makes it for the others."""
    if not isinstance(tree.shared, Document):
        tree.shared = Document(tree.element)
    return tree.shared
