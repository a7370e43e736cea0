"""`fatto push FOLDER`: hands in to a portal whatever an invoicing program drops into a folder.

The folder itself is the memory. A file that was taken is moved aside; one that was refused stays, with the reason in
a text beside it; anything else is tried again. Each file goes under its SHA-256 as idempotency key, so that one whose
answer was lost on the way is not handed in twice, whatever was killed meanwhile.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import urllib3

from fatto import __version__, i18n
from fatto.i18n import _

DONE = "done"
BESIDE = ".error.txt"
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp", "~")
"""Endings under which programs write files that are not whole yet."""

ALL_TAKEN, SOME_REFUSED, WRONG_USE, NO_ENTRY, NOT_REACHED = range(5)
"""Exit codes: all taken; some refused; wrong use; the token opens nothing; files are left since the portal is away."""

_REFUSED = {"elsewhere", "unreadable"}
_CHUNK = 1 << 18
_ANSWER = 8 << 20


class NoEntry(Exception):
    """The portal does not accept the token, or is no portal: nothing can be handed in."""


class NotReached(Exception):
    """The portal did not answer for as long as we were willing to try."""


class Refused(Exception):
    """The portal took the file and says no to it, or does not take it; the text says why."""


class Changed(Exception):
    """The file was written to while it was read."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a file looks from outside: when this stays the same, nobody writes to it."""

    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """As it is now; raises OSError when the file is gone."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)


@dataclass(slots=True, kw_only=True)
class Push:
    """Handing in from one folder to one portal. `say` is given a line for every file."""

    folder: Path
    url: str
    token: str
    done: Path
    language: str = "en"
    settle: float = 2.0
    """A file is whole once it stayed the same for so many seconds."""
    patience: float = 300.0
    """How long a portal that does not answer is tried again, in seconds; `inf` while watching."""
    wait: int = 20
    """How long the portal is asked to wait with its answer until the file is worked off."""
    say: Callable[[str], None] = print
    refused: int = 0
    taken: int = 0
    _pool: urllib3.PoolManager = field(init=False)

    def __post_init__(self) -> None:
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=10, read=self.wait + 40), retries=False, maxsize=1
        )

    # -- the folder ------------------------------------------------------------------------------

    def once(self) -> int:
        """Hand in what lies there now; gives the exit code."""
        known = self._look()
        while known:
            time.sleep(self.settle)
            known = self._round(known)
        return SOME_REFUSED if self.refused else ALL_TAKEN

    def watch(self, every: float = 5.0) -> None:
        """Hand in what lies there and what comes, until the process is ended."""
        self.patience = float("inf")
        known: dict[Path, Stamp] = {}
        while True:
            known = self._round(known)
            time.sleep(max(every, self.settle))

    def _round(self, known: dict[Path, Stamp]) -> dict[Path, Stamp]:
        """Hand in each file that looks as it did; gives how the others look now."""
        now = self._look()
        for path, stamp in sorted(now.items()):
            if known.get(path) == stamp:
                with contextlib.suppress(FileNotFoundError, Changed):
                    self._one(path, stamp)
        return self._look()

    def _look(self) -> dict[Path, Stamp]:
        """The files that wait, without hidden and unfinished ones and those refused as they are."""
        found = {}
        for path in self.folder.iterdir():
            name = path.name.lower()
            if name.startswith((".", "~$")) or name.endswith((*UNFINISHED, BESIDE)) or not path.is_file():
                continue
            with contextlib.suppress(OSError):
                stamp = Stamp.of(path)
                if stamp.size and not self._was_refused(path, stamp):
                    found[path] = stamp
        return found

    def _one(self, path: Path, stamp: Stamp) -> None:
        try:
            said = self._hand_in(path, stamp)
        except Refused as no:
            self.refused += 1
            self._put_beside(path, stamp, str(no))
            self.say(f"{path.name}: {no}")
        except PermissionError:
            self.refused += 1
            why = self._text(_("This file may not be read."))
            self._put_beside(path, stamp, why)
            self.say(f"{path.name}: {why}")
        else:
            self.taken += 1
            self._beside(path).unlink(missing_ok=True)
            self._put_aside(path)
            self.say(f"{path.name}: {said}")

    def _put_aside(self, path: Path) -> None:
        """Move a file that was taken, under a name that is free there."""
        self.done.mkdir(parents=True, exist_ok=True)
        target, number = self.done / path.name, 1
        while target.exists():
            number += 1
            target = self.done / f"{path.stem} ({number}){path.suffix}"
        shutil.move(path, target)

    @staticmethod
    def _beside(path: Path) -> Path:
        return path.with_name(path.name + BESIDE)

    def _put_beside(self, path: Path, stamp: Stamp, why: str) -> None:
        text = f"{why}\n\n{path.name} {stamp.size} {stamp.changed}\n"
        self._beside(path).write_text(text, encoding="utf-8")

    def _was_refused(self, path: Path, stamp: Stamp) -> bool:
        """Was exactly this file refused? A corrected one, or one whose `.error.txt` was removed, is tried again."""
        try:
            last = self._beside(path).read_text(encoding="utf-8").rstrip().rpartition("\n")[2]
        except (OSError, UnicodeDecodeError):
            return False
        return last.endswith(f" {stamp.size} {stamp.changed}")

    # -- the portal ------------------------------------------------------------------------------

    def _hand_in(self, path: Path, stamp: Stamp) -> str:
        """Hand in one file; gives what became of it, in a sentence."""
        key = _sha256(path)
        if Stamp.of(path) != stamp:
            raise Changed
        query = urlencode({"name": path.name[-200:], "wait": self.wait})
        status, told = self._ask(f"/uploads?{query}", path, stamp, key)
        until = time.monotonic() + self.patience
        while status in (200, 201, 202):
            if told.get("state") == "failed":
                raise Refused(self._text(_("The portal could not work on this file. Its administrator knows why.")))
            if status != 202 and told.get("state") == "done":
                return self._result(told)
            if time.monotonic() > until:
                raise NotReached(self._text(_("The portal took the file, but does not work on it now.")))
            time.sleep(1)
            status, told = self._ask(f"/uploads/{int(told['id'])}?wait={self.wait}")
        if status == 409:
            return self._text(_("It was there already."))
        raise Refused(str(told.get("detail") or f"HTTP {status}"))

    def _result(self, told: dict[str, Any]) -> str:
        counts: dict[str, int] = told.get("counts") or {}
        wrong = (
            [each for each in self._items(told) if each.get("outcome") in _REFUSED] if _REFUSED & set(counts) else []
        )
        if wrong:
            names = len(wrong) > 1 or wrong[0]["name"] != told.get("name")
            raise Refused(
                "\n".join(
                    (f"{each['name']}: " if names else "") + f"{each['message']} [{each['code']}]" for each in wrong
                )
            )
        if counts.get("quarantined"):
            return self._text(_("Taken; a person at the accounting firm will say which company it is for."))
        if counts.get("accepted"):
            return self._text(_("Taken. Documents: {n}."), n=counts["accepted"])
        if counts.get("duplicate"):
            return self._text(_("It was there already."))
        return self._text(_("Taken; there is no invoice in it."))

    def _items(self, told: dict[str, Any]) -> Iterator[dict[str, Any]]:
        while True:
            yield from told["items"]
            if not told["next"]:
                return
            _status, told = self._ask(f"/uploads/{int(told['id'])}?after={told['next']}")

    def _ask(self, path: str, file: Path | None = None, stamp: Stamp | None = None, key: str = "") -> tuple[int, Any]:
        """One request, tried again while the portal is away or busy; gives status and what it said."""
        until = time.monotonic() + self.patience
        pause = 0.5
        told_of_it = False
        while True:
            after = pause * random.uniform(0.5, 1.5)  # noqa: S311 - spreads the load, keeps no secret
            try:
                status, headers, told = self._request(path, file, stamp, key)
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                if isinstance(error, FileNotFoundError | PermissionError):
                    raise
                trouble = self._text(_("The portal cannot be reached."))
            else:
                if status in (401, 403):
                    raise NoEntry(self._text(_("The portal does not accept the token: {why}"), why=_detail(told)))
                if status == 404 and file is not None:
                    raise NoEntry(self._text(_("There is no portal at this address.")))
                if status not in (408, 429) and status < 500:
                    return status, told
                trouble = self._text(_("The portal is busy."))
                if headers.get("Retry-After", "").isdigit():
                    after = min(600.0, float(headers["Retry-After"])) + random.uniform(0, 1)  # noqa: S311
            if time.monotonic() + after > until:
                raise NotReached(trouble)
            if not told_of_it:
                again = self._text(_("Trying again."))
                self.say(f"{trouble} {again}")
                told_of_it = True
            time.sleep(after)
            pause = min(60.0, pause * 2)

    def _request(
        self, path: str, file: Path | None, stamp: Stamp | None, key: str
    ) -> tuple[int, urllib3.HTTPHeaderDict, Any]:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json",
            "Accept-Language": self.language,
            "User-Agent": f"fatto-push/{__version__}",
        }
        address = f"{self.url.rstrip('/')}/api/v1{path}"
        if file is None or stamp is None:
            answer = self._pool.request("GET", address, headers=headers, redirect=False, preload_content=False)
        else:
            headers |= {
                "Content-Type": "application/octet-stream",
                "Content-Length": str(stamp.size),
                "Idempotency-Key": key,
            }
            with file.open("rb") as body:
                if Stamp.of(file) != stamp:
                    raise Changed
                answer = self._pool.request(
                    "POST", address, headers=headers, body=body, redirect=False, preload_content=False
                )
        try:
            data = answer.read(_ANSWER)
        finally:
            answer.release_conn()
        if "json" not in answer.headers.get("Content-Type", ""):
            # A proxy in between speaks in pages; what it says with 404 or 413 counts all the same.
            if answer.status < 400:
                raise ValueError("no answer of the API")
            return answer.status, answer.headers, {}
        return answer.status, answer.headers, msgspec.json.decode(data)

    def _text(self, text: str, **values: object) -> str:
        return i18n.translate(text, self.language, **values)


def _detail(told: Any) -> str:
    return str(told.get("detail", "")) if isinstance(told, dict) else ""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def trusted(url: str) -> bool:
    """May a token be sent there? With https, or within this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def token(file: Path | None) -> str:
    """The token, out of a file or of the variable FATTO_PUSH_TOKEN; never off the command line, which others see."""
    text = file.read_text(encoding="utf-8") if file is not None else os.environ.get("FATTO_PUSH_TOKEN", "")
    return text.strip()
