"""The guides for people: short texts in each language, and how they become pages.

They are written in Markdown, so that they can be read where the source is. Of Markdown they use, and this
knows, only headings, paragraphs, lists with one line an item, **names on the screen** and `typed words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(__file__).parent / "guide"
NAMES = ("firm", "owner", "employee")
"""The guides, in the order in which they are listed."""
OTHERWISE = "en"

_HEADING = re.compile(r"(#{1,3}) (.+)")
_ITEM = re.compile(r"(?:(-)|\d+\.) (.+)")
_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
)


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide in one language: its name in addresses, its title, what it is about, and the page's HTML below them."""

    name: str
    title: str
    about: str
    body: SafeString


def every(language: str) -> list[Guide]:
    """All guides in a language, or in English where it has none."""
    return [read(name, language) for name in NAMES]


def read(name: str, language: str) -> Guide:
    """One of `NAMES`."""
    folder = FOLDER / language
    return _read(name, language if language.isalpha() and folder.is_dir() else OTHERWISE)


@cache
def _read(name: str, language: str) -> Guide:
    title, about, *rest = _blocks((FOLDER / language / f"{name}.md").read_text(encoding="utf-8"))
    return Guide(name, title[0].removeprefix("# "), " ".join(about), html(rest))


def html(blocks: list[list[str]]) -> SafeString:
    """The HTML of blocks of lines; every word of them is escaped."""
    return mark_safe("\n".join(map(_block, blocks)))  # noqa: S308 - _inline escapes every line


def _blocks(text: str) -> list[list[str]]:
    return [block.split("\n") for block in re.split(r"\n{2,}", text.strip())]


def _block(lines: list[str]) -> str:
    heading = _HEADING.fullmatch(lines[0])
    if heading:
        level = len(heading[1])
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    items = [_ITEM.fullmatch(line) for line in lines]
    if all(items):
        kind = "ul" if items[0] and items[0][1] else "ol"
        return f"<{kind}>{''.join(_items(items))}</{kind}>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _items(items: list[re.Match[str] | None]) -> Iterator[str]:
    for item in items:
        if item:
            yield f"<li>{_inline(item[2])}</li>"


def _inline(text: str) -> str:
    found = str(escape(text))
    for pattern, marked in _INLINE:
        found = pattern.sub(marked, found)
    return found
