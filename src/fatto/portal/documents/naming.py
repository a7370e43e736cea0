"""Names of folders and files for people: safe on every disk, by a pattern that the firm chooses."""

from __future__ import annotations

import re
import unicodedata
from string import Formatter

from fatto.portal.documents.models import Document

FIELDS = ("issue_date", "party", "number", "type", "amount", "direction")
"""What a pattern may name, e.g. `{issue_date}_{party}_{number}`."""

DEFAULT = "{issue_date}_{party}_{number}"
LONGEST = 200
"""Characters of a pattern."""
_LENGTH = 120
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"COM{n}" for n in range(1, 10)), *(f"LPT{n}" for n in range(1, 10))}


def folder(document: Document, pattern: str = "") -> str:
    """The folder name of a document; not yet told apart from others of the same name."""
    values = {
        "issue_date": document.sort_date.isoformat(),
        "party": document.party_name or document.name.rsplit(".", 1)[0],
        "number": document.number,
        "type": document.type_code,
        "amount": "" if document.amount is None else f"{document.amount:f}",
        "direction": document.direction,
    }
    parts = []
    for text, field, _spec, _conversion in Formatter().parse(pattern if valid(pattern) else DEFAULT):
        parts.append(text)
        if field is not None:
            parts.append(values[field])
    return safe("".join(parts)) or f"document-{document.pk}"


def valid(pattern: str) -> bool:
    """May a firm use this pattern? Only known fields, plainly named."""
    try:
        found = [(field, spec, conversion) for _text, field, spec, conversion in Formatter().parse(pattern)]
    except ValueError:
        return False
    fields = [each for each in found if each[0] is not None]
    return bool(fields) and all(field in FIELDS and not spec and not conversion for field, spec, conversion in fields)


def unknown(pattern: str) -> str:
    """The first field of a pattern that does not exist; empty when that is not what is wrong with it."""
    try:
        fields = [field for _text, field, _spec, _conversion in Formatter().parse(pattern) if field is not None]
    except ValueError:
        return ""
    return next((field for field in fields if field not in FIELDS), "")


def safe(name: str) -> str:
    """A name that every file system takes: no separators, controls, reserved names or outer dots."""
    text = unicodedata.normalize("NFC", name)
    text = re.sub(r'[\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]', "-", text)
    text = re.sub(r"\s+", " ", text).strip(" ._-")[:_LENGTH].rstrip(" ._-")
    return f"_{text}" if text.split(".")[0].upper() in _RESERVED else text


def free(name: str, taken: set[str]) -> str:
    """A name not yet used in the folder, whatever its case."""
    stem, dot, ending = name.rpartition(".")
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"
    taken.add(free.casefold())
    return free
