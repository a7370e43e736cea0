"""The search language finds in the list what it says, alone and together with the filter panel."""

from __future__ import annotations

import importlib
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.postgres.search import SearchVector
from django.db import connection
from django.db.models import Value
from django.test.utils import CaptureQueriesContext
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import queries
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import decide, keep
from fatto.portal.tenancy.scope import scope

END = b"</FatturaElettronicaBody>"
ENCLOSED = b"<Allegati><NomeAttachment>a.txt</NomeAttachment><Attachment>aGVsbG8=</Attachment></Allegati>"


@pytest.fixture
def filed(world: World) -> World:
    """Six invoices received at Rossi, a seventh issued, one at Verdi."""
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    members = {
        f"{n}.xml": papers.fatturapa(
            f"FT {n}/2026",
            day=f"2026-0{n}-15",
            due=f"2026-0{n + 1}-15",
            net=f"{n * 500}.00",
            seller="Città Gas S.p.A." if n % 2 else "Energia Esempio S.p.A.",
            seller_id="07643520567" if n % 2 else "01234567897",
            text="Canone di ottobre, perché no" if n == 3 else "Fornitura",
            kind="TD04" if n == 6 else "TD01",
        )
        for n in range(1, 7)
    }
    members["2.xml"] = members["2.xml"].replace(END, ENCLOSED + END)
    members["5.xml"] = members["5.xml"].replace(b"IT60X0542811101000000123456", b"DE89370400440532013000")
    members["7.xml"] = papers.fatturapa(
        "R/7",
        day="2026-07-15",
        seller="Panificio Rossi S.r.l.",
        seller_id="12345678903",
        buyer="Energia Esempio S.p.A.",
        buyer_id="01234567897",
    )
    members["v.xml"] = papers.fatturapa("V/1", day="2026-08-01", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    world.hand_in(anna, "a.zip", papers.zipped(members))
    with scope(maria):
        decide.approve(maria, Document.objects.get(number="FT 1/2026"))
        decide.dispute(maria, Document.objects.get(number="FT 4/2026"), reason="wrong_amount")
    with scope(anna):
        keep.book(anna, [Document.objects.get(number="FT 1/2026")])
    return world


def found(who, ask: str, **filters: object) -> str:
    """The digits of the numbers that a question finds."""
    with scope(who):
        rows = queries.page(Filters(ask=ask, sort="date", **filters)).rows
    return " ".join(row.number.removeprefix("FT ").removesuffix("/2026") for row in rows)


@pytest.mark.parametrize(
    ("ask", "numbers"),
    [
        ("", "1 2 3 4 5 6 R/7"),
        ("energia", "2 4 6 R/7"),
        ("citta forn", "1 5"),
        ("-energia", "1 3 5"),
        ("gas -canone", "1 5"),
        ('"canone di ottobre"', "3"),
        ('"di canone"', ""),
        ('-"canone di ottobre" gas', "1 5"),
        ("fornitore:energia", "2 4 6"),
        ("furnizor:energia", "2 4 6"),
        ("cliente:energia", "R/7"),
        ("party:energia", "2 4 6 R/7"),
        ("-supplier:energia", "1 3 5 R/7"),
        ("supplier:canone", ""),
        ("nr:ft3", "3"),
        ("numero:3/2026", "3"),
        ("-nr:3/2026 supplier:gas", "1 5"),
        ("vat:IT07643520567", "1 3 5"),
        ("piva:07643520567", "1 3 5"),
        ("cui:0764352", "1 3 5"),
        ("vat:RO07643520567", ""),
        ("vat:energia", ""),
        ("iban:IT60", "1 2 3 4 6 R/7"),
        ('iban:"de89 3704"', "5"),
        ("iban:fornitura", ""),
        ("-iban:it60x", "5"),
        ("DE89370400440532013000", "5"),
        ("importo:>1220", "3 4 5"),
        ("amount:>=1220", "2 3 4 5"),
        ("amount:610..1220", "1 2"),
        ("sumă:<0", "6"),
        ("amount:1220", "2"),
        ("-amount:>0", "6"),
        ("data:2026-03", "3"),
        ("date:2026-03-15..2026-05", "3 4 5"),
        ("date:>2026-05", "6 R/7"),
        ("-date:2026-02..2026-06", "1 R/7"),
        ("scadenza:2026-05", "4"),
        ("due:<=2026-03-15", "1 2"),
        ("received:today", "1 2 3 4 5 6 R/7"),
        ("received:<1d", "1 2 3 4 5 6 R/7"),
        ("received:>1d", ""),
        ("received:yesterday", ""),
        ("is:to-approve", "2 3 5 6"),
        ("stato:contestata", "4"),
        ("stare:înregistrată", "1"),
        ("is:unbooked is:disputed", "4"),
        ("-is:to-approve", "1 4 R/7"),
        ("is:credit", "6"),
        ("is:excluded", ""),
        ("has:attachment", "2"),
        ("-con:allegato direction:received", "1 3 4 5 6"),
        ("tipo:emesse", "R/7"),
        ("-direction:issued canone", "3"),
        ("channel:upload", "1 2 3 4 5 6 R/7"),
        ("-channel:upload", ""),
        ("by:anna", "1 2 3 4 5 6 R/7"),
        ("by:example.org", ""),
        ("by:me", ""),
        ("foo:canone", ""),
        ("CIG:ottobre", ""),
        ("fornitore:energia importo:>1000 -stato:contestata", "2"),
        ("' or 1=1 -- & | ! <-> :* \\", ""),
    ],
)
def test_a_question_finds_what_it_says(filed: World, ask: str, numbers: str):
    assert found(filed.at_company("maria", "rossi"), ask) == numbers


def test_what_was_not_understood_is_looked_for_as_words(filed: World):
    world = filed
    data = papers.fatturapa("C/1", text="Servizio CIG Z12AB34")
    world.hand_in(world.at_firm("anna", "bianchi"), "c.xml", data)
    maria = world.at_company("maria", "rossi")
    assert found(maria, "CIG:Z12AB34") == "C/1"
    assert "C/1" not in found(maria, "-CIG:Z12AB34")


def test_question_and_panel_limit_together(filed: World):
    maria = filed.at_company("maria", "rossi")
    assert found(maria, "-is:disputed", party="energia", date_to=date(2026, 6, 30)) == "2 6"
    assert found(maria, "importo:<2000", amount_min=Decimal(1220), words="gas") == "3"


def test_a_firm_asks_for_a_company_by_its_name(filed: World):
    anna = filed.at_firm("anna", "bianchi")
    assert found(anna, "azienda:verdi") == "V/1"
    assert found(anna, "company:00743110157") == "V/1"
    assert found(anna, "-companie:rossi") == "V/1"
    assert found(anna, "company:brutaria") == ""
    assert found(anna, "company:s.r.l. is:booked") == "1"
    assert found(filed.at_company("maria", "rossi"), "company:verdi") == ""


def test_by_me_is_whoever_reads(filed: World):
    assert found(filed.at_firm("anna", "bianchi"), "da:io azienda:verdi") == "V/1"


def test_the_words_of_a_question_enter_the_index_once(filed: World):
    with (
        scope(filed.at_company("maria", "rossi")),
        CaptureQueriesContext(
            connection,
        ) as seen,
    ):
        list(queries._rows(Filters(ask='fornitore:energia nr:4 iban:it60 "fornitura" -gas')))
    (sql,) = [each["sql"] for each in seen.captured_queries if "documents_document" in each["sql"]]
    assert sql.count("@@") == 2, "one for what is wanted, one for what is not"


def test_questions_survive_the_way_into_the_url_and_back():
    from django.http import QueryDict

    filters = Filters(ask='fornitore:"A & B" importo:>1000 -stato:contestata', direction="received")
    assert Filters.from_query(QueryDict(filters.to_query()).dict()) == filters


def test_documents_from_before_are_found_by_account_and_attachment_after_the_migration(filed: World):
    migration = importlib.import_module("fatto.portal.documents.migrations.0005_find_by_account")
    maria = filed.at_company("maria", "rossi")
    with scope(maria):
        Document.objects.update(words=SearchVector(Value("fornitura"), config="simple"), attachments=0)
    assert found(maria, "iban:DE89") == found(maria, "has:attachment") == found(maria, "vat:IT07643520567") == ""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(migration.FILL)
    assert found(maria, "iban:DE89") == "5"
    assert found(maria, "has:attachment") == "2"
    assert found(maria, "vat:IT07643520567") == "1 3 5"
    with scope(maria):
        assert queries.counts().to_approve == 4


def test_parties_are_suggested_by_the_beginnings_of_their_words(filed: World):
    with scope(filed.at_company("maria", "rossi")):
        assert queries.parties("es ene") == ["Energia Esempio S.p.A."]
        assert queries.parties("citta") == ["Città Gas S.p.A."]
        assert queries.parties("c") == queries.parties("") == queries.parties("canone") == []
    with scope(filed.at_company("luca", "verdi")):
        assert queries.parties("citta") == []
