"""Italy: FatturaPA, SDI, partita IVA and codice fiscale."""

from fatto.countries.it import documents, holidays, identifiers, instalments, receipts, rules, sections
from fatto.countries.it.fatturapa import read, simplified
from fatto.countries.it.fatturapa.parts import ItalianParts
from fatto.country import Country
from fatto.i18n import _

COUNTRY = Country(
    code="IT",
    name=_("Italy"),
    currency="EUR",
    time_zone="Europe/Rome",
    holidays=holidays.holidays,
    languages=("it",),
    gate="soft",
    formats=(read.FORMAT, simplified.FORMAT),
    notices=receipts.NOTICES,
    profiles=rules.PROFILES,
    identifiers=(identifiers.VAT, identifiers.TAX),
    parts=ItalianParts,
    self_issued=documents.self_issued,
    credit=documents.credit,
    type_name=documents.type_name,
    line_vat=documents.line_vat,
    sections=sections.sections,
    instalments=instalments.instalments,
    beside_total=documents.beside_total,
    party_ids=identifiers.of_party,
    orders=documents.orders,
    despatches=documents.despatches,
)
