"""Answers by mail: the new words come out, and nothing of what mail programs put around them."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from fatto.envelopes import answer

GMAIL_IT = """Sì, è la nostra.
Grazie!

Il giorno dom 22 nov 2026 alle ore 09:12 Studio Bianchi <
answer+abc@in.fatto.example.org> ha scritto:

> Buongiorno, questa fattura è vostra?
>
"""
GMAIL_RO = """Da, este a noastră.

În dum., 22 nov. 2026 la 09:12, Contabil Dunărea <answer+abc@in.fatto.example.org> a
scris:

> Bună ziua, este factura dumneavoastră?
"""
GMAIL_RO_DATA = """Da.

În data de 22 nov. 2026, la 09:12, Contabil Dunărea <answer+abc@in.fatto.example.org> a scris:

> Este?
"""
APPLE_RO = """Da, confirm.

Trimis de pe iPhone-ul meu

> Pe 22 nov. 2026, la 09:12, Contabil Dunărea <answer+abc@in.fatto.example.org> a scris:
>
> Este?
"""
APPLE_IT = """Confermo.

Inviato da iPhone

> Il giorno 22 nov 2026, alle ore 09:12, Studio Bianchi <a@b.example> ha scritto:
>
> È vostra?
"""
THUNDERBIRD_IT = """Confermo,
Maria

Il 22/11/26 09:12, Studio Bianchi ha scritto:
> È vostra?
"""
GMAIL_EN = """Yes, it is ours.

On Sun, Nov 22, 2026 at 9:12 AM Studio Bianchi <answer+abc@in.fatto.example.org>
wrote:

> Is it yours?
"""
OUTLOOK_IT = """Buongiorno,
è per il furgone.

________________________________
Da: Studio Bianchi <answer+abc@in.fatto.example.org>
Inviato: domenica 22 novembre 2026 09:12
A: Maria <maria@example.org>
Oggetto: Domanda su FT 12/A

Per quale centro di costo?
"""
OUTLOOK_RO = """Pentru camion.

De la: Contabil Dunărea <answer+abc@in.fatto.example.org>
Trimis: duminică, 22 noiembrie 2026 09:12
Către: Mihai <mihai@example.org>
Subiect: Întrebare

Pentru ce?
"""
OUTLOOK_OLD = """Per il furgone.

-----Messaggio originale-----
Da: Studio Bianchi
Per cosa?
"""
BETWEEN = """> Is it yours?

Yes.

> And paid?

Not yet.
--
Maria Rossi
Panificio Rossi S.r.l.
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GMAIL_IT, "Sì, è la nostra.\nGrazie!"),
        (GMAIL_RO, "Da, este a noastră."),
        (GMAIL_RO_DATA, "Da."),
        (APPLE_RO, "Da, confirm."),
        (APPLE_IT, "Confermo."),
        (THUNDERBIRD_IT, "Confermo,\nMaria"),
        (GMAIL_EN, "Yes, it is ours."),
        (OUTLOOK_IT, "Buongiorno,\nè per il furgone."),
        (OUTLOOK_RO, "Pentru camion."),
        (OUTLOOK_OLD, "Per il furgone."),
        (BETWEEN, "Yes.\n\nNot yet."),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_was_quoted_and_who_signed_is_cut_off(text: str, said: str, line_end: str):
    assert answer.written(text.replace("\n", line_end)) == said


@pytest.mark.parametrize(
    "text",
    [
        "La fattura del 12 ottobre va bene.\nIl resto pure.",
        "On 12 October we paid it.\nMaria wrote that already.",
        "Da: questo lato non so nulla.",
        "In data 12.10.2026 abbiamo ricevuto la merce, come Luca ha scritto ieri.",
        "Inviato da me il contratto, manca la firma del cliente e altre cose che non entrano in una riga, vero?",
    ],
)
def test_words_that_only_sound_like_a_quotation_stay(text: str):
    assert answer.written(text) == text


def message(text: str = "", html: str = "", **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = headers.pop("sender", "Maria <Maria@Example.org>")
    mail["To"] = "Studio <answer+abc@in.fatto.example.org>"
    mail["Subject"] = "Re: è vostra?"
    mail["Message-ID"] = "<1@example.org>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if text:
        mail.set_content(text)
    if html and text:
        mail.add_alternative(html, subtype="html")
    elif html:
        mail.set_content(html, subtype="html")
    return bytes(mail)


def test_sender_recipients_and_number_are_read():
    read = answer.read(message(GMAIL_IT))
    assert (read.sender, read.message_id) == ("maria@example.org", "<1@example.org>")
    assert read.recipients == ("answer+abc@in.fatto.example.org",)
    assert read.text == "Sì, è la nostra.\nGrazie!"
    assert not read.automatic


def test_html_alone_is_read_without_quotation_signature_or_script():
    html = """<html><head><title>x</title><style>p{}</style></head><body><script>alert(1)</script>
    <div dir="ltr">Sì, &egrave; <b>nostra</b>.<br>Grazie &lt;3</div><div class="gmail_signature">Maria</div>
    <div class="gmail_quote"><div>Il giorno … ha scritto:</div><blockquote>È vostra?</blockquote></div>
    <p>Privacy</p></body></html>"""
    assert answer.read(message(html=html)).text == "Sì, è nostra.\nGrazie <3"


def test_outlook_html_ends_where_its_header_begins():
    html = """<body><p>Pentru camion.</p><div id="appendonsend"></div><hr>
    <div id="divRplyFwdMsg"><b>De la:</b> Contabil<br><b>Trimis:</b> azi</div><p>Pentru ce?</p></body>"""
    assert answer.read(message(html=html)).text == "Pentru camion."


def test_old_character_sets_are_read():
    raw = (
        b"From: mihai@example.org\r\nTo: a@b.example\r\nContent-Type: text/plain; charset=iso-8859-2\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "Factura e plătită.\r\n".encode("iso-8859-2")
    )
    assert answer.read(raw).text == "Factura e plătită."


def test_attachments_come_along_and_logos_do_not():
    mail = EmailMessage()
    mail["From"], mail["To"] = "a@example.org", "b@example.org"
    mail.set_content("Ecco.")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="ddt.pdf")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", cid="<logo>", disposition="inline")
    read = answer.read(bytes(mail))
    assert [(part.name, part.content) for part in read.attachments] == [("ddt.pdf", b"%PDF-1.4")]
    assert read.text == "Ecco."


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"sender": "MAILER-DAEMON@example.org"},
        {"sender": "noreply@example.org"},
    ],
)
def test_machines_are_known_by_their_headers(headers: dict[str, str]):
    assert answer.read(message("Sono in ferie.", **headers)).automatic


def test_two_senders_are_none():
    assert answer.read(message("x", sender="a@example.org, b@example.org")).sender == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 1000,
        b"From: " + b"<" * 50_000 + b"\n\nx",
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div>" * 100_000,
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<![" * 50_000,
        b"From: a@b.example\nContent-Type: text/plain; charset=no-such\n\n\xff\xfe",
        b"From: a@b.example\n\n" + b"On 1 " * 4000 + b"\n" * 4000,
        b"From: a@b.example\n\n" + b"<a@b " * 8000,
    ],
)
def test_hostile_messages_are_read_quickly_and_never_an_error(data: bytes):
    started = time.perf_counter()
    answer.read(data)
    assert time.perf_counter() - started < 2
