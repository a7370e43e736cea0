"""Documents that are mailed to a company's own address, and the address itself.

    take_documents(message, key)        # → Delivery, or None when no company has this key

The address is `documents+KEY@` under the portal's mail domain. The message is kept as it came and goes the
way of every file: attachments become documents, and where there are none the message itself is one. Who
writes is the company's own people and those on its list; what others send waits in quarantine, and nobody
is answered, since senders are easily made up and an answer would tell a stranger that somebody is here.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from email import policy
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.documents import naming, vault
from fatto.portal.documents.models import Delivery, DeliveryItem, File, Mailbox, Quarantined
from fatto.portal.flow import arrive
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Firm, Member, Membership
from fatto.portal.tenancy.permissions import ROLES, Can
from fatto.portal.tenancy.scope import entering, scope

KIND = "documents"
"""What stands before the `+` of the address."""
MOST_SENDERS = 100
_HEADERS = 256 * 1024
_ADDRESS = re.compile(r"[a-z0-9.!#$%&'+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
_DOMAIN = re.compile(r"@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")


class NoAddress(Refusal):
    """What is no address would let nobody in."""

    status = 422

    def __init__(self, line: str) -> None:
        super().__init__(_("“%(line)s” is neither an address nor a domain such as @example.com.") % {"line": line[:80]})


class TooManySenders(Refusal):
    """A list that nobody can oversee."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("These are too many senders. Name whole domains instead."))


# -- the address --------------------------------------------------------------------------------------------------


def domain() -> str:
    """Where mail for the portal arrives; empty when it takes none."""
    return settings.CONFIG.mail_in_domain or ""


def mailbox() -> Mailbox | None:
    """The mailbox of the company whose space we are in."""
    return Mailbox.objects.first()


def address(box: Mailbox | None) -> str:
    """The address to write to; empty without one."""
    return f"{KIND}+{box.key}@{domain()}" if box is not None and domain() else ""


@action(Can.COMPANY_MANAGE, verb="mail-address-made")
def renew(actor: Actor, company: Company) -> Mailbox:
    """Give the company a fresh address; a former one takes nothing any more."""
    box, _new = Mailbox.objects.update_or_create(
        company=company,
        defaults={"firm_id": company.firm_id, "key": _key(), "made_at": timezone.now()},
    )
    return box


@action(Can.COMPANY_MANAGE)
def allow(actor: Actor, company: Company, *, senders: Sequence[str]) -> None:
    """Who may write besides the company's own people: addresses, and domains written `@example.com`."""
    wanted = list(dict.fromkeys(each.strip().lower() for each in senders if each.strip()))
    if len(wanted) > MOST_SENDERS:
        raise TooManySenders
    for each in wanted:
        if not (_ADDRESS.fullmatch(each) or _DOMAIN.fullmatch(each)):
            raise NoAddress(each)
    changed = Mailbox.objects.filter(company=company).update(senders=wanted)
    if not changed:
        Mailbox.objects.create(
            firm_id=company.firm_id, company=company, key=_key(), senders=wanted, made_at=timezone.now()
        )
    trail.record(actor, "mail-senders-set", company_id=company.pk, data={"senders": wanted})


def _key() -> str:
    """As long as cannot be guessed, in letters that survive being spoken and every mail program."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _letter in range(16))


# -- taking -------------------------------------------------------------------------------------------------------


def take_documents(message: bytes, key: str) -> Delivery | None:
    """Take a message that came to a company's address; gives its delivery, None when nobody has the key.

    The same message again gives the delivery that is there. Called outside a scope. Trouble with the
    database or the disk passes through, so that the message is tried again.
    """
    place = _place(key)
    if place is None:
        return None
    company, firm, senders = place
    headers = BytesHeaderParser(policy=policy.compat32).parsebytes(message[:_HEADERS])
    batch = _batch(company, message, headers)
    sender = parseaddr(str(headers.get("From", "")))[1].strip().lower()
    actor = _channel(firm, company)
    with scope(actor):
        before = Delivery.objects.filter(batch=batch).order_by("id").first()
        member = _member(company, sender)
    if before is not None:
        return before
    name = _name(headers)
    sha256, size = vault.put(firm.pk, message), len(message)
    known = member is not None or _listed(sender, senders)
    with scope(replace(actor, member=member)) as who:
        with connection.cursor() as cursor:
            # The same message twice in one moment: the second waits, and finds what the first did.
            cursor.execute("select pg_advisory_xact_lock(%s)", [batch.int % (1 << 62)])
        before = Delivery.objects.filter(batch=batch).order_by("id").first()
        if before is not None:
            return before
        if known:
            return arrive.accept(who, name=name, sha256=sha256, size=size, batch=batch, channel="mail")
        return _hold_back(who, company, name=name, sha256=sha256, size=size, batch=batch, sender=sender)


def _place(key: str) -> tuple[Company, Firm, list[str]] | None:
    """Whose key it is."""
    key = key.strip().lower()
    if not key or len(key) > 40 or not key.isascii() or not key.isalnum():
        return None
    with entering(key):
        row = Mailbox._base_manager.filter(key=key).values("firm_id", "company_id", "senders").first()
    if row is None:
        return None
    firm = Firm.objects.get(pk=row["firm_id"])
    with scope(actors.system(firm)):
        company = Company.objects.filter(pk=row["company_id"], active=True).first()
    return (company, firm, row["senders"]) if company is not None else None


def _channel(firm: Firm, company: Company) -> Actor:
    """The portal at work for one company alone."""
    return replace(actors.system(firm, kind="channel"), company=company, companies=(company.pk,))


def _batch(company: Company, message: bytes, headers: Any) -> UUID:
    """One a message and company, so that what comes twice is filed once.

    The Message-ID alone does not tell: some scanners give all their mails the same, and a stranger may take one that
    another will use. What stands after the headers is the same whichever way a message came.
    """
    named = " ".join(str(headers.get("Message-ID", "")).split())[:500]
    content = re.split(rb"\r?\n\r?\n", message, maxsplit=1)[-1] if named else message
    return uuid5(NAMESPACE_URL, f"fatto:mail:{company.pk}:{named}:{hashlib.sha256(content).hexdigest()}")


def _member(company: Company, sender: str) -> Member | None:
    """The person of the company who writes, if it may add documents."""
    if not sender:
        return None
    rows = Membership.objects.filter(company=company, member__email__iexact=sender, member__is_active=True)
    row = rows.select_related("member").first()
    return row.member if row is not None and Can.DOCUMENT_UPLOAD in ROLES[row.role] else None


def _listed(sender: str, senders: Sequence[str]) -> bool:
    return bool(sender) and (sender in senders or f"@{sender.rpartition('@')[2]}" in senders)


def _name(headers: Any) -> str:
    """The subject as a file name."""
    from email.header import decode_header, make_header

    try:
        subject = str(make_header(decode_header(str(headers.get("Subject", "")))))
    except Exception:  # odd headers make the standard library raise all sorts of things
        subject = ""
    return f"{naming.safe(subject)[:100] or 'message'}.eml"


@action(Can.DOCUMENT_UPLOAD)
def _hold_back(
    actor: Actor, company: Company, *, name: str, sha256: str, size: int, batch: UUID, sender: str
) -> Delivery:
    """From somebody unknown: it waits for a person, whole and unopened."""
    file, _new = File.objects.get_or_create(firm=actor.firm, company=company, sha256=sha256, defaults={"size": size})
    delivery = Delivery.objects.create(
        firm_id=actor.firm.pk,
        company=company,
        file=file,
        name=name,
        batch=batch,
        channel="mail",
        state=Delivery.State.DONE,
        seen=1,
        finished_at=timezone.now(),
    )
    DeliveryItem.objects.create(
        delivery=delivery,
        firm_id=actor.firm.pk,
        company=company,
        position=0,
        outcome=DeliveryItem.Outcome.QUARANTINED,
        code=Quarantined.Reason.UNKNOWN_SENDER,
    )
    Quarantined.objects.bulk_create(
        [
            Quarantined(
                firm_id=actor.firm.pk,
                company=company,
                delivery=delivery,
                file=file,
                name=name,
                identity=hashlib.sha256(f"mail\n{sha256}".encode()).hexdigest(),
                reason=Quarantined.Reason.UNKNOWN_SENDER,
                seller_name=sender[:300],
                suggestion_id=company.pk,
            )
        ],
        ignore_conflicts=True,
    )
    trail.record(actor, "mail-held-back", company_id=company.pk, data={"sender": sender[:300], "name": name})
    return delivery
