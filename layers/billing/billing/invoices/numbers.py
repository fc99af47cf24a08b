"""Invoice numbers: one series per merchant, without gaps, and the merchant's own numbers outside it.

A number is taken by the transaction that finalizes the invoice, on condition that nobody has taken one since the series
was read; whoever is overtaken does it all again. So no number is ever lost, and a merchant finalizes as many invoices a
second as one item takes conditional writes one after another: tens.
"""

import re
from dataclasses import dataclass

from billing.errors import Conflict
from billing.table import Item, Key, Keys, Transaction
from billing.tenancy import Tenant
from billing.wire import refuse

_PREFIX = "INV-"
_DIGITS = 6
_IN_SERIES = re.compile(rf"{_PREFIX}\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The series of a merchant; `last` is the last number that was given, 0 before the first."""

    version: int = 0
    last: int = 0

    @property
    def next(self) -> str:
        """The number that is given next."""
        return f"{_PREFIX}{self.last + 1:0{_DIGITS}d}"

    @classmethod
    def from_item(cls, item: Item | None) -> "Numbers":
        """Return the series that `put` wrote; without an item, one that has not begun."""
        return cls() if item is None else cls(item["version"], item["last"])


def key_of(tenant: Tenant) -> Key:
    """Return the key of a merchant's series."""
    return Keys(tenant).setting("invoice_numbers")


def put(transaction: Transaction, tenant: Tenant, before: Numbers) -> Transaction:
    """Take the next number, unless somebody has taken it since the series was read."""
    item = {"entity": "invoice_numbers", "version": before.version + 1, "last": before.last + 1}
    return transaction.put(key_of(tenant), item, over=before.version)


def check_own(number: str) -> None:
    """Check that a merchant's own number is none of the series.

    Raises:
        InvalidFields: it looks like one.
    """
    if _IN_SERIES.fullmatch(number):
        raise refuse("invoice_number", f"must not look like {_PREFIX}000001, as the numbers of the series do")


def claim(transaction: Transaction, tenant: Tenant, number: str, invoice_id: str) -> Transaction:
    """Take a number of the merchant's own.

    Its commit raises `Conflict` if another invoice has it.
    """

    def taken(item: Item) -> Exception:
        about = {"invoice_id": item.get("invoice_id", "")}
        return Conflict("Another invoice has this number", param="invoice_number", details=about)

    return transaction.create(
        Keys(tenant).invoice_number(number), {"entity": "invoice_number", "invoice_id": invoice_id}, refusal=taken
    )


def release(transaction: Transaction, tenant: Tenant, number: str) -> Transaction:
    """Give back a number of the merchant's own that an invoice no longer has."""
    return transaction.unfollow(Keys(tenant).invoice_number(number))
