"""Bytes that are kept: whole or not at all, under their own hash, healed when they come again."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from unittest import mock
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage

from fatto.portal.documents import vault


def fresh() -> bytes:
    return uuid4().bytes * 100


def path(sha256: str) -> Path:
    return Path(default_storage.path(vault.key(1, sha256)))


def test_bytes_are_read_as_they_were_stored_and_nobody_may_write_to_them():
    data = fresh()
    sha256 = vault.put(1, data)
    assert vault.get(1, sha256) == data
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert path(sha256).stat().st_mode & 0o227 == 0
    assert vault.put_stream(1, [data[:7], data[7:]]) == (sha256, len(data))


def test_damaged_bytes_are_never_given_out_and_are_healed_when_they_come_again():
    data = fresh()
    sha256 = vault.put(1, data)
    path(sha256).chmod(0o600)
    path(sha256).write_bytes(b"x" + data[1:])
    with pytest.raises(vault.Damaged):
        vault.get(1, sha256)
    vault.put(1, data)
    assert vault.get(1, sha256) == data


def test_a_full_disk_leaves_nothing_half_written():
    data = fresh()
    sha256 = hashlib.sha256(data).hexdigest()
    with (
        mock.patch.object(os, "fsync", side_effect=OSError(errno.ENOSPC, "full")),
        pytest.raises(OSError, match="full"),
    ):
        vault.put(1, data)
    assert list(path(sha256).parent.iterdir()) == []
    vault.put(1, data)
    assert vault.get(1, sha256) == data


def test_names_are_flushed_with_the_bytes():
    """A power cut must not forget the name of a file that the database speaks of."""
    data, flushed = fresh(), []
    fsync = os.fsync

    def noting(handle: int) -> None:
        flushed.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    with mock.patch.object(os, "fsync", noting):
        sha256 = vault.put(uuid4().int >> 100, data)
    folder = next(each for each in flushed if each.endswith(f"/{sha256[:2]}/{sha256[2:4]}"))
    assert {str(Path(folder).parent), str(Path(folder).parents[1]), str(Path(folder).parents[2])} <= set(flushed)


class Objects(Storage):
    """A store of objects, as S3 is: without paths, and with made-up names for names that are taken."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.somebody_else_is_quicker = b""

    def exists(self, name: str) -> bool:
        there = name in self.kept
        if self.somebody_else_is_quicker:
            self.kept[name], self.somebody_else_is_quicker = self.somebody_else_is_quicker, b""
        return there

    def _save(self, name: str, content: File[bytes]) -> str:
        self.kept[name] = content.read()
        return name

    def _open(self, name: str, mode: str) -> File[bytes]:
        return ContentFile(self.kept[name])

    def delete(self, name: str) -> None:
        del self.kept[name]


def test_two_who_store_the_same_in_one_moment_leave_one_file_under_its_own_name():
    """Nobody would ever look for the made-up name of the second."""
    store, data = Objects(), fresh()
    store.somebody_else_is_quicker = data
    with mock.patch.object(vault, "default_storage", store):
        sha256 = vault.put(1, data)
        assert vault.get(1, sha256) == data
    assert store.kept == {vault.key(1, sha256): data}
