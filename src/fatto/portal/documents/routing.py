"""Whose document it is, and on which side: by the tax ids of its parties, never by the folder it came in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from fatto import countries
from fatto.invoice.model import Invoice, Party
from fatto.portal.documents import words
from fatto.portal.documents.models import Direction
from fatto.portal.tenancy.models import Company


@dataclass(frozen=True, slots=True)
class Place:
    """A company in whose archive a document belongs, and as what."""

    company: Company
    direction: Direction


def ids(party: Party) -> tuple[str, ...]:
    """Normalised tax ids of a party, its VAT number first; by the rules of its country where known."""
    prefix = (party.vat_id or "")[:2].upper()
    country = prefix if prefix.isalpha() and len(prefix) == 2 else ""
    if not country and party.address and party.address.country:
        country = party.address.country
    found = countries.find(country).party_ids(party)
    if found:
        return found
    written = [value.upper() for value in (party.vat_id, party.tax_id) if value]
    plain = ["".join(char for char in value if char.isalnum()) for value in written]
    return tuple(dict.fromkeys(value for value in plain if value))


class Register:
    """The companies of a firm by their tax ids, for routing many documents."""

    def __init__(self, companies: Iterable[Company]) -> None:
        self.companies = list(companies)
        self._by_id = {each: company for company in self.companies for each in company.ids}

    def find(self, party: Party) -> Company | None:
        """The company that a party is; None when it is none of the firm's."""
        return next((self._by_id[each] for each in ids(party) if each in self._by_id), None)

    def places(self, invoice: Invoice) -> list[Place]:
        """Where an invoice belongs: one place, two when both parties are companies of the firm, or none.

        Documents that a buyer issues about its own purchase (or about itself) are `issued`, as the
        country's pack says, and belong to the issuing company alone.
        """
        seller, buyer = self.find(invoice.seller), self.find(invoice.buyer)
        if countries.of(invoice).self_issued(invoice):
            issuer = buyer or seller
            return [Place(issuer, Direction.ISSUED)] if issuer else []
        if seller is not None and seller is buyer:
            return [Place(seller, Direction.ISSUED)]
        found = []
        if buyer is not None:
            found.append(Place(buyer, Direction.RECEIVED))
        if seller is not None:
            found.append(Place(seller, Direction.ISSUED))
        return found

    def nearest(self, invoice: Invoice) -> Company | None:
        """The company whose name is most like a party's: a suggestion for a person, nothing more."""
        best, score = None, 0.75
        for name in (invoice.buyer.name, invoice.seller.name):
            folded = words.fold(name or "")
            if not folded:
                continue
            for company in self.companies:
                likeness = SequenceMatcher(None, folded, words.fold(company.name)).ratio()
                if likeness > score:
                    best, score = company, likeness
        return best
