"""ANAF's own XML is known for what it is, and is never taken for an invoice."""

from __future__ import annotations

from pathlib import Path

import pytest

from fatto import pipeline

SAMPLES = Path(__file__).parents[2] / "samples" / "ro"
SIGNATURE = (
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><KeyInfo><X509Data>'
    "<X509SubjectName>CN={},O=X,C=RO</X509SubjectName></X509Data></KeyInfo></Signature>"
)


def notices(source: Path | bytes) -> list[str]:
    """What a source holds: formats of invoices, codes of notices."""
    found: list[str] = []
    for document in pipeline.documents(source, None if isinstance(source, Path) else "a.xml"):
        found += [reading.format for reading in document.readings]
        if document.error is not None:
            found.append(str(document.error.values.get("notice", document.error.code)))
    return sorted(found)


@pytest.mark.parametrize(
    ("archive", "inside"),
    [
        ("made_3100000001_received_invoice.zip", ["ro-seal", "ubl-invoice"]),
        ("made_3100000002_credit_note.zip", ["ro-seal", "ubl-creditnote"]),
        ("made_3100000003_errors.zip", ["ro-errors", "ro-seal"]),
        ("made_3100000004_buyer_message.zip", ["ro-buyer-message", "ro-seal"]),
        ("made_3100000005_truncated.zip", ["zip-damaged", "zip-damaged"]),
    ],
)
def test_messages_of_anaf_hold_a_document_and_its_seal(archive: str, inside: list[str]) -> None:
    assert notices(SAMPLES / "messages" / archive) == inside


@pytest.mark.parametrize(
    ("namespace", "code"),
    [
        ("mfp:anaf:dgti:efactura:mesajEroriFactuta:v1", "ro-errors"),
        ("mfp:anaf:dgti:spv:reqMesaj:v1", "ro-buyer-message"),
        ("mfp:anaf:dgti:spv:respUploadFisier:v1", "ro-upload-answer"),
        ("mfp:anaf:dgti:efactura:stareMesajFactura:v1", "ro-upload-state"),
        ("urn:another", "unknown-format"),
    ],
)
def test_headers_are_told_by_their_namespace(namespace: str, code: str) -> None:
    assert notices(f'<header xmlns="{namespace}"/>'.encode()) == [code]


def test_the_seal_of_the_test_environment_is_a_copy_of_the_invoice_and_no_second_invoice() -> None:
    text = (SAMPLES / "a01_standard_21.xml").read_text()
    sealed = text.replace("</Invoice>", SIGNATURE.format("ANAF TEST") + "</Invoice>")
    assert notices(sealed.encode()) == ["ro-seal"]


def test_an_invoice_that_its_seller_signed_stays_an_invoice() -> None:
    text = (SAMPLES / "a01_standard_21.xml").read_text()
    signed = text.replace("</Invoice>", SIGNATURE.format("Ana Pop") + "</Invoice>")
    assert notices(signed.encode()) == ["ubl-invoice"]


def test_a_sealed_message_is_a_seal() -> None:
    header = f'<header xmlns="mfp:anaf:dgti:efactura:mesajEroriFactuta:v1">{SIGNATURE.format("ANAF TEST")}</header>'
    assert notices(header.encode()) == ["ro-seal"]
