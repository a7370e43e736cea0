"""Cross Industry Invoice → the EN 16931 invoice, one function a group, in the standard's order.

Elements are found by their local names, so that damaged namespaces do no harm. What the model has
no term for is left to the original. Bindings: CEN/TS 16931-3-3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TypeVar

from fatto.formats.attached import decoded
from fatto.formats.cii.names import FORMAT, INVOICED_OBJECT, RAM, ROOT, RSM, TAX_POINTS, TELLING, TENDER
from fatto.formats.format import Element, Reading
from fatto.formats.xml import Nodes, Reader, calendar_day, children, content, local, many, namespace, one
from fatto.i18n import _
from fatto.invoice.model import (
    Address,
    AllowanceCharge,
    Attachment,
    Classification,
    Contact,
    CreditTransfer,
    Delivery,
    DirectDebit,
    Identifier,
    Invoice,
    Item,
    ItemAttribute,
    Line,
    Note,
    Party,
    Payment,
    PaymentCard,
    Period,
    Price,
    Process,
    Reference,
    Totals,
    VatBreakdown,
    VatCategory,
)

_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_Value = TypeVar("_Value")
_DIRECT_DEBIT = {"49", "59"}
"""UNTDID 4461: direct debit, SEPA direct debit."""


def is_invoice(root: Element) -> bool:
    """Is this the root of a Cross Industry Invoice?"""
    if local(root) != ROOT:
        return False
    return namespace(root) == RSM or any(local(child) in TELLING for child in root)


def read(root: Element) -> Iterator[Reading]:
    """The root → its one reading, with a finding for everything odd."""
    reader = Reader()
    nodes = children(root)
    trade_element = one(nodes, "SupplyChainTradeTransaction")
    trade = children(trade_element)
    _namespaces(reader, root, trade)
    for name in ("ExchangedDocument", "SupplyChainTradeTransaction"):
        if name not in nodes:
            reader.missing(root, f"rsm:{name}")
    invoice = document(reader, root, nodes, trade_element, trade)
    yield Reading(
        invoice=invoice, format=FORMAT, findings=tuple(sorted(reader.findings, key=lambda each: each.line or 0))
    )


def attachment(root: Element, index: int, number: int) -> bytes | None:
    """The content of one attachment; None when it is only a link or cannot be decoded."""
    trade = children(one(children(root), "SupplyChainTradeTransaction"))
    references = _supporting(children(one(trade, "ApplicableHeaderTradeAgreement")))
    if index != 0 or not 0 <= number < len(references):
        return None
    return decoded(one(children(references[number]), "AttachmentBinaryObject"))


def _namespaces(reader: Reader, root: Element, trade: Nodes) -> None:
    """One finding when the root or its parts stand in a namespace that is not CII's."""
    for element, expected in ((root, RSM), (one(trade, "ApplicableHeaderTradeAgreement"), RAM)):
        if element is not None and namespace(element) != expected:
            reader.found(
                "wrong-namespace",
                _("The namespace is “{found}” instead of {expected}; elements were read by their names."),
                element,
                found=namespace(element),
                expected=expected,
            )
            return


def document(reader: Reader, root: Element, nodes: Nodes, trade_element: Element | None, trade: Nodes) -> Invoice:
    """The terms of the document itself, and its groups."""
    text = reader.text
    head_element = one(nodes, "ExchangedDocument")
    head = children(head_element)
    agreement = children(one(trade, "ApplicableHeaderTradeAgreement"))
    delivered = children(one(trade, "ApplicableHeaderTradeDelivery"))
    settlement_element = one(trade, "ApplicableHeaderTradeSettlement")
    settlement = children(settlement_element)
    number, type_code = text(head, "ID"), text(head, "TypeCode")
    issue_date = day(reader, head, "IssueDateTime")
    currency = text(settlement, "InvoiceCurrencyCode")
    if head_element is not None:
        for value, name in (
            (number, "ID"),
            (issue_date or one(head, "IssueDateTime"), "IssueDateTime"),
            (type_code, "TypeCode"),
        ):
            if value is None:
                reader.missing(head_element, f"ram:{name}")
    if trade_element is not None:
        for name in ("ApplicableHeaderTradeAgreement", "ApplicableHeaderTradeSettlement"):
            if name not in trade:
                reader.missing(trade_element, f"ram:{name}")
    if settlement_element is not None and currency is None:
        reader.missing(settlement_element, "ram:InvoiceCurrencyCode")
    vat_currency = text(settlement, "TaxCurrencyCode")
    terms = [children(each) for each in many(settlement, "SpecifiedTradePaymentTerms")]
    taxes = [children(each) for each in many(settlement, "ApplicableTradeTax")]
    tender, object_id = _typed_references(reader, agreement)
    allowances, charges = allowances_charges(reader, settlement)
    tax_point_code = _first(text(each, "DueDateTypeCode") for each in taxes)
    return Invoice(
        number=number,
        issue_date=issue_date,
        type_code=type_code,
        currency=currency,
        vat_currency=vat_currency,
        tax_point_date=_first(day(reader, each, "TaxPointDate") for each in taxes),
        tax_point_code=TAX_POINTS.get(tax_point_code, tax_point_code) if tax_point_code else None,
        due_date=_first(day(reader, each, "DueDateDateTime") for each in terms),
        buyer_reference=text(agreement, "BuyerReference"),
        project=text(children(one(agreement, "SpecifiedProcuringProject")), "ID"),
        contract=_assigned(reader, agreement, "ContractReferencedDocument"),
        purchase_order=_assigned(reader, agreement, "BuyerOrderReferencedDocument"),
        sales_order=_assigned(reader, agreement, "SellerOrderReferencedDocument"),
        receiving_advice=_assigned(reader, delivered, "ReceivingAdviceReferencedDocument"),
        despatch_advice=_assigned(reader, delivered, "DespatchAdviceReferencedDocument"),
        tender=tender,
        object_id=object_id,
        accounting_reference=text(children(one(settlement, "ReceivableSpecifiedTradeAccountingAccount")), "ID"),
        payment_terms=_joined(text(each, "Description") for each in terms),
        notes=notes(reader, head),
        process=process(reader, nodes),
        preceding_invoices=preceding_invoices(reader, settlement),
        seller=party(reader, agreement, "SellerTradeParty", root),
        buyer=party(reader, agreement, "BuyerTradeParty", root),
        payee=_optional_party(reader, settlement, "PayeeTradeParty"),
        tax_representative=_optional_party(reader, agreement, "SellerTaxRepresentativeTradeParty"),
        delivery=delivery(reader, delivered),
        period=period(reader, one(settlement, "BillingSpecifiedPeriod")),
        payment=payment(reader, settlement, _first(text(each, "DirectDebitMandateID") for each in terms)),
        allowances=allowances,
        charges=charges,
        totals=totals(reader, settlement_element, settlement, currency, vat_currency),
        vat_breakdown=vat_breakdown(reader, taxes),
        attachments=attachments(reader, agreement),
        lines=lines(reader, trade_element, trade),
    )


def day(reader: Reader, nodes: Nodes, name: str) -> date | None:
    """The date inside a wrapper such as `IssueDateTime/DateTimeString[@format='102']`: `20261231`.

    A date written `2026-12-31` is taken as well; anything else is a finding and None.
    """
    inside = children(one(nodes, name))
    element = one(inside, "DateTimeString")
    if element is None:
        element = one(inside, "DateString")
    if element is None:
        element = one(inside, "DateTime")
    text = content(element)
    if text is None:
        return None
    match = _DAY.fullmatch(text)
    found = calendar_day(f"{match[1]}-{match[2]}-{match[3]}" if match else text)
    if found is None:
        reader.found(
            "bad-date",
            _("“{found}” is not a date written as {expected}; it was left out."),
            element,
            found=text,
            expected="20261231",
        )
    return found


def _assigned(reader: Reader, nodes: Nodes, name: str) -> str | None:
    """The number of a referenced document."""
    return reader.text(children(one(nodes, name)), "IssuerAssignedID")


# BG-1 to BG-3: notes, process, preceding invoices -------------------------------------------------


def notes(reader: Reader, head: Nodes) -> tuple[Note, ...]:
    """BG-1."""
    found: list[Note] = []
    for element in many(head, "IncludedNote"):
        nodes = children(element)
        text = _joined(reader.texts(nodes, "Content"))
        if text:
            found.append(Note(text=text, subject=reader.text(nodes, "SubjectCode")))
    return tuple(found)


def process(reader: Reader, nodes: Nodes) -> Process | None:
    """BG-2."""
    context = children(one(nodes, "ExchangedDocumentContext"))
    found = Process(
        type=reader.text(children(one(context, "BusinessProcessSpecifiedDocumentContextParameter")), "ID"),
        specification=reader.text(children(one(context, "GuidelineSpecifiedDocumentContextParameter")), "ID"),
    )
    return found if found.type or found.specification else None


def preceding_invoices(reader: Reader, settlement: Nodes) -> tuple[Reference, ...]:
    """BG-3."""
    found: list[Reference] = []
    for element in many(settlement, "InvoiceReferencedDocument"):
        nodes = children(element)
        number = reader.text(nodes, "IssuerAssignedID")
        if number:
            found.append(Reference(number=number, issue_date=day(reader, nodes, "FormattedIssueDateTime")))
    return tuple(found)


# BG-4 to BG-12: the parties -----------------------------------------------------------------------


def party(reader: Reader, agreement: Nodes, name: str, root: Element) -> Party:
    """BG-4 and BG-7: seller and buyer."""
    element = one(agreement, name)
    if element is None:
        if agreement:
            reader.missing(root, f"rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:{name}")
        return Party()
    found = _party(reader, element)
    if found.name is None:
        reader.missing(element, "ram:Name")
    return found


def _optional_party(reader: Reader, nodes: Nodes, name: str) -> Party | None:
    """BG-10 and BG-11: payee and tax representative."""
    element = one(nodes, name)
    if element is None:
        return None
    found = _party(reader, element)
    return found if found != _NO_PARTY else None


def _party(reader: Reader, element: Element) -> Party:
    nodes = children(element)
    legal = children(one(nodes, "SpecifiedLegalOrganization"))
    vat_id, tax_id = tax_ids(nodes)
    return Party(
        name=reader.text(nodes, "Name"),
        trading_name=reader.text(legal, "TradingBusinessName"),
        identifiers=identifiers(nodes),
        legal_id=identifier(one(legal, "ID")),
        vat_id=vat_id,
        tax_id=tax_id,
        legal_form=_joined(reader.texts(nodes, "Description")),
        electronic_address=identifier(one(children(one(nodes, "URIUniversalCommunication")), "URIID")),
        address=address(reader, one(nodes, "PostalTradeAddress")),
        contact=contact(reader, nodes),
    )


def identifier(element: Element | None) -> Identifier | None:
    """An identifier with its scheme."""
    value = content(element)
    return None if value is None else Identifier(value=value, scheme=element.get("schemeID") or None)  # type: ignore[union-attr]


def identifiers(nodes: Nodes) -> tuple[Identifier, ...]:
    """BT-29, BT-46, BT-60, BT-71: ids with a scheme are `GlobalID`, those without `ID`."""
    found = (identifier(each) for name in ("GlobalID", "ID") for each in many(nodes, name))
    return tuple(each for each in found if each is not None)


def tax_ids(nodes: Nodes) -> tuple[str | None, str | None]:
    """BT-31 (scheme VA) and BT-32 (FC, or any other)."""
    vat_id = tax_id = None
    for element in many(nodes, "SpecifiedTaxRegistration"):
        found = identifier(one(children(element), "ID"))
        if found is None:
            continue
        if found.scheme in ("VA", "VAT"):
            vat_id = vat_id or found.value
        else:
            tax_id = tax_id or found.value
    return vat_id, tax_id


def address(reader: Reader, element: Element | None) -> Address | None:
    """BG-5, BG-8, BG-12, BG-15."""
    if element is None:
        return None
    nodes = children(element)
    text = reader.text
    found = Address(
        line1=text(nodes, "LineOne"),
        line2=text(nodes, "LineTwo"),
        line3=text(nodes, "LineThree"),
        city=text(nodes, "CityName"),
        post_code=text(nodes, "PostcodeCode"),
        subdivision=text(nodes, "CountrySubDivisionName"),
        country=text(nodes, "CountryID"),
    )
    return found if found != _NO_ADDRESS else None


def contact(reader: Reader, nodes: Nodes) -> Contact | None:
    """BG-6, BG-9. The contact point is a person, a department, or both."""
    inside = children(one(nodes, "DefinedTradeContact"))
    if not inside:
        return None
    names = (reader.text(inside, "PersonName"), reader.text(inside, "DepartmentName"))
    found = Contact(
        name=", ".join(each for each in names if each) or None,
        phone=reader.text(children(one(inside, "TelephoneUniversalCommunication")), "CompleteNumber"),
        email=reader.text(children(one(inside, "EmailURIUniversalCommunication")), "URIID"),
    )
    return found if found != _NO_CONTACT else None


_NO_ADDRESS = Address()
_NO_CONTACT = Contact()
_NO_PARTY = Party()


# BG-13 to BG-19: delivery, period, payment --------------------------------------------------------


def delivery(reader: Reader, delivered: Nodes) -> Delivery | None:
    """BG-13."""
    receiver = children(one(delivered, "ShipToTradeParty"))
    event = children(one(delivered, "ActualDeliverySupplyChainEvent"))
    found = Delivery(
        name=reader.text(receiver, "Name"),
        location=_first(identifiers(receiver)),
        date=day(reader, event, "OccurrenceDateTime"),
        address=address(reader, one(receiver, "PostalTradeAddress")),
    )
    return found if found != _NO_DELIVERY else None


_NO_DELIVERY = Delivery()


def period(reader: Reader, element: Element | None) -> Period | None:
    """BG-14, BG-26."""
    if element is None:
        return None
    nodes = children(element)
    found = Period(start=day(reader, nodes, "StartDateTime"), end=day(reader, nodes, "EndDateTime"))
    return found if found.start or found.end else None


def payment(reader: Reader, settlement: Nodes, mandate: str | None) -> tuple[Payment, ...]:
    """BG-16. Each account needs a `PaymentMeans` of its own in CII: equal ones are one instruction.

    Remittance, mandate and creditor stand once for all means; the last two belong to direct debit.
    """
    remittance = reader.text(settlement, "PaymentReference")
    creditor_id = reader.text(settlement, "CreditorReferenceID")
    found: list[Payment] = []
    debit_seen = False
    for element in many(settlement, "SpecifiedTradeSettlementPaymentMeans"):
        nodes = children(element)
        code = reader.text(nodes, "TypeCode")
        debtor = reader.text(children(one(nodes, "PayerPartyDebtorFinancialAccount")), "IBANID")
        debit = None
        if debtor or code in _DIRECT_DEBIT:
            debit_seen = True
            debit = DirectDebit(mandate=mandate, creditor_id=creditor_id, account=debtor)
        transfer = credit_transfer(reader, nodes)
        each = Payment(
            means_code=code,
            means_text=reader.text(nodes, "Information"),
            remittance=remittance,
            credit_transfers=(transfer,) if transfer else (),
            card=payment_card(reader, one(nodes, "ApplicableTradeSettlementFinancialCard")),
            direct_debit=debit,
        )
        last = found[-1] if found else None
        if (
            last is not None
            and transfer is not None
            and (last.means_code, last.means_text, last.card, last.direct_debit)
            == (each.means_code, each.means_text, each.card, each.direct_debit)
        ):
            found[-1] = Payment(
                means_code=last.means_code,
                means_text=last.means_text,
                remittance=remittance,
                credit_transfers=(*last.credit_transfers, transfer),
                card=last.card,
                direct_debit=last.direct_debit,
            )
        elif each != _NO_PAYMENT:
            found.append(each)
    if (mandate or creditor_id) and not debit_seen:
        found.append(Payment(remittance=remittance, direct_debit=DirectDebit(mandate=mandate, creditor_id=creditor_id)))
    elif remittance and not found:
        found.append(Payment(remittance=remittance))
    return tuple(found)


_NO_PAYMENT = Payment()


def credit_transfer(reader: Reader, means: Nodes) -> CreditTransfer | None:
    """BG-17. The account is an IBAN, else a number of the bank's own."""
    nodes = children(one(means, "PayeePartyCreditorFinancialAccount"))
    found = CreditTransfer(
        account=reader.text(nodes, "IBANID") or reader.text(nodes, "ProprietaryID"),
        account_name=reader.text(nodes, "AccountName"),
        bic=reader.text(children(one(means, "PayeeSpecifiedCreditorFinancialInstitution")), "BICID"),
    )
    return found if found != _NO_TRANSFER else None


_NO_TRANSFER = CreditTransfer()


def payment_card(reader: Reader, element: Element | None) -> PaymentCard | None:
    """BG-18."""
    if element is None:
        return None
    nodes = children(element)
    return PaymentCard(number=reader.text(nodes, "ID"), holder=reader.text(nodes, "CardholderName"))


# BG-20, BG-21, BG-27, BG-28: allowances and charges -----------------------------------------------


def allowances_charges(reader: Reader, nodes: Nodes) -> tuple[tuple[AllowanceCharge, ...], tuple[AllowanceCharge, ...]]:
    """Reductions and additions of the document or of a line."""
    allowances: list[AllowanceCharge] = []
    charges: list[AllowanceCharge] = []
    for element in many(nodes, "SpecifiedTradeAllowanceCharge"):
        inside = children(element)
        indicator = reader.text(children(one(inside, "ChargeIndicator")), "Indicator")
        which = _INDICATORS.get(indicator or "")
        if which is None:
            reader.found(
                "bad-indicator",
                _("“{found}” does not say whether this is an allowance (false) or a charge (true); it was left out."),
                element,
                found=indicator or "",
                expected="false, true",
            )
            continue
        (charges if which else allowances).append(
            AllowanceCharge(
                amount=reader.decimal(inside, "ActualAmount"),
                base=reader.decimal(inside, "BasisAmount"),
                percent=reader.decimal(inside, "CalculationPercent"),
                vat=vat_category(reader, one(inside, "CategoryTradeTax")),
                reason=reader.text(inside, "Reason"),
                reason_code=reader.text(inside, "ReasonCode"),
            )
        )
    return tuple(allowances), tuple(charges)


_INDICATORS = {"true": True, "1": True, "false": False, "0": False}


def vat_category(reader: Reader, element: Element | None) -> VatCategory | None:
    """BT-95/96, BT-102/103, BG-30."""
    if element is None:
        return None
    nodes = children(element)
    category, rate = reader.text(nodes, "CategoryCode"), reader.decimal(nodes, "RateApplicablePercent")
    return None if category is None and rate is None else VatCategory(category=category, rate=rate)


# BG-22, BG-23: totals and VAT ---------------------------------------------------------------------


def totals(
    reader: Reader,
    settlement_element: Element | None,
    settlement: Nodes,
    currency: str | None,
    vat_currency: str | None,
) -> Totals:
    """BG-22. `TaxTotalAmount` may stand twice, in the document's and in the VAT currency."""
    element = one(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation")
    if element is None:
        if settlement_element is not None:
            reader.missing(settlement_element, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
        return Totals()
    nodes = children(element)
    decimal = reader.decimal
    vat = foreign = None
    for amount in many(nodes, "TaxTotalAmount"):
        stated = amount.get("currencyID")
        if stated and stated == vat_currency and stated != currency:
            foreign = reader.decimal_of(amount) if foreign is None else foreign
        elif vat is None:
            vat = reader.decimal_of(amount)
            if stated and currency and stated != currency:
                reader.found(
                    "other-currency",
                    _("The amount is in {found}, the document in {expected}; the number was read as it stands."),
                    amount,
                    found=stated,
                    expected=currency,
                )
    if "DuePayableAmount" not in nodes:
        reader.missing(element, "ram:DuePayableAmount")
    return Totals(
        lines=decimal(nodes, "LineTotalAmount"),
        allowances=decimal(nodes, "AllowanceTotalAmount"),
        charges=decimal(nodes, "ChargeTotalAmount"),
        without_vat=decimal(nodes, "TaxBasisTotalAmount"),
        vat=vat,
        vat_in_vat_currency=foreign,
        with_vat=decimal(nodes, "GrandTotalAmount"),
        paid=decimal(nodes, "TotalPrepaidAmount"),
        rounding=decimal(nodes, "RoundingAmount"),
        payable=decimal(nodes, "DuePayableAmount"),
    )


def vat_breakdown(reader: Reader, taxes: list[Nodes]) -> tuple[VatBreakdown, ...]:
    """BG-23."""
    return tuple(
        VatBreakdown(
            taxable=reader.decimal(nodes, "BasisAmount"),
            tax=reader.decimal(nodes, "CalculatedAmount"),
            category=reader.text(nodes, "CategoryCode"),
            rate=reader.decimal(nodes, "RateApplicablePercent"),
            exemption_text=reader.text(nodes, "ExemptionReason"),
            exemption_code=reader.text(nodes, "ExemptionReasonCode"),
        )
        for nodes in taxes
    )


# BG-24: supporting documents ----------------------------------------------------------------------


def _supporting(agreement: Nodes) -> list[Element]:
    """The additional references that are supporting documents: neither the tender nor the invoiced object."""
    found: list[Element] = []
    for element in many(agreement, "AdditionalReferencedDocument"):
        nodes = children(element)
        if "AttachmentBinaryObject" in nodes or content(one(nodes, "TypeCode")) not in (TENDER, INVOICED_OBJECT):
            found.append(element)
    return found


def _typed_references(reader: Reader, agreement: Nodes) -> tuple[str | None, Identifier | None]:
    """BT-17 (type 50) and BT-18 (type 130)."""
    tender = object_id = None
    for element in many(agreement, "AdditionalReferencedDocument"):
        nodes = children(element)
        code = reader.text(nodes, "TypeCode")
        if code == TENDER:
            tender = tender or reader.text(nodes, "IssuerAssignedID")
        elif code == INVOICED_OBJECT:
            object_id = object_id or _object(reader, nodes)
    return tender, object_id


def _object(reader: Reader, nodes: Nodes) -> Identifier | None:
    """BT-18, BT-128: the scheme stands in an element of its own."""
    value = reader.text(nodes, "IssuerAssignedID")
    return Identifier(value=value, scheme=reader.text(nodes, "ReferenceTypeCode")) if value else None


def attachments(reader: Reader, agreement: Nodes) -> tuple[Attachment, ...]:
    """BG-24. Sizes are those of the decoded content."""
    found: list[Attachment] = []
    for index, element in enumerate(_supporting(agreement)):
        nodes = children(element)
        embedded = one(nodes, "AttachmentBinaryObject")
        filename = mime = size = None
        if embedded is not None:
            filename, mime = embedded.get("filename") or None, embedded.get("mimeCode") or None
            inside = decoded(embedded)
            if inside is None:
                reader.found(
                    "bad-attachment",
                    _("The content of the attachment is not valid Base64 and cannot be opened."),
                    embedded,
                    found=filename,
                )
            else:
                size = len(inside)
        found.append(
            Attachment(
                index=index,
                reference=reader.text(nodes, "IssuerAssignedID"),
                description=_joined(reader.texts(nodes, "Name")),
                location=reader.text(nodes, "URIID"),
                filename=filename,
                mime=mime,
                size=size,
            )
        )
    return tuple(found)


# BG-25 to BG-32: lines ----------------------------------------------------------------------------


def lines(reader: Reader, trade_element: Element | None, trade: Nodes) -> tuple[Line, ...]:
    """BG-25."""
    elements = many(trade, "IncludedSupplyChainTradeLineItem")
    if not elements and trade_element is not None:
        reader.missing(trade_element, "ram:IncludedSupplyChainTradeLineItem")
    return tuple(line(reader, element) for element in elements)


def line(reader: Reader, element: Element) -> Line:
    """One line, with its groups BG-26 to BG-32."""
    nodes = children(element)
    head = children(one(nodes, "AssociatedDocumentLineDocument"))
    agreement = children(one(nodes, "SpecifiedLineTradeAgreement"))
    quantity = one(children(one(nodes, "SpecifiedLineTradeDelivery")), "BilledQuantity")
    settlement = children(one(nodes, "SpecifiedLineTradeSettlement"))
    order = children(one(agreement, "BuyerOrderReferencedDocument"))
    sums = children(one(settlement, "SpecifiedTradeSettlementLineMonetarySummation"))
    allowances, charges = allowances_charges(reader, settlement)
    return Line(
        id=reader.text(head, "LineID"),
        note=_joined(reader.text(children(each), "Content") for each in many(head, "IncludedNote")),
        object_id=_line_object(reader, settlement),
        quantity=reader.decimal_of(quantity),
        unit=(quantity.get("unitCode") or None) if quantity is not None else None,
        net=reader.decimal(sums, "LineTotalAmount"),
        order_line=reader.text(order, "LineID"),
        accounting_reference=reader.text(children(one(settlement, "ReceivableSpecifiedTradeAccountingAccount")), "ID"),
        period=period(reader, one(settlement, "BillingSpecifiedPeriod")),
        allowances=allowances,
        charges=charges,
        price=price(reader, agreement),
        vat=vat_category(reader, one(settlement, "ApplicableTradeTax")),
        item=item(reader, one(nodes, "SpecifiedTradeProduct")),
    )


def _line_object(reader: Reader, settlement: Nodes) -> Identifier | None:
    """BT-128: the additional reference of type 130, or of no type."""
    for element in many(settlement, "AdditionalReferencedDocument"):
        nodes = children(element)
        if reader.text(nodes, "TypeCode") in (INVOICED_OBJECT, None):
            return _object(reader, nodes)
    return None


def price(reader: Reader, agreement: Nodes) -> Price | None:
    """BG-29. The base quantity stands at the net or at the gross price."""
    net = children(one(agreement, "NetPriceProductTradePrice"))
    gross = children(one(agreement, "GrossPriceProductTradePrice"))
    base = one(net, "BasisQuantity")
    if base is None:
        base = one(gross, "BasisQuantity")
    found = Price(
        net=reader.decimal(net, "ChargeAmount"),
        discount=reader.decimal(children(one(gross, "AppliedTradeAllowanceCharge")), "ActualAmount"),
        gross=reader.decimal(gross, "ChargeAmount"),
        base_quantity=reader.decimal_of(base),
        base_unit=(base.get("unitCode") or None) if base is not None else None,
    )
    return found if found != _NO_PRICE else None


_NO_PRICE = Price()


def item(reader: Reader, element: Element | None) -> Item | None:
    """BG-31."""
    if element is None:
        return None
    nodes = children(element)
    return Item(
        name=reader.text(nodes, "Name"),
        description=reader.text(nodes, "Description"),
        seller_id=reader.text(nodes, "SellerAssignedID"),
        buyer_id=reader.text(nodes, "BuyerAssignedID"),
        standard_id=identifier(one(nodes, "GlobalID")),
        classifications=classifications(nodes),
        origin=reader.text(children(one(nodes, "OriginTradeCountry")), "ID"),
        attributes=attributes(reader, nodes),
    )


def classifications(nodes: Nodes) -> tuple[Classification, ...]:
    """BT-158."""
    found: list[Classification] = []
    for element in many(nodes, "DesignatedProductClassification"):
        code = one(children(element), "ClassCode")
        text = content(code)
        if code is not None and text:
            found.append(
                Classification(code=text, scheme=code.get("listID") or None, version=code.get("listVersionID") or None)
            )
    return tuple(found)


def attributes(reader: Reader, nodes: Nodes) -> tuple[ItemAttribute, ...]:
    """BG-32."""
    found: list[ItemAttribute] = []
    for element in many(nodes, "ApplicableProductCharacteristic"):
        inside = children(element)
        name = reader.text(inside, "Description")
        if name:
            found.append(ItemAttribute(name=name, value=reader.text(inside, "Value")))
    return tuple(found)


def _joined(texts: Iterable[str | None]) -> str | None:
    """Several texts of one term, one a line."""
    return "\n".join(text for text in texts if text) or None


def _first(values: Iterable[_Value | None]) -> _Value | None:
    """The first that is there."""
    return next((value for value in values if value is not None), None)
