"""What people wrote, for a page: escaped, its lines kept, its links made clickable, people named in it marked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_LINK = r"https?://[^\s<>\"'`{}|\\^]{4,500}"
_END = ".,;:!?)]*_"
"""What rather ends the sentence than the link."""


def said(text: str, names: Iterable[str] = ()) -> SafeString:
    """A plain text as safe HTML. Links lead outside, in a window that knows nothing of this one."""
    wanted = sorted({f"@{name}" for name in names if name}, key=len, reverse=True)
    pattern = re.compile("|".join([_LINK, *map(re.escape, wanted)]), re.IGNORECASE)
    pieces: list[str] = []
    at = 0
    for match in pattern.finditer(text):
        pieces.append(_plain(text[at : match.start()]))
        found = match[0]
        if found.startswith("@"):
            pieces.append(format_html('<span class="mention">{}</span>', found))
            at = match.end()
            continue
        link = found.rstrip(_END)
        pieces.append(format_html('<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>', link, link))
        at = match.start() + len(link)
    pieces.append(_plain(text[at:]))
    return mark_safe("".join(pieces))  # noqa: S308 - every piece is escaped above


def _plain(text: str) -> str:
    return format_html("{}", text).replace("\n", "<br>")
