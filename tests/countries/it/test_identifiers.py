"""Partita IVA and codice fiscale as people write them."""

from __future__ import annotations

import pytest
from tests.countries.it.reading import ITALY

from fatto.countries.it import identifiers
from fatto.invoice.model import Party


@pytest.mark.parametrize(
    "text", ["01234567897", "IT01234567897", "it 0123 4567 897", "IT-01234567897", " 01234567897\n"]
)
def test_partita_iva_is_eleven_digits_with_the_country(text: str) -> None:
    assert identifiers.normalise_vat(text) == "IT01234567897"


@pytest.mark.parametrize(
    "text", ["", "1234567890", "FR40303265045", "012345678901", "00000000000", "99999999999", "RSSMRA85T10A562S"]
)
def test_what_is_no_partita_iva_is_refused(text: str) -> None:
    assert identifiers.normalise_vat(text) is None


def test_check_digit_of_the_partita_iva() -> None:
    assert identifiers.valid_vat("IT01234567897")
    assert not identifiers.valid_vat("IT01234567890")


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("rssmra85t10a562s", "RSSMRA85T10A562S"),
        ("RSS MRA 85T10 A562S", "RSSMRA85T10A562S"),
        ("RSSMRA85T10A56NH", "RSSMRA85T10A56NH"),
        ("80012345678", "80012345678"),
        ("IT80012345678", "80012345678"),
    ],
)
def test_codice_fiscale_of_persons_and_companies(text: str, stored: str) -> None:
    assert identifiers.normalise_tax(text) == stored


@pytest.mark.parametrize("text", ["", "RSSMRA85T10A562", "RSSMRA85Z10A562S", "1SSMRA85T10A562S", "ABC"])
def test_what_is_no_codice_fiscale_is_refused(text: str) -> None:
    assert identifiers.normalise_tax(text) is None


def test_check_letter_of_the_codice_fiscale() -> None:
    assert identifiers.valid_tax("RSSMRA85T10A562S")
    assert not identifiers.valid_tax("RSSMRA85T10A562A")
    assert identifiers.valid_tax("01234567897")


def test_examples_are_right() -> None:
    for each in ITALY.identifiers:
        assert each.normalise(each.example) == each.example
        assert each.valid(each.example)


def test_recipient_codes_have_six_or_seven_characters() -> None:
    assert identifiers.normalise_recipient("m5uxcr5") == "M5UXCR5"
    assert identifiers.normalise_recipient("UFABCD") == "UFABCD"
    assert identifiers.normalise_recipient("ABC") is None


@pytest.mark.parametrize(
    ("party", "ids"),
    [
        (Party(vat_id="IT01234567897"), ("IT01234567897", "01234567897")),
        (Party(tax_id="01234567897"), ("IT01234567897", "01234567897")),
        (
            Party(vat_id="IT01234567897", tax_id="RSSMRA85T10A562S"),
            ("IT01234567897", "01234567897", "RSSMRA85T10A562S"),
        ),
        (Party(vat_id="IT01234567897", tax_id="01234567897"), ("IT01234567897", "01234567897")),
        (Party(vat_id="FR 40 303265045"), ("FR40303265045",)),
        (Party(vat_id="IT00000000000"), ()),
        (Party(vat_id="OO99999999999"), ()),
        (Party(vat_id="OO0000000"), ()),
        (Party(), ()),
    ],
)
def test_parties_are_compared_by_all_their_numbers(party: Party, ids: tuple[str, ...]) -> None:
    assert ITALY.party_ids(party) == ids


@pytest.mark.parametrize(
    "text", ["IT60X0542811101000000123456", "it60 x054 2811 1010 0000 0123 456", "RO49AAAA1B31007593840000"]
)
def test_check_digits_of_ibans(text: str) -> None:
    assert identifiers.valid_iban(text)


@pytest.mark.parametrize(
    "text",
    ["", "IT61X0542811101000000123456", "IT60054281110100000012345", "RO49AAAA1B31007593840001", "60X0542811101"],
)
def test_what_is_no_iban_is_told(text: str) -> None:
    assert not identifiers.valid_iban(text)


def test_an_italian_iban_has_the_italian_length() -> None:
    right_digits_but_short = "IT" + next(
        f"{digits:02}X054281110100000012345"
        for digits in range(2, 99)
        if int(f"33054281110100000012345{18}{29}{digits:02}") % 97 == 1
    )
    assert not identifiers.valid_iban(right_digits_but_short)


def test_numbers_that_stand_for_nobody_are_plausible_and_wrong_ones_are_not() -> None:
    assert identifiers.plausible_vat("00000000000")
    assert identifiers.plausible_vat("01234567897")
    assert not identifiers.plausible_vat("01234567890")
    assert not identifiers.plausible_vat("1234")
    assert identifiers.plausible_tax("RSSMRA85T10A562S")
    assert not identifiers.plausible_tax("RSSMRA85T10A562A")
