"""The calls that are measured at every size of the dataset."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench import people
from bench.calls import Answer, call
from bench.dataset import Dataset, project, stored
from bench.lambdas import NotMeasurable
from bench.meter import Meter
from billing.table import Item


@dataclass(slots=True)
class Taken:
    """The figures of one call at one size of the dataset, one per repetition."""

    round_trips: list[int] = field(default_factory=list)
    units: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


class Scenario:
    """One pass over every call, with the figures that it adds."""

    def __init__(self, meter: Meter) -> None:
        self.taken: dict[str, Taken] = {}
        self._meter = meter

    def read(self, customers: Dataset) -> None:
        """List and search."""
        total = len(customers.records)
        middle = customers.records[total // 2].id
        self._list("list, offset 0", offset=0)
        self._list("list, offset in the middle", offset=total // 2)
        self._list("list, offset at the end", offset=total - 20)
        self._list("list, page 2", page=2)
        self._list("list, after a cursor", starting_after=middle)
        self._list("list, by e-mail", expected=1, email=customers.records[total // 2].email.upper())
        self._list("search, common word", search=people.COMMON)
        self._list("search, rare word", expected=1, search=people.RARE)
        self._list("search, two words", expected=None, search=f"{people.COMMON} {people.ALSO_COMMON}")
        self._take("list events", lambda: call("GET", "/v2/events"))

    def write(self, name: str) -> None:
        """Create, change and delete a customer, each change with an idempotency key, and bring the lists up to it."""
        created = self._keyed("create", "POST", "/v2/customers", people.body(name), 201)
        customer = created.body["data"]["id"]
        path = f"/v2/customers/{customer}"
        images: list[Item] = [stored(customer)]
        self._take("get", lambda: call("GET", path))
        self._keyed("update", "PATCH", path, {"name": "Marguerite Petitjean"}, 200)
        images.append(stored(customer))
        self._take("delete", lambda: call("DELETE", path))
        images.append(stored(customer))
        project(list(zip([None, *images], images, strict=False)))

    def read_behind(self, customers: Dataset, name: str) -> None:
        """List while the stream has not brought the newest customer, then bring the lists up to it."""
        newest = call("POST", "/v2/customers", body=people.body(name)).body["data"]["id"]
        self._list("list, offset 0, stream behind", offset=0)
        self._list("list, offset in the middle, stream behind", offset=len(customers.records) // 2)
        project([(None, stored(newest))])

    def _list(self, name: str, *, expected: int | None = 20, **query: str | int) -> None:
        answer = self._take(name, lambda: call("GET", "/v2/customers", query))
        found = len(answer.body["data"])
        if expected not in {None, found}:
            raise NotMeasurable(f"{name}: {found} customers, not {expected}")

    def _keyed(self, name: str, method: str, path: str, body: Mapping[str, object], status: int) -> Answer:
        """Call twice with one idempotency key: the second answer must be the first once more."""
        headers = {"idempotency-key": uuid.uuid4().hex}
        first = self._take(name, lambda: call(method, path, body=body, headers=headers), status)
        again = self._take(f"{name}, replayed", lambda: call(method, path, body=body, headers=headers), status)
        if first != again:
            raise NotMeasurable(f"{name}: the same idempotency key was answered differently")
        return first

    def _take(self, name: str, made: Callable[[], Answer], status: int = 200) -> Answer:
        with self._meter.metered() as usage:
            began = time.perf_counter()
            answer = made()
            took = time.perf_counter() - began
        if answer.status != status:
            raise NotMeasurable(f"{name}: answered {answer.status}: {answer.body}")
        taken = self.taken.setdefault(name, Taken())
        taken.round_trips.append(usage.round_trips)
        taken.units.append(usage.units)
        taken.milliseconds.append(took * 1000)
        return answer
