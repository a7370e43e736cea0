"""The channels of all countries as this installation reaches them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.conf import settings

from fatto import countries
from fatto.channels.channel import ChannelType, Service
from fatto.channels.http import Client
from fatto.country import Country
from fatto.portal.exchange.limits import Shared

_lock = threading.Lock()
_services: dict[str, Service] = {}
_client: list[Client] = []


def types() -> tuple[tuple[Country, ChannelType], ...]:
    """Every channel with its country."""
    return tuple((country, each) for country in countries.every() for each in country.channels)


def of_country(code: str) -> ChannelType | None:
    """The channel of a country's companies; None where there is none."""
    return next(iter(countries.find(code).channels), None)


def find(code: str) -> ChannelType:
    """The channel with a code; KeyError when there is none."""
    for _, each in types():
        if each.code == code:
            return each
    raise KeyError(code)


def country_of(code: str) -> Country:
    """The country that declares the channel."""
    return next(country for country, each in types() if each.code == code)


def variables() -> Mapping[str, str]:
    """What the administrator set for channels."""
    return settings.CONFIG.channels


def ready(code: str) -> bool:
    """Is all there that logging in needs?"""
    return find(code).ready(variables())


def training(code: str) -> bool:
    """Does the channel lead to a made-up authority, where nothing is real?"""
    return bool(settings.CONFIG.training)


def service(code: str) -> Service:
    """The authority's servers; connections are kept, limits are shared with everybody."""
    with _lock:
        found = _services.get(code)
        if found is None:
            if not _client:
                _client.append(Client())
            found = _services[code] = find(code).service(variables(), _client[0], Shared())
        return found


def anchors() -> Sequence[bytes]:
    """Certificates that the administrator trusts as an authority's, beside those that Fatto knows."""
    path = settings.CONFIG.seal_certificates
    return (path.read_bytes(),) if path is not None else ()


@contextmanager
def instead(code: str, service: Service) -> Iterator[None]:
    """For tests: another service for a while."""
    with _lock:
        before = _services.get(code)
        _services[code] = service
    try:
        yield
    finally:
        with _lock:
            if before is None:
                _services.pop(code, None)
            else:
                _services[code] = before
