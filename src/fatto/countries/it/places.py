"""Where a finding in a FatturaPA is, in a reader's terms: the same parts and words as for UBL and CII."""

from __future__ import annotations

from fatto.i18n import _
from fatto.rules.places import Place, Table

_SELLER = ("parties", _("Seller"))
_BUYER = ("parties", _("Buyer"))
_VAT_ID = _("VAT number")
_TAX_ID = _("Tax number")
_DUE = _("Due date")
_AMOUNT = _("Amount")

FATTURA = Table(
    ("FatturaElettronica",),
    {
        "CedentePrestatore": _SELLER,
        "CessionarioCommittente": _BUYER,
        "RappresentanteFiscale": ("parties", _("Seller's tax representative")),
        "DettaglioLinee": "lines",
        "DatiRiepilogo": "vat",
        "DatiPagamento": "payment",
        "DatiRitenuta": "totals",
        "DatiBollo": "totals",
        "DatiCassaPrevidenziale": "totals",
        "ScontoMaggiorazione": "totals",
        "ImportoTotaleDocumento": "totals",
        "Arrotondamento": "totals",
    },
    {
        "DatiGeneraliDocumento/Numero": ("BT-1", _("Number")),
        "DatiGeneraliDocumento/Data": ("BT-2", _("Date")),
        "TipoDocumento": ("BT-3", _("Type")),
        "Divisa": ("BT-5", _("Currency")),
        "DatiContratto": ("BT-12", _("Contract")),
        "DatiOrdineAcquisto": ("BT-13", _("Purchase order")),
        "DatiDDT": ("BT-16", _("Despatch advice")),
        "DatiFattureCollegate": ("BG-3", _("Preceding invoice")),
        "CodiceDestinatario": ("BT-49", _("Electronic address")),
        "PECDestinatario": ("BT-49", _("Electronic address")),
        "Causale": ("BT-22", _("Notes")),
        "Allegati": ("BG-24", _("Attachments")),
        "IdFiscaleIVA": ("", _VAT_ID),
        "CodiceFiscale": ("", _TAX_ID),
        "Anagrafica": ("", _("Name")),
        "Sede": ("", _("Address")),
        "StabileOrganizzazione": ("", _("Address")),
        "Contatti": ("", _("Contact")),
        "IscrizioneREA": ("", _("Registration number")),
        "ImportoTotaleDocumento": ("BT-112", _("Total with VAT")),
        "Arrotondamento": ("BT-114", _("Rounding")),
        "totals:ScontoMaggiorazione": ("", _("Discounts and charges on the document")),
        "ImponibileImporto": ("BT-116", _("Taxable amount")),
        "Imposta": ("BT-117", _("VAT amount")),
        "AliquotaIVA": ("", _("Rate")),
        "Natura": ("", _("VAT category")),
        "EsigibilitaIVA": ("BT-8", _("VAT falls due")),
        "RiferimentoNormativo": ("BT-120", _("Reason")),
        "ModalitaPagamento": ("BT-81", _("Means of payment")),
        "CondizioniPagamento": ("BT-20", _("Payment terms")),
        "DataScadenzaPagamento": ("BT-9", _DUE),
        "ImportoPagamento": ("BT-115", _AMOUNT),
        "IBAN": ("BT-84", _("IBAN")),
        "NumeroLinea": ("BT-126", _("No.")),
        "lines:Descrizione": ("BT-153", _("Description")),
        "lines:Quantita": ("BT-129", _("Quantity")),
        "lines:UnitaMisura": ("BT-130", _("Unit")),
        "lines:PrezzoUnitario": ("BT-146", _("Unit price")),
        "lines:PrezzoTotale": ("BT-131", _("Net amount")),
        "lines:CodiceArticolo": ("BT-157", _("Code")),
        "lines:ScontoMaggiorazione": ("", _("Discount")),
    },
)

SIMPLIFIED = Table(
    ("FatturaElettronicaSemplificata",),
    {**FATTURA.parts, "DatiBeniServizi": "lines"},
    {**FATTURA.labels, "lines:Importo": ("BT-131", _AMOUNT), "lines:DatiIVA": ("", _("VAT amount"))},
)


def place(path: str) -> Place | None:
    """The place of a path of FatturaPA; None for any other."""
    return SIMPLIFIED.of(path) or FATTURA.of(path)
