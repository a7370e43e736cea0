"""Where a finding is, in a reader's terms."""

from __future__ import annotations

import pytest

from fatto import countries
from fatto.rules.places import PARTS, Place

_CII = "/CrossIndustryInvoice/rsm:SupplyChainTradeTransaction"
_FATTURA = "/{http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2}FatturaElettronica"


@pytest.mark.parametrize(
    ("path", "part", "number", "who", "label", "term"),
    [
        ("/Invoice/cbc:ID", "other", None, "", "Number", "BT-1"),
        ("/Invoice/cac:InvoiceLine[3]/cbc:LineExtensionAmount", "lines", 3, "", "Net amount", "BT-131"),
        ("/CreditNote/cac:CreditNoteLine/cac:Price/cbc:PriceAmount", "lines", 1, "", "Unit price", "BT-146"),
        ("/Invoice/cac:LegalMonetaryTotal/cbc:LineExtensionAmount", "totals", None, "", "Sum of the lines", "BT-106"),
        ("/Invoice/cac:TaxTotal/cbc:TaxAmount/@currencyID", "vat", None, "", "VAT", "BT-110"),
        ("/Invoice/cac:TaxTotal/cac:TaxSubtotal[2]/cbc:TaxAmount", "vat", None, "", "VAT amount", "BT-117"),
        ("/Invoice/cbc:DueDate", "payment", None, "", "Due date", "BT-9"),
        (
            "/Invoice/cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID",
            *("parties", None, "Seller", "VAT number", ""),
        ),
        (f"{_CII}/ram:IncludedSupplyChainTradeLineItem[2]", "lines", 2, "", "", ""),
        (f"{_CII}/ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax", "vat", None, "", "", ""),
        (
            f"{_FATTURA}/FatturaElettronicaBody/DatiBeniServizi/DettaglioLinee[7]/PrezzoTotale",
            *("lines", 7, "", "Net amount", "BT-131"),
        ),
        (
            f"{_FATTURA}/FatturaElettronicaHeader/CessionarioCommittente/DatiAnagrafici/CodiceFiscale",
            *("parties", None, "Buyer", "Tax number", ""),
        ),
        ("/FatturaElettronicaSemplificata/FatturaElettronicaBody/DatiBeniServizi[2]", "lines", 2, "", "", ""),
        ("/something/else", "other", None, "", "", ""),
        ("", "other", None, "", "", ""),
    ],
)
def test_a_path_has_its_part_line_party_and_term(
    path: str, part: str, number: int | None, who: str, label: str, term: str
):
    assert countries.place(path) == Place(part=part, number=number, who=who, label=label, term=term)


def test_every_part_is_one_that_pages_know():
    from fatto.countries.it import places as italian
    from fatto.rules import places

    for table in (places.UBL, places.CII, italian.FATTURA, italian.SIMPLIFIED):
        for part in table.parts.values():
            assert (part[0] if isinstance(part, tuple) else part) in PARTS


def test_checks_of_the_authority_are_named_for_its_own_rule_sets_only():
    assert "R6.1" in countries.not_checked_here(["en16931-ubl", "cius-ro"])
    assert countries.not_checked_here(["en16931-ubl"]) == {}
