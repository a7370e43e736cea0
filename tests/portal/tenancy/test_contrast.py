"""Colours that can be read."""

from __future__ import annotations

import colorsys
import random

import pytest

from fatto.portal.tenancy import contrast


def test_black_on_white_is_twenty_one_to_one():
    assert contrast.ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast.ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01), "as WCAG's own examples have it"


@pytest.mark.parametrize(
    ("typed", "colour"), [("0B6B50", "#0b6b50"), (" #abc ", "#aabbcc"), ("green", None), ("", None)]
)
def test_colours_are_taken_as_people_type_them(typed: str, colour: str | None):
    assert contrast.parse(typed) == colour


def test_what_is_too_light_is_refused_with_the_nearest_that_is_not():
    verdict = contrast.judge("#ffd400")
    assert not verdict.fits
    assert contrast.judge(verdict.nearest).fits
    hue = [
        colorsys.rgb_to_hls(*(part / 255 for part in bytes.fromhex(each[1:])))[0]
        for each in ("#ffd400", verdict.nearest)
    ]
    assert hue[0] == pytest.approx(hue[1], abs=0.03), "still yellow, only darker"


def test_what_fits_stays_as_it_is():
    assert contrast.judge("#0b6b50").nearest == "#0b6b50"


def test_every_proposal_is_readable_on_light_and_on_dark_pages():
    made = random.Random(7)
    for _ in range(300):
        colour = f"#{made.randrange(1 << 24):06x}"
        light, dark = contrast.judge(colour).nearest, contrast.for_dark(colour)
        assert all(contrast.ratio(light, ground) >= 4.5 for ground in contrast.LIGHT), colour
        assert all(contrast.ratio(dark, ground) >= 4.5 for ground in contrast.DARK), colour
        assert contrast.ratio(contrast.text_on(light), light) >= 4.5, colour
        assert contrast.ratio(contrast.text_on(dark), dark) >= 4.5, colour
