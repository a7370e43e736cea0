from __future__ import annotations

import bz2
import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest

from envelopes.making import XML, identity, signed, zipped
from fatto import envelopes
from fatto.envelopes import Limits

MB = 1024 * 1024


def opened(data: bytes, name: str = "lot.zip", **limits: int) -> list[envelopes.Enclosed]:
    return list(envelopes.open(io.BytesIO(data), name, Limits(**limits)))


def codes(data: bytes, **limits: int) -> list[tuple[str | None, str | None]]:
    return [(each.member, each.error.code if each.error else None) for each in opened(data, **limits)]


def test_files_come_out_in_the_order_of_the_archive_with_their_bytes() -> None:
    p7m = signed(XML, identity())
    found = opened(zipped(("b/IT01_2.xml.p7m", p7m), ("a.pdf", b"%PDF-1.4 x"), ("IT01_1.xml", XML)))
    assert [(e.name, e.member, e.kind) for e in found] == [
        ("IT01_2.xml.p7m", "b/IT01_2.xml.p7m", "xml"),
        ("a.pdf", "a.pdf", "pdf"),
        ("IT01_1.xml", "IT01_1.xml", "xml"),
    ]
    assert found[0].file == p7m
    assert found[0].data == XML
    assert found[0].peeled == ("zip", "cms")
    assert found[2].data is found[2].file


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_usual_ways_of_packing_are_known(method: int) -> None:
    large = XML * 60_000
    (found,) = opened(zipped(("a.xml", large), method=method))
    assert found.error is None
    assert found.data == large


def test_bytes_and_files_that_cannot_seek_give_the_same() -> None:
    data = zipped(("a.xml", XML), ("b.xml", XML))

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.inner = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return False

        def readinto(self, buffer) -> int:
            return self.inner.readinto(buffer)

    expected = opened(data)
    assert list(envelopes.open(data, "lot.zip")) == expected
    assert list(envelopes.open(io.BufferedReader(Pipe()), "lot.zip")) == expected


def test_archives_in_archives_and_signed_archives_are_opened() -> None:
    inner = zipped(("IT01_1.xml.p7m", signed(XML, identity())), ("x.xml", XML))
    outer = identity("Outer", "TINIT-O", 5)
    found = opened(zipped(("deep/inner.zip", inner), ("signed.zip.p7m", signed(inner, outer))))
    assert [e.member for e in found] == [
        "deep/inner.zip/IT01_1.xml.p7m",
        "deep/inner.zip/x.xml",
        "signed.zip.p7m/IT01_1.xml.p7m",
        "signed.zip.p7m/x.xml",
    ]
    assert {e.data for e in found} == {XML}
    assert found[2].peeled == ("zip", "cms", "zip", "cms")
    assert [(s.name, s.layer) for s in found[2].signers] == [("Outer", 0), ("Rossi Maria", 1)]


def test_archives_nested_too_deep_are_refused() -> None:
    data = zipped(("a.xml", XML))
    for _ in range(9):
        data = zipped(("in.zip", data), ("beside.xml", XML))
    found = opened(data)
    assert [e.error.code for e in found if e.error] == ["zip-too-deep"]
    assert sum(e.data == XML for e in found) == 8


def test_what_systems_leave_behind_is_skipped_silently() -> None:
    noise = ["__MACOSX/._a.xml", "d/", "d/.DS_Store", "Thumbs.db", "x/desktop.ini", "d\\__MACOSX\\b"]
    data = zipped(*((name, b"" if name.endswith("/") else b"noise") for name in noise), ("d/a.xml", XML))
    assert codes(data) == [("d/a.xml", None)]
    assert codes(zipped(("._a.xml", b"\x00\x05\x16\x07 Mac OS X"), ("._b.xml", XML))) == [("._b.xml", None)]


def test_an_archive_without_files_says_so() -> None:
    for data in (zipped(), zipped(("d/", b""), ("Thumbs.db", b"x"))):
        (found,) = opened(data)
        assert (found.error.code, found.member, found.name, found.file) == ("zip-empty", None, "lot.zip", data)


def test_an_empty_file_says_so() -> None:
    assert codes(zipped(("a.xml", b""), ("b.xml", XML))) == [("a.xml", "empty"), ("b.xml", None)]
    (found,) = envelopes.open(b"", "a.xml")
    assert found.error.code == "empty"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/cron.d/x.xml", "etc/cron.d/x.xml"),
        ("a/../../x.xml", "a/x.xml"),
        ("..\\..\\x.xml", "x.xml"),
        ("/etc/x.xml", "etc/x.xml"),
        ("C:\\Windows\\x.xml", "Windows/x.xml"),
        ("c:x.xml", "x.xml"),
        ("\\\\server\\share\\x.xml", "server/share/x.xml"),
    ],
)
def test_names_that_lead_out_are_refused_and_the_rest_goes_on(name: str, shown: str) -> None:
    found = opened(zipped((name, XML), ("good.xml", XML)))
    assert [(e.member, e.error and e.error.code, e.data) for e in found] == [
        (shown, "zip-traversal", b""),
        ("good.xml", None, XML),
    ]
    assert shown in found[0].error.message


def test_odd_names_become_harmless() -> None:
    names = ["a\u202elmx.exe", "x\n\x1b[31m.xml", "./b//c.xml", "é" * 400 + ".xml"]
    found = opened(zipped(*((name, XML) for name in names)))
    assert [e.member for e in found[:3]] == ["a_lmx.exe", "x__[31m.xml", "b/c.xml"]
    assert len(found[3].name) < 210
    assert found[3].name.endswith("….xml")
    assert codes(zipped(("é" * 1500, XML)))[0][1] == "zip-name"


def test_links_and_devices_are_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, mode in (("link.xml", 0o120777), ("fifo.xml", 0o010644), ("file.xml", 0o100644)):
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = mode << 16
            archive.writestr(info, "/etc/passwd" if name == "link.xml" else XML)
    assert codes(target.getvalue()) == [("link.xml", "zip-link"), ("fifo.xml", "zip-link"), ("file.xml", None)]


def test_names_in_any_encoding_are_read() -> None:
    data = zipped(("società.xml", XML))
    assert opened(data)[0].name == "società.xml"
    for raw in ("società.xml".encode(), "società.xml".encode("cp437")):
        odd = zipped(("X" * len(raw), XML)).replace(b"X" * len(raw), raw)
        assert opened(odd)[0].name == "società.xml"


def test_the_same_name_twice_gives_both_files() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("d/a.xml.p7m", XML), ("d/a.xml.p7m", XML + b" "), ("d/a (2).xml.p7m", XML), ("d/a.xml.p7m", XML))
    found = opened(data)
    assert [e.member for e in found] == [
        "d/a.xml.p7m",
        "d/a (2).xml.p7m",
        "d/a (2) (2).xml.p7m",
        "d/a (3).xml.p7m",
    ]
    assert [e.name for e in found] == ["a.xml.p7m", "a.xml.p7m", "a (2).xml.p7m", "a.xml.p7m"]
    assert found[1].data == XML + b" "


def test_a_spreadsheet_stays_whole_and_a_signature_container_is_opened() -> None:
    sheet = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
    asic = zipped(("mimetype", b"application/vnd.etsi.asic-e+zip"), ("a.xml", XML), method=zipfile.ZIP_STORED)
    odt = zipped(("mimetype", b"application/vnd.oasis.opendocument.text"), ("a.xml", XML), method=zipfile.ZIP_STORED)
    assert [(e.name, e.kind, e.peeled, e.data) for e in opened(sheet, "s.xlsx")] == [("s.xlsx", "other", (), sheet)]
    found = opened(zipped(("s.xlsx", sheet), ("c.asice", asic), ("t.odt", odt)))
    assert [e.member for e in found] == ["s.xlsx", "c.asice/mimetype", "c.asice/a.xml", "t.odt"]


# Broken archives


def test_a_truncated_archive_gives_what_is_whole_and_says_that_it_is_not() -> None:
    data = zipped(("a.xml", XML), ("b.xml", XML * 20), ("c.xml", XML))
    cut = data[: data.index(b"c.xml") + 10]
    assert codes(cut) == [("a.xml", None), ("b.xml", None), ("c.xml", "zip-damaged"), (None, "zip-damaged")]
    found = opened(cut)
    assert [e.data for e in found[:2]] == [XML, XML * 20]
    assert found[-1].file == cut
    without_directory = data[: data.index(b"PK\x01\x02")]
    assert codes(without_directory) == [("a.xml", None), ("b.xml", None), ("c.xml", None), (None, "zip-damaged")]


def test_a_truncated_streamed_archive_gives_what_is_whole() -> None:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    target = Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.xml", "b.xml", "c.xml"):
            archive.writestr(name, XML)
    data = target.getvalue()
    assert b"PK\x07\x08" in data  # sizes come after the data
    assert codes(data) == [("a.xml", None), ("b.xml", None), ("c.xml", None)]
    cut = data[: data.index(b"c.xml") + 20]
    assert codes(cut)[:2] == [("a.xml", None), ("b.xml", None)]
    assert codes(cut)[-1] == (None, "zip-damaged")


def test_the_end_of_an_inner_archive_is_not_taken_for_that_of_a_truncated_outer_one() -> None:
    inner = zipped(("in.xml", XML))
    data = zipped(("a.xml", XML), ("inner.zip", inner), ("z.xml", XML), method=zipfile.ZIP_STORED)
    cut = data[: data.rindex(b"PK\x03\x04") + 8]
    assert codes(cut)[:2] == [("a.xml", None), ("inner.zip/in.xml", None)]


def test_nothing_to_save_is_one_refusal() -> None:
    (found,) = opened(b"PK\x03\x04" + b"\x07" * 20)
    assert (found.error.code, found.member) == ("zip-damaged", None)
    assert "nothing" in found.error.message


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"PK\x03\x04" * 2_000_000, id="many-marks"),
        pytest.param((b"PK\x03\x04" + bytes(26)) * 500_000, id="many-empty-headers"),
        pytest.param((b"PK\x03\x04" + bytes(22) + b"\x01\x00\x00\x00a") * 300_000, id="many-headers"),
        pytest.param(b"PK\x03\x04" + b"PK\x05\x06" * 1_000_000, id="many-ends"),
    ],
)
def test_hostile_wreckage_is_given_up_quickly(data: bytes) -> None:
    started = time.process_time()
    found = codes(data, members=20_000)
    assert time.process_time() - started < 2
    assert found[-1][1] in ("zip-damaged", "too-many-members")


def test_a_damaged_member_is_refused_and_the_rest_goes_on() -> None:
    data = bytearray(zipped(("a.xml", XML * 9), ("b.xml", XML), ("c.xml", XML), method=zipfile.ZIP_STORED))
    data[data.index(b"Invoice") + 100] ^= 1
    assert codes(bytes(data)) == [("a.xml", "zip-damaged"), ("b.xml", None), ("c.xml", None)]
    data = bytearray(zipped(("a.xml", XML * 9), ("b.xml", XML)))
    data[38] ^= 0xFF
    assert codes(bytes(data)) == [("a.xml", "zip-damaged"), ("b.xml", None)]


def test_passwords_and_rare_packing_are_refused_with_a_reason() -> None:
    data = zipped(("a.xml", XML), ("b.xml", XML))
    entry = data.index(b"PK\x01\x02")
    encrypted = data[: entry + 8] + b"\x01\x00" + data[entry + 10 :]
    assert codes(encrypted) == [("a.xml", "zip-encrypted"), ("b.xml", None)]
    lzma = zipped(("a.xml", XML), method=zipfile.ZIP_LZMA)
    assert codes(lzma) == [("a.xml", "zip-unsupported")]
    assert "14" in opened(lzma)[0].error.message


def test_an_archive_with_wide_sizes_is_read() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, archive.open("a.xml", "w", force_zip64=True) as member:
        member.write(XML)
    assert [e.data for e in opened(target.getvalue())] == [XML]


def test_more_than_65535_members_are_walked_with_the_wide_directory() -> None:
    body = b"x"
    crc = zlib.crc32(body)
    locals_, central = bytearray(), bytearray()
    for n in range(70_000):
        name = b"%d.txt" % n
        header = struct.pack("<HHHHHLLLHH", 20, 0, 0, 0, 33, crc, 1, 1, len(name), 0)
        central += b"PK\x01\x02" + struct.pack("<H", 20) + header
        central += struct.pack("<HHHLL", 0, 0, 0, 0, len(locals_)) + name
        locals_ += b"PK\x03\x04" + header + name + body
    at, size = len(locals_), len(central)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 70_000, 70_000, size, at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at + size, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    data = bytes(locals_ + central) + end64 + locator + end
    names = [each.name for each in envelopes.open(io.BytesIO(data), "lot.zip") if each.error is None]
    assert (len(names), names[-1]) == (70_000, "69999.txt")


# Bombs


def test_a_member_that_unpacks_to_too_much_is_refused_whatever_its_header_says() -> None:
    data = zipped(("bomb.xml", bytes(100 * MB)), ("good.xml", XML))
    small = struct.pack("<L", 100)
    lying = data.replace(struct.pack("<L", 100 * MB), small)
    for each in (data, lying):
        started = time.process_time()
        assert codes(each) == [("bomb.xml", "zip-bomb"), ("good.xml", None)]
        assert time.process_time() - started < 1


def test_a_bzip2_bomb_never_fills_the_memory() -> None:
    data = zipped(("bomb.xml", bytes(100 * MB)), method=zipfile.ZIP_BZIP2)
    assert len(data) < 1000
    tracemalloc.start()
    try:
        assert codes(data) == [("bomb.xml", "zip-bomb")]
        assert tracemalloc.get_traced_memory()[1] < 30 * MB
    finally:
        tracemalloc.stop()


def test_an_honest_large_member_is_refused_by_its_size() -> None:
    noise = zlib.compress(b"x" * 100) * 200_000
    data = zipped(("film.xml", noise), ("good.xml", XML), method=zipfile.ZIP_STORED)
    assert codes(data, member=1 * MB) == [("film.xml", "too-large"), ("good.xml", None)]
    assert opened(noise, "film.bin", member=1 * MB)[0].error.code == "too-large"
    assert next(envelopes.open(noise, "film.bin", Limits(member=1 * MB))).error.code == "too-large"


def test_overlapping_entries_are_stopped_by_the_total() -> None:
    kernel = zipped(("0.xml", b" " * (7 * MB)))
    directory = kernel.index(b"PK\x01\x02")
    entry = kernel[directory : kernel.index(b"PK\x05\x06")]
    entries = b"".join(entry.replace(b"0.xml", b"%05d" % n) for n in range(5000))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 5000, 5000, len(entries), directory, 0)
    started = time.process_time()
    found = codes(kernel[:directory] + entries + end)
    assert time.process_time() - started < 4
    assert found[-1][1] == "zip-bomb"
    assert len(found) < 50


def test_archives_within_archives_share_one_total() -> None:
    data = zipped(*((f"{n}.xml", b" " * (7 * MB)) for n in range(10)))
    for _ in range(3):
        data = zipped(*((f"{n}.zip", data) for n in range(10)))
    started = time.process_time()
    found = codes(data)
    assert time.process_time() - started < 4
    assert found[-1][1] == "zip-bomb"
    assert sum(code is not None for _member, code in found) == 1


def test_too_many_members_end_the_opening_with_a_reason() -> None:
    data = zipped(*((f"{n}.xml", XML) for n in range(12)))
    assert codes(data, members=10)[9:] == [("9.xml", None), ("10.xml", "too-many-members")]
    nested = zipped(*((f"{n}.zip", data) for n in range(3)))
    assert codes(nested, members=15)[-1][1] == "too-many-members"


def test_twenty_thousand_members_are_read_in_flat_memory() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for n in range(20_000):
            archive.writestr(f"2026/IT01234567890_{n:05d}.xml", XML)
    first = next(envelopes.open(target, "year.zip"))  # what is loaded once is loaded now
    assert first.data == XML
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        count = 0
        for each in envelopes.open(target, "year.zip"):
            count += each.error is None
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 8 * MB  # the names given so far, and one member


def test_an_archive_inside_an_archive_larger_than_a_member_may_be_is_read_in_flat_memory() -> None:
    filler = bz2.compress(b"incompressible") * 20_000
    inner = zipped(*((f"{n}.bin", filler) for n in range(30)), ("a.xml", XML), method=zipfile.ZIP_STORED)
    assert len(inner) > 25 * MB
    source = io.BytesIO(zipped(("inner.zip", inner), method=zipfile.ZIP_STORED))
    tracemalloc.start()
    try:
        names = [e.member for e in envelopes.open(source, "lot.zip", Limits(member=4 * MB)) if not e.error]
        assert tracemalloc.get_traced_memory()[1] < 20 * MB
    finally:
        tracemalloc.stop()
    assert names[-1] == "inner.zip/a.xml"
    assert len(names) == 31
