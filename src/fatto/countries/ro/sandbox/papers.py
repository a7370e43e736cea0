"""What the stand-in hands out: invented invoices, error lists, messages, seals in both shapes, ZIPs, a page of PDF.

Everything follows from its parameters, so that a message can be made anew each time it is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from lxml import etree
from stdnum.ro import cui

from fatto.countries.ro.cius import CUSTOMIZATION

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

Make = Callable[[bytes, "Sealer"], bytes]

# Seals --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sealer:
    """A key and the certificate that shows it."""

    key: RSAPrivateKey
    der: bytes
    subject: str

    @property
    def pem(self) -> bytes:
        """The certificate, to give as an anchor."""
        return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(self.der) + b"-----END CERTIFICATE-----\n"

    @property
    def secret(self) -> bytes:
        """Key and certificate as PEM, to keep."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + self.pem

    def sign(self, data: bytes) -> str:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return base64.b64encode(self.key.sign(data, PKCS1v15(), SHA256())).decode()


def sealer(secret: bytes | None = None) -> Sealer:
    """A new one, or the one kept as `Sealer.secret`. Its name says that it is for training only."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
    from cryptography.x509.oid import NameOID

    if secret is not None:
        kept, certificate = load_pem_private_key(secret, None), x509.load_pem_x509_certificate(secret)
        if not isinstance(kept, rsa.RSAPrivateKey):
            raise ValueError("The key is none that this stand-in made.")
        key = kept
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "RO"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "INSTRUIRE (training, not the ministry)"),
                x509.NameAttribute(NameOID.COMMON_NAME, "Sigiliu de INSTRUIRE"),
            ]
        )
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2024, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2044, 1, 1, tzinfo=UTC))
            .sign(key, SHA256())
        )
    der = certificate.public_bytes(Encoding.DER)
    return Sealer(key, der, certificate.subject.rfc4514_string())


@cache
def own_sealer() -> Sealer:
    """One for this process, since making a key takes a while."""
    return sealer()


def seal(document: bytes, by: Sealer) -> bytes:
    """As in production: a lone signature whose digest is over the bytes of the document."""
    digest = base64.b64encode(hashlib.sha256(document).digest()).decode()
    signature = _signature(digest, C14N, "", by)
    return f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>{signature}'.encode()


def sealed_copy(document: bytes, by: Sealer) -> bytes:
    """As in the test environment: the document once more with the signature in it."""
    root = etree.fromstring(document)
    canonical = etree.tostring(root.getroottree(), method="c14n")
    digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
    transforms = f'<Transforms><Transform Algorithm="{DS}enveloped-signature"></Transform></Transforms>'
    signature = _signature(digest, EXCLUSIVE, transforms, by)
    root.append(etree.fromstring(signature))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=False)


def _signature(digest: str, c14n: str, transforms: str, by: Sealer) -> str:
    """Written in canonical form, in which what is signed has the namespace on its first element."""
    inside = (
        f'<CanonicalizationMethod Algorithm="{c14n}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{_RSA_SHA256}"></SignatureMethod>'
        f'<Reference URI="">{transforms}<DigestMethod Algorithm="{_SHA256}"></DigestMethod>'
        f"<DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
    )
    value = by.sign(f'<SignedInfo xmlns="{DS}">{inside}'.encode())
    certificate = base64.b64encode(by.der).decode()
    return (
        f'<Signature xmlns="{DS}"><SignedInfo>{inside}<SignatureValue>{value}</SignatureValue><KeyInfo><X509Data>'
        f"<X509SubjectName>{escape(by.subject)}</X509SubjectName><X509Certificate>{certificate}</X509Certificate>"
        "</X509Data></KeyInfo></Signature>"
    )


def message_zip(reference: str, document: bytes, by: Sealer, *, copied: bool = False) -> bytes:
    """A message's ZIP: the document and its seal, in either order; the same bytes each time."""
    files = [
        (f"{reference}.xml", document),
        (f"semnatura_{reference}.xml", sealed_copy(document, by) if copied else seal(document, by)),
    ]
    if int(reference) % 2:
        files.reverse()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


# ANAF's own XML -----------------------------------------------------------------------------------

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def error_file(reference: str, issuer: str, texts: list[str]) -> bytes:
    """The list of errors of a refused upload."""
    lines = "\n".join(f"    <Error errorMessage={_attribute(text)}/>" for text in texts)
    return (
        f'{_HEAD}<header xmlns="mfp:anaf:dgti:efactura:mesajEroriFactuta:v1" Index_incarcare="{reference}"'
        f' Cif_emitent="{escape(issuer)}">\n{lines}\n</header>\n'
    ).encode()


def buyer_message(about: str, text: str) -> bytes:
    return (
        f'{_HEAD}<header xmlns="mfp:anaf:dgti:spv:reqMesaj:v1" index_incarcare="{about}" message={_attribute(text)}/>\n'
    ).encode()


def upload_answer(at: str, *, reference: str = "", error: str = "") -> bytes:
    head = f'{_HEAD}<header xmlns="mfp:anaf:dgti:spv:respUploadFisier:v1" dateResponse="{at}"'
    if error:
        return f'{head} ExecutionStatus="1">\n    <Errors errorMessage={_attribute(error)}/>\n</header>\n'.encode()
    return f'{head} ExecutionStatus="0" index_incarcare="{reference}"/>\n'.encode()


def state_answer(*, state: str = "", message: str = "", error: str = "") -> bytes:
    head = f'{_HEAD}<header xmlns="mfp:anaf:dgti:efactura:stareMesajFactura:v1"'
    if error:
        return f"{head}>\n    <Errors errorMessage={_attribute(error)}/>\n</header>\n".encode()
    download = f' id_descarcare="{message}"' if message else ""
    return f'{head} stare="{state}"{download}/>\n'.encode()


def _attribute(text: str) -> str:
    return quoteattr(text, {"\n": "&#xA;"})


# Invented invoices --------------------------------------------------------------------------------

_NAMES = (
    "Someș",
    "Mureș",
    "Crișul",
    "Arieș",
    "Bega",
    "Timiș",
    "Târnava",
    "Ampoi",
    "Zarand",
    "Vâlcan",
    "Siret",
    "Motru",
)
_TRADES = ("Prod", "Com", "Trans", "Agro", "Construct", "Metal", "Textil", "Lemn", "Servicii", "Grafic")
_GOODS = (
    ("Hârtie copiator A4", "H87", "21.50", 21),
    ("Transport marfă", "KMT", "4.20", 21),
    ("Servicii de curățenie", "HUR", "38.00", 21),
    ("Motorină", "LTR", "7.35", 21),
    ("Făină albă tip 650", "KGM", "2.90", 11),
    ("Cherestea rășinoase", "MTQ", "890.00", 21),
    ("Abonament internet", "MON", "49.99", 21),
    ("Carte tehnică", "H87", "64.00", 11),
)


def partner(number: int) -> tuple[str, str]:
    """An invented company: code with a right check digit, in a range that was never given out, and name."""
    body = f"97{number % 1_000_000:06d}"
    name = f"{_NAMES[number % 12]} {_TRADES[number // 12 % 10]} {number % 1_000_000} SRL"
    return body + str(cui.calc_check_digit(body)), name


def invoice(number: int, seller: tuple[str, str], buyer: tuple[str, str], issued: date) -> bytes:
    """An invoice in UBL after CIUS-RO, made of a number and its parties (code, name)."""
    chance = random.Random(number)  # noqa: S311  # an invention must come out the same each time
    cent = Decimal("0.01")
    lines = []
    bases: dict[int, Decimal] = {}
    for position in range(1, chance.randint(1, 4) + 1):
        name, unit, price, rate = chance.choice(_GOODS)
        quantity = chance.randint(1, 40)
        net = (Decimal(price) * quantity).quantize(cent)
        bases[rate] = bases.get(rate, Decimal(0)) + net
        lines.append(
            f"<cac:InvoiceLine><cbc:ID>{position}</cbc:ID>"
            f'<cbc:InvoicedQuantity unitCode="{unit}">{quantity}</cbc:InvoicedQuantity>'
            f'<cbc:LineExtensionAmount currencyID="RON">{net}</cbc:LineExtensionAmount>'
            f"<cac:Item><cbc:Name>{escape(name)}</cbc:Name><cac:ClassifiedTaxCategory>{_category(rate)}"
            "</cac:ClassifiedTaxCategory></cac:Item>"
            f'<cac:Price><cbc:PriceAmount currencyID="RON">{price}</cbc:PriceAmount></cac:Price></cac:InvoiceLine>'
        )
    taxes = {rate: (base * rate / 100).quantize(cent) for rate, base in bases.items()}
    net, tax = sum(bases.values(), Decimal(0)), sum(taxes.values(), Decimal(0))
    subtotals = "".join(
        f'<cac:TaxSubtotal><cbc:TaxableAmount currencyID="RON">{bases[rate]}</cbc:TaxableAmount>'
        f'<cbc:TaxAmount currencyID="RON">{taxes[rate]}</cbc:TaxAmount><cac:TaxCategory>{_category(rate)}'
        "</cac:TaxCategory></cac:TaxSubtotal>"
        for rate in sorted(bases)
    )
    ubl = "urn:oasis:names:specification:ubl:schema:xsd"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Invoice xmlns="{ubl}:Invoice-2"'
        f' xmlns:cac="{ubl}:CommonAggregateComponents-2" xmlns:cbc="{ubl}:CommonBasicComponents-2">\n'
        f"<cbc:CustomizationID>{CUSTOMIZATION}</cbc:CustomizationID><cbc:ID>INS-{number}</cbc:ID>"
        f"<cbc:IssueDate>{issued}</cbc:IssueDate><cbc:DueDate>{issued + timedelta(days=30)}</cbc:DueDate>"
        "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:Note>Document de instruire, fără valoare</cbc:Note>"
        "<cbc:DocumentCurrencyCode>RON</cbc:DocumentCurrencyCode>\n"
        f"<cac:AccountingSupplierParty>{_party(seller)}</cac:AccountingSupplierParty>\n"
        f"<cac:AccountingCustomerParty>{_party(buyer)}</cac:AccountingCustomerParty>\n"
        "<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cac:PayeeFinancialAccount>"
        "<cbc:ID>RO51BTRLRONCRT0000000000</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>\n"
        f'<cac:TaxTotal><cbc:TaxAmount currencyID="RON">{tax}</cbc:TaxAmount>{subtotals}</cac:TaxTotal>\n'
        f'<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="RON">{net}</cbc:LineExtensionAmount>'
        f'<cbc:TaxExclusiveAmount currencyID="RON">{net}</cbc:TaxExclusiveAmount>'
        f'<cbc:TaxInclusiveAmount currencyID="RON">{net + tax}</cbc:TaxInclusiveAmount>'
        f'<cbc:PayableAmount currencyID="RON">{net + tax}</cbc:PayableAmount></cac:LegalMonetaryTotal>\n'
        + "\n".join(lines)
        + "\n</Invoice>\n"
    ).encode()


def _category(rate: int) -> str:
    return f"<cbc:ID>S</cbc:ID><cbc:Percent>{rate}.00</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"


def _party(party: tuple[str, str]) -> str:
    code, name = party
    return (
        "<cac:Party><cac:PostalAddress><cbc:StreetName>Str. Exemplului nr. 1</cbc:StreetName>"
        "<cbc:CityName>Cluj-Napoca</cbc:CityName><cbc:PostalZone>400001</cbc:PostalZone>"
        "<cbc:CountrySubentity>RO-CJ</cbc:CountrySubentity><cac:Country>"
        "<cbc:IdentificationCode>RO</cbc:IdentificationCode></cac:Country></cac:PostalAddress>"
        f"<cac:PartyTaxScheme><cbc:CompanyID>RO{code}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID>"
        "</cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity>"
        f"<cbc:RegistrationName>{escape(name)}</cbc:RegistrationName><cbc:CompanyID>{code}</cbc:CompanyID>"
        "</cac:PartyLegalEntity></cac:Party>"
    )


def pdf(title: str) -> bytes:
    """One page that says that it is for training."""
    words = "".join(each if each.isascii() and each not in "()\\" else "?" for each in title)
    stream = f"BT /F1 28 Tf 60 760 Td (INSTRUIRE / TRAINING) Tj /F1 12 Tf 0 -40 Td ({words}) Tj ET".encode()
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page + b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
