"""What a measurement came to, beside its budget."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

type Verdict = Literal["ok", "OVER", "FAILED", "-"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    `measured` is None when it could not be measured; `note` then says why. `budget` is the most that `measured` may
    be, None where a number is shown for information.
    """

    what: str
    subject: str
    measured: float | None
    unit: str = ""
    budget: float | None = None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the budget is kept; what has a budget and was not measured has failed."""
        if self.measured is None:
            return "FAILED"
        if self.budget is None:
            return "-"
        return "ok" if self.measured <= self.budget else "OVER"


def is_passed(rows: Sequence[Row]) -> bool:
    """Whether every budget was measured and kept."""
    return bool(rows) and all(row.verdict in {"ok", "-"} for row in rows)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as one table of text."""
    head = ("what", "subject", "measured", "budget", "verdict", "note")
    lines = [head, *((row.what, row.subject, _measured(row), _budget(row), row.verdict, row.note) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head) - 1)]
    return "\n".join(_line(line, widths) for line in [head, tuple("-" * width for width in widths), *lines[1:]])


def write_json(path: Path, rows: Sequence[Row], machine: str, taken_at: str) -> None:
    """Write the rows with the machine they were measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"taken_at": taken_at, "machine": machine, "passed": is_passed(rows)}
    measured = [asdict(row) | {"verdict": row.verdict} for row in rows]
    path.write_text(json.dumps(content | {"rows": measured}, indent=2, ensure_ascii=False) + "\n")


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    numbers = (2, 3)
    aligned = [
        cell.rjust(width) if column in numbers else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=False))
    ]
    return "  ".join([*aligned, *cells[len(widths) :]]).rstrip()


def _measured(row: Row) -> str:
    return "" if row.measured is None else f"{_number(row.measured)} {row.unit}".rstrip()


def _budget(row: Row) -> str:
    return "" if row.budget is None else f"≤ {_number(row.budget)} {row.unit}".rstrip()


def _number(value: float) -> str:
    """Return counts as they are, anything else with the digits that repeat from run to run."""
    if value == int(value) and value < 1e6:
        return str(int(value))
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"
