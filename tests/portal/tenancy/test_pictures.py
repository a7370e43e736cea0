"""Pictures of strangers: only their pixels come in."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from fatto.portal.tenancy import pictures
from fatto.portal.tenancy.pictures import Unfit, Use


def picture(width: int = 300, height: int = 120, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#8a1538").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_kinds_are_taken_and_a_logo_becomes_a_png(kind: str):
    made = pictures.make(picture(kind=kind), Use.LOGO)
    assert made.data.startswith(b"\x89PNG")
    assert (made.media, made.width, made.height) == ("image/png", 300, 120)


def test_nothing_but_the_pixels_lives_on():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "where it was taken")
    exif = Image.Exif()
    exif[0x010F] = "camera"
    for data in (picture(pnginfo=notes) + b"<script>alert(1)</script>", picture(kind="JPEG", exif=exif)):
        kept = pictures.make(data, Use.LOGO).data
        assert not any(word in kept for word in (b"taken", b"camera", b"script", b"Exif", b"tEXt"))


def test_a_picture_that_lies_on_its_side_is_turned_as_the_camera_says():
    exif = Image.Exif()
    exif[0x0112] = 6
    made = pictures.make(picture(300, 120, "JPEG", exif=exif), Use.LOGO)
    assert (made.width, made.height) == (120, 300)


def test_large_pictures_are_kept_no_larger_than_they_are_shown():
    made = pictures.make(picture(3000, 1500), Use.COVER)
    assert made.media == "image/jpeg"
    assert made.width <= 1600
    assert made.height <= 900


def bomb() -> bytes:
    """A PNG of 30000 × 30000 pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(3751 * 300))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "no picture"),
        (b"GIF89a" + bytes(200), "no picture"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "SVG"),
        (picture()[:200], "no picture"),
        (b"%PDF-1.7", "no picture"),
        (bytes(2_000_001), "2 MB"),
        (picture(20, 20), "20 × 20"),
        (bomb(), "16 million"),
        (picture(5000, 4000), "5000 × 4000"),
    ],
)
def test_everything_else_is_refused_in_a_sentence(data: bytes, word: str):
    with pytest.raises(Unfit) as refusal:
        pictures.make(data, Use.LOGO)
    assert word in str(refusal.value.message)


def test_bytes_that_were_turned_at_random_never_do_worse_than_refuse():
    import random

    made, whole = random.Random(3), {kind: picture(80, 80, kind) for kind in ("PNG", "JPEG", "WEBP")}
    for _ in range(150):
        data = bytearray(whole[made.choice(list(whole))])
        for _ in range(made.randrange(1, 12)):
            data[made.randrange(len(data))] = made.randrange(256)
        with contextlib.suppress(Unfit):
            pictures.make(bytes(data), Use.LOGO)


@pytest.mark.parametrize(("name", "letters"), [("Studio Brentani", "SB"), ("ACME", "A"), ("«» & Co.", "C"), ("", "F")])
def test_a_monogram_is_made_of_the_first_letters(name: str, letters: str):
    assert pictures.monogram(name) == letters


def test_icons_have_their_size_and_a_maskable_one_fills_it():
    for logo in (None, pictures.make(picture(), Use.LOGO).data):
        for full in (False, True):
            with Image.open(io.BytesIO(pictures.icon(logo, "Studio Brentani", "#8a1538", 192, full=full))) as icon:
                assert icon.size == (192, 192)
                corner = icon.convert("RGBA").getpixel((0, 0))
                assert isinstance(corner, tuple)
                assert corner[3] == (255 if full else 0)
