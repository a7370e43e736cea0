"""A small world for the portal's tests: two firms, their companies, and people in each role."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from fatto.portal.documents.models import Delivery, Document
from fatto.portal.flow import arrive
from fatto.portal.tenancy import actions, actor
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Firm, Gate, Member
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope

PASSWORD = "correct horse battery"


@dataclass
class World:
    """Firms, companies and people by short names."""

    firms: dict[str, Firm] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    people: dict[str, Member] = field(default_factory=dict)

    def person(self, name: str, language: str = "en") -> Member:
        if name not in self.people:
            self.people[name] = Member.objects.create_user(
                f"{name}@example.org", PASSWORD, name=name.capitalize(), language=language
            )
        return self.people[name]

    def at_company(self, who: str, company: str) -> Actor:
        """The actor that a person is in a company."""
        found = actor.in_company(self.people[who], self.companies[company].slug)
        assert found is not None, f"{who} has no business at {company}"
        return found

    def at_firm(self, who: str, firm: str) -> Actor:
        """The actor that a person is in a firm."""
        found = actor.in_firm(self.people[who], self.firms[firm].slug)
        assert found is not None
        return found

    def hand_in(self, who: Actor, name: str, data: bytes) -> Delivery:
        """Hand in a file and let the worker's job run at once."""
        delivery = arrive.receive(who, name, [data], uuid4())
        arrive.process(who.firm, delivery.pk)
        with scope(who):
            delivery.refresh_from_db()
        return delivery

    def document(self, who: Actor, **where: object) -> Document:
        """The one document that fits."""
        with scope(who):
            return Document.objects.select_related("company", "file").get(**where)


def build() -> World:
    """Studio Bianchi (IT) serves Rossi (soft gate) and Verdi; Contabil Dunărea (RO) serves Brutăria (hard gate)."""
    world = World()
    for firm, name, country, owner in (
        ("bianchi", "Studio Bianchi", "IT", "anna"),
        ("dunarea", "Contabil Dunărea", "RO", "ioana"),
    ):
        world.firms[firm] = actions.open_firm(
            name=name, country=country, language=country.lower(), owner=world.person(owner)
        )
    for key, firm, name, country, vat_id, owner in (
        ("rossi", "bianchi", "Panificio Rossi S.r.l.", "IT", "IT12345678903", "maria"),
        ("verdi", "bianchi", "Verdi Impianti S.r.l.", "IT", "IT00743110157", "luca"),
        ("brutaria", "dunarea", "Brutăria Dunării SRL", "RO", "RO12345674", "mihai"),
    ):
        boss = "anna" if firm == "bianchi" else "ioana"
        with scope(world.at_firm(boss, firm)) as who:
            company = actions.open_company(who, name=name, country=country, vat_id=vat_id)
        with scope(actor.system(world.firms[firm])) as system:
            actions.join_company(system, company, member=world.person(owner), role=Role.OWNER)
        world.companies[key] = company
    with scope(actor.system(world.firms["bianchi"])) as system:
        rossi = world.companies["rossi"]
        actions.join_company(system, rossi, member=world.person("elena"), role=Role.EMPLOYEE)
        actions.join_company(system, rossi, member=world.person("sara"), role=Role.AUDITOR)
        actions.join_firm(system, member=world.person("paolo"), role=Role.ACCOUNTANT, companies=[rossi])
    assert world.companies["brutaria"].gate == Gate.HARD
    return world
