"""Pictures that strangers hand in: made anew from their pixels, so that nothing else of the file lives on.

What decides is what the bytes are, never a name or a type that was claimed. Metadata, further frames and whatever
hides behind the picture stay behind.
"""

from __future__ import annotations

import hashlib
import io
import threading
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.contrast import text_on

PIXELS = 16_000_000
"""The most that is unfolded in memory, 64 MB of it; one picture at a time in each process."""
_one_at_a_time = threading.Lock()
_FORMATS = ("PNG", "JPEG", "WEBP")


class Use(StrEnum):
    """What a picture is for."""

    LOGO = "logo"
    COVER = "cover"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    megabytes: int
    box: tuple[int, int]
    """What it is made to fit into."""
    least: tuple[int, int]


LIMITS = {
    Use.LOGO: _Limit(megabytes=2, box=(1024, 512), least=(48, 48)),
    Use.COVER: _Limit(megabytes=5, box=(1600, 900), least=(600, 200)),
}


class Unfit(Refusal):
    """The file cannot be used as a picture here; the message says why."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A picture as it is kept."""

    data: bytes
    media: str
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def make(data: bytes, use: Use) -> Made:
    """The picture in a file's bytes, made anew: a logo as PNG, a cover as JPEG, no larger than it is ever shown.

    Raises:
        Unfit: no PNG, JPEG or WebP; too large, too small, or damaged.
    """
    limit = LIMITS[use]
    if len(data) > limit.megabytes * 1_000_000:
        raise Unfit(_("This picture has more than %(most)s MB. Save it smaller.") % {"most": limit.megabytes})
    if b"<svg" in data[:4096].lower():
        raise Unfit(_("SVG pictures are not taken, because they can carry programs. Save it as PNG."))
    try:
        with _one_at_a_time:
            return _make(data, use, limit)
    except Image.DecompressionBombError as error:
        raise Unfit(
            _("This picture has far too many pixels. At most %(most)s million are taken.")
            % {"most": PIXELS // 1_000_000}
        ) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError) as error:
        raise Unfit(_("This is no picture that can be read. PNG, JPEG and WebP are taken.")) from error


def _make(data: bytes, use: Use, limit: _Limit) -> Made:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as source:
        width, height = source.size
        if width * height > PIXELS:
            raise Unfit(
                _("This picture has %(width)s × %(height)s pixels. At most %(most)s million are taken.")
                % {"width": width, "height": height, "most": PIXELS // 1_000_000}
            )
        if width < limit.least[0] or height < limit.least[1]:
            raise Unfit(
                _("This picture has only %(width)s × %(height)s pixels. It needs at least %(w)s × %(h)s.")
                % {"width": width, "height": height, "w": limit.least[0], "h": limit.least[1]}
            )
        source.load()
        turned = ImageOps.exif_transpose(source).convert("RGBA")
    turned.thumbnail(limit.box, Image.Resampling.LANCZOS)
    if use is Use.LOGO:
        return _kept(turned, "PNG", optimize=True)
    return _kept(_on_white(turned), "JPEG", quality=85, optimize=True, progressive=True)


def _on_white(picture: Image.Image) -> Image.Image:
    ground = Image.new("RGB", picture.size, "#ffffff")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _kept(picture: Image.Image, kind: str, **options: Any) -> Made:
    fresh = Image.new(picture.mode, picture.size)
    fresh.paste(picture)  # the pixels alone
    out = io.BytesIO()
    fresh.save(out, kind, **options)
    return Made(data=out.getvalue(), media=f"image/{kind.lower()}", width=fresh.width, height=fresh.height)


def scaled(data: bytes, box: tuple[int, int]) -> bytes:
    """A picture of ours made to fit into a box, as PNG."""
    with Image.open(io.BytesIO(data), formats=_FORMATS) as source:
        picture = source.convert("RGBA")
    picture.thumbnail(box, Image.Resampling.LANCZOS)
    return _kept(picture, "PNG", optimize=True).data


def icon(logo: bytes | None, name: str, accent: str, size: int, *, full: bool = False) -> bytes:
    """The icon of an app as PNG: the logo on white, else the first letters of a name on the accent.

    Args:
        full: the ground goes to the edges and what matters stays in the middle circle, for systems that cut
            icons into shapes of their own (`maskable`).
    """
    ground = accent if logo is None else "#ffffff"
    large = 4 * size if logo is None and not full else size
    picture = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    if full:
        pen.rectangle((0, 0, large, large), fill=ground)
    else:
        pen.rounded_rectangle((0, 0, large - 1, large - 1), radius=large * 0.22, fill=ground)
    if logo is not None:
        inner = round(large * (0.58 if full else 0.76))
        with Image.open(io.BytesIO(logo), formats=_FORMATS) as source:
            mark = ImageOps.contain(source.convert("RGBA"), (inner, inner), Image.Resampling.LANCZOS)
        picture.alpha_composite(mark, ((large - mark.width) // 2, (large - mark.height) // 2))
    else:
        letters = monogram(name)
        share = {1: 0.52, 2: 0.42}.get(len(letters), 0.42) * (0.85 if full else 1)
        font = _font(round(large * share))
        pen.text((large / 2, large / 2), letters, fill=text_on(accent), font=font, anchor="mm")
    if large != size:
        picture = picture.resize((size, size), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def monogram(name: str) -> str:
    """The first letters of a name's first two words: `Studio Brentani` → `SB`."""
    words = [word for word in (each.strip("&.,-–'\"()") for each in name.split()) if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "F"


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(io.BytesIO(_typeface()), size)
    axes = font.get_variation_axes()
    font.set_variation_by_axes([600 if b"eight" in (axis["name"] or b"") else axis["default"] or 0 for axis in axes])
    return font


@lru_cache(maxsize=1)
def _typeface() -> bytes:
    return files("manimgx_fonts").joinpath("NotoSans[wght].ttf").read_bytes()
