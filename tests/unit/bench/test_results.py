"""The table of the benchmarks: what counts as kept, exceeded and failed."""

import json

import pytest

from bench.endpoints import sizes_up_to
from bench.results import Row, is_passed, table, write_json


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (Row("warm", "get", 1.3, "x", 1.3), "ok"),
        (Row("warm", "get", 1.31, "x", 1.3), "OVER"),
        (Row("warm", "get", None, "x", 1.3, "no layers"), "FAILED"),
        (Row("warm", "get", None, note="no layers"), "FAILED"),
        (Row("latency", "get", 12.0, "ms"), "-"),
    ],
)
def test_a_budget_is_kept_up_to_and_including_its_number(row, verdict):
    assert row.verdict == verdict


def test_one_row_over_budget_fails_all():
    kept, shown, over = Row("a", "b", 1, "", 2), Row("a", "c", 5), Row("a", "d", 3, "", 2)

    assert is_passed([kept, shown])
    assert not is_passed([kept, shown, over])


def test_nothing_measured_is_nothing_passed():
    assert not is_passed([])


def test_the_table_says_what_was_measured_beside_its_budget():
    printed = table(
        [Row("round trips", "create", 2, "", 2), Row("warm request", "GetCustomer", 1.234, "x", 1.3, "why")]
    )

    _, _, first, second = printed.splitlines()
    assert first.split() == ["round", "trips", "create", "2", "≤", "2", "ok"]
    assert second.split() == ["warm", "request", "GetCustomer", "1.23", "x", "≤", "1.30", "x", "ok", "why"]


def test_json_holds_every_row_with_its_verdict(tmp_path):
    write_json(tmp_path / "deep" / "bench.json", [Row("a", "b", 3, "", 2)], "a machine", "2026-01-15T10:30:00+00:00")

    written = json.loads((tmp_path / "deep" / "bench.json").read_text())
    assert written["passed"] is False
    assert written["machine"] == "a machine"
    assert [row["verdict"] for row in written["rows"]] == ["OVER"]


@pytest.mark.parametrize(
    ("largest", "sizes"),
    [(1_000, [1_000]), (100_000, [1_000, 10_000, 100_000]), (50_000, [1_000, 10_000, 50_000])],
)
def test_sizes_grow_in_steps_of_ten_to_what_was_asked_for(largest, sizes):
    assert sizes_up_to(largest) == sizes
