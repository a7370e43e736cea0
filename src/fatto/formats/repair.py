"""Mending XML that real programs got wrong, one finding a repair.

`xml.parse` comes here only when the plain way failed. The original bytes stay what they are: only
the copy that is read is mended.
"""

from __future__ import annotations

import codecs
import re

from lxml import etree

from fatto.errors import Unreadable
from fatto.formats.format import Element
from fatto.i18n import _
from fatto.rules.finding import Finding, Severity


def parser(*, huge: bool = False, lenient: bool = False) -> etree.XMLParser:
    """A parser without entities, document types and network."""
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        remove_comments=True,  # else a comment inside a value would cut it
        remove_pis=True,
        collect_ids=False,
        huge_tree=huge,
        recover=lenient,
    )


PARSER = parser()
_HUGE_PARSER = parser(huge=True)

_DECLARATION_TEXT = re.compile(r"<\?xml(?=[\s?])[^>]{0,400}\?>")
_PROLOG = r"(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+"
_DOCTYPE = re.compile(rf"{_PROLOG}<!DOCTYPE".encode(), re.DOTALL)
_ROOT_NAME = re.compile(rf"{_PROLOG}<([^\s/>!?]+)", re.DOTALL)
UTF8 = ("utf-8", "us-ascii")
_BYTE_SETS = re.compile(r"iso-8859-\d{1,2}|windows-125\d")


BOM = Finding(
    code="byte-order-mark",
    severity="info",
    text=_("The file begins with a byte order mark, which was skipped."),
)


def refuse_doctype(data: bytes) -> None:
    """Raise when the XML declares a document type before its root."""
    if b"<!DOCTYPE" in data and _DOCTYPE.match(data.removeprefix(codecs.BOM_UTF8)):
        raise Unreadable(
            "xml-doctype",
            _(
                "The XML file declares a document type (DOCTYPE). "
                "Invoices never do; such files can be used for attacks."
            ),
        )


def shorten(text: str, length: int = 60) -> str:
    """A text cut to a length, for findings."""
    return text if len(text) <= length else text[: length - 1] + "…"


class Repair:
    """Makes text of the bytes, then parses again and again, each time with one more thing mended."""

    def __init__(self, data: bytes, declared: str | None) -> None:
        self.data = data
        self.declared = declared
        self.findings: list[Finding] = []
        self.tried: set[str] = set()

    def parse(self) -> tuple[Element, tuple[Finding, ...]]:
        if not self.data.strip(b" \t\r\n\0\xef\xbb\xbf"):
            raise Unreadable("empty", _("The file is empty."))
        text = self._trim(self._decode())
        for _round in range(16):
            encoded = text.encode("utf-8", "replace")
            refuse_doctype(encoded)
            try:
                return etree.fromstring(encoded, PARSER), tuple(self.findings)
            except etree.XMLSyntaxError as error:
                if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
                    return self._huge(encoded, error), tuple(self.findings)
                if error.code == etree.ErrorTypes.WAR_NS_URI:
                    root = _despite_namespaces(encoded)
                    if root is not None:
                        self._found(
                            "bad-namespace", _("A namespace in the file is damaged; it was read by the element names.")
                        )
                        return root, tuple(self.findings)
                mended = self._mend(text, error)
                if mended is None:
                    raise self._broken(text, error) from None
                text = mended
        raise Unreadable("xml-broken", _("The XML file is damaged in too many places to be read."))

    def _found(self, code: str, text: str, *, severity: Severity = "warning", **more: str) -> None:
        self.findings.append(Finding(code=code, severity=severity, text=text, **more))  # type: ignore[arg-type]

    def _huge(self, encoded: bytes, error: etree.XMLSyntaxError) -> Element:
        """A very long text (an attachment) is read with wider limits; a very deep tree is refused."""
        if "depth" in str(error.msg):
            raise _too_deep()
        try:
            return etree.fromstring(encoded, _HUGE_PARSER)
        except etree.XMLSyntaxError as again:
            if again.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
                raise _too_deep() from None
            raise self._broken("", again) from None

    def _broken(self, text: str, error: etree.XMLSyntaxError) -> Unreadable:
        if text and not re.search(r"<[A-Za-z_]", text):
            return _not_xml()
        if re.search(r"<(?:!doctype\s+)?html", text[:1000], re.IGNORECASE):
            return Unreadable("not-xml", _("The file is a web page, not an XML invoice."))
        line, column = error.position if error.position else (error.lineno, error.offset)
        return Unreadable(
            "xml-broken",
            _("The XML file is damaged at line {line}, column {column}: {reason}"),
            line=line or 0,
            column=column or 0,
            reason=str(error.msg).split(", line ")[0].strip(),
        )

    # Bytes to text

    def _decode(self) -> str:
        """The text of the file in the encoding that it really has."""
        data, declared = self.data, self.declared
        for mark, name in (
            (codecs.BOM_UTF32_LE, "utf-32"),
            (codecs.BOM_UTF32_BE, "utf-32"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if data.startswith(mark):
                return self._wide(data, name)
        if data[:2] == b"<\0":
            return self._wide(data, "utf-16-le")
        if data[:2] == b"\0<":
            return self._wide(data, "utf-16-be")
        if data.startswith(codecs.BOM_UTF8):
            self.findings.append(BOM)
            data = data[3:]
        if declared and _BYTE_SETS.fullmatch(declared) and not data.isascii():
            return self._bytewise(data, declared)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            self._encoding(declared or "utf-8", "windows-1252")
            return _decode_mixed(data)
        if declared and declared not in UTF8 and not data.isascii():
            self._encoding(declared, "utf-8")
        return text

    def _wide(self, data: bytes, name: str) -> str:
        text = data.decode(name, "replace").removeprefix("\ufeff")
        claim = re.search(r"""encoding\s*=\s*["']([\w.:-]{1,40})""", text[:300])
        if claim and not claim[1].lower().startswith(("utf-16", "utf-32", "unicode", "iso-10646")):
            self._encoding(claim[1], name[:6])
        return text

    def _bytewise(self, data: bytes, declared: str) -> str:
        """A file that claims an encoding of one byte a letter, and may be UTF-8 all the same."""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            self._encoding(declared, "utf-8")
            return text
        if declared == "iso-8859-1":
            if re.search(rb"[\x80-\x9f]", data):  # the euro sign of Windows, mostly
                self._encoding(declared, "windows-1252")
            return _decode_western(data)
        if declared == "windows-1252":
            return _decode_western(data)
        try:
            return data.decode(declared, "replace")
        except LookupError:
            return _decode_western(data)

    def _encoding(self, found: str, expected: str) -> None:
        self._found(
            "wrong-encoding",
            _("The file says that it is written in {found}, but it is in {expected}; it was read as such."),
            found=found,
            expected=expected,
        )

    # Text to better text

    def _trim(self, text: str) -> str:
        """The text from the first tag to the last, without forbidden characters or XML declaration."""
        start, end = text.find("<"), text.rfind(">") + 1
        if start < 0 or end <= start:
            raise _not_xml()
        before, after = text[:start].strip(), text[end:].strip(" \t\r\n\0\x1a\ufeff")
        if before or after:
            stray = before or after
            if len(stray) > 2000 and before:
                raise _not_xml()
            self._found(
                "stray-bytes",
                _("The file has stray characters around the XML; they were ignored."),
                found=shorten(stray),
            )
        elif start and text[start : start + 5] == "<?xml":
            self._found(
                "stray-bytes", _("The file has blank lines before the XML; they were ignored."), severity="info"
            )
        declaration = _DECLARATION_TEXT.match(text, start)
        if declaration:
            start = declaration.end()
        return "\n" * text.count("\n", 0, start) + text[start:end]  # lines keep their numbers

    def _mend(self, text: str, error: etree.XMLSyntaxError) -> str | None:
        """The text with the cause of this error mended, None when nothing helps."""
        kinds = etree.ErrorTypes
        if error.code == kinds.NS_ERR_UNDEFINED_NAMESPACE:
            return self._declare_prefix(text, str(error.msg))
        for codes, mend in (
            ((kinds.ERR_INVALID_CHAR, kinds.ERR_INVALID_ENCODING), self._drop_controls),
            (
                (kinds.ERR_NAME_REQUIRED, kinds.ERR_ENTITYREF_SEMICOL_MISSING, kinds.ERR_UNDECLARED_ENTITY),
                self._escape_ampersands,
            ),
            ((kinds.ERR_SPACE_REQUIRED, kinds.ERR_ATTRIBUTE_NOT_STARTED, kinds.ERR_GT_REQUIRED), self._mend_quotes),
            ((kinds.ERR_DOCUMENT_END,), self._cut_tail),
        ):
            if error.code in codes and mend.__name__ not in self.tried:
                self.tried.add(mend.__name__)
                mended = mend(text)
                if mended != text:
                    return mended
        # The first error may hide the cause: a control character can also look like a bad name.
        if "_drop_controls" not in self.tried:
            self.tried.add("_drop_controls")
            mended = self._drop_controls(text)
            if mended != text:
                return mended
        return None

    def _drop_controls(self, text: str) -> str:
        mended, count = _FORBIDDEN.subn("", text)
        if count:
            self._found(
                "control-characters",
                _("The file has {found} characters that XML forbids; they were left out."),
                found=str(count),
            )
        return mended

    def _escape_ampersands(self, text: str) -> str:
        pieces: list[str] = []
        here = 0
        while here < len(text):  # text that is marked as literal (CDATA) stays as it is
            start = text.find("<![CDATA[", here)
            end = text.find("]]>", start) if start >= 0 else -1
            if end < 0:
                start = end = len(text)
            pieces += _AMPERSAND.sub("&amp;", text[here:start]), text[start:end]
            here = end
        mended = "".join(pieces)
        if mended != text:
            self._found(
                "bare-ampersand",
                _("The file has an ampersand (&) that is not written as XML asks; it was read as text."),
            )
        return mended

    def _mend_quotes(self, text: str) -> str:
        mended = _DOUBLE_QUOTE.sub(r"\1", text)
        if mended != text:
            self._found("bad-namespace", _("A namespace in the file is damaged; it was read by the element names."))
        return mended

    def _cut_tail(self, text: str) -> str:
        """Only the first element: whatever follows its end is left out."""
        name = _ROOT_NAME.match(text)
        if name is None:
            return text
        end = re.compile(rf"</{re.escape(name[1])}\s*>").search(text)
        if end is None:
            return text
        self._found(
            "stray-bytes",
            _("The file goes on after the end of the XML; the rest was ignored."),
            found=shorten(text[end.end() :].strip()),
        )
        return text[: end.end()]

    def _declare_prefix(self, text: str, message: str) -> str | None:
        match = re.match(r"Namespace prefix (\S+) ", message)
        if match is None or match[1] in self.tried:
            return None
        prefix = match[1]
        self.tried.add(prefix)
        root = re.search(r"<[^\s/>!?]+", text)
        if root is None:
            return None
        self._found(
            "bad-namespace",
            _("The namespace of the prefix {found} is not declared; it was read by the element names."),
            found=shorten(prefix),
        )
        return f'{text[: root.end()]} xmlns:{prefix}="urn:undeclared"{text[root.end() :]}'


def _despite_namespaces(data: bytes) -> Element | None:
    """The root of XML whose only errors are namespaces that are no URI; None when there are others."""
    lenient = parser(huge=True, lenient=True)  # its own, so that the log holds the errors of this file alone
    root = etree.fromstring(data, lenient)
    kinds = etree.ErrorTypes
    only = all(entry.type in (kinds.WAR_NS_URI, kinds.WAR_NS_URI_RELATIVE) for entry in lenient.error_log)
    return root if only else None


_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
    "|&#0*(?:[0-8]|1[124-9]|2[0-9]|3[01]);"
    "|&#[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}|[fF]{3}[eEfF]);"
)
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")
_DOUBLE_QUOTE = re.compile(r"""(\bxmlns(?::[\w.-]+)?\s*=\s*"[^"<>]*")"+""")


def _not_xml() -> Unreadable:
    return Unreadable("not-xml", _("The file is not XML: line 1, column 1 should begin with <."))


def _too_deep() -> Unreadable:
    return Unreadable("xml-too-deep", _("The XML file nests its elements too deeply and was not read."))


_WESTERN = "".join(bytes([byte]).decode("windows-1252", "replace") for byte in range(256))


def _decode_western(data: bytes) -> str:
    """Windows-1252; the five bytes that it leaves open become replacement signs, so that the gap shows."""
    return codecs.charmap_decode(data, "strict", _WESTERN)[0]


def _decode_mixed(data: bytes) -> str:
    """UTF-8 with Windows-1252 values pasted in, or Windows-1252 altogether: value by value."""
    return "<".join(_decode_value(piece) for piece in data.split(b"<"))


def _decode_value(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_western(data)
