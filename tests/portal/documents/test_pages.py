"""What is shown of a stranger's picture or PDF, and what of it is left out."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from tests.portal import pictures

from fatto.portal.documents import pages
from fatto.portal.documents.pages import Source, View


def made(name: str, data: bytes, only: tuple[int, ...] | None = None) -> View:
    return pages.make([Source(name=name, data=data, only=only)])


def seen(view: View, number: int = 1) -> Image.Image:
    return Image.open(io.BytesIO(view.pages[number - 1][1]))


def test_a_photograph_stands_upright_and_tells_nobody_where_it_was_taken():
    original = pictures.jpeg(size=(600, 400), turned=True)
    assert pictures.PLACE.encode() in original
    view = made("a.jpg", original)
    assert view.trouble == ""
    assert seen(view).size == (400, 600)
    assert not seen(view).getexif()
    for shown in (view.pages[0][1], view.pdf):
        assert pictures.PLACE.encode() not in shown
        assert b"Exif" not in shown


@pytest.mark.parametrize(("name", "data"), [("a.heic", pictures.heic()), ("a.png", pictures.png())])
def test_pictures_that_browsers_or_printers_do_not_know_become_jpeg_and_pdf(name: str, data: bytes):
    view = made(name, data)
    assert seen(view).format == "JPEG"
    assert len(PdfReader(io.BytesIO(view.pdf)).pages) == 1


def test_a_pdf_gets_a_picture_of_each_page_and_gives_its_text():
    view = made("a.pdf", pictures.scan("Uno\nTotale 12,50", "Due"))
    assert [each.on for each, _ in view.pages] == [1, 2]
    assert all(picture for _, picture in view.pages)
    assert "Totale 12,50" in view.text


def test_some_pages_in_another_order_are_what_was_asked_for():
    view = made("a.pdf", pictures.scan("Uno", "Due", "Tre"), only=(3, 1))
    texts = [page.extract_text().strip() for page in PdfReader(io.BytesIO(view.pdf)).pages]
    assert texts == ["Tre", "Uno"]


def test_scripts_actions_and_attachments_do_not_reach_who_looks():
    original = pictures.scripted()
    assert original.count(b"JavaScript") == 2
    view = made("a.pdf", original)
    assert view.trouble == ""
    reader = PdfReader(io.BytesIO(view.pdf))
    for gone in ("/OpenAction", "/Names", "/AA", "/AcroForm"):
        assert gone not in reader.trailer["/Root"]
    assert "/AA" not in reader.pages[0]
    assert b"JavaScript" not in view.pdf


def test_a_mail_without_attachment_is_a_page_with_its_words():
    view = made("m.eml", pictures.mail(text="Pagato 12,50 con carta", subject="Taxi"))
    assert "Pagato 12,50 con carta" in view.text
    assert "Taxi" in view.text


def test_markup_in_a_mail_is_read_as_words_and_never_run():
    text = b"From: a@b.example\nTo: c@d.example\nContent-Type: text/html\n\n<p>Due</p><script>x()</script><img src=http://x>"
    view = made("m.eml", text)
    assert "Due" in view.text
    assert "x()" not in view.text


def test_five_hundred_pages_can_be_read_and_the_first_have_pictures():
    writer = PdfWriter()
    for _ in range(500):
        writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    view = made("long.pdf", out.getvalue())
    assert len(view.pages) == 500
    assert [bool(picture) for _, picture in view.pages].count(True) == pages.MOST_PICTURES


def broken_heic() -> bytes:
    whole = pictures.heic()
    return whole[: len(whole) // 2]


@pytest.mark.parametrize(
    ("name", "data", "trouble"),
    [
        ("bomb.png", pictures.bomb(), "too-large"),
        ("half.heic", broken_heic(), "damaged"),
        ("a.pdf", b"%PDF-1.7 and then nothing of the kind", "damaged"),
        ("a.exe", b"MZ and so on", "unknown"),
    ],
)
def test_what_is_broken_or_a_trap_is_refused_by_its_name(name: str, data: bytes, trouble: str):
    assert made(name, data) == View(trouble=trouble)


def test_a_locked_pdf_says_that_it_is_locked():
    writer = PdfWriter(clone_from=io.BytesIO(pictures.scan("Busta paga")))
    writer.encrypt("secret", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    assert made("a.pdf", out.getvalue()).trouble == "protected"


def test_a_pdf_whose_pages_lead_back_to_themselves_ends():
    data = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\n%%EOF"
    )
    assert made("loop.pdf", data).trouble in ("damaged", "too-much-work")


def test_work_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch):
    assert pages.make([Source(name="a.png", data=pictures.png())], seconds=0).trouble == "too-much-work"


def test_the_child_gets_neither_settings_nor_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path):
    import subprocess

    told: dict[str, str] = {}
    monkeypatch.setenv("FATTO_SECRET_KEY", "hush")
    monkeypatch.setenv("DATABASE_URL", "hush")

    def run(*_args: object, env: dict[str, str], **_more: object) -> subprocess.CompletedProcess[bytes]:
        told.update(env)
        return subprocess.CompletedProcess([], 1)

    monkeypatch.setattr(subprocess, "run", run)
    assert made("a.png", pictures.png()).trouble == "too-much-work"
    assert "PATH" in told
    assert "hush" not in told.values()
