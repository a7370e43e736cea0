"""People in front of the pages: one client a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client
    from tests.portal.world import World


@pytest.fixture
def login(world: World) -> Callable[[str], Client]:
    """`login("maria")`: a browser in which she is logged in."""
    from django.test import Client

    def browse(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name])
        return client

    return browse
