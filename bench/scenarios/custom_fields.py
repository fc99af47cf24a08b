"""Custom fields: a tenant's definitions, and customers that are held against them."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from bench import people
from bench.calls import call
from bench.dataset import Merchant, project, stored
from bench.scenario import Budget, Taking
from billing.customers.record import key_of
from billing.settings.rules import MOST_FIELDS

PATH = "/v2/settings/custom-fields"


class CustomFields:
    """The tenant's custom fields, up to one less than there may be; they are one item, which grows with them."""

    subject: ClassVar[str] = "custom fields"
    grows: ClassVar[str] = "custom fields"
    sizes: ClassVar[Sequence[int]] = (1, 10, MOST_FIELDS - 1)
    budgets: ClassVar[Mapping[str, Budget]] = {
        "create": Budget(2, growth=None),
        "create, replayed": Budget(1, growth=None),
        "get": Budget(1, growth=None),
        "update": Budget(2, growth=None),
        "update, replayed": Budget(1, growth=None),
        "delete": Budget(2, growth=None),
        "list": Budget(1, growth=None),
        "create a customer without any": Budget(2),
        # the definitions are read once the counter has told that there are some
        "create a customer with one": Budget(3, growth=None),
        "update a customer with one": Budget(2, growth=None),
    }

    def __init__(self) -> None:
        self._size = 0

    def grow(self, merchant: Merchant, size: int) -> None:
        """Define so many."""
        del merchant
        for number in range(self._size, size):
            call("POST", PATH, body={"key": f"field_{number}", "label": f"Field {number}", "type": "text"})
        self._size = size

    def measure(self, take: Taking, name: str) -> None:
        """Define one, change it, fill another one in, and remove it."""
        made = take.keyed("create", "POST", PATH, {"key": "measured", "label": "Measured", "type": "number"}, 201)
        path = f"{PATH}/{made.body['data']['id']}"
        take.call("get", "GET", path)
        take.keyed("update", "PATCH", path, {"label": "Measured anew"})
        take.listed("list", PATH, expected=min(self._size + 1, 20))
        take.call("delete", "DELETE", path)
        self._fill_in(take, name)

    def _fill_in(self, take: Taking, name: str) -> None:
        plain, path = people.body(f"plain.{name}"), "/v2/customers"
        customers = [
            take.call("create a customer without any", "POST", path, plain, status=201),
            take.call(
                "create a customer with one",
                "POST",
                path,
                {**people.body(f"filled.{name}"), "custom_fields": {"field_0": "text"}},
                status=201,
            ),
        ]
        ids = [each.body["data"]["id"] for each in customers]
        take.call("update a customer with one", "PATCH", f"{path}/{ids[0]}", {"custom_fields": {"field_0": "other"}})
        project([(None, stored(key_of(Merchant.tenant, each))) for each in ids])
