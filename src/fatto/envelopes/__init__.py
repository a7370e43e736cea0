"""Opening what a file arrives in: archives, signatures, mails, PDF, in any order inside one another.

    for enclosed in envelopes.open(path.open("rb"), path.name):
        …

What cannot be opened comes out as an `Enclosed` with an error, and the rest goes on. The codes:

| code | what is wrong |
|---|---|
| `empty` | no bytes |
| `too-large` | a file above `Limits.member` |
| `too-many-members` | more files than `Limits.members`; nothing after them is opened |
| `zip-bomb` | unpacks to far too much: one member, or all together and then opening stops |
| `zip-damaged` | a broken member; or a broken or truncated archive, after what could be saved from it |
| `zip-empty` | no file in the archive |
| `zip-encrypted` | protected by a password |
| `zip-link` | a link or a device instead of a file |
| `zip-name` | a name that is no file name |
| `zip-too-deep` | archives in archives beyond `Limits.depth` |
| `zip-traversal` | a name that leads out of the archive |
| `zip-unsupported` | a packing method other than stored, deflate and bzip2 |
| `cms-damaged` | a signed file whose structure is broken |
| `cms-encrypted` | encrypted for a recipient |
| `cms-too-deep` | signatures around signatures beyond `Limits.layers` |
| `cms-truncated` | a signed file that ends too early |
| `cms-unsupported` | another cryptographic container |
| `cms-without-content` | a detached signature, or only certificates |
| `mail-too-deep` | messages in messages beyond `Limits.depth` |
| `mail-without-attachment` | a message with nothing attached |

Nothing is written to names that come from outside, and nothing is verified.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from fatto.envelopes import opening
from fatto.envelopes.enclosed import Enclosed, Kind, Signer
from fatto.envelopes.limits import Limits

__all__ = ["Enclosed", "Kind", "Limits", "Signer", "open"]


def open(source: bytes | BinaryIO, name: str, limits: Limits = Limits()) -> Iterator[Enclosed]:  # noqa: A001, B008  # reads as `envelopes.open`; Limits is frozen
    """Every file in an input, one after the other as they are asked for, in the order of the archive.

    `source` are bytes or a binary file; an archive in a seekable one is read in place, one member in
    memory at a time, so keep the file open until the iterator is used up. Never raises for what the
    input holds; an error of the file itself (`OSError`) passes through.
    """
    return opening.from_source(source, name, limits)
