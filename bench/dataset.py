"""A tenant with many customers, written by the product's own code: records, projection of the lists, event log."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch

from botocore.validate import ParamValidationDecorator

from bench import people
from bench.calls import MERCHANT, Context, call, handler_of
from bench.lambdas import NotMeasurable, template
from bench.progress import progress
from billing.customers.record import KIND, Record, key_of
from billing.table import Item, Key, Keys, Transaction, table
from billing.table.items import from_attributes, to_attributes
from billing.tenancy import Tenant
from local.filters import matches_any
from local.functions import function_events

if TYPE_CHECKING:
    from bench.scenario import OfMerchant

STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/bench/stream/2026-01-15T10:30:00.000"

_THREADS = 3
_BATCH = 500
_ALL_HAVE_HISTORY = 1_000


class Merchant:
    """The tenant, and the customers that were seeded, oldest first."""

    tenant: ClassVar[Tenant] = Tenant(MERCHANT, livemode=False)

    def __init__(self) -> None:
        self.customers: list[Record] = []

    def grow(self, size: int, scenarios: "Sequence[OfMerchant]") -> None:
        """Add customers until there are `size`, with their words, their ranks, and all that the scenarios give them."""
        if not self.customers:
            self._create_the_first()
        pattern, missing = self.customers[0], size - len(self.customers)
        numbers = {kind: numbers_of(kind, missing) for kind in {KIND, *(each.kind for each in scenarios if each.kind)}}
        added = (people.person(pattern, sequence) for sequence in numbers[KIND])
        began = time.monotonic()
        with unchecked_requests(), ThreadPoolExecutor(_THREADS) as threads:
            for batches in batched(batched(enumerate(added), _BATCH, strict=False), _THREADS, strict=False):
                list(threads.map(lambda batch: _write(_items_of(batch, scenarios, numbers)), batches))
                self.customers += [each for batch in batches for _, each in batch]
                progress(f"seeding {len(self.customers):,} of {size:,} customers, {time.monotonic() - began:.0f} s")

    def _create_the_first(self) -> None:
        """Create the one that all others are like."""
        self.customers.append(Record.from_item(stored(key_of(self.tenant, new_customer("pattern")))))


def new_customer(name: str) -> str:
    """Create a customer that is none of the seeded ones, bring the lists up to it, and return its id."""
    created: str = call("POST", "/v2/customers", body=people.body(name)).body["data"]["id"]
    project([(None, stored(key_of(Merchant.tenant, created)))])
    return created


def has_history(customer: Record) -> bool:
    """Whether a customer has bought something: one of ten has, and all of the first thousand.

    A history is many items. As many as a list counts are there at the smallest size already.
    """
    return customer.sequence <= _ALL_HAVE_HISTORY or customer.sequence % 10 == 0


def one_with_history(customers: Sequence[Record]) -> Record:
    """Return a customer with a history from the middle of the list."""
    return next(each for each in customers[len(customers) // 2 :] if has_history(each))


def numbers_of(kind: str, amount: int) -> range:
    """Return so many new numbers of the tenant's counter of one kind."""
    last = table().next_number(Keys(Merchant.tenant).sequence(kind), amount)
    return range(last - amount + 1, last + 1)


def seed(items: Sequence[Item]) -> None:
    """Write items as if they had been created, with all that follows for lists."""
    with unchecked_requests():
        _write(items)


def written(transaction: Transaction) -> list[Item]:
    """Return the items that a transaction puts: an object as the product itself writes it, with all that finds it."""
    return [from_attributes(each.request["Item"]) for each in transaction.writes if each.kind == "Put"]


def project(changes: Sequence[tuple[Item | None, Item]]) -> None:
    """Run the lists' projection over changes, each the item before and after, as the stream would bring them.

    Raises:
        NotMeasurable: it reports a failure.
    """
    handler = handler_of("ProjectLists")
    records = (each for each in _stream_records(changes) if matches_any(_patterns(), each))
    for batch in batched(records, _BATCH, strict=False):
        answer = handler({"Records": list(batch)}, Context())
        if answer and answer.get("batchItemFailures"):
            raise NotMeasurable("the projection of the lists failed")


def stored(key: Key) -> Item:
    """Return an item as it stands."""
    item = table().get(key)
    assert item is not None
    return item


def unchecked_requests() -> AbstractContextManager[Any]:
    """Let botocore send requests without looking at every value first, which would take as long as all the rest."""

    def serialized(decorator: Any, parameters: Any, model: Any) -> Any:
        return decorator._serializer.serialize_to_request(parameters, model)

    return patch.object(ParamValidationDecorator, "serialize_to_request", serialized)


def _items_of(
    batch: Sequence[tuple[int, Record]], scenarios: "Sequence[OfMerchant]", numbers: Mapping[str, range]
) -> list[Item]:
    return [
        item
        for nth, customer in batch
        for scenario in scenarios
        for item in scenario.items_of(customer, numbers[scenario.kind][nth] if scenario.kind else customer.sequence)
    ]


def _write(items: Sequence[Item]) -> None:
    table().put_all(items)
    project([(None, each) for each in items if "entity" in each])


@cache
def _patterns() -> list[Any]:
    """Return what the template's filter lets through to the projection."""
    for function, _, type_, properties in function_events(template()):
        if function == "ProjectLists" and type_ == "DynamoDB":
            return [json.loads(each["Pattern"]) for each in properties["FilterCriteria"]["Filters"]]
    raise NotMeasurable("the template has no projection of the lists")


def _stream_records(changes: Sequence[tuple[Item | None, Item]]) -> Iterator[dict[str, Any]]:
    for number, (old, new) in enumerate(changes):
        images: dict[str, Any] = {"NewImage": to_attributes(new)}
        if old:
            images["OldImage"] = to_attributes(old)
        yield {
            "eventID": f"{number:032x}",
            "eventName": "MODIFY" if old else "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "eventSourceARN": STREAM,
            "dynamodb": {
                "Keys": to_attributes({"pk": new["pk"], "sk": new["sk"]}),
                "SequenceNumber": f"{number + 1:021d}",
                "StreamViewType": "NEW_AND_OLD_IMAGES",
                "ApproximateCreationDateTime": time.time(),
                **images,
            },
        }
