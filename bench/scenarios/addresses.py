"""Addresses: those of any customer, and an address book that fills up."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bench.calls import call
from bench.dataset import Merchant, new_customer
from bench.scenario import Budget, Taking
from billing.customers.address_book import MOST_ADDRESSES
from billing.customers.record import Record
from billing.table import Item

BODY: Mapping[str, Any] = {
    "type": "shipping",
    "line1": "1 Main St",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}


class Addresses:
    """The addresses of one of more and more customers. They stand in the customer, so nothing is seeded."""

    subject: ClassVar[str] = "addresses"
    kind: ClassVar[str | None] = None
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(2),
        "create, replayed": Budget(1),
        "get": Budget(1),
        "update": Budget(2),
        "update, replayed": Budget(1),
        "delete": Budget(2),
        "list": Budget(1),
    }

    def items_of(self, customer: Record, sequence: int) -> Sequence[Item]:
        """Return nothing."""
        del customer, sequence
        return []

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """Add an address, change and remove it."""
        del merchant
        path = f"/v2/customers/{new_customer(f'lives.{name}')}/addresses"
        made = take.keyed("create", "POST", path, BODY, 201).body["data"]["id"]
        take.call("get", "GET", f"{path}/{made}")
        take.keyed("update", "PATCH", f"{path}/{made}", {"line1": "2 Main St"})
        take.listed("list", path, expected=2)
        take.call("delete", "DELETE", f"{path}/{made}")


class AddressBook:
    """One customer's addresses, up to one less than there may be; the customer that holds them grows with them."""

    subject: ClassVar[str] = "an address book"
    grows: ClassVar[str] = "addresses"
    sizes: ClassVar[Sequence[int]] = (1, 10, MOST_ADDRESSES - 1)
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(2, growth=None),
        "list": Budget(1, growth=None),
        "delete": Budget(2, growth=None),
    }

    def __init__(self) -> None:
        self._path = ""
        self._size = 0

    def grow(self, merchant: Merchant, size: int) -> None:
        """Add to the address that every customer is created with."""
        del merchant
        self._path, self._size = f"/v2/customers/{new_customer(f'moves.{size}')}/addresses", size
        for _ in range(size - 1):
            call("POST", self._path, body=BODY)

    def measure(self, take: Taking, name: str) -> None:
        """Add one and remove it."""
        del name
        made = take.call("create", "POST", self._path, BODY, status=201).body["data"]["id"]
        take.listed("list", self._path, expected=min(self._size + 1, 20))
        take.call("delete", "DELETE", f"{self._path}/{made}")
