"""Links in mails that let one person decide on one document, once, for a short time, without logging in.

A link is no more than the person: whoever lost the right to decide has a dead link. What is kept of it is a hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.core import signing
from django.utils import timezone

from fatto.portal.notifications.models import Link
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.scope import roster

LASTS = timedelta(hours=72)
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")
_DIGEST = "fatto.digest-off"


def make(actor: Actor, document_id: int, *, now: datetime | None = None) -> str:
    """A new link's token, shown once; within the actor's scope."""
    assert actor.member is not None  # noqa: S101 - links are people's
    assert actor.company is not None  # noqa: S101 - documents are decided on in their company
    token = secrets.token_urlsafe(32)
    Link.objects.create(
        member=actor.member,
        firm=actor.firm,
        company=actor.company,
        document_id=document_id,
        hash=hashed(token),
        expires_at=(now or timezone.now()) + LASTS,
    )
    return token


def find(token: str) -> Link | None:
    """The link with this token, used and expired ones too for a while; None when there is none."""
    if not _FORM.fullmatch(token):
        return None
    digest = hashed(token)
    with roster(link=digest):
        return Link.objects.select_related("member", "firm").filter(hash=digest).first()


def use(link: Link) -> bool:
    """Spend a link; False when somebody was quicker. The transaction that is open decides whether it holds."""
    with roster(link=link.hash):
        done = Link.objects.filter(pk=link.pk, used_at=None, expires_at__gt=timezone.now())
        return bool(done.update(used_at=timezone.now()))


def hashed(token: str) -> str:
    """What is kept of a token, which is random enough for one quick hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def off(member: Member) -> str:
    """What stands in the header by which mail programs switch the digest off; it holds as long as the key."""
    return signing.dumps(member.pk, salt=_DIGEST)


def off_for(token: str) -> Member | None:
    """Whose digest such a text switches off."""
    try:
        number = signing.loads(token, salt=_DIGEST)
    except signing.BadSignature:
        return None
    return Member.objects.filter(pk=number, is_active=True).first()
