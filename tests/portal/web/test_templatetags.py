"""How amounts, dates and names are shown, in each language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone, translation

from fatto.portal.web.templatetags import fatto as tags


@pytest.mark.parametrize(("language", "shown"), [("it", "1.284,50"), ("ro", "1.284,50"), ("en", "1,284.50")])
def test_amounts_follow_the_language(language: str, shown: str) -> None:
    with translation.override(language):
        assert tags.amount(Decimal("1284.5")) == shown


def test_an_amount_keeps_its_decimals_and_shows_a_true_minus_and_a_small_currency() -> None:
    with translation.override("it"):
        assert tags.amount(Decimal("-0.125"), "EUR") == '−0,125\u00a0<span class="currency">€</span>'
        assert tags.amount(Decimal("10"), "RON") == '10,00\u00a0<span class="currency">lei</span>'
        assert tags.amount(Decimal("10"), "<b>") == '10,00\u00a0<span class="currency">&lt;b&gt;</span>'


@pytest.mark.parametrize("nothing", [None, "", "12"])
def test_what_is_no_number_is_shown_as_nothing(nothing: object) -> None:
    assert tags.amount(nothing, "EUR") == ""
    assert tags.quantity(nothing) == ""


def test_signed_amounts_say_plus() -> None:
    with translation.override("en"):
        assert str(tags.signed(Decimal("5"))) == "+5.00"
        assert str(tags.signed(Decimal("-5"))) == "−5.00"
        assert str(tags.signed(Decimal("0"))) == "0.00"


@pytest.mark.parametrize(("language", "shown"), [("it", "31/12/2026"), ("ro", "31.12.2026"), ("en", "31 Dec 2026")])
def test_days_follow_the_language_and_say_themselves_to_machines(language: str, shown: str) -> None:
    with translation.override(language):
        assert tags.day(date(2026, 12, 31)) == f'<time datetime="2026-12-31">{shown}</time>'


def test_a_day_in_a_list_leaves_out_the_present_year_only() -> None:
    today = timezone.localdate()
    with translation.override("ro"):
        assert f">{today:%d.%m}<" in tags.short_day(today)
        assert ">05.03.1999<" in tags.short_day(date(1999, 3, 5))


def test_a_moment_has_its_time_and_nothing_is_shown_for_none() -> None:
    with translation.override("it"):
        assert ">05/03/2026 09:07<" in tags.moment(datetime(2026, 3, 5, 9, 7, tzinfo=UTC))
    assert tags.day(None) == tags.moment(None) == tags.ago(None) == tags.due(None) == ""


def test_due_dates_are_told_in_days() -> None:
    today = timezone.localdate()
    with translation.override("en"):
        assert tags.due(today) == "today"
        assert tags.due(today + timedelta(days=1)) == "in 1 day"
        assert tags.due(today - timedelta(days=5)) == "5 days late"


def test_sizes_are_short() -> None:
    with translation.override("it"):
        assert tags.size(999) == "999\u202fB"
        assert tags.size(1_250_000) == "1,3\u202fMB"
        assert tags.size(250_000) == "250\u202fKB"


def test_tax_ids_are_not_said_twice() -> None:
    assert tags.ids(SimpleNamespace(vat_id="IT12345678903", tax_id="12345678903")) == "IT12345678903"
    assert tags.ids(SimpleNamespace(vat_id="IT1", tax_id="RSSMRA")) == "IT1 · RSSMRA"
    assert tags.ids(SimpleNamespace(vat_id=None, tax_id=None)) == ""


def test_a_browser_is_named_in_words() -> None:
    edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"
    assert tags.browser(edge) == "Edge · Windows"
    assert tags.browser("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1") == (
        "Safari · iPhone"
    )
    with translation.override("en"):
        assert tags.browser("") == "Unknown device"


def test_icons_are_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in tags.icon("check")


@pytest.mark.parametrize(
    ("language", "code", "name"), [("it", "RO", "Romania"), ("ro", "IT", "Italia"), ("en", "XX", "XX")]
)
def test_countries_have_names_in_the_readers_language(language: str, code: str, name: str):
    with translation.override(language):
        assert tags.country(code) == name
