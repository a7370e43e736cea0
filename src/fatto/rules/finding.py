"""What is wrong or odd in a document: a value, never raised."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Severity = Literal["fatal", "warning", "info"]


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing found in a document.

    `code` is the official code of the rule, or one of ours in lower case with hyphens (`bad-date`).
    `path` says where: an XPath-like path in the document as received, e.g. `/Invoice/cbc:IssueDate`.
    `text` is an English sentence marked for translation, with `{found}`, `{expected}`, `{path}` as
    its only parameters; the edge translates it.
    """

    code: str
    severity: Severity = "warning"
    path: str = ""
    line: int | None = None
    found: str | None = None
    expected: str | None = None
    text: str = ""
