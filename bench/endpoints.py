"""What each endpoint asks of DynamoDB, and whether that stays the same while there is more and more.

The functions run in this process, on the events that API Gateway sends, against AWS's own DynamoDB Local. One tenant
grows in steps of ten, and at each step every call is made several times; then single objects of it grow. What is
called is in `scenarios/`, a file per resource.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.calls import call
from bench.database import empty_table
from bench.progress import progress
from bench.results import Row

if TYPE_CHECKING:
    from bench.dataset import Merchant
    from bench.meter import Meter
    from bench.scenario import Budget, OfMerchant, OfOne, Taken

SMALLEST = 1_000
REPEATS = 15


@dataclass(frozen=True, slots=True)
class Measured:
    """One call with its figures by size; `grows` says of what the sizes are."""

    subject: str
    budget: "Budget"
    taken: "Mapping[int, Taken]"
    grows: str


def measure(largest: int) -> Iterator[Row]:
    """Yield rows on the round trips, the capacity and the latency of each call."""
    with empty_table():
        measured = list(_measured(sizes_up_to(largest)))
    for row in (_round_trips, _capacity, _latency):
        yield from map(row, measured)


def sizes_up_to(largest: int) -> list[int]:
    """Return 1,000, 10,000, …, `largest`."""
    sizes = []
    size = SMALLEST
    while size < largest:
        sizes.append(size)
        size *= 10
    return [*sizes, largest]


def _measured(sizes: list[int]) -> Iterator[Measured]:
    # Their imports read the environment, which is only now that of the table.
    from bench.dataset import Merchant  # noqa: PLC0415
    from bench.meter import Meter  # noqa: PLC0415
    from bench.scenarios import OF_A_MERCHANT, OF_ONE  # noqa: PLC0415
    from billing.table import table  # noqa: PLC0415

    meter = Meter(table()._client)
    merchant = Merchant()
    yield from _of_a_merchant(OF_A_MERCHANT, merchant, meter, sizes)
    for scenario in OF_ONE:
        yield from _of_one(scenario, merchant, meter)


def _of_a_merchant(
    scenarios: "tuple[OfMerchant, ...]", merchant: "Merchant", meter: "Meter", sizes: list[int]
) -> Iterator[Measured]:
    from bench.scenario import Taking  # noqa: PLC0415 - as above

    taken: dict[str, dict[int, Mapping[str, Taken]]] = {each.subject: {} for each in scenarios}
    for size in sizes:
        merchant.grow(size, scenarios)
        call("GET", "/v2/customers")  # opens connections
        for scenario in scenarios:
            progress(f"measuring {scenario.subject} with {size:,} customers")
            take = Taking(meter)
            for repeat in range(REPEATS):
                scenario.measure(take, merchant, f"measured.{size}.{repeat:03d}")
            taken[scenario.subject][size] = take.taken
    for scenario in scenarios:
        yield from _by_call(scenario, taken[scenario.subject], "customers")


def _of_one(scenario: "OfOne", merchant: "Merchant", meter: "Meter") -> Iterator[Measured]:
    from bench.scenario import Taking  # noqa: PLC0415 - as above

    taken: dict[int, Mapping[str, Taken]] = {}
    for size in scenario.sizes:
        progress(f"measuring {scenario.subject} with {size:,} {scenario.grows}")
        scenario.grow(merchant, size)
        take = Taking(meter)
        for repeat in range(REPEATS):
            scenario.measure(take, f"{scenario.grows}.{size}.{repeat:03d}".replace(" ", "."))
        taken[size] = take.taken
    yield from _by_call(scenario, taken, scenario.grows)


def _by_call(
    scenario: "OfMerchant | OfOne", taken: "Mapping[int, Mapping[str, Taken]]", grows: str
) -> Iterator[Measured]:
    for name, budget in scenario.budgets.items():
        yield Measured(
            f"{scenario.subject}: {name}", budget, {size: calls[name] for size, calls in taken.items()}, grows
        )


def _round_trips(call: Measured) -> Row:
    most = {size: max(each.round_trips) for size, each in call.taken.items()}
    note = _by_size(most, str) + f" {call.grows}"
    return Row("round trips", call.subject, max(most.values()), "", call.budget.round_trips, note)


def _capacity(call: Measured) -> Row:
    units = {size: statistics.median(each.units) for size, each in call.taken.items()}
    note = _by_size(units, "{:.1f}".format) + f" units; {call.grows}"
    least, most = min(units.values()), max(units.values())
    # A call that asks nothing of DynamoDB asks the same at every size.
    growth = most / least if least else 1.0
    return Row("capacity, most / least", call.subject, growth, "x", call.budget.growth, note)


def _latency(call: Measured) -> Row:
    middle = {size: statistics.median(each.milliseconds) for size, each in call.taken.items()}
    slow = {size: statistics.quantiles(each.milliseconds, n=20)[-1] for size, each in call.taken.items()}
    note = f"p95 {slow[max(slow)]:.1f} ms; p50 " + _by_size(middle, "{:.1f}".format)
    return Row("latency on DynamoDB Local, p50", call.subject, middle[max(middle)], "ms", note=note)


def _by_size[V](values: Mapping[int, V], text: Callable[[V], str]) -> str:
    return ", ".join(f"{size:,}: {text(value)}" for size, value in values.items())
