"""Invoices: the merchant's, and those of one customer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from bench.dataset import (
    Merchant,
    has_history,
    new_customer,
    numbers_of,
    one_with_history,
    project,
    seed,
    stored,
    written,
)
from bench.people import id_of
from bench.scenario import CLOCK, Budget, Taking
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.invoices import rules
from billing.invoices.models import NewInvoice
from billing.invoices.record import KIND, Record, key_of, put
from billing.invoices.rules import Circumstances
from billing.table import Item, Transaction
from billing.tenancy import Call

PATH = "/v2/invoices"
CASH = {"payment_method": "cash"}
OPEN = {"status": "open"}


class Invoices:
    """The merchant's invoices: whoever has bought something has an open one."""

    subject: ClassVar[str] = "invoices"
    kind: ClassVar[str | None] = None
    budgets: ClassVar[Mapping[str, Budget]] = {
        # what it depends on, the number of its place, all of it written
        "create": Budget(3 + CLOCK),
        "create, replayed": Budget(1 + CLOCK),
        "create, open": Budget(3 + CLOCK),
        "get": Budget(1),
        "update": Budget(3 + CLOCK),
        "finalize": Budget(3 + CLOCK),
        "finalize, replayed": Budget(1 + CLOCK),
        "void": Budget(2 + CLOCK),
        # read; the payment's number; what changes with it; all of it written
        "pay by cash": Budget(4 + CLOCK),
        "pay by cash, replayed": Budget(1 + CLOCK),
        "delete": Budget(2 + CLOCK),
        "list": Budget(3),
        "list, offset in the middle": Budget(3),
        "list, after a cursor": Budget(3),
        "list, of a state": Budget(3),
        "list, of a state, after a cursor": Budget(3),
        "list, of a customer": Budget(3),
        "list, of a customer and a state": Budget(3),
    }

    def items_of(self, customer: Customer, sequence: int) -> Sequence[Item]:
        """Return the customer's invoice, and the rows that find it."""
        del sequence
        return _items(customer, numbers_of(KIND, 1)[0]) if has_history(customer) else []

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """List, and lead invoices to their ends."""
        self._list(take, one_with_history(merchant.customers).id, len(merchant.customers) // 20)
        customer = new_customer(f"billed.{name}")
        paid = take.keyed("create", "POST", PATH, _body(customer), 201).body["data"]["id"]
        take.call("get", "GET", f"{PATH}/{paid}")
        take.call("update", "PATCH", f"{PATH}/{paid}", {"memo": "Thank you"})
        take.keyed("finalize", "POST", f"{PATH}/{paid}/finalize", {})
        take.keyed("pay by cash", "POST", f"{PATH}/{paid}/pay", CASH)
        voided = take.call("create, open", "POST", PATH, _body(customer) | OPEN, status=201).body["data"]["id"]
        take.call("void", "POST", f"{PATH}/{voided}/void", {"reason": "Twice"})
        deleted = take.call("create", "POST", PATH, _body(customer), status=201).body["data"]["id"]
        take.call("delete", "DELETE", f"{PATH}/{deleted}")
        project([(None, stored(key_of(merchant.tenant, each))) for each in (paid, voided, deleted)])

    def _list(self, take: Taking, customer: str, middle: int) -> None:
        cursor = take.listed("list", PATH).body["data"][-1]["id"]
        take.listed("list, offset in the middle", PATH, offset=middle)
        take.listed("list, after a cursor", PATH, starting_after=cursor)
        cursor = take.listed("list, of a state", PATH, status="open").body["data"][-1]["id"]
        take.listed("list, of a state, after a cursor", PATH, status="open", starting_after=cursor)
        take.listed("list, of a customer", PATH, expected=1, customer_id=customer)
        take.listed("list, of a customer and a state", PATH, expected=1, customer_id=customer, status="open")


class InvoicesOfOneCustomer:
    """One customer's invoices, from the first on: pages of one, which must not cost more with more history."""

    subject: ClassVar[str] = "a customer's invoices"
    grows: ClassVar[str] = "invoices"
    sizes: ClassVar[Sequence[int]] = (1, 100, 10_000)
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(3 + CLOCK),
        "list": Budget(3),
        "list, after a cursor": Budget(3),
        "list, of a state": Budget(3),
        "list, the customer's": Budget(3),
        "list, the customer's, after a cursor": Budget(3),
        "finalize": Budget(3 + CLOCK),
        "void": Budget(2 + CLOCK),
        "get the customer": Budget(1),
    }

    def __init__(self) -> None:
        self._customer = ""

    def grow(self, merchant: Merchant, size: int) -> None:
        """Write so many invoices of a new customer."""
        self._customer = new_customer(f"invoiced.{size}")
        customer = Customer.from_item(stored(customer_key(merchant.tenant, self._customer)))
        seed([item for sequence in numbers_of(KIND, size) for item in _items(customer, sequence)])

    def measure(self, take: Taking, name: str) -> None:
        """List, with one more that is voided in the end."""
        del name
        customer, own = {"customer_id": self._customer, "limit": 1}, f"/v2/customers/{self._customer}"
        made = take.call("create", "POST", PATH, _body(self._customer), status=201).body["data"]["id"]
        take.listed("list", PATH, 1, **customer)
        take.listed("list, after a cursor", PATH, 1, **customer, starting_after=made)
        take.listed("list, of a state", PATH, 1, **customer, status="open")
        take.listed("list, the customer's", f"{own}/invoices", 1, limit=1)
        take.listed("list, the customer's, after a cursor", f"{own}/invoices", 1, limit=1, starting_after=made)
        take.call("get the customer", "GET", own)
        take.call("finalize", "POST", f"{PATH}/{made}/finalize", {})
        take.call("void", "POST", f"{PATH}/{made}/void", {})
        project([(None, stored(key_of(Merchant.tenant, made)))])


def _items(customer: Customer, sequence: int) -> list[Item]:
    return written(put(Transaction(), None, _open(customer, sequence)))


def _open(customer: Customer, sequence: int) -> Record:
    about, call = Circumstances(customer), Call("seeded", datetime.fromisoformat(customer.created_at))
    body = NewInvoice.model_validate(_body(customer.id))
    draft = rules.new_invoice(customer.tenant, body, about, id=id_of("inv", sequence), sequence=sequence, call=call)
    return rules.finalized(draft, about, number=f"S-{sequence:08d}", collects=None, call=call)


def _body(customer_id: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "currency": "EUR",
        "line_items": [
            {"description": "Consulting, by the hour", "amount_minor": 9_500, "quantity": 4},
            {"description": "Travelling", "amount_minor": 4_000},
        ],
        "memo": "For the quarter.",
    }
