"""The sentence on top says what is needed, from whom; the chips say the four states."""

from __future__ import annotations

import pytest
from django.utils import translation
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import queries
from fatto.portal.documents.queries import Filters
from fatto.portal.documents.sentence import chips, headline, sentence
from fatto.portal.flow import decide, keep
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def filed(world: World) -> World:
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa("1", due="2020-01-31"))
    return world


def seen_by(filed: World, who: str) -> tuple[str, str]:
    actor = filed.at_company(who, "rossi")
    with scope(actor):
        found = sentence(queries.get(queries.page(Filters()).rows[0].pk), actor)
    return str(found.text), found.action


def test_who_decides_is_asked_and_who_books_is_told_to_wait(filed: World):
    assert seen_by(filed, "maria") == ("This document waits for your approval.", "approve")
    assert seen_by(filed, "anna") == ("Waiting for the company’s approval since today.", "book")
    assert seen_by(filed, "sara") == ("Waiting for the company’s approval since today.", "")


def test_the_sentence_follows_the_document_to_the_archive(filed: World):
    maria, anna = filed.at_company("maria", "rossi"), filed.at_firm("anna", "bianchi")
    with scope(maria):
        document = queries.get(queries.page(Filters()).rows[0].pk)
        decide.dispute(maria, document, reason="not_ours")
    assert seen_by(filed, "anna") == ("Disputed: it is not booked until the company approves it.", "")
    with scope(maria):
        decide.approve(maria, queries.get(document.pk))
    assert seen_by(filed, "maria")[1] == "undo"
    assert seen_by(filed, "anna") == ("Ready to book.", "book")
    with scope(anna):
        keep.book(anna, [queries.get(document.pk)])
    assert seen_by(filed, "anna") == ("Booked and in the archive.", "take-back")
    assert seen_by(filed, "maria") == ("Booked and in the archive.", "")


def test_four_chips_in_their_order_and_none_of_them_calls_unknown_payments_late(filed: World):
    maria = filed.at_company("maria", "rossi")
    with scope(maria), translation.override("it"):
        found = chips(queries.get(queries.page(Filters()).rows[0].pk))
        assert [chip.axis for chip in found] == ["transmission", "approval", "booking", "money"]
        assert "31/01/2020" in str(found[3].label)
        assert found[3].tone == "neutral"


def test_the_headline_of_a_list_is_what_is_waited_for(filed: World):
    maria, anna = filed.at_company("maria", "rossi"), filed.at_firm("anna", "bianchi")
    with scope(maria):
        document = queries.get(queries.page(Filters()).rows[0].pk)
        assert headline(document).axis == "approval"
        decide.approve(maria, document)
        assert headline(document).axis == "booking"
    with scope(anna):
        keep.book(anna, [queries.get(document.pk)])
        assert headline(queries.get(document.pk)).tone == "done"
