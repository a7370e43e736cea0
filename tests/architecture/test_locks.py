"""The two lock files agree, and install from wherever the machine is told to."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def pins(name: str) -> dict[str, tuple[str, ...]]:
    """Package with version and marker → its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
    return {line.split(" --hash")[0].strip(): tuple(re.findall(r"sha256:([0-9a-f]{64})", line)) for line in lines}


def test_what_runs_in_production_is_what_was_tested():
    everything, portal = pins("requirements.lock"), pins("requirements-portal.lock")
    assert len(portal) > 30
    assert {name: hashes for name, hashes in everything.items() if name in portal} == portal


def test_every_package_is_locked_with_its_hash_and_no_address():
    for name in ("requirements.lock", "requirements-portal.lock"):
        assert all(pins(name).values())
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")
