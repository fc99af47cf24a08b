"""Rows by which objects are found when their time has come.

One row serves two readers: the index has the rows of all tenants, for the schedule that serves them all; the table has
a tenant's own in the order of their time, for its test clock. A row is written by the transaction that writes its
object, and an object has one of them at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from billing.table import keys
from billing.table.items import Item, Key
from billing.table.keys import Keys
from billing.table.partitions import oldest
from billing.table.table import table
from billing.table.transaction import Transaction
from billing.tenancy import Tenant


@dataclass(frozen=True, slots=True)
class Due:
    """An object whose time comes at a Unix second."""

    tenant: Tenant
    kind: str
    id: str
    second: int


def follow(transaction: Transaction, before: Due | None, after: Due | None) -> Transaction:
    """Have an object's row follow from its other time, in the transaction that writes the object."""
    if before == after:
        return transaction
    if before is not None:
        transaction.unfollow(_key(before))
    if after is not None:
        row: Item = {
            "entity": "due",
            "id": after.id,
            "merchant_id": after.tenant.merchant_id,
            "livemode": after.tenant.livemode,
            "list": keys.due(after.kind),
            "sequence": after.second,
        }
        transaction.follow(_key(after), row)
    return transaction


def of_all(kind: str, limit: int, *, until: int) -> Sequence[Due]:
    """Return the objects of all tenants that are due at a second, those first that have waited longest."""
    return [_due(kind, item) for item in oldest(keys.due(kind), limit, until=until)]


def of_tenant(tenant: Tenant, kind: str, limit: int, *, until: int) -> Sequence[Due]:
    """Return the objects of one tenant that are due at a second, those first that have waited longest."""
    partition = Keys(tenant).due(kind, 0, "")["pk"]
    values = {":pk": partition, ":until": f"{until + 1:015d}"}
    page = table().query("pk = :pk AND sk < :until", values, limit=limit, newest_first=False)
    return [_due(kind, item) for item in page.items]


def _due(kind: str, item: Item) -> Due:
    return Due(Tenant(item["merchant_id"], item["livemode"]), kind, item["id"], item["sequence"])


def _key(due: Due) -> Key:
    return Keys(due.tenant).due(due.kind, due.second, due.id)
