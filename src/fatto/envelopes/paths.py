"""Names of files that come out of envelopes: never paths that lead somewhere else, never twice the same."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories that do not show: controls, direction marks (`gpj.exe`), lone surrogates."""
_LONGEST = 200

_DRIVE = re.compile(r"[A-Za-z]:")


def hidden(text: str) -> bool:
    """Whether a name holds characters that do not show on screen."""
    return not text.isprintable() and any(unicodedata.category(c) in _UNSEEN for c in text)


def escapes(raw: str) -> bool:
    """Whether a member's name leads out of the archive: absolute, on a drive, or through `..`."""
    path = raw.replace("\\", "/")
    return path.startswith("/") or _DRIVE.match(path) is not None or ".." in path.split("/")


def clean(raw: str, otherwise: str = "file") -> str:
    """A relative path with `/` for any name: what leads elsewhere is dropped, what hides is replaced by `_`."""
    path = _DRIVE.sub("", raw.replace("\\", "/"), count=1)
    parts = [_shown(part) for part in path.split("/", 1000) if part.strip() not in ("", ".", "..")]
    return "/".join(parts[-20:]) or otherwise


def last(raw: str, otherwise: str = "file") -> str:
    """The last component of a name, cleaned: what an attachment is called."""
    return clean(raw, otherwise).rpartition("/")[2]


def _shown(part: str) -> str:
    part = part.strip()
    if hidden(part):
        part = "".join("_" if unicodedata.category(c) in _UNSEEN else c for c in part[: 4 * _LONGEST])
    if len(part) > _LONGEST:
        stem, dot, ending = part.rpartition(".")
        part = stem[: _LONGEST - 20] + "…" + dot + ending if dot and len(ending) < 16 else part[:_LONGEST] + "…"
    return part


class Unique:
    """Gives each name once: the second `a.xml` becomes `a (2).xml`."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def __call__(self, path: str) -> str:
        times = self._seen.get(path, 0) + 1
        self._seen[path] = times
        if times == 1:
            return path
        folder, slash, name = path.rpartition("/")
        stem, dot, ending = name.partition(".") if not name.startswith(".") else (name, "", "")
        while True:
            other = f"{folder}{slash}{stem} ({times}){dot}{ending}"
            if other not in self._seen:
                self._seen[path] = times
                self._seen[other] = 1
                return other
            times += 1
