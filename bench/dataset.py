"""A tenant with many customers, written by the product's own code: records, projection of the lists, event log."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import batched
from typing import Any
from unittest.mock import patch

from botocore.validate import ParamValidationDecorator

from bench import people
from bench.calls import MERCHANT, Context, call, handler_of
from bench.lambdas import NotMeasurable
from bench.progress import progress
from billing import events
from billing.customers.events import events_of
from billing.customers.record import KIND, Record, email_key, key_of
from billing.events.envelope import enveloped
from billing.table import Item, Key, Keys, table
from billing.table.items import to_attributes
from billing.tenancy import Tenant

TENANT = Tenant(MERCHANT, livemode=True)
CUSTOMERS_PER_EVENT = 10
"""The event log is kept shorter than the list of customers: five items for every event take their time."""

_STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/bench/stream/2026-01-15T10:30:00.000"
_THREADS = 3
_BATCH = 500
_patching = threading.Lock()


class Dataset:
    """The customers that were seeded, oldest first."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def grow(self, size: int) -> None:
        """Add customers until there are `size`, with their words, ranks and events."""
        if not self.records:
            created = call("POST", "/v2/customers", body=people.body("pattern")).body["data"]["id"]
            project([(None, stored(created))])
            self.records.append(Record.from_item(stored(created)))
        missing = size - len(self.records)
        last = table().next_number(Keys(TENANT).sequence(KIND), missing)
        added = (people.person(self.records[0], sequence) for sequence in range(last - missing + 1, last + 1))
        began = time.monotonic()
        with _unchecked_requests(), ThreadPoolExecutor(_THREADS) as threads:
            for batches in batched(batched(added, _BATCH, strict=False), _THREADS, strict=False):
                list(threads.map(_write, batches))
                self.records += [each for batch in batches for each in batch]
                progress(f"seeding {len(self.records):,} of {size:,} customers, {time.monotonic() - began:.0f} s")


def project(changes: Sequence[tuple[Item | None, Item]]) -> None:
    """Run the lists' projection over changes, each the item before and after, as the stream would bring them.

    Raises:
        NotMeasurable: it reports a failure.
    """
    handler = handler_of("ProjectLists")
    for batch in batched(changes, _BATCH, strict=False):
        answer = handler({"Records": list(_stream_records(batch))}, Context())
        if answer and answer.get("batchItemFailures"):
            raise NotMeasurable("the projection of the lists failed")


def stored(customer_id: str) -> Item:
    """Return a customer's item as it stands."""
    item = table().get(key_of(TENANT, customer_id))
    assert item is not None
    return item


def _unchecked_requests() -> AbstractContextManager[Any]:
    """Let botocore send requests without looking at every value first, which would take as long as all the rest."""

    def serialized(decorator: Any, parameters: Any, model: Any) -> Any:
        return decorator._serializer.serialize_to_request(parameters, model)

    return patch.object(ParamValidationDecorator, "serialize_to_request", serialized)


def _write(records: Sequence[Record]) -> None:
    table().put_all([item for each in records for item in _entity_items(each)])
    table().put_all(_logged(records[::CUSTOMERS_PER_EVENT]))
    project([(None, each.to_item()) for each in records])


def _entity_items(record: Record) -> list[Item]:
    owner = {**email_key(TENANT, record.email), "entity": "email", "customer_id": record.id, "version": 1}
    return [record.to_item(), owner]


def _logged(records: Sequence[Record]) -> list[Item]:
    """Return the items that the event log keeps of the customers' creation."""

    class Collecting:
        """Stands in for the table, so that items of many events are written in full batches."""

        def put_all(self, items: Sequence[Item], _delete: Sequence[Key] = ()) -> None:
            kept.extend(items)

    kept: list[Item] = []
    with _patching, patch("billing.events.log.table", Collecting):
        for each in records:
            for happened in events_of(None, each):
                events.record(enveloped(happened, each.to_item(), _STREAM))
    return kept


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
            "eventSourceARN": _STREAM,
            "dynamodb": {
                "Keys": to_attributes({"pk": new["pk"], "sk": new["sk"]}),
                "SequenceNumber": f"{number + 1:021d}",
                "StreamViewType": "NEW_AND_OLD_IMAGES",
                "ApproximateCreationDateTime": time.time(),
                **images,
            },
        }
