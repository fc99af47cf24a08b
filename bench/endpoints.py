"""What each endpoint asks of DynamoDB, and whether that stays the same while the number of customers grows.

The functions run in this process, on the events that API Gateway sends, against AWS's own DynamoDB Local. One tenant
grows in steps of ten, and at each step every call is made several times.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping

from bench.calls import call
from bench.database import empty_table
from bench.progress import progress
from bench.results import Row
from bench.scenario import Scenario, Taken

SMALLEST = 1_000
REPEATS = 15
CAPACITY_GROWTH = 1.1

ROUND_TRIPS: Mapping[str, int | None] = {
    "create": 2,
    "create, replayed": 2,
    "get": 1,
    "update": 2,
    "update, replayed": 2,
    "delete": 2,
    "list, offset 0": 3,
    "list, offset in the middle": 3,
    "list, offset at the end": 3,
    "list, page 2": 3,
    "list, after a cursor": 3,
    "list, offset 0, stream behind": 3,
    "list, offset in the middle, stream behind": 3,
    "list, by e-mail": 3,
    "search, common word": 3,
    "search, rare word": 3,
    "search, two words": None,
    "list events": 3,
}
"""Every call that is measured, and how many round trips it may take."""

GROWING = frozenset({"search, two words"})
"""Calls that find more where there is more to find, so that their capacity is not compared."""

type BySize = Mapping[int, Taken]


def measure(largest: int) -> Iterator[Row]:
    """Yield rows on the round trips, the capacity and the latency of each call."""
    sizes = sizes_up_to(largest)
    with empty_table():
        taken = {size: scenario.taken for size, scenario in _scenarios(sizes)}
    for rows in (_round_trips, _capacity, _latency):
        for name in ROUND_TRIPS:
            yield rows(name, {size: taken[size][name] for size in sizes})


def sizes_up_to(largest: int) -> list[int]:
    """Return 1,000, 10,000, …, `largest`."""
    sizes = []
    size = SMALLEST
    while size < largest:
        sizes.append(size)
        size *= 10
    return [*sizes, largest]


def _scenarios(sizes: list[int]) -> Iterator[tuple[int, Scenario]]:
    # Their imports read the environment, which is only now that of the table.
    from bench.dataset import Dataset  # noqa: PLC0415
    from bench.meter import Meter  # noqa: PLC0415
    from billing.table import table  # noqa: PLC0415

    meter = Meter(table()._client)
    customers = Dataset()
    for size in sizes:
        customers.grow(size)
        progress(f"measuring with {size:,} customers")
        call("GET", "/v2/customers")  # opens connections
        scenario = Scenario(meter)
        for repeat in range(REPEATS):
            scenario.read(customers)
            scenario.write(f"measured.{size}.{repeat:03d}")
            scenario.read_behind(customers, f"behind.{size}.{repeat:03d}")
        yield size, scenario


def _round_trips(name: str, taken: BySize) -> Row:
    most = {size: max(each.round_trips) for size, each in taken.items()}
    return Row("round trips", name, max(most.values()), "", ROUND_TRIPS[name], _by_size(most, str))


def _capacity(name: str, taken: BySize) -> Row:
    units = {size: statistics.median(each.units) for size, each in taken.items()}
    budget = None if name in GROWING else CAPACITY_GROWTH
    note = _by_size(units, "{:.1f}".format) + " units"
    return Row("capacity, most / least", name, max(units.values()) / min(units.values()), "x", budget, note)


def _latency(name: str, taken: BySize) -> Row:
    middle = {size: statistics.median(each.milliseconds) for size, each in taken.items()}
    slow = {size: statistics.quantiles(each.milliseconds, n=20)[-1] for size, each in taken.items()}
    note = f"p95 {slow[max(slow)]:.1f} ms; p50 " + _by_size(middle, "{:.1f}".format)
    return Row("latency on DynamoDB Local, p50", name, middle[max(middle)], "ms", note=note)


def _by_size[V](values: Mapping[int, V], text: Callable[[V], str]) -> str:
    return ", ".join(f"{size:,}: {text(value)}" for size, value in values.items())
