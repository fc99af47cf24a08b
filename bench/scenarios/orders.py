"""Orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from bench.dataset import Merchant, has_history, new_customer, numbers_of, one_with_history, project, stored, written
from bench.people import id_of
from bench.scenario import CLOCK, Budget, Taking
from billing.billing_settings.record import Settings
from billing.customers.record import Record as Customer
from billing.orders import rules
from billing.orders.models import NewOrder
from billing.orders.record import KIND, key_of, put
from billing.table import Item, Transaction
from billing.tenancy import Call

PATH = "/v2/orders"


class Orders:
    """The merchant's orders: whoever has bought something has one that is not paid yet."""

    subject: ClassVar[str] = "orders"
    kind: ClassVar[str | None] = None
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(3 + CLOCK),
        "create, replayed": Budget(1 + CLOCK),
        "get": Budget(1),
        "fulfill": Budget(2 + CLOCK),
        "cancel": Budget(2 + CLOCK),
        "list": Budget(3),
        "list, after a cursor": Budget(3),
        "list, of a state": Budget(3),
        "list, of a state, after a cursor": Budget(3),
        "list, of a customer": Budget(3),
        "list, the customer's": Budget(3),
    }

    def items_of(self, customer: Customer, sequence: int) -> Sequence[Item]:
        """Return the customer's order, and the rows that find it."""
        del sequence
        return _items(customer, numbers_of(KIND, 1)[0]) if has_history(customer) else []

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """List, deliver one order and give another up."""
        self._list(take, one_with_history(merchant.customers).id)
        customer = new_customer(f"orders.{name}")
        made = take.keyed("create", "POST", PATH, _body(customer), 201).body["id"]
        take.call("get", "GET", f"{PATH}/{made}")
        take.call("fulfill", "POST", f"{PATH}/{made}/fulfill")
        other = take.call("create", "POST", PATH, _body(customer), status=201).body["id"]
        take.call("cancel", "POST", f"{PATH}/{other}/cancel")
        project([(None, stored(key_of(merchant.tenant, each))) for each in (made, other)])

    def _list(self, take: Taking, customer: str) -> None:
        cursor = take.listed("list", PATH).body["data"][-1]["id"]
        take.listed("list, after a cursor", PATH, starting_after=cursor)
        cursor = take.listed("list, of a state", PATH, status="pending").body["data"][-1]["id"]
        take.listed("list, of a state, after a cursor", PATH, status="pending", starting_after=cursor)
        take.listed("list, of a customer", PATH, expected=1, customer_id=customer)
        take.listed("list, the customer's", f"/v2/customers/{customer}/orders", expected=1)


def _items(customer: Customer, sequence: int) -> list[Item]:
    record = rules.new_order(
        customer.tenant,
        NewOrder.model_validate(_body(customer.id)),
        id=id_of("ord", sequence),
        sequence=sequence,
        customer=customer,
        settings=Settings(),
        rates=(),
        buyer_tax=None,
        call=Call("seeded", datetime.fromisoformat(customer.created_at)),
    )
    return written(put(Transaction(), None, record))


def _body(customer_id: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "currency": "EUR",
        "line_items": [{"description": "Engraved punch cards", "unit_price": 2_500, "quantity": 4}],
        "notes": "Leave at the gate.",
    }
