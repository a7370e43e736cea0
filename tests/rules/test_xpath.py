"""What the official tests mean by numbers, texts and dates."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fatto.rules import xpath


@pytest.mark.parametrize(
    ("number", "expected"), [("2.5", 3), ("-2.5", -2), ("2.49", 2), ("-0.5", 0), ("-0.51", -1), ("1e2", 100)]
)
def test_halves_are_rounded_towards_plus_infinity(number: str, expected: int) -> None:
    assert xpath.rounded(Decimal(number)) == expected
    assert xpath.double_rounded(float(number)) == expected


def test_cents_of_a_negative_third_decimal_go_up() -> None:
    assert xpath.cents(Decimal("-1.005")) == Decimal("-1.00")
    assert xpath.cents(Decimal("1.005")) == Decimal("1.01")


@pytest.mark.parametrize("text", [" 1.5 ", "+1", ".5", "5.", "-0"])
def test_plain_decimals_are_numbers(text: str) -> None:
    assert xpath.decimal(text) == Decimal(text.strip())


@pytest.mark.parametrize("text", ["", "1E2", "1e2", "NaN", "INF", "1,5", "1_0", "٣", "--1"])
def test_anything_else_ends_the_run(text: str) -> None:
    with pytest.raises(xpath.Abort):
        xpath.decimal(text)


@pytest.mark.parametrize(
    ("text", "fits"),
    [("10.50", True), ("10.500", False), ("10.50 ", False), ("10", True), ("1E2", True), ("1.2.3", False)],
)
def test_decimals_are_counted_in_the_text(text: str, fits: bool) -> None:
    assert xpath.two_decimals(text) is fits


def test_only_the_blanks_of_xml_are_blanks() -> None:
    assert xpath.normal(" a\t\r\n b ") == "a b"
    assert xpath.normal("\u00a0a \u00a0") == "\u00a0a \u00a0"
    assert xpath.blank(" \n")
    assert not xpath.blank("\u00a0")


@pytest.mark.parametrize("text", ["2024-02-29", "2024-01-01+02:00", "-0044-03-15", "12024-01-01Z", "2024-01-01-14:00"])
def test_dates_with_and_without_a_zone_are_dates(text: str) -> None:
    assert xpath.is_date(text)


@pytest.mark.parametrize(
    "text", ["2023-02-29", "2024-W01-1", "20240101", "2024-1-1", "2024-13-01", "2024-01-01+15:00", ""]
)
def test_what_is_no_day_is_no_date(text: str) -> None:
    assert not xpath.is_date(text)
    with pytest.raises(xpath.Abort):
        xpath.date(text)


def test_a_zone_moves_the_day() -> None:
    assert xpath.date("2024-01-01+02:00") < xpath.date("2024-01-01") < xpath.date("2024-01-01-02:00")
    assert xpath.date("2024-03-01") - xpath.date("2024-02-28") == 2 * 1440
    assert xpath.date("2000-01-01") - xpath.date("1999-12-31") == 1440


def test_different_needs_something_on_both_sides() -> None:
    assert not xpath.differ([], ["a"])
    assert not xpath.differ(["a"], ["a"])
    assert xpath.differ(["a", "b"], ["a"])
