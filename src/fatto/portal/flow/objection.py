"""A letter to the supplier of a disputed document, for the company to look at and to send from its own mail program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fatto import countries, i18n, money
from fatto.invoice.model import Invoice
from fatto.portal.approvals import queries as approvals
from fatto.portal.approvals.models import Decision, Reason
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.states import Approval
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can

SPOKEN = ("en", "it", "ro")
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+")

_SAID = {
    Reason.NOT_OURS: gettext_lazy(
        "We did not order what it charges, and it does not seem to be meant for us. Please cancel it."
    ),
    Reason.WRONG_AMOUNT: gettext_lazy(
        "Its amount does not agree with what was ordered or delivered. Please check it, and correct it with a credit "
        "note."
    ),
    Reason.NOT_RECEIVED: gettext_lazy(
        "We have not received the goods or services that it charges. Please tell us how this stands, or cancel it with "
        "a credit note."
    ),
    Reason.ALREADY_PAID: gettext_lazy(
        "By our records it is paid already. Please check your accounts, and tell us if you see it otherwise."
    ),
    Reason.DUPLICATE: gettext_lazy(
        "The same supply was charged to us before. Please cancel the second document with a credit note."
    ),
}
"""Why → what the supplier is asked to do. For another reason, the words of the person who disputed stand there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A letter that nobody has sent yet. `to` is empty when the document names no address."""

    to: str
    subject: str
    text: str
    language: str

    @property
    def url(self) -> str:
        """Opens it in the reader's mail program (RFC 6068)."""
        body = self.text.replace("\n", "\r\n")
        return (
            f"mailto:{quote(self.to, safe='@')}?{urlencode({'subject': self.subject, 'body': body}, quote_via=quote)}"
        )


def draft(actor: Actor, document: Document, invoice: Invoice | None) -> Draft | None:
    """The letter, in the supplier's language; None where nothing is disputed, or the reader may only read."""
    disputed = document.approval == Approval.DISPUTED and document.direction != Direction.ISSUED
    if not disputed or not actor.can(Can.DOCUMENT_COMMENT):
        return None
    decision = approvals.last(document)
    if decision is None:
        return None
    language = _language(document, invoice)
    with translation.override(language):
        return Draft(
            to=_address(invoice),
            subject=_("We cannot accept %(document)s") % {"document": _called(document)},
            text=_text(document, decision, language),
            language=language,
        )


def _text(document: Document, decision: Decision, language: str) -> str:
    facts = {
        "document": _called(document),
        "date": i18n.day(document.issue_date, language) if document.issue_date else "—",
        "amount": "—" if document.amount is None else f"{money.amount(document.amount, language)} {document.currency}",
    }
    said = _SAID.get(Reason(decision.reason)) if decision.reason else None
    company = document.company
    return "\n\n".join(
        [
            _("Good day,"),
            _("we received %(document)s of %(date)s over %(amount)s, and cannot accept it.") % facts,
            str(said or decision.note),
            _("Please answer to this message. Until it is settled, we hold the document back."),
            "\n".join(filter(None, [company.name, company.vat_id or company.tax_id])),
        ]
    )


def _called(document: Document) -> str:
    return _("document %(number)s") % {"number": document.number} if document.number else document.name


def _language(document: Document, invoice: Invoice | None) -> str:
    """The first language of the seller's country that we speak, else English."""
    seller = invoice.seller if invoice else None
    country = seller.address.country if seller and seller.address else (document.party_id or "")[:2]
    return next((each for each in countries.find(country).languages if each in SPOKEN), "en")


def _address(invoice: Invoice | None) -> str:
    """The seller's e-mail, when it can be nothing else: it comes from the document, and goes into an address."""
    found = (invoice.seller.contact.email if invoice and invoice.seller.contact else None) or ""
    return found.strip() if _EMAIL.fullmatch(found.strip()) else ""
