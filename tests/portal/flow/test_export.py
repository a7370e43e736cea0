"""A list as a file: exactly the list, real dates and amounts, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import etree
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents.queries import Filters
from fatto.portal.flow import decide, export
from fatto.portal.flow.export import Export
from fatto.portal.tenancy.scope import scope

ROME = ZoneInfo("Europe/Rome")
NS = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture
def filed(world: World) -> World:
    members = {
        f"{n}.xml": papers.fatturapa(
            f"FT {n}",
            day=f"2026-0{n}-15",
            net=f"{n * 100}.50",
            seller='=HYPERLINK("http://x";"y")' if n == 2 else "Energia Esempio; S.p.A.",
            kind="TD04" if n == 3 else "TD01",
        )
        for n in range(1, 6)
    }
    world.hand_in(world.at_firm("anna", "bianchi"), "a.zip", papers.zipped(members))
    return world


def wanted(who, language: str = "it", **filters: object) -> Export:
    return Export(actor=who, filters=Filters(**filters), language=language, zone=ROME)


def table(wanted: Export, delimiter: str = ";") -> list[dict[str, str]]:
    data = b"".join(export.csv(wanted))
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=delimiter))


def workbook(wanted: Export) -> tuple[list[str], list[list[object]], bytes]:
    """Names of sheets, cells of the first sheet (texts as text, the rest as numbers), and its XML."""
    with zipfile.ZipFile(io.BytesIO(b"".join(export.xlsx(wanted)))) as archive:
        names = etree.fromstring(archive.read("xl/workbook.xml")).xpath("//s:sheet/@name", namespaces=NS)
        sheet = archive.read("xl/worksheets/sheet1.xml")
    rows = [
        [
            "".join(cell.itertext()) if cell.get("t") == "inlineStr" else float(cell.findtext("s:v", None, NS) or 0)
            for cell in row.iterfind("s:c", NS)
        ]
        for row in etree.fromstring(sheet).iterfind(".//s:row", NS)
    ]
    return names, rows, sheet


def test_csv_holds_exactly_the_filtered_list_in_its_order(filed: World):
    rows = table(wanted(filed.at_company("maria", "rossi"), "en", ask="amount:>200", sort="amount"), ",")
    assert [row["Number"] for row in rows] == ["FT 2", "FT 4", "FT 5"]
    assert rows[0] | {"Received": "", "File": ""} == {
        "Direction": "Received",
        "Document date": "2026-02-15",
        "Received": "",
        "Party": '\'=HYPERLINK("http://x";"y")',
        "Tax number": "IT01234567897",
        "Number": "FT 2",
        "Document type": "TD01",
        "Amount": "244.61",
        "Currency": "EUR",
        "Due date": "2026-11-04",
        "Transmission": "Received",
        "Approval": "To approve",
        "Decided by": "",
        "Decided on": "",
        "Decided on the bytes (SHA-256)": "",
        "Booking": "To book",
        "Official check": "Nothing found",
        "Tags": "",
        "Cost centre": "",
        "Comments": "",
        "File": "",
    }


def test_who_decided_when_and_on_which_bytes_is_printed_beside_the_approval(filed: World):
    maria = filed.at_company("maria", "rossi")
    first, second, third = (filed.document(maria, number=f"FT {n}") for n in (1, 2, 4))
    with scope(maria):
        decide.approve(maria, first)
        decide.dispute(maria, second, reason="duplicate")
        decide.approve(maria, third)
        decide.undo(maria, filed.document(maria, number="FT 4"))
    rows = {row["Number"]: row for row in table(wanted(maria, "en"), ",")}
    for number, document in (("FT 1", first), ("FT 2", second)):
        assert rows[number]["Decided by"] == "Maria"
        assert rows[number]["Decided on"]
        assert rows[number]["Decided on the bytes (SHA-256)"] == document.data_sha256
    assert rows["FT 4"]["Decided by"] == "", "a decision that was taken back is none"
    chosen = Export(actor=maria, filters=Filters(), language="en", zone=ROME, names=("number", "approval"))
    assert list(table(chosen, ",")[0]) == [
        "Number", "Approval", "Decided by", "Decided on", "Decided on the bytes (SHA-256)"
    ]  # fmt: skip


def test_csv_speaks_the_readers_language(filed: World):
    first = b"".join(export.csv(wanted(filed.at_company("maria", "rossi")))).decode("utf-8-sig").splitlines()
    assert first[0].split(";")[0] == "Tipo"
    assert any('"Energia Esempio; S.p.A."' in line and ";-366,61;" in line and ";15/03/2026;" in line for line in first)
    romanian = b"".join(export.csv(wanted(filed.at_company("maria", "rossi"), "ro"))).decode()
    assert ";15.03.2026;" in romanian


@pytest.mark.parametrize("text", ["=1+1", "+39 02", "-5", "@SUM(A1)", "\t=1", " =1", "＝1", "\r\n=1"])
def test_no_text_begins_a_formula(text: str):
    assert export.plain(text, "en") == f"'{text}"


def test_a_workbook_has_real_dates_and_amounts_and_texts_that_stay_texts(filed: World):
    names, rows, xml = workbook(wanted(filed.at_company("maria", "rossi"), "en", sort="date"))
    assert names == ["Documents"]
    assert len(rows) == 6
    place = {label: n for n, label in enumerate(rows[0])}
    assert [row[place["Amount"]] for row in rows[1:]] == [122.61, 244.61, -366.61, 488.61, 610.61]
    assert rows[1][place["Document date"]] == (date(2026, 1, 15) - date(1899, 12, 30)).days
    assert rows[2][place["Party"]] == '=HYPERLINK("http://x";"y")'
    assert b"<f>" not in xml
    assert b"hyperlink" not in xml


def test_a_long_list_is_read_page_by_page_and_continues_on_another_sheet(filed: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(export, "PAGE", 2)
    monkeypatch.setattr(export, "SHEET", 3)
    maria = filed.at_company("maria", "rossi")
    with CaptureQueriesContext(connection) as seen:
        names, rows, _ = workbook(wanted(maria, "en", sort="date"))
    assert (names, len(rows)) == (["Documents", "Documents 2"], 4)
    lists = [each["sql"] for each in seen.captured_queries if 'FROM "documents_document"' in each["sql"]]
    assert len(lists) == 3
    assert [row["Number"] for row in table(wanted(maria, "en", sort="date"), ",")] == [f"FT {n}" for n in range(1, 6)]


def test_an_empty_list_is_a_file_with_headings(filed: World):
    maria = filed.at_company("maria", "rossi")
    assert table(wanted(maria, ask="nulla")) == []
    assert len(workbook(wanted(maria, ask="nulla"))[1]) == 1


def test_the_file_holds_nobody_elses_documents(filed: World):
    filed.hand_in(filed.at_company("elena", "rossi"), "e.xml", papers.fatturapa("OWN 1"))
    assert [row["Numero"] for row in table(wanted(filed.at_company("elena", "rossi")))] == ["OWN 1"]
    assert table(wanted(filed.at_company("luca", "verdi"))) == []
    assert {row["Azienda"] for row in table(wanted(filed.at_firm("anna", "bianchi")))} == {"Panificio Rossi S.r.l."}


def test_what_a_hard_gate_hides_is_in_no_file_even_when_it_closes_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    ioana, mihai = world.at_firm("ioana", "dunarea"), world.at_company("mihai", "brutaria")
    days = [str(date(2026, 10, 1) + timedelta(days=n)) for n in range(3)]
    world.hand_in(ioana, "a.zip", papers.zipped({f"{n}.xml": papers.ubl(f"F{n}", day=days[n]) for n in range(3)}))
    assert table(wanted(ioana)) == []
    for n in range(3):
        document = world.document(mihai, number=f"F{n}")
        with scope(mihai):
            decide.approve(mihai, document)
    monkeypatch.setattr(export, "PAGE", 1)
    pages = wanted(ioana, sort="date").rows()
    assert len(next(pages)) == 1
    document = world.document(mihai, number="F1")
    with scope(mihai):
        decide.undo(mihai, document)
    assert [cells[0][6] for cells in pages] == ["F2"]
