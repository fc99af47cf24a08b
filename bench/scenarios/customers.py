"""Customers: lists, search, and one from its creation to its deletion."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from bench import people
from bench.calls import call
from bench.dataset import Merchant, project, stored
from bench.scenario import CLOCK, Budget, Taking
from billing.customers.record import KIND, Record, email_key, key_of
from billing.table import Item

PATH = "/v2/customers"


class Customers:
    """The merchant's customers."""

    subject: ClassVar[str] = "customers"
    kind: ClassVar[str | None] = KIND
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(2),
        "create, replayed": Budget(2),
        "get": Budget(1),
        "update": Budget(2),
        "update, replayed": Budget(1),
        "delete": Budget(2 + CLOCK),
        "list, offset 0": Budget(3),
        "list, offset in the middle": Budget(3),
        "list, offset at the end": Budget(3),
        "list, page 2": Budget(3),
        "list, after a cursor": Budget(3),
        "list, offset 0, stream behind": Budget(3),
        "list, offset in the middle, stream behind": Budget(3),
        "list, by e-mail": Budget(3),
        "search, common word": Budget(3),
        "search, rare word": Budget(3),
        "search, two words": Budget(None, growth=None),
    }

    def items_of(self, customer: Record, sequence: int) -> Sequence[Item]:
        """Return the customer itself and the owner of its e-mail."""
        assert customer.sequence == sequence
        owner = {
            **email_key(customer.tenant, customer.email),
            "entity": "email",
            "customer_id": customer.id,
            "version": 1,
        }
        return [customer.to_item(), owner]

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """List, search, write, and list while the stream is behind."""
        self._read(take, merchant)
        self._write(take, name)
        newest = call("POST", PATH, body=people.body(f"behind.{name}")).body["data"]["id"]
        take.listed("list, offset 0, stream behind", PATH, offset=0)
        take.listed("list, offset in the middle, stream behind", PATH, offset=len(merchant.customers) // 2)
        project([(None, stored(key_of(merchant.tenant, newest)))])

    def _read(self, take: Taking, merchant: Merchant) -> None:
        total = len(merchant.customers)
        middle = merchant.customers[total // 2]
        take.listed("list, offset 0", PATH, offset=0)
        take.listed("list, offset in the middle", PATH, offset=total // 2)
        take.listed("list, offset at the end", PATH, offset=total - 20)
        take.listed("list, page 2", PATH, page=2)
        take.listed("list, after a cursor", PATH, starting_after=middle.id)
        take.listed("list, by e-mail", PATH, expected=1, email=middle.email.upper())
        take.listed("search, common word", PATH, search=people.COMMON)
        take.listed("search, rare word", PATH, expected=1, search=people.RARE)
        take.listed("search, two words", PATH, expected=None, search=f"{people.COMMON} {people.ALSO_COMMON}")

    def _write(self, take: Taking, name: str) -> None:
        """Create, change and delete a customer, and bring the lists up to it."""
        created = take.keyed("create", "POST", PATH, people.body(name), 201)
        customer = created.body["data"]["id"]
        path, key = f"{PATH}/{customer}", key_of(Merchant.tenant, customer)
        images: list[Item] = [stored(key)]
        take.call("get", "GET", path)
        take.keyed("update", "PATCH", path, {"name": "Marguerite Petitjean"})
        images.append(stored(key))
        take.call("delete", "DELETE", path)
        images.append(stored(key))
        project(list(zip([None, *images], images, strict=False)))
