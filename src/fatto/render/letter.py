"""A page of facts as PDF: cover sheets, approval sheets, certificates.

The same letter gives the same bytes: its date comes with it.
"""

from __future__ import annotations

import threading
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import msgspec
import typst
from msgspec import Struct

from fatto.render import paper

_TEMPLATE = Path(str(files(__package__).joinpath("letter.typ")))
_thread = threading.local()


class Part(Struct, frozen=True, kw_only=True):
    """A titled table. With `columns` named they head it; two unnamed ones are label and value."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...] = ("", "")
    head: bool = False


class Head(Struct, frozen=True, kw_only=True):
    """Whose letter it is: a name, an accent colour as `#rrggbb`, and a logo as the bytes of a PNG."""

    name: str
    accent: str
    logo: tuple[int, ...] = ()


class Letter(Struct, frozen=True, kw_only=True):
    """What a letter says, in the reader's words: everything is text, already translated and formatted."""

    title: str
    lead: str = ""
    parts: tuple[Part, ...]
    footer: str = ""
    author: str = "Fatto"
    lang: str = "en"
    head: Head | None = None
    at: datetime
    """Its date, which is also that of the file."""


def pdf(letter: Letter) -> bytes:
    """The letter as PDF."""
    made = _compiler().compile(format="pdf", sys_inputs=_inputs(letter), timestamp=int(letter.at.timestamp()))
    assert isinstance(made, bytes)  # noqa: S101  a PDF is always one file
    return made


def picture(letter: Letter) -> bytes:
    """The letter's first page as PNG, for looking at it on a screen."""
    made = _compiler().compile(format="png", ppi=96, sys_inputs=_inputs(letter), timestamp=int(letter.at.timestamp()))
    pages = made if isinstance(made, list) else [made]
    assert isinstance(pages[0], bytes)  # noqa: S101  the same
    return pages[0]


def _inputs(letter: Letter) -> dict[str, str]:
    return {"letter": msgspec.json.encode(letter).decode()}


def _compiler() -> typst.Compiler:
    compiler: typst.Compiler | None = getattr(_thread, "compiler", None)
    if compiler is None:
        compiler = typst.Compiler(_TEMPLATE, root="/", font_paths=paper.fonts(), ignore_system_fonts=True)
        _thread.compiler = compiler
    return compiler
