"""Names of folders are safe on every disk, and follow the firm's pattern."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fatto.portal.documents import naming
from fatto.portal.documents.models import Document


def document(**fields: object) -> Document:
    values = {"party_name": "Energia S.p.A.", "number": "12/A", "name": "x.xml", "direction": "received"}
    return Document(sort_date=date(2026, 10, 5), **values | fields)


def test_the_default_name_says_when_who_and_which():
    assert naming.folder(document()) == "2026-10-05_Energia S.p.A._12-A"


def test_a_firm_may_choose_another_pattern():
    assert naming.folder(document(), "{number} {party}") == "12-A Energia S.p.A"


@pytest.mark.parametrize(
    "pattern", ["", "no fields", "{nothing}", "{party!r}", "{party:>99999999}", "{party.x}", "{", "{0}"]
)
def test_a_pattern_that_means_nothing_or_reaches_too_far_is_not_used(pattern: str):
    assert not naming.valid(pattern)
    assert naming.folder(document(), pattern) == "2026-10-05_Energia S.p.A._12-A"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "_CON"),
        ("a\x00b\u202ec", "a-b-c"),
        (" . ", ""),
        ("x" * 300, "x" * 120),
    ],
)
def test_hostile_names_become_harmless(name: str, safe: str):
    assert naming.safe(name) == safe


@given(st.text(max_size=300))
def test_no_name_leaves_its_folder(name: str):
    safe = naming.safe(name)
    assert "/" not in safe
    assert "\\" not in safe
    assert safe not in (".", "..")
    assert len(safe) <= 121
