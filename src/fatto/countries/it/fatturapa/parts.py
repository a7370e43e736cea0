"""What a FatturaPA says beyond EN 16931: `Invoice.parts` of Italian documents.

Official element names stand in the docstrings; amounts keep the document's digits and signs.
What EN 16931 has a term for (parties' names and addresses, causale as notes, line amounts …) is in
the invoice itself and not repeated, except where the national document says more than the term.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from fatto.invoice.model import Address


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A frozen value; compares by content."""


class Transmission(Part, frozen=True):
    """DatiTrasmissione: who sends the file to SDI, in which format, to which box."""

    sender_country: str | None = None
    sender_id: str | None = None
    """IdTrasmittente: the tax number of whoever sends, not of the seller."""
    progressive: str | None = None
    """ProgressivoInvio; not the progressive of the file's name."""
    format: str | None = None
    """FormatoTrasmissione: FPA12 (public administration), FPR12 (others), FSM10 (simplified)."""
    recipient_code: str | None = None
    """CodiceDestinatario; `0000000` when delivery is by PEC or into the buyer's reserved area."""
    recipient_pec: str | None = None
    sender_phone: str | None = None
    sender_email: str | None = None


class Registration(Part, frozen=True):
    """IscrizioneREA: the seller's entry in the companies register."""

    office: str | None = None
    number: str | None = None
    share_capital: Decimal | None = None
    shareholders: str | None = None
    """SocioUnico: SU (sole shareholder) or SM."""
    liquidation: str | None = None
    """StatoLiquidazione: LS (in liquidation) or LN."""


class Person(Part, frozen=True):
    """Anagrafica and tax numbers of somebody who is neither seller nor buyer."""

    vat_id: str | None = None
    tax_id: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    eori: str | None = None
    licence: str | None = None
    """NumeroLicenzaGuida of a carrier."""


class PartyParts(Part, frozen=True):
    """What the header says of the seller or the buyer beyond BG-4 and BG-7."""

    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    regime: str | None = None
    """RegimeFiscale: RF01 … RF20."""
    register: str | None = None
    """AlboProfessionale, then its province, number and date."""
    register_province: str | None = None
    register_number: str | None = None
    register_date: date | None = None
    registration: Registration | None = None
    establishment: Address | None = None
    """StabileOrganizzazione: the fixed establishment in Italy."""
    representative: Person | None = None
    """RappresentanteFiscale."""
    fax: str | None = None
    reference: str | None = None
    """RiferimentoAmministrazione."""


class Withholding(Part, frozen=True):
    """DatiRitenuta: tax or contribution that the buyer keeps back and pays for the seller."""

    kind: str | None = None
    """TipoRitenuta: RT01, RT02 (tax), RT03 … RT06 (contributions)."""
    amount: Decimal | None = None
    rate: Decimal | None = None
    reason: str | None = None
    """CausalePagamento: A … ZO."""


class StampDuty(Part, frozen=True):
    """DatiBollo."""

    virtual: str | None = None
    amount: Decimal | None = None
    """In the document's total only when a line charges it."""


class FundContribution(Part, frozen=True):
    """DatiCassaPrevidenziale: the contribution to a professional fund, charged to the buyer."""

    kind: str | None = None
    rate: Decimal | None = None
    amount: Decimal | None = None
    base: Decimal | None = None
    vat_rate: Decimal | None = None
    withheld: bool = False
    """Ritenuta = SI: the contribution belongs to the base of the withholding."""
    nature: str | None = None
    reference: str | None = None


class Discount(Part, frozen=True):
    """ScontoMaggiorazione: SC lowers, MG raises; `amount` counts before `percent`."""

    kind: str | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None


class VatRow(Part, frozen=True):
    """DatiRiepilogo, row by row beside `Invoice.vat_breakdown`."""

    rate: Decimal | None = None
    nature: str | None = None
    accessory_costs: Decimal | None = None
    rounding: Decimal | None = None
    due: str | None = None
    """EsigibilitaIVA: I at once, D when paid, S split payment; absent means at once."""
    legal_reference: str | None = None


class DocumentReference(Part, frozen=True):
    """DatiOrdineAcquisto, DatiContratto, DatiConvenzione, DatiRicezione, DatiFattureCollegate."""

    kind: str
    """`order`, `contract`, `convention`, `receipt`, `invoice`."""
    number: str | None = None
    date: date | None = None
    lines: tuple[int, ...] = ()
    """RiferimentoNumeroLinea; none means the whole document."""
    item: str | None = None
    job: str | None = None
    """CodiceCommessaConvenzione."""
    cup: str | None = None
    cig: str | None = None


class DeliveryNote(Part, frozen=True):
    """DatiDDT."""

    number: str | None = None
    date: date | None = None
    lines: tuple[int, ...] = ()


class Transport(Part, frozen=True):
    """DatiTrasporto."""

    carrier: Person | None = None
    vehicle: str | None = None
    reason: str | None = None
    packages: int | None = None
    description: str | None = None
    weight_unit: str | None = None
    gross_weight: Decimal | None = None
    net_weight: Decimal | None = None
    collected: datetime | None = None
    started: date | None = None
    terms: str | None = None
    """TipoResa: an Incoterm."""
    address: Address | None = None
    delivered: datetime | None = None


class MainInvoice(Part, frozen=True):
    """FatturaPrincipale, for accessory invoices of carriers."""

    number: str | None = None
    date: date | None = None


class Vehicle(Part, frozen=True):
    """DatiVeicoli, for new means of transport sold within the EU."""

    date: date | None = None
    distance: str | None = None


class PaymentDetail(Part, frozen=True):
    """DettaglioPagamento: one instalment, or one of several ways to pay the same."""

    beneficiary: str | None = None
    means: str | None = None
    """ModalitaPagamento: MP01 … MP23."""
    terms_from: date | None = None
    terms_days: int | None = None
    due_date: date | None = None
    amount: Decimal | None = None
    post_office: str | None = None
    receiver_last_name: str | None = None
    receiver_first_name: str | None = None
    receiver_tax_id: str | None = None
    receiver_title: str | None = None
    bank: str | None = None
    iban: str | None = None
    abi: str | None = None
    cab: str | None = None
    bic: str | None = None
    early_discount: Decimal | None = None
    early_until: date | None = None
    late_penalty: Decimal | None = None
    penalty_from: date | None = None
    code: str | None = None
    """CodicePagamento."""


class PaymentBlock(Part, frozen=True):
    """DatiPagamento."""

    conditions: str | None = None
    """CondizioniPagamento: TP01 instalments, TP02 in full, TP03 in advance."""
    details: tuple[PaymentDetail, ...] = ()


class ArticleCode(Part, frozen=True):
    """CodiceArticolo."""

    kind: str | None = None
    value: str | None = None


class OtherData(Part, frozen=True):
    """AltriDatiGestionali."""

    kind: str | None = None
    text: str | None = None
    number: Decimal | None = None
    date: date | None = None


class LineParts(Part, frozen=True):
    """What a line says beyond BG-25; same position as in `Invoice.lines`."""

    kind: str | None = None
    """TipoCessionePrestazione: SC, PR, AB, AC."""
    codes: tuple[ArticleCode, ...] = ()
    nature: str | None = None
    withheld: bool = False
    """Ritenuta = SI: the line belongs to the base of the withholding."""
    discounts: tuple[Discount, ...] = ()
    other: tuple[OtherData, ...] = ()
    gross: Decimal | None = None
    """Importo of a simplified invoice: VAT included."""
    tax: Decimal | None = None
    """DatiIVA/Imposta of a simplified invoice."""
    legal_reference: str | None = None
    """RiferimentoNormativo of a simplified invoice's line."""


class AttachmentParts(Part, frozen=True):
    """Allegati; same position as in `Invoice.attachments`."""

    algorithm: str | None = None
    format: str | None = None


class CorrectedInvoice(Part, frozen=True):
    """DatiFatturaRettificata of a simplified invoice."""

    number: str | None = None
    date: date | None = None
    elements: str | None = None


class ItalianParts(Part, frozen=True, tag="it"):
    """Everything that a FatturaPA says and EN 16931 has no term for."""

    document_type: str | None = None
    """TipoDocumento: TD01 … TD29."""
    version: str | None = None
    """The root's `versione`: FPA12, FPR12, FSM10, 1.1, 1.0."""
    system: str | None = None
    """The root's `SistemaEmittente`."""
    transmission: Transmission | None = None
    seller: PartyParts | None = None
    buyer: PartyParts | None = None
    third_party: Person | None = None
    """TerzoIntermediarioOSoggettoEmittente."""
    issuer: str | None = None
    """SoggettoEmittente: CC the buyer, TZ a third party; absent means the seller."""
    withholdings: tuple[Withholding, ...] = ()
    stamp_duty: StampDuty | None = None
    funds: tuple[FundContribution, ...] = ()
    discounts: tuple[Discount, ...] = ()
    """On the whole document; inside `document_total`, not inside the VAT breakdown."""
    document_total: Decimal | None = None
    """ImportoTotaleDocumento as written; 4 documents in 10 leave it out."""
    art73: str | None = None
    """SI: numbers may repeat within the year (art. 73 DPR 633/1972)."""
    vat: tuple[VatRow, ...] = ()
    references: tuple[DocumentReference, ...] = ()
    phases: tuple[int, ...] = ()
    """DatiSAL: phases of the works' progress."""
    delivery_notes: tuple[DeliveryNote, ...] = ()
    transport: Transport | None = None
    main_invoice: MainInvoice | None = None
    vehicle: Vehicle | None = None
    payments: tuple[PaymentBlock, ...] = ()
    lines: tuple[LineParts, ...] = ()
    attachments: tuple[AttachmentParts, ...] = ()
    corrected: CorrectedInvoice | None = None
