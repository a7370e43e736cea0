"""Romania: invoices travel through RO e-Factura (ANAF) as UBL or CII after CIUS-RO."""

from __future__ import annotations

from fatto.countries.ro import (
    cius,
    deadlines,
    elsewhere,
    holidays,
    identifiers,
    receipts,
    rules,
    signature,
    spv,
)
from fatto.country import Country
from fatto.i18n import _

COUNTRY = Country(
    code="RO",
    name=_("Romania"),
    currency="RON",
    time_zone="Europe/Bucharest",
    holidays=holidays.holidays,
    languages=("ro",),
    gate="hard",
    formats=(),  # UBL and CII are international
    notices=receipts.NOTICES,
    profiles=(rules.PROFILE,),
    not_checked_here=elsewhere.NOT_CHECKED_HERE,
    channels=(spv.CHANNEL,),
    verify=signature.verify_zip,
    hand_in_by=deadlines.hand_in_by,
    identifiers=(identifiers.VAT, identifiers.CUI, identifiers.CNP),
    # 389 (autofactură) is the invoice itself, written by the buyer for the seller: it stays the
    # seller's sale and the buyer's purchase, and is owed. So nothing here is self-issued.
    type_name=cius.type_name,
    sections=cius.sections,
    party_ids=identifiers.of_party,
)
