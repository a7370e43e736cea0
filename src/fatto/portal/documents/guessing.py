"""What the text of a supporting document says for sure: its kind, total and date, and a party known already.

    guess(text, company)        # {"kind": "receipt", "amount": "12.50", "currency": "EUR", "date": …, "party": …}

A form filled wrongly costs more than an empty one. So each value is given only where the text leaves no
choice: words of one kind only, one amount beside every word for the total, one date, one tax number of
somebody known.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from fatto.portal.documents.models import Document, Paper
from fatto.portal.tenancy.models import Company

_TOTAL = re.compile(
    r"\b(?:totale|total|grand total|amount due|da pagare|de plat[aăâ]|zu zahlen|gesamtbetrag|rest de plat[aăâ])\b", re.I
)
_PART = re.compile(
    r"\b(?:sub-?total\w*|imponibile|f[aă]r[aă] tva|net\w*|excl\w*|iva|tva|vat|articol\w*|items|pezzi)\b", re.I
)
_AMOUNT = re.compile(
    r"(?<![\d.,])(?:(\d{1,3}(?:[. ]\d{3})+|\d{1,9}),(\d{2})|(\d{1,3}(?:,\d{3})+|\d{1,9})\.(\d{2}))(?![\d.,]*\d|\s*%)"
)
_DATES = (
    (re.compile(r"(?<![\d.])(\d{4})-(\d{2})-(\d{2})(?!\d)"), (0, 1, 2)),
    (re.compile(r"(?<![\d.])(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?!\d)"), (2, 1, 0)),
)
_DATED = re.compile(r"\b(?:data|date|del|din|datum)\b", re.I)
_EURO = re.compile(r"€|\beur(?:o)?\b", re.I)
_LEI = re.compile(r"\b(?:ron|lei)\b", re.I)
_ID = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{2})?\s?\d{2,13}(?![A-Za-z0-9])")
MOST_IDS = 200
_KINDS = {
    Paper.Kind.RECEIPT: (
        r"scontrino|documento commerciale|ricevuta fiscale|bon fiscal|chitan[tțţ][aăâ]|(?:cash|sales|payment) receipt"
    ),
    Paper.Kind.CONTRACT: r"contratto (?:di|per|tra)|contract (?:de|nr)|agreement between",
    Paper.Kind.STATEMENT: r"estratto (?:di )?conto|extras de cont|(?:bank|account) statement",
    Paper.Kind.PAYSLIP: r"busta paga|cedolino|prospetto paga|flutura[sșş] (?:de salariu|salar)|payslip",
    Paper.Kind.ORDER: r"ordine d['’]acquisto|conferma (?:d['’]|di )ordine|nota de comand[aăâ]|purchase order",
    Paper.Kind.DELIVERY: r"documento di trasporto|d\.d\.t\.|ddt|aviz de [iîâ]nso[tțţ]ire|delivery note",
}
_INVOICE = re.compile(r"\b(?:fattur|factur|invoice)", re.I)
_HEAD = 600
"""Within so many letters from the start a paper says what it is; further down it speaks of others."""
_KIND = {kind: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I) for kind, words in _KINDS.items()}


def guess(text: str, company: Company) -> dict[str, str]:
    """The values that are sure, as the form writes them; inside a scope."""
    found: dict[str, str] = {}
    kind = _kind(text[:_HEAD])
    if kind:
        found["kind"] = kind
    amount = _amount(text)
    if amount is not None:
        found["amount"] = f"{amount:f}"
        found["currency"] = _currency(text, company.currency)
    day = _day(text)
    if day is not None:
        found["date"] = day.isoformat()
    party = _party(text, company)
    if party:
        found["party"] = party
    return found


def _kind(head: str) -> str:
    """The one kind whose words stand there; none for an invoice, which speaks of orders and delivery notes as well."""
    kinds = [kind for kind, words in _KIND.items() if words.search(head)]
    return str(kinds[0].value) if len(kinds) == 1 and not _INVOICE.search(head) else ""


def _amount(text: str) -> Decimal | None:
    """The one amount that stands beside the words for a total; None where there are several or none."""
    lines = text.splitlines()
    found: set[Decimal] = set()
    for number, line in enumerate(lines):
        if not _TOTAL.search(line) or _PART.search(line):
            continue
        amounts = _amounts(line)
        if not amounts and number + 1 < len(lines) and not re.search(r"[A-Za-z]{4}", lines[number + 1]):
            amounts = _amounts(lines[number + 1])
        found |= amounts
    return found.pop() if len(found) == 1 else None


def _amounts(line: str) -> set[Decimal]:
    found = set()
    for match in _AMOUNT.finditer(line):
        whole, cents = match[1] or match[3], match[2] or match[4]
        found.add(Decimal(f"{re.sub('[^0-9]', '', whole)}.{cents}"))
    return found


def _currency(text: str, otherwise: str) -> str:
    euro, lei = bool(_EURO.search(text)), bool(_LEI.search(text))
    if euro == lei:
        return otherwise
    return "EUR" if euro else "RON"


def _day(text: str) -> date | None:
    labelled: set[date] = set()
    every: set[date] = set()
    for line in text.splitlines():
        days = _days(line)
        every |= days
        if _DATED.search(line):
            labelled |= days
    for found in (labelled, every):
        if len(found) == 1:
            return found.pop()
    return None


def _days(line: str) -> set[date]:
    today = timezone.localdate()
    found = set()
    for pattern, order in _DATES:
        for match in pattern.finditer(line):
            year, month, day = (int(match.groups()[place]) for place in order)
            try:
                each = date(year, month, day)
            except ValueError:
                continue
            if date(2000, 1, 1) <= each <= today + timedelta(days=1):
                found.add(each)
    return found


def _party(text: str, company: Company) -> str:
    """The one known party whose tax number stands in the text, the company's own left out."""
    numbers = {"".join(each.split()) for each in _ID.findall(text)}
    wanted = {number for each in numbers for number in (each, company.country + each)} - set(company.ids)
    if not wanted or len(numbers) > MOST_IDS:
        return ""
    rows = (
        Document.objects.filter(company=company, party_id__in=wanted, firm_id=company.firm_id)
        .exclude(party_name="")
        .order_by("party_id", "-id")
        .values_list("party_id", "party_name")
        .distinct("party_id")[:2]
    )
    found = list(rows)
    return found[0][1] if len(found) == 1 else ""
