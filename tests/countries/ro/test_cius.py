"""What Romania calls its documents, and which are whose."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fatto import countries
from fatto.invoice.model import Address, Delivery, Invoice, Party, Totals

RO = countries.find("RO")


def test_the_pack_is_found_by_name_and_by_the_seller_of_an_invoice() -> None:
    assert (RO.currency, RO.gate, RO.time_zone) == ("RON", "hard", "Europe/Bucharest")
    assert countries.of(Invoice(seller=Party(vat_id="RO185472903"))) is RO
    assert countries.of(Invoice(seller=Party(address=Address(country="RO")))) is RO


@pytest.mark.parametrize(
    ("code", "total", "name", "credit"),
    [
        ("380", "10", "380 invoice", False),
        ("380", "-10", "380 invoice (storno)", False),
        ("381", "10", "381 credit note", True),
        ("384", "-10", "384 corrected invoice", False),
        ("389", "10", "389 self-billed invoice (autofactură)", False),
        ("751", "10", "751 invoice for accounting, already receipted", False),
        ("261", "10", None, True),
        (None, None, None, False),
    ],
)
def test_kinds_of_documents(code: str | None, total: str | None, name: str | None, credit: bool) -> None:
    invoice = Invoice(type_code=code, totals=Totals(with_vat=Decimal(total) if total else None))
    assert RO.type_name(invoice) == name
    assert RO.credit(invoice) is credit
    assert RO.self_issued(invoice) is False


def test_counties_and_the_vat_point_are_put_into_words() -> None:
    invoice = Invoice(
        seller=Party(address=Address(subdivision="RO-CJ", city="Cluj-Napoca")),
        buyer=Party(address=Address(subdivision="RO-B", city="SECTOR3")),
        delivery=Delivery(address=Address(subdivision="Sachsen")),
        tax_point_code="432",
    )
    (section,) = RO.sections(invoice)
    assert section.rows == (
        ("Seller's county", "Cluj"),
        ("Buyer's county", "București, Sector 3"),
        ("VAT becomes due", "VAT on payment: due when the amount is paid (code 432)"),
    )
    assert RO.sections(Invoice()) == ()
