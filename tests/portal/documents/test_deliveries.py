"""Who knows of what was handed in: the names of files tell of documents before these are seen."""

from __future__ import annotations

from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import queries
from fatto.portal.flow import gate
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Gate
from fatto.portal.tenancy.scope import scope


def names(who: Actor) -> list[str]:
    with scope(who):
        return [each.name for each in queries.deliveries()]


def test_behind_a_hard_gate_the_firm_knows_of_its_own_files_alone(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "rossi-a.xml", papers.fatturapa("FT 1"))
    firm, there = world.at_firm("anna", "bianchi"), world.at_company("anna", "rossi")
    assert names(firm) == names(there) == ["rossi-a.xml"]
    with scope(maria):
        gate.set_gate(maria, world.companies["rossi"], gate=Gate.HARD)
    world.hand_in(there, "anna-b.xml", papers.fatturapa("FT 2"))
    assert names(firm) == names(there) == ["anna-b.xml"]
    assert names(maria) == ["anna-b.xml", "rossi-a.xml"]


def test_an_accountant_of_some_companies_knows_nothing_of_files_for_all(world: World):
    """Paolo looks after Rossi alone; what Anna hands in for the whole firm names others as well."""
    anna, paolo = world.at_firm("anna", "bianchi"), world.at_firm("paolo", "bianchi")
    world.hand_in(anna, "IT00743110157_1.xml", papers.fatturapa("V 1", buyer="Verdi", buyer_id="00743110157"))
    world.hand_in(world.at_company("luca", "verdi"), "verdi.xml", papers.fatturapa("V 2", buyer_id="00743110157"))
    world.hand_in(world.at_company("maria", "rossi"), "rossi.xml", papers.fatturapa("FT 1"))
    world.hand_in(paolo, "mine.xml", papers.fatturapa("FT 2"))
    assert names(paolo) == ["mine.xml", "rossi.xml"]
    assert len(names(anna)) == 4
