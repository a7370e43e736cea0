"""UBL 2.1 (ISO/IEC 19845) Invoice and CreditNote, bound to EN 16931 by CEN/TS 16931-3-2."""

from __future__ import annotations

from fatto.formats.format import Format
from fatto.formats.ubl.names import CREDIT_NOTE, INVOICE
from fatto.formats.ubl.read import attachment, is_credit_note, is_invoice, read
from fatto.i18n import _

FORMATS = (
    Format(
        name=INVOICE.format,
        title=_("UBL invoice"),
        recognise=is_invoice,
        read=read,
        attachment=attachment,
    ),
    Format(
        name=CREDIT_NOTE.format,
        title=_("UBL credit note"),
        recognise=is_credit_note,
        read=read,
        attachment=attachment,
    ),
)
