"""Colours that can be read: contrast as WCAG 2 reckons it, and the nearest colour that has enough of it.

Colours are texts like `#0b6b50`. The nearest colour keeps hue and as much chroma as the screen can show,
and changes lightness alone, in OKLCH, where equal steps look equal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

ENOUGH = 4.5
"""WCAG 2.2, 1.4.3: text of common size."""

WHITE, INK = "#ffffff", "#1c2024"
LIGHT = (WHITE, "#f3f2ee")
"""Paper and desk of light pages, as in fatto.css."""
DARK = ("#1d2125", "#14171a")
"""The same of dark pages."""

_Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How an accent is read on light pages: the least contrast, and what to take when that is not enough."""

    colour: str
    contrast: float
    nearest: str

    @property
    def fits(self) -> bool:
        return self.contrast >= ENOUGH


def parse(text: str) -> str | None:
    """A colour as people type it (`0B6B50`, `#abc`) in the one form used here; None when it is none."""
    found = re.fullmatch(r"#?([0-9a-f]{6}|[0-9a-f]{3})", text.strip().lower())
    if found is None:
        return None
    digits = found[1]
    return "#" + (digits if len(digits) == 6 else "".join(2 * each for each in digits))


def judge(colour: str) -> Verdict:
    """Can an accent be a link, and a ground for text, on light pages?"""
    return Verdict(colour=colour, contrast=_least(colour), nearest=nearest(colour, LIGHT))


def _least(colour: str) -> float:
    return min(ratio(text_on(colour), colour), *(ratio(colour, ground) for ground in LIGHT))


def for_dark(colour: str) -> str:
    """The same colour as it is used on dark pages: lighter where it must be."""
    return nearest(colour, DARK)


def text_on(colour: str) -> str:
    """White or ink, whichever is read better on a colour."""
    return WHITE if ratio(WHITE, colour) >= ratio(INK, colour) else INK


def ratio(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, `contrast ratio`)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def nearest(colour: str, grounds: Iterable[str]) -> str:
    """The colour itself when it can be read on all grounds, else the one nearest in lightness that can."""
    grounds = tuple(grounds)
    if _readable(colour, grounds):
        return colour
    lightness, a, b = _oklab(_linear(colour))
    away = 0.0 if sum(map(luminance, grounds)) / len(grounds) > 0.2 else 1.0
    near, far = lightness, away
    for _ in range(24):
        middle = (near + far) / 2
        if _readable(_within(middle, a, b), grounds):
            far = middle
        else:
            near = middle
    return _within(far, a, b)


def mixed(colour: str, ground: str, share: float) -> str:
    """So much of a colour over a ground."""
    pairs = zip(_bytes(colour), _bytes(ground), strict=True)
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02x}" for one, other in pairs)


def _readable(colour: str, grounds: Iterable[str]) -> bool:
    return all(ratio(colour, ground) >= ENOUGH for ground in grounds) and ratio(text_on(colour), colour) >= ENOUGH


def _bytes(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _linear(colour: str) -> _Triple:
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in _bytes(colour)
    )
    return red, green, blue


def _oklab(rgb: _Triple) -> _Triple:
    """Linear sRGB → OKLab (B. Ottosson, 2020)."""
    red, green, blue = rgb
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _within(lightness: float, a: float, b: float) -> str:
    """The colour of a lightness and a hue, with as much chroma as the screen can show."""
    most, least = 1.0, 0.0
    if all(-0.0001 <= part <= 1.0001 for part in _rgb(lightness, a, b)):
        least = 1.0
    else:
        for _ in range(16):
            middle = (most + least) / 2
            if all(-0.0001 <= part <= 1.0001 for part in _rgb(lightness, a * middle, b * middle)):
                least = middle
            else:
                most = middle
    return "#" + "".join(f"{_gamma(part):02x}" for part in _rgb(lightness, a * least, b * least))


def _rgb(lightness: float, a: float, b: float) -> _Triple:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _gamma(part: float) -> int:
    part = min(1.0, max(0.0, part))
    return round(255 * (12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055))
