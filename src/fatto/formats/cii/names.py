"""The names of CII: its format, root, namespaces, and codes that differ from UBL's."""

from __future__ import annotations

FORMAT = "cii"
ROOT = "CrossIndustryInvoice"
RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"

TELLING = {"ExchangedDocumentContext", "ExchangedDocument", "SupplyChainTradeTransaction"}
"""Children by which a root with a damaged namespace is still known."""

TAX_POINTS = {"5": "3", "29": "35", "72": "432"}
"""BT-8: the code of UNTDID 2475 that CII uses → that of UNTDID 2005, which EN 16931 and UBL use."""

TENDER, INVOICED_OBJECT = "50", "130"
"""UNTDID 1001 codes of additional references that are BT-17 and BT-18 rather than BG-24."""
