"""The desk and the viewer on real files: lists, filters, faces of a document, deeds without script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents.models import Document

Login = Callable[[str], Client]


@pytest.fixture
def received(world: World) -> Document:
    """An invoice that Rossi received."""
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "IT01234567897_1.xml", papers.fatturapa("FT 12/A"))
    return world.document(anna, company=world.companies["rossi"])


def at(world: World, path: str = "documents/", company: str = "rossi") -> str:
    return f"/c/{world.companies[company].slug}/{path}"


def test_the_list_shows_what_a_company_has_and_opens_it(world: World, login: Login, received: Document):
    page = login("maria").get(at(world)).content.decode()
    assert "Energia Esempio S.p.A." in page
    assert "FT 12/A" in page
    assert at(world, f"documents/{received.pk}/") in page
