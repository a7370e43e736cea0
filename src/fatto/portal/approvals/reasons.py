"""Why an alert was raised, in a sentence with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from fatto import i18n, money
from fatto.portal.approvals.models import Alert, Kind
from fatto.portal.documents.models import Document


def why(alert: Alert, document: Document, others: Sequence[Document], *, own_only: bool = False) -> str:
    """The sentence. `others` are the documents that it speaks of; who sees only their own hears nothing of others."""
    tell = {
        Kind.IBAN: _iban,
        Kind.DUPLICATE: _duplicate,
        Kind.SIGN: _sign,
        Kind.ARITHMETIC: _arithmetic,
        Kind.AMOUNT: _amount,
    }[Kind(alert.kind)]
    if own_only and alert.kind in (Kind.IBAN, Kind.AMOUNT):
        return _("It differs from what this supplier usually writes.")
    return tell(alert.values, document, others)


def iban(account: str) -> str:
    """An account in groups of four, as it stands on paper."""
    return " ".join(account[at : at + 4] for at in range(0, len(account), 4))


def _ibans(accounts: Sequence[str]) -> str:
    return ", ".join(iban(each) for each in accounts)


def _iban(values: dict[str, Any], document: Document, others: Sequence[Document]) -> str:
    party = document.party_name or document.name
    new, known = _ibans(values.get("new", [])), _ibans(values.get("known", []))
    if values.get("like"):
        text = _(
            "%(party)s has nearly the same name as %(like)s, but another tax number and another account: %(new)s."
            " You know %(known)s. If you did not expect this, call a number you already know."
        )
        return text % {"party": party, "like": values["like"], "new": new, "known": known}
    if not known:
        text = _(
            "The account %(new)s was never confirmed for %(party)s."
            " If you did not expect it, call a number you already know."
        )
        return text % {"party": party.rstrip("."), "new": new}
    party = party.rstrip(".")  # a sentence ends with it, and S.p.A. ends with a stop already
    count = values.get("count", 0)
    text = ngettext(
        "The account %(new)s is new for %(party)s. The last invoice named %(known)s."
        " If you did not expect a change, call a number you already know.",
        "The account %(new)s is new for %(party)s. The last %(count)s invoices named %(known)s."
        " If you did not expect a change, call a number you already know.",
        count,
    )
    return text % {"party": party, "new": new, "known": known, "count": count}


def _duplicate(values: dict[str, Any], document: Document, others: Sequence[Document]) -> str:
    if not others:
        return _("Another document of the same party has the same number and amount.")
    language = get_language() or "en"
    what = ", ".join(
        _("%(name)s, arrived on %(date)s") % {"name": each.name, "date": i18n.day(each.received_at.date(), language)}
        for each in others
    )
    return _("Same party, number and amount as: %(what)s.") % {"what": what}


def _sign(values: dict[str, Any], document: Document, others: Sequence[Document]) -> str:
    total = _money(values.get("total"), values)
    if values.get("credit"):
        text = _(
            "It is a credit note, yet its total is written with a minus: %(total)s. Here it counts as reducing what"
            " you owe; ask the supplier if it was meant the other way round."
        )
    else:
        text = _(
            "It is called an invoice, yet its total is negative and it refers to no other invoice: %(total)s."
            " It reduces what you owe, as a credit note would."
        )
    return text % {"total": total}


def _arithmetic(values: dict[str, Any], document: Document, others: Sequence[Document]) -> str:
    texts = {
        "lines": _("The lines add up to %(expected)s; the amount without VAT says %(written)s."),
        "rate": _("VAT at the rate written would be %(expected)s; the document says %(written)s."),
        "vat": _("The VAT amounts add up to %(expected)s; the total of VAT says %(written)s."),
        "total": _("Amount and VAT together are %(expected)s; the total says %(written)s."),
    }
    text = texts.get(values.get("what", ""), texts["total"])
    return text % {
        "expected": _money(values.get("expected"), values),
        "written": _money(values.get("written"), values),
    }


def _amount(values: dict[str, Any], document: Document, others: Sequence[Document]) -> str:
    text = ngettext(
        "Usually %(low)s – %(high)s (the last invoice); this one %(amount)s.",
        "Usually %(low)s – %(high)s (the last %(count)s invoices); this one %(amount)s.",
        values.get("count", 0),
    )
    language = get_language() or "en"
    low = money.amount(Decimal(str(values.get("low", 0))), language)
    return text % {
        "low": low,
        "high": _money(values.get("high"), values),
        "amount": _money(values.get("amount"), values),
        "count": values.get("count", 0),
    }


def _money(text: object, values: dict[str, Any]) -> str:
    currency = {"EUR": "€", "RON": "lei"}.get(values.get("currency", ""), values.get("currency", ""))
    return f"{money.amount(Decimal(str(text or 0)), get_language() or 'en')} {currency}".strip()
