"""Subscriptions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from bench.dataset import Merchant, has_history, new_customer, numbers_of, one_with_history, project, stored, written
from bench.people import id_of
from bench.scenario import CLOCK, Budget, Taking
from billing.billing_settings.record import Settings
from billing.customers.record import Record as Customer
from billing.subscriptions import rules
from billing.subscriptions.models import NewSubscription
from billing.subscriptions.record import KIND, key_of, put
from billing.table import Item, Transaction
from billing.tenancy import Call

PATH = "/v2/subscriptions"


class Subscriptions:
    """The merchant's subscriptions: whoever has bought something has one."""

    subject: ClassVar[str] = "subscriptions"
    kind: ClassVar[str | None] = None
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(3 + CLOCK),
        "create, replayed": Budget(1 + CLOCK),
        "get": Budget(1 + CLOCK),
        "cancel with the period": Budget(2 + CLOCK),
        "cancel": Budget(2 + CLOCK),
        "list": Budget(3 + CLOCK),
        "list, after a cursor": Budget(3 + CLOCK),
        "list, of a state": Budget(3 + CLOCK),
        "list, of a state, after a cursor": Budget(3 + CLOCK),
        "list, of a customer": Budget(3 + CLOCK),
        "list, the customer's": Budget(3),
    }

    def items_of(self, customer: Customer, sequence: int) -> Sequence[Item]:
        """Return the customer's subscription, and the rows that find it."""
        del sequence
        return _items(customer, numbers_of(KIND, 1)[0]) if has_history(customer) else []

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """List, and lead a subscription from its beginning to its end."""
        self._list(take, one_with_history(merchant.customers).id)
        customer = new_customer(f"subscribes.{name}")
        made = take.keyed("create", "POST", PATH, _body(customer), 201).body["data"]["id"]
        take.call("get", "GET", f"{PATH}/{made}")
        take.call("cancel with the period", "POST", f"{PATH}/{made}/cancel", {"mode": "period_end"})
        take.call("cancel", "POST", f"{PATH}/{made}/cancel", {"mode": "immediately"})
        project([(None, stored(key_of(merchant.tenant, made)))])

    def _list(self, take: Taking, customer: str) -> None:
        cursor = take.listed("list", PATH).body["data"][-1]["id"]
        take.listed("list, after a cursor", PATH, starting_after=cursor)
        cursor = take.listed("list, of a state", PATH, status="active").body["data"][-1]["id"]
        take.listed("list, of a state, after a cursor", PATH, status="active", starting_after=cursor)
        take.listed("list, of a customer", PATH, expected=1, customer_id=customer)
        take.listed("list, the customer's", f"/v2/customers/{customer}/subscriptions", expected=1)


def _items(customer: Customer, sequence: int) -> list[Item]:
    record = rules.new_subscription(
        customer.tenant,
        NewSubscription.model_validate(_body(customer.id)),
        id=id_of("sub", sequence),
        sequence=sequence,
        customer_id=customer.id,
        currency="EUR",
        settings=Settings(),
        call=Call("seeded", datetime.fromisoformat(customer.created_at)),
    )
    return written(put(Transaction(), None, record))


def _body(customer_id: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "amount_minor": 4_900,
        "currency": "EUR",
        "billing_interval": "month",
        "quantity": 2,
        "description": "Analytical Engine, per seat",
    }
