"""What a worker prints of a function's log."""

import json

from local.worker import logged_traceback


def test_a_logged_traceback_is_shown_line_by_line() -> None:
    line = json.dumps({"level": "ERROR", "exception": "Traceback:\n  File x\nRuntimeError: boom"})

    assert logged_traceback(line) == ["Traceback:", "  File x", "RuntimeError: boom"]


def test_other_lines_are_left_alone() -> None:
    for line in ("plain", '{"exception": broken', json.dumps({"level": "INFO"}), json.dumps({"exception": None})):
        assert logged_traceback(line) == []
