"""Pictures, scans and mails for tests, made on the spot."""

from __future__ import annotations

import io
import struct
import zlib
from email.message import EmailMessage

from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from fatto.portal.demo import pdf

PLACE = "45 deg 26 min N"
"""Stands in the EXIF data of `jpeg`."""


def picture(text: str = "Scontrino", size: tuple[int, int] = (400, 600), colour: str = "white") -> Image.Image:
    made = Image.new("RGB", size, colour)
    ImageDraw.Draw(made).text((20, 20), text, fill="black", font_size=40)
    return made


def jpeg(text: str = "Scontrino", size: tuple[int, int] = (400, 600), turned: bool = False) -> bytes:
    """A photograph as a phone takes it: where it was taken, and on its side if `turned`."""
    exif = Image.Exif()
    exif[0x010E] = PLACE
    exif.get_ifd(0x8825)[1] = "N"
    if turned:
        exif[0x0112] = 6
    out = io.BytesIO()
    picture(text, size).save(out, "JPEG", exif=exif)
    return out.getvalue()


def png(text: str = "Scontrino") -> bytes:
    out = io.BytesIO()
    picture(text).save(out, "PNG")
    return out.getvalue()


def heic(text: str = "Scontrino") -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    picture(text).save(out, "HEIF")
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few KB that says it is 60,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def scan(*pages: str) -> bytes:
    """A PDF with a page for each text, whose lines are parted by `\\n`."""
    writer = PdfWriter()
    for text in pages:
        title, *lines = text.split("\n")
        writer.append(PdfReader(io.BytesIO(pdf.page(title, lines))))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def scripted() -> bytes:
    """A PDF that runs JavaScript when it is opened, when its page is seen, and by name."""
    writer = PdfWriter(clone_from=io.BytesIO(scan("Ricevuta")))

    def script() -> DictionaryObject:
        return DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        )

    writer.root_object[NameObject("/OpenAction")] = script()
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): script()})
    writer.add_attachment("evil.txt", b"attached")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def mail(
    *attached: tuple[str, bytes, str],
    sender: str = "maria@example.org",
    subject: str = "Scontrino",
    text: str = "Buongiorno",
    number: str = "<1@example.org>",
    logo: bytes = b"",
) -> bytes:
    """A message with attachments: name, bytes, media type; `logo` is a small picture in its text."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "documents+key@in.example", subject
    if number:
        message["Message-ID"] = number
    message.set_content(text)
    if logo:
        message.add_attachment(logo, "image", "png", disposition="inline", filename="logo.png", cid="<logo@x>")
    for name, data, media in attached:
        kind, _slash, sub = media.partition("/")
        message.add_attachment(data, kind, sub, filename=name)
    return message.as_bytes()
