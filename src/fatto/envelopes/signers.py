"""Who signed a CMS: names and times from the signer infos and certificates in it, as far as they can be read.

Nothing is verified, and nothing here may fail: a signer that cannot be read is still counted, without a name.
SignerInfo is RFC 5652 section 5.3, Certificate RFC 5280 section 4.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from fatto.envelopes import ber
from fatto.envelopes.enclosed import Signer

_MOST_SIGNERS, _MOST_CERTIFICATES, _MOST_ATTRIBUTES = 100, 100, 60
_HEADERS = 50_000

_SEQUENCE, _SET, _INTEGER, _OID = 0x30, 0x31, 0x02, 0x06
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_VERSION, _KEY_ID, _SIGNED_ATTRIBUTES, _EXTENSIONS = 0xA0, 0x80, 0xA0, 0xA3
_STRINGS = {0x0C: "utf-8", 0x1E: "utf-16-be", 0x1C: "utf-32-be"}
"""UTF8String, BMPString, UniversalString; the older ones are read as Latin-1."""

_COMMON_NAME, _SERIAL_NUMBER = b"\x55\x04\x03", b"\x55\x04\x05"
_ORGANIZATION, _ORGANIZATION_IDENTIFIER = b"\x55\x04\x0a", b"\x55\x04\x61"
_SUBJECT_KEY_IDENTIFIER = b"\x55\x1d\x0e"
_SIGNING_TIME = bytes.fromhex("2a864886f70d010905")

_TIME = re.compile(rb"(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(Z|[+-]\d{4})?")


class _Certificate(NamedTuple):
    serial: bytes
    issuer: bytes
    key_id: bytes | None
    names: dict[bytes, str]
    issuer_names: dict[bytes, str]
    not_before: datetime | None
    not_after: datetime | None


def read(
    reader: ber.Reader, certificates: ber.Element | None, signer_infos: ber.Element | None, layer: int
) -> tuple[Signer, ...]:
    """The signers of one layer, in the order of the file."""
    if signer_infos is None:
        return ()
    reader.allow(_HEADERS)
    known: list[_Certificate] = []
    for each in _some(reader, certificates, _MOST_CERTIFICATES):
        try:
            known.append(_certificate(reader, each))
        except ber.BerError:
            continue
    reader.allow(_HEADERS)
    found: list[Signer] = []
    for each in _some(reader, signer_infos, _MOST_SIGNERS):
        try:
            found.append(_signer(reader, each, known, layer))
        except ber.BerError:
            found.append(Signer(layer=layer))
    return tuple(found)


def _some(reader: ber.Reader, holder: ber.Element | None, most: int) -> Iterator[ber.Element]:
    """The first members of a set, up to where it is damaged."""
    if holder is None:
        return
    try:
        yield from islice(reader.children(holder), most)
    except ber.BerError:
        return


def _signer(reader: ber.Reader, info: ber.Element, known: list[_Certificate], layer: int) -> Signer:
    """SignerInfo ::= version, sid (issuer and serial, or [0] key identifier), algorithm, [0] signed attributes, …"""
    parts = list(islice(reader.children(info), 4))
    serial = issuer = key_id = None
    if len(parts) > 1 and parts[1].tag == _SEQUENCE:
        sid = list(islice(reader.children(parts[1]), 2))
        if len(sid) == 2:
            issuer, serial = reader.der(sid[0]), _value(reader, sid[1])
    elif len(parts) > 1 and parts[1].tag == _KEY_ID:
        key_id = _value(reader, parts[1])
    signed_at = None
    if len(parts) > 3 and parts[3].tag == _SIGNED_ATTRIBUTES:
        signed_at = _signing_time(reader, parts[3])
    theirs = [each for each in known if each.serial == serial or (key_id is not None and each.key_id == key_id)]
    if not theirs:
        return Signer(layer=layer, signed_at=signed_at, serial=_number(serial))
    # Some signing programs write the issuer's name a little differently than the certificate does:
    # the serial number decides when the name does not.
    best = next((each for each in theirs if each.issuer == issuer), theirs[0])
    return Signer(
        name=best.names.get(_COMMON_NAME) or best.names.get(_ORGANIZATION),
        tax_id=best.names.get(_SERIAL_NUMBER) or best.names.get(_ORGANIZATION_IDENTIFIER),
        issuer=best.issuer_names.get(_COMMON_NAME) or best.issuer_names.get(_ORGANIZATION),
        signed_at=signed_at,
        not_before=best.not_before,
        not_after=best.not_after,
        serial=_number(best.serial),
        layer=layer,
    )


def _signing_time(reader: ber.Reader, attributes: ber.Element) -> datetime | None:
    for attribute in islice(reader.children(attributes), _MOST_ATTRIBUTES):
        pair = list(islice(reader.children(attribute), 2))
        if len(pair) == 2 and _value(reader, pair[0]) == _SIGNING_TIME:
            value = next(reader.children(pair[1]), None)
            return _time(reader, value) if value else None
    return None


def _certificate(reader: ber.Reader, certificate: ber.Element) -> _Certificate:
    """TBSCertificate ::= [0] version, serial number, algorithm, issuer, validity, subject, key, …, [3] extensions."""
    body = next(reader.children(certificate), None)
    if certificate.tag != _SEQUENCE or body is None or body.tag != _SEQUENCE:
        raise ber.BerError("not a certificate")
    parts = list(islice(reader.children(body), 12))
    if parts and parts[0].tag == _VERSION:
        del parts[0]
    if len(parts) < 5:
        raise ber.BerError("not a certificate")
    serial, _algorithm, issuer, validity, subject = parts[:5]
    extensions = next((part for part in parts[5:] if part.tag == _EXTENSIONS), None)
    times = [_time(reader, each) for each in islice(reader.children(validity), 2)]
    return _Certificate(
        serial=_value(reader, serial),
        issuer=reader.der(issuer),
        key_id=_key_id(reader, extensions) if extensions else None,
        names=_names(reader, subject),
        issuer_names=_names(reader, issuer),
        not_before=times[0] if times else None,
        not_after=times[1] if len(times) > 1 else None,
    )


def _key_id(reader: ber.Reader, extensions: ber.Element) -> bytes | None:
    try:
        for holder in islice(reader.children(extensions), 1):
            for extension in islice(reader.children(holder), _MOST_ATTRIBUTES):
                parts = list(islice(reader.children(extension), 3))
                if parts and _value(reader, parts[0]) == _SUBJECT_KEY_IDENTIFIER:
                    inner = ber.Reader(reader.octets(parts[-1]), 10)
                    return _value(inner, inner.element(0))
    except ber.BerError:
        pass
    return None


def _names(reader: ber.Reader, name: ber.Element) -> dict[bytes, str]:
    """Attribute identifier → text, the first of each kind."""
    found: dict[bytes, str] = {}
    for rdn in islice(reader.children(name), _MOST_ATTRIBUTES):
        for attribute in islice(reader.children(rdn), _MOST_ATTRIBUTES):
            pair = list(islice(reader.children(attribute), 2))
            if len(pair) == 2 and (text := _text(reader, pair[1])):
                found.setdefault(_value(reader, pair[0]), text)
    return found


def _text(reader: ber.Reader, string: ber.Element) -> str:
    raw = _value(reader, string)[:2000]
    text = raw.decode(_STRINGS.get(string.tag, "latin-1"), "replace")
    if "\ufffd" in text and string.tag in _STRINGS:
        # seen: a UniversalString that holds Latin-1
        text = raw.replace(b"\x00", b"").decode("latin-1")
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _time(reader: ber.Reader, value: ber.Element) -> datetime | None:
    """UTCTime (two-digit years from 1950 on, RFC 5280) or GeneralizedTime, in UTC."""
    match = _TIME.fullmatch(_value(reader, value))
    if value.tag not in (_UTC_TIME, _GENERALIZED_TIME) or match is None:
        return None
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
    if len(match[1]) == 2:
        year += 1900 if year >= 50 else 2000
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        zone = match[7]
        if zone and zone != b"Z":
            shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
            moment = moment - shift if zone[:1] == b"+" else moment + shift
    except (ValueError, OverflowError):
        return None
    return moment


def _value(reader: ber.Reader, element: ber.Element) -> bytes:
    return reader.data[element.content : element.end]


def _number(serial: bytes | None) -> str | None:
    """A certificate's serial number in hexadecimal, as certificate viewers show it."""
    return f"{int.from_bytes(serial[:64], 'big'):02X}" if serial else None
