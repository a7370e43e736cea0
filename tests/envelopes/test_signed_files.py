from __future__ import annotations

import base64
import time

import pytest
from asn1crypto import cms

from envelopes.making import (
    NOT_AFTER,
    NOT_BEFORE,
    SIGNED_AT,
    XML,
    cms_of,
    identity,
    in_lines,
    rewritten,
    signed,
    swapped,
    tlv,
)
from fatto import envelopes
from fatto.envelopes import Limits, ber

MARIA = identity()
PAUL = identity("Popescu Paul", "VATRO-12345678", 0x7F01)
DER = signed(XML, MARIA)


def only(data: bytes, name: str = "IT01_1.xml.p7m", **limits: int) -> envelopes.Enclosed:
    (found,) = envelopes.open(data, name, Limits(**limits))
    return found


PEM = b"-----BEGIN PKCS7-----\n" + in_lines(DER) + b"-----END PKCS7-----\n"
SMIME = (
    b'MIME-Version: 1.0\r\nContent-Disposition: attachment; filename="smime.p7m"\r\n'
    b"Content-Type: application/x-pkcs7-mime; smime-type=signed-data;\r\n name=smime.p7m\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + in_lines(DER, b"\r\n")
)


@pytest.mark.parametrize(
    ("data", "peeled"),
    [
        pytest.param(DER, ("cms",), id="der"),
        pytest.param(rewritten(DER, indefinite=True, piece=None), ("cms",), id="open-lengths"),
        pytest.param(rewritten(DER, indefinite=True, piece=10), ("cms",), id="open-lengths-in-pieces"),
        pytest.param(rewritten(DER, indefinite=False, piece=10), ("cms",), id="definite-in-pieces"),
        pytest.param(DER + b"\r\n", ("cms",), id="line-end-behind"),
        pytest.param(DER + bytes(500), ("cms",), id="zeros-behind"),
        pytest.param(rewritten(DER, indefinite=True, piece=7) + bytes(500), ("cms",), id="zeros-behind-open-lengths"),
        pytest.param(b"\r\n" + DER, ("cms",), id="line-end-before"),
        pytest.param(base64.b64encode(DER), ("base64", "cms"), id="base64-one-line"),
        pytest.param(in_lines(DER), ("base64", "cms"), id="base64-lf"),
        pytest.param(in_lines(DER, b"\r\n", 76), ("base64", "cms"), id="base64-crlf"),
        pytest.param(b"\xef\xbb\xbf" + in_lines(DER), ("base64", "cms"), id="base64-bom"),
        pytest.param(base64.b64encode(DER).decode().encode("utf-16"), ("base64", "cms"), id="base64-utf16"),
        pytest.param(base64.b64encode(DER).rstrip(b"="), ("base64", "cms"), id="base64-without-padding"),
        pytest.param(in_lines(in_lines(DER)), ("base64", "base64", "cms"), id="base64-twice"),
        pytest.param(PEM, ("pem", "cms"), id="pem"),
        pytest.param(PEM.replace(b"PKCS7", b"PKCS #7 SIGNED DATA"), ("pem", "cms"), id="pem-other-label"),
        pytest.param(b"Firmato da noi\n" + PEM, ("pem", "cms"), id="pem-after-text"),
        pytest.param(PEM[: PEM.index(b"-----END")], ("pem", "cms"), id="pem-without-end"),
        pytest.param(in_lines(PEM), ("base64", "pem", "cms"), id="base64-of-pem"),
        pytest.param(SMIME, ("mime", "cms"), id="smime-headers"),
        pytest.param(SMIME.split(b"\r\n\r\n")[0] + b"\r\n\r\n" + DER, ("mime", "cms"), id="smime-binary"),
    ],
)
def test_a_signed_file_is_read_however_it_is_written(data: bytes, peeled: tuple[str, ...]) -> None:
    found = only(data)
    assert found.error is None
    assert found.data == XML
    assert found.file == data
    assert (found.kind, found.member, found.name) == ("xml", None, "IT01_1.xml.p7m")
    assert found.peeled == peeled
    assert [signer.name for signer in found.signers] == ["Rossi Maria"]


def test_who_signed_is_told() -> None:
    (signer,) = only(DER).signers
    assert signer == envelopes.Signer(
        name="Rossi Maria",
        tax_id="TINIT-RSSMRA80A41H501X",
        issuer="Prova CA",
        signed_at=SIGNED_AT,
        not_before=NOT_BEFORE,
        not_after=NOT_AFTER,
        serial="ABC123",
        layer=0,
    )


def test_a_signer_named_by_key_identifier_is_found() -> None:
    found = only(signed(XML, PAUL, MARIA, by_key_id=True))
    assert {signer.name for signer in found.signers} == {"Popescu Paul", "Rossi Maria"}


def test_several_signers_of_one_layer_are_all_told() -> None:
    found = only(signed(XML, MARIA, PAUL))
    assert found.data == XML
    assert sorted((s.name, s.layer) for s in found.signers) == [("Popescu Paul", 0), ("Rossi Maria", 0)]


def test_signatures_around_one_another_come_outermost_first() -> None:
    found = only(signed(in_lines(signed(XML, MARIA)), PAUL), "a.xml.p7m.p7m")
    assert found.data == XML
    assert found.peeled == ("cms", "base64", "cms")
    assert [(s.name, s.layer) for s in found.signers] == [("Popescu Paul", 0), ("Rossi Maria", 1)]


def test_too_many_signatures_around_one_another_are_refused() -> None:
    data = XML
    for _ in range(11):
        data = signed(data, MARIA)
    found = only(data)
    assert found.error.code == "cms-too-deep"
    assert found.file == data
    assert found.data == b""
    assert only(signed(signed(XML, MARIA), MARIA), layers=2).data == XML


def test_a_container_without_signers_is_content_that_nobody_signed() -> None:
    found = only(signed(XML))
    assert (found.data, found.signers, found.peeled) == (XML, (), ("cms",))


def test_a_time_stamped_wrapper_is_opened() -> None:
    inner = tlv(0x02, b"\x01") + tlv(0x16, b"file:a.p7m") + tlv(0x04, DER) + tlv(0xA0, tlv(0x30, b""))
    found = only(cms_of("1.2.840.113549.1.9.16.1.31", tlv(0x30, inner)), "a.tsd")
    assert found.data == XML
    assert found.peeled == ("tsd", "cms")
    assert [(s.name, s.layer) for s in found.signers] == [("Rossi Maria", 1)]


def test_plain_content_in_a_container_is_opened() -> None:
    assert only(cms_of("1.2.840.113549.1.7.1", tlv(0x04, XML))).data == XML


@pytest.mark.parametrize("cut", [1, 10, len(DER) // 3, len(DER) // 2, len(DER) - 20])
def test_a_truncated_file_is_refused(cut: int) -> None:
    for data in (DER, rewritten(DER, indefinite=True, piece=9)):
        found = only(data[: len(data) - cut])
        assert found.error.code == "cms-truncated"
        assert found.file == data[: len(data) - cut]


def test_truncated_base64_is_refused_as_truncated() -> None:
    assert only(base64.b64encode(DER)[:501]).error.code == "cms-truncated"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(signed(None, MARIA), "cms-without-content", id="detached"),
        pytest.param(signed(None), "cms-without-content", id="nothing-at-all"),
        pytest.param(signed(b"", MARIA), "cms-without-content", id="empty-content"),
        pytest.param(cms_of("1.2.840.113549.1.7.3", tlv(0x30, b"\x02\x01\x00")), "cms-encrypted", id="enveloped"),
        pytest.param(cms_of("1.2.840.113549.1.7.6", tlv(0x30, b"\x02\x01\x00")), "cms-encrypted", id="encrypted"),
        pytest.param(cms_of("1.2.840.113549.1.9.16.1.23", tlv(0x30, b"")), "cms-encrypted", id="auth-enveloped"),
        pytest.param(cms_of("1.2.840.113549.1.7.5", tlv(0x30, b"")), "cms-unsupported", id="digested"),
        pytest.param(cms_of("1.2.840.113549.1.7.2", tlv(0x04, b"no sequence")), "cms-damaged", id="damaged"),
    ],
)
def test_what_holds_no_readable_document_is_refused(data: bytes, code: str) -> None:
    found = only(data)
    assert found.error.code == code
    assert (found.file, found.data, found.kind) == (data, b"", "other")


def test_an_unreadable_certificate_or_signer_never_hides_the_content() -> None:
    content_info = cms.ContentInfo.load(DER)
    body = content_info["content"]
    parts = [body[name].dump() for name in ("version", "digest_algorithms", "encap_content_info")]
    odd = b"".join(parts) + tlv(0xA0, b"\xff\x01\x02") + tlv(0x31, tlv(0x30, b"\x02\x01\x01") + b"\x30\x03\x02\x01\x01")
    found = only(cms_of("1.2.840.113549.1.7.2", tlv(0x30, odd)))
    assert found.data == XML
    assert found.signers == (envelopes.Signer(), envelopes.Signer())


@pytest.mark.parametrize(
    ("string", "name"),
    [
        pytest.param(tlv(0x1C, "Rossi Maria".encode("utf-32-be")), "Rossi Maria", id="universal"),
        pytest.param(tlv(0x1C, b"Rossi Maria"), "Rossi Maria", id="universal-that-holds-latin"),
        pytest.param(tlv(0x1E, "Rosșî".encode("utf-16-be")), "Rosșî", id="bmp"),
        pytest.param(tlv(0x14, "Nicolò".encode("latin-1")), "Nicolò", id="teletex"),
        pytest.param(tlv(0x0C, b"Nicol\xf2"), "Nicolò", id="utf8-that-holds-latin"),
    ],
)
def test_a_name_is_read_in_whatever_string_type_it_is_written(string: bytes, name: str) -> None:
    found = only(swapped(DER, tlv(0x0C, b"Rossi Maria"), string))
    assert found.data == XML
    assert [signer.name for signer in found.signers] == [name]


@pytest.mark.parametrize("name", ["IT01_1.xml.p7m", "IT01_1.xml"])
def test_plain_xml_under_any_name_is_simply_xml(name: str) -> None:
    found = only(XML, name)
    assert (found.kind, found.peeled, found.signers) == ("xml", (), ())
    assert found.data is found.file


def test_plain_xml_in_base64_is_read_but_nobody_signed_it() -> None:
    found = only(in_lines(XML))
    assert (found.data, found.peeled, found.signers) == (XML, ("base64",), ())


def test_ber_is_rewritten_to_the_der_it_came_from() -> None:
    for piece in (None, 5):
        data = rewritten(DER, indefinite=True, piece=piece)
        reader = ber.Reader(data)
        assert reader.der(reader.element(0)) == DER


HEAD = tlv(0x06, bytes.fromhex("2a864886f70d010702"))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x30\x80" + HEAD + b"\xa0\x80" + b"\x30\x80" * 200_000, id="endless-nesting"),
        pytest.param(b"\x30\x80" + HEAD + b"\xa0\x80\x30\x80" + b"\x02\x01\x01" * 700_000, id="many-small-elements"),
        pytest.param(
            b"\x30\x80" + HEAD + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80"
            + tlv(0x06, bytes.fromhex("2a864886f70d010701")) + b"\xa0\x80\x24\x80" + b"\x24\x80" * 50
            + b"\x04\x01a" * 700_000,
            id="tiny-pieces",
        ),
        pytest.param(tlv(0x30, HEAD + tlv(0xA0, tlv(0x30, b"\x02\x01\x01\x31\x00" + tlv(0x30, b"\x06\x01\x01")
            + tlv(0xA0, b"\x30\x00" * 500_000)))), id="many-certificates"),
        pytest.param(b"\x30\x84\xff\xff\xff\xff" + HEAD, id="claims-4-gb"),
        pytest.param(b"-----BEGIN PKCS7-----\n" * 100_000, id="many-begins"),
        pytest.param(b"A" * 4_000_000, id="base64-of-nothing"),
        pytest.param(b"MIAG" + b"=MIAG" * 800_000, id="padding-everywhere"),
        pytest.param(b"\n" * 4_000_000, id="blank-lines"),
    ],
)  # fmt: skip
def test_hostile_structures_are_refused_quickly(data: bytes) -> None:
    started = time.process_time()
    found = only(data)
    assert time.process_time() - started < 2
    assert found.error is not None or found.kind == "other"
