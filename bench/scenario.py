"""What is measured: the calls of one resource, each with what it may ask of DynamoDB, while something grows."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from bench.calls import Answer, call
from bench.dataset import Merchant
from bench.lambdas import NotMeasurable
from bench.meter import Meter
from billing.customers.record import Record
from billing.table import Item

CONSTANT = 1.1
"""How much more capacity a call that does the same work may take where it takes most than where it takes least."""


CLOCK = 1
"""What a call takes more in a sandbox if what it does happens at the time of the merchant's test clock: its reading."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one call may come to at any size.

    `round_trips` is None where they depend on what is found, `growth` where there is more to read by right: a page
    that is longer, an object that is larger. Both numbers are then shown and not judged.
    """

    round_trips: int | None
    growth: float | None = CONSTANT


@dataclass(slots=True)
class Taken:
    """The figures of one call at one size, one per repetition."""

    round_trips: list[int] = field(default_factory=list)
    units: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


class Taking:
    """Makes calls and takes their figures, by name."""

    def __init__(self, meter: Meter) -> None:
        self.taken: dict[str, Taken] = {}
        self._meter = meter

    def call(
        self,
        name: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Answer:
        """Make one call.

        Raises:
            NotMeasurable: it is answered with another status.
        """
        with self._meter.metered() as usage:
            began = time.perf_counter()
            answer = call(method, path, query, body, headers)
            took = time.perf_counter() - began
        if answer.status != status:
            raise NotMeasurable(f"{name}: answered {answer.status}: {answer.body}")
        taken = self.taken.setdefault(name, Taken())
        taken.round_trips.append(usage.round_trips)
        taken.units.append(usage.units)
        taken.milliseconds.append(took * 1000)
        return answer

    def keyed(self, name: str, method: str, path: str, body: Mapping[str, Any], status: int = 200) -> Answer:
        """Call twice with one idempotency key, the second time as `…, replayed`.

        Raises:
            NotMeasurable: the second answer is not the first once more.
        """
        headers = {"idempotency-key": uuid.uuid4().hex}
        first = self.call(name, method, path, body, headers=headers, status=status)
        again = self.call(f"{name}, replayed", method, path, body, headers=headers, status=status)
        if first != again:
            raise NotMeasurable(f"{name}: the same idempotency key was answered differently")
        return first

    def listed(self, name: str, path: str, expected: int | None = 20, **query: str | int) -> Answer:
        """Call for a page.

        Raises:
            NotMeasurable: it does not have as many objects as expected; None expects nothing.
        """
        answer = self.call(name, "GET", path, query=query)
        found = len(answer.body["data"])
        if expected not in {None, found}:
            raise NotMeasurable(f"{name}: {found} objects, not {expected}")
        return answer


class OfMerchant(Protocol):
    """Calls that are measured while the merchant grows: with every customer of the dataset comes what it has.

    `subject` stands before the names of the calls; `kind` is the kind of object whose counter numbers what is seeded,
    None where nothing is that has a number.
    """

    subject: ClassVar[str]
    kind: ClassVar[str | None]
    budgets: ClassVar[Mapping[str, Budget]]

    def items_of(self, customer: Record, sequence: int) -> Sequence[Item]:
        """Return what a customer has: items by the product's own records, the kind's next number their sequence."""

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """Make every call of `budgets` once; `name` is like no other, and fit for an e-mail's local part."""


class OfOne(Protocol):
    """Calls that are measured while one object grows: a customer's history, a wallet, a tenant's settings.

    `sizes` are those at which they are measured, of what is counted in `grows`.
    """

    subject: ClassVar[str]
    grows: ClassVar[str]
    sizes: ClassVar[Sequence[int]]
    budgets: ClassVar[Mapping[str, Budget]]

    def grow(self, merchant: Merchant, size: int) -> None:
        """Add to the object until it has `size`."""

    def measure(self, take: Taking, name: str) -> None:
        """Make every call of `budgets` once, and leave the object at its size."""
