"""Mutated files: whatever arrives, opening gives values, quickly."""

from __future__ import annotations

import random
import time
import zipfile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envelopes.making import XML, identity, in_lines, rewritten, signed, zipped
from envelopes.test_embedded_in_pdf import CII, with_files
from envelopes.test_mails import message
from fatto import envelopes
from fatto.envelopes import Limits

MB = 1024 * 1024
_P7M = signed(XML, identity(), identity("Popescu Paul", "VATRO-1", 77))
_LOT = zipped(("a.xml.p7m", _P7M), ("d/b.xml", XML), ("c.pdf", with_files(("factur-x.xml", CII))))
SEEDS = [
    _P7M,
    rewritten(_P7M, indefinite=True, piece=11),
    in_lines(in_lines(_P7M)),
    _LOT,
    zipped(("in.zip", _LOT), ("x.xml", XML), method=zipfile.ZIP_STORED),
    zipped(("b.xml", XML), method=zipfile.ZIP_BZIP2),
    bytes(message(("a.xml.p7m", _P7M), ("lot.zip", _LOT))),
    with_files(("factur-x.xml", CII), ("a.xml", XML)),
]
SMALL = Limits(member=4 * MB, archive=8 * MB, total=64 * MB, members=200, depth=4, layers=4)


def mutated(seed: bytes, random_: random.Random, times: int) -> bytes:
    """A file with bytes flipped, cut, doubled, inserted, or sewn to another file."""
    data = bytearray(seed)
    for _ in range(times):
        at, length = random_.randrange(len(data) + 1), random_.choice((1, 1, 2, 4, 16, 200))
        match random_.randrange(6):
            case 0 | 1:
                data[at : at + length] = random_.randbytes(len(data[at : at + length]))
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length] * random_.choice((1, 2, 50))
            case 4:
                data[at : at + 1] = random_.choice((b"\x00", b"\x80", b"\xff", b"\x24\x80", b"PK\x03\x04", b"\n\n--"))
            case _:
                other = random_.choice(SEEDS)
                start = random_.randrange(len(other))
                data[at:at] = other[start : start + length]
    return bytes(data)


def check(data: bytes, name: str) -> None:
    started = time.process_time()
    members = set()
    for each in envelopes.open(data, name, SMALL):
        assert each.name
        assert each.member is None or not each.member.startswith("/")
        assert each.member not in members
        members.add(each.member)
        if each.error is None:
            assert each.data
        else:
            assert each.data == b""
            assert each.error.message
            assert each.error.code in (envelopes.__doc__ or "")
    assert time.process_time() - started < 2


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.sampled_from(SEEDS),
    choice=st.randoms(use_true_random=False),
    times=st.integers(1, 12),
    name=st.sampled_from(["a.xml.p7m", "a.zip", "a.eml", "a.pdf", "a.xml"]),
)
def test_mutated_files_give_values_quickly(seed: bytes, choice: random.Random, times: int, name: str) -> None:
    check(mutated(seed, choice, times), name)


@settings(max_examples=100, deadline=None)
@given(
    start=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x30\x80\x06\x09", b"From: a@b\nTo: c\n", b"%PDF-1.4"]),
    rest=st.binary(max_size=400),
)
def test_random_bytes_give_values_quickly(start: bytes, rest: bytes) -> None:
    check(start + rest or b"x", "a.bin")


def test_the_seeds_themselves_are_read() -> None:
    for seed in SEEDS:
        assert all(each.error is None and each.kind == "xml" for each in envelopes.open(seed, "a"))
