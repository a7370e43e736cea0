"""Invented numbers pass the official check digits."""

from __future__ import annotations

from datetime import date

import pytest
from stdnum import iban
from stdnum.eu import vat
from stdnum.it import codicefiscale, iva
from stdnum.ro import cui

from fatto.portal.demo import identifiers
from fatto.portal.demo.world import FIRMS, PARTIES

PARTY = pytest.mark.parametrize("party", PARTIES.values(), ids=PARTIES)


@PARTY
def test_every_party_has_valid_tax_numbers(party):
    if party.country == "IT":
        assert not party.vat or iva.is_valid(party.vat)
        assert iva.is_valid(party.tax) or codicefiscale.is_valid(party.tax)
    elif party.country == "RO":
        assert cui.is_valid(party.vat or party.tax)
    elif party.country != "US":
        assert vat.is_valid(party.country + party.vat)


@PARTY
def test_every_account_is_a_valid_iban(party):
    for account in (party.iban, party.iban_eur):
        assert not account or (iban.is_valid(account) and account[:2] == party.country)


def test_the_letter_of_an_italian_account_is_computed_over_the_account():
    # example of the interbank convention: CIN X for ABI 05428, CAB 11101, account 000000123456
    table, account = identifiers._ODD, "0542811101000000123456"
    places = [(table if index % 2 == 0 else range(26))[int(digit)] for index, digit in enumerate(account)]
    assert chr(65 + sum(places) % 26) == "X"


def test_a_tax_code_follows_from_name_and_birth():
    code = identifiers.codice_fiscale("Mario", "Rossi", date(1970, 1, 1), place="F205", woman=False)
    assert code == "RSSMRA70A01F205V"
    woman = identifiers.codice_fiscale("Francesca", "Re", date(1988, 12, 9), place="H501", woman=True)
    assert woman.startswith("REXFNC88T49H501")


def test_no_two_parties_share_a_number_or_an_account():
    for values in (
        [party.vat or party.tax for party in PARTIES.values()],
        [party.iban for party in PARTIES.values() if party.iban],
    ):
        assert len(values) == len(set(values))


def test_the_numbers_lie_where_no_authority_has_been():
    for party in PARTIES.values():
        if party.vat and party.country in {"IT", "RO"}:
            assert party.vat[0] == {"IT": "7", "RO": "9"}[party.country]
    assert [firm.country for firm in FIRMS] == ["IT", "RO"]
