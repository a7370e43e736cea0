"""Speaking to an authority's servers: one client with bounds on time and size, that follows nobody and tells nothing.

TLS is checked, plain http goes to this machine only, redirects are not followed, and what is logged are method, host,
path, status, size and time: no query, no header, no body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = field(default=b"", repr=False)


def check(url: str) -> str:
    """The address without a slash at its end; raises `Permanent` unless it is https, or http to this machine."""
    raise NotImplementedError


class Client:
    """Connections that are kept and may be used by several threads; close it, or use `with`."""

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        idempotent: bool = True,
        most: int = 16 * 1024 * 1024,
        total: float = 60.0,
    ) -> Reply:
        """One call. An idempotent one is tried again (with jitter) when the connection or the server fails.

        `most` bounds the answer in bytes, `total` the whole in seconds. Any status is an answer. Raises `Temporary`
        when no answer came; `Uncertain` instead when the call is not idempotent and may have arrived.
        """
        raise NotImplementedError
