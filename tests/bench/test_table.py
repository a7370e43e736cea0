"""What the measuring tells, and how it is asked."""

from __future__ import annotations

import pytest
from bench.table import Row, Section, markdown, spread

from bench import __main__ as bench


def test_a_missed_goal_is_shouted_and_a_row_without_goal_says_nothing():
    section = Section(
        "Lists", rows=[Row(what="a", measured="3 s", goal="≤ 1 s", met=False), Row(what="b", measured="1")]
    )
    lines = markdown([section]).splitlines()
    assert lines[0] == "## Lists"
    assert "| NO " in lines[4]
    assert "NO" not in lines[5]
    assert len({len(line) for line in lines[2:6]}) == 1


def test_the_95th_percentile_leaves_one_in_twenty_above():
    middle, high = spread([number / 1000 for number in range(1, 101)])
    assert middle == pytest.approx(50.5)
    assert high == pytest.approx(95)


def test_a_size_that_makes_no_sense_is_refused_in_a_sentence(capsys):
    assert bench.main(["huge", "reading"]) == 2
    assert "companies×documents" in capsys.readouterr().err
