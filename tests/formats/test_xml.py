"""Parsing: what is refused, what is mended, what leafs become."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fatto.errors import Unreadable
from fatto.formats import xml
from fatto.formats.xml import Reader, children, many, one


def codes(data: bytes) -> list[str]:
    return [finding.code for finding in xml.parse(data)[1]]


def refused(data: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        xml.parse(data)
    return caught.value


def test_clean_xml_has_no_findings() -> None:
    root, findings = xml.parse('<?xml version="1.0" encoding="UTF-8"?><a><b>è</b></a>'.encode())
    assert root[0].text == "è"
    assert findings == ()


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE a><a/>",
        b'<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'\xef\xbb\xbf<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>',
        b"stray <!DOCTYPE a><a/>",
        "<!DOCTYPE a><a>è</a>".encode("utf-16"),
        "<!DOCTYPE a><a>è</a>".encode("utf-16-le"),
        '<?xml version="1.0" encoding="iso-8859-1"?><!DOCTYPE a><a>è</a>'.encode("latin-1"),
    ],
)
def test_document_type_is_refused_in_every_disguise(data: bytes) -> None:
    assert refused(data).code == "xml-doctype"


def test_words_about_a_document_type_are_no_document_type() -> None:
    assert xml.parse(b"<a><![CDATA[<!DOCTYPE x>]]></a>")[0].text == "<!DOCTYPE x>"


def test_seven_bit_disguise_of_a_document_type_is_not_understood() -> None:
    assert refused(b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>').code == "xml-broken"


@pytest.mark.parametrize("levels", [300, 3000, 200_000])
def test_huge_depth_is_refused(levels: int) -> None:
    assert refused(b"<a>" * levels + b"</a>" * levels).code == "xml-too-deep"


def test_huge_depth_beside_a_huge_text_is_refused() -> None:
    data = b"<r><t>" + b"x" * 11_000_000 + b"</t>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</r>"
    assert refused(data).code == "xml-too-deep"


def test_attachment_of_many_megabytes_is_read() -> None:
    root, findings = xml.parse(b"<a><b>" + b"QUJD" * 3_000_000 + b"</b></a>")
    assert len(root[0].text or "") == 12_000_000
    assert findings == ()


def test_flood_of_elements_is_refused_before_parsing() -> None:
    assert refused(b"<r>" + b"<a/>" * 5_000_000 + b"</r>").code == "xml-too-big"


@pytest.mark.parametrize("data", [b"", b"  \r\n", b"\0\0\0", b"\xef\xbb\xbf"])
def test_nothing_is_called_empty(data: bytes) -> None:
    assert refused(data).code == "empty"


@pytest.mark.parametrize("data", [b"hello", b'{"a": 1}', b"%PDF-1.4", b"\x00\x01\x02\x03", b"a > b", b"<<<"])
def test_what_is_no_xml_is_called_so(data: bytes) -> None:
    assert refused(data).code == "not-xml"


def test_web_page_is_called_so() -> None:
    error = refused(b"<!doctype html><html><br><p>no</html>")
    assert error.code == "not-xml"
    assert "web page" in error.message


def test_broken_xml_says_where() -> None:
    error = refused(b'<?xml version="1.0"?>\n<a>\n<b></c>\n</a>')
    assert error.code == "xml-broken"
    assert (error.values["line"], error.values["column"]) == (3, 8)


def test_truncated_xml_is_broken() -> None:
    assert refused(b"<a><b>12").code == "xml-broken"


@pytest.mark.parametrize(
    ("data", "text", "found"),
    [
        (b"\xef\xbb\xbf<a>x</a>", "x", "byte-order-mark"),
        (b'\n\n<?xml version="1.0"?><a>x</a>', "x", "stray-bytes"),
        (b"garbage<a>x</a>", "x", "stray-bytes"),
        (b"<a>x</a>\x00\x00garbage", "x", "stray-bytes"),
        (b"<a>x</a><a>y</a>", "x", "stray-bytes"),
        (b"<a>x\x01y&#2;</a>", "xy", "control-characters"),
        (b"<a>x & y</a>", "x & y", "bare-ampersand"),
        (b"<a>R&D; x &amp; <![CDATA[a&b]]></a>", "R&D; x & a&b", "bare-ampersand"),
        (b"<a>\xe8</a>", "è", "wrong-encoding"),
        (b'<?xml version="1.0" encoding="UTF-8"?><a>\x80 \xe0</a>', "€ à", "wrong-encoding"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\x80</a>', "€", "wrong-encoding"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><a>è</a>'.encode(), "è", "wrong-encoding"),
        ('<?xml version="1.0" encoding="utf-16"?><a>è</a>'.encode(), "è", "wrong-encoding"),
        ('<?xml version="1.0" encoding="utf-8"?><a>è</a>'.encode("utf-16"), "è", "wrong-encoding"),
        ('<?xml version="1.0" encoding="klingon"?><a>è</a>'.encode(), "è", "wrong-encoding"),
        (b'<p:a xmlns:p="http://x/ y">x</p:a>', "x", "bad-namespace"),
        (b'<p:a xmlns:p="http://x"">x</p:a>', "x", "bad-namespace"),
        (b"<p:a>x</p:a>", "x", "bad-namespace"),
        (b'<a xsi:type="b">x</a>', "x", "bad-namespace"),
    ],
)
def test_repair_keeps_the_text_and_leaves_one_finding(data: bytes, text: str, found: str) -> None:
    root, findings = xml.parse(data)
    assert xml.local(root) == "a"
    assert root.text == text
    assert [finding.code for finding in findings] == [found]


@pytest.mark.parametrize("encoding", ["windows-1252", "iso-8859-1", "iso-8859-15", "windows-1250", "utf-16"])
def test_encodings_that_say_what_they_are_need_no_repair(encoding: str) -> None:
    letter = "ă" if encoding == "windows-1250" else "é"
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>{letter}</a>'.encode(encoding)
    root, findings = xml.parse(data)
    assert root.text == letter
    assert findings == ()


def test_values_of_two_encodings_in_one_file_are_each_read_in_theirs() -> None:
    root, _findings = xml.parse(b"<a><b>citt\xc3\xa0</b><c>perch\xe9</c></a>")
    assert [child.text for child in root] == ["città", "perché"]


def test_comments_and_instructions_do_not_cut_values() -> None:
    assert xml.parse(b"<a>12<!-- x -->34<?y z?>.5<![CDATA[6]]></a>")[0].text == "1234.56"


def test_line_numbers_count_in_the_original() -> None:
    root, _findings = xml.parse(b'\n\n<?xml version="1.0"?>\n<a>\n<b>\xe8</b></a>')
    assert root[0].sourceline == 5


def test_prolog_of_many_instructions_is_parsed_in_no_time() -> None:
    assert refused(b"<?a?>" * 20_000 + b"<!DOCTYPE x ").code == "xml-doctype"
    assert refused(b"<!--a-->" * 20_000 + b"<x>").code == "xml-broken"


# Leafs


def nodes(text: str) -> xml.Nodes:
    return children(xml.parse(f"<r xmlns:p='urn:p'>{text}</r>".encode())[0])


def test_children_are_found_by_local_name_in_any_namespace() -> None:
    found = nodes("<p:A>1</p:A><B xmlns='urn:q'>2</B><C>3</C>")
    assert [Reader().text(found, name) for name in "ABC"] == ["1", "2", "3"]


def test_repeated_children_keep_their_order() -> None:
    found = nodes("<A>1</A><B/><A>2</A><A>3</A>")
    assert [each.text for each in many(found, "A")] == ["1", "2", "3"]
    first = one(found, "A")
    assert first is not None
    assert first.text == "1"
    assert Reader().texts(found, "A") == ("1", "2", "3")
    assert many(found, "C") == []


def test_text_is_stripped_and_emptiness_is_none() -> None:
    found = nodes("<A>\n x y </A><B>  </B><C/>")
    reader = Reader()
    assert [reader.text(found, name) for name in "ABCD"] == ["x y", None, None, None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.50", "12.50"),
        (" -3 ", "-3"),
        ("+1.0", "1.0"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1E-8", "1E-8"),
        ("1e3", "1000"),
        ("0.000000000000", "0.00"),
    ],
)
def test_numbers_keep_their_digits(text: str, value: str) -> None:
    reader = Reader()
    assert str(reader.decimal(nodes(f"<A>{text}</A>"), "A")) == value
    assert reader.findings == []


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-inf",
        "1e999999",
        "1e99",
        "9" * 40,
        "1,00",
        "1.234,56",
        "1_000",
        "١٢",
        "0x10",
        "12 00",
        "--1",
    ],
)
def test_absurd_numbers_are_findings(text: str) -> None:
    reader = Reader()
    assert reader.decimal(nodes(f"<A>{text}</A>"), "A") is None
    (finding,) = reader.findings
    assert (finding.code, finding.path, finding.line, finding.found) == ("bad-number", "/r/A", 1, text)


def test_integers_are_whole() -> None:
    reader = Reader()
    found = nodes("<A>30</A><B>30.00</B><C>30.5</C>")
    assert [reader.integer(found, name) for name in "ABC"] == [30, 30, None]
    assert [finding.code for finding in reader.findings] == ["bad-number"]


@pytest.mark.parametrize(
    "text", ["2026-01-31", " 2026-01-31\n", "2026-01-31Z", "2026-01-31+01:00", "2026-01-31T23:59:59.5-05:00"]
)
def test_dates_may_have_zones_times_and_blanks(text: str) -> None:
    reader = Reader()
    assert reader.day(nodes(f"<A>{text}</A>"), "A") == date(2026, 1, 31)
    assert reader.findings == []


@pytest.mark.parametrize("text", ["31/01/2026", "2026-02-30", "20260131", "2026-W05-1", "0000-00-00", "gennaio"])
def test_what_is_no_date_is_a_finding(text: str) -> None:
    reader = Reader()
    assert reader.day(nodes(f"<A>{text}</A>"), "A") is None
    assert [finding.code for finding in reader.findings] == ["bad-date"]


def test_paths_name_prefixes_and_positions() -> None:
    root, _findings = xml.parse(
        b"<Invoice xmlns='urn:i' xmlns:c='urn:c'><c:ID/><Line/><Line><c:Net>x</c:Net></Line></Invoice>"
    )
    assert xml.path(root) == "/Invoice"
    assert xml.path(root[0]) == "/Invoice/c:ID"
    assert xml.path(root[2][0]) == "/Invoice/Line[2]/c:Net"


def test_findings_stop_at_a_limit() -> None:
    reader = Reader()
    root, _findings = xml.parse(b"<r>" + b"<A>x</A>" * 5000 + b"</r>")
    for element in root:
        reader.decimal_of(element)
    assert len(reader.findings) == xml.MAX_FINDINGS


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_parser(data: bytes) -> None:
    with suppress(Unreadable):
        assert xml.parse(data)[0] is not None


@given(
    st.binary(max_size=60), st.sampled_from([b"<a>%s</a>", b"<?xml version='1.0' encoding='%s'?><a/>", b"<a b='%s'/>"])
)
def test_no_bytes_within_xml_crash_the_parser(data: bytes, frame: bytes) -> None:
    with suppress(Unreadable):
        root, _findings = xml.parse(frame % data)
        Reader().decimal_of(root)
        Reader().day_of(root)


@given(st.text(max_size=40))
def test_no_text_crashes_number_or_date(text: str) -> None:
    value = xml.number(text)
    assert value is None or (value.is_finite() and abs(value) < Decimal(10) ** 21)
    xml.calendar_day(text)
