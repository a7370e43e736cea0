"""Brings the demo world into a database, by the same road and the same actions as people would.

Everything is looked for before it is made, so that a load that was killed goes on where it stood.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from fatto.portal.demo import agreeing, conversation, papers, seconds
from fatto.portal.demo.papers import Outcome, Paper
from fatto.portal.demo.world import FIRMS, PASSWORD, PEOPLE, DemoCompany, DemoFirm
from fatto.portal.documents import queries, words
from fatto.portal.documents.models import Delivery, DeliveryItem, Direction, Document
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.flow import arrive, decide, guard, keep
from fatto.portal.tenancy import actions
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Firm, Member, Membership
from fatto.portal.tenancy.permissions import FIRM_ROLES, Role
from fatto.portal.tenancy.scope import scope

Progress = Callable[[str], None]
_STEP = 100
_PHONE = "Chrome · phone"
_DESK = "Firefox · desktop"


@dataclass(slots=True)
class _Cast:
    """Firms, companies and the actors in them, by the keys of the demo world."""

    firms: dict[str, Firm] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    _actors: dict[tuple[str, str], Actor] = field(default_factory=dict)

    def person(self, role: str, key: str) -> str:
        """The e-mail address of the first person with a role in a firm or company."""
        return next(person.email for person in PEOPLE if (role, key) in person.roles)

    def in_company(self, email: str, key: str, device: str = "") -> Actor:
        if (email, key) not in self._actors:
            found = actors.in_company(self.members[email], self.companies[key].slug, device=device)
            assert found is not None, f"{email} has no role in {key}"  # noqa: S101 - the world is ours
            self._actors[email, key] = found
        return self._actors[email, key]

    def in_firm(self, email: str, key: str) -> Actor:
        if (email, key) not in self._actors:
            found = actors.in_firm(self.members[email], self.firms[key].slug, device=_DESK)
            assert found is not None, f"{email} has no role in {key}"  # noqa: S101 - the world is ours
            self._actors[email, key] = found
        return self._actors[email, key]


def load(progress: Progress) -> None:
    """Make the demo world, or what is missing of it; `progress` gets a line now and then."""
    cast = _Cast()
    for firm in FIRMS:
        _open(cast, firm)
        people = sum(1 for person in PEOPLE if any(key in _keys(firm) for _, key in person.roles))
        progress(f"{firm.name}: {len(firm.companies)} companies, {people} people")
    files = list(papers.papers(_today(cast)))
    there = {key: _deliveries(firm) for key, firm in cast.firms.items()}
    for number, paper in enumerate(files, 1):
        documents = _arrive(cast, paper, there[paper.firm_key])
        if paper.written is not None:
            for document in documents:
                _describe(cast.firms[paper.firm_key], document, paper.written)
        _tell(cast, paper, documents)
        if number % _STEP == 0 or number == len(files):
            progress(f"{number} of {len(files)} files")
    conversation.talk(cast.in_company, cast.companies, cast.members, timezone.now())
    agreeing.agree(cast.in_company(cast.person(Role.OWNER, agreeing.COMPANY), agreeing.COMPANY, _DESK))


def _today(cast: _Cast) -> date:
    """The day on which the world was begun: going on tomorrow must give the same one."""
    return min(firm.created_at for firm in cast.firms.values()).date()


def _keys(firm: DemoFirm) -> set[str]:
    return {firm.key, *(company.key for company in firm.companies)}


# --- who


def _open(cast: _Cast, demo: DemoFirm) -> None:
    """A firm, its companies and their people."""
    password = make_password(PASSWORD)
    for person in PEOPLE:
        if any(key in _keys(demo) for _, key in person.roles):
            cast.members[person.email] = _member(person.email, person.name, person.language, password)
    owner = cast.members[cast.person(Role.FIRM_OWNER, demo.key)]
    firm = Firm.objects.filter(name=demo.name).first() or actions.open_firm(
        name=demo.name, country=demo.country, language=demo.language, owner=owner
    )
    cast.firms[demo.key] = firm
    for company in demo.companies:
        cast.companies[company.key] = _company(firm, owner, company)
    system = actors.system(firm)
    with scope(system):
        present: set[tuple[int, int | None]] = set(
            Membership.objects.filter(firm=firm).values_list("member_id", "company_id")
        )
        for person in PEOPLE:
            for role, key in person.roles:
                member = cast.members.get(person.email)
                if key not in _keys(demo) or member is None:
                    continue
                if role in FIRM_ROLES and (member.pk, None) not in present:
                    assigned = [cast.companies[each] for each in person.assigned]
                    actions.join_firm(system, member=member, role=role, companies=assigned)
                elif role not in FIRM_ROLES and (member.pk, cast.companies[key].pk) not in present:
                    actions.join_company(system, cast.companies[key], member=member, role=role)


def _member(email: str, name: str, language: str, password: str) -> Member:
    member = Member.objects.filter(email=email).first()
    if member is None:
        member = Member.objects.create(email=email, name=name, language=language, password=password)
    EmailAddress.objects.get_or_create(user=member, email=email, defaults={"verified": True, "primary": True})
    return member


def _company(firm: Firm, owner: Member, demo: DemoCompany) -> Company:
    party = demo.party
    found = actors.in_firm(owner, firm.slug)
    assert found is not None  # noqa: S101 - the owner was made with the firm
    with scope(found) as who:
        company = Company.objects.filter(name=party.full_name).first()
        return company or actions.open_company(
            who,
            name=party.full_name,
            country=party.country,
            vat_id=f"{party.country}{party.vat}" if party.vat else "",
            tax_id=party.tax,
            gate=demo.gate,
        )


# --- what


def _deliveries(firm: Firm) -> dict[tuple[str, int | None], Delivery]:
    """What was handed in by an earlier start, by hash and place."""
    with scope(actors.system(firm)):
        return {
            (delivery.file.sha256, delivery.company_id): delivery
            for delivery in Delivery.objects.select_related("file")
        }


def _arrive(cast: _Cast, paper: Paper, there: dict[tuple[str, int | None], Delivery]) -> list[Document]:
    """Hand a file in and process it at once; gives the documents it became."""
    firm = cast.firms[paper.firm_key]
    where = None if paper.on_firm else cast.companies[paper.company_key or ""].pk
    delivery = there.get((hashlib.sha256(paper.data).hexdigest(), where))
    if delivery is None:
        batch = uuid5(NAMESPACE_URL, f"fatto:{paper.company_key}:{paper.received_at.date()}")
        delivery = arrive.receive(
            _bearer(cast, paper), paper.name, [paper.data], batch, at=paper.received_at
        )  # fmt: skip
    if delivery.state != Delivery.State.DONE:
        arrive.process(firm, delivery.pk, at=paper.received_at)
        with scope(actors.system(firm)):
            # As if it had come on its day: nothing but the clock sets these columns.
            Delivery.objects.filter(pk=delivery.pk).update(
                created_at=paper.received_at, finished_at=paper.received_at + timedelta(seconds=2)
            )
    with scope(actors.system(firm)):
        hashes = DeliveryItem.objects.filter(delivery=delivery, document__isnull=False).values("document__data_sha256")
        return list(Document.objects.filter(data_sha256__in=hashes).select_related("company").order_by("id"))


def _bearer(cast: _Cast, paper: Paper) -> Actor:
    """Who hands it in: the company's people what is theirs, the accountants what they fetched."""
    owner = cast.person(Role.FIRM_OWNER, paper.firm_key)
    if paper.on_firm:
        return cast.in_firm(owner, paper.firm_key)
    key = paper.company_key or ""
    if key == "ferramenta-scaligeri" and (paper.direction == "other" or paper.received_at.day in {13, 14, 15}):
        return cast.in_company(cast.person(Role.EMPLOYEE, key), key, _PHONE)
    if paper.direction == Direction.RECEIVED and paper.firm_key == "studio-brentani":
        return cast.in_company(owner, key, _DESK)
    return cast.in_company(cast.person(Role.OWNER, key), key, _DESK)


def _describe(firm: Firm, document: Document, told: seconds.Written) -> None:
    """Write it on the document, as a person would; once."""
    actor = actors.system(firm)
    with scope(actor):
        if document.number:
            return
        Document.objects.filter(pk=document.pk).update(
            party_name=told.party,
            party_key=words.fold(told.party),
            number=told.number,
            number_key=words.number_key(told.number),
            issue_date=told.issued,
            amount=told.amount,
            currency=told.currency,
        )
        guard.look(actor, [queries.get(document.pk)], at=document.received_at)


# --- and then


def _tell(cast: _Cast, paper: Paper, documents: list[Document]) -> None:
    """Approve, dispute and book as the story says; what was done before is left."""
    story = paper.story
    if story.outcome is Outcome.WAITING:
        return
    keys = {company.pk: key for key, company in cast.companies.items()}
    decided = paper.received_at + story.decided_after
    for document in documents:
        if document.approval == Approval.TO_APPROVE and document.booking == Booking.TO_BOOK:
            _decide(_decider(cast, keys[document.company_id], decided), document, paper, decided)
    if story.outcome is Outcome.BOOKED:
        waiting = [each for each in documents if each.booking == Booking.TO_BOOK]
        for email, those in _bookers(cast, paper, keys, waiting).items():
            with scope(cast.in_firm(email, paper.firm_key)) as booker:
                keep.book(booker, those, at=paper.received_at + story.booked_after)


def _decider(cast: _Cast, key: str, at: datetime) -> Actor:
    """The owner, or now and then the approver where there is one."""
    others = [
        person.email
        for person in PEOPLE
        for role, place in person.roles
        if place == key and role in {Role.APPROVER, Role.IN_HOUSE}
    ]
    owner = cast.person(Role.OWNER, key)
    email = others[0] if others and at.day % 3 == 0 else owner
    return cast.in_company(email, key, _PHONE if at.hour % 2 else _DESK)


def _decide(actor: Actor, document: Document, paper: Paper, at: datetime) -> None:
    with scope(actor):
        if paper.story.outcome is Outcome.DISPUTED:
            decide.dispute(actor, document, reason=paper.story.reason, note=paper.story.note, at=at)
        else:
            decide.approve(actor, document, confirmed=document.alerts, at=at)


def _bookers(cast: _Cast, paper: Paper, keys: dict[int, str], documents: list[Document]) -> dict[str, list[Document]]:
    """The accountant of the document's company, else the firm's owner."""
    found: dict[str, list[Document]] = {}
    accountants = [person for person in PEOPLE if (Role.ACCOUNTANT, paper.firm_key) in person.roles]
    for document in documents:
        key = keys[document.company_id]
        email = next((person.email for person in accountants if key in person.assigned), None)
        found.setdefault(email or cast.person(Role.FIRM_OWNER, paper.firm_key), []).append(document)
    return found
