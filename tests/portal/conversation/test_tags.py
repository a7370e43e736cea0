"""Tags and cost centres: written on many at once, spelled alike, and found in three languages."""

from __future__ import annotations

import pytest
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.conversation import actions
from fatto.portal.documents import queries
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import Filters
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed, Refusal
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def filed(world: World) -> World:
    members = {f"{n}.xml": papers.fatturapa(f"N-{n}", day=f"2026-10-0{n}", text="Gasolio auto") for n in range(1, 5)}
    members["v.xml"] = papers.fatturapa("V-1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    world.hand_in(world.at_firm("anna", "bianchi"), "a.zip", papers.zipped(members))
    return world


def rows(who, *numbers: str) -> list[Document]:
    with scope(who):
        return list(Document.objects.filter(number__in=numbers).order_by("number"))


def found(who, ask: str) -> str:
    with scope(who):
        return " ".join(sorted(row.number for row in queries.page(Filters(ask=ask)).rows))


def test_many_are_tagged_at_once_and_what_has_it_already_is_skipped(filed: World):
    maria = filed.at_company("maria", "rossi")
    with scope(maria):
        actions.tag(maria, rows(maria, "N-1"), add=["Auto aziendale"])
        documents = rows(maria, "N-1", "N-2", "N-3")
        done = actions.tag(maria, documents, add=["auto  AZIENDALE"])
    assert (done.count, [row.number for row, _why in done.skipped]) == (2, ["N-1"])
    assert [row.tags for row in documents] == [["Auto aziendale"]] * 3, "spelled as the first time"
    assert found(maria, 'tag:"auto aziendale"') == "N-1 N-2 N-3"
    assert found(maria, 'etichetă:"Auto Aziendale" nr:2') == "N-2"
    assert found(maria, '-etichetta:"auto aziendale"') == "N-4"
    assert found(maria, "tag:auto") == "", "a tag is meant whole"
    assert found(maria, "gasolio auto") == "N-1 N-2 N-3 N-4", "words of the invoice are as before"


def test_a_tag_that_was_taken_off_is_found_and_suggested_no_more(filed: World):
    maria = filed.at_company("maria", "rossi")
    with scope(maria):
        actions.tag(maria, rows(maria, "N-1", "N-2"), add=["car", "rome"])
        actions.tag(maria, rows(maria, "N-1"), remove=["CAR"])
        assert queries.tags() == ["car", "rome"]
        actions.tag(maria, rows(maria, "N-2"), remove=["car"])
        assert queries.tags() == ["rome"]
        assert queries.tags("ro") == ["rome"]
    assert found(maria, "tag:car") == ""
    assert found(maria, "tag:rome") == "N-1 N-2"
    assert found(maria, "gasolio") == "N-1 N-2 N-3 N-4"
    with scope(maria):
        last = trail.of_document(filed.companies["rossi"].pk, rows(maria, "N-2")[0].pk)[-1]
    assert (last.verb, last.data) == ("tagged", {"added": [], "removed": ["car"]})


def test_the_firm_tags_over_its_companies_and_each_keeps_its_own_spelling(filed: World):
    anna, luca = filed.at_firm("anna", "bianchi"), filed.at_company("luca", "verdi")
    with scope(luca):
        actions.tag(luca, rows(luca, "V-1"), add=["AUTO"])
    with scope(anna):
        done = actions.tag(anna, rows(anna, "N-1", "V-1"), add=["auto"])
        assert [row.number for row in done.documents] == ["N-1"]
    assert found(anna, "tag:auto") == "N-1 V-1"
    assert [row.tags for row in rows(anna, "N-1", "V-1")] == [["auto"], ["AUTO"]]
    with scope(filed.at_company("maria", "rossi")):
        assert queries.tags() == ["auto"]


@pytest.mark.parametrize("tag", ["", " ", "!?", "x" * 41])
def test_a_tag_is_a_word_of_bounded_length(filed: World, tag: str):
    maria = filed.at_company("maria", "rossi")
    with scope(maria), pytest.raises(actions.NoTag):
        actions.tag(maria, rows(maria, "N-1"), add=[tag])


def test_a_document_has_at_most_twenty_tags(filed: World):
    maria = filed.at_company("maria", "rossi")
    with scope(maria):
        actions.tag(maria, rows(maria, "N-1"), add=[f"t{n}" for n in range(20)])
        done = actions.tag(maria, rows(maria, "N-1", "N-2"), add=["more"])
    assert ([row.number for row in done.documents], len(done.skipped)) == (["N-2"], 1)


def test_those_who_neither_decide_nor_book_do_not_tag(filed: World):
    sara = filed.at_company("sara", "rossi")
    with scope(sara), pytest.raises(NotAllowed):
        actions.tag(sara, rows(sara, "N-1"), add=["x"])


def test_a_cost_centre_is_chosen_from_the_list_and_found_by_code_or_name(filed: World):
    maria, paolo = filed.at_company("maria", "rossi"), filed.at_company("paolo", "rossi")
    rossi = filed.companies["rossi"]
    with scope(maria):
        actions.save_center(maria, rossi, code="RM-01", name="Sede di Roma")
        actions.save_center(maria, rossi, code="MI-01", name="Milano")
        actions.save_center(maria, rossi, code="rm-01", name="Roma, sede")
    with scope(paolo):
        documents = rows(paolo, "N-1", "N-2")
        assert actions.set_center(paolo, documents, code="rm-01").count == 2
        actions.set_center(paolo, rows(paolo, "N-3"), code="MI-01")
        with pytest.raises(actions.NoCenter):
            actions.set_center(paolo, rows(paolo, "N-3"), code="TO-01")
        with pytest.raises(NotAllowed):
            actions.save_center(paolo, rossi, code="X")
    assert [row.cost_center for row in documents] == ["RM-01", "RM-01"]
    for ask in ("center:rm-01", "centro:roma", 'centru:"sede roma"', "cdc:RM01"):
        assert found(maria, ask) == "N-1 N-2", ask
    with scope(paolo):
        actions.set_center(paolo, rows(paolo, "N-1"), code="")
    assert found(maria, "center:roma") == "N-2"
    assert found(maria, "-center:roma -center:mi-01") == "N-1 N-4"


def test_a_retired_cost_centre_stays_on_documents_and_is_chosen_no_more(filed: World):
    maria, rossi = filed.at_company("maria", "rossi"), filed.companies["rossi"]
    with scope(maria):
        actions.save_center(maria, rossi, code="A", name="Alfa")
        actions.set_center(maria, rows(maria, "N-1"), code="A")
        actions.save_center(maria, rossi, code="A", name="Alfa", active=False)
        with pytest.raises(Refusal):
            actions.set_center(maria, rows(maria, "N-2"), code="A")
        assert queries.centers(rossi) == []
        assert [each.code for each in queries.centers(rossi, also="A")] == ["A"]
    assert found(maria, "center:alfa") == "N-1"
    assert rows(maria, "N-1")[0].cost_center == "A"
