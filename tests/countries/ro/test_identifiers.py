"""Romanian ids: what a person types, and whom a document names."""

from __future__ import annotations

import pytest

from fatto import countries
from fatto.invoice.model import Address, Identifier, Party

RO = countries.find("RO")
VAT, CUI, CNP = RO.identifiers


@pytest.mark.parametrize("typed", ["185472903", "RO185472903", "ro 185.472.903", " RO-185472903 ", "RO0185472903"])
def test_a_cui_is_the_same_however_it_is_typed(typed: str) -> None:
    assert VAT.normalise(typed) == "RO185472903"
    assert CUI.normalise(typed) == "185472903"
    assert VAT.valid("RO185472903")
    assert CUI.valid("185472903")


@pytest.mark.parametrize("typed", ["", "RO", "1", "12345678901", "J40/1234/2020", "IT01234567890", "abc", "١٢٣٤"])
def test_what_cannot_be_a_cui_is_refused(typed: str) -> None:
    assert CUI.normalise(typed) is None
    assert VAT.normalise(typed) is None


def test_a_wrong_check_digit_is_noticed_but_kept() -> None:
    assert CUI.normalise("185472904") == "185472904"
    assert not CUI.valid("185472904")


def test_cnp_has_thirteen_digits_and_a_check_digit() -> None:
    assert CNP.normalise("1630615123457") == "1630615123457"
    assert CNP.valid("1630615123457")
    assert not CNP.valid("1630615123458")
    assert CNP.normalise("0000000000000") is None


def test_every_example_is_accepted() -> None:
    for identifier in RO.identifiers:
        assert identifier.normalise(identifier.example) == identifier.example
        assert identifier.valid(identifier.example)


ROMANIA, GERMANY = Address(country="RO"), Address(country="DE")


@pytest.mark.parametrize(
    ("party", "ids"),
    [
        (Party(vat_id="RO185472903"), ("RO185472903", "185472903")),
        (Party(vat_id="ro 185472903", tax_id="1"), ("RO185472903", "185472903")),
        (Party(vat_id="185472903"), ("RO185472903", "185472903")),
        (Party(tax_id="33124560", address=ROMANIA), ("RO33124560", "33124560")),
        (Party(tax_id="33124561"), ("RO33124561", "33124561")),
        (Party(legal_id=Identifier(value="28711305"), address=ROMANIA), ("RO28711305", "28711305")),
        (Party(legal_id=Identifier(value="J40/1234/2020"), address=ROMANIA), ()),
        (Party(legal_id=Identifier(value="28711306"), address=ROMANIA), ()),
        (Party(legal_id=Identifier(value="1630615123457")), ("1630615123457",)),
        (Party(legal_id=Identifier(value="0000000000000")), ()),
        (Party(vat_id="DE 123456788", address=GERMANY), ("DE123456788",)),
        (Party(legal_id=Identifier(value="28711305"), address=GERMANY), ()),
        (Party(tax_id="28711305", address=GERMANY), ("28711305",)),
        (Party(), ()),
    ],
)
def test_a_party_is_known_by_its_vat_id_else_its_tax_id_else_a_legal_id_that_is_a_cui(
    party: Party, ids: tuple[str, ...]
) -> None:
    assert RO.party_ids(party) == ids
