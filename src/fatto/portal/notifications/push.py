"""Pushes to browsers: encrypted for one of them (RFC 8291), signed as ours (VAPID, RFC 8292).

pywebpush encrypts; the sending is our own, since the address is one that a browser named: it must be of the open
internet, and is reached as webhooks are.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import transaction

from fatto.portal.notifications.models import Device, Key
from fatto.portal.programs import outside
from fatto.portal.programs.outside import Answer
from fatto.portal.tenancy import sealing
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.scope import roster

MOST_DEVICES = 20
LASTS = 86_400
"""Seconds for which a push service keeps a push for a device that is off."""
_PURPOSE = "fatto web push"
_LOCK = 0x50555348
_GONE = (404, 410)


class NotASubscription(ValueError):
    """What a browser sent is none, or none that anything may be sent to."""


def switched_on() -> bool:
    """Does this portal send pushes at all?"""
    return settings.CONFIG.web_push != "no"


def key() -> Key:
    """The portal's pair of keys, made when it is first needed, and anew when the one there can be opened no more."""
    found = Key.objects.order_by("-pk").first()
    if found is None or not _opens(found):
        with transaction.atomic():
            _one_at_a_time()
            found = Key.objects.order_by("-pk").first()
            if found is None or not _opens(found):
                found = _make()
    return found


def _one_at_a_time() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def _opens(found: Key) -> bool:
    try:
        sealing.unseal(found.sealed, _PURPOSE)
    except sealing.Unsealable:
        return False
    return True


def _make() -> Key:
    from py_vapid import Vapid02

    vapid = Vapid02()
    vapid.generate_keys()
    point = vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Key.objects.create(public=_text(point), sealed=sealing.seal(vapid.private_pem().decode("ascii"), _PURPOSE))


def subscribe(member: Member, *, endpoint: str, p256dh: str, auth: str, name: str) -> Device:
    """Send pushes for this person to a browser from now on, and no longer those for whoever used it before.

    Raises:
        NotASubscription
    """
    p256dh, auth = _checked(endpoint, p256dh, auth)
    digest = hashlib.sha256(endpoint.encode()).hexdigest()
    ours = key()
    with transaction.atomic(), roster(member=member.pk, link=digest):
        Device.objects.filter(hash=digest).delete()
        oldest = Device.objects.filter(member=member).order_by("-pk").values_list("pk", flat=True)
        Device.objects.filter(pk__in=list(oldest[MOST_DEVICES - 1 :])).delete()
        return Device.objects.create(
            member=member, hash=digest, endpoint=endpoint, p256dh=p256dh, auth=auth, key=ours, name=name[:60]
        )


def _checked(endpoint: str, p256dh: str, auth: str) -> tuple[str, str]:
    """The keys in one way of writing; `NotASubscription` for what cannot be one."""
    if len(endpoint) > 1000 or len(p256dh) > 120 or len(auth) > 40:
        raise NotASubscription
    try:
        outside.target(endpoint, inside=settings.CONFIG.web_push == "inside")
        point, secret = _bytes(p256dh), _bytes(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (outside.Forbidden, ValueError):
        raise NotASubscription from None
    if len(point) != 65 or len(secret) != 16:
        raise NotASubscription
    return _text(point), _text(secret)


def devices(member: Member) -> list[Device]:
    """The browsers that take this person's pushes."""
    with roster(member=member.pk):
        return list(Device.objects.filter(member=member).order_by("pk"))


def forget(member: Member, pk: int) -> bool:
    """Send nothing to a browser any more; False when it is not one of this person's."""
    with roster(member=member.pk):
        return bool(Device.objects.filter(member=member, pk=pk).delete()[0])


def send(device: Device, payload: dict[str, Any], *, urgent: bool = False) -> Answer:
    """Encrypt and post; never raises for what the other side does. Called outside a transaction."""
    from py_vapid import Vapid02
    from pywebpush import WebPusher

    try:
        pem = sealing.unseal(device.key.sealed, _PURPOSE)
    except sealing.Unsealable:
        return Answer(None, "key-changed")
    parts = urlsplit(device.endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + LASTS // 2,
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    }
    subscription = {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}}
    body = WebPusher(subscription).encode(json.dumps(payload, ensure_ascii=False).encode())["body"]
    headers = {
        **Vapid02.from_pem(pem.encode("ascii")).sign(claims),
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(LASTS),
        "Urgency": "high" if urgent else "normal",
        "Connection": "close",
    }
    return outside.post(device.endpoint, body, headers, inside=settings.CONFIG.web_push == "inside")


def gone(answer: Answer) -> bool:
    """Did the push service say that nobody is there any more, or can we never reach it again?"""
    return answer.status in _GONE or answer.trouble == "key-changed"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    if not text.isascii():
        raise ValueError
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
