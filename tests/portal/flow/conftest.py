"""A company that is connected to a stand-in for its authority."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.portal.exchange.posting import Post
    from tests.portal.world import World


@pytest.fixture
def connect() -> Iterator[Callable[..., Post]]:
    """`connect(world)`: Brutăria, ready to send."""
    from tests.portal.exchange.posting import posting

    with ExitStack() as stack:

        def open_(world: World, **options: Any) -> Post:
            return stack.enter_context(posting(world, **options))

        yield open_
