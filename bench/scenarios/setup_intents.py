"""Setup intents: the merchant's, and those of one customer."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from bench.dataset import Merchant, new_customer, numbers_of, project, seed, stored, written
from bench.people import id_of
from bench.scenario import CLOCK, Budget, Taking
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.long_lists import MOST_COUNTED
from billing.setup_intents.record import KIND, Record, key_of, put
from billing.table import Item, Transaction

PATH = "/v2/setup-intents"
CARD = "tok_visa"


class SetupIntents:
    """The merchant's setup intents: every customer's card has come by one."""

    subject: ClassVar[str] = "setup intents"
    kind: ClassVar[str | None] = KIND
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(2),
        "create, replayed": Budget(2),
        "create, without a customer": Budget(2),
        "get": Budget(1),
        "update": Budget(2),
        "update, replayed": Budget(1),
        "confirm": Budget(7 + CLOCK),
        "confirm, replayed": Budget(1 + CLOCK),
        "cancel": Budget(2),
        "list": Budget(3),
        "list, after a cursor": Budget(3),
        "list, of a state": Budget(3),
        "list, of a state, after a cursor": Budget(3),
        "list, of a customer": Budget(3),
    }

    def items_of(self, customer: Customer, sequence: int) -> Sequence[Item]:
        """Return the intent that the customer's card came by, and the rows that find it."""
        return _items(_succeeded(customer, sequence))

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """List, confirm one and cancel another."""
        self._list(take, merchant)
        customer = new_customer(f"means.{name}")
        made = take.keyed("create", "POST", PATH, {"customer_id": customer}, 201).body["id"]
        take.call("get", "GET", f"{PATH}/{made}")
        take.keyed("update", "PATCH", f"{PATH}/{made}", {"description": "For the quarter."})
        take.keyed("confirm", "POST", f"{PATH}/{made}/confirm", {"payment_token": CARD})
        other = take.call("create, without a customer", "POST", PATH, {}, status=201).body["id"]
        take.call("cancel", "POST", f"{PATH}/{other}/cancel", {"cancellation_reason": "abandoned"})
        project([(None, stored(key_of(merchant.tenant, each))) for each in (made, other)])

    def _list(self, take: Taking, merchant: Merchant) -> None:
        customer = merchant.customers[len(merchant.customers) // 2]
        page = take.listed("list", PATH)
        take.listed("list, after a cursor", PATH, starting_after=page.body["data"][-1]["id"])
        page = take.listed("list, of a state", PATH, status="succeeded")
        cursor = page.body["data"][-1]["id"]
        take.listed("list, of a state, after a cursor", PATH, status="succeeded", starting_after=cursor)
        take.listed("list, of a customer", PATH, expected=1, customer_id=customer.id)


class SetupIntentsOfOneCustomer:
    """One customer's setup intents, from as many on as a list of them counts: more must cost no more."""

    subject: ClassVar[str] = "a customer's setup intents"
    grows: ClassVar[str] = "setup intents"
    sizes: ClassVar[Sequence[int]] = (MOST_COUNTED, 10 * MOST_COUNTED)
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(2),
        "list": Budget(2),
        "list, after a cursor": Budget(3),
        "list, of a state": Budget(2),
    }

    def __init__(self) -> None:
        self._customer = ""

    def grow(self, merchant: Merchant, size: int) -> None:
        """Write so many intents of a new customer."""
        self._customer = new_customer(f"intends.{size}")
        customer = Customer.from_item(stored(customer_key(merchant.tenant, self._customer)))
        seed([item for sequence in numbers_of(KIND, size) for item in _items(_succeeded(customer, sequence))])

    def measure(self, take: Taking, name: str) -> None:
        """List, and add one."""
        del name
        made = take.call("create", "POST", PATH, {"customer_id": self._customer}, status=201).body["id"]
        project([(None, stored(key_of(Merchant.tenant, made)))])
        page = take.listed("list", PATH, customer_id=self._customer)
        cursor = page.body["data"][-1]["id"]
        take.listed("list, after a cursor", PATH, customer_id=self._customer, starting_after=cursor)
        take.listed("list, of a state", PATH, customer_id=self._customer, status="succeeded")


def _succeeded(customer: Customer, sequence: int) -> Record:
    intent_id = id_of("seti", sequence)
    return Record(
        tenant=customer.tenant,
        id=intent_id,
        version=3,
        sequence=sequence,
        status="succeeded",
        kinds=("card",),
        usage="off_session",
        gateway="sandbox",
        client_secret=f"{intent_id}_secret_{'0' * 32}",
        created_at=customer.created_at,
        updated_at=customer.updated_at,
        confirmed_at=customer.updated_at,
        customer_id=customer.id,
        payment_method_id=customer.wallet.default,
        attempt="0" * 64,
        attempt_digest="0" * 64,
    )


def _items(record: Record) -> list[Item]:
    return written(put(Transaction(), None, record))
