"""No file whatever makes the reader crash or hang."""

from __future__ import annotations

import pytest
from tests.fuzz.feed import feed
from tests.fuzz.mutate import damaged, samples

GOOD = samples()
SEED = 2026
IN_ONE_TEST = 30


@pytest.mark.parametrize("lot", range(12))
def test_damaged_files_are_read_or_refused_within_two_seconds(lot: int) -> None:
    for number in range(lot * IN_ONE_TEST, (lot + 1) * IN_ONE_TEST):
        name, data = damaged(SEED, number, GOOD)
        assert feed(name, data) < 2, f"{number} from {name}"


def test_the_same_seed_gives_the_same_damage() -> None:
    assert damaged(SEED, 7, GOOD) == damaged(SEED, 7, GOOD)
    assert damaged(SEED, 7, GOOD) != damaged(SEED, 8, GOOD)
