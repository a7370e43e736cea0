"""What is wrong or odd in a document: a value, never raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Severity = Literal["fatal", "warning", "info"]


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing found in a document.

    `code` is the official code of the rule, or one of ours in lower case with hyphens (`bad-date`).
    `set` names the rule set that the code belongs to (`en16931-ubl`), `structure` for what the
    official schema refuses, empty for what only the reader noticed.
    `path` says where: an XPath-like path in the document as received, e.g. `/Invoice/cbc:IssueDate`.
    `text` is an English sentence marked for translation, with `{found}`, `{expected}`, `{path}` and
    the keys of `values` and `words` as its only parameters; `fix`, with the same parameters, says how
    to mend it and may be empty. `values` are of the document, `words` marked for translation themselves;
    `kinds` names the values, `found` and `expected` included, that are an `amount` or a `day`.
    `messages.say` makes of it what a person reads.
    """

    code: str
    severity: Severity = "warning"
    path: str = ""
    line: int | None = None
    found: str | None = None
    expected: str | None = None
    text: str = ""
    set: str = ""
    values: Mapping[str, str] = {}
    fix: str = ""
    words: Mapping[str, str] = {}
    kinds: Mapping[str, str] = {}
