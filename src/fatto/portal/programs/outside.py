"""Posting to addresses that a customer chose, without being led into our own network.

A name is resolved once, every address it has must be a public one, and the connection goes to exactly the address
that was looked at: a name that points elsewhere a moment later changes nothing. Redirects are not followed.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

SECONDS = 15
"""A post may take so long, whatever the other side does."""
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"), ipaddress.ip_network("::/96"))
"""IPv6 networks in which an IPv4 address is hidden."""


class Forbidden(Exception):
    """Nothing is sent to this address; the text is a code."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart."""

    https: bool
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a post: the other side's status, or the code of what was in the way."""

    status: int | None
    trouble: str = ""

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def target(url: str, *, inside: bool | None = None) -> Target:
    """An address that may be tried; `Forbidden` when its form alone says no.

    `inside` allows addresses of our own network, and without https; None is what is set for webhooks.
    """
    inside = settings.CONFIG.webhooks_inside if inside is None else inside
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden("not-an-address") from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise Forbidden("not-an-address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Forbidden("not-an-address")
    if parts.scheme == "http" and not inside:
        raise Forbidden("https-needed")
    with contextlib.suppress(ValueError):
        if not inside and not public(ipaddress.ip_address(host)):
            raise Forbidden("not-public")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port or (443 if parts.scheme == "https" else 80), path)


def public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Is it an address of the open internet, and of nobody's own network?"""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED) or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def post(url: str, body: bytes, headers: dict[str, str], *, inside: bool | None = None) -> Answer:
    """Send it, and say what came of it; never raises for what the other side or the network does."""
    inside = settings.CONFIG.webhooks_inside if inside is None else inside
    try:
        to = target(url, inside=inside)
        address = _resolve(to, inside)
    except Forbidden as no:
        return Answer(None, str(no))
    except OSError:
        return Answer(None, "name-not-found")
    try:
        return _send(to, address, body, headers)
    except TimeoutError:
        return Answer(None, "too-slow")
    except ssl.SSLError:
        return Answer(None, "certificate")
    except (OSError, http.client.HTTPException):
        return Answer(None, "not-reachable")


def _resolve(to: Target, inside: bool | None) -> str:
    found = [str(each[4][0]) for each in socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)]
    if not inside and not all(public(ipaddress.ip_address(each.split("%")[0])) for each in found):
        raise Forbidden("not-public")
    return found[0]


def _send(to: Target, address: str, body: bytes, headers: dict[str, str]) -> Answer:
    connection = http.client.HTTPConnection(to.host, to.port, timeout=SECONDS)
    # A time-out holds for each read alone; the clock ends what drips.
    late = threading.Event()
    plain = socket.create_connection((address, to.port), timeout=SECONDS / 3)

    def end() -> None:
        late.set()
        with contextlib.suppress(OSError):
            plain_or_wrapped.shutdown(socket.SHUT_RDWR)

    plain_or_wrapped: socket.socket = plain
    clock = threading.Timer(SECONDS, end)
    clock.daemon = True
    clock.start()
    try:
        if to.https:
            plain_or_wrapped = ssl.create_default_context().wrap_socket(plain, server_hostname=to.host)
        connection.sock = plain_or_wrapped
        connection.request("POST", to.path, body=body, headers=headers)
        return Answer(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        if late.is_set():
            raise TimeoutError from None
        raise
    finally:
        clock.cancel()
        connection.close()
        plain_or_wrapped.close()
