from __future__ import annotations

import hashlib
import io
import itertools
import string
from pathlib import Path

import pytest

from envelopes.making import XML
from fatto import envelopes
from fatto.envelopes import Limits, paths, sniff

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the project")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (XML, "xml"),
        (b"\xef\xbb\xbf" + XML, "xml"),
        (b"\r\n \t" + XML, "xml"),
        (XML.decode().encode("utf-16"), "xml"),
        (XML.decode().encode("utf-16-le"), "xml"),
        (XML.decode().encode("utf-16-be"), "xml"),
        (XML.decode().encode("utf-32"), "xml"),
        (b"<Invoice/>", "xml"),
        (b"<!-- made by x --><Invoice/>", "xml"),
        (b"garbage \x00\x01" + XML, "xml"),
        (b"stray: <ns:Invoice xmlns:ns='x'>\n</ns:Invoice>\n", "xml"),
        (b"garbage " * 200 + XML, "other"),
        (b"a < b and <c> d", "other"),
        (b"<!DOCTYPE html><html></html>", "other"),
        (b"<html><body>Access denied</body></html>", "other"),
        (b"%PDF-1.7", "pdf"),
        (b"junk\n%PDF-1.7", "pdf"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"GIF89a", "image"),
        (b"II*\x00", "image"),
        (b"MM\x00*", "image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image"),
        (b"\x00\x00\x00\x18ftypheic", "image"),
        (b"\x00\x00\x00\x18ftypmp42", "other"),
        (b"hello", "other"),
        (b"", "other"),
    ],
)
def test_a_kind_is_told_from_the_bytes(data: bytes, kind: str) -> None:
    assert sniff.kind(data) == kind


def test_stray_bytes_before_the_root_stay_for_the_reader() -> None:
    data = b"\x00\x07" + XML
    (found,) = envelopes.open(data, "a.xml")
    assert (found.kind, found.data, found.peeled) == ("xml", data, ())


def test_a_file_without_any_envelope_is_itself() -> None:
    (found,) = envelopes.open(io.BytesIO(XML), "/home/anna/a.xml")
    assert found == envelopes.Enclosed(name="a.xml", kind="xml", file=XML, data=XML)
    assert found.data is found.file


def test_nothing_is_done_before_it_is_asked_for() -> None:
    class Untouched(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError

    envelopes.open(Untouched(), "a.zip")


def test_every_refusal_is_a_known_code_with_its_sentence() -> None:
    """The table in the docstring is what programs rely on."""
    told = {line.split("`")[1] for line in (envelopes.__doc__ or "").splitlines() if line.startswith("| `")}
    folder = Path(envelopes.__file__).parent
    used = set()
    for path in folder.glob("*.py"):
        lines = path.read_text().splitlines()
        for line, following in itertools.pairwise(lines):
            at = line.find("Unopenable(")
            if at >= 0 and not line.lstrip().startswith(("class", "except")):
                rest = line[at + len("Unopenable(") :].strip() or following.strip()
                if rest.startswith('"'):
                    used.add(rest.split('"')[1])
    assert used == told


def test_a_refusal_can_be_said_in_another_language() -> None:
    (found,) = envelopes.open(b"x" * 3_000_000, "a.bin", Limits(member=2 * 1024 * 1024))
    fields = {field for _text, field, _spec, _conversion in string.Formatter().parse(found.error.text) if field}
    assert fields == set(found.error.values) == {"most"}
    assert "2 MB" in found.error.message


def test_cleaned_names_are_unique_relative_and_short() -> None:
    unique = paths.Unique()
    given = [unique(paths.clean(raw)) for raw in ("a.xml", "./a.xml", "/a.xml", "..", "", "/", "a//b", "a\\b")]
    assert given == ["a.xml", "a (2).xml", "a (3).xml", "file", "file (2)", "file (3)", "a/b", "a/b (2)"]
    assert len(paths.clean("x/" * 5000 + "y" * 5000 + ".xml")) < 300


# The corpus

SIGNED = {
    # SHA-256 of the content as `openssl cms -verify -noverify` gives it
    "IT01234567890_11111.xml.p7m": "74c060e629ae820b50d786f707d3bbaf7bc7ce2766d173f1626877cdef6d0c7d",
    "IT02182030391_31.xml.p7m": "01cac82dcd0036dc4942a9ff144822026f92c233fc5fc1645179a53aeb629887",
    "IT02182030391_31.Base64.xml.p7m": "01cac82dcd0036dc4942a9ff144822026f92c233fc5fc1645179a53aeb629887",
}


def from_corpus(path: str) -> list[envelopes.Enclosed]:
    with (CORPUS / path).open("rb") as file:
        return list(envelopes.open(file, Path(path).name))


@needs_corpus
@pytest.mark.parametrize("name", SIGNED)
def test_real_signed_invoices_are_peeled_as_openssl_does(name: str) -> None:
    (found,) = from_corpus(f"it/signed/{name}")
    assert hashlib.sha256(found.data).hexdigest() == SIGNED[name]
    assert found.kind == "xml"
    (signer,) = found.signers
    assert (signer.name, signer.tax_id) in (
        ("Giordano Bigarelli", "IT:BGRGDN77T10L117F"),
        ("GARDINI STEFANO", "TINIT-GRDSFN66D17H199K"),
    )


@needs_corpus
def test_an_official_archive_gives_its_invoices() -> None:
    found = from_corpus("it/archives/IT01234567890_12016.zip")
    assert [(e.member, e.kind) for e in found] == [
        ("IT01234567890_12011.xml", "xml"),
        ("IT01234567890_12013.xml", "xml"),
    ]


@needs_corpus
def test_real_certified_mail_gives_its_receipt_and_certificate() -> None:
    assert [e.member for e in from_corpus("it/pec/ACCETTAZIONE_IT03339130126_00009.eml")] == ["daticert.xml"]
    found = from_corpus("it/pec/POSTA_CERTIFICATA_Ricevuta_di_consegna_6782414.eml")
    assert [e.member for e in found] == ["daticert.xml", "postacert.eml/IT03339130126_00009_RC_003.xml"]
    assert all(e.kind == "xml" and e.data.rstrip().endswith(b">") for e in found)


@needs_corpus
def test_malicious_xml_is_only_handed_on() -> None:
    for path in sorted((CORPUS / "it" / "malicious").glob("*.xml")):
        (found,) = from_corpus(f"it/malicious/{path.name}")
        assert (found.kind, found.data) == ("xml", path.read_bytes())


@needs_corpus
def test_message_archives_of_the_ministry_are_opened_byte_for_byte() -> None:
    for path in sorted((CORPUS / "ro" / "zips").glob("*.zip")):
        found = from_corpus(f"ro/zips/{path.name}")
        if "truncated" in path.name:
            assert [e.error and e.error.code for e in found] == ["zip-damaged", "zip-damaged"]
            continue
        assert sorted(e.name.startswith("semnatura_") for e in found) == [False, True]
        assert all(e.kind == "xml" and e.error is None and e.data is e.file for e in found)
