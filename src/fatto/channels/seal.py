"""What was found out about an authority's signature on a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Verdict = Literal["valid", "invalid", "unsigned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Each question has its own answer; None where it could not be asked."""

    digest: bool | None
    """Is what was signed the same as when it was signed?"""
    signature: bool | None
    """Was it signed by the key of the certificate that is shown?"""
    certificate: Literal["pinned", "unknown"]
    """Is that certificate known to be the authority's? Unknown is not invalid: an administrator may pin it."""
    same_content: bool | None
    """Does the document beside the signature say exactly what was signed?"""
    verdict: Verdict
    """`valid`: all three are so, whoever signed; look at `certificate` before calling it the authority's."""
    fingerprint: str = ""
    """SHA-256 of the certificate, hexadecimal in capitals."""
    subject: str = ""
    issuer: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """What the certificate says of itself (aware)."""
    code: str = ""
    reason: str = ""
    """Why it is invalid or unsigned: for programs, and a marked text for people."""
