"""CIUS-RO, the national profile over EN 16931: its identifiers and what a person reads in it."""

from __future__ import annotations

from fatto.country import Section
from fatto.i18n import _
from fatto.invoice.model import Address, Invoice

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1"
"""BT-24 that ANAF accepts today (BR-RO-001)."""
CUSTOMIZATION_FAMILY = "urn:efactura.mfinante.ro:CIUS-RO:"
"""Part of BT-24 in every version, 1.0.0 of 2022 included."""

COUNTIES = {
    "RO-AB": "Alba",
    "RO-AG": "Argeș",
    "RO-AR": "Arad",
    "RO-B": "București",
    "RO-BC": "Bacău",
    "RO-BH": "Bihor",
    "RO-BN": "Bistrița-Năsăud",
    "RO-BR": "Brăila",
    "RO-BT": "Botoșani",
    "RO-BV": "Brașov",
    "RO-BZ": "Buzău",
    "RO-CJ": "Cluj",
    "RO-CL": "Călărași",
    "RO-CS": "Caraș-Severin",
    "RO-CT": "Constanța",
    "RO-CV": "Covasna",
    "RO-DB": "Dâmbovița",
    "RO-DJ": "Dolj",
    "RO-GJ": "Gorj",
    "RO-GL": "Galați",
    "RO-GR": "Giurgiu",
    "RO-HD": "Hunedoara",
    "RO-HR": "Harghita",
    "RO-IF": "Ilfov",
    "RO-IL": "Ialomița",
    "RO-IS": "Iași",
    "RO-MH": "Mehedinți",
    "RO-MM": "Maramureș",
    "RO-MS": "Mureș",
    "RO-NT": "Neamț",
    "RO-OT": "Olt",
    "RO-PH": "Prahova",
    "RO-SB": "Sibiu",
    "RO-SJ": "Sălaj",
    "RO-SM": "Satu Mare",
    "RO-SV": "Suceava",
    "RO-TL": "Tulcea",
    "RO-TM": "Timiș",
    "RO-TR": "Teleorman",
    "RO-VL": "Vâlcea",
    "RO-VN": "Vrancea",
    "RO-VS": "Vaslui",
}
"""ISO 3166-2:RO, the only values of BT-39, BT-54, BT-68, BT-79 within Romania (BR-RO-110 and others)."""

_TYPES = {
    "380": _("380 invoice"),
    "381": _("381 credit note"),
    "384": _("384 corrected invoice"),
    "389": _("389 self-billed invoice (autofactură)"),
    "751": _("751 invoice for accounting, already receipted"),
}
_STORNO = _("380 invoice (storno)")

_TAX_POINTS = {
    "3": _("issue date of the invoice (code 3)"),
    "35": _("actual delivery date (code 35)"),
    "432": _("VAT on payment: due when the amount is paid (code 432)"),
}


def type_name(invoice: Invoice) -> str | None:
    """A storno keeps code 380 and turns quantities and amounts negative (MF code guide 2.9)."""
    if invoice.type_code == "380" and invoice.totals.with_vat is not None and invoice.totals.with_vat < 0:
        return _STORNO
    return _TYPES.get(invoice.type_code or "")


def county(address: Address | None) -> str | None:
    """`RO-B` and `SECTOR3` → `București, Sector 3`; `RO-CJ` → `Cluj`; None when it is no county code."""
    if address is None or address.subdivision not in COUNTIES:
        return None
    name = COUNTIES[address.subdivision]
    city = (address.city or "").replace(" ", "").upper()
    if address.subdivision == "RO-B" and city.startswith("SECTOR") and city[6:] in set("123456"):
        return f"{name}, Sector {city[6:]}"
    return name


def sections(invoice: Invoice) -> tuple[Section, ...]:
    """County names behind the codes, and what BT-8 means."""
    rows: list[tuple[object, ...]] = []
    for label, address in (
        (_("Seller's county"), invoice.seller.address),
        (_("Buyer's county"), invoice.buyer.address),
        (_("County of delivery"), invoice.delivery.address if invoice.delivery else None),
    ):
        name = county(address)
        if name:
            rows.append((label, name))
    if invoice.tax_point_code:
        rows.append((_("VAT becomes due"), _TAX_POINTS.get(invoice.tax_point_code, invoice.tax_point_code)))
    return (Section(title=_("Romanian particulars"), rows=tuple(rows)),) if rows else ()
