"""Who can be spoken to about a document: the people of its company and those of its firm who look after it.

Nobody else is ever named, and nobody is named who cannot see the document: where a hard gate is still closed the firm's
people are not, and those who see only what they brought in, some directions or tags, are named on that alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from fatto.portal.conversation.models import Side
from fatto.portal.documents.models import Document
from fatto.portal.documents.words import fold
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Membership
from fatto.portal.tenancy.permissions import OWN_ONLY, ROLES, Can, Role
from fatto.portal.tenancy.scope import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be asked or named."""

    member: int
    name: str
    side: str
    role: str


def of(document: Document) -> list[Person]:
    """Everybody who sees the document as one of the company's people or of its firm's team, by name."""
    # Looked up for the portal itself: a company's people may not read the firm's list, but may know who serves them.
    with reading(actors.system_in(document.company)):
        rows = Membership.objects.filter(firm_id=document.firm_id, member__is_active=True).filter(
            Q(company_id=document.company_id)
            | Q(company=None, role=Role.FIRM_OWNER)
            | Q(company=None, companies__contains=[document.company_id])
        )
        found = {}
        for row in rows.select_related("member").order_by("-company_id"):
            side = Side.COMPANY if row.company_id else Side.FIRM
            if Can.DOCUMENT_READ not in ROLES[row.role]:
                continue
            if side == Side.FIRM and not document.open_to_firm:
                continue
            if row.role in OWN_ONLY and document.uploaded_by_id != row.member_id:
                continue
            if row.directions and document.direction not in row.directions:
                continue
            if row.tags and not set(row.tags) & set(document.tags):
                continue
            person = Person(member=row.member_id, name=str(row.member), side=side, role=row.role)
            # Who is both is the company's: that is the side on which the portal lets them act.
            if row.member_id not in found or side == Side.COMPANY:
                found[row.member_id] = person
    return sorted(found.values(), key=lambda person: (person.name.casefold(), person.member))


def mentioned(text: str, people: Iterable[Person]) -> list[int]:
    """The members named in a text as `@Name`, whatever its case and accents; the longer of two names counts."""
    folded = fold(text)
    found: list[int] = []
    names = sorted(((fold(person.name), person.member) for person in people), key=lambda each: -len(each[0]))
    taken: list[tuple[int, int]] = []
    for name, member in names:
        wanted = f"@{name}"
        at = folded.find(wanted)
        while name and at >= 0:
            end = at + len(wanted)
            whole = end == len(folded) or not folded[end].isalnum()
            before = at == 0 or not folded[at - 1].isalnum()
            free = all(end <= start or at >= until for start, until in taken if (start, until) != (at, end))
            if whole and before and free:
                taken.append((at, end))
                found.append(member)
                break
            at = folded.find(wanted, end)
    return sorted(set(found))


def asked(people: Iterable[Person], side: str, wanted: Iterable[int] = ()) -> list[int]:
    """Whom a question to a side goes to: those picked, else those whose work it is.

    In a company that is who decides; in a firm who books for it, the owner where nobody else does.
    """
    there = [person for person in people if person.side == side and Can.DOCUMENT_COMMENT in ROLES[person.role]]
    picked = set(wanted)
    for fit in (
        lambda person: person.member in picked,
        lambda person: Can.DOCUMENT_DECIDE in ROLES[person.role] or person.role == Role.ACCOUNTANT,
        lambda person: True,
    ):
        found = sorted(person.member for person in there if fit(person))
        if found:
            return found
    return []
