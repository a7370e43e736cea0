"""What stands around every page: whose data it is, where one can go, and who is reading.

Only addresses that the reader may open are offered; numbers are counted inside the request's scope.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fatto.portal.documents import queries
from fatto.portal.exchange import services
from fatto.portal.notifications import queries as notices
from fatto.portal.tenancy import scope, support
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Appearance, Company, Firm, Member, SupportGrant
from fatto.portal.tenancy.permissions import SUPPORT, Can

STRIPES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place in the navigation. `section` says which pages it stands for."""

    section: str
    url: str
    icon: str
    label: str
    counts: bool = False
    """Does a number stand beside it, when there is one?"""
    count: int = 0
    tone: str = "neutral"
    current: bool = False
    key: str = ""
    below: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The frame of a page. Without a space (`/me/`, the switcher) it has no links."""

    member: Member | None = None
    actor: Actor | None = None
    company: Company | None = None
    firm: Firm | None = None
    visiting: bool = False
    support: SupportGrant | None = None
    """The operator who may look in now: shown to the firm, and to the operator."""
    support_url: str = ""
    operator: bool = False
    may_view_as: bool = False
    name: str = ""
    ids: str = ""
    home: str = ""
    firm_url: str = ""
    upload_url: str = ""
    stripe: int = 0
    theme: str = ""
    keyboard: bool = True
    unread: int = 0
    """Notices that the reader has not looked at."""
    links: tuple[Link, ...] = ()
    bottom: tuple[Link, ...] = ()

    @property
    def rest(self) -> tuple[Link, ...]:
        """What the phone's bar has no room for."""
        below = {link.section for link in self.bottom}
        return tuple(link for link in self.links if link.section not in below)

    @property
    def rest_is_current(self) -> bool:
        """Is the page one of those?"""
        return any(link.current for link in self.rest)


def shell(request: HttpRequest | None, section: str = "") -> Shell:
    """The frame for a request; `section` overrules what the address says the page belongs to."""
    user = getattr(request, "user", None)
    member = user if isinstance(user, Member) and user.is_authenticated else None
    if request is None or member is None:
        return Shell()
    theme = "" if member.appearance == Appearance.AUTO else str(member.appearance)
    around = Shell(
        member=member,
        theme=theme,
        keyboard=member.keyboard,
        operator=member.operator,
        unread=notices.unread(member),
    )
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or scope.current() is not actor:
        return around
    if actor.side == "firm":
        around = replace(
            around,
            support=support.live_in(actor.firm),
            support_url=reverse("firm-support", kwargs={"firm": actor.firm.slug}) if actor.can(Can.FIRM_MANAGE) else "",
        )
    section = section or _section(request)
    # Several pieces of a page ask for its frame.
    known: tuple[Actor, str, Shell] | None = getattr(request, "_shell", None)
    if known is not None and known[:2] == (actor, section):
        return known[2]
    found = _in_space(around, actor, section, request)
    request._shell = (actor, section, found)  # type: ignore[attr-defined]
    return found


def _in_space(around: Shell, actor: Actor, section: str, request: HttpRequest) -> Shell:
    counts = queries.counts()
    if actor.company is not None:
        return _in_company(around, actor, actor.company, counts, section, request)
    return _in_firm(around, actor, counts, section)


def _in_company(
    around: Shell, actor: Actor, company: Company, counts: Any, section: str, request: HttpRequest
) -> Shell:
    def url(name: str) -> str:
        return reverse(name, kwargs={"company": company.slug})

    visiting = actor.side == "firm"
    direction = request.GET.get("direction", "")
    folder = f"{url('company-documents')}?direction="
    home = Link(section="home", url=url("company-home"), icon="house", label=_("Home"), key="t")
    documents = Link(
        section="documents",
        url=url("company-documents"),
        icon="files",
        label=_("Documents"),
        key="i",
        below=tuple(
            Link(
                section=f"documents-{value}",
                url=folder + value,
                icon="",
                label=label,
                current=section == "documents" and direction == value,
            )
            for value, label in (
                ("received", pgettext("invoices", "Received")),
                ("issued", pgettext("invoices", "Issued")),
                ("other", pgettext("documents", "Others")),
            )
        ),
    )
    links = [home]
    if actor.can(Can.DOCUMENT_DECIDE):
        links.append(
            Link(
                section="approve",
                url=url("company-approve"),
                icon="list-checks",
                label=_("To approve"),
                counts=True,
                count=counts.mine,
                tone="waiting",
                key="a",
            )
        )
    links.append(documents)
    if actor.can(Can.DOCUMENT_UPLOAD):
        links.append(Link(section="upload", url=url("company-upload"), icon="plus", label=_("Add"), key="u"))
    if actor.can(Can.ARCHIVE_READ):
        links.append(Link(section="archive", url=url("company-archive"), icon="archive", label=_("Archive"), key="r"))
    if services.of_country(company.country) is not None and not actor.limited:
        links.append(
            Link(section="connections", url=url("company-connection"), icon="plug-zap", label=_("Connection"), key="x")
        )
    marked = tuple(replace(link, current=link.section == section) for link in links)
    return replace(
        around,
        actor=actor,
        company=company,
        firm=actor.firm,
        visiting=visiting,
        may_view_as=visiting and actor.role != SUPPORT,
        name=company.name,
        ids=tax_ids(company),
        home=home.url,
        firm_url=reverse("firm-today", kwargs={"firm": actor.firm.slug}) if visiting else "",
        upload_url=url("company-upload") if actor.can(Can.DOCUMENT_UPLOAD) else "",
        stripe=company.pk % STRIPES,
        links=marked,
        bottom=_with_plus_in_the_middle(marked),
    )


def _in_firm(around: Shell, actor: Actor, counts: Any, section: str) -> Shell:
    firm = actor.firm

    def url(name: str) -> str:
        return reverse(name, kwargs={"firm": firm.slug})

    home = Link(section="home", url=url("firm-today"), icon="calendar-check", label=_("Today"), key="t")
    links = [
        home,
        Link(section="clients", url=url("firm-clients"), icon="building-2", label=_("Clients"), key="k"),
        Link(section="documents", url=url("firm-documents"), icon="files", label=_("Documents"), key="i"),
    ]
    if actor.can(Can.DOCUMENT_BOOK):
        links.append(
            Link(
                section="booking",
                url=url("firm-booking"),
                icon="book-check",
                label=_("Booking"),
                counts=True,
                count=counts.to_book,
                key="b",
            )
        )
    if actor.can(Can.DOCUMENT_UPLOAD):
        links.append(Link(section="upload", url=url("firm-upload"), icon="plus", label=_("Add"), key="u"))
    if actor.can(Can.QUARANTINE_ROUTE):
        links.append(
            Link(
                section="quarantine",
                url=url("firm-quarantine"),
                icon="shield-alert",
                label=_("Quarantine"),
                counts=True,
                count=counts.quarantine,
                tone="waiting",
                key="q",
            )
        )
    if services.of_country(firm.country) is not None:
        links.append(
            Link(section="connections", url=url("firm-connections"), icon="plug-zap", label=_("Connections"), key="x")
        )
    if actor.can(Can.TEAM_MANAGE):
        links.append(Link(section="team", url=url("firm-team"), icon="users", label=_("Team"), key="e"))
    if actor.can(Can.TOKEN_MANAGE):
        links.append(Link(section="programs", url=url("firm-tokens"), icon="plug", label=_("Programs")))
    if actor.can(Can.FIRM_MANAGE):
        links.append(Link(section="settings", url=url("firm-settings"), icon="settings", label=_("Settings")))
    marked = tuple(replace(link, current=link.section == section) for link in links)
    return replace(
        around,
        actor=actor,
        firm=firm,
        name=firm.name,
        ids=_("Accounting firm"),
        home=home.url,
        upload_url=url("firm-upload") if actor.can(Can.DOCUMENT_UPLOAD) else "",
        links=marked,
        bottom=_with_plus_in_the_middle(marked),
    )


_SECTIONS = (
    ("company-home", "home"),
    ("company-approve", "approve"),
    ("company-upload", "upload"),
    ("company-archive", "archive"),
    ("company-settings", "settings"),
    ("company-people", "settings"),
    ("company-person", "settings"),
    ("company-tokens", "settings"),
    ("company-data", "settings"),
    ("company-polic", "settings"),
    ("company-rule", "settings"),
    ("company-connection", "connections"),
    ("company-sync", "connections"),
    ("company-messages", "connections"),
    ("company-completeness", "connections"),
    ("company-documents", "documents"),
    ("document", "documents"),
    ("firm-today", "home"),
    ("firm-clients", "clients"),
    ("firm-invitations", "clients"),
    ("firm-document", "documents"),
    ("firm-upload", "upload"),
    ("firm-booking", "booking"),
    ("firm-tokens", "programs"),
    ("firm-quarantine", "quarantine"),
    ("firm-team", "team"),
    ("firm-connection", "connections"),
    ("firm-completeness", "connections"),
    ("firm-data", "settings"),
    ("firm-support", "settings"),
    ("firm-settings", "settings"),
    ("firm-brand", "settings"),
    ("firm-naming", "settings"),
)
"""Beginnings of the names of addresses → the place in the navigation that they belong to."""


def _section(request: HttpRequest) -> str:
    match = request.resolver_match
    name = (match.url_name if match else "") or ""
    return next((section for beginning, section in _SECTIONS if name.startswith(beginning)), "")


def _with_plus_in_the_middle(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """At most four places for the thumb beside `More`; adding stands in the middle of the five."""
    plus = [link for link in links if link.section == "upload"]
    others = [link for link in links if link.section != "upload"][: 4 - len(plus)]
    middle = (len(others) + 2) // 2
    return (*others[:middle], *plus, *others[middle:])


def tax_ids(company: Any) -> str:
    """A company's or party's VAT number as people write it, and its tax number when that says something else."""
    vat, tax = (getattr(company, name, None) or "" for name in ("vat_id", "tax_id"))
    return " · ".join(part for part in (vat, tax if tax and tax not in vat else "") if part)
