"""Print what a million calls cost on AWS, from the capacity that `make bench` measured.

    python -m scripts.costs [--bench .build/bench.json]

Prices are public on-demand ones, without any free tier. The figures are upper bounds: what isn't known to read is
taken to write, all capacity of a call that writes to be writes, and no two records share a call of a consumer. What
follows from a write (its event, its place in lists and search) is measured for a new customer, on DynamoDB Local.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

PRICES_OF = "us-east-1, 2025"
HTTP_API_MILLION = 1.00
LAMBDA_MILLION = 0.20
LAMBDA_GB_SECOND = 0.0000133334  # arm64
WRITE_UNITS_MILLION = 0.625
READ_UNITS_MILLION = 0.125
EVENTS_MILLION = 1.00
LOGS_GB = 0.50
TRACES_MILLION = 5.00

MEMORY_GB = 0.5
ASSUMED_SECONDS = 0.03  # billed for a warm call; only AWS can measure it
ASSUMED_LOG_KB = 1.5  # the function's line, the access log's, and Lambda's own three
SAMPLED_TRACES = 0.05  # X-Ray's default beside the first one of each second

READS = ("get", "list", "search", "show")
"""How the names of calls begin that only read."""
CAPACITY_ROW = "capacity, most / least"
_UNITS = re.compile(r": ([\d.]+)")
_OF_ONE = re.compile(r"; (?!customers$)")  # while one object grows: what it may cost at most, not what it costs


@dataclass(frozen=True)
class Cost:
    """Dollars for a million calls."""

    what: str
    units: float
    compute: float
    table: float
    follows: float = 0

    @property
    def total(self) -> float:
        """All of it."""
        return self.compute + self.table + self.follows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=ROOT / ".build" / "bench.json", help="what the bench wrote")
    arguments = parser.parse_args()
    if not arguments.bench.exists():
        sys.exit(f"{arguments.bench} is missing: run `make bench` first")
    rows = json.loads(arguments.bench.read_text())["rows"]
    follows = what_follows()
    print(
        f"| a million of (prices: {PRICES_OF}) | capacity units of one | API, Lambda, logs | table | follows | total |"
    )
    print("|---|---|---|---|---|---|")
    for cost in costs(rows, sum(each.total for each in follows)):
        follow = f"${cost.follows:.2f}" if cost.follows else ""
        print(
            f"| {cost.what} | {cost.units:g} | ${cost.compute:.2f} | ${cost.table:.2f} | {follow} | ${cost.total:.2f} |"
        )
    print("\nWhat follows from a write, in it:")
    for cost in follows:
        print(f"- {cost.what}: {cost.units:g} units, ${cost.total:.2f} a million")


def costs(rows: list[dict[str, Any]], follows: float) -> Iterator[Cost]:
    """Yield the cost of each call whose capacity was measured, at the size where it was most."""
    for row in rows:
        if row["what"] != CAPACITY_ROW or _OF_ONE.search(row["note"]):
            continue
        units = [float(text) for text in _UNITS.findall(row["note"])]
        _, _, name = row["subject"].partition(": ")
        writes = not name.startswith(READS)
        price = WRITE_UNITS_MILLION if writes else READ_UNITS_MILLION
        api = HTTP_API_MILLION + invocation()
        is_first = writes and not name.endswith(("replayed", "again"))
        most = max(units, default=0)
        yield Cost(row["subject"], most, api, most * price, follows if is_first else 0)


def invocation() -> float:
    """Return what a million calls of a function cost, with their logs and traces."""
    compute = LAMBDA_MILLION + 1e6 * ASSUMED_SECONDS * MEMORY_GB * LAMBDA_GB_SECOND
    return compute + ASSUMED_LOG_KB * LOGS_GB + SAMPLED_TRACES * TRACES_MILLION


def what_follows() -> list[Cost]:
    """Measure what the consumers do for one new customer."""
    from bench.database import empty_table  # noqa: PLC0415 - only now is it known that there is anything to print

    with empty_table():
        from bench import people  # noqa: PLC0415 - these read the environment of the table
        from bench.calls import Context, call  # noqa: PLC0415
        from bench.dataset import Merchant, project, stored  # noqa: PLC0415
        from bench.meter import Meter  # noqa: PLC0415
        from billing.customers.record import key_of  # noqa: PLC0415
        from billing.table import table  # noqa: PLC0415
        from functions.events.record import handler as record  # noqa: PLC0415

        meter = Meter(table()._client)
        created = call("POST", "/v2/customers", body=people.body("costs")).body["data"]["id"]
        item = stored(key_of(Merchant.tenant, created))
        with meter.metered() as projecting:
            project([(None, item)])
        sample: dict[str, Any] = json.loads((ROOT / "events" / "events" / "record.json").read_text())
        with meter.metered() as recording:
            record(sample, Context())
    return [
        Cost("publishing its event", 0, invocation(), EVENTS_MILLION),
        Cost("its place in lists and search", projecting.units, invocation(), projecting.units * WRITE_UNITS_MILLION),
        Cost("the event's log", recording.units, invocation(), recording.units * WRITE_UNITS_MILLION),
    ]


if __name__ == "__main__":
    main()
