"""Makes damaged files out of good ones, the same ones for the same seed."""

from __future__ import annotations

import base64
import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 2_000_000
"""Bytes of a damaged file; larger ones are cut."""

_TAG = re.compile(rb"<([A-Za-z_][\w.:-]*)(?:\s[^<>]*)?>[^<>]{0,200}</\1\s*>")
_ANY_TAG = re.compile(rb"<[^<>]{1,200}>")
_NUMBER = re.compile(rb"(?<=>)-?[0-9][0-9.\-]*(?=<)")
_QUOTED = re.compile(rb'"[^"<>]{0,200}"')

NUMBERS = (
    b"NaN", b"-Infinity", b"1e999", b"1E-999", b"1,5", b"1.234,56", b"", b" ", b"0x10", b"--1", b"1_000",
    b"9" * 5000, b"0." + b"0" * 5000 + b"1", b"2026-02-30", b"0000-00-00", b"99999-01-01", "٣".encode(), b"1 000",
)  # fmt: skip
TEXTS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[31m", b"&amp;amp;", b"&undefined;", b"&#0;", b"&#x110000;",
    b"&#xD800;",
    b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x ?>", b"{found}", b"{0.__class__}", b"%s%n", "\u202e".encode(),
    "𝟙".encode(), b"\xc3", b"\xed\xa0\x80", b"xmlns=''", b"xmlns:a='b'",
)  # fmt: skip
DOCTYPES = (
    b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>',
    b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>',
    b'<!DOCTYPE r SYSTEM "/dev/zero">',
)
ENCODINGS = (b"UTF-16", b"UTF-7", b"ISO-8859-1", b"windows-1252", b"EBCDIC-CP-US", b"nonsense", b"UTF-32", b"idna")

Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def samples() -> list[tuple[str, bytes]]:
    """Good files: our own samples, and the shared corpus where there is one."""
    found: list[tuple[str, bytes]] = []
    for folder in (ROOT / "tests" / "samples", ROOT.parent / "shared" / "corpus"):
        for path in sorted(folder.rglob("*")):
            suffixes = (".xml", ".zip", ".p7m", ".eml", ".pdf")
            if path.is_file() and path.suffix.lower() in suffixes and path.stat().st_size < 300_000:
                found.append((path.name, path.read_bytes()))
    return found


def flip(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    damaged = bytearray(data)
    for _time in range(random.choice((1, 2, 5, 50))):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    return bytes(damaged)


def truncate(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    cut = random.randrange(len(data))
    return data[:cut] if random.random() < 0.8 else data[cut:]


def remove(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    start = random.randrange(len(data))
    return data[:start] + data[start + random.randrange(1, 200) :]


def insert(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + random.choice(TEXTS) * random.choice((1, 1, 3, 1000)) + data[at:]


def splice(random: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = random.choice(others)
    return data[: random.randrange(len(data))] + other[random.randrange(len(other)) :]


def repeat(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """An element once more, or thousands of times."""
    found = list(_TAG.finditer(data))
    if not found:
        return data + data
    tag = random.choice(found)
    return data[: tag.end()] + tag[0] * random.choice((1, 1, 2, 40, 3000)) + data[tag.end() :]


def drop(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """An element less, or only one of its tags."""
    found = list((_TAG if random.random() < 0.7 else _ANY_TAG).finditer(data))
    if not found:
        return data
    tag = random.choice(found)
    return data[: tag.start()] + data[tag.end() :]


def swap(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Two elements change places."""
    found = list(_TAG.finditer(data))
    if len(found) < 2:
        return data
    one, two = sorted(random.sample(found, 2), key=lambda each: each.start())
    if one.end() > two.start():
        return data
    return data[: one.start()] + two[0] + data[one.end() : two.start()] + one[0] + data[two.end() :]


def garble_number(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    value = random.choice(NUMBERS)
    if random.random() < 0.2:
        return _NUMBER.sub(value[:200], data)
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    number = random.choice(found)
    return data[: number.start()] + value + data[number.end() :]


def garble_attribute(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    found = list(_QUOTED.finditer(data))
    if not found:
        return data
    value = random.choice(found)
    return data[: value.start() + 1] + random.choice((*TEXTS, b"", b"x" * 70_000)) + data[value.end() - 1 :]


def inject_doctype(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    at = data.find(b"?>") + 2 if data.startswith(b"<?xml") else 0
    return data[:at] + random.choice(DOCTYPES) + data[at:].replace(b"</", b"&x;&c;</", random.choice((0, 1, 5)))


def nest(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Elements within elements, thousands deep."""
    found = list(_ANY_TAG.finditer(data))
    at = random.choice(found).end() if found else 0
    depth = random.choice((10, 200, 300, 5000, 100_000))
    closing = b"</a>" * depth if random.random() < 0.7 else b""
    return data[:at] + b"<a>" * depth + closing + data[at:]


def declare(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """An encoding that it is not."""
    body = re.sub(rb"^<\?xml[^>]*\?>", b"", data)
    text = b'<?xml version="1.0" encoding="' + random.choice(ENCODINGS) + b'"?>' + body
    if random.random() < 0.4:
        encoding = random.choice(("utf-16", "utf-16-be", "utf-32", "latin-1", "cp1252"))
        return text.decode("utf-8", "replace").encode(encoding, "replace")
    return text


def armour(random: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    for _time in range(random.choice((1, 2, 15))):
        if len(data) < 200_000:
            data = base64.encodebytes(data) if random.random() < 0.5 else base64.b64encode(data)
    return data


def pack(random: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """In an archive, with odd names, or in several."""
    for _time in range(random.choice((1, 1, 2, 12))):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            name = random.choice(("a.xml", "../../a.xml", "/etc/a", "a" * 300, "ș/ț.xml", "C:\\a.xml", "a\x00b", ""))
            archive.writestr(zipfile.ZipInfo(name), data)
            if random.random() < 0.3:
                archive.writestr(zipfile.ZipInfo("b.xml"), random.choice(others))
        data = packed.getvalue()
    return data


MUTATIONS: tuple[Mutation, ...] = (
    flip, flip, truncate, remove, insert, insert, splice, repeat, repeat, drop, drop, swap, garble_number,
    garble_number, garble_attribute, inject_doctype, nest, declare, armour, pack,
)  # fmt: skip


def damaged(seed: int, number: int, good: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """The name and the bytes of one damaged file; the same for the same seed, number and good files."""
    chance = random.Random(f"{seed}:{number}")
    name, data = chance.choice(good)
    others = [each for _name, each in chance.sample(good, min(3, len(good)))]
    for _time in range(chance.choice((1, 1, 1, 2, 3))):
        data = chance.choice(MUTATIONS)(chance, data or b"<", others)[:MOST]
    return name, data
