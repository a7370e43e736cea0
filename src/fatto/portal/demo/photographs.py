"""A photographed receipt and a scan of two pages, drawn on the spot: nobody's, and free to use (CC0)."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFilter

_TABLE, _PAPER, _INK = (96, 74, 58), (247, 245, 238), (46, 44, 48)


def receipt(title: str, lines: list[tuple[str, str]], total: tuple[str, str]) -> bytes:
    """A till receipt as a phone sees it: lying askew on a table, the camera held on its side."""
    slip = Image.new("RGB", (620, 360 + 46 * len(lines)), _PAPER)
    draw = ImageDraw.Draw(slip)
    draw.text((310, 50), title, _INK, font_size=34, anchor="mm")
    draw.line([(40, 100), (580, 100)], _INK, 2)
    at = 130
    for name, amount in lines:
        draw.text((40, at), name, _INK, font_size=26)
        draw.text((580, at), amount, _INK, font_size=26, anchor="ra")
        at += 46
    draw.line([(40, at + 10), (580, at + 10)], _INK, 2)
    draw.text((40, at + 34), total[0], _INK, font_size=36)
    draw.text((580, at + 34), total[1], _INK, font_size=36, anchor="ra")
    table = Image.new("RGB", (1200, 1600), _TABLE)
    turned = slip.rotate(4, expand=True, fillcolor=_TABLE, resample=Image.Resampling.BICUBIC)
    table.paste(turned, ((1200 - turned.width) // 2, (1600 - turned.height) // 2))
    exif = Image.Exif()
    exif[0x0112] = 6  # the pixels lie on their side
    out = io.BytesIO()
    seen = table.filter(ImageFilter.GaussianBlur(0.7)).transpose(Image.Transpose.ROTATE_90)
    seen.save(out, "JPEG", quality=82, exif=exif)
    return out.getvalue()


def scan(pages: list[tuple[str, list[str]]]) -> bytes:
    """What a scanner makes: a PDF of pictures, with no text in it."""
    sheets = []
    for title, lines in pages:
        sheet = Image.new("L", (1240, 1754), 250)
        draw = ImageDraw.Draw(sheet)
        draw.text((120, 140), title, 40, font_size=44)
        for number, line in enumerate(lines):
            draw.text((120, 260 + 56 * number), line, 60, font_size=30)
        sheets.append(sheet.rotate(0.4, fillcolor=250, resample=Image.Resampling.BICUBIC))
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=150)
    # Pillow writes the moment into the file; the same words must give the same bytes.
    return _without_moment(out.getvalue())


def _without_moment(data: bytes) -> bytes:
    import re

    return re.sub(rb"D:\d{14}", b"D:20260101000000", data)
