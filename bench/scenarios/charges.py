"""Charges, and the payments that they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from bench.calls import call
from bench.dataset import Merchant, has_history, new_customer, numbers_of, one_with_history, project, stored, written
from bench.people import id_of
from bench.scenario import CLOCK, Budget, Taking
from bench.scenarios.payment_methods import CARD, card_of
from billing.customers.record import Record as Customer
from billing.gateway import Charged
from billing.payments import rules
from billing.payments.record import KIND, Record, key_of, payment_id_of, put
from billing.table import Item, Transaction
from billing.tenancy import Call

PATH = "/v2/charges"
PAYMENTS = "/v2/payments"
INTENTS = "/v2/payment-intents"


class Charges:
    """The merchant's charges: whoever has bought something has paid for it with its card."""

    subject: ClassVar[str] = "charges"
    kind: ClassVar[str | None] = None
    budgets: ClassVar[Mapping[str, Budget]] = {
        # was it asked before; the customer; its card; a number; what is about to be asked; and, when the gateway has
        # answered, what changes with it, all of it written
        "create": Budget(7 + CLOCK),
        "create, replayed": Budget(1 + CLOCK),
        "hold": Budget(7 + CLOCK),
        "capture": Budget(4 + CLOCK),
        "void": Budget(4 + CLOCK),
        "get": Budget(1),
        # read; what is about to be asked; what changes with it; all of it written
        "refund": Budget(4 + CLOCK),
        "refund, replayed": Budget(1 + CLOCK),
        "list": Budget(3),
        "list, after a cursor": Budget(3),
        "list, of a state": Budget(3),
        "list, of a customer": Budget(3),
    }

    def items_of(self, customer: Customer, sequence: int) -> Sequence[Item]:
        """Return the customer's payment, and the rows that find it."""
        del sequence
        if not has_history(customer):
            return []
        return written(put(Transaction(), None, _paid(customer, numbers_of(KIND, 1)[0])))

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """List, charge, and give back."""
        self._list(take, one_with_history(merchant.customers).id)
        customer = new_customer(f"charged.{name}")
        call("POST", "/v2/payment-methods", body={"customer_id": customer, "token": CARD})
        made = take.keyed("create", "POST", PATH, _body(customer), 201).body["data"]["id"]
        take.call("get", "GET", f"{PATH}/{made}")
        take.keyed("refund", "POST", f"{PATH}/{made}/refund", {"amount_minor": 500})
        held = [
            take.call("hold", "POST", PATH, _body(customer) | {"capture": False}, status=201).body["data"]["id"]
            for _ in range(2)
        ]
        take.call("capture", "POST", f"{PATH}/{held[0]}/capture", {})
        take.call("void", "POST", f"{PATH}/{held[1]}/void")
        project([(None, stored(key_of(merchant.tenant, payment_id_of(each)))) for each in (made, *held)])

    def _list(self, take: Taking, customer: str) -> None:
        cursor = take.listed("list", PATH).body["data"][-1]["id"]
        take.listed("list, after a cursor", PATH, starting_after=cursor)
        take.listed("list, of a state", PATH, status="succeeded")
        take.listed("list, of a customer", PATH, expected=1, customer_id=customer)


class Payments:
    """The merchant's payments: the charges, which are seeded with them."""

    subject: ClassVar[str] = "payments"
    kind: ClassVar[str | None] = None
    budgets: ClassVar[Mapping[str, Budget]] = {
        "list": Budget(3),
        "list, after a cursor": Budget(3),
        # each word covers several of the stored states, one query for each: four here, and the payments of the page
        "list, of a state": Budget(5),
        "list, of a customer": Budget(3),
        "list, the customer's": Budget(3),
        "get": Budget(1),
    }

    def items_of(self, customer: Customer, sequence: int) -> Sequence[Item]:
        """Return nothing: the charges are the payments."""
        del customer, sequence
        return []

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """List and read."""
        del name
        customer = one_with_history(merchant.customers).id
        cursor = take.listed("list", PAYMENTS).body["data"][-1]["id"]
        take.listed("list, after a cursor", PAYMENTS, starting_after=cursor)
        take.listed("list, of a state", PAYMENTS, status="captured")
        take.listed("list, of a customer", PAYMENTS, expected=1, customer_id=customer)
        take.listed("list, the customer's", f"/v2/customers/{customer}/payments", expected=1)
        take.call("get", "GET", f"{PAYMENTS}/{cursor}")


class PaymentIntents:
    """Payment intents: payments that are made before a gateway is asked, confirmed, and given up."""

    subject: ClassVar[str] = "payment intents"
    kind: ClassVar[str | None] = None
    budgets: ClassVar[Mapping[str, Budget]] = {
        # the customer; a number; all of it written
        "create": Budget(3 + CLOCK),
        "create, replayed": Budget(1 + CLOCK),
        # read; the customer; its card; what is about to be asked; what changes with it; all of it written
        "confirm": Budget(6 + CLOCK),
        "confirm, replayed": Budget(1 + CLOCK),
        "capture": Budget(4 + CLOCK),
        "cancel": Budget(2 + CLOCK),
        "cancel, of what is held": Budget(5 + CLOCK),
        "get": Budget(1),
        "list": Budget(3),
        "list, of a customer": Budget(3),
    }

    def items_of(self, customer: Customer, sequence: int) -> Sequence[Item]:
        """Return nothing: the charges are payment intents too."""
        del customer, sequence
        return []

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """Make some, confirm them, take and let go."""
        take.listed("list", INTENTS)
        take.listed("list, of a customer", INTENTS, expected=1, customer=one_with_history(merchant.customers).id)
        customer = new_customer(f"intended.{name}")
        call("POST", "/v2/payment-methods", body={"customer_id": customer, "token": CARD})
        wanted = {"customer": customer, "amount": 4_900, "currency": "EUR"}
        made = take.keyed("create", "POST", INTENTS, wanted, 200).body["id"]
        take.call("get", "GET", f"{INTENTS}/{made}")
        take.keyed("confirm", "POST", f"{INTENTS}/{made}/confirm", {})
        held = [call("POST", INTENTS, body={**wanted, "capture_method": "manual"}).body["id"] for _ in range(2)]
        for each in held:
            call("POST", f"{INTENTS}/{each}/confirm", body={})
        take.call("capture", "POST", f"{INTENTS}/{held[0]}/capture", {})
        take.call("cancel, of what is held", "POST", f"{INTENTS}/{held[1]}/cancel", {})
        unconfirmed = call("POST", INTENTS, body=wanted).body["id"]
        take.call("cancel", "POST", f"{INTENTS}/{unconfirmed}/cancel", {})
        ids = (made, *held, unconfirmed)
        project([(None, stored(key_of(merchant.tenant, payment_id_of(each)))) for each in ids])


def _paid(customer: Customer, sequence: int) -> Record:
    done = Call("seeded", datetime.fromisoformat(customer.created_at))
    begun = rules.begun(
        customer.tenant,
        card_of(customer, customer.wallet.default or "", sequence),
        id=id_of("pay", sequence),
        sequence=sequence,
        customer_id=customer.id,
        amount_minor=4_900,
        currency="EUR",
        work="0" * 64,
        call=done,
    )
    return rules.answered(begun, Charged(f"txn_{sequence:024d}"), done)


def _body(customer_id: str) -> dict[str, Any]:
    return {"customer_id": customer_id, "amount_minor": 4_900, "currency": "EUR", "description": "A pair of shoes"}
