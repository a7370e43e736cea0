"""Supporting documents as pages: pictures to look at and one PDF, made from whatever a stranger sent.

    made = pages.make([Source(name="a.heic", data=…)])      # in a process of its own, within limits

Decoders of pictures and PDFs are the usual door for hostile files. So the work is done by a child process
(`python -m fatto.portal.documents.pages FOLDER`) with limits on memory, processor and wall time, without the
database and without secrets in its environment; the parent takes from it nothing but files and numbers.
What comes out holds none of the input's metadata: pictures are decoded, turned upright and written anew,
PDFs lose their scripts, forms, actions, attachments and outer properties.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from fatto import envelopes
from fatto.envelopes import mail, sniff

MOST_FILES = 60
MOST_PAGES = 1_000
"""A longer document is kept, but not taken apart into pages."""
MOST_PICTURES = 60
"""So many pages of a document get a picture; all of them are in the PDF."""
MOST_PIXELS = 80_000_000
"""A picture of a good phone has 12 to 50 million."""
SIDE = 2_200
"""The longer side of a page's picture: legible, and about half a MB."""
SECONDS = 120
MEMORY = 2_500_000_000
TEXT = 20_000
_RESULT = "result.json"
_DPI = 110.0

Trouble = Literal["damaged", "protected", "too-large", "too-many-pages", "unknown", "too-much-work"]


class Unshowable(Exception):
    """A file that no pages can be made of, and why."""

    def __init__(self, code: Trouble) -> None:
        self.code: Trouble = code
        super().__init__(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An original, and which of its pages are wanted; None for all."""

    name: str
    data: bytes
    only: tuple[int, ...] | None = None


class Made(Struct, frozen=True, kw_only=True):
    """One page that was made: of which source, which page of it, and its picture if it has one."""

    source: int
    on: int
    image: str = ""
    """Name of the picture in the working folder."""


class Result(Struct, frozen=True, kw_only=True):
    """What the child found. With `trouble` there are no pages."""

    pages: tuple[Made, ...] = ()
    text: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Pages with the bytes of their pictures, the PDF of all of them, and the beginning of the text."""

    pages: tuple[tuple[Made, bytes], ...] = ()
    pdf: bytes = b""
    text: str = ""
    trouble: str = ""


class _Asked(Struct, frozen=True, kw_only=True):
    name: str
    file: str
    only: tuple[int, ...] | None = None


def showable(data: bytes) -> bool:
    """May pages be made of this? A PDF, a picture or a mail, told from its first bytes."""
    return sniff.is_pdf(data) or sniff.is_image(data) or mail.is_mail(data)


# -- the parent ---------------------------------------------------------------------------------------------------


def make(sources: Iterable[Source], *, seconds: int = SECONDS, folder: str | None = None) -> View:
    """The pages of originals in their order. Never raises for what they hold: the view says what is wrong.

    `folder` is where the working files go, a temporary place by default.
    """
    with tempfile.TemporaryDirectory(prefix="fatto-pages-", dir=folder) as name:
        place = Path(name)
        asked = []
        for number, source in enumerate(sources):
            (place / f"in-{number}").write_bytes(source.data)
            asked.append(_Asked(name=source.name, file=f"in-{number}", only=source.only))
        (place / "asked.json").write_bytes(msgspec.json.encode(asked))
        if not _run(place, seconds):
            return View(trouble="too-much-work")
        result = msgspec.json.decode((place / _RESULT).read_bytes(), type=Result)
        if result.trouble:
            return View(trouble=result.trouble, text=result.text)
        pictures = tuple((each, (place / each.image).read_bytes() if each.image else b"") for each in result.pages)
        return View(pages=pictures, pdf=(place / "view.pdf").read_bytes(), text=result.text)


def _run(place: Path, seconds: int) -> bool:
    """Did the child come to a result in time? It gets no more of our environment than it needs to start."""
    kept = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SYSTEMROOT", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | {"TMPDIR": str(place)}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter with our own module
            [sys.executable, "-m", "fatto.portal.documents.pages", str(place), str(seconds)],
            env=environment,
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and (place / _RESULT).exists()


# -- the child ----------------------------------------------------------------------------------------------------


def main(folder: str, seconds: str) -> None:
    """The child: reads `asked.json`, writes pictures, `view.pdf` and the result."""
    _limit(int(seconds))
    place = Path(folder)
    asked = msgspec.json.decode((place / "asked.json").read_bytes(), type=list[_Asked])
    try:
        result = _made(place, asked)
    except Unshowable as no:
        result = Result(trouble=no.code)
    except MemoryError:
        result = Result(trouble="too-much-work")
    except Exception:  # decoders raise whatever they like on broken input
        result = Result(trouble="damaged")
    (place / _RESULT).write_bytes(msgspec.json.encode(result))


def _limit(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is all there is
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 1_000_000_000),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _made(place: Path, asked: list[_Asked]) -> Result:
    from pypdf import PdfWriter

    if len(asked) > MOST_FILES:
        raise Unshowable("too-many-pages")
    writer = PdfWriter()
    pages: list[Made] = []
    texts: list[str] = []
    with contextlib.ExitStack() as stack:
        for number, each in enumerate(asked):
            data, kind = _opened((place / each.file).read_bytes(), each.name)
            pictures: Callable[[], Iterator[bytes]]
            if kind == "image":
                frames = [_jpeg(frame) for frame in _frames(data, each.only)]
                reader = stack.enter_context(_reader(_pdf_of(frames)))
                wanted = each.only or tuple(range(1, len(frames) + 1))
                places = tuple(range(1, len(frames) + 1))
                pictures = lambda frames=frames: iter(frames)  # type: ignore[misc]  # noqa: E731
            else:
                data = _mail_pdf(data) if kind == "mail" else data
                reader = stack.enter_context(_reader(data))
                wanted = each.only or tuple(range(1, len(reader.pages) + 1))
                places = wanted
                if len(pages) + len(wanted) > MOST_PAGES:
                    raise Unshowable("too-many-pages")
                texts += _texts(reader, wanted)
                few = wanted[: max(0, MOST_PICTURES - len(pages))]
                cleaned = place / f"clean-{number}.pdf"
                _clean_copy(reader, few, cleaned)
                pictures = lambda cleaned=cleaned, few=few: _drawn(cleaned, len(few))  # type: ignore[misc]  # noqa: E731
            if len(pages) + len(wanted) > MOST_PAGES:
                raise Unshowable("too-many-pages")
            _append(writer, reader, places)
            drawn = pictures()
            for on in wanted:
                picture = next(drawn, b"") if len(pages) < MOST_PICTURES else b""
                name = f"page-{len(pages) + 1}.jpg" if picture else ""
                if picture:
                    (place / name).write_bytes(picture)
                pages.append(Made(source=number, on=on, image=name))
        if not pages:
            raise Unshowable("damaged")
        _strip(writer)
        writer.write(place / "view.pdf")
    return Result(pages=tuple(pages), text="\n".join(texts)[:TEXT])


def _opened(data: bytes, name: str) -> tuple[bytes, str]:
    """What is looked at: the bytes under a signature, else those of the file; and their kind."""
    if sniff.is_signed(data):
        found = next(iter(envelopes.open(data, name)), None)
        data = found.data if found is not None and found.error is None else data
    if sniff.is_image(data):
        return data, "image"
    if sniff.is_pdf(data) or b"%PDF-" in data[:1024]:
        return data, "pdf"
    if mail.is_mail(data, name):
        return data, "mail"
    raise Unshowable("unknown")


# Pictures.


def _frames(data: bytes, only: tuple[int, ...] | None) -> Iterator[Any]:
    """The pages of a picture file: one, or those of a fax; upright, in plain colours, without anything else."""
    import warnings

    import pillow_heif
    from PIL import Image, ImageOps, ImageSequence

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    pillow_heif.register_heif_opener(thumbnails=False)
    try:
        opened = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "TIFF", "WEBP", "GIF", "HEIF", "AVIF"])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unshowable("too-large") from None
    with opened as picture:
        several = picture.format == "TIFF"
        for number, frame in enumerate(ImageSequence.Iterator(picture) if several else [picture], 1):
            if number > MOST_PAGES:
                raise Unshowable("too-many-pages")
            if only is not None and number not in only:
                continue
            if frame.width * frame.height > MOST_PIXELS:
                raise Unshowable("too-large")
            frame.draft("RGB", (SIDE, SIDE))
            frame.load()
            upright = ImageOps.exif_transpose(frame)
            upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            yield _plain(upright)


def _plain(picture: Any) -> Any:
    """On white, in RGB, a copy of the pixels alone: no EXIF, no place, no profile, no comment."""
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":
        picture = picture.convert("L")
    with_alpha = picture.convert("RGBA") if picture.has_transparency_data else None
    plain = Image.new("RGB", picture.size, "white")
    if with_alpha is not None:
        plain.paste(with_alpha, mask=with_alpha.getchannel("A"))
    else:
        plain.paste(picture.convert("RGB"))
    return plain


def _jpeg(picture: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def _pdf_of(frames: list[bytes]) -> bytes:
    """Pictures as a PDF, a page each, as large as an A4 sheet allows; the JPEGs go in as they are."""
    from PIL import Image
    from pypdf import PdfWriter

    writer = PdfWriter()
    for frame in frames:
        out = io.BytesIO()
        with Image.open(io.BytesIO(frame)) as picture:
            wide = picture.width > picture.height
            long, short = (297 / 25.4, 210 / 25.4)
            across, down = (long, short) if wide else (short, long)
            picture.save(out, "PDF", resolution=max(picture.width / across, picture.height / down))
        writer.append(io.BytesIO(out.getvalue()))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# PDF.


def _reader(data: bytes) -> Any:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unshowable("protected")
        if not len(reader.pages):
            raise Unshowable("damaged")
    except (PyPdfError, RecursionError):
        raise Unshowable("damaged") from None
    return reader


_ACTIVE = ("/AA", "/OpenAction", "/A", "/Annots", "/B", "/Metadata", "/PieceInfo", "/JS", "/AF")


def _append(writer: Any, reader: Any, wanted: Iterable[int]) -> None:
    """Pages without what could act: annotations with their links and forms, scripts, triggers."""
    from pypdf.generic import NameObject

    for on in wanted:
        if not 1 <= on <= len(reader.pages):
            raise Unshowable("damaged")
        page = reader.pages[on - 1]
        for key in _ACTIVE:
            page.pop(NameObject(key), None)
        writer.add_page(page)


def _strip(writer: Any) -> None:
    from pypdf.generic import NameObject

    for key in ("/AA", "/OpenAction", "/Names", "/AcroForm", "/Metadata", "/AF", "/Outlines", "/Dests", "/Collection"):
        writer.root_object.pop(NameObject(key), None)
    writer.metadata = None


def _clean_copy(reader: Any, wanted: Iterable[int], path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    _append(writer, reader, wanted)
    _strip(writer)
    writer.write(path)


def _texts(reader: Any, wanted: Iterable[int]) -> list[str]:
    """The text layer of the first pages; what cannot be read has none."""
    found: list[str] = []
    length = 0
    for on in list(wanted)[:5]:
        if length > TEXT:
            break
        try:
            text = reader.pages[on - 1].extract_text()
        except Exception:  # damaged fonts and streams raise all sorts of things; a page without text is no fault
            text = ""
        text = "".join(char for char in text.replace("\0", "") if char.isprintable() or char in "\n\t")
        found.append(text)
        length += len(text)
    return found


def _drawn(path: Path, count: int) -> Iterator[bytes]:
    """Pictures of the first pages of a PDF; an empty one for a page that cannot be drawn."""
    import typst
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    template = path.with_suffix(".typ")
    for number in range(1, count + 1):
        template.write_text(
            "#set page(width: auto, height: auto, margin: 0pt, fill: white)\n"
            f'#image("{path.name}", page: {number}, width: 595pt)\n'
        )
        try:
            drawn = typst.compile(template, root=path.parent, format="png", ppi=_DPI, ignore_system_fonts=True)
            with Image.open(io.BytesIO(drawn if isinstance(drawn, bytes) else drawn[0])) as picture:
                picture.thumbnail((SIDE, SIDE))
                yield _jpeg(_plain(picture))
        except MemoryError:
            raise
        except BaseException as error:  # a panic of the renderer is no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            yield b""


# Mails without an attachment: the message itself is the document.


_LETTER = r"""
#let mail = json(bytes(sys.inputs.mail))
#set document(title: mail.title, date: none)
#set page(paper: "a4", margin: 20mm, numbering: "1 / 1")
#set text(font: ("Noto Sans", "Noto Sans Symbols"), size: 10pt)
#text(size: 16pt, weight: "semibold", mail.title)
#v(4mm)
#grid(columns: (auto, 1fr), column-gutter: 4mm, row-gutter: 2mm, ..mail.rows.flatten().map(each => [#each]))
#v(2mm)
#line(length: 100%, stroke: 0.5pt + luma(180))
#v(2mm)
#for each in mail.lines [#each \ ]
"""


def _mail_pdf(data: bytes) -> bytes:
    import typst

    from fatto.render import paper

    message = BytesParser(policy=policy.default).parsebytes(data)
    body = message.get_body(preferencelist=("plain", "html"))
    text = ""
    if body is not None:
        payload = body.get_payload(decode=True)
        raw = payload if isinstance(payload, bytes) else b""
        charset = body.get_content_charset("utf-8")
        try:
            text = raw.decode(charset, "replace")
        except LookupError:
            text = raw.decode("utf-8", "replace")
        if body.get_content_type() == "text/html":
            text = _words_of(text)
    said = {
        "title": _header(message, "Subject")[:300] or "—",
        "rows": [(name, value) for name in ("From", "To", "Date") if (value := _header(message, name))],
        "lines": _paragraphs([" ".join(line.split()) for line in text[:100_000].splitlines()]),
    }
    fonts = paper.fonts()
    compiler = typst.Compiler(_LETTER.encode(), font_paths=fonts, ignore_system_fonts=True)
    made = compiler.compile(format="pdf", sys_inputs={"mail": msgspec.json.encode(said).decode()}, timestamp=0)
    assert isinstance(made, bytes)  # noqa: S101 - a PDF is always one file
    return made


def _header(message: Any, name: str) -> str:
    try:
        value = str(message.get(name, ""))
    except Exception:  # as with parameters: odd headers raise anything
        value = ""
    return "".join(char for char in value if char.isprintable())[:500]


def _paragraphs(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if line or (found and found[-1]):
            found.append(line)
    return found[:2_000]


def _words_of(html: str) -> str:
    """The text of an HTML body, a line for each block."""
    from lxml import html as markup

    html = re.sub(r"<\?xml[^>]{0,200}\?>", "", html[:2_000_000])
    root = markup.document_fromstring(html or "<p></p>")
    for gone in root.xpath("//script|//style|//head|//title"):
        gone.drop_tree()
    for block in root.xpath("//br|//p|//div|//tr|//li|//h1|//h2|//h3|//table"):
        block.tail = "\n" + (block.tail or "")
    for cell in root.xpath("//td|//th"):
        cell.tail = "  " + (cell.tail or "")
    return str(root.text_content())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
