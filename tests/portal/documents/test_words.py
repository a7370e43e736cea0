"""Words are found without accents, case or punctuation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fatto.portal.documents import words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Fațadă ȘI Țiglă", ["fatada", "si", "tigla"]),
        ("Perché l'opera", ["perche", "l", "opera"]),
        ("FT-12/A", ["ft", "12", "a"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("", []),
    ],
)
def test_tokens(text: str, found: list[str]):
    assert words.tokens(text) == found


@given(st.text(max_size=200))
def test_a_query_holds_nothing_that_the_query_language_knows(text: str):
    query = words.query(text)
    assert set(query) & set("'\"()!<>\\") == set()


def test_a_number_is_found_in_any_spelling():
    assert words.number_key("FT 12/A") == words.number_key("ft-12.a") == "FT12A"
    assert words.number_query("ft 12") == "ft12:*"
    assert words.number_words("FT 12/A") == ["ft12a", "12a", "a"]
    assert words.number_query("//") == ""
