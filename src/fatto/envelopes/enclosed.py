"""What comes out of an envelope."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from fatto.errors import FattoError

Kind = Literal["xml", "pdf", "image", "other"]


class Signer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who signed a layer that was peeled. Nothing here has been verified."""

    name: str | None = None
    """Common name of the certificate's subject."""
    tax_id: str | None = None
    """serialNumber of the subject (`TINIT-…`, `VATRO-…`), which names the person."""
    issuer: str | None = None
    signed_at: datetime | None = None
    """The signing time that the signer claims."""
    not_before: datetime | None = None
    not_after: datetime | None = None
    serial: str | None = None
    layer: int = 0
    """0 is the outermost signature."""


class Enclosed(Struct, frozen=True, kw_only=True):
    """One file found inside what was opened, or the reason why one could not be opened.

    `file` are the bytes of the file as it lay in its archive or mail (a `.p7m` still signed): the
    legal original. `data` are the bytes after peeling signatures and text armour: what is read.
    They are the same object when nothing was peeled.
    `name` is what `file` is called, also where `data` came out of it under another name (the XML in a PDF).
    `member` is the path inside the envelopes, joined with `/`; None when the input itself is the file.
    With `error`, `data` is empty and `file` holds what there was (it may be empty for a bomb).
    """

    name: str
    member: str | None = None
    kind: Kind = "other"
    file: bytes = b""
    data: bytes = b""
    peeled: tuple[str, ...] = ()
    """The layers taken off, outermost first: `zip`, `mail`, `mime`, `base64`, `pem`, `cms`, `tsd`, `pdf`."""
    signers: tuple[Signer, ...] = ()
    error: FattoError | None = None
