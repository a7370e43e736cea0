"""The official verdict through the API."""

from __future__ import annotations

from typing import Any

import pytest
from tests.portal import papers
from tests.portal.world import World


@pytest.fixture
def robot(world: World, program: Any) -> Any:
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "wrong.xml", papers.adds_up_wrong(papers.ubl("F-1")))
    world.hand_in(mihai, "right.xml", papers.ubl("F-2"))
    return program("mihai", company="brutaria")


def test_a_document_tells_what_the_rules_say_with_code_place_and_words(world: World, robot: Any):
    listed = robot.get("/documents", verdict="failed").json()["documents"]
    assert [each["number"] for each in listed] == ["F-1"]
    assert "verdict" not in listed[0], "lists and webhooks say it shortly, by their filter"
    verdict = robot.get(f"/documents/{listed[0]['id']}").json()["verdict"]
    assert verdict["state"] == "failed"
    assert verdict["sets"]["cius-ro"] == {"version": "1.0.9", "applies_from": "2024-06-05"}
    assert verdict["errors"] == 2
    first = verdict["findings"][0]
    assert (first["code"], first["severity"], first["set"]) == ("BR-CO-10", "fatal", "en16931-ubl")
    assert first["message"]
    assert set(first) == {"code", "severity", "set", "path", "line", "found", "expected", "message", "fix"}


def test_what_was_found_right_or_not_judged_says_so(world: World, robot: Any):
    right = robot.get("/documents", number="F-2").json()["documents"][0]
    assert robot.get(f"/documents/{right['id']}").json()["verdict"] == {
        "state": "accepted",
        "sets": {
            "en16931-ubl": {"version": "1.3.16", "applies_from": "2026-03-30"},
            "cius-ro": {"version": "1.0.9", "applies_from": "2024-06-05"},
        },
        "errors": 0,
        "warnings": 0,
        "findings": [],
    }
    world.hand_in(world.at_company("mihai", "brutaria"), "a.pdf", b"%PDF-1.4\n%%EOF\n")
    paper = robot.get("/documents", verdict="not-judged").json()["documents"][0]
    assert robot.get(f"/documents/{paper['id']}").json()["verdict"]["state"] == "not-judged"


def test_the_filter_goes_together_with_the_view(world: World, robot: Any):
    assert len(robot.get("/documents", view="invalid").json()["documents"]) == 1
    assert robot.get("/documents", view="invalid", verdict="accepted").json()["documents"] == []
    assert robot.get("/documents", verdict="perfect").status_code == 422
