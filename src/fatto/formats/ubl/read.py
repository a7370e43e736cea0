"""UBL Invoice and CreditNote → the EN 16931 invoice, one function a group, in the standard's order.

Elements are found by their local names, so that damaged namespaces do no harm. What the model has
no term for is left to the original. Bindings: CEN/TS 16931-3-2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fatto.formats.attached import decoded
from fatto.formats.format import Element, Reading
from fatto.formats.ubl.names import CAC, CBC, CREDIT_NOTE, INVOICE, REPEATABLE, TELLING, Names
from fatto.formats.xml import Nodes, Reader, children, content, local, many, namespace, one
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

_SUBJECT = re.compile(r"#([A-Z]{3})#\s*(.*)", re.DOTALL)
_SEPA = "SEPA"


def is_invoice(root: Element) -> bool:
    """Is this the root of a UBL invoice?"""
    return _is(root, INVOICE)


def is_credit_note(root: Element) -> bool:
    """Is this the root of a UBL credit note?"""
    return _is(root, CREDIT_NOTE)


def _is(root: Element, names: Names) -> bool:
    if local(root) != names.root:
        return False
    return namespace(root) == names.namespace or any(local(child) in TELLING for child in root)


def read(root: Element) -> Iterator[Reading]:
    """The root of either document → its one reading, with a finding for everything odd."""
    names = CREDIT_NOTE if local(root) == CREDIT_NOTE.root else INVOICE
    reader = Reader()
    nodes = children(root)
    _namespaces(reader, root, nodes, names)
    invoice = document(reader, root, nodes, names)
    yield Reading(
        invoice=invoice, format=names.format, findings=tuple(sorted(reader.findings, key=lambda each: each.line or 0))
    )


def attachment(root: Element, index: int, number: int) -> bytes | None:
    """The content of one attachment; None when it is only a link or cannot be decoded."""
    names = CREDIT_NOTE if local(root) == CREDIT_NOTE.root else INVOICE
    references = _supporting(children(root), names)
    if index != 0 or not 0 <= number < len(references):
        return None
    inside = children(one(children(references[number]), "Attachment"))
    return decoded(one(inside, "EmbeddedDocumentBinaryObject"))


def _namespaces(reader: Reader, root: Element, nodes: Nodes, names: Names) -> None:
    """One finding when the root or its children stand in a namespace that is not UBL's."""
    for element, expected in (
        (root, names.namespace),
        (one(nodes, "ID"), CBC),
        (one(nodes, "AccountingSupplierParty"), CAC),
    ):
        if element is not None and namespace(element) != expected:
            reader.found(
                "wrong-namespace",
                _("The namespace is “{found}” instead of {expected}; elements were read by their names."),
                element,
                found=namespace(element),
                expected=expected,
            )
            return


def document(reader: Reader, root: Element, nodes: Nodes, names: Names) -> Invoice:
    """The terms of the document itself, and its groups."""
    for name, found in nodes.items():
        if type(found) is list and name not in REPEATABLE:
            reader.found(
                "repeated-element",
                _("The element stands {found} times where one is allowed; the first was read."),
                found[0],
                found=str(len(found)),
            )
    text, day = reader.text, reader.day
    number, issue_date = text(nodes, "ID"), day(nodes, "IssueDate")
    type_code, currency = text(nodes, names.type_code), text(nodes, "DocumentCurrencyCode")
    for value, name in (
        (number, "ID"),
        (issue_date or one(nodes, "IssueDate"), "IssueDate"),
        (type_code, names.type_code),
        (currency, "DocumentCurrencyCode"),
    ):
        if value is None:
            reader.missing(root, f"cbc:{name}")
    vat_currency = text(nodes, "TaxCurrencyCode")
    means = [children(each) for each in many(nodes, "PaymentMeans")]
    order = children(one(nodes, "OrderReference"))
    periods = one(nodes, "InvoicePeriod")
    supplier = children(one(nodes, "AccountingSupplierParty"))
    customer = children(one(nodes, "AccountingCustomerParty"))
    payee_nodes = children(one(nodes, "PayeeParty"))
    allowances, charges = allowances_charges(reader, nodes)
    vat, vat_in_vat_currency, breakdown = vat_totals(reader, nodes, currency, vat_currency)
    object_id, project = _typed_references(reader, nodes, names)
    return Invoice(
        number=number,
        issue_date=issue_date,
        type_code=type_code,
        currency=currency,
        vat_currency=vat_currency,
        tax_point_date=day(nodes, "TaxPointDate"),
        tax_point_code=text(children(periods), "DescriptionCode"),
        due_date=day(nodes, "DueDate") or next(filter(None, (day(each, "PaymentDueDate") for each in means)), None),
        buyer_reference=text(nodes, "BuyerReference"),
        project=inner(reader, nodes, "ProjectReference", "ID") or project,
        contract=inner(reader, nodes, "ContractDocumentReference", "ID"),
        purchase_order=text(order, "ID"),
        sales_order=text(order, "SalesOrderID"),
        receiving_advice=inner(reader, nodes, "ReceiptDocumentReference", "ID"),
        despatch_advice=inner(reader, nodes, "DespatchDocumentReference", "ID"),
        tender=inner(reader, nodes, "OriginatorDocumentReference", "ID"),
        object_id=object_id,
        accounting_reference=text(nodes, "AccountingCost"),
        payment_terms=_joined(text(children(each), "Note") for each in many(nodes, "PaymentTerms")),
        notes=notes(nodes),
        process=process(reader, nodes),
        preceding_invoices=preceding_invoices(reader, nodes),
        seller=party(reader, root, supplier, "AccountingSupplierParty"),
        buyer=party(reader, root, customer, "AccountingCustomerParty"),
        payee=payee(reader, payee_nodes),
        tax_representative=tax_representative(reader, nodes),
        delivery=delivery(reader, nodes),
        period=period(reader, periods),
        payment=payment(reader, means, _creditor_id(payee_nodes, children(one(supplier, "Party")))),
        allowances=allowances,
        charges=charges,
        totals=totals(reader, root, nodes, currency, vat, vat_in_vat_currency),
        vat_breakdown=breakdown,
        attachments=attachments(reader, nodes, names),
        lines=lines(reader, root, nodes, names),
    )


def inner(reader: Reader, nodes: Nodes, group: str, name: str) -> str | None:
    """The text of a leaf within the (first) group of that name."""
    if group not in nodes:
        return None
    return reader.text(children(one(nodes, group)), name)


# BG-1 to BG-3: notes, process, preceding invoices -------------------------------------------------


def notes(nodes: Nodes) -> tuple[Note, ...]:
    """BG-1. A subject code stands before the text as `#AAI#` (BT-21)."""
    found: list[Note] = []
    for element in many(nodes, "Note"):
        text = content(element)
        if text is None:
            continue
        subject = _SUBJECT.match(text) if text[0] == "#" else None
        found.append(Note(text=subject[2], subject=subject[1]) if subject else Note(text=text))
    return tuple(found)


def process(reader: Reader, nodes: Nodes) -> Process | None:
    """BG-2."""
    found = Process(type=reader.text(nodes, "ProfileID"), specification=reader.text(nodes, "CustomizationID"))
    return found if found.type or found.specification else None


def preceding_invoices(reader: Reader, nodes: Nodes) -> tuple[Reference, ...]:
    """BG-3; a reference to a credit note is one as well."""
    found: list[Reference] = []
    for billing in many(nodes, "BillingReference"):
        inside = children(billing)
        for name in ("InvoiceDocumentReference", "CreditNoteDocumentReference"):
            for element in many(inside, name):
                reference = children(element)
                number = reader.text(reference, "ID")
                if number:
                    found.append(Reference(number=number, issue_date=reader.day(reference, "IssueDate")))
    return tuple(found)


# BG-4 to BG-12: the parties -----------------------------------------------------------------------


def party(reader: Reader, root: Element, role: Nodes, name: str) -> Party:
    """BG-4 and BG-7: seller and buyer, inside `AccountingSupplierParty`, `AccountingCustomerParty`."""
    element = one(role, "Party")
    if element is None:
        reader.missing(root, f"cac:{name}/cac:Party")
        return Party()
    nodes = children(element)
    legal = children(one(nodes, "PartyLegalEntity"))
    trading_name = inner(reader, nodes, "PartyName", "Name")
    registered = reader.text(legal, "RegistrationName")
    if registered is None:
        if trading_name is None:
            reader.missing(element, "cac:PartyLegalEntity/cbc:RegistrationName")
        else:
            reader.found(
                "name-elsewhere",
                _("The registered name ({expected}) is missing; the trading name was taken for it."),
                element,
                found=trading_name,
                expected="cac:PartyLegalEntity/cbc:RegistrationName",
                severity="info",
            )
    vat_id, tax_id = tax_ids(reader, nodes)
    return Party(
        name=registered or trading_name,
        trading_name=trading_name,
        identifiers=identifiers(nodes),
        legal_id=identifier(one(legal, "CompanyID")),
        vat_id=vat_id,
        tax_id=tax_id,
        legal_form=reader.text(legal, "CompanyLegalForm"),
        electronic_address=identifier(one(nodes, "EndpointID")),
        address=address(reader, one(nodes, "PostalAddress")),
        contact=contact(reader, nodes),
    )


def identifier(element: Element | None) -> Identifier | None:
    """An identifier with its scheme."""
    value = content(element)
    return None if value is None else Identifier(value=value, scheme=element.get("schemeID") or None)  # type: ignore[union-attr]


def identifiers(nodes: Nodes) -> tuple[Identifier, ...]:
    """BT-29, BT-46, BT-60, without the SEPA creditor id, which is BT-90."""
    found = (identifier(one(children(each), "ID")) for each in many(nodes, "PartyIdentification"))
    return tuple(each for each in found if each is not None and each.scheme != _SEPA)


def tax_ids(reader: Reader, nodes: Nodes) -> tuple[str | None, str | None]:
    """BT-31 and BT-32: the id of the scheme VAT, and that of any other scheme or of none."""
    vat_id = tax_id = None
    for element in many(nodes, "PartyTaxScheme"):
        inside = children(element)
        value = reader.text(inside, "CompanyID")
        if value is None:
            continue
        scheme = inner(reader, inside, "TaxScheme", "ID")
        if scheme and scheme.upper() == "VAT":
            vat_id = vat_id or value
        else:
            tax_id = tax_id or value
    return vat_id, tax_id


def address(reader: Reader, element: Element | None) -> Address | None:
    """BG-5, BG-8, BG-12, BG-15."""
    if element is None:
        return None
    nodes = children(element)
    text = reader.text
    found = Address(
        line1=text(nodes, "StreetName"),
        line2=text(nodes, "AdditionalStreetName"),
        line3=inner(reader, nodes, "AddressLine", "Line"),
        city=text(nodes, "CityName"),
        post_code=text(nodes, "PostalZone"),
        subdivision=text(nodes, "CountrySubentity"),
        country=inner(reader, nodes, "Country", "IdentificationCode"),
    )
    return found if found != _NO_ADDRESS else None


def contact(reader: Reader, nodes: Nodes) -> Contact | None:
    """BG-6, BG-9."""
    inside = children(one(nodes, "Contact"))
    if not inside:
        return None
    found = Contact(
        name=reader.text(inside, "Name"),
        phone=reader.text(inside, "Telephone"),
        email=reader.text(inside, "ElectronicMail"),
    )
    return found if found != _NO_CONTACT else None


def payee(reader: Reader, nodes: Nodes) -> Party | None:
    """BG-10."""
    if not nodes:
        return None
    legal = children(one(nodes, "PartyLegalEntity"))
    found = Party(
        name=inner(reader, nodes, "PartyName", "Name") or reader.text(legal, "RegistrationName"),
        identifiers=identifiers(nodes),
        legal_id=identifier(one(legal, "CompanyID")),
    )
    return found if found != _NO_PARTY else None


def tax_representative(reader: Reader, nodes: Nodes) -> Party | None:
    """BG-11."""
    inside = children(one(nodes, "TaxRepresentativeParty"))
    if not inside:
        return None
    legal = children(one(inside, "PartyLegalEntity"))
    vat_id, tax_id = tax_ids(reader, inside)
    found = Party(
        name=inner(reader, inside, "PartyName", "Name") or reader.text(legal, "RegistrationName"),
        vat_id=vat_id,
        tax_id=tax_id,
        address=address(reader, one(inside, "PostalAddress")),
    )
    return found if found != _NO_PARTY else None


_NO_ADDRESS = Address()
_NO_CONTACT = Contact()
_NO_PARTY = Party()


# BG-13 to BG-19: delivery, period, payment --------------------------------------------------------


def delivery(reader: Reader, nodes: Nodes) -> Delivery | None:
    """BG-13."""
    inside = children(one(nodes, "Delivery"))
    if not inside:
        return None
    place = children(one(inside, "DeliveryLocation"))
    receiver = children(one(inside, "DeliveryParty"))
    found = Delivery(
        name=inner(reader, receiver, "PartyName", "Name"),
        location=identifier(one(place, "ID")),
        date=reader.day(inside, "ActualDeliveryDate"),
        address=address(reader, one(place, "Address")),
    )
    return found if found != _NO_DELIVERY else None


_NO_DELIVERY = Delivery()


def period(reader: Reader, element: Element | None) -> Period | None:
    """BG-14, BG-26."""
    nodes = children(element)
    found = Period(start=reader.day(nodes, "StartDate"), end=reader.day(nodes, "EndDate"))
    return found if found.start or found.end else None


def payment(reader: Reader, means: list[Nodes], creditor_id: str | None) -> tuple[Payment, ...]:
    """BG-16. Each account needs a `PaymentMeans` of its own in UBL: equal ones are one instruction."""
    found: list[Payment] = []
    for nodes in means:
        code = one(nodes, "PaymentMeansCode")
        transfers = tuple(credit_transfer(reader, each) for each in many(nodes, "PayeeFinancialAccount"))
        each = Payment(
            means_code=content(code),
            means_text=(code.get("name") or None) if code is not None else None,
            remittance=reader.text(nodes, "PaymentID"),
            credit_transfers=transfers,
            card=payment_card(reader, one(nodes, "CardAccount")),
            direct_debit=direct_debit(reader, one(nodes, "PaymentMandate"), creditor_id),
        )
        last = found[-1] if found else None
        if (
            last is not None
            and transfers
            and (last.means_code, last.means_text, last.remittance, last.card, last.direct_debit)
            == (each.means_code, each.means_text, each.remittance, each.card, each.direct_debit)
        ):
            found[-1] = Payment(
                means_code=last.means_code,
                means_text=last.means_text,
                remittance=last.remittance,
                credit_transfers=last.credit_transfers + transfers,
                card=last.card,
                direct_debit=last.direct_debit,
            )
        elif each != _NO_PAYMENT:
            found.append(each)
    return tuple(found)


_NO_PAYMENT = Payment()


def credit_transfer(reader: Reader, element: Element) -> CreditTransfer:
    """BG-17."""
    nodes = children(element)
    branch = children(one(nodes, "FinancialInstitutionBranch"))
    return CreditTransfer(
        account=reader.text(nodes, "ID"),
        account_name=reader.text(nodes, "Name"),
        bic=reader.text(branch, "ID") or inner(reader, branch, "FinancialInstitution", "ID"),
    )


def payment_card(reader: Reader, element: Element | None) -> PaymentCard | None:
    """BG-18."""
    if element is None:
        return None
    nodes = children(element)
    return PaymentCard(number=reader.text(nodes, "PrimaryAccountNumberID"), holder=reader.text(nodes, "HolderName"))


def direct_debit(reader: Reader, element: Element | None, creditor_id: str | None) -> DirectDebit | None:
    """BG-19."""
    if element is None:
        return None
    nodes = children(element)
    return DirectDebit(
        mandate=reader.text(nodes, "ID"),
        creditor_id=creditor_id,
        account=inner(reader, nodes, "PayerFinancialAccount", "ID"),
    )


def _creditor_id(*parties: Nodes) -> str | None:
    """BT-90: the party id of scheme SEPA, of the payee before the seller."""
    for nodes in parties:
        for each in many(nodes, "PartyIdentification"):
            found = identifier(one(children(each), "ID"))
            if found is not None and found.scheme == _SEPA:
                return found.value
    return None


# BG-20, BG-21, BG-27, BG-28: allowances and charges -----------------------------------------------


def allowances_charges(reader: Reader, nodes: Nodes) -> tuple[tuple[AllowanceCharge, ...], tuple[AllowanceCharge, ...]]:
    """Reductions and additions of the document or of a line."""
    if "AllowanceCharge" not in nodes:
        return (), ()
    allowances: list[AllowanceCharge] = []
    charges: list[AllowanceCharge] = []
    for element in many(nodes, "AllowanceCharge"):
        inside = children(element)
        indicator = reader.text(inside, "ChargeIndicator")
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
                amount=reader.decimal(inside, "Amount"),
                base=reader.decimal(inside, "BaseAmount"),
                percent=reader.decimal(inside, "MultiplierFactorNumeric"),
                vat=vat_category(reader, one(inside, "TaxCategory")),
                reason=reader.text(inside, "AllowanceChargeReason"),
                reason_code=reader.text(inside, "AllowanceChargeReasonCode"),
            )
        )
    return tuple(allowances), tuple(charges)


_INDICATORS = {"true": True, "1": True, "false": False, "0": False}


def vat_category(reader: Reader, element: Element | None) -> VatCategory | None:
    """BT-95/96, BT-102/103, BG-30."""
    if element is None:
        return None
    nodes = children(element)
    category, rate = reader.text(nodes, "ID"), reader.decimal(nodes, "Percent")
    return None if category is None and rate is None else VatCategory(category=category, rate=rate)


# BG-22, BG-23: totals and VAT ---------------------------------------------------------------------


def totals(
    reader: Reader,
    root: Element,
    nodes: Nodes,
    currency: str | None,
    vat: Decimal | None,
    vat_in_vat_currency: Decimal | None,
) -> Totals:
    """BG-22."""
    element = one(nodes, "LegalMonetaryTotal")
    if element is None:
        reader.missing(root, "cac:LegalMonetaryTotal")
        return Totals(vat=vat, vat_in_vat_currency=vat_in_vat_currency)
    inside = children(element)
    decimal = reader.decimal
    payable = one(inside, "PayableAmount")
    if payable is None:
        reader.missing(element, "cbc:PayableAmount")
    for amount in element:
        if amount.get("currencyID") != currency:
            _same_currency(reader, amount, currency)
    return Totals(
        lines=decimal(inside, "LineExtensionAmount"),
        allowances=decimal(inside, "AllowanceTotalAmount"),
        charges=decimal(inside, "ChargeTotalAmount"),
        without_vat=decimal(inside, "TaxExclusiveAmount"),
        vat=vat,
        vat_in_vat_currency=vat_in_vat_currency,
        with_vat=decimal(inside, "TaxInclusiveAmount"),
        paid=decimal(inside, "PrepaidAmount"),
        rounding=decimal(inside, "PayableRoundingAmount"),
        payable=reader.decimal_of(payable),
    )


def _same_currency(reader: Reader, amount: Element, currency: str | None) -> None:
    stated = amount.get("currencyID")
    if stated and currency and stated != currency:
        reader.found(
            "other-currency",
            _("The amount is in {found}, the document in {expected}; the number was read as it stands."),
            amount,
            found=stated,
            expected=currency,
        )


def vat_totals(
    reader: Reader, nodes: Nodes, currency: str | None, vat_currency: str | None
) -> tuple[Decimal | None, Decimal | None, tuple[VatBreakdown, ...]]:
    """BT-110, BT-111 and BG-23. A second `TaxTotal` in the VAT currency gives only its amount."""
    own: Nodes | None = None
    foreign: Decimal | None = None
    for element in many(nodes, "TaxTotal"):
        inside = children(element)
        amount = one(inside, "TaxAmount")
        stated = amount.get("currencyID") if amount is not None else None
        if stated and stated == vat_currency and stated != currency:
            foreign = reader.decimal_of(amount) if foreign is None else foreign
        elif own is None:
            own = inside
            if amount is not None:
                _same_currency(reader, amount, currency)
        elif "TaxSubtotal" in inside and "TaxSubtotal" not in own:
            own = inside
    if own is None:
        return None, foreign, ()
    return reader.decimal(own, "TaxAmount"), foreign, vat_breakdown(reader, own)


def vat_breakdown(reader: Reader, total: Nodes) -> tuple[VatBreakdown, ...]:
    """BG-23."""
    found: list[VatBreakdown] = []
    for element in many(total, "TaxSubtotal"):
        nodes = children(element)
        category = children(one(nodes, "TaxCategory"))
        rate = reader.decimal(category, "Percent")
        found.append(
            VatBreakdown(
                taxable=reader.decimal(nodes, "TaxableAmount"),
                tax=reader.decimal(nodes, "TaxAmount"),
                category=reader.text(category, "ID"),
                rate=rate if rate is not None else reader.decimal(nodes, "Percent"),
                exemption_text=_joined(reader.texts(category, "TaxExemptionReason")),
                exemption_code=reader.text(category, "TaxExemptionReasonCode"),
            )
        )
    return tuple(found)


# BG-24: supporting documents ----------------------------------------------------------------------


def _supporting(nodes: Nodes, names: Names) -> list[Element]:
    """The additional references that are supporting documents: not the invoiced object, not the project."""
    found: list[Element] = []
    for element in many(nodes, "AdditionalDocumentReference"):
        inside = children(element)
        code = content(one(inside, "DocumentTypeCode"))
        if "Attachment" in inside or code is None or code not in ("130", names.project_code):
            found.append(element)
    return found


def _typed_references(reader: Reader, nodes: Nodes, names: Names) -> tuple[Identifier | None, str | None]:
    """BT-18 (type 130), and BT-11 where it is an additional reference (credit notes, type 50)."""
    object_id = project = None
    for element in many(nodes, "AdditionalDocumentReference"):
        inside = children(element)
        code = reader.text(inside, "DocumentTypeCode")
        if code == "130":
            object_id = object_id or identifier(one(inside, "ID"))
        elif code is not None and code == names.project_code:
            project = project or reader.text(inside, "ID")
    return object_id, project


def attachments(reader: Reader, nodes: Nodes, names: Names) -> tuple[Attachment, ...]:
    """BG-24. Sizes are those of the decoded content."""
    found: list[Attachment] = []
    for index, element in enumerate(_supporting(nodes, names)):
        reference = children(element)
        inside = children(one(reference, "Attachment"))
        embedded = one(inside, "EmbeddedDocumentBinaryObject")
        size = None
        filename = mime = None
        if embedded is not None:
            filename, mime = embedded.get("filename") or None, embedded.get("mimeCode") or None
            file = decoded(embedded)
            if file is None:
                reader.found(
                    "bad-attachment",
                    _("The content of the attachment is not valid Base64 and cannot be opened."),
                    embedded,
                    found=filename,
                )
            else:
                size = len(file)
        found.append(
            Attachment(
                index=index,
                reference=reader.text(reference, "ID"),
                description=_joined(reader.texts(reference, "DocumentDescription")),
                location=inner(reader, inside, "ExternalReference", "URI"),
                filename=filename,
                mime=mime,
                size=size,
            )
        )
    return tuple(found)


# BG-25 to BG-32: lines ----------------------------------------------------------------------------


def lines(reader: Reader, root: Element, nodes: Nodes, names: Names) -> tuple[Line, ...]:
    """BG-25."""
    elements = many(nodes, names.line)
    if not elements:
        reader.missing(root, f"cac:{names.line}")
    return tuple(line(reader, element, names) for element in elements)


def line(reader: Reader, element: Element, names: Names) -> Line:
    """One line, with its groups BG-26 to BG-32."""
    nodes = children(element)
    text = reader.text
    quantity = one(nodes, names.quantity)
    allowances, charges = allowances_charges(reader, nodes)
    item_nodes = children(one(nodes, "Item"))
    return Line(
        id=text(nodes, "ID"),
        note=_joined(reader.texts(nodes, "Note")) if "Note" in nodes else None,
        object_id=_line_object(nodes) if "DocumentReference" in nodes else None,
        quantity=reader.decimal_of(quantity),
        unit=(quantity.get("unitCode") or None) if quantity is not None else None,
        net=reader.decimal(nodes, "LineExtensionAmount"),
        order_line=inner(reader, nodes, "OrderLineReference", "LineID") if "OrderLineReference" in nodes else None,
        accounting_reference=text(nodes, "AccountingCost"),
        period=period(reader, one(nodes, "InvoicePeriod")) if "InvoicePeriod" in nodes else None,
        allowances=allowances,
        charges=charges,
        price=price(reader, one(nodes, "Price")),
        vat=vat_category(reader, one(item_nodes, "ClassifiedTaxCategory")),
        item=item(reader, item_nodes),
    )


def _line_object(nodes: Nodes) -> Identifier | None:
    """BT-128: the document reference of type 130, or of no type."""
    for element in many(nodes, "DocumentReference"):
        inside = children(element)
        if content(one(inside, "DocumentTypeCode")) in ("130", None):
            return identifier(one(inside, "ID"))
    return None


def price(reader: Reader, element: Element | None) -> Price | None:
    """BG-29."""
    if element is None:
        return None
    nodes = children(element)
    if len(nodes) == 1 and "PriceAmount" in nodes:
        net = reader.decimal(nodes, "PriceAmount")
        return Price(net=net) if net is not None else None
    base = one(nodes, "BaseQuantity")
    discount = children(one(nodes, "AllowanceCharge"))
    found = Price(
        net=reader.decimal(nodes, "PriceAmount"),
        discount=reader.decimal(discount, "Amount"),
        gross=reader.decimal(discount, "BaseAmount"),
        base_quantity=reader.decimal_of(base),
        base_unit=(base.get("unitCode") or None) if base is not None else None,
    )
    return found if found != _NO_PRICE else None


_NO_PRICE = Price()


def item(reader: Reader, nodes: Nodes) -> Item | None:
    """BG-31."""
    if not nodes:
        return None
    text = reader.text
    found = Item(
        name=text(nodes, "Name"),
        description=_joined(reader.texts(nodes, "Description")) if "Description" in nodes else None,
        seller_id=inner(reader, nodes, "SellersItemIdentification", "ID"),
        buyer_id=inner(reader, nodes, "BuyersItemIdentification", "ID"),
        standard_id=identifier(one(children(one(nodes, "StandardItemIdentification")), "ID"))
        if "StandardItemIdentification" in nodes
        else None,
        classifications=classifications(nodes) if "CommodityClassification" in nodes else (),
        origin=inner(reader, nodes, "OriginCountry", "IdentificationCode"),
        attributes=attributes(reader, nodes) if "AdditionalItemProperty" in nodes else (),
    )
    return found if found != _NO_ITEM else None


_NO_ITEM = Item()


def classifications(nodes: Nodes) -> tuple[Classification, ...]:
    """BT-158."""
    found: list[Classification] = []
    for element in many(nodes, "CommodityClassification"):
        for code in many(children(element), "ItemClassificationCode"):
            text = content(code)
            if text:
                found.append(
                    Classification(
                        code=text, scheme=code.get("listID") or None, version=code.get("listVersionID") or None
                    )
                )
    return tuple(found)


def attributes(reader: Reader, nodes: Nodes) -> tuple[ItemAttribute, ...]:
    """BG-32."""
    found: list[ItemAttribute] = []
    for element in many(nodes, "AdditionalItemProperty"):
        inside = children(element)
        name = reader.text(inside, "Name")
        if name:
            found.append(ItemAttribute(name=name, value=reader.text(inside, "Value")))
    return tuple(found)


def _joined(texts: Iterator[str | None] | tuple[str, ...]) -> str | None:
    """Several texts of one term, one a line."""
    return "\n".join(text for text in texts if text) or None
