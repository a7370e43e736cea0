from __future__ import annotations

import quopri
import time
from email.message import EmailMessage

import pytest

from envelopes.making import XML, identity, in_lines, signed, zipped
from fatto import envelopes
from fatto.envelopes import Limits


def message(*attachments: tuple[str, bytes], text: str = "Buongiorno,\nin allegato la fattura.\n") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "fornitore@example.it"
    mail["To"] = "studio@example.it"
    mail["Subject"] = "Fattura n. 7 — è arrivata"
    mail["Date"] = "Wed, 4 Mar 2026 10:20:30 +0100"
    mail.set_content(text)
    for name, content in attachments:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail


def opened(data: bytes | EmailMessage, name: str = "posta.eml", **limits: int) -> list[envelopes.Enclosed]:
    return list(envelopes.open(bytes(data), name, Limits(**limits)))


def test_attachments_come_out_and_the_text_does_not() -> None:
    p7m = signed(XML, identity())
    found = opened(message(("IT01_1.xml.p7m", p7m), ("copia.pdf", b"%PDF-1.4"), ("società è.xml", XML)))
    assert [(e.member, e.kind, e.peeled) for e in found] == [
        ("IT01_1.xml.p7m", "xml", ("mail", "cms")),
        ("copia.pdf", "pdf", ("mail",)),
        ("società è.xml", "xml", ("mail",)),
    ]
    assert (found[0].file, found[0].data) == (p7m, XML)


def test_archives_attached_are_opened() -> None:
    found = opened(message(("lotto.zip", zipped(("a.xml", XML)))))
    assert [(e.member, e.peeled) for e in found] == [("lotto.zip/a.xml", ("mail", "zip"))]


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit", "7bit"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_every_transfer_encoding_gives_the_bytes(encoding: str, line_end: bytes) -> None:
    content = XML.replace(b"\n", line_end)
    bodies = {"base64": in_lines(content, line_end), "quoted-printable": quopri.encodestring(content)}
    body = bodies.get(encoding, content)
    lines = [
        b"From: a@example.it",
        b"Subject: x",
        b'Content-Type: multipart/mixed; boundary="cut here"',
        b"",
        b"A preamble",
        b"--cut here",
        b"Content-Type: application/xml",
        b"Content-Transfer-Encoding: " + encoding.encode(),
        b"Content-Disposition: attachment; filename=a.xml",
        b"",
        body,
        b"--cut here--",
        b"An epilogue",
    ]
    (found,) = opened(line_end.join(lines))
    assert found.data == content


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('Content-Disposition: attachment; filename="a b.xml"', "a b.xml"),
        ("Content-Disposition: attachment; filename*=UTF-8''societ%C3%A0.xml", "società.xml"),
        ("Content-Disposition: attachment;\n filename*0=\"IT01\";\n filename*1=\"_1.xml\"", "IT01_1.xml"),
        ('Content-Disposition: attachment; filename="=?UTF-8?Q?societ=C3=A0.xml?="', "società.xml"),
        ("Content-Type: application/xml; name=t.xml", "t.xml"),
        ('Content-Disposition: attachment; filename="../../etc/passwd.xml"', "passwd.xml"),
        ('Content-Disposition: attachment; filename="C:\\\\x\\\\y.xml"', "y.xml"),
        ("Content-Disposition: attachment; filename*=nonsense''%ff%fe.xml", None),
        ("Content-Type: application/xml", "part-1.xml"),
        ("Content-Disposition: attachment; filename*99999=x; filename*0*=''", None),
    ],
)  # fmt: skip
def test_attachment_names_are_read_in_every_notation_and_never_lead_anywhere(header: str, name: str | None) -> None:
    start = f"From: a@b\nTo: c@d\nContent-Type: multipart/mixed; boundary=B\n\n--B\n{header}\n\n"
    data = start.encode() + XML + b"--B--"
    (found,) = opened(data)
    assert found.data.strip() == XML.strip()
    assert "/" not in found.name
    if name:
        assert found.name == name


def test_certified_mail_is_unwrapped_down_to_the_invoice() -> None:
    inner = message(("IT01_1.xml", XML))
    signature = b"Content-Type: application/pkcs7-signature; name=smime.p7s\n\nMIIB\n"
    certificate = b"Content-Type: application/xml; name=daticert.xml\n\n<postacert/>\n"
    wrapped = b'Content-Type: message/rfc822; name="postacert.eml"\nContent-Disposition: inline\n\n' + bytes(inner)
    mixed = b"Content-Type: multipart/mixed; boundary=M\n\n--M\nContent-Type: text/plain\n\nCover\n--M\n"
    mixed += certificate + b"--M\n" + wrapped + b"\n--M--\n"
    outer = b"From: posta-certificata@pec.example.it\nX-Trasporto: posta-certificata\nSubject: POSTA CERTIFICATA: x\n"
    outer += b"Content-Type: multipart/signed; boundary=S\n\n--S\n" + mixed + b"--S\n" + signature + b"--S--\n"
    found = opened(outer)
    assert [(e.member, e.kind) for e in found] == [("daticert.xml", "xml"), ("postacert.eml/IT01_1.xml", "xml")]
    assert found[1].data == XML
    encoded = wrapped.split(b"\n\n")[0] + b"\nContent-Transfer-Encoding: base64\n\n" + in_lines(bytes(inner))
    assert [e.member for e in opened(outer.replace(wrapped, encoded))] == ["daticert.xml", "postacert.eml/IT01_1.xml"]


def test_a_mail_attached_as_a_plain_file_is_opened_too() -> None:
    found = opened(message(("vecchia.eml", bytes(message(("a.xml", XML))))))
    assert [(e.member, e.peeled) for e in found] == [("vecchia.eml/a.xml", ("mail", "mail"))]


def test_a_mail_signed_as_a_whole_is_opened() -> None:
    entity = (
        b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: application/xml; name=a.xml\r\n\r\n"
    )
    opaque = signed(entity + XML + b"\r\n--B--\r\n", identity())
    headers = b"From: a@b\nSubject: x\nContent-Type: application/pkcs7-mime; name=smime.p7m\n"
    found = opened(headers + b"Content-Transfer-Encoding: base64\n\n" + in_lines(opaque))
    assert [(e.member, e.data, e.peeled) for e in found] == [("smime.p7m/a.xml", XML, ("mail", "cms", "mail"))]
    assert [s.name for s in found[0].signers] == ["Rossi Maria"]


def test_a_mail_without_attachment_says_so() -> None:
    (found,) = opened(message())
    assert (found.error.code, found.member, found.name) == ("mail-without-attachment", None, "posta.eml")
    assert [e.error and e.error.code for e in opened(b"From: a@b\nSubject: x\n\n")] == ["mail-without-attachment"]


def test_an_invoice_pasted_into_the_text_is_found() -> None:
    (found,) = opened(message(text=XML.decode()))
    assert found.kind == "xml"
    assert found.data.strip() == XML.strip()


def test_a_forwarded_mail_without_attachment_is_no_trouble_beside_a_real_one() -> None:
    mail = message(("a.xml", XML))
    mail.add_attachment(message())
    assert [(e.name, e.error) for e in opened(mail)] == [("a.xml", None)]


def test_logos_in_the_text_are_left_out() -> None:
    mail = message(("a.xml", XML))
    mail.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", cid="<logo>", disposition="inline")
    assert [e.name for e in opened(mail)] == ["a.xml"]


def test_equal_names_are_told_apart() -> None:
    assert [e.member for e in opened(message(("a.xml", XML), ("a.xml", XML)))] == ["a.xml", "a (2).xml"]


def test_mails_nested_too_deep_are_refused() -> None:
    mail = message(("a.xml", XML))
    for _ in range(9):
        outer = message()
        outer.add_attachment(mail)
        mail = outer
    assert [e.error.code for e in opened(mail)] == ["mail-too-deep"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"Nota: da pagare\nImporto: 10\n\nGrazie", "nota.txt"),
        (b"numero;data;importo\n7;2026-03-04;10,00\n", "elenco.csv"),
        (b"From here on\nnothing is a header\n", "x.txt"),
        (b"Date: 1\nthis line is none\nSubject: x\n\n", "x.eml"),
    ],
)
def test_texts_that_are_no_mail_are_left_alone(data: bytes, name: str) -> None:
    assert [(e.kind, e.error, e.peeled) for e in opened(data, name)] == [("other", None, ())]


def test_xml_named_eml_is_xml() -> None:
    assert [(e.kind, e.peeled) for e in opened(XML, "a.eml")] == [("xml", ())]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"--B\n" * 500_000, id="many-boundaries"),
        pytest.param(b"x--B" * 500_000, id="boundaries-within-lines"),
        pytest.param(
            b"".join(b"--B\nContent-Type: multipart/mixed; boundary=B%d\n\n--B%d\n" % (n, n) for n in range(20_000)),
            id="many-multiparts",
        ),
        pytest.param(
            b"--B\n"
            + b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(30_000)),
            id="deep-multiparts",
        ),
        pytest.param(b"--B\nContent-Type: x/y; " + b'a=";' * 500_000, id="long-parameters"),
        pytest.param(b"--B\n" + b"Content-Disposition: x; filename*0*=a\n" * 50_000, id="many-headers"),
        pytest.param(b"--B\n" + b"A:b\n\x20c" * 300_000, id="headers-without-end"),
        pytest.param(b"--B\n" + b"\n \t" * 500_000, id="blank-lines"),
    ],
)
def test_hostile_mails_are_read_quickly(data: bytes) -> None:
    started = time.process_time()
    for _each in opened(b"From: a@b\nTo: c@d\nContent-Type: multipart/mixed; boundary=B\n\n" + data):
        pass
    assert time.process_time() - started < 2
