"""What the people of the made-up world say and note: comments, open questions, tags, cost centres, what is unread.

Made once, on documents of the last weeks; a company in which somebody said something already is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from fatto.portal.conversation import actions
from fatto.portal.conversation.models import Comment
from fatto.portal.documents.models import CostCenter, Direction, Document, ReadMark
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Member
from fatto.portal.tenancy.scope import scope

_CENTERS = {
    "ferramenta-scaligeri": (("NEG", "Negozio"), ("MAG", "Magazzino"), ("FUR", "Furgoni")),
    "costruzioni-adigetto": (("ADR", "Cantiere Adria"), ("ROV", "Cantiere Rovigo")),
    "depozit-verde": (("DEP", "Depozit"), ("TRA", "Transport")),
}
_TAGS = {
    "ferramenta-scaligeri": ("garanzia", "furgone", "fiera 2026"),
    "costruzioni-adigetto": ("subappalto", "cantiere Adria"),
    "depozit-verde": ("camion", "contract cadru"),
}
_UNREAD = timedelta(days=10)
"""People have read what arrived before."""


def talk(
    in_company: Callable[[str, str], Actor],
    companies: Mapping[str, Company],
    members: Mapping[str, Member],
    now: datetime,
) -> None:
    """Have them talk. `in_company` gives the actor that a person (by e-mail address) is in a company (by key)."""
    _ferramenta(in_company, companies["ferramenta-scaligeri"], now)
    _depozit(in_company, companies["depozit-verde"], now)
    owner = {
        "ferramenta-scaligeri": "paolo@ferramenta-scaligeri.example",
        "costruzioni-adigetto": "antonio@costruzioni-adigetto.example",
        "depozit-verde": "mihai@depozit-verde.example",
    }
    for key, email in owner.items():
        _sort(in_company(email, key), companies[key], key, now)
    _read(companies, members, now)


def _latest(**where: object) -> list[Document]:
    rows = Document.objects.filter(direction=Direction.RECEIVED, **where).select_related("company", "firm")
    return list(rows.order_by("-received_at", "-pk")[:12])


def _ferramenta(in_company: Callable[[str, str], Actor], company: Company, now: datetime) -> None:
    """The accountant's question waits for the owner; another was answered."""
    key = "ferramenta-scaligeri"
    marco, paolo = (
        in_company("marco@studio-brentani.example", key),
        in_company("paolo@ferramenta-scaligeri.example", key),
    )
    with scope(marco):
        if Comment.objects.exists():
            return
        waiting, done = _latest(approval=Approval.TO_APPROVE), _latest(approval=Approval.APPROVED)
    if len(waiting) > 1:
        with scope(marco):
            actions.ask(
                marco,
                waiting[1],
                text="Buongiorno Paolo, questa è per il negozio o per il magazzino? Mi serve per il centro di costo.",
                to="company",
                at=_after(waiting[1], now, hours=5),
            )
    if done:
        with scope(paolo):
            asked = actions.ask(
                paolo,
                done[0],
                text="@Marco Zanella, la possiamo dedurre per intero?",
                to="firm",
                at=_after(done[0], now, hours=8),
            )
        with scope(marco):
            actions.answer(
                marco,
                done[0],
                question=asked,
                text="Sì, è un costo dell’attività. La registro così.",
                at=_after(done[0], now, hours=26),
            )
            actions.comment(
                marco,
                done[0],
                text="Il DDT è arrivato ieri, lo allego alla registrazione.",
                at=_after(done[0], now, hours=30),
            )


def _depozit(in_company: Callable[[str, str], Actor], company: Company, now: datetime) -> None:
    """Within the company, behind its gate: an approver comments for the owner. After it: the accountant asks."""
    key = "depozit-verde"
    mihai, andreea = in_company("mihai@depozit-verde.example", key), in_company("andreea@trans-feleac.example", key)
    radu = in_company("radu@somarta.example", key)
    with scope(mihai):
        if Comment.objects.exists():
            return
        waiting = _latest(approval=Approval.TO_APPROVE)
    with scope(radu):
        done = _latest(approval=Approval.APPROVED, booking=Booking.TO_BOOK) or _latest(approval=Approval.APPROVED)
    if waiting:
        with scope(andreea):
            actions.comment(
                andreea,
                waiting[0],
                text="@Mihai Ardelean, cantitatea livrată a fost mai mică. Aștept avizul corectat.",
                at=_after(waiting[0], now, hours=3),
            )
    if done:
        with scope(radu):
            actions.ask(
                radu,
                done[0],
                text="Bună ziua, pentru ce vehicul este această factură?",
                to="company",
                at=_after(done[0], now, hours=20),
            )


def _sort(actor: Actor, company: Company, key: str, now: datetime) -> None:
    """Cost centres in the settings; tags and cost centres on some of the latest documents."""
    with scope(actor):
        if CostCenter.objects.exists():
            return
        for code, name in _CENTERS[key]:
            actions.save_center(actor, company, code=code, name=name)
        documents = _latest()
        tags, centers = _TAGS[key], [code for code, _name in _CENTERS[key]]
        for place, document in enumerate(documents):
            if place % 3 == 0:
                actions.tag(actor, [document], add=[tags[place % len(tags)]], at=_after(document, now, hours=40))
            if place % 2 == 0:
                at = _after(document, now, hours=41)
                actions.set_center(actor, [document], code=centers[place % len(centers)], at=at)


def _read(companies: Mapping[str, Company], members: Mapping[str, Member], now: datetime) -> None:
    """Everybody has read what is older than some days."""
    firms = {company.firm_id: company.firm for company in companies.values()}
    for member in members.values():
        for space in actors.spaces(member):
            if space.firm.pk not in firms:
                continue
            found = (
                actors.in_company(member, space.company.slug)
                if space.company
                else actors.in_firm(member, space.firm.slug)
            )
            if found is None:
                continue
            with scope(found):
                ReadMark._base_manager.get_or_create(
                    firm=found.firm, company=found.company, member=member, defaults={"at": now - _UNREAD}
                )


def _after(document: Document, now: datetime, *, hours: int) -> datetime:
    return min((document.approval_at or document.received_at) + timedelta(hours=hours), now - timedelta(minutes=20))
