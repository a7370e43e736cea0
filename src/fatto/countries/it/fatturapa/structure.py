"""The structure of FatturaPA: what SDI refuses under code 00200.

Tables of ours for the ordinary invoice (FPA12, FPR12; format 1.2.3, in force since 1 April 2025) and the
simplified one (FSM10; format 1.0.2). The verdict is that of the schemas the Agenzia delle Entrate
publishes. Only the root element is in a namespace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from fatto.i18n import _
from fatto.rules import shape, xmldsig
from fatto.rules.finding import Finding
from fatto.rules.shape import Attribute, Block, Grammar, Kind, between_blanks, collapsed, matching, one_of, whole_number

CODE = "00200"
"""SDI: the file is not valid against its format."""


def _kind(right: shape.Value, text: str, expected: str, **values: object) -> Kind:
    return Kind(right, text, expected, {key: str(value) for key, value in values.items()})


def _text(alphabet: str, name: str, text: str, least: int, most: int) -> Kind:
    """Texts of a set of characters and a length."""
    right = matching(f"{alphabet}{{{least},{most}}}")
    return _kind(right, text, f"{name}, {least} to {most}", least=least, most=most)


def _ascii(most: int, least: int = 1) -> Kind:
    text = _("“{found}” must have {least} to {most} characters, none with accents or beyond the basic alphabet.")
    return _text(r"[\x00-\x7f]", "Basic Latin", text, least, most)


def _latin(most: int) -> Kind:
    text = _("“{found}” must have {least} to {most} characters of western alphabets: no €, no curly quotes, no ș or ț.")
    return _text(r"[\x00-\xff]", "Latin-1", text, 1, most)


def _any(least: int, most: int) -> Kind:
    return _text(r"[\s\S]", "text", _("“{found}” must have {least} to {most} characters."), least, most)


def _digits(pattern: str, text: str, expected: str) -> Kind:
    """Decimal numbers; white space around them does not count."""
    return _kind(between_blanks(pattern), text, expected)


def _code(*values: str) -> Kind:
    return _kind(
        one_of(*values),
        _("“{found}” is none of the codes that may stand here: {codes}."),
        "|".join(values),
        codes=", ".join(values),
    )


def _number(low: int, high: int) -> Kind:
    text = _("“{found}” must be a whole number from {low} to {high}.")
    return _kind(whole_number(low, high), text, f"{low}..{high}", low=low, high=high)


def _numbered(stem: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{stem}{number:02}" for number in numbers)


def _day_since_1970(text: str) -> bool:
    """xs:date, surely not before 1970-01-01: one with a time zone lies within 14 hours of one without."""
    if not shape.day(text) or text.startswith("-"):
        return False
    if len(text) == 10:
        return text >= "1970"
    year, rest = text.split("-", 1)
    if int(year) != 1970 or len(rest) == 5 or not rest.startswith("01-0"):
        return int(year) >= 1970
    sign = {"+": -1, "-": 1}.get(rest[5], 0)
    minutes = sign * (int(rest[6:8]) * 60 + int(rest[9:11])) if sign else 0
    return (int(rest[3:5]) - 1) * 24 * 60 + minutes >= 14 * 60


_ATOM = r"[!#-'*+/-9=?A-Z^-~-]+"
_EMAIL = (
    rf"({_ATOM}(\.{_ATOM})*"
    r"""|"(\[\]!#-[^-~ \t]|(\\[\t -~]))+")"""
    rf"@({_ATOM}(\.{_ATOM})*"
    r"|\[[\t -Z^-~]*\])"
)
"""As the schema writes it, oddities included."""

_NATURES = ("N1", "N2", "N2.1", "N2.2", "N3", *(f"N3.{n}" for n in range(1, 7)), "N4", "N5")

_KINDS: dict[str, Kind] = {
    **{f"ascii{most}": _ascii(most) for most in (8, 10, 15, 20, 35, 60)},
    **{f"latin{most}": _latin(most) for most in (60, 80, 100, 200, 1000)},
    "any35": _any(1, 35),
    "ascii5-12": _ascii(12, 5),
    "text1-28": _any(1, 28),
    "text13-17": _any(13, 17),
    "title": _kind(
        collapsed(matching(r"[\x00-\x7f]{2,10}")),
        _("“{found}” must have {least} to {most} characters, none with accents or beyond the basic alphabet."),
        "Basic Latin, 2 to 10",
        least=2,
        most=10,
    ),
    "letters2": _kind(matching("[A-Z]{2}"), _("“{found}” must be two capital letters."), "[A-Z]{2}"),
    # An empty Nazione counts as written IT: the schema gives it that default.
    "nation": _kind(matching("(?:[A-Z]{2})?"), _("“{found}” must be two capital letters."), "[A-Z]{2}"),
    "letters3": _kind(matching("[A-Z]{3}"), _("“{found}” must be three capital letters."), "[A-Z]{3}"),
    "digits5": _kind(matching("[0-9]{5}"), _("“{found}” must be five digits."), "[0-9]{5}"),
    "id11-16": _kind(
        matching("[A-Z0-9]{11,16}"), _("“{found}” must be 11 to 16 capital letters and digits."), "[A-Z0-9]{11,16}"
    ),
    "id16": _kind(matching("[A-Z0-9]{16}"), _("“{found}” must be 16 capital letters and digits."), "[A-Z0-9]{16}"),
    "iban": _kind(
        matching("[a-zA-Z]{2}[0-9]{2}[a-zA-Z0-9]{11,30}"),
        _("“{found}” is not an IBAN: two letters, two digits, 11 to 30 letters and digits, no blanks."),
        "IBAN",
    ),
    "bic": _kind(
        matching("[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?"),
        _("“{found}” is not a BIC: 8 or 11 capital letters and digits."),
        "BIC",
    ),
    "email": _kind(
        collapsed(lambda text: len(text) <= 256 and _is_email(text)), _("“{found}” is not an e-mail address."), "e-mail"
    ),
    "mailbox": _kind(
        lambda text: 7 <= len(text) <= 256 and _is_mailbox(text), _("“{found}” is not an e-mail address."), "e-mail"
    ),
    "amount2": _digits(
        r"-?[0-9]{1,11}\.[0-9]{2}",
        _("“{found}” must be an amount with a point and exactly two decimals, like 1250.00."),
        "0.00",
    ),
    "amount8": _digits(
        r"-?[0-9]{1,11}\.[0-9]{2,8}",
        _("“{found}” must be an amount with a point and two to eight decimals, like 12.50."),
        "0.00 to 0.00000000",
    ),
    "quantity": _digits(
        r"[0-9]{1,12}\.[0-9]{2,8}",
        _("“{found}” must be a quantity without sign, with a point and two to eight decimals, like 3.00."),
        "0.00 to 0.00000000",
    ),
    "weight": _digits(
        r"[0-9]{1,4}\.[0-9]{1,2}",
        _("“{found}” must be a weight below 10000 with a point and one or two decimals, like 12.5."),
        "0.0 to 9999.99",
    ),
    "rate": _kind(
        between_blanks(r"0?[0-9]{1,2}\.[0-9]{2}|100\.00"),
        _("“{found}” must be a rate in percent with a point and exactly two decimals, at most 100.00, like 22.00."),
        "0.00 to 100.00",
    ),
    "int1-9999": _number(1, 9999),
    "int1-999": _number(1, 999),
    "int0-999": _number(0, 999),
    "day": _kind(shape.day, _("“{found}” is not a date like 2026-10-31."), "date"),
    "day1970": _kind(
        _day_since_1970, _("“{found}” is not a date like 2026-10-31, or lies before 1970."), "date since 1970-01-01"
    ),
    "moment": _kind(shape.moment, _("“{found}” is not a date and time like 2026-10-31T08:30:00."), "dateTime"),
    "base64": _kind(shape.base64, _("The attachment is not Base64."), "Base64"),
    "SoggettoEmittente": _code("CC", "TZ"),
    "BolloVirtuale": _code("SI"),
    "Art73": _code("SI"),
    "Ritenuta": _code("SI"),
    "SocioUnico": _code("SU", "SM"),
    "StatoLiquidazione": _code("LS", "LN"),
    "RegimeFiscale": _code("RF01", "RF02", *_numbered("RF", *range(4, 21))),
    "TipoRitenuta": _code(*_numbered("RT", *range(1, 7))),
    "CausalePagamento": _code(*"ABCDEGHILMNOPQRSTUVWXYZ", "L1", "M1", "M2", "O1", "V1", "ZO"),
    "TipoScontoMaggiorazione": _code("SC", "MG"),
    "TipoCassa": _code(*_numbered("TC", *range(1, 23))),
    "CondizioniPagamento": _code("TP01", "TP02", "TP03"),
    "ModalitaPagamento": _code(*_numbered("MP", *range(1, 24))),
    "EsigibilitaIVA": _code("D", "I", "S"),
    "TipoCessionePrestazione": _code("SC", "PR", "AB", "AC"),
}

_ORDINARY_KINDS = _KINDS | {
    "FormatoTrasmissione": _code("FPA12", "FPR12"),
    "TipoDocumento": _code(*_numbered("TD", *range(1, 7), *range(16, 30))),
    "Natura": _code(*_NATURES, "N6", *(f"N6.{n}" for n in range(1, 10)), "N7"),
    "recipient": _kind(
        matching("[A-Z0-9]{6,7}"), _("“{found}” must be 6 or 7 capital letters and digits."), "[A-Z0-9]{6,7}"
    ),
}

_SIMPLIFIED_KINDS = _KINDS | {
    "FormatoTrasmissione": _code("FSM10"),
    "TipoDocumento": _code("TD07", "TD08", "TD09"),
    "Natura": _code(*_NATURES),
    "recipient": _kind(matching("[A-Z0-9]{7}"), _("“{found}” must be 7 capital letters and digits."), "[A-Z0-9]{7}"),
}


def _is_email(text: str) -> bool:
    return re.fullmatch(_EMAIL, text) is not None


def _is_mailbox(text: str) -> bool:
    return re.fullmatch(r"[^\r\n]+@[^\r\n]+[.]+[^\r\n]+", text) is not None


def _root(format_kind: Kind) -> Grammar:
    return Grammar(
        "FatturaElettronicaHeader FatturaElettronicaBody+ ds:Signature?",
        attributes={
            "versione": Attribute(format_kind, required=True),
            "SistemaEmittente": Attribute(_KINDS["ascii10"]),
        },
    )


_ORDINARY: dict[str, str | Grammar] = {
    "FatturaElettronica": _root(_ORDINARY_KINDS["FormatoTrasmissione"]),
    "FatturaElettronicaHeader": (
        "DatiTrasmissione CedentePrestatore RappresentanteFiscale? CessionarioCommittente "
        "TerzoIntermediarioOSoggettoEmittente:TerzoIntermediarioSoggettoEmittente? "
        "SoggettoEmittente:SoggettoEmittente?"
    ),
    "FatturaElettronicaBody": "DatiGenerali DatiBeniServizi DatiVeicoli? DatiPagamento* Allegati*",
    "DatiTrasmissione": (
        "IdTrasmittente:IdFiscale ProgressivoInvio:ascii10 FormatoTrasmissione:FormatoTrasmissione "
        "CodiceDestinatario:recipient ContattiTrasmittente? PECDestinatario:email?"
    ),
    "IdFiscale": "IdPaese:letters2 IdCodice:text1-28",
    "ContattiTrasmittente": "Telefono:ascii5-12? Email:mailbox?",
    "DatiGenerali": (
        "DatiGeneraliDocumento DatiOrdineAcquisto:DatiDocumentiCorrelati* DatiContratto:DatiDocumentiCorrelati* "
        "DatiConvenzione:DatiDocumentiCorrelati* DatiRicezione:DatiDocumentiCorrelati* "
        "DatiFattureCollegate:DatiDocumentiCorrelati* DatiSAL* DatiDDT* DatiTrasporto? FatturaPrincipale?"
    ),
    "DatiGeneraliDocumento": (
        "TipoDocumento:TipoDocumento Divisa:letters3 Data:day1970 Numero:ascii20 DatiRitenuta* DatiBollo? "
        "DatiCassaPrevidenziale* ScontoMaggiorazione* ImportoTotaleDocumento:amount2? Arrotondamento:amount2? "
        "Causale:latin200* Art73:Art73?"
    ),
    "DatiRitenuta": (
        "TipoRitenuta:TipoRitenuta ImportoRitenuta:amount2 AliquotaRitenuta:rate CausalePagamento:CausalePagamento"
    ),
    "DatiBollo": "BolloVirtuale:BolloVirtuale ImportoBollo:amount2?",
    "DatiCassaPrevidenziale": (
        "TipoCassa:TipoCassa AlCassa:rate ImportoContributoCassa:amount2 ImponibileCassa:amount2? "
        "AliquotaIVA:rate Ritenuta:Ritenuta? Natura:Natura? RiferimentoAmministrazione:ascii20?"
    ),
    "ScontoMaggiorazione": "Tipo:TipoScontoMaggiorazione Percentuale:rate? Importo:amount8?",
    "DatiSAL": "RiferimentoFase:int1-999",
    "DatiDocumentiCorrelati": (
        "RiferimentoNumeroLinea:int1-9999* IdDocumento:ascii20 Data:day? NumItem:ascii20? "
        "CodiceCommessaConvenzione:latin100? CodiceCUP:ascii15? CodiceCIG:ascii15?"
    ),
    "DatiDDT": "NumeroDDT:ascii20 DataDDT:day RiferimentoNumeroLinea:int1-9999*",
    "DatiTrasporto": (
        "DatiAnagraficiVettore? MezzoTrasporto:latin80? CausaleTrasporto:latin100? NumeroColli:int1-9999? "
        "Descrizione:latin100? UnitaMisuraPeso:ascii10? PesoLordo:weight? PesoNetto:weight? DataOraRitiro:moment? "
        "DataInizioTrasporto:day? TipoResa:letters3? IndirizzoResa:Indirizzo? DataOraConsegna:moment?"
    ),
    "Indirizzo": (
        "Indirizzo:latin60 NumeroCivico:ascii8? CAP:digits5 Comune:latin60 Provincia:letters2? Nazione:nation"
    ),
    "FatturaPrincipale": "NumeroFatturaPrincipale:ascii20 DataFatturaPrincipale:day",
    "CedentePrestatore": (
        "DatiAnagrafici:DatiAnagraficiCedente Sede:Indirizzo StabileOrganizzazione:Indirizzo? IscrizioneREA? "
        "Contatti? RiferimentoAmministrazione:ascii20?"
    ),
    "DatiAnagraficiCedente": (
        "IdFiscaleIVA:IdFiscale CodiceFiscale:id11-16? Anagrafica AlboProfessionale:latin60? "
        "ProvinciaAlbo:letters2? NumeroIscrizioneAlbo:ascii60? DataIscrizioneAlbo:day? "
        "RegimeFiscale:RegimeFiscale"
    ),
    "Anagrafica": "(Denominazione:latin80 | Nome:latin60 Cognome:latin60) Titolo:title? CodEORI:text13-17?",
    "DatiAnagraficiVettore": "IdFiscaleIVA:IdFiscale CodiceFiscale:id11-16? Anagrafica NumeroLicenzaGuida:ascii20?",
    "IscrizioneREA": (
        "Ufficio:letters2 NumeroREA:ascii20 CapitaleSociale:amount2? SocioUnico:SocioUnico? "
        "StatoLiquidazione:StatoLiquidazione"
    ),
    "Contatti": "Telefono:ascii5-12? Fax:ascii5-12? Email:mailbox?",
    "RappresentanteFiscale": "DatiAnagrafici:DatiAnagraficiRappresentante",
    "DatiAnagraficiRappresentante": "IdFiscaleIVA:IdFiscale CodiceFiscale:id11-16? Anagrafica",
    "CessionarioCommittente": (
        "DatiAnagrafici:DatiAnagraficiCessionario Sede:Indirizzo StabileOrganizzazione:Indirizzo? "
        "RappresentanteFiscale:RappresentanteFiscaleCessionario?"
    ),
    "RappresentanteFiscaleCessionario": (
        "IdFiscaleIVA:IdFiscale (Denominazione:latin80 | Nome:latin60 Cognome:latin60)"
    ),
    "DatiAnagraficiCessionario": "IdFiscaleIVA:IdFiscale? CodiceFiscale:id11-16? Anagrafica",
    "DatiBeniServizi": "DettaglioLinee+ DatiRiepilogo+",
    "DatiVeicoli": "Data:day TotalePercorso:ascii15",
    "DatiPagamento": "CondizioniPagamento:CondizioniPagamento DettaglioPagamento+",
    "DettaglioPagamento": (
        "Beneficiario:latin200? ModalitaPagamento:ModalitaPagamento DataRiferimentoTerminiPagamento:day? "
        "GiorniTerminiPagamento:int0-999? DataScadenzaPagamento:day? ImportoPagamento:amount2 "
        "CodUfficioPostale:ascii20? CognomeQuietanzante:latin60? NomeQuietanzante:latin60? CFQuietanzante:id16? "
        "TitoloQuietanzante:title? IstitutoFinanziario:latin80? IBAN:iban? ABI:digits5? CAB:digits5? BIC:bic? "
        "ScontoPagamentoAnticipato:amount2? DataLimitePagamentoAnticipato:day? "
        "PenalitaPagamentiRitardati:amount2? DataDecorrenzaPenale:day? CodicePagamento:ascii60?"
    ),
    "TerzoIntermediarioSoggettoEmittente": "DatiAnagrafici:DatiAnagraficiTerzoIntermediario",
    "DatiAnagraficiTerzoIntermediario": "IdFiscaleIVA:IdFiscale? CodiceFiscale:id11-16? Anagrafica",
    "Allegati": (
        "NomeAttachment:latin60 AlgoritmoCompressione:ascii10? FormatoAttachment:ascii10? "
        "DescrizioneAttachment:latin100? Attachment:base64"
    ),
    "DettaglioLinee": (
        "NumeroLinea:int1-9999 TipoCessionePrestazione:TipoCessionePrestazione? CodiceArticolo* "
        "Descrizione:latin1000 Quantita:quantity? UnitaMisura:ascii10? DataInizioPeriodo:day? "
        "DataFinePeriodo:day? PrezzoUnitario:amount8 ScontoMaggiorazione* PrezzoTotale:amount8 AliquotaIVA:rate "
        "Ritenuta:Ritenuta? Natura:Natura? RiferimentoAmministrazione:ascii20? AltriDatiGestionali*"
    ),
    "CodiceArticolo": "CodiceTipo:ascii35 CodiceValore:any35",
    "AltriDatiGestionali": (
        "TipoDato:ascii10 RiferimentoTesto:latin60? RiferimentoNumero:amount8? RiferimentoData:day?"
    ),
    "DatiRiepilogo": (
        "AliquotaIVA:rate Natura:Natura? SpeseAccessorie:amount2? Arrotondamento:amount8? "
        "ImponibileImporto:amount2 Imposta:amount2 EsigibilitaIVA:EsigibilitaIVA? RiferimentoNormativo:latin100?"
    ),
}

_SIMPLIFIED: dict[str, str | Grammar] = {
    "FatturaElettronicaSemplificata": _root(_SIMPLIFIED_KINDS["FormatoTrasmissione"]),
    "FatturaElettronicaHeader": (
        "DatiTrasmissione CedentePrestatore CessionarioCommittente SoggettoEmittente:SoggettoEmittente?"
    ),
    "FatturaElettronicaBody": "DatiGenerali DatiBeniServizi+ Allegati*",
    "DatiTrasmissione": (
        "IdTrasmittente:IdFiscale ProgressivoInvio:ascii10 FormatoTrasmissione:FormatoTrasmissione "
        "CodiceDestinatario:recipient PECDestinatario:email?"
    ),
    "IdFiscale": "IdPaese:letters2 IdCodice:text1-28",
    "DatiGenerali": "DatiGeneraliDocumento DatiFatturaRettificata?",
    "DatiGeneraliDocumento": (
        "TipoDocumento:TipoDocumento Divisa:letters3 Data:day1970 Numero:ascii20 BolloVirtuale:BolloVirtuale?"
    ),
    "DatiFatturaRettificata": "NumeroFR:ascii20 DataFR:day1970 ElementiRettificati:latin1000",
    "Indirizzo": (
        "Indirizzo:latin60 NumeroCivico:ascii8? CAP:digits5 Comune:latin60 Provincia:letters2? Nazione:nation"
    ),
    "CedentePrestatore": (
        "IdFiscaleIVA:IdFiscale CodiceFiscale:id11-16? (Denominazione:latin80 | Nome:latin60 Cognome:latin60) "
        "Sede:Indirizzo StabileOrganizzazione:Indirizzo? RappresentanteFiscale? IscrizioneREA? "
        "RegimeFiscale:RegimeFiscale"
    ),
    "IscrizioneREA": (
        "Ufficio:letters2 NumeroREA:ascii20 CapitaleSociale:amount2? SocioUnico:SocioUnico? "
        "StatoLiquidazione:StatoLiquidazione"
    ),
    "RappresentanteFiscale": "IdFiscaleIVA:IdFiscale (Denominazione:latin80 | Nome:latin60 Cognome:latin60)",
    "CessionarioCommittente": "IdentificativiFiscali AltriDatiIdentificativi?",
    "IdentificativiFiscali": "IdFiscaleIVA:IdFiscale? CodiceFiscale:id11-16?",
    "AltriDatiIdentificativi": (
        "(Denominazione:latin80 | Nome:latin60 Cognome:latin60) Sede:Indirizzo StabileOrganizzazione:Indirizzo? "
        "RappresentanteFiscale?"
    ),
    "DatiBeniServizi": ("Descrizione:latin1000 Importo:amount2 DatiIVA Natura:Natura? RiferimentoNormativo:latin100?"),
    "DatiIVA": "Imposta:amount2? Aliquota:rate?",
    "Allegati": (
        "NomeAttachment:latin60 AlgoritmoCompressione:ascii10? FormatoAttachment:ascii10? "
        "DescrizioneAttachment:latin100? Attachment:base64"
    ),
}


@dataclass(frozen=True, slots=True)
class Schema:
    """A format of FatturaPA: its root element, its shape, and since when SDI judges by it."""

    root: str
    shape: Block
    version: str
    applies_from: str


def _schema(
    namespace: str, tables: dict[str, str | Grammar], kinds: dict[str, Kind], version: str, applies_from: str
) -> Schema:
    """Tables, of which the first is the root's → a schema."""
    name = next(iter(tables))
    signature = xmldsig.blocks()
    block = shape.compile_shape(tables, kinds, known=signature)[name]
    assert isinstance(block, Block)  # noqa: S101 - tables are blocks
    root = f"{{{namespace}}}{name}"
    xmldsig.declare(signature, {root: block})
    return Schema(root, block, version, applies_from)


_NAMESPACE = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1."
ORDINARY = _schema(f"{_NAMESPACE}2", _ORDINARY, _ORDINARY_KINDS, "1.2.3", "2025-04-01")
SIMPLIFIED = _schema(f"{_NAMESPACE}0", _SIMPLIFIED, _SIMPLIFIED_KINDS, "1.0.2", "2021-01-01")


def schema_of(root: etree._Element) -> Schema | None:
    """The format that a document says it follows; None when its root element is of none."""
    return next((each for each in (ORDINARY, SIMPLIFIED) if each.root == root.tag), None)


def check(root: etree._Element) -> list[Finding]:
    """What SDI would refuse under 00200, in the order of the document; [] when the format is right.

    Args:
        root: the document's root element; one that `schema_of` does not know is refused as a whole.
    """
    schema = schema_of(root)
    if schema is None:
        return [
            Finding(
                code=CODE,
                severity="fatal",
                path=f"/{etree.QName(root).localname}",
                line=root.sourceline,
                found=str(root.tag),
                text=_("This is not a FatturaPA of the formats in force: its first element is {found}."),
                set="structure",
            )
        ]
    return shape.check(root, schema.shape, code=CODE)
