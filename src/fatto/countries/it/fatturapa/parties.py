"""The header of a FatturaPA: parties, addresses, transmission; shared by both syntaxes."""

from __future__ import annotations

from fatto.countries.it.fatturapa.parts import PartyParts, Person, Registration, Transmission
from fatto.formats.format import Element
from fatto.formats.xml import Nodes, Reader, children, one
from fatto.invoice.model import Address, Contact, Identifier, Party

_SEAT = frozenset({"Indirizzo", "CAP", "Comune", "Nazione"})
_SENDER = frozenset({"IdPaese", "IdCodice"})
_TRANSMISSION = frozenset({"IdTrasmittente", "ProgressivoInvio", "FormatoTrasmissione", "CodiceDestinatario"})

DEFAULT_BOX = "0000000"
"""The recipient code that stands for none: delivery by PEC, or into the buyer's reserved area."""
FOREIGN_BOX = "XXXXXXX"
"""The recipient code of buyers abroad: nothing is delivered."""


def need(reader: Reader, element: Element, nodes: Nodes, names: frozenset[str]) -> None:
    """Report each of the mandatory children that is absent."""
    for name in sorted(names - nodes.keys()):
        reader.missing(element, name)


def vat_number(country: str | None, code: str | None) -> str | None:
    """IdPaese and IdCodice as one VAT id, `IT01234567890`; blanks and lower case are set right."""
    if code is None:
        return None
    if not code.isalnum():
        code = "".join(code.split())
    code = code.upper()
    if country is None:
        return code
    country = country.upper()
    if len(code) == 13 and code.startswith(country) and code[2:].isdigit():
        return code  # the country written twice
    return country + code


def vat_id(reader: Reader, element: Element | None) -> str | None:
    """IdFiscaleIVA."""
    if element is None:
        return None
    nodes = children(element)
    country = reader.text(nodes, "IdPaese")
    code = reader.text(nodes, "IdCodice")
    if country is None:
        reader.missing(element, "IdPaese")
    if code is None:
        reader.missing(element, "IdCodice")
    return vat_number(country, code)


def transmission(reader: Reader, element: Element) -> Transmission:
    """DatiTrasmissione."""
    nodes = children(element)
    if not nodes.keys() >= _TRANSMISSION:
        need(reader, element, nodes, _TRANSMISSION)
    sender = one(nodes, "IdTrasmittente")
    sender_nodes = children(sender)
    if sender is not None and not sender_nodes.keys() >= _SENDER:
        need(reader, sender, sender_nodes, _SENDER)
    contact = children(one(nodes, "ContattiTrasmittente")) if "ContattiTrasmittente" in nodes else {}
    return Transmission(
        sender_country=reader.text(sender_nodes, "IdPaese"),
        sender_id=reader.text(sender_nodes, "IdCodice"),
        progressive=reader.text(nodes, "ProgressivoInvio"),
        format=reader.text(nodes, "FormatoTrasmissione"),
        recipient_code=reader.text(nodes, "CodiceDestinatario"),
        recipient_pec=reader.text(nodes, "PECDestinatario"),
        sender_phone=reader.text(contact, "Telefono"),
        sender_email=reader.text(contact, "Email"),
    )


def electronic_address(sent: Transmission | None) -> Identifier | None:
    """Where SDI delivers: a recipient code (EAS 0205), an office of the administration (0201) or PEC (0202)."""
    if sent is None:
        return None
    code = sent.recipient_code
    if code is None or code in (DEFAULT_BOX, FOREIGN_BOX):
        return Identifier(value=sent.recipient_pec, scheme="0202") if sent.recipient_pec else None
    return Identifier(value=code, scheme="0201" if len(code) == 6 else "0205")


def address(reader: Reader, element: Element | None) -> Address | None:
    """Sede, StabileOrganizzazione, IndirizzoResa: street and house number become one line."""
    if element is None:
        return None
    nodes = children(element)
    if not nodes.keys() >= _SEAT:
        need(reader, element, nodes, _SEAT)
    street = reader.text(nodes, "Indirizzo")
    if "NumeroCivico" in nodes:
        house = reader.text(nodes, "NumeroCivico")
        street = f"{street}, {house}" if street and house else street or house
    return Address(
        line1=street,
        city=reader.text(nodes, "Comune"),
        post_code=reader.text(nodes, "CAP"),
        subdivision=reader.text(nodes, "Provincia") if "Provincia" in nodes else None,
        country=reader.text(nodes, "Nazione"),
    )


def full_name(reader: Reader, nodes: Nodes) -> str | None:
    """Denominazione, or first and last name of a natural person."""
    name = reader.text(nodes, "Denominazione")
    if name is not None:
        return name
    first, last = reader.text(nodes, "Nome"), reader.text(nodes, "Cognome")
    return f"{first} {last}" if first and last else first or last


def person(reader: Reader, element: Element | None) -> Person | None:
    """DatiAnagrafici of a representative, an intermediary or a carrier; also without that block."""
    if element is None:
        return None
    nodes = children(element)
    inner = one(nodes, "DatiAnagrafici")
    if inner is not None:
        nodes = children(inner)
    master = one(nodes, "Anagrafica")
    names = nodes if master is None else children(master)
    return Person(
        vat_id=vat_id(reader, one(nodes, "IdFiscaleIVA")),
        tax_id=reader.text(nodes, "CodiceFiscale"),
        name=reader.text(names, "Denominazione"),
        first_name=reader.text(names, "Nome"),
        last_name=reader.text(names, "Cognome"),
        title=reader.text(names, "Titolo"),
        eori=reader.text(names, "CodEORI"),
        licence=reader.text(nodes, "NumeroLicenzaGuida"),
    )


def as_party(found: Person | None) -> Party | None:
    """A representative as the EN 16931 party BG-11."""
    if found is None:
        return None
    name = found.name or " ".join(each for each in (found.first_name, found.last_name) if each) or None
    return Party(
        name=name,
        vat_id=found.vat_id,
        tax_id=found.tax_id,
        identifiers=(Identifier(value=found.eori, scheme="EORI"),) if found.eori else (),
    )


def registration(reader: Reader, element: Element | None) -> Registration | None:
    """IscrizioneREA."""
    if element is None:
        return None
    nodes = children(element)
    return Registration(
        office=reader.text(nodes, "Ufficio"),
        number=reader.text(nodes, "NumeroREA"),
        share_capital=reader.decimal(nodes, "CapitaleSociale"),
        shareholders=reader.text(nodes, "SocioUnico"),
        liquidation=reader.text(nodes, "StatoLiquidazione"),
    )


def register_number(found: Registration | None) -> Identifier | None:
    """The companies register's number, `MI-1234567`."""
    if found is None or found.number is None:
        return None
    return Identifier(value=f"{found.office}-{found.number}" if found.office else found.number, scheme="REA")


def seller(reader: Reader, element: Element) -> tuple[Party, PartyParts]:
    """CedentePrestatore of the ordinary syntax."""
    nodes = children(element)
    party, extra, master = _described(reader, element, nodes)
    if "RegimeFiscale" not in master:
        inner = one(nodes, "DatiAnagrafici")
        reader.missing(element if inner is None else inner, "RegimeFiscale")
    entry = registration(reader, one(nodes, "IscrizioneREA")) if "IscrizioneREA" in nodes else None
    contact, fax = None, None
    if "Contatti" in nodes:
        inside = children(one(nodes, "Contatti"))
        phone, email, fax = (reader.text(inside, name) for name in ("Telefono", "Email", "Fax"))
        contact = Contact(phone=phone, email=email) if phone or email else None
    professional = "AlboProfessionale" in master or "NumeroIscrizioneAlbo" in master
    parts = PartyParts(
        first_name=extra.first_name,
        last_name=extra.last_name,
        title=extra.title,
        regime=reader.text(master, "RegimeFiscale"),
        register=reader.text(master, "AlboProfessionale") if professional else None,
        register_province=reader.text(master, "ProvinciaAlbo") if professional else None,
        register_number=reader.text(master, "NumeroIscrizioneAlbo") if professional else None,
        register_date=reader.day(master, "DataIscrizioneAlbo") if professional else None,
        registration=entry,
        establishment=_establishment(reader, nodes),
        fax=fax,
        reference=reader.text(nodes, "RiferimentoAmministrazione"),
    )
    made = Party(
        name=party.name,
        identifiers=party.identifiers,
        legal_id=register_number(entry),
        vat_id=party.vat_id,
        tax_id=party.tax_id,
        address=party.address,
        contact=contact,
    )
    if made.vat_id is None and "IdFiscaleIVA" not in master:
        inner = one(nodes, "DatiAnagrafici")
        if inner is not None:
            reader.missing(inner, "IdFiscaleIVA")
    return made, parts


def buyer(reader: Reader, element: Element, sent: Transmission | None) -> tuple[Party, PartyParts | None]:
    """CessionarioCommittente of the ordinary syntax."""
    nodes = children(element)
    party, extra, _master = _described(reader, element, nodes)
    parts: PartyParts | None = extra
    if "StabileOrganizzazione" in nodes or "RappresentanteFiscale" in nodes:
        parts = PartyParts(
            first_name=extra.first_name,
            last_name=extra.last_name,
            title=extra.title,
            establishment=_establishment(reader, nodes),
            representative=person(reader, one(nodes, "RappresentanteFiscale")),
        )
    elif extra == _NOTHING:
        parts = None
    return Party(
        name=party.name,
        identifiers=party.identifiers,
        vat_id=party.vat_id,
        tax_id=party.tax_id,
        electronic_address=electronic_address(sent),
        address=party.address,
    ), parts


_NOTHING = PartyParts()


def _described(reader: Reader, element: Element, nodes: Nodes) -> tuple[Party, PartyParts, Nodes]:
    """DatiAnagrafici and Sede: the party, a natural person's names, and the nodes of DatiAnagrafici."""
    inner = one(nodes, "DatiAnagrafici")
    if inner is None:
        reader.missing(element, "DatiAnagrafici")
    master = children(inner)
    if "Sede" not in nodes:
        reader.missing(element, "Sede")
    name_element = one(master, "Anagrafica")
    names = children(name_element)
    extra = _NOTHING
    name = reader.text(names, "Denominazione")
    if name is None:
        name = full_name(reader, names)
        if name is None:
            reader.missing(name_element if name_element is not None else element, "Denominazione")
    if len(names) > 1:
        extra = PartyParts(
            first_name=reader.text(names, "Nome"),
            last_name=reader.text(names, "Cognome"),
            title=reader.text(names, "Titolo"),
        )
    eori = reader.text(names, "CodEORI")
    party = Party(
        name=name,
        identifiers=(Identifier(value=eori, scheme="EORI"),) if eori else (),
        vat_id=vat_id(reader, one(master, "IdFiscaleIVA")),
        tax_id=reader.text(master, "CodiceFiscale"),
        address=address(reader, one(nodes, "Sede")),
    )
    return party, extra, master


def _establishment(reader: Reader, nodes: Nodes) -> Address | None:
    found = one(nodes, "StabileOrganizzazione") if "StabileOrganizzazione" in nodes else None
    return address(reader, found)
