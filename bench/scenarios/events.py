"""The event log."""

import threading
from collections.abc import Mapping, Sequence
from typing import ClassVar
from unittest.mock import patch

from bench.dataset import STREAM, Merchant
from bench.scenario import Budget, Taking
from billing import events
from billing.customers.events import events_of
from billing.customers.record import Record
from billing.events.envelope import enveloped
from billing.table import Item, Key

CUSTOMERS_PER_EVENT = 10
"""The log is kept shorter than the list of customers: five items for every event take their time."""

_patching = threading.Lock()


class Events:
    """The events of the merchant's customers."""

    subject: ClassVar[str] = "events"
    kind: ClassVar[str | None] = None
    budgets: ClassVar[Mapping[str, Budget]] = {
        "list": Budget(3),
        "list, of a customer": Budget(3),
        "list, of a type": Budget(3),
        "list, after a cursor": Budget(3),
        "get": Budget(1),
    }

    def items_of(self, customer: Record, sequence: int) -> Sequence[Item]:
        """Return what the event log keeps of the creation of every tenth customer."""
        del sequence
        if customer.sequence % CUSTOMERS_PER_EVENT:
            return []
        kept: list[Item] = []

        class Collecting:
            """Stands in for the table, so that items of many events are written in full batches."""

            def put_all(self, items: Sequence[Item], _delete: Sequence[Key] = ()) -> None:
                kept.extend(items)

        with _patching, patch("billing.events.log.table", Collecting):
            for happened in events_of(None, customer):
                events.record(enveloped(happened, customer.to_item(), STREAM))
        return kept

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """List and read."""
        del merchant, name
        path = "/v2/events"
        page = take.listed("list", path).body["data"]
        cursor, about = page[-1]["id"], page[0]["data"]["object"]["id"]
        take.listed("list, of a customer", path, expected=1, customer_id=about)
        take.listed("list, of a type", path, type="customer.created")
        take.listed("list, after a cursor", path, starting_after=cursor)
        take.call("get", "GET", f"{path}/{cursor}")
