"""Warnings of ours where SDI checks nothing: a file with one of these goes through, but somebody should look.

What a total or a payment must be is no law, so the checks let pass every reading of an amount that is met
in practice.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from lxml import etree

from fatto.countries.it import identifiers
from fatto.countries.it.rules.sdi import LENIENT, Hit, OfBody, OfFile, money, percent
from fatto.countries.it.rules.view import CENT, HUNDRED, ZERO, Body, Document, Party, Row, values
from fatto.rules.finding import Severity

STAMP_FROM = Decimal("77.47")
"""Above this sum free of VAT an invoice bears stamp duty (DPR 642/1972, tariff, art. 13)."""
_STAMPED = frozenset({"N1", "N2", "N2.1", "N2.2", "N3.5", "N3.6", "N4"})
_STAMPED_TYPES = frozenset({"TD01", "TD02", "TD03", "TD04", "TD05", "TD06", "TD07", "TD08", "TD09", "TD24", "TD25"})
_WITHHELD_SHARES = (Decimal(1), Decimal("0.5"), Decimal("0.2"))
"""The part of a commission that withholding tax is due on: all, or an agent's half or fifth."""
_TAXES = frozenset({"RT01", "RT02"})
_FEW_CENTS = Decimal("0.05")


# -- who ----------------------------------------------------------------------------------------------


def ids_of_parties(file: Document, hit: Hit) -> None:
    """The check digits of partita IVA and codice fiscale, of all who are named in the header."""
    sending = file.blocks["DatiTrasmissione"].find("IdTrasmittente")
    sender = values(sending)
    # the sender's id is a codice fiscale, written where others have a VAT id
    if sender.get("IdPaese") == "IT" and not identifiers.plausible_tax(sender["IdCodice"]):
        hit("tax-id-check", file.sending if sending is None else sending, found=sender["IdCodice"])
    for party in (file.seller, file.buyer):
        _ids(party, hit)
    for name in ("RappresentanteFiscale", "TerzoIntermediarioOSoggettoEmittente"):
        if name in file.blocks:
            _ids(Party(file.blocks[name], file.blocks[name][0]), hit)
    for name in ("CedentePrestatore", "CessionarioCommittente"):
        representative = file.blocks[name].find("RappresentanteFiscale")
        if representative is not None:
            _ids(Party(representative, representative), hit)


def _ids(party: Party, hit: Hit) -> None:
    if party.vat is not None and party.country == "IT" and not identifiers.plausible_vat(party.number):
        hit("vat-id-check", party.vat, found=party.number)
    italian = party.vat is None or party.country == "IT"
    if party.tax and italian and party.ids is not None and not identifiers.plausible_tax(party.tax):
        at = party.ids.find("CodiceFiscale")
        hit("tax-id-check", party.ids if at is None else at, found=party.tax)


def recipient_of_foreign_buyer(file: Document, hit: Hit) -> None:
    """Buyers abroad have the recipient code XXXXXXX; zeros are for those whom SDI can find in Italy."""
    if file.recipient == "0000000" and file.buyer.vat is not None and file.buyer.country != "IT":
        at = file.sending.find("CodiceDestinatario")
        hit("recipient-abroad", file.sending if at is None else at, found=file.recipient, expected="XXXXXXX")


# -- amounts ------------------------------------------------------------------------------------------


def _sum_of_summaries(body: Body) -> Decimal:
    return sum(
        (Decimal(each.values["ImponibileImporto"]) + Decimal(each.values["Imposta"]) for each in body.summaries), ZERO
    )


def _amount(body: Body, name: str) -> Decimal:
    return Decimal(body.values.get(name, "0"))


def _expected_total(body: Body) -> Decimal | None:
    """What the document comes to; None where a discount in percent leaves open of what."""
    total = _sum_of_summaries(body) + _amount(body, "Arrotondamento")
    for element in body.of_head("ScontoMaggiorazione"):
        found = values(element)
        if "Importo" not in found:
            return None
        amount = Decimal(found["Importo"])
        total += -amount if found["Tipo"] == "SC" else amount
    return total


def total_of_document(body: Body, hit: Hit) -> None:
    """ImportoTotaleDocumento (2.1.1.9) = the VAT summaries, less discounts (2.1.1.8), with Arrotondamento."""
    if "ImportoTotaleDocumento" not in body.values:
        return
    found, expected = _amount(body, "ImportoTotaleDocumento"), _expected_total(body)
    if expected is not None and abs(abs(found) - abs(expected)) > CENT:
        hit("total-differs", body.at("ImportoTotaleDocumento"), found=found, expected=expected.quantize(CENT))


def payments(body: Body, hit: Hit) -> None:
    """The payments (2.4) come to the total, or to it without what was withheld or is paid to the State.

    Several DatiPagamento may be as many ways to pay the whole.
    """
    blocks = body.blocks.get("DatiPagamento", [])
    sums = [
        sum((_of(each, "ImportoPagamento") for each in block.iterchildren("DettaglioPagamento")), ZERO)
        for block in blocks
    ]
    found = sum(sums, ZERO)
    if not found:
        return
    sums.append(found)
    totals = {abs(_amount(body, "ImportoTotaleDocumento"))}
    if any(abs(abs(paid) - total) <= CENT for paid in sums for total in totals):
        return
    computed = _expected_total(body)
    if computed is None:
        return
    totals.add(abs(computed))
    withheld = abs(sum((_of(element, "ImportoRitenuta") for element in body.of_head("DatiRitenuta")), ZERO))
    split = abs(
        sum(
            (Decimal(each.values["Imposta"]) for each in body.summaries if each.values.get("EsigibilitaIVA") == "S"),
            ZERO,
        )
    )
    right = {total - less for total in totals for less in (ZERO, withheld, split, withheld + split)}
    if all(abs(abs(paid) - each) > CENT for paid in sums for each in right):
        expected = (abs(computed) - withheld - split).quantize(CENT)
        hit("payments-differ", blocks[0], found=found, expected=expected)


def withholding(body: Body, hit: Hit) -> None:
    """ImportoRitenuta (2.1.1.5.2) = AliquotaRitenuta of the lines and contributions marked Ritenuta SI.

    Contributions (RT03 and on) have ceilings and shares of their own: only the tax is recomputed, and only
    where there is one, since nothing says which line belongs to which.
    """
    if "DatiRitenuta" not in body.values:
        return
    withheld = body.of_head("DatiRitenuta")
    base = sum((Decimal(line.values["PrezzoTotale"]) for line in body.withheld), ZERO)
    base += sum((Decimal(fund.values["ImportoContributoCassa"]) for fund in body.funds if _marked(fund)), ZERO)
    if not body.withheld and not any(_marked(fund) for fund in body.funds):
        hit("withholding-of-nothing", withheld[0])
        return
    taxes = [element for element in withheld if element.findtext("TipoRitenuta") in _TAXES]
    if len(taxes) != 1:
        return
    found, rate = _of(taxes[0], "ImportoRitenuta"), _of(taxes[0], "AliquotaRitenuta")
    right = [(base * share * rate / HUNDRED).quantize(CENT, ROUND_HALF_UP) for share in _WITHHELD_SHARES]
    if all(abs(abs(found) - abs(each)) > _FEW_CENTS for each in right):
        hit(
            "withholding-differs",
            taxes[0],
            found=found,
            expected=right[0],
            rate=percent(rate),
            base=base.quantize(CENT),
        )


def _marked(fund: Row) -> bool:
    return "Ritenuta" in fund.values


def funds(body: Body, hit: Hit) -> None:
    """ImportoContributoCassa (2.1.1.7.3) = AlCassa × ImponibileCassa, where the base is written."""
    for fund in body.funds:
        base, share = fund.amount("ImponibileCassa"), fund.amount("AlCassa")
        found = fund.amount("ImportoContributoCassa")
        if base is None or share is None or found is None:
            continue
        expected = (base * share / HUNDRED).quantize(CENT, ROUND_HALF_UP)
        if abs(abs(found) - abs(expected)) > CENT:
            hit("fund-differs", fund.element, found=found, expected=expected, rate=percent(share), base=base)


def line_close(body: Body, hit: Hit) -> None:
    """PrezzoTotale off by more than the cent of 00423, but by no more than SDI has been seen to let pass."""
    for line, expected in body.lines_off:
        found = Decimal(line.values["PrezzoTotale"])
        if abs(found - expected) <= LENIENT:
            number = line.values["NumeroLinea"].strip()
            hit("line-total-close", line.element, found=found, expected=money(expected), number=number)


def stamp(body: Body, hit: Hit) -> None:
    """Amounts free of VAT above 77.47 € bear stamp duty; NB1, NB2, NB3 in AltriDatiGestionali say why not."""
    if body.type not in _STAMPED_TYPES or "DatiBollo" in body.values or "BolloVirtuale" in body.values:
        return
    if body.document.simplified:
        found = sum((abs(line.amount) for line in body.simple_lines if line.nature in _STAMPED and not line.rate), ZERO)
    else:
        found = ZERO
        for summary in body.summaries:
            if summary.nature in _STAMPED and not summary.rate:
                found += Decimal(summary.values["ImponibileImporto"])
    if abs(found) > STAMP_FROM and not any(
        (element.text or "").strip().upper() in ("NB1", "NB2", "NB3") for element in body.element.iter("TipoDato")
    ):
        hit("stamp-missing", body.head, found=abs(found), expected=STAMP_FROM)


def _of(element: etree._Element, name: str) -> Decimal:
    return Decimal(element.findtext(name) or "0")


# -- what else is asked for ---------------------------------------------------------------------------

_REFERENCES = ("DatiOrdineAcquisto", "DatiContratto", "DatiConvenzione", "DatiRicezione", "DatiFattureCollegate")


def references_of_administration(body: Body, hit: Hit) -> None:
    """To the administration CIG and CUP are a must where they exist; without them it may refuse (DM 132/2020)."""
    if body.document.format != "FPA12":
        return
    for name in _REFERENCES:
        for element in body.general.iterchildren(name):
            if element.find("CodiceCIG") is not None or element.find("CodiceCUP") is not None:
                return
    hit("no-cig-cup", body.general)


def delivery_notes(body: Body, hit: Hit) -> None:
    """A deferred invoice (TD24) names the delivery notes (2.1.8) it sums up (DPR 633/1972, art. 21, 4, a)."""
    if body.type == "TD24" and body.general.find("DatiDDT") is None:
        hit("no-delivery-note", body.general)


def accounts(body: Body, hit: Hit) -> None:
    """The check digits of IBANs (2.4.2.13)."""
    for block in body.blocks.get("DatiPagamento", ()):
        for instalment in block.iterchildren("DettaglioPagamento"):
            for element in instalment.iterchildren("IBAN"):
                if not identifiers.valid_iban(element.text or ""):
                    hit("iban-check", element, found=element.text)


_BEGINNINGS = {"pdf": ("JVBERi",), "zip": ("UEsDB",), "png": ("iVBORw",), "jpg": ("/9j/",), "jpeg": ("/9j/",)}
"""How Base64 of a kind of file begins."""


def attachments(body: Body, hit: Hit) -> None:
    """An attachment (2.5) that is empty, or that is not what its name says."""
    for element in body.blocks.get("Allegati", ()):
        name = (element.findtext("NomeAttachment") or "").strip()
        content = (element.findtext("Attachment") or "")[:80].strip()
        at = element.find("Attachment")
        if not content:
            hit("attachment-empty", element if at is None else at, name=name)
            continue
        kind = name.rpartition(".")[2].lower()
        if element.find("AlgoritmoCompressione") is None and not content.startswith(_BEGINNINGS.get(kind, "")):
            hit("attachment-kind", element if at is None else at, name=name, found=kind.upper())


OF_FILE: tuple[OfFile, ...] = (ids_of_parties, recipient_of_foreign_buyer)
OF_BODY: tuple[OfBody, ...] = (
    total_of_document,
    payments,
    withholding,
    funds,
    line_close,
    stamp,
    references_of_administration,
    delivery_notes,
    accounts,
    attachments,
)
OF_SIMPLIFIED_BODY: tuple[OfBody, ...] = (stamp, attachments)

SEVERITIES: dict[str, Severity] = {
    "vat-id-check": "warning",
    "tax-id-check": "warning",
    "iban-check": "warning",
    "recipient-abroad": "warning",
    "total-differs": "warning",
    "payments-differ": "info",
    "withholding-differs": "warning",
    "withholding-of-nothing": "info",
    "fund-differs": "warning",
    "line-total-close": "warning",
    "stamp-missing": "warning",
    "no-cig-cup": "warning",
    "no-delivery-note": "warning",
    "attachment-empty": "warning",
    "attachment-kind": "warning",
}


def check(file: Document, hit: Hit) -> None:
    """Report what fires."""
    for of_file in OF_FILE:
        of_file(file, hit)
    rules = OF_SIMPLIFIED_BODY if file.simplified else OF_BODY
    for body in file.bodies:
        for rule in rules:
            rule(body, hit)
