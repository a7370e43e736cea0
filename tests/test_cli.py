"""`fatto open`, `read`, `render` as people and scripts call them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from fatto import cli

SAMPLES = Path(__file__).parent / "samples" / "ro"
INVOICE = SAMPLES / "a01_standard_21.xml"
MESSAGE = SAMPLES / "messages" / "made_3100000001_received_invoice.zip"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[dict[str, Any]]]:
    """A command with --json: its exit code and its lines."""
    code = cli.main([*map(str, arguments), "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_read_prints_one_object_for_each_invoice(capsys: pytest.CaptureFixture[str]) -> None:
    code, (line,) = run(capsys, "read", INVOICE)
    assert code == 0
    assert list(line) == ["file", "member", "index", "format", "invoice", "findings"]
    assert (line["file"], line["member"], line["index"], line["format"]) == (str(INVOICE), None, 0, "ubl-invoice")
    invoice = line["invoice"]
    assert invoice["number"] == "PV-2026-000123"
    assert invoice["seller"]["name"] == "PEPINIERA VERDE SRL"
    assert invoice["seller"]["vat_id"] == "RO185472903"
    assert invoice["totals"]["payable"] == "1694.00"
    assert [each["net"] for each in invoice["lines"]]
    assert line["findings"] == []


def test_read_names_the_member_and_reports_what_is_no_invoice(capsys: pytest.CaptureFixture[str]) -> None:
    code, (invoice, seal) = run(capsys, "read", MESSAGE)
    assert code == 1
    assert invoice["member"] == "5100000001.xml"
    assert seal == {
        "file": str(MESSAGE),
        "member": "semnatura_5100000001.xml",
        "error": {"code": "not-an-invoice", "message": seal["error"]["message"], "notice": "ro-seal"},
    }
    assert "seal" in seal["error"]["message"]


def test_findings_carry_their_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    code, (line,) = run(capsys, "read", SAMPLES / "no_namespaces.xml")
    assert code == 0
    (finding,) = line["findings"]
    assert (finding["code"], finding["severity"], finding["line"]) == ("wrong-namespace", "warning", 2)
    assert "urn:oasis" in finding["message"]
    assert "{" not in finding["message"]


def test_check_prints_the_verdict_and_says_by_its_code_whether_all_are_accepted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good = Path(__file__).parent / "rules" / "bases" / "full-ubl.xml"
    code, (line,) = run(capsys, "check", good)
    assert (code, line["accepted"], line["findings"]) == (0, True, [])
    assert line["sets"]["cius-ro"] == {"version": "1.0.9", "applies_from": "2024-06-05", "fired": {}}
    bad = tmp_path / "bad.xml"
    bad.write_bytes(good.read_bytes().replace(b">192.00<", b">193.00<"))
    code, lines = run(capsys, "check", good, bad)
    assert (code, [each["accepted"] for each in lines]) == (1, [True, False])
    assert lines[1]["sets"]["en16931-ubl"]["fired"] == {"BR-CO-15": "fatal", "BR-CO-16": "fatal"}
    finding = lines[1]["findings"][0]
    assert (finding["code"], finding["found"], finding["expected"]) == ("BR-CO-15", "193.00", "192.00")
    assert cli.main(["check", str(bad)]) == 1
    assert "BR-CO-15" in capsys.readouterr().out
    picture = tmp_path / "scan.pdf"
    picture.write_bytes(b"%PDF-1.7\n%%EOF")
    assert run(capsys, "check", picture)[0] == 2


BASE = Path(__file__).parent / "rules" / "bases" / "full-ubl.xml"
WRONG = BASE.read_bytes().replace(b">192.00<", b">1193.00<")
KEYS = ["code", "severity", "set", "path", "line", "found", "expected", "message", "fix"]


def test_a_finding_of_check_has_always_the_same_keys(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad, broken, disordered = tmp_path / "bad.xml", tmp_path / "broken.xml", tmp_path / "disordered.xml"
    bad.write_bytes(WRONG)
    broken.write_bytes(b"<Invoice><ID>")
    disordered.write_bytes(BASE.read_bytes().replace(b"cbc:IssueDate>", b"cbc:IssuedOn>"))
    code, lines = run(capsys, "check", bad, broken, disordered)
    assert code == 1
    assert [line["accepted"] for line in lines] == [False, False, False]
    keys = ["file", "member", "index", "accepted", "structure", "sets", "findings", "not_checked_here"]
    assert all(list(line) == keys for line in lines)
    for line in lines:
        assert line["findings"]
        assert all(list(finding) == KEYS for finding in (*line["findings"], *line["structure"]))
        assert all(finding["message"] and finding["fix"] for finding in line["findings"])
    assert lines[0]["structure"] == []
    assert lines[1]["structure"] == lines[1]["findings"]
    assert lines[2]["sets"] == {}


def test_check_tells_people_what_is_wrong_and_what_to_do_in_their_language(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.xml"
    bad.write_bytes(WRONG)
    assert cli.main(["check", str(bad)]) == 1
    out = capsys.readouterr().out
    assert "errors: 2" in out
    assert "the invoice says 1,193.00" in out
    assert "→ Enter 192.00" in out
    assert "BR-CO-15 · /Invoice/cac:LegalMonetaryTotal · line" in out
    for language in ("it", "ro"):
        cli.main(["check", str(bad), "--lang", language])
        out = capsys.readouterr().out
        assert "1.193,00" in out
        assert "→ Enter" not in out


def test_the_same_finding_at_many_places_is_said_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.xml"
    text = BASE.read_text()
    begin, end = text.index("<cac:InvoiceLine>"), text.rindex("</cac:InvoiceLine>") + len("</cac:InvoiceLine>")
    line = text[begin : text.index("</cac:InvoiceLine>") + len("</cac:InvoiceLine>")]
    line = line.replace("<cbc:Name>", "<cbc:Name> <!--", 1).replace("</cbc:Name>", "--></cbc:Name>", 1)
    bad.write_text(text[:begin] + line * 12 + text[end:])
    cli.main(["check", str(bad)])
    out = capsys.readouterr().out
    assert out.count("The name of an item (BT-153) is missing.") == 1
    assert "Invoice line 5" in out
    assert "Invoice line 6" not in out
    assert "and 7 places more" in out


def test_check_judges_fatturapa_and_what_lies_in_archives(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    italian = Path(__file__).parent / "samples" / "it" / "td01_simple.xml"
    box = tmp_path / "box.zip"
    with zipfile.ZipFile(box, "w") as file:
        file.writestr("right.xml", italian.read_bytes())
        file.writestr("wrong.xml", italian.read_bytes().replace(b"<Divisa>EUR</Divisa>", b"<Divisa>euro</Divisa>"))
    code, (right, wrong) = run(capsys, "check", box, "--lang", "it")
    assert (code, right["member"], wrong["member"]) == (1, "right.xml", "wrong.xml")
    assert (right["accepted"], set(right["sets"])) == (True, {"sdi", "fatto"})
    assert not wrong["accepted"]
    assert [(each["code"], each["set"]) for each in wrong["structure"]] == [("00200", "structure")]
    assert "maiuscole" in wrong["structure"][0]["message"]


def test_check_looks_at_the_file_as_it_would_be_sent(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    invoice = (Path(__file__).parent / "samples" / "it" / "td01_simple.xml").read_bytes()
    public = invoice.replace(b'versione="FPR12"', b'versione="FPA12"').replace(b">FPR12<", b">FPA12<")
    public = public.replace(b">ABC1234<", b">ABC123<")
    right, wrong = tmp_path / "IT01234567897_00001.xml", tmp_path / "public.xml"
    right.write_bytes(invoice)
    wrong.write_bytes(public)
    code, lines = run(capsys, "check", right, wrong)
    assert (code, [line["accepted"] for line in lines]) == (0, [True, True])
    assert lines[0]["sets"]["sdi"]["fired"] == {}
    assert lines[1]["sets"]["sdi"]["fired"] == {"00001": "warning", "00102": "warning"}
    assert [each["found"] for each in lines[1]["findings"] if each["code"] == "00001"] == ["public.xml"]
    assert "00404" in lines[0]["not_checked_here"]
    cli.main(["check", str(right)])
    assert "only the authority can: 00002, 00100" in capsys.readouterr().err


def test_a_lot_has_a_line_for_each_of_its_invoices(capsys: pytest.CaptureFixture[str]) -> None:
    lot = Path(__file__).parent / "samples" / "it" / "lot_of_three.xml"
    _, lines = run(capsys, "check", lot)
    assert [line["index"] for line in lines] == [0, 1, 2]
    assert all(line["sets"] == lines[0]["sets"] for line in lines)


def test_an_official_message_beside_an_invoice_is_no_failure_of_check(capsys: pytest.CaptureFixture[str]) -> None:
    code, (invoice, seal) = run(capsys, "check", MESSAGE)
    assert code == 0
    assert invoice["accepted"]
    assert seal["error"]["notice"] == "ro-seal"


def test_what_is_no_invoice_makes_check_end_with_two(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    other, note = tmp_path / "other.xml", tmp_path / "note.xml"
    other.write_bytes(b"<html xmlns='urn:x'><body/></html>")
    note.write_bytes(b"just words")
    code, lines = run(capsys, "check", BASE, other, note, tmp_path / "nowhere.xml")
    assert code == 2
    assert [line.get("accepted") for line in lines] == [True, None, None, None]
    assert all(line["error"]["message"] for line in lines[1:])


def test_read_walks_folders_in_order_and_passes_over_what_is_no_document(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "b" / "2.xml").write_bytes(INVOICE.read_bytes())
    (tmp_path / "a.xml").write_bytes(INVOICE.read_bytes())
    (tmp_path / ".hidden" / "c.xml").write_bytes(b"broken")
    (tmp_path / ".c.xml").write_bytes(b"broken")
    (tmp_path / "notes.md").write_text("notes")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "scan.jpg").write_bytes(b"\xff\xd8\xff\xe0 scan")
    code, lines = run(capsys, "read", tmp_path)
    assert code == 0
    assert [line["file"] for line in lines] == [str(tmp_path / "a.xml"), str(tmp_path / "b" / "2.xml")]


def test_a_file_that_should_be_an_invoice_is_reported_even_in_a_folder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.xml").write_bytes(b"not XML at all")
    (tmp_path / "b.xml").write_bytes(b"")
    code, lines = run(capsys, "read", tmp_path)
    assert code == 1
    assert [line["error"]["code"] for line in lines] == ["not-xml", "empty"]


def test_a_named_file_is_reported_whatever_it_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("notes")
    code, (line,) = run(capsys, "read", tmp_path / "notes.md")
    assert code == 1
    assert line["error"]["code"] == "not-xml"


def test_a_path_that_is_not_there_is_a_clear_line_and_the_rest_goes_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, (missing, found) = run(capsys, "read", tmp_path / "none.xml", INVOICE)
    assert code == 1
    assert (missing["member"], missing["error"]["code"]) == (None, "no-such-file")
    assert found["invoice"]["number"] == "PV-2026-000123"


def test_names_that_are_no_utf8_do_not_stop_the_output(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"factur\xe3.xml")
    with open(path, "wb") as file:
        file.write(INVOICE.read_bytes())
    code, (line,) = run(capsys, "read", tmp_path)
    assert code == 0
    assert line["file"].endswith("factur�.xml")


def test_for_people_a_line_an_invoice_and_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", str(INVOICE), str(SAMPLES / "messages"), "--lang", "ro"]) == 1
    captured = capsys.readouterr()
    assert "10.09.2026" in captured.out
    assert "1.694,00 RON" in captured.out
    assert "semnatura_5100000001.xml" in captured.err


def test_open_lists_layers_and_extracts_without_overwriting(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "out"
    for expected in ("5100000001.xml", "5100000001 (2).xml"):
        code, (first, _seal) = run(capsys, "open", MESSAGE, "--extract", target)
        assert code == 0
        assert (first["kind"], first["peeled"], first["size"]) == ("xml", ["zip"], 6522)
        assert Path(first["written"]) == target / expected
        assert (target / expected).stat().st_size == 6522
    assert len(list(target.iterdir())) == 4


def test_open_never_writes_outside_the_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../escaped.xml", b"<a/>")
        archive.writestr("link/inside.xml", b"<a/>")
    (tmp_path / "evil.zip").write_bytes(packed.getvalue())
    target, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    target.mkdir()
    elsewhere.mkdir()
    (target / "link").symlink_to(elsewhere)
    with pytest.raises(SystemExit):
        cli.main(["open", str(tmp_path / "evil.zip"), "--extract", str(target)])
    assert list(elsewhere.iterdir()) == []
    assert not (tmp_path / "escaped.xml").exists()


def test_render_writes_a_page_and_a_pdf(tmp_path: Path) -> None:
    page, paper = tmp_path / "a.html", tmp_path / "a.pdf"
    assert cli.main(["render", str(MESSAGE), "--html", str(page), "--pdf", str(paper), "--lang", "ro"]) == 0
    assert "PEPINIERA VERDE SRL" in page.read_text()
    assert paper.read_bytes().startswith(b"%PDF-")


def test_render_chooses_by_member_and_says_when_there_is_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "a.html"
    assert cli.main(["render", str(MESSAGE), "--html", str(out), "--member", "5100000001.xml"]) == 0
    out.unlink()
    assert cli.main(["render", str(MESSAGE), "--html", str(out), "--member", "semnatura_5100000001.xml"]) == 1
    assert "seal" in capsys.readouterr().err
    assert cli.main(["render", str(INVOICE), "--html", str(out), "--index", "3"]) == 1
    assert cli.main(["render", str(INVOICE)]) == 2
    assert not out.exists()


def test_render_tells_when_it_chose_itself(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    packed = tmp_path / "two.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(INVOICE, "1.xml")
        archive.write(SAMPLES / "a08_credit_note_381.xml", "2.xml")
    assert cli.main(["render", str(packed), "--html", str(tmp_path / "a.html")]) == 0
    assert "--member" in capsys.readouterr().err
    assert "PV-2026-000123" in (tmp_path / "a.html").read_text()


def test_without_arguments_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    assert "render" in capsys.readouterr().out


class Point:
    """An entry point as importlib gives it."""

    def __init__(self, name: str, load: Any) -> None:
        self.name = name
        self.load = load


def _offer(monkeypatch: pytest.MonkeyPatch, *points: Point) -> None:
    monkeypatch.setattr(cli, "entry_points", lambda group: points)


def _broken() -> EntryPoint:
    raise ImportError("No module named 'django'")


def test_other_distributions_add_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    def register(commands: Any) -> None:
        command = commands.add_parser("greet")
        command.set_defaults(run=lambda arguments: 7)

    _offer(monkeypatch, Point("broken", _broken), Point("greeting", lambda: register))
    assert cli.main(["greet"]) == 7


def test_a_broken_extra_does_not_break_reading(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _offer(monkeypatch, Point("portal", _broken))
    assert cli.main(["read", str(INVOICE)]) == 0
    assert cli.main(["serve"]) == 2
    captured = capsys.readouterr()
    assert "No module named 'django'" in captured.err
    assert "fatto[portal]" in captured.err
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    assert caught.value.code == 0


def test_reading_loads_neither_django_nor_the_renderer() -> None:
    script = (
        "import sys; from fatto import cli; code = cli.main(['read', sys.argv[1]]);"
        "sys.exit(code or any(name in sys.modules for name in ('django', 'typst', 'fatto.portal', 'fatto.render')))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(INVOICE)], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_reader_that_stops_early_is_no_error_message() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "fatto", "read", "--json", *[str(INVOICE)] * 200],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    assert process.wait(timeout=60) == cli.BROKEN_PIPE


def test_memory_stays_flat_over_a_large_archive(tmp_path: Path) -> None:
    data = INVOICE.read_bytes()

    def peak(members: int) -> int:
        packed = tmp_path / f"{members}.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(members):
                archive.writestr(f"{number}.xml", data)
        script = (
            "import resource, sys; from fatto import cli; assert cli.main(['read', '--json', sys.argv[1]]) == 0;"
            "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
        )
        done = subprocess.run([sys.executable, "-c", script, str(packed)], capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(b"\n") == members
        return int(done.stderr)

    assert peak(1500) - peak(100) < 20_000  # KB
