"""Payment methods: the merchant's, and those that one customer holds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from bench.dataset import Merchant, new_customer, numbers_of, seed, stored, written
from bench.people import CARD_EXPIRES, id_of
from bench.scenario import CLOCK, Budget, Taking
from billing.customers import wallet
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.gateway import Stored
from billing.gateway.sandbox import INSTRUMENTS
from billing.payment_methods.record import KIND, Record, put
from billing.table import Item, Transaction

PATH = "/v2/payment-methods"
CARD = "tok_visa"


class PaymentMethods:
    """The merchant's payment methods: every customer has one card."""

    subject: ClassVar[str] = "payment methods"
    kind: ClassVar[str | None] = KIND
    budgets: ClassVar[Mapping[str, Budget]] = {
        # read; number, what is about to be asked; the customer once more, all of it written
        "create": Budget(5 + CLOCK),
        "create, replayed": Budget(1 + CLOCK),
        # a method, and the wallet that knows whether it is the default
        "get": Budget(2 + CLOCK),
        "update": Budget(3 + CLOCK),
        "update, replayed": Budget(1 + CLOCK),
        "make the default": Budget(3 + CLOCK),
        "attach": Budget(2 + CLOCK),
        "attach, from another customer": Budget(3 + CLOCK),
        "detach": Budget(3 + CLOCK),
        "list": Budget(3 + CLOCK),
        "list, of a type": Budget(3 + CLOCK),
        "list, after a cursor": Budget(3 + CLOCK),
        "list, of a type, after a cursor": Budget(3 + CLOCK),
        "list, of a customer": Budget(3 + CLOCK),
        "list, active ones of a customer": Budget(3 + CLOCK),
    }

    def items_of(self, customer: Customer, sequence: int) -> Sequence[Item]:
        """Return the customer's card, and the row that finds it."""
        assert customer.wallet.default
        return _items(card_of(customer, customer.wallet.default, sequence))

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """List, and move two new cards about."""
        self._list(take, merchant)
        customer, other = new_customer(f"holds.{name}"), new_customer(f"gets.{name}")
        kept = take.keyed("create", "POST", PATH, _body(customer), 201).body["id"]
        path = f"{PATH}/{kept}"
        take.call("get", "GET", path)
        take.keyed("update", "PATCH", path, {"billing_details": {"name": "Marguerite Petitjean"}})
        second = take.call("create", "POST", PATH, _body(customer), status=201).body["id"]
        take.call("make the default", "POST", f"{PATH}/{second}/default")
        take.call("attach, from another customer", "POST", f"{path}/attach", {"customer_id": other})
        take.call("detach", "POST", f"{path}/detach")
        take.call("attach", "POST", f"{path}/attach", {"customer_id": other})
        for each in (kept, second):
            take.call("detach", "POST", f"{PATH}/{each}/detach")

    def _list(self, take: Taking, merchant: Merchant) -> None:
        holder = merchant.customers[len(merchant.customers) // 2]
        take.listed("list", PATH)
        take.listed("list, of a type", PATH, type="card")
        take.listed("list, after a cursor", PATH, starting_after=holder.wallet.default or "")
        take.listed("list, of a type, after a cursor", PATH, type="card", starting_after=holder.wallet.default or "")
        take.listed("list, of a customer", PATH, expected=1, customer_id=holder.id)
        take.listed("list, active ones of a customer", f"/v2/customers/{holder.id}/payment-methods", expected=1)


class Wallet:
    """One customer's wallet, up to one less than it may hold; what is read with it grows with it."""

    subject: ClassVar[str] = "a wallet"
    grows: ClassVar[str] = "payment methods"
    sizes: ClassVar[Sequence[int]] = (1, 10, wallet.MOST_HELD - 1)
    budgets: ClassVar[Mapping[str, Budget]] = {
        "get the customer": Budget(1, growth=None),
        "list": Budget(2 + CLOCK, growth=None),
        "list, active ones": Budget(2 + CLOCK, growth=None),
        "create": Budget(5 + CLOCK, growth=None),
        "make the default": Budget(3 + CLOCK, growth=None),
        "detach": Budget(3 + CLOCK, growth=None),
    }

    def __init__(self) -> None:
        self._customer = ""
        self._size = 0

    def grow(self, merchant: Merchant, size: int) -> None:
        """Write the customer anew with as many cards."""
        self._customer, self._size = new_customer(f"wallet.{size}"), size
        numbers = numbers_of(KIND, size)
        ids = [id_of("pm", 10**9 + number) for number in numbers]
        before = Customer.from_item(stored(customer_key(merchant.tenant, self._customer)))
        held = tuple(wallet.Held(each, CARD_EXPIRES) for each in ids)
        customer = replace(before, wallet=wallet.Wallet(held, ids[0]))
        cards = [card_of(customer, each, number) for each, number in zip(ids, numbers, strict=True)]
        seed([customer.to_item(), *(item for card in cards for item in _items(card))])

    def measure(self, take: Taking, name: str) -> None:
        """Read the wallet, and put a card in and out of it."""
        del name
        path = f"/v2/customers/{self._customer}"
        take.call("get the customer", "GET", path)
        take.listed("list", PATH, expected=self._size, customer_id=self._customer, limit=100)
        take.listed("list, active ones", f"{path}/payment-methods", expected=self._size)
        added = take.call("create", "POST", PATH, _body(self._customer), status=201).body["id"]
        take.call("make the default", "POST", f"{PATH}/{added}/default")
        take.call("detach", "POST", f"{PATH}/{added}/detach")


def card_of(customer: Customer, card_id: str, sequence: int) -> Record:
    """Return a card that a customer holds."""
    return Record(
        tenant=customer.tenant,
        id=card_id,
        version=1,
        sequence=sequence,
        gateway="sandbox",
        stored=Stored(CARD),
        details=INSTRUMENTS[CARD],
        created_at=customer.created_at,
        updated_at=customer.updated_at,
        customer_id=customer.id,
        is_attached=True,
        was_default=customer.wallet.default == card_id,
        request_id=customer.request_id,
        idempotency_key=customer.idempotency_key,
    )


def _items(record: Record) -> list[Item]:
    return written(put(Transaction(), None, record))


def _body(customer_id: str) -> dict[str, Any]:
    return {"customer_id": customer_id, "token": CARD}
