"""What no page of ours sends: it is refused or left out, never an error of the server."""

from __future__ import annotations

import base64
import json

import pytest
from tests.portal import papers
from tests.portal.world import World


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    [
        {"company": "a\0b"},
        {"words": "\0"},
        {"party": "a\0"},
        {"cursor": cursor(False, "NaN", 1), "sort": "amount"},
        {"cursor": cursor(False, "0001-01-01T00:00:00+23:59", 1), "sort": "-received"},
        {"cursor": cursor(False, "2026-01-01T00:00:00", 1), "sort": "-received"},
        {"cursor": cursor(False, "2026-01-01", 10**30)},
        {"cursor": cursor({}, [], None)},
        {"date_from": "0001-01-01", "date_to": "9999-12-31"},
        {"amount_min": "1e999", "amount_max": "Infinity"},
    ],
)
def test_a_list_opens_whatever_its_address_says(world: World, login, query: dict[str, str]):
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa())
    assert login("anna").get(f"/f/{world.firms['bianchi'].slug}/documents/", query).status_code == 200
    assert login("maria").get(f"/c/{world.companies['rossi'].slug}/documents/", query).status_code == 200


def test_what_no_database_can_keep_is_left_out_of_a_note(world: World, login):
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa())
    document = world.document(world.at_company("maria", "rossi"))
    url = f"/c/{document.company.slug}/documents/{document.pk}"
    assert login("maria").post(f"{url}/dispute/", {"reason": "other", "note": "\0"}).status_code == 422
    assert login("maria").post(f"{url}/approve/", {"note": "fine\0"}).status_code == 303
    assert login("anna").post(f"{url}/book/").status_code == 303
    assert login("anna").post(f"{url}/take-back/", {"reason": "\0"}).status_code == 422
