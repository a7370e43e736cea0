"""Original bytes under their SHA-256: written once, never overwritten, checked when read.

The key is `<firm>/<2 hex>/<2 hex>/<sha256>`. Storage is Django's default storage: a folder, or any
S3-compatible store. Writing waits for the disk or the network: do it before a scope opens.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage

CHUNK = 1 << 20


class Damaged(Exception):
    """Bytes in the vault do not have the hash they are kept under."""


def key(firm_id: int, sha256: str) -> str:
    """Where bytes of a firm lie."""
    return f"{firm_id}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def put(firm_id: int, data: bytes) -> str:
    """Store bytes; gives their SHA-256. The same bytes again change nothing."""
    sha256 = hashlib.sha256(data).hexdigest()
    _store(key(firm_id, sha256), ContentFile(data), len(data))
    return sha256


def put_stream(firm_id: int, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Store a stream of any length in constant memory; gives its SHA-256 and size."""
    digest = hashlib.sha256()
    size = 0
    with tempfile.TemporaryFile() as spool:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            spool.write(chunk)
        spool.seek(0)
        sha256 = digest.hexdigest()
        _store(key(firm_id, sha256), File(spool), size)
    return sha256, size


def open_stream(firm_id: int, sha256: str) -> BinaryIO:
    """The bytes as a seekable stream. Not checked: use `get` where the bytes are shown or read whole."""
    return cast(BinaryIO, default_storage.open(key(firm_id, sha256), "rb"))


def get(firm_id: int, sha256: str) -> bytes:
    """The bytes, checked against their hash; `Damaged` when they differ."""
    with default_storage.open(key(firm_id, sha256), "rb") as stream:
        data: bytes = stream.read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Damaged(sha256)
    return data


def _store(name: str, content: File[bytes], size: int) -> None:
    if isinstance(default_storage, FileSystemStorage) or hasattr(default_storage, "path"):
        try:
            path = Path(default_storage.path(name))
        except NotImplementedError:
            path = None
        if path is not None:
            _to_disk(path, content, size)
            return
    if default_storage.exists(name):
        return
    saved = default_storage.save(name, content)
    if saved != name:
        # Another stored the same bytes in the same moment, so a free name was made up. Theirs are enough.
        default_storage.delete(saved)


def _to_disk(path: Path, content: File[bytes], size: int) -> None:
    """Write beside, flush, and link into place: a name in the vault always has whole bytes.

    The folders are flushed as well, or a power cut could forget the name of what the database speaks of.
    Bytes that the disk has damaged meanwhile are replaced by the good ones.
    """
    if path.exists() and path.stat().st_size == size and _is_whole(path):
        return
    fresh = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in content.chunks(CHUNK):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(beside, 0o440)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    for folder in (path.parent, *(each.parent for each in fresh)):
        _flush(folder)


def _is_whole(path: Path) -> bool:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == path.name


def _flush(folder: Path) -> None:
    """Have the names in a folder on the disk; what cannot be flushed (a network share) flushes by itself."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
