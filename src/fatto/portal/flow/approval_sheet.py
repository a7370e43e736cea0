"""The approval sheet: who decided what, when, and on exactly which bytes. Printed, exported, archived."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from fatto import countries, i18n, money
from fatto.portal.approvals import queries as approvals
from fatto.portal.approvals.models import Decision, Reason, Verdict
from fatto.portal.archive.models import Record
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval
from fatto.portal.flow import letterhead
from fatto.render import letter
from fatto.render.letter import Letter, Part


def pdf(document: Document, language: str, record: Record | None = None) -> bytes:
    """The approval sheet of a document as PDF, in a language. Inside a scope."""
    return letter.pdf(compose(document, approvals.decisions(document), language, record))


def compose(document: Document, decisions: list[Decision], language: str, record: Record | None = None) -> Letter:
    """What the sheet says."""
    zone = ZoneInfo(countries.find(document.company.country).time_zone)
    with translation.override(language), timezone.override(zone):
        amount = "" if document.amount is None else f"{money.amount(document.amount, language)} {document.currency}"
        facts = (
            (_("Company"), f"{document.company.name} · {document.company.vat_id or document.company.tax_id}"),
            (_("Party"), " · ".join(filter(None, (document.party_name, document.party_id)))),
            (_("Document"), " · ".join(filter(None, (document.type_code, document.number)))),
            (_("Issue date"), i18n.day(document.issue_date, language) if document.issue_date else ""),
            (_("Total with VAT"), amount),
            (_("File"), document.name),
            (_("SHA-256 of the original"), document.file.sha256),
            (_("SHA-256 of what was read"), document.data_sha256),
            (_("Arrived on"), _moment(document.received_at)),
            (_("Approval"), str(Approval(document.approval).label)),
            (_("Booked on"), _moment(document.booked_at) if document.booked_at else _("not yet")),
            (_("Folder"), record.folder if record else ""),
        )
        rows = tuple(
            (
                _moment(each.at),
                approvals.who(each),
                str(Verdict(each.verdict).label),
                " – ".join(filter(None, (str(Reason(each.reason).label) if each.reason else "", each.note))),
                each.device,
            )
            for each in decisions
        )
        parts = [Part(title=_("Document"), rows=tuple((label, value) for label, value in facts if value))]
        if rows:
            columns = (_("When"), _("Who"), _("Decision"), _("Why"), _("Device"))
            parts.append(Part(title=_("Decisions"), columns=columns, rows=rows, head=True))
        unasked = not rows and document.approval == Approval.NOT_REQUIRED
        lead = _("No decision was asked or taken.") if unasked else ""
        at = max([document.received_at, *(each.at for each in decisions), *filter(None, [document.booked_at])])
        return Letter(
            title=_("Approval sheet"),
            lead=lead,
            parts=tuple(parts),
            footer=_("Times are in %(zone)s.") % {"zone": timezone.get_current_timezone_name()},
            lang=language,
            head=letterhead.of(document.company.firm),
            at=at,
        )


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{i18n.day(local.date(), translation.get_language() or 'en')} {local:%H:%M}"
