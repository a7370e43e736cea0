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


class Letter(Struct, frozen=True, kw_only=True):
    """What a letter says, in the reader's words: everything is text, already translated and formatted."""

    title: str
    lead: str = ""
    parts: tuple[Part, ...]
    footer: str = ""
    author: str = "Fatto"
    lang: str = "en"
    at: datetime
    """Its date, which is also that of the file."""


def pdf(letter: Letter) -> bytes:
    """The letter as PDF."""
    compiler: typst.Compiler | None = getattr(_thread, "compiler", None)
    if compiler is None:
        compiler = typst.Compiler(_TEMPLATE, root="/", font_paths=paper.fonts(), ignore_system_fonts=True)
        _thread.compiler = compiler
    made = compiler.compile(
        format="pdf",
        sys_inputs={"letter": msgspec.json.encode(letter).decode()},
        timestamp=int(letter.at.timestamp()),
    )
    assert isinstance(made, bytes)  # noqa: S101  a PDF is always one file
    return made
