"""The address to which a letter about a document is answered: `answer+<token>@…`.

The token says whom it was written to and about which document, until when it is good, and carries a keyed hash of that,
so nothing needs to be kept. It is short and of small letters and digits only, as mail servers may change the case of an
address. It opens nothing by itself: what an answer may do is decided by the person's rights when it comes.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.utils.crypto import salted_hmac

from fatto.portal.documents.models import Document
from fatto.portal.tenancy.models import Member

KIND = "answer"
"""What stands before the `+`."""
DAYS = 30
_EPOCH = date(2026, 1, 1)
_MAC = 12
_SALT = "fatto.conversation.replies"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose answer it is, and about what."""

    member: int
    document: int


def address(member: Member, document: Document) -> str | None:
    """Where this person answers about this document by mail; None when the portal takes no mail."""
    domain: str | None = settings.CONFIG.mail_in_domain
    return f"{KIND}+{token(member.pk, document.pk)}@{domain}" if domain else None


def token(member: int, document: int, *, today: date | None = None) -> str:
    """The signed token, 39 letters and digits, good for `DAYS` days."""
    until = ((today or _today()) + timedelta(days=DAYS) - _EPOCH).days
    said = member.to_bytes(4, "big") + document.to_bytes(6, "big") + until.to_bytes(2, "big")
    return base64.b32encode(said + _mac(said)).decode().rstrip("=").lower()


def read(text: str, *, today: date | None = None) -> Place | None:
    """What a token says; None when it is none of ours, was changed, or its time is over."""
    try:
        raw = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    said, mac = raw[:12], raw[12:]
    if len(raw) != 12 + _MAC or not hmac.compare_digest(mac, _mac(said)):
        return None
    if (today or _today()) > _EPOCH + timedelta(days=int.from_bytes(said[10:], "big")):
        return None
    return Place(int.from_bytes(said[:4], "big"), int.from_bytes(said[4:10], "big"))


def _mac(said: bytes) -> bytes:
    return salted_hmac(_SALT, said.hex(), algorithm="sha256").digest()[:_MAC]


def _today() -> date:
    return datetime.now(UTC).date()
