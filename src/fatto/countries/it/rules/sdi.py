"""The content checks of SDI that need nothing but the file, under SDI's own codes. All are fatal.

Source of each: Agenzia delle Entrate, "Elenco controlli" and the technical rules of SDI; the numbers of
the fields (2.2.1.12) are those of the format. Amounts are compared as Decimals, never rounded more than
the check says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from lxml import etree

from fatto.countries.it.rules.view import CENT, HUNDRED, ONE, ZERO, Body, Document, Row, SimpleLine, day, values


class Hit(Protocol):
    """A check that fired: its code, the element, and what the sentence needs."""

    def __call__(self, code: str, at: etree._Element, /, **values: object) -> None: ...


OfFile = Callable[[Document, Hit], None]
OfBody = Callable[[Body, Hit], None]


def _codes(text: str) -> list[str]:
    return text.split()


LENIENT = Decimal("0.019")
"""Up to here SDI has been seen to accept lines that are off by more than the cent of its rules."""
EURO = Decimal(1)
SIMPLIFIED_LIMIT = Decimal(400)
NO_GENERIC_NATURE = date(2021, 1, 1)
_TWO_PARTIES = frozenset(_codes("TD01 TD02 TD03 TD06 TD07 TD16 TD17 TD18 TD19 TD20 TD24 TD25 TD28 TD29"))
_ONE_PARTY = frozenset({"TD21", "TD27"})
_FROM_ABROAD = frozenset({"TD17", "TD18", "TD19", "TD28"})
_BUYER_HAS_VAT = frozenset(_codes("TD16 TD17 TD18 TD19 TD20 TD22 TD23 TD28 TD29"))
_CREDIT_NOTES = frozenset({"TD04", "TD08"})
_SDI_BOX = re.compile(r"sdi[0-9]*@pec\.fatturapa\.it", re.IGNORECASE)
_DIGIT = re.compile("[0-9]")


def today() -> date:
    """The day at SDI."""
    return datetime.now(ZoneInfo("Europe/Rome")).date()


def percent(rate: Decimal) -> str:
    """A rate for a sentence: 22, 5.5."""
    return f"{rate.normalize():f}"


def money(amount: Decimal) -> Decimal:
    """For a sentence: at least two decimals, and no zeros after them."""
    short = amount.normalize()
    exponent = short.as_tuple().exponent
    return short if isinstance(exponent, int) and exponent < -2 else amount.quantize(CENT)


# -- the file -----------------------------------------------------------------------------------------


def foreign_recipient_with_an_italian_id(file: Document, hit: Hit) -> None:
    """00313: CodiceDestinatario XXXXXXX (1.1.4) is for buyers abroad, whose VAT id must be there and foreign."""
    if file.recipient == "XXXXXXX" and (file.buyer.vat is None or file.buyer.country == "IT"):
        hit("00313", _child(file.sending, "CodiceDestinatario"), found=file.buyer.written or None)


def box_of_sdi_itself(file: Document, hit: Hit) -> None:
    """00330: PECDestinatario (1.1.6) is one of the boxes of SDI."""
    box = file.sent.get("PECDestinatario", "").strip()
    if box and _SDI_BOX.fullmatch(box):
        hit("00330", _child(file.sending, "PECDestinatario"), found=box)


def buyer_without_id(file: Document, hit: Hit) -> None:
    """00417: neither IdFiscaleIVA nor CodiceFiscale of the buyer (1.4.1)."""
    if file.buyer.vat is None and not file.buyer.tax:
        hit("00417", file.buyer.ids if file.buyer.ids is not None else file.header)


def length_of_recipient(file: Document, hit: Hit) -> None:
    """00427: CodiceDestinatario has 6 characters for the administration, 7 for all others."""
    expected = 6 if file.format == "FPA12" else 7
    if len(file.recipient) != expected:
        hit(
            "00427",
            _child(file.sending, "CodiceDestinatario"),
            found=file.recipient,
            expected=expected,
            format=file.format,
        )


def version_of_format(file: Document, hit: Hit) -> None:
    """00428: FormatoTrasmissione (1.1.3) must equal the attribute `versione` of the root."""
    version = file.root.get("versione", "")
    if version != file.format:
        hit("00428", _child(file.sending, "FormatoTrasmissione"), found=file.format, expected=version)


def both_from_abroad(file: Document, hit: Hit) -> None:
    """00476: seller and buyer both with a VAT id from abroad. Since 1 October 2022."""
    if file.seller.country != "IT" and file.buyer.vat is not None and file.buyer.country != "IT":
        hit("00476", file.buyer.vat, seller=file.seller.country, buyer=file.buyer.country)


def _twice(*, by_type: bool) -> OfFile:
    def number_twice(file: Document, hit: Hit) -> None:
        """00409: an invoice with the same year and number as an earlier one of the file.

        With Art73 the date stands for the year. A credit note may have the number of another kind of
        document; since 1 April 2025 the kind counts altogether.
        """
        if len(file.bodies) == 1:
            return
        seen: dict[tuple[object, ...], Body] = {}
        for body in file.bodies:
            year = body.values["Data"][:10] if "Art73" in body.values else body.values["Data"][:4]
            kind: object = body.type if by_type else body.type in _CREDIT_NOTES
            first = seen.setdefault((year, body.code, kind), body)
            if first is not body:
                hit("00409", body.at("Numero"), found=body.code, first=first.number, body=body.number)

    return number_twice


# -- each invoice, ordinary or simplified -------------------------------------------------------------


def dated_after_today(body: Body, hit: Hit) -> None:
    """00403: Data (2.1.1.3) later than the day on which SDI gets the file; here the latest it can have been."""
    if body.day is not None and body.day > (now := today()):
        hit("00403", body.at("Data"), found=body.day, expected=now)


def number_without_digit(body: Body, hit: Hit) -> None:
    """00425: Numero (2.1.1.4) has no digit."""
    if not _DIGIT.search(body.code):
        hit("00425", body.at("Numero"), found=body.code)


def seller_is_buyer(body: Body, hit: Hit) -> None:
    """00471: seller and buyer are the same in a kind of document that has two parties."""
    if body.type in _TWO_PARTIES and body.document.seller.same(body.document.buyer):
        hit("00471", body.at("TipoDocumento"), found=body.document.buyer.written, type=body.type)


# -- the ordinary invoice -----------------------------------------------------------------------------


def line_without_nature(body: Body, hit: Hit) -> None:
    """00400: a line at rate 0 (2.2.1.12) without Natura (2.2.1.14)."""
    if (ZERO, "") in body.line_pairs:
        for line in body.lines:
            if not line.rate and not line.nature:
                hit("00400", line.element, **_line(line))


def line_with_nature(body: Body, hit: Hit) -> None:
    """00401: a line with a rate and with Natura; allowed in TD16."""
    if body.type != "TD16" and any(rate and nature for rate, nature in body.line_pairs):
        for line in body.lines:
            if line.rate and line.nature:
                hit("00401", line.element, found=line.nature, rate=percent(line.rate), **_line(line))


def line_withheld_of_nothing(body: Body, hit: Hit) -> None:
    """00411: a line is subject to withholding (2.2.1.13), but there is no DatiRitenuta (2.1.1.5)."""
    if "DatiRitenuta" not in body.values and body.withheld:
        hit("00411", body.withheld[0].element, **_line(body.withheld[0]))


def fund_without_nature(body: Body, hit: Hit) -> None:
    """00413: a contribution at rate 0 (2.1.1.7.5) without Natura (2.1.1.7.7)."""
    for fund in body.funds:
        if not fund.rate and not fund.nature:
            hit("00413", fund.element, fund=fund.values["TipoCassa"])


def fund_with_nature(body: Body, hit: Hit) -> None:
    """00414: a contribution with a rate and with Natura."""
    for fund in body.funds:
        if fund.rate and fund.nature:
            hit("00414", fund.element, found=fund.nature, rate=percent(fund.rate), fund=fund.values["TipoCassa"])


def fund_withheld_of_nothing(body: Body, hit: Hit) -> None:
    """00415: a contribution is subject to withholding (2.1.1.7.6), but there is no DatiRitenuta (2.1.1.5)."""
    for fund in body.funds:
        if "Ritenuta" in fund.values and "DatiRitenuta" not in body.values:
            hit("00415", fund.element, fund=fund.values["TipoCassa"])


def credit_before_its_invoice(body: Body, hit: Hit) -> None:
    """00418: a credit note older than the invoice it refers to (2.1.6.3)."""
    if body.type != "TD04" or body.day is None:
        return
    for related in body.general.iterchildren("DatiFattureCollegate"):
        found = values(related)
        earlier = day(found.get("Data"))
        if earlier is not None and body.day < earlier:
            hit("00418", related, found=body.day, expected=earlier, invoice=found["IdDocumento"])


def fewer_summaries_than_rates(body: Body, hit: Hit) -> None:
    """00419: fewer VAT summaries (2.2.2) than rates on lines and contributions."""
    if len(body.summaries) < len(body.pairs):  # at most as many rates as pairs
        rates = {rate for rate, _nature in body.pairs}
        if len(body.summaries) < len(rates):
            hit("00419", body.goods[0], found=len(body.summaries), expected=len(rates), rates=_rates(rates))


def reverse_charge_with_split_payment(body: Body, hit: Hit) -> None:
    """00420: a VAT summary with Natura N6.x and split payment (2.2.2.7)."""
    for summary in body.summaries:
        if summary.nature[:2] == "N6" and summary.values.get("EsigibilitaIVA") == "S":
            hit("00420", summary.element, found=summary.nature)


def tax_of_summary(body: Body, hit: Hit) -> None:
    """00421: Imposta (2.2.2.6) is not AliquotaIVA × ImponibileImporto, rounded half up; one cent is let pass."""
    for summary in body.summaries:
        tax = Decimal(summary.values["Imposta"])
        taxable = Decimal(summary.values["ImponibileImporto"])
        if not summary.rate and not tax:
            continue
        expected = (summary.rate * taxable / HUNDRED).quantize(CENT, ROUND_HALF_UP)
        if abs(tax - expected) > CENT:
            hit("00421", summary.element, found=tax, expected=expected, rate=percent(summary.rate), taxable=taxable)


def taxable_of_rate(body: Body, hit: Hit) -> None:
    """00422: the VAT summaries of a rate are not the sum of its lines, contributions and roundings; 1 € is let pass."""
    left = {rate: -total for rate, total in body.line_totals.items()}
    for fund in body.funds:
        left[fund.rate] = left.get(fund.rate, ZERO) - Decimal(fund.values["ImportoContributoCassa"])
    for summary in body.summaries:
        taxable = Decimal(summary.values["ImponibileImporto"])
        if "Arrotondamento" in summary.values:
            taxable -= Decimal(summary.values["Arrotondamento"])
        left[summary.rate] = left.get(summary.rate, ZERO) + taxable
    for rate, difference in left.items():
        if abs(difference) > EURO:
            of_rate = [each for each in body.summaries if each.rate == rate]
            found = sum((Decimal(each.values["ImponibileImporto"]) for each in of_rate), Decimal("0.00"))
            at = of_rate[0].element if of_rate else body.goods[0]
            hit("00422", at, found=found, expected=money(found - difference), rate=percent(rate))


def total_of_line(body: Body, hit: Hit) -> None:
    """00423: PrezzoTotale (2.2.1.11) is not the price with discounts × the quantity.

    The rule lets one cent pass; SDI has been seen to let 0.019 pass. Between them `line-total-close` warns.
    """
    for line, expected in body.lines_off:
        total = Decimal(line.values["PrezzoTotale"])
        if abs(total - expected) > LENIENT:
            hit("00423", line.element, found=total, expected=money(expected), **_line(line))


def rate_as_a_fraction(body: Body, hit: Hit) -> None:
    """00424: a rate that is no percentage (0.22 for 22.00)."""
    if any(ZERO < rate < ONE for pairs in (body.pairs, body.summary_pairs) for rate, _nature in pairs):
        for row in (*body.funds, *body.lines, *body.summaries):
            if ZERO < row.rate < ONE:
                hit("00424", _child(row.element, "AliquotaIVA"), found=row.rate, expected=percent(row.rate * HUNDRED))


def summary_without_nature(body: Body, hit: Hit) -> None:
    """00429: a VAT summary at rate 0 (2.2.2.1) without Natura (2.2.2.2)."""
    for summary in body.summaries:
        if not summary.rate and not summary.nature:
            hit("00429", summary.element)


def summary_with_nature(body: Body, hit: Hit) -> None:
    """00430: a VAT summary with a rate and with Natura; allowed in TD16."""
    for summary in body.summaries:
        if summary.nature and summary.rate and body.type != "TD16":
            hit("00430", summary.element, found=summary.nature, rate=percent(summary.rate))


def empty_discount(body: Body, hit: Hit) -> None:
    """00437: a discount of the document (2.1.1.8) with neither Percentuale nor Importo."""
    for element in body.of_head("ScontoMaggiorazione"):
        if len(element) == 1:
            hit("00437", element)


def empty_discount_of_line(body: Body, hit: Hit) -> None:
    """00438: a discount of a line (2.2.1.10) with neither Percentuale nor Importo."""
    for line in body.lines:
        if "ScontoMaggiorazione" in line.values:
            for element in line.element.iterchildren("ScontoMaggiorazione"):
                if len(element) == 1:
                    hit("00438", element, **_line(line))


def rates_on_both_sides(body: Body, hit: Hit) -> None:
    """00443: the rates of lines and contributions, and those of the VAT summaries, are not the same."""
    if body.pairs == body.summary_pairs:
        return
    above, below = {rate for rate, _nature in body.pairs}, {rate for rate, _nature in body.summary_pairs}
    if above != below:
        hit("00443", body.goods[0], found=_rates(below), expected=_rates(above), rates=_rates(above ^ below))


def natures_on_both_sides(body: Body, hit: Hit) -> None:
    """00444: the Nature of lines and contributions, and those of the VAT summaries, are not the same."""
    if body.pairs == body.summary_pairs:
        return
    above = {nature for _rate, nature in body.pairs if nature}
    below = {nature for _rate, nature in body.summary_pairs if nature}
    if above != below:
        hit(
            "00444",
            body.goods[0],
            found=", ".join(sorted(below)) or None,
            expected=", ".join(sorted(above)) or None,
            natures=", ".join(sorted(above ^ below)),
        )


_GENERIC = frozenset({"N2", "N3", "N6"})


def generic_nature(body: Body, hit: Hit) -> None:
    """00445: Natura N2, N3 or N6 without its second number, in documents dated from 1 January 2021."""
    if body.day is None or body.day < NO_GENERIC_NATURE:
        return
    if any(nature in _GENERIC for pairs in (body.pairs, body.summary_pairs) for _rate, nature in pairs):
        _generic((*body.funds, *body.lines, *body.summaries), hit)


def one_party(body: Body, hit: Hit) -> None:
    """00472: seller and buyer differ in a document that a company writes to itself."""
    file = body.document
    if body.type in _ONE_PARTY and file.seller.same(file.buyer) is False:
        hit(
            "00472",
            body.at("TipoDocumento"),
            found=file.buyer.written,
            expected=file.seller.written,
            type=body.type,
        )


def country_of_seller(body: Body, hit: Hit) -> None:
    """00473: the seller of TD17, TD18, TD19, TD28 is not Italian, that of TD29 is."""
    country = body.document.seller.country
    if body.type in _FROM_ABROAD if country == "IT" else body.type == "TD29":
        hit("00473", body.at("TipoDocumento"), found=country, type=body.type)


def overrun_without_tax(body: Body, hit: Hit) -> None:
    """00474: TD21 has VAT on every line."""
    if body.type == "TD21":
        for line in body.lines:
            if not line.rate:
                hit("00474", line.element, **_line(line))


def buyer_without_vat_id(body: Body, hit: Hit) -> None:
    """00475: the buyer must have a VAT id (1.4.1.1) in documents that settle VAT in the seller's stead."""
    if body.type in _BUYER_HAS_VAT and body.document.buyer.vat is None:
        at = body.document.buyer.ids
        hit("00475", body.head if at is None else at, type=body.type)


# -- the simplified invoice ---------------------------------------------------------------------------


def simple_line_without_nature(body: Body, hit: Hit) -> None:
    """00400: a line at rate 0 (2.2.3.2) without Natura (2.2.4)."""
    for number, line in enumerate(body.simple_lines, 1):
        if line.rate is not None and not line.rate and not line.nature:
            hit("00400", line.element, **_simple(line, number))


def simple_line_with_nature(body: Body, hit: Hit) -> None:
    """00401: a line with a rate and with Natura."""
    for number, line in enumerate(body.simple_lines, 1):
        if line.rate and line.nature:
            hit("00401", line.element, found=line.nature, rate=percent(line.rate), **_simple(line, number))


def simple_credit_before_its_invoice(body: Body, hit: Hit) -> None:
    """00418: a simplified credit note older than the invoice it corrects (2.1.2.2)."""
    corrected = body.corrected()
    if body.type != "TD08" or body.day is None or corrected is None:
        return
    found = values(corrected)
    earlier = day(found["DataFR"])
    if earlier is not None and body.day < earlier:
        hit("00418", corrected, found=body.day, expected=earlier, invoice=found["NumeroFR"])


def simple_rate_as_a_fraction(body: Body, hit: Hit) -> None:
    """00424: a rate (2.2.3.2) that is no percentage."""
    for line in body.simple_lines:
        if line.rate is not None and ZERO < line.rate < ONE:
            hit("00424", line.element, found=line.rate, expected=percent(line.rate * HUNDRED))


def simple_generic_nature(body: Body, hit: Hit) -> None:
    """00445: Natura N2 or N3 without its second number, in documents dated from 1 January 2021."""
    if body.day is not None and body.day >= NO_GENERIC_NATURE:
        _generic(body.simple_lines, hit)


def _above_limit(*, small_regimes: frozenset[str]) -> OfBody:
    def above_limit(body: Body, hit: Hit) -> None:
        """00460: a simplified invoice of more than 400 € that corrects none.

        Since 1 April 2025 the regimes RF19 and RF20 have no limit.
        """
        total = sum((line.amount for line in body.simple_lines), ZERO)
        if total <= SIMPLIFIED_LIMIT or body.corrected() is not None:
            return
        regime = body.document.blocks["CedentePrestatore"].findtext("RegimeFiscale")
        if regime not in small_regimes:
            hit("00460", body.goods[0], found=total, expected=SIMPLIFIED_LIMIT)

    return above_limit


# -- which are asked when -----------------------------------------------------------------------------

_OF_EVERY_FILE: tuple[OfFile, ...] = (
    foreign_recipient_with_an_italian_id,
    box_of_sdi_itself,
    buyer_without_id,
    length_of_recipient,
    version_of_format,
)
_OF_EVERY_BODY: tuple[OfBody, ...] = (dated_after_today, number_without_digit, seller_is_buyer)
_ORDINARY: tuple[OfBody, ...] = (
    line_without_nature,
    line_with_nature,
    line_withheld_of_nothing,
    fund_without_nature,
    fund_with_nature,
    fund_withheld_of_nothing,
    credit_before_its_invoice,
    fewer_summaries_than_rates,
    reverse_charge_with_split_payment,
    tax_of_summary,
    taxable_of_rate,
    total_of_line,
    rate_as_a_fraction,
    summary_without_nature,
    summary_with_nature,
    empty_discount,
    empty_discount_of_line,
    rates_on_both_sides,
    natures_on_both_sides,
    generic_nature,
    one_party,
    country_of_seller,
    overrun_without_tax,
    buyer_without_vat_id,
)
_SIMPLIFIED: tuple[OfBody, ...] = (
    simple_line_without_nature,
    simple_line_with_nature,
    simple_credit_before_its_invoice,
    simple_rate_as_a_fraction,
    simple_generic_nature,
)


class Edition:
    """The checks as they were asked from a day on."""

    def __init__(self, version: str, applies_from: date) -> None:
        self.version, self.applies_from = version, applies_from
        of_2025 = applies_from >= date(2025, 4, 1)
        self.of_file = (
            *_OF_EVERY_FILE,
            _twice(by_type=of_2025),
            *((both_from_abroad,) if applies_from >= date(2022, 10, 1) else ()),
        )
        self.of_body = (*_OF_EVERY_BODY, *_ORDINARY)
        small = frozenset({"RF19", "RF20"} if of_2025 else ())
        self.of_simplified_body = (*_OF_EVERY_BODY, *_SIMPLIFIED, _above_limit(small_regimes=small))

    def check(self, file: Document, hit: Hit) -> None:
        """Report what fires."""
        for of_file in self.of_file:
            of_file(file, hit)
        rules = self.of_simplified_body if file.simplified else self.of_body
        for body in file.bodies:
            for rule in rules:
                rule(body, hit)


EDITIONS = (
    Edition("1.2", date(2019, 1, 1)),
    Edition("1.2.1", date(2021, 1, 1)),
    Edition("1.2.2", date(2022, 10, 1)),
    Edition("1.2.3", date(2025, 4, 1)),
)
"""By the version of the ordinary format that came with them, the newest last."""

CODES = _codes("""
    00313 00330 00400 00401 00403 00409 00411 00413 00414 00415 00417 00418 00419 00420 00421 00422 00423 00424 00425
    00427 00428 00429 00430 00437 00438 00443 00444 00445 00460 00471 00472 00473 00474 00475 00476
""")
"""All that is checked here of the document itself; `envelope` checks the file around it."""


def _child(element: etree._Element, name: str) -> etree._Element:
    found = element.find(name)
    return element if found is None else found


def _line(line: Row) -> dict[str, object]:
    return {"number": line.values["NumeroLinea"].strip(), "description": line.values["Descrizione"][:60]}


def _simple(line: SimpleLine, number: int) -> dict[str, object]:
    return {"number": number, "description": line.values["Descrizione"][:60]}


def _rates(rates: Iterable[Decimal]) -> str:
    return ", ".join(f"{percent(rate)}%" for rate in sorted(rates))


def _generic(rows: Iterable[Row | SimpleLine], hit: Hit) -> None:
    for row in rows:
        if row.nature in _GENERIC:
            hit("00445", _child(row.element, "Natura"), found=row.nature)
