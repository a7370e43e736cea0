"""Lists find what people ask for, page by page, and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import queries
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import decide
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def filed(world: World) -> World:
    """Seven invoices at Rossi, one at Verdi."""
    members = {
        f"{n}.xml": papers.fatturapa(
            f"FT {n}/2026",
            day=f"2026-0{n}-15",
            net=f"{n * 100}.00",
            seller="Città Gas S.p.A." if n % 2 else "Energia Esempio S.p.A.",
            seller_id="07643520567" if n % 2 else "01234567897",
            text="Canone perché no" if n == 3 else "Fornitura",
            kind="TD04" if n == 7 else "TD01",
        )
        for n in range(1, 8)
    }
    members["v.xml"] = papers.fatturapa("V/1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    world.hand_in(world.at_firm("anna", "bianchi"), "a.zip", papers.zipped(members))
    return world


def numbers(who, **filters: object) -> list[str]:
    with scope(who):
        return [row.number for row in queries.page(Filters(**filters)).rows]


def test_the_newest_come_first_and_only_the_companys_own(filed: World):
    maria = filed.at_company("maria", "rossi")
    assert numbers(maria) == [f"FT {n}/2026" for n in (7, 6, 5, 4, 3, 2, 1)]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"party": "citta gas"}, [7, 5, 3, 1]),
        ({"party": "CITTÀ"}, [7, 5, 3, 1]),
        ({"party": "07643520567"}, [7, 5, 3, 1]),
        ({"party": "fornitura"}, []),
        ({"number": "ft3"}, [3]),
        ({"number": "3/2026"}, [3]),
        ({"number": "FT-3-2026"}, [3]),
        ({"words": "perche"}, [3]),
        ({"words": "gas canone"}, [3]),
        ({"words": "!!!"}, []),
        ({"date_from": date(2026, 3, 1), "date_to": date(2026, 4, 30)}, [4, 3]),
        ({"amount_min": Decimal("500"), "amount_max": Decimal("620")}, [5]),
        ({"view": "credit"}, [7]),
        ({"view": "to-approve", "direction": "received", "party": "energia"}, [6, 4, 2]),
        ({"direction": "issued"}, []),
        ({"sort": "-amount", "amount_min": Decimal("500")}, [6, 5]),
        ({"sort": "date"}, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_filters_find_what_they_say(filed: World, filters: dict, found: list[int]):
    assert numbers(filed.at_company("maria", "rossi"), **filters) == [f"FT {n}/2026" for n in found]


@pytest.mark.parametrize("sort", list(queries.SORTS))
def test_pages_follow_one_another_without_gap_or_repetition_and_back_again(filed: World, sort: str):
    filters = Filters(sort=sort)
    with scope(filed.at_company("maria", "rossi")):
        whole = [row.pk for row in queries.page(filters).rows]
        first = queries.page(filters, size=3)
        second = queries.page(filters, first.next, size=3)
        third = queries.page(filters, second.next, size=3)
        assert [row.pk for page in (first, second, third) for row in page.rows] == whole
        assert (first.previous, third.next) == ("", "")
        back = queries.page(filters, third.previous, size=3)
        assert [row.pk for row in back.rows] == whole[3:6]
        again = queries.page(filters, back.previous, size=3)
        assert [row.pk for row in again.rows] == whole[:3]
        assert again.previous == ""


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "eyJhIjoxfQ", "WzAsICJ4IiwgMV0"])
def test_a_damaged_cursor_begins_at_the_start(filed: World, cursor: str):
    with scope(filed.at_company("maria", "rossi")):
        assert len(queries.page(Filters(), cursor).rows) == 7


def test_neighbours_are_those_of_the_filtered_list(filed: World):
    with scope(filed.at_company("maria", "rossi")):
        rows = {row.number: row.pk for row in queries.page(Filters()).rows}
        found = queries.neighbours(queries.get(rows["FT 3/2026"]), Filters(party="citta"))
        assert (found.previous, found.next) == (rows["FT 5/2026"], rows["FT 1/2026"])


def test_filters_survive_the_way_into_the_url_and_back(filed: World):
    from django.http import QueryDict

    filters = Filters(direction="received", words="caffè & latte", amount_min=Decimal("1.5"), date_to=date(2026, 1, 2))
    assert Filters.from_query(QueryDict(filters.to_query()).dict()) == filters


def test_nonsense_in_the_url_is_left_out():
    found = Filters.from_query(
        {"direction": "up", "view": "x", "date_from": "31.12.", "amount_min": "NaN", "sort": "q"}
    )
    assert found == Filters()


@pytest.mark.parametrize(("typed", "meant"), [("1.234,50", "1234.50"), ("1,234.50", "1234.50"), ("1234,5", "1234.5")])
def test_amounts_are_understood_with_comma_and_point(typed: str, meant: str):
    assert Filters.from_query({"amount_min": typed}).amount_min == Decimal(meant)


def test_the_firm_sees_all_its_companies_and_one_by_name(filed: World):
    anna = filed.at_firm("anna", "bianchi")
    assert len(numbers(anna)) == 8
    assert numbers(anna, company=filed.companies["verdi"].slug) == ["V/1"]
    assert numbers(anna, company=filed.companies["brutaria"].slug) == []


def test_counts_are_the_lengths_of_the_lists_they_open(filed: World):
    maria = filed.at_company("maria", "rossi")
    with scope(maria):
        decide.approve(maria, queries.get(queries.page(Filters()).rows[0].pk))
        counts = queries.counts()
        for view in ("to-approve", "disputed", "to-book"):
            assert len(queries.page(Filters(view=view)).rows) == getattr(counts, view.replace("-", "_")), view
        assert (counts.to_approve, counts.to_book) == (6, 1)


def test_a_list_takes_the_same_number_of_queries_however_long_it_is(filed: World):
    maria = filed.at_company("maria", "rossi")

    def queries_for(size: int) -> int:
        with (
            scope(maria),
            CaptureQueriesContext(
                connection,
            ) as captured,
        ):
            [row.company.name for row in queries.page(Filters(), size=size).rows]
        return len(captured)

    assert queries_for(1) == queries_for(7)


def test_the_original_is_read_again_for_showing(filed: World):
    with scope(filed.at_company("maria", "rossi")):
        document = queries.get(queries.page(Filters(number="3/2026")).rows[0].pk)
        content = queries.content(document)
    assert content.reading is not None
    assert content.reading.invoice.number == "FT 3/2026"
    assert content.original.startswith(b"<?xml")


def counted(who) -> dict[str, int]:
    """What the lists really hold."""
    with scope(who):
        return {
            view.replace("-", "_"): len(queries.page(Filters(view=view)).rows)
            for view in ("to-approve", "disputed", "to-book")
        }


def told(who) -> dict[str, int]:
    """What the tally says."""
    with scope(who):
        found = queries.counts()
    return {name: getattr(found, name) for name in ("to_approve", "disputed", "to_book")}


def test_the_tally_follows_every_change_of_states(filed: World):
    from fatto.portal.documents.actions import compact
    from fatto.portal.documents.models import Tally
    from fatto.portal.flow import gate, keep
    from fatto.portal.tenancy.actor import system

    maria, anna = filed.at_company("maria", "rossi"), filed.at_firm("anna", "bianchi")
    rossi = filed.companies["rossi"]

    def agree() -> None:
        assert told(maria) == counted(maria)
        assert told(anna) == counted(anna)

    agree()
    with scope(maria):
        one, two = [queries.get(row.pk) for row in queries.page(Filters()).rows[:2]]
        decide.approve(maria, one)
        decide.dispute(maria, two, reason="not_ours")
    agree()
    with scope(anna):
        keep.book(anna, [queries.get(one.pk)])
    agree()
    for each in ("hard", "none", "soft"):
        with scope(anna):
            gate.set_gate(anna, rossi, gate=each)
        agree()
    with scope(system(filed.firms["bianchi"])) as actor:
        before = Tally.objects.count()
        assert compact(actor) < before
    agree()


def test_standings_tell_numbers_past_a_hard_gate_and_nothing_else(filed: World):
    from fatto.portal.flow import gate

    anna, rossi = filed.at_firm("anna", "bianchi"), filed.companies["rossi"]
    with scope(anna):
        gate.set_gate(anna, rossi, gate="hard")
        found = {standing.company.name: standing for standing in queries.standings()}
    assert (found["Panificio Rossi S.r.l."].to_approve, found["Panificio Rossi S.r.l."].hidden) == (7, 7)
    assert (found["Panificio Rossi S.r.l."].unconfirmed, found["Verdi Impianti S.r.l."].unconfirmed) == (0, 1)


def test_an_employees_lists_and_numbers_name_whose_they_are(world: World):
    """Row security alone would walk through the whole company to find the few."""
    elena = world.at_company("elena", "rossi")
    with scope(elena), CaptureQueriesContext(connection) as asked:
        queries.page(Filters())
        queries.counts()
    found = [each["sql"] for each in asked.captured_queries if 'FROM "documents_document"' in each["sql"]]
    assert len(found) == 2
    assert all(f'"uploaded_by_id" = {elena.only_by}' in each for each in found)
