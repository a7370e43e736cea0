"""Speaking to an authority's servers: one client with bounds on time and size, that follows nobody and tells nothing.

TLS is checked, plain http goes to this machine only, redirects are not followed, and what is logged are method, host,
path, status, size and time: no query, no header, no body.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from fatto import __version__
from fatto.channels.channel import ChannelError, Permanent, Temporary, Uncertain
from fatto.i18n import _

if TYPE_CHECKING:
    import httpx

MB = 1024 * 1024
_AGAIN = frozenset({500, 502, 503, 504})
"""Statuses after which an idempotent call is tried again at once."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = field(default=b"", repr=False)


def check(url: str, *, setting: str = "") -> str:
    """The address without a slash at its end; raises `Permanent` unless it is https, or http to this machine.

    `setting` names the variable that it came from, for the sentence.
    """
    address = url.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  # raises for a wrong one
    except ValueError:
        raise _unusable(setting, url) from None
    host = parts.hostname or ""
    plain = any((parts.username, parts.password, parts.query, parts.fragment))
    if parts.scheme not in ("http", "https") or not host or plain or not address.isascii() or " " in address:
        raise _unusable(setting, url)
    if parts.scheme == "http" and not _loopback(host):
        raise Permanent(
            "setting-not-https",
            _("{setting}: the address must begin with https://, for secrets are sent there (http only to localhost)."),
            setting=setting or url,
        )
    return address


def _unusable(setting: str, url: str) -> Permanent:
    return Permanent(
        "setting-not-an-address",
        _("{setting}: “{value}” is not the address of a server."),
        setting=setting or "URL",
        value=url,
    )


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


class Client:
    """Connections that are kept and may be used by several threads; close it, or use `with`."""

    def __init__(
        self,
        *,
        connect: float = 10.0,
        read: float = 40.0,
        tries: int = 3,
        pause: float = 1.0,
        connections: int = 32,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Seconds for connecting and for each read; how often an idempotent call is tried; the first pause between."""
        import httpx  # heavy, and only needed here

        for chatty in ("httpx", "httpcore"):  # they would log whole addresses, with what is asked for
            logging.getLogger(chatty).setLevel(logging.WARNING)
        self._httpx = httpx
        self._connect, self._read, self._tries, self._pause, self._sleep = connect, read, tries, pause, sleep
        context = ssl.create_default_context()
        if not context.get_ca_certs():  # no certificates of the system's own
            context = httpx.create_ssl_context()
        here = "all://localhost", "all://127.0.0.1", "all://[::1]"

        def client(limits: httpx.Limits) -> httpx.Client:
            return httpx.Client(
                verify=context,
                follow_redirects=False,
                limits=limits,
                headers={"User-Agent": f"Fatto/{__version__}", "Accept-Encoding": "identity"},
                mounts={host: httpx.HTTPTransport(verify=context, limits=limits) for host in here},  # past any proxy
            )

        self._kept = client(httpx.Limits(max_connections=connections, max_keepalive_connections=connections))
        # A kept connection may have been closed by the other side: what must not be sent twice gets a new one.
        self._fresh = client(httpx.Limits(max_connections=connections, max_keepalive_connections=0))

    def close(self) -> None:
        self._kept.close()
        self._fresh.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

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
        most: int = 16 * MB,
        total: float = 90.0,
        before: Callable[[], None] | None = None,
    ) -> Reply:
        """One call. An idempotent one is tried again (with jitter) when the connection or the server fails.

        `most` bounds the answer in bytes, `total` the whole in seconds, tries and pauses included; `before` is called
        before every try, to count it. Any status is an answer. Raises `Temporary` when no answer came; `Uncertain`
        instead when the call is not idempotent and may have arrived, also when its answer is beyond `most`; `Permanent`
        for such an answer to any other call.
        """
        check(url)
        ends = time.monotonic() + total
        tries = self._tries if idempotent else 1
        request = {"params": params, "headers": headers, "content": content, "data": form, "files": files}
        given = {name: value for name, value in request.items() if value is not None}
        for number in range(1, tries + 1):
            if before is not None:
                before()
            pause = self._pause * 2 ** (number - 1) * random.uniform(0.5, 1.5)  # noqa: S311  # no secret
            last = number == tries or time.monotonic() + pause >= ends
            try:
                reply = self._once(method, url, given, idempotent, most, ends)
            except Temporary:
                if last:
                    raise
            else:
                if last or reply.status not in _AGAIN:
                    return reply
            self._sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _once(
        self, method: str, url: str, given: Mapping[str, object], idempotent: bool, most: int, ends: float
    ) -> Reply:
        httpx = self._httpx
        started = time.monotonic()
        left = max(0.1, ends - started)
        timeout = httpx.Timeout(
            connect=min(self._connect, left), read=min(self._read, left), write=min(self._read, left), pool=left
        )
        client = self._kept if idempotent else self._fresh
        where = urlsplit(url)
        status: object = "no answer"
        body = bytearray()
        try:
            with client.stream(method, url, timeout=timeout, **given) as response:  # type: ignore[arg-type]  # named above
                status = response.status_code
                announced = response.headers.get("content-length", "")
                if announced.isdecimal() and int(announced) > most:
                    raise _too_large(most, where.hostname or "", idempotent)
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > most:
                        raise _too_large(most, where.hostname or "", idempotent)
                    if time.monotonic() > ends:
                        raise httpx.ReadTimeout("the whole took too long")
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(status=response.status_code, headers=headers, body=bytes(body))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            status = type(error).__name__
            raise _away(error, where.hostname or "") from error
        except httpx.HTTPError as error:
            status = type(error).__name__
            raise _lost(where.hostname or "", idempotent) from error
        finally:
            level = logging.DEBUG if isinstance(status, int) and status < 400 else logging.INFO
            log.log(
                level,
                "%s %s%s: %s, %d bytes, %d ms",
                method,
                where.hostname,
                where.path,
                status,
                len(body),
                1000 * (time.monotonic() - started),
            )


def _away(error: Exception, host: str) -> ChannelError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return Temporary(
                "server-not-trusted",
                _("The server {host} does not prove who it is (its certificate). Nothing was sent."),
                host=host,
            )
        cause = cause.__cause__ or cause.__context__
    return Temporary("not-reached", _("The server {host} cannot be reached now. It is tried again."), host=host)


def _lost(host: str, idempotent: bool) -> ChannelError:
    if idempotent:
        return Temporary("no-answer", _("The server {host} does not answer now. It is tried again."), host=host)
    return Uncertain(
        "answer-lost",
        _("The answer of {host} was lost on the way. Whether it took what was sent will be looked up first."),
        host=host,
    )


def _too_large(most: int, host: str, idempotent: bool) -> ChannelError:
    if not idempotent:  # whatever it says, the call arrived
        return _lost(host, idempotent)
    return Permanent(
        "answer-too-large", _("The server's answer is larger than {most} MB and was not read."), most=most // MB
    )
