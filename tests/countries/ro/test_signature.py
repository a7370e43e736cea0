"""A seal is believed only when digest, signature and content are right; whose it is, is a question of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fatto import cli, countries
from fatto.channels.seal import Seal
from fatto.countries.ro import signature
from fatto.countries.ro.sandbox import papers
from fatto.errors import Unopenable, Unreadable

ROOT = Path(__file__).parents[3]
MESSAGES = ROOT / "tests" / "samples" / "ro" / "messages"
PUBLISHED = ROOT.parent / "shared" / "corpus" / "ro" / "zips"
INVOICE = (ROOT / "tests" / "samples" / "ro" / "a01_standard_21.xml").read_bytes()
BY = papers.own_sealer()
SHAPES = pytest.mark.parametrize("made", [papers.seal, papers.sealed_copy], ids=["production", "test environment"])


def told(found: Seal) -> tuple[object, ...]:
    return found.digest, found.signature, found.certificate, found.same_content, found.verdict


@SHAPES
def test_a_seal_by_a_pinned_certificate_is_the_authoritys(made: papers.Make) -> None:
    assert told(signature.verify(INVOICE, made(INVOICE, BY), [BY.pem])) == (True, True, "pinned", True, "valid")
    assert told(signature.verify(INVOICE, made(INVOICE, BY), [BY.der])) == (True, True, "pinned", True, "valid")


@SHAPES
def test_a_certificate_that_is_not_known_is_not_invalid(made: papers.Make) -> None:
    found = signature.verify(INVOICE, made(INVOICE, BY))
    assert told(found) == (True, True, "unknown", True, "valid")
    assert len(found.fingerprint) == 64
    assert "INSTRUIRE" in found.subject


@SHAPES
def test_a_changed_document_is_found_out(made: papers.Make) -> None:
    other = INVOICE.replace(b"1694.00", b"1695.00")
    assert other != INVOICE
    found = signature.verify(other, made(INVOICE, BY), [BY.pem])
    assert (found.signature, found.same_content, found.verdict) == (True, False, "invalid")


def test_one_changed_byte_that_means_nothing_still_says_the_same() -> None:
    # The canonical form is the same, and that is what some seals are over.
    found = signature.verify(INVOICE.replace(b"\n", b"\r\n"), papers.sealed_copy(INVOICE, BY), [BY.pem])
    assert found.verdict == "valid"


def test_a_detached_digest_is_over_the_bytes() -> None:
    found = signature.verify(INVOICE + b"\n", papers.seal(INVOICE, BY), [BY.pem])
    assert told(found) == (False, True, "pinned", False, "invalid")


@SHAPES
def test_a_changed_digest_breaks_the_signature(made: papers.Make) -> None:
    other = INVOICE.replace(b"1694.00", b"1695.00")
    seal, forged = made(INVOICE, BY), made(other, BY)

    def digest(data: bytes) -> bytes:
        return data.split(b"<DigestValue>")[1].split(b"</")[0]

    mixed = seal.replace(digest(seal), digest(forged))
    found = signature.verify(other, mixed, [BY.pem])
    assert (found.digest, found.signature, found.verdict) == (True, False, "invalid")


def test_a_seal_that_shows_the_ministrys_certificate_but_was_made_by_another_is_invalid() -> None:
    other = papers.sealer()
    import base64

    seal = papers.seal(INVOICE, other).replace(base64.b64encode(other.der), base64.b64encode(BY.der))
    found = signature.verify(INVOICE, seal, [BY.pem])
    assert told(found) == (True, False, "unknown", True, "invalid")


def test_a_seal_without_a_certificate_may_be_one_of_the_trusted() -> None:
    seal = papers.seal(INVOICE, BY)
    bare = seal.split(b"<KeyInfo>")[0] + b"</Signature>"
    assert told(signature.verify(INVOICE, bare, [BY.pem])) == (True, True, "pinned", True, "valid")
    assert told(signature.verify(INVOICE, bare)) == (True, None, "unknown", True, "invalid")


def test_line_ends_in_base64_do_no_harm() -> None:
    seal = papers.seal(INVOICE, BY)
    value = seal.split(b"<SignatureValue>")[1].split(b"</")[0]
    broken = b"&#13;\n".join(value[at : at + 76] for at in range(0, len(value), 76))
    assert signature.verify(INVOICE, seal.replace(value, broken), [BY.pem]).verdict == "valid"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'URI=""', b'URI="file:///etc/passwd"'),
        (b"xmldsig-more#rsa-sha256", b"xmldsig-more#rsa-md5"),
        (b"xmlenc#sha256", b"xmldsig#sha1"),
        (
            b'URI="">',
            b'URI=""><Transforms><Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></Transforms>',
        ),
    ],
)
def test_a_seal_made_in_another_way_is_not_believed(was: bytes, becomes: bytes) -> None:
    seal = papers.seal(INVOICE, BY)
    assert was in seal
    found = signature.verify(INVOICE, seal.replace(was, becomes), [BY.pem])
    assert (found.verdict, found.code) == ("invalid", "seal-unusual")


def test_no_seal_is_unsigned() -> None:
    assert told(signature.verify(INVOICE, None)) == (None, None, "unknown", None, "unsigned")
    assert signature.verify(INVOICE, INVOICE).verdict == "unsigned"


@pytest.mark.parametrize("seal", [b"", b"<", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", b"\xff" * 100])
def test_a_seal_that_cannot_be_read_is_invalid(seal: bytes) -> None:
    assert signature.verify(INVOICE, seal).verdict == "invalid"


def test_an_anchor_must_be_a_certificate() -> None:
    with pytest.raises(Unreadable):
        signature.verify(INVOICE, papers.seal(INVOICE, BY), [b"nothing"])


def test_made_messages_verify_with_the_certificate_that_they_show() -> None:
    for path in sorted(MESSAGES.glob("made_*.zip")):
        if "truncated" in path.name:
            with pytest.raises(Unopenable):
                signature.verify_zip(path.read_bytes())
            continue
        found = signature.verify_zip(path.read_bytes())
        assert found is not None
        assert told(found) == (True, True, "unknown", True, "valid")


def test_files_of_other_kinds_are_nobodys() -> None:
    assert all(each.verify(b"PK", ()) is None and each.verify(INVOICE, ()) is None for each in countries.every())


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the shared corpus is not here")
def test_published_samples_behave_as_their_notes_say() -> None:
    anchor = (PUBLISHED / "test_signing_cert.der").read_bytes()
    for path in sorted(PUBLISHED.glob("*.zip")):
        if "truncated" in path.name:
            continue
        found = signature.verify_zip(path.read_bytes(), [anchor])
        assert found is not None
        expected = ("pinned", "valid") if path.name.startswith("made_") else ("unknown", "invalid")
        assert (found.certificate, found.verdict) == expected, path.name


def test_the_command_says_it_in_json_and_by_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive, anchor = tmp_path / "a.zip", tmp_path / "a.pem"
    archive.write_bytes(papers.message_zip("51", INVOICE, BY))
    anchor.write_bytes(BY.pem)
    assert cli.main(["verify", str(archive), "--json", "--anchor", str(anchor)]) == 0
    said = json.loads(capsys.readouterr().out)
    keys = ("digest", "signature", "certificate", "same_content", "verdict")
    assert tuple(said[key] for key in keys) == (True, True, "pinned", True, "valid")
    assert cli.main(["verify", "--anchor", str(anchor), str(anchor), str(archive)]) == 0
    assert cli.main(["verify", str(archive), "--anchor", str(anchor), str(anchor)]) == 0
    assert cli.main(["verify", "--anchor", str(anchor)]) == 2
    capsys.readouterr()
    assert cli.main(["verify", str(archive)]) == 4
    assert "not recognised" in capsys.readouterr().out
    archive.write_bytes(papers.message_zip("51", INVOICE, BY)[:500])
    assert cli.main(["verify", str(archive), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "zip-damaged"
    assert cli.main(["verify", str(tmp_path / "nothing.zip")]) == 1
