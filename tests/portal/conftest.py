"""Fixtures of the portal's tests. Imports stand inside: this is read before Django is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.portal.world import World


@pytest.fixture
def world(db: None) -> World:
    """Two firms, their companies, people in each role."""
    from tests.portal.world import build

    return build()
