"""What travels by authorities' channels, in words: troubles, seals, results of runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext

from fatto import i18n
from fatto.portal.documents.models import Document
from fatto.portal.exchange import queries, services
from fatto.portal.exchange.models import Box, Connection, Message, Probe, Receipt, Run
from fatto.portal.exchange.queries import Health
from fatto.portal.exchange.states import Connected, Held
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.permissions import Can


def company(actor: Actor) -> Company:
    """The company whose pages are asked for; 404 for those who see a part of its documents only."""
    if actor.company is None or actor.limited:
        raise Http404
    return actor.company


def words(text: str, values: Any = None) -> str:
    """A marked text of the library or of the portal with its values, in the reader's language."""
    if not text:
        return ""
    language = get_language() or "en"
    told = values if isinstance(values, dict) else {}
    said = i18n.translate(text, language, **told)
    if said != i18n.translate(text, "en", **told):
        return said
    try:
        return gettext(text).format(**told)
    except (KeyError, IndexError, ValueError):
        return gettext(text)


def channel_name(code: str) -> str:
    """What a channel is called."""
    return words(services.find(code).name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How something stands, in words, colour and a picture; shown as a chip."""

    tone: str
    icon: str
    label: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why something does not work: in plain words, and the authority's own."""

    text: str
    official: str = ""
    tone: str = "action"


def trouble(row: Box | Connection | Run | Message) -> Trouble | None:
    """What stands on a row as its trouble."""
    if not row.error_code:
        return None
    return Trouble(text=words(row.error_text, row.error_values), official=row.error_official)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A company in the table of connections."""

    health: Health
    chip: Mark
    trouble: Trouble | None
    url: str
    result: str = ""

    @property
    def box(self) -> Box | None:
        return self.health.box


def line(each: Health) -> Line:
    """A company's box in one line."""
    box = each.box
    return Line(
        health=each,
        chip=_chip(each),
        trouble=trouble(box) if box is not None and box.connection_id is not None else None,
        url=reverse("company-connection", kwargs={"company": each.company.slug}),
        result=result(each.run) if each.run is not None and each.run.finished_at is not None else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """How invoices come in by themselves, in a line for a company's first page."""

    url: str
    connected: bool
    trouble: str = ""
    since: datetime | None = None
    last: datetime | None = None
    next: datetime | None = None
    may: bool = False
    """May the reader do something about it?"""


def incoming(actor: Actor) -> Coming | None:
    """None where nothing can come by itself, and for those who see a part of the documents only."""
    if actor.company is None or actor.limited:
        return None
    box = Box.objects.select_related("connection", "company").order_by("pk").first()
    if box is None and services.of_country(actor.company.country) is None:
        return None
    url = reverse("company-connection", kwargs={"company": actor.company.slug})
    may = actor.can(Can.CONNECTION_MANAGE)
    if box is None or box.connection is None:
        return Coming(url=url, connected=False, may=may)
    trouble, since = "", None
    health = Health(company=box.company, box=box, connection=box.connection)
    if box.connection.state != Connected.ACTIVE:
        trouble = gettext("Nothing comes from the authority: somebody must log in again.")
        since = box.connection.error_at
    elif box.rights_lost_at:
        trouble = gettext("Nothing comes from the authority: the login has no rights on this company.")
        since = box.rights_lost_at
    elif health.silent:
        trouble = gettext("Nothing comes from the authority.")
        since = box.last_success or box.created_at
    elif health.gap:
        trouble = gettext("The authority’s list does not come whole: something may be missing.")
        since = box.whole_at or box.created_at
    coming = box.next_run if box.connection.state == Connected.ACTIVE else None
    return Coming(url=url, connected=True, trouble=trouble, since=since, last=box.last_success, next=coming, may=may)


def _chip(each: Health) -> Mark:
    box, way = each.box, each.connection
    label, icon = gettext("Works"), "circle-check"
    if box is None or way is None:
        label, icon = gettext("Not connected"), "unplug"
    elif box.paused:
        label, icon = gettext("Paused"), "pause"
    elif way.state != Connected.ACTIVE:
        label, icon = gettext("Login needed"), "key-round"
    elif box.rights_lost_at:
        label, icon = gettext("No rights"), "lock"
    elif each.run is not None and each.run.state in (Run.State.WAITING, Run.State.RUNNING):
        label, icon = gettext("Being looked into"), "refresh-cw"
    elif each.silent:
        label, icon = gettext("Nothing for days"), "triangle-alert"
    elif each.gap:
        label, icon = gettext("List incomplete for days"), "triangle-alert"
    elif box.error_code:
        label, icon = gettext("Tried again soon"), "clock"
    elif box.last_success is None:
        label, icon = gettext("First look to come"), "clock"
    return Mark(tone=each.tone, icon=icon, label=label)


def result(run: Run) -> str:
    """What came of a run: `12 new, 3 errors`."""
    if run.state == Run.State.FAILED:
        return words(run.error_text, run.error_values) or gettext("Stopped by an error")
    parts = []
    if run.fresh:
        parts.append(ngettext("%(n)s new", "%(n)s new", run.fresh) % {"n": run.fresh})
    elif run.opened:
        parts.append(ngettext("%(n)s fetched", "%(n)s fetched", run.opened) % {"n": run.opened})
    if run.errors:
        parts.append(ngettext("%(n)s needs a look", "%(n)s need a look", run.errors) % {"n": run.errors})
    return ", ".join(parts) or gettext("Nothing new")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An authority's seal in words."""

    tone: str
    icon: str
    text: str
    detail: str = ""
    facts: dict[str, Any]


def seal(message: Message) -> Sealed | None:
    """What a message's seal is worth; None where none was looked for."""
    facts = seal_facts(message)
    if not message.seal and facts.get("unverified"):
        text = gettext("The seal was not checked yet")
        return Sealed(tone="waiting", icon="shield-question-mark", text=text, facts=facts)
    certificate = facts.get("certificate")
    if message.seal == "valid" and certificate == "pinned":
        return Sealed(tone="done", icon="shield-check", text=gettext("The authority’s seal is valid"), facts=facts)
    if message.seal == "valid":
        return Sealed(
            tone="waiting",
            icon="shield-question-mark",
            text=gettext("The seal is whole, its certificate is not known yet"),
            detail=gettext(
                "Authorities change their certificate now and then. An administrator can have this one trusted."
            ),
            facts=facts,
        )
    if message.seal == "invalid":
        return Sealed(
            tone="action",
            icon="shield-x",
            text=gettext("The seal does not fit the document"),
            detail=words(str(facts.get("reason") or "")),
            facts=facts,
        )
    if message.seal == "unsigned":
        return Sealed(
            tone="neutral",
            icon="shield",
            text=gettext("Without a seal"),
            detail=words(str(facts.get("reason") or "")),
            facts=facts,
        )
    return None


def seal_facts(message: Message) -> dict[str, Any]:
    """What is kept of a seal, with its dates as such."""
    facts = dict(message.seal_facts) if isinstance(message.seal_facts, dict) else {}
    for name in ("valid_from", "valid_until"):
        if isinstance(facts.get(name), str):
            facts[name] = datetime.fromisoformat(facts[name])
    return facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A file from the authority that stands on a document."""

    receipt: Receipt
    seal: Sealed | None
    url: str


def of_document(document: Document) -> list[Proven]:
    """What the authority gave for a document."""
    return [
        Proven(
            receipt=each,
            seal=seal(each.message) if each.message is not None else None,
            url=reverse(
                "document-receipt",
                kwargs={"company": document.company.slug, "pk": document.pk, "receipt": each.pk},
            ),
        )
        for each in queries.receipts(document.pk)
    ]


HELD_TONES = {
    Held.LISTED: ("waiting", "download"),
    Held.STORED: ("progress", "package"),
    Held.OPENED: ("done", "circle-check"),
    Held.PARKED: ("waiting", "circle-question-mark"),
    Held.EXPIRED: ("action", "triangle-alert"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """A message in a list."""

    row: Message
    chip: Mark
    kind: str
    why: str
    official: str
    seal: Sealed | None
    url: str
    link: str
    file_url: str
    again_url: str = ""
    """Where it is opened again, when it waits for a look."""


def kinds() -> dict[str, str]:
    """The kinds of messages in words."""
    return {
        "received": gettext("Invoice received"),
        "issued": gettext("Invoice issued"),
        "errors": gettext("Errors of an invoice"),
        "buyer-message-received": gettext("Message from a buyer"),
        "buyer-message-sent": gettext("Message to a seller"),
        "unknown": gettext("Unknown kind"),
    }


def message(row: Message) -> MessageLine:
    """One message in words; what a gate hides has no link and no text."""
    tone, icon = HELD_TONES[Held(row.state)]
    document = row.document
    url = link = ""
    if document is not None:
        url = reverse("document", kwargs={"company": row.company.slug, "pk": document.pk})
        link = " · ".join(filter(None, (document.party_name, document.number))) or document.name
    return MessageLine(
        row=row,
        chip=Mark(tone=tone, icon=icon, label=Held(row.state).label),
        kind=kinds().get(row.kind, row.label),
        why=words(row.error_text, row.error_values),
        official=row.error_official or (row.official if row.state == Held.PARKED else ""),
        seal=seal(row),
        url=url,
        link=link,
        file_url=reverse("company-message-file", kwargs={"company": row.company.slug, "message": row.pk})
        if row.file_id and row.state in (Held.OPENED, Held.PARKED)
        else "",
        again_url=reverse("company-message-again", kwargs={"company": row.company.slug, "message": row.pk})
        if row.file_id and row.state == Held.PARKED
        else "",
    )


def probes(actor: Actor, connection: Connection) -> list[tuple[Probe, Mark, bool, str]]:
    """Each company with what the authority says of rights, whether it is ticked, and who serves it now."""
    tones = {
        Probe.State.WAITING: ("progress", "clock"),
        Probe.State.GRANTED: ("done", "circle-check"),
        Probe.State.REFUSED: ("neutral", "lock"),
        Probe.State.UNKNOWN: ("waiting", "circle-question-mark"),
    }
    by_company = {box.company_id: box for box in queries.boxes()}
    first = connection.pk not in {box.connection_id for box in by_company.values()}
    found = []
    for each in queries.probes(connection):
        tone, icon = tones[Probe.State(each.state)]
        box = by_company.get(each.company_id)
        served = box is not None and box.connection_id == connection.pk
        other = ""
        if box is not None and box.connection is not None and not served:
            other = box.connection.authorised_name
        ticked = served or (first and each.state == Probe.State.GRANTED and not other)
        chip = Mark(tone=tone, icon=icon, label=Probe.State(each.state).label)
        found.append((each, chip, ticked, other))
    return found
