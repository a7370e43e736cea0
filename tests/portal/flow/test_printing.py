"""An invoice of a hundred thousand lines is shown, and takes no server down."""

from __future__ import annotations

from types import SimpleNamespace
from unittest import mock

import pytest
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import queries
from fatto.portal.flow import printing


def test_an_invoice_with_too_many_lines_for_paper_says_so(world: World, monkeypatch: pytest.MonkeyPatch):
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa())
    content = queries.content(world.document(world.at_company("maria", "rossi")))
    assert printing.printable(content)
    assert printing.pdf(content, "en").startswith(b"%PDF")
    monkeypatch.setattr(printing, "MOST", 0)
    assert not printing.printable(content)
    with pytest.raises(printing.TooLong) as refused:
        printing.pdf(content, "en")
    assert "1 line, too many" in str(refused.value.message)


def test_long_ones_are_set_one_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch):
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa())
    content = queries.content(world.document(world.at_company("maria", "rossi")))
    monkeypatch.setattr(printing, "LONG", 1)
    held = []
    setting = SimpleNamespace(pdf=lambda *args, **kwargs: held.append(printing._one_at_a_time.locked()) or b"")
    with mock.patch.object(printing, "render", setting):
        printing.pdf(content, "en")
    assert held == [True]
    assert not printing._one_at_a_time.locked()
