"""The sheet as HTML."""

from __future__ import annotations

import re
from html import escape

import pytest
from lxml import html as parser

from fatto import render
from fatto.i18n import translate


def words(page: str) -> str:
    return " ".join(parser.fromstring(page).text_content().split())


def test_everything_of_the_invoice_is_on_the_page(reading, enclosed, printed):
    text = words(render.html(reading, enclosed, "en", standalone=False).replace("<br>", " ").replace("</", " </"))
    missing = [each for each in printed if each not in text]
    assert not missing


def test_national_particulars_and_signers_are_on_the_page(reading, enclosed, country):
    text = words(render.html(reading, enclosed, "it", country=country).replace("</", " </"))
    stamp_duty, person = translate("Stamp duty", "it"), translate("natural person", "it")
    for each in (f"{stamp_duty} 2,00", f"W1 {person} 20% 200,00", "W2 1,50", "29/02/2020", "01/05/2026"):
        assert each in text
    assert "ION POPESCU (VATRO-12345674)" in text
    assert "Nothing" not in text


def test_a_standalone_page_needs_no_other_file(reading, enclosed):
    page = render.html(reading, enclosed, "ro")
    assert page.startswith("<!DOCTYPE html>")
    assert '<html lang="ro">' in page
    assert render.CSS in page
    assert not re.search(r"<(script|link|img|iframe)|https?://(?!example\.org)", page)


def test_a_fragment_passes_a_strict_content_policy(reading, enclosed, country):
    page = render.html(reading, enclosed, "it", country=country, standalone=False, link=lambda index: f"/a/{index}")
    assert page.startswith('<article class="sheet" lang="it">')
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


def test_attachments_are_linked_only_where_the_portal_says(reading, enclosed):
    bare = render.html(reading, enclosed, "en")
    linked = render.html(
        reading, enclosed, "en", standalone=False, link=lambda index: '/get?a=1&b="' if not index else None
    )
    assert "<a " not in bare
    assert linked.count("<a ") == 1
    assert parser.fromstring(linked).xpath("//a/@href") == ['/get?a=1&b="']


def test_tables_have_heads_for_every_column_and_the_headings_a_hierarchy(reading, enclosed, country):
    tree = parser.fromstring(render.html(reading, enclosed, "en", country=country))
    for table in tree.xpath("//table[@class='sheet-table']"):
        heads = table.xpath("./thead/tr/th[@scope='col']")
        assert heads
        assert all(len(row) == len(heads) for row in table.xpath("./tbody/tr"))
    assert all(row.xpath("./th[@scope='row']") for row in tree.xpath("//section[contains(@class,'totals')]//tr"))
    assert len(tree.xpath("//h1")) == 1
    assert tree.xpath("count(//h2)") > 8


def test_hostile_texts_stay_texts(hostile, country):
    page = render.html(hostile, None, "it", country=country, standalone=False)
    tree = parser.fromstring(page)
    allowed = {"article", "div", "section", "header", "footer", "p", "strong", "span", "small", "br", "dl", "dt", "dd"}
    allowed |= {"table", "thead", "tbody", "tr", "th", "td", "h2", "h3"}
    assert {each.tag for each in tree.iter()} <= allowed
    assert {name for each in tree.iter() for name in each.attrib} <= {"class", "lang", "scope", "data-label"}
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page)
    page.encode("utf-8")


def test_words_are_shown_as_written(change):
    text = '<script>alert("1")</script> & {0}'
    page = render.html(change(number=text), None, "en")
    assert escape(text) in page


@pytest.mark.parametrize("language", ["en", "it", "ro", "xx"])
def test_five_hundred_lines_make_five_hundred_rows(change, reading, language):
    page = render.html(change(lines=reading.invoice.lines * 250), None, language, standalone=False)
    assert len(parser.fromstring(page).xpath("//section[contains(@class,'sheet-lines')]//tbody/tr")) == 500
