"""The recorded official verdicts, read in place: every document gets the same codes, set by set."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fatto import countries
from fatto.rules import en16931, verdict

SHARED = Path(__file__).parents[2].parent / "shared"
CORPUS = SHARED / "corpus" / "en16931"
RULES = SHARED / "facts" / "en16931-rules.json"
PROFILES = (*en16931.profiles(), *countries.profiles())
OURS = {each.name for each in PROFILES if each.versions}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")


def files(recorded: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((CORPUS / recorded).read_bytes())["files"]
    return found


@cache
def mutants() -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO((CORPUS / "mutants.tar.xz").read_bytes())) as archive:
        return {
            Path(member.name).name: archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive
            if member.isfile()
        }


def differences(data: bytes, expected: dict[str, Any]) -> Iterator[str]:
    found = verdict.check(data, PROFILES)
    if not expected["xsd"]:
        if found.accepted or not found.structure:
            yield "the schema refuses it, and we do not"
        return
    if found.structure:
        yield f"the schema accepts it, and we do not: {found.structure[0]}"
    for name, recorded in expected["sets"].items():
        if name not in OURS:
            continue
        result = found.sets.get(name)
        if "error" in recorded:
            if found.accepted or result is None or not result.aborted:
                yield f"{name}: the official run aborts"
        elif result is None or result.aborted:
            yield f"{name}: no result"
        else:
            official = {code: severity for code, (severity, _count) in recorded["fired"].items()}
            if official != result.fired:
                yield f"{name}: {set(official.items()) ^ set(result.fired.items())}"


def test_each_document_gets_the_official_verdict() -> None:
    wrong = {
        name: list(found)
        for name, expected in files("expected.json").items()
        if (found := tuple(differences((CORPUS / name).read_bytes(), expected)))
    }
    assert wrong == {}


def test_each_mutant_gets_the_official_verdict() -> None:
    data = mutants()
    recorded = files("mutants-expected.json")
    assert len(recorded) == 1660
    wrong = {name: list(found) for name, each in recorded.items() if (found := tuple(differences(data[name], each)))}
    assert wrong == {}


def test_every_official_code_is_there_with_its_severity() -> None:
    official = json.loads(RULES.read_bytes())
    for profile in PROFILES:
        rules = profile.version(None)
        if rules is not None and profile.name in official:
            expected = {each["id"]: each["severity"] for each in official[profile.name]["rules"]}
            assert dict(rules.severities) == expected
