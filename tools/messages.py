"""Texts in Italian and Romanian: collecting, compiling and checking them, with Babel alone (no gettext programs).

    python tools/messages.py             both of the following
    python tools/messages.py extract     new texts into the catalogues, unused ones out
    python tools/messages.py compile     the .mo files that programs read
    python tools/messages.py check       what is missing or uncertain; exit 1 when anything is

Two catalogues: the library's (`fatto/locale/…/fatto.po`) and the portal's (`portal/locale/…/django.po`).
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parents[1] / "src" / "fatto"
LANGUAGES = ("it", "ro")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


@dataclass(frozen=True)
class Domain:
    """A catalogue: its name, where its texts are, and where it lies."""

    name: str
    folder: Path

    def sources(self) -> Iterator[Path]:
        portal = SOURCE / "portal"
        for path in sorted(SOURCE.rglob("*.py")):
            if path.is_relative_to(portal) == (self.name == "django") and "migrations" not in path.parts:
                yield path
        if self.name == "django":
            yield from sorted(portal.rglob("templates/**/*.html"))
            yield from sorted(portal.rglob("templates/**/*.txt"))

    def po(self, language: str) -> Path:
        return self.folder / language / "LC_MESSAGES" / f"{self.name}.po"


DOMAINS = (Domain("fatto", SOURCE / "locale"), Domain("django", SOURCE / "portal" / "locale"))


def found_in(path: Path) -> Iterable[tuple[int, object, str | None]]:
    """(line, text or plural pair, context) of every marked text in a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = _template(text, str(path))
    source = io.BytesIO(text.encode())
    for line, message, _comments, context in extract("python", source, KEYWORDS, options={"encoding": "utf-8"}):
        yield line, message, context


def _template(text: str, origin: str) -> str:
    """The marked texts of a Django template as lines of Python, each on its own line number."""
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
        django.setup()
    lines = templatize(text, origin=origin).split("\n")
    return "\n".join("; ".join(match[0] for match in _CALL.finditer(line)) for line in lines)


_TEXT = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_CALL = re.compile(rf"(?<![A-Za-z0-9])(?:(?:n|p|np)?gettext|_)\((?:\s*{_TEXT}\s*,?|\s*count\s*,?|\s*)*\)")


def collect(domain: Domain) -> Catalog:
    """All texts of a domain, as a template."""
    catalog = Catalog(project="Fatto", charset="utf-8", header_comment=f"# Texts of Fatto ({domain.name}).")
    for path in domain.sources():
        place = str(path.relative_to(SOURCE.parent))
        for _line, message, context in found_in(path):
            catalog.add(message, None, [(place, 0)], context=context)
    return catalog


def extract_all() -> None:
    """Bring every catalogue up to date, keeping what is translated."""
    for domain in DOMAINS:
        template = collect(domain)
        for language in LANGUAGES:
            path = domain.po(language)
            catalog = Catalog(locale=language, project="Fatto", charset="utf-8")
            if path.exists():
                with path.open("rb") as stream:
                    catalog = read_po(stream, locale=language)
            catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
            catalog.obsolete.clear()
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as stream:
                write_po(stream, catalog, omit_header=False, sort_output=True, include_lineno=False, width=110)


def compile_all() -> None:
    """Write the .mo beside each .po."""
    for domain in DOMAINS:
        for language in LANGUAGES:
            path = domain.po(language)
            if path.exists():
                with path.open("rb") as stream:
                    catalog = read_po(stream, locale=language)
                with path.with_suffix(".mo").open("wb") as stream:
                    write_mo(stream, catalog)


def troubles() -> list[str]:
    """Texts without translation, uncertain ones, and translations whose parameters differ."""
    found = []
    for domain in DOMAINS:
        template = collect(domain)
        for language in LANGUAGES:
            path = domain.po(language)
            if not path.exists():
                found.append(f"{domain.name} {language}: there is no catalogue")
                continue
            with path.open("rb") as stream:
                catalog = read_po(stream, locale=language)
            for message in template:
                if message.id:
                    there = catalog.get(message.id, message.context)
                    found.extend(f"{domain.name} {language}: {why}: {message.id!r}" for why in _wrong(message, there))
    return found


_PARAMETER = re.compile(r"\{[a-z_0-9]*(?::[a-z]+)?\}|%\([a-z_0-9]+\)[sd]", re.ASCII)


def _wrong(message: Message, there: Message | None) -> Iterator[str]:
    if there is None or not there.string or (isinstance(there.string, tuple | list) and not all(there.string)):
        yield "missing"
        return
    if there.fuzzy:
        yield "uncertain"
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    strings = there.string if isinstance(there.string, tuple | list) else (there.string,)
    wanted = set(_PARAMETER.findall(ids[-1]))
    for string in strings:
        used = set(_PARAMETER.findall(string))
        if used - wanted or (string is strings[-1] and wanted - used):
            yield f"other parameters than the source ({string!r})"


def main(arguments: list[str]) -> int:
    """The command line."""
    match arguments:
        case []:
            extract_all()
            compile_all()
        case ["extract"]:
            extract_all()
        case ["compile"]:
            compile_all()
        case ["check"]:
            found = troubles()
            print("\n".join(found) or "every text is there in Italian and Romanian")  # noqa: T201
            return 1 if found else 0
        case _:
            print(__doc__)  # noqa: T201
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
