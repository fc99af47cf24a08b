"""Businesses: the merchant's, and those of one customer."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bench.calls import call
from bench.dataset import Merchant, new_customer, numbers_of, project, seed, stored
from bench.people import id_of
from bench.scenario import Budget, Taking
from billing.businesses.record import KIND, Record, key_of
from billing.businesses.tax_ids import Recognised
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.table import Item

PATH = "/v2/businesses"


class Businesses:
    """The merchant's businesses: every customer has one."""

    subject: ClassVar[str] = "businesses"
    kind: ClassVar[str | None] = KIND
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(2),
        "create, replayed": Budget(2),
        "get": Budget(1),
        "update": Budget(2),
        "update, replayed": Budget(1),
        "link a customer": Budget(2),
        "unlink a customer": Budget(2),
        "delete": Budget(2),
        "list, offset 0": Budget(3),
        "list, offset in the middle": Budget(3),
        "list, offset at the end": Budget(3),
        "list, after a cursor": Budget(3),
        "list, of a customer": Budget(3),
        "list, offset in the middle, stream behind": Budget(3),
    }

    def items_of(self, customer: Customer, sequence: int) -> Sequence[Item]:
        """Return the customer's business, and the row that finds it."""
        return _items(_of(customer, sequence), customer)

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """List, and lead a business from its creation to its deletion."""
        total = len(merchant.customers) - 1
        customer = merchant.customers[total // 2]
        middle = take.listed("list, of a customer", PATH, expected=1, customer_id=customer.id).body["data"][0]["id"]
        take.listed("list, offset 0", PATH, offset=0)
        take.listed("list, offset in the middle", PATH, offset=total // 2)
        take.listed("list, offset at the end", PATH, offset=total - 20)
        take.listed("list, after a cursor", PATH, starting_after=middle)
        self._write(take, customer.id, new_customer(f"owns.{name}"))
        newest = call("POST", PATH, body=_body(customer.id)).body["data"]["id"]
        take.listed("list, offset in the middle, stream behind", PATH, offset=total // 2)
        call("DELETE", f"{PATH}/{newest}")
        project([(None, stored(key_of(merchant.tenant, newest)))])

    def _write(self, take: Taking, customer: str, other: str) -> None:
        made = take.keyed("create", "POST", PATH, _body(customer), 201).body["data"]["id"]
        path, key = f"{PATH}/{made}", key_of(Merchant.tenant, made)
        images = [stored(key)]
        take.call("get", "GET", path)
        take.keyed("update", "PATCH", path, {"name": "Petitjean SARL"})
        take.call("link a customer", "POST", f"{path}/customers/{other}")
        take.call("unlink a customer", "DELETE", f"{path}/customers/{other}")
        images.append(stored(key))
        take.call("delete", "DELETE", path)
        images.append(stored(key))
        project(list(zip([None, *images], images, strict=False)))


class BusinessesOfOneCustomer:
    """One customer's businesses: a list of them reads the rows of all, which are small, to count them."""

    subject: ClassVar[str] = "a customer's businesses"
    grows: ClassVar[str] = "businesses"
    sizes: ClassVar[Sequence[int]] = (20, 100, 1_000)
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(2),
        "list": Budget(2, growth=None),
        "list, after a cursor": Budget(3, growth=None),
    }

    def __init__(self) -> None:
        self._customer = ""

    def grow(self, merchant: Merchant, size: int) -> None:
        """Write so many businesses of a new customer."""
        self._customer = new_customer(f"owner.{size}")
        customer = Customer.from_item(stored(customer_key(merchant.tenant, self._customer)))
        seed([item for sequence in numbers_of(KIND, size) for item in _items(_of(customer, sequence), customer)])

    def measure(self, take: Taking, name: str) -> None:
        """List, and add one."""
        del name
        newest = take.listed("list", PATH, customer_id=self._customer).body["data"][0]["id"]
        take.listed("list, after a cursor", PATH, None, customer_id=self._customer, starting_after=newest)
        made = take.call("create", "POST", PATH, _body(self._customer), status=201).body["data"]["id"]
        project([(None, stored(key_of(Merchant.tenant, made)))])


def _of(customer: Customer, sequence: int) -> Record:
    return Record(
        tenant=customer.tenant,
        id=id_of("bus", sequence),
        version=1,
        sequence=sequence,
        created_at=customer.created_at,
        updated_at=customer.updated_at,
        texts={name: text for name, text in _body(customer.id).items() if name != "customer_id"},
        tax=Recognised("eu_vat", "verified_format"),
        customer_ids=(customer.id,),
        request_id=customer.request_id,
        idempotency_key=customer.idempotency_key,
    )


def _items(record: Record, customer: Customer) -> list[Item]:
    return [record.to_item(), {**record.link_key(customer.id), **record.to_link()}]


def _body(customer_id: str) -> dict[str, Any]:
    return {
        "name": "Delacroix et Filles SARL",
        "tax_identifier": "DE136695976",
        "billing_email": "accounts@example.com",
        "billing_address_line1": "14 Rue des Remparts",
        "billing_city": "Bordeaux",
        "billing_postcode": "33000",
        "billing_country": "FR",
        "customer_id": customer_id,
    }
