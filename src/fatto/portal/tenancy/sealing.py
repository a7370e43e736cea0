"""Secrets that must be used again, and so cannot be hashed: encrypted with a key made from the portal's own."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_WEBHOOKS = "fatto webhooks"


class Unsealable(Exception):
    """It was sealed under another FATTO_SECRET_KEY."""


def seal(secret: str, purpose: str = _WEBHOOKS) -> str:
    """A text encrypted, to be kept in the database; each purpose has a key of its own."""
    return _fernet(purpose).encrypt(secret.encode()).decode("ascii")


def unseal(sealed: str, purpose: str = _WEBHOOKS) -> str:
    """The text again; `Unsealable` when the portal's key is another one than it was."""
    try:
        return _fernet(purpose).decrypt(sealed.encode("ascii")).decode()
    except InvalidToken:
        raise Unsealable from None


def _fernet(purpose: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))
