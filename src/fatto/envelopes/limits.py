"""How much opening a file may cost, and counting it."""

from __future__ import annotations

from dataclasses import dataclass

from fatto.errors import Unopenable
from fatto.i18n import _

MB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call of `open` may unpack. Sizes are in bytes and count what really came out."""

    member: int = 64 * MB
    """One file: the input itself if it is no archive, or a member of an archive or a mail."""
    archive: int = 1024 * MB
    """An archive inside an archive; beyond a few MB it waits in a temporary file, not in memory."""
    total: int = 8 * 1024 * MB
    """All that is unpacked from the input, at every depth together."""
    total_ratio: int = 100
    """Unpacked bytes for each byte of the input, all together."""
    ratio: int = 250
    """Unpacked bytes for each packed byte of one member; invoices in XML reach about 50, a bomb 1000."""
    member_ratio_from: int = 8 * MB
    """A member smaller than this is not judged by its ratio."""
    total_ratio_from: int = 256 * MB
    """Nor is the whole, while it is smaller than this."""
    members: int = 100_000
    """Files in all archives and mails of the input together."""
    depth: int = 8
    """Archives and mails inside one another."""
    layers: int = 10
    """Signatures around one another."""


class Budget:
    """What is left of the limits while one input is opened; one object for all its depths."""

    def __init__(self, limits: Limits, source_size: int) -> None:
        self.limits = limits
        self.members = 0
        self.unpacked = 0
        self.exhausted = False
        self._most = min(limits.total, max(limits.total_ratio_from, limits.total_ratio * source_size))

    def count(self) -> None:
        """One more member; raises `too-many-members`, after which nothing more is opened."""
        self.members += 1
        if self.members > self.limits.members:
            self.exhausted = True
            raise Unopenable(
                "too-many-members",
                _(
                    "There are more than {most} files in here. Those after them were not opened:"
                    " send them in smaller lots."
                ),
                most=self.limits.members,
            )

    def spend(self, size: int) -> None:
        """So many bytes came out; raises `zip-bomb` when it is too much for the input's size."""
        self.unpacked += size
        if self.unpacked > self._most:
            self.exhausted = True
            raise Unopenable(
                "zip-bomb",
                _(
                    "All together this unpacks to more than {most} MB, far too much for its size."
                    " Opening stopped here; send the remaining files on their own."
                ),
                most=self._most // MB,
            )


def too_large(most: int) -> Unopenable:
    """The refusal of a file of more than so many bytes."""
    return Unopenable(
        "too-large",
        _("This file is larger than {most} MB and was not opened. No exchange system takes an invoice of that size."),
        most=most // MB,
    )
