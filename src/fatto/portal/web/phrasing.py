"""Policies and rules as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import get_language, gettext, ngettext, pgettext

from fatto import money
from fatto.portal.approvals.models import Policy, Rule
from fatto.portal.documents.models import Direction


def policy(row: Policy, names: Mapping[int, str]) -> str:
    """`For received invoices from Enel, Maria or Luca must say yes. From 5.000,00 EUR on, …`"""
    what = _about(row)
    if row.people:
        said = [gettext("For %(what)s, %(names)s must say yes.") % {"what": what, "names": _either(row.people, names)}]
    else:
        said = [gettext("For %(what)s, anybody who may approve says yes.") % {"what": what}]
    if row.second_from is not None:
        values = {"amount": _amount(row.second_from, row.company.currency), "names": _either(row.second_people, names)}
        if row.second_people:
            said.append(gettext("From %(amount)s on, %(names)s must agree as well: two different people.") % values)
        else:
            said.append(gettext("From %(amount)s on, a second person must agree as well.") % values)
    if row.days is not None:
        whom = str(row.escalate_to) if row.escalate_to else gettext("the owners")
        text = ngettext(
            "After %(days)s working day without an answer, %(whom)s will be asked as well.",
            "After %(days)s working days without an answer, %(whom)s will be asked as well.",
            row.days,
        )
        said.append(text % {"days": row.days, "whom": whom})
    return " ".join(said)


def rule(row: Rule) -> str:
    """`When an invoice from Enel is between 50,00 and 250,00 EUR, …, approve it.`"""
    values = {
        "what": _about(row),
        "low": _amount(row.amount_min, row.company.currency),
        "high": _amount(row.amount_max, row.company.currency),
    }
    conditions = [gettext("for %(what)s") % values]
    if row.amount_min:
        conditions.append(gettext("from %(low)s to %(high)s") % values)
    else:
        conditions.append(gettext("up to %(high)s") % values)
    if row.same_account:
        conditions.append(gettext("with no other IBAN than before"))
    conditions.append(gettext("without any alert"))
    return gettext("Approve by itself: %(conditions)s.") % {"conditions": ", ".join(conditions)}


def _about(row: Policy | Rule) -> str:
    parts = [
        {
            Direction.RECEIVED: pgettext("policy", "received invoices"),
            Direction.OTHER: pgettext("policy", "other documents"),
        }.get(row.direction, gettext("all documents"))  # type: ignore[call-overload]
    ]
    if row.party_id:
        parts.append(gettext("of %(supplier)s") % {"supplier": row.party_name or row.party_id})
    if row.tag:
        parts.append(gettext("tagged “%(tag)s”") % {"tag": row.tag})
    return " ".join(str(part) for part in parts)


def _either(members: Sequence[int], names: Mapping[int, str]) -> str:
    found = [names[each] for each in members if each in names] or [gettext("the owners")]
    if len(found) == 1:
        return found[0]
    return gettext("%(names)s or %(last)s") % {"names": ", ".join(found[:-1]), "last": found[-1]}


def _amount(value: Decimal, currency: str) -> str:
    return f"{money.amount(value, get_language() or 'en')} {currency}"
