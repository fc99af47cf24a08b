"""How many invoices a second one merchant can finalize: their numbers have no gaps, so they are given one by one.

    python -m bench.numbering

Every finalization is our own code on a table in memory that takes its time: `READ_SECONDS` for a read,
`WRITE_SECONDS` for a transaction, and a transaction that meets another one on an item is canceled, as DynamoDB does.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from billing.customers import operations as customers
from billing.customers.models import NewCustomer
from billing.errors import Unavailable
from billing.invoices import operations as invoices
from billing.invoices.models import Finalization, NewInvoice
from billing.tenancy import Call, Caller, Tenant
from tests.unit.table import memory

READ_SECONDS = 0.004
WRITE_SECONDS = 0.012
FUNCTION_SECONDS = 10.0
INVOICES = 400
AT_ONCE = (1, 2, 5, 10, 20, 50)


class Slow(memory.Memory):
    """A table in memory that is as slow as one that is reached over a network, and may be used by many at once."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._busy: set[str] = set()

    def get_item(self, **request: Any) -> dict[str, Any]:
        return self._read(super().get_item, request)

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        return self._read(super().batch_get_item, request)

    def update_item(self, **request: Any) -> dict[str, Any]:
        return self._read(super().update_item, request)

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        places = [_place(next(iter(each.values()))) for each in request["TransactItems"]]
        with self._lock:
            met = [place in self._busy for place in places]
            if not any(met):
                self._busy.update(places)
        time.sleep(WRITE_SECONDS)
        if any(met):
            raise _canceled(met)
        with self._lock:
            try:
                return super().transact_write_items(**request)
            finally:
                self._busy.difference_update(places)

    def _read(self, method: Callable[..., dict[str, Any]], request: Mapping[str, Any]) -> dict[str, Any]:
        time.sleep(READ_SECONDS)
        with self._lock:
            return method(**request)


def main() -> None:
    """Print a line for each number of requests at once."""
    print("at once   a second   503   numbers")
    for workers in AT_ONCE:
        with patch.object(memory, "Memory", Slow), memory.table_in_memory():
            drafts = [_draft(number) for number in range(INVOICES)]
            numbers, refused, seconds = _finalized(drafts, workers)
        whole = sorted(numbers) == [f"INV-{number:06d}" for number in range(1, len(numbers) + 1)]
        print(f"{workers:7}   {len(numbers) / seconds:8.1f}   {refused:3}   {'no gap' if whole else 'GAPS'}")


def _finalized(drafts: list[str], workers: int) -> tuple[list[str], int, float]:
    numbers: list[str] = []
    outcomes: Counter[str] = Counter()

    def work() -> None:
        while drafts:
            try:
                finalized = invoices.finalize(_caller(), drafts.pop(), Finalization())
            except IndexError:
                return
            except Unavailable:
                outcomes["refused"] += 1
            else:
                numbers.append(finalized.invoice_number or "")

    threads = [threading.Thread(target=work) for _ in range(workers)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return numbers, outcomes["refused"], time.monotonic() - start


def _draft(number: int) -> str:
    with patch.object(time, "sleep"):
        new = NewCustomer(email=f"payer.{number}@example.com")
        customer = customers.create(_caller(), new, source="api")
        return invoices.create(_caller(), NewInvoice(customer_id=customer.id, total_minor=100)).id


def _caller() -> Caller:
    until = time.monotonic() + FUNCTION_SECONDS
    call = Call("req", datetime.now(UTC))
    call = replace(call, remaining_seconds=lambda: until - time.monotonic())
    return Caller(Tenant("mer_" + "1" * 32, livemode=True), "key", frozenset({"*"}), call)


def _canceled(met: list[bool]) -> ClientError:
    reasons = [{"Code": "TransactionConflict" if each else "None"} for each in met]
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": ""},
        "CancellationReasons": reasons,
    }
    return ClientError(answer, "TransactWriteItems")


def _place(write: Mapping[str, Any]) -> str:
    key = write.get("Item") or write["Key"]
    return f"{key['pk']['S']} {key['sk']['S']}"


if __name__ == "__main__":
    main()
