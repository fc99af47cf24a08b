"""`python -m bench`: measure against the budgets, print one table, write JSON."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench import cold_start, endpoints, event_delay, layers, machine, memory, warm
from bench.endpoints import SMALLEST
from bench.lambdas import BUILD, NotMeasurable
from bench.progress import done
from bench.results import Row, is_passed, table, write_json

LARGEST_SCALE = 100_000

MEASUREMENTS: dict[str, Callable[[int], Iterator[Row]]] = {
    "layers": lambda _: layers.measure(),
    "cold-start": lambda _: cold_start.measure(),
    "memory": lambda _: memory.measure(),
    "warm": lambda _: warm.measure(),
    "endpoints": endpoints.measure,
    "event-delay": lambda _: event_delay.measure(),
}


def main() -> None:
    """Measure what was asked for; exit 1 when a budget is exceeded or could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against the budgets.")
    parser.add_argument(
        "--only", action="append", choices=MEASUREMENTS, metavar="NAME", help=f"one of {', '.join(MEASUREMENTS)}"
    )
    parser.add_argument("--json", type=Path, default=BUILD / "bench.json", metavar="FILE", help="where JSON goes")
    parser.add_argument(
        "--scale",
        type=int,
        default=int(os.environ.get("SCALE") or LARGEST_SCALE),
        metavar="N",
        help=f"most customers to measure endpoints with (default: SCALE, else {LARGEST_SCALE:,})",
    )
    arguments = parser.parse_args()
    if arguments.scale < SMALLEST:
        parser.error(f"--scale: at least {SMALLEST:,} customers")
    taken_at = datetime.now(UTC).isoformat(timespec="seconds")
    rows = [row for name in arguments.only or MEASUREMENTS for row in _measured(name, arguments.scale)]
    done()
    print(f"{taken_at}, {machine.shape()}\n")
    print(table(rows))
    write_json(arguments.json, rows, machine.shape(), taken_at)
    sys.exit(0 if is_passed(rows) else 1)


def _measured(name: str, scale: int) -> Iterator[Row]:
    try:
        yield from MEASUREMENTS[name](scale)
    except NotMeasurable as error:
        yield Row(name, "", None, note=str(error))


if __name__ == "__main__":
    main()
