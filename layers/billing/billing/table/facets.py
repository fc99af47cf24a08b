"""Rows by which objects are found by what they have in common: those of one customer, in one state, or both at once.

Each facet is a partition of the table itself, in the order of the objects' sequence, so a page costs what it shows
however many objects share the facet, and it is as consistent as the objects are: a row is written by the transaction
that writes its object.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Protocol

from billing.table.items import Item
from billing.table.keys import Keys
from billing.table.table import table
from billing.table.transaction import Transaction
from billing.tenancy import Tenant


@dataclass(frozen=True, slots=True)
class Faceted:
    """An object among others of its kind; `facets` are those that it is found by now.

    `created` is the Unix second of its creation, for lists that are asked for a span of time. `customer_id` is whose
    it is, for lists that read the customers along with their objects.
    """

    tenant: Tenant
    kind: str
    id: str
    sequence: int
    facets: Collection[str] = ()
    created: int | None = None
    customer_id: str | None = None


class Record(Protocol):
    """The stored truth of an object that is found by facets; its versions count from 1."""

    @property
    def version(self) -> int:
        """Which of its states this is."""

    @property
    def faceted(self) -> Faceted:
        """By what it is found."""

    def to_item(self) -> Item:
        """Return the item."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where an object stands, which one it is, and when it was created and whose it is if its rows tell."""

    sequence: int
    id: str
    created: int | None = None
    customer_id: str | None = None


def facet(**shared: str | None) -> str | None:
    """Return the facet that names everything that is given (`customer#cus_…#status#open`), None if nothing is."""
    return "#".join(f"{name}#{text}" for name, text in shared.items() if text is not None) or None


def every_facet(**shared: str | None) -> frozenset[str]:
    """Return the facets that find an object by any of what is given, alone and together, in the order given."""
    given = [(name, text) for name, text in shared.items() if text is not None]
    chosen = (some for size in range(1, len(given) + 1) for some in combinations(given, size))
    return frozenset("#".join(f"{name}#{text}" for name, text in some) for some in chosen)


def put(transaction: Transaction, before: Record | None, after: Record) -> Transaction:
    """Add an object's new state to a transaction, with the rows by which it is found; nothing if it is the same."""
    if after is before:
        return transaction
    faceted = after.faceted
    key = Keys(faceted.tenant).entity(faceted.kind, faceted.id)
    transaction.put(key, after.to_item(), over=before.version if before else 0)
    return follow(transaction, before.faceted if before else None, faceted)


def follow(transaction: Transaction, before: Faceted | None, after: Faceted) -> Transaction:
    """Have the rows of an object follow from its other state, in the transaction that writes it."""
    old, new = frozenset(before.facets if before else ()), frozenset(after.facets)
    is_told = before is not None and before.customer_id == after.customer_id
    keys = Keys(after.tenant)
    for gone in sorted(old - new):
        transaction.unfollow(keys.row(after.kind, gone, after.sequence))
    for come in sorted(new - old if is_told else new):
        row: Item = {"entity": "row", "id": after.id, "created": after.created, "customer_id": after.customer_id}
        transaction.follow(keys.row(after.kind, come, after.sequence), row)
    return transaction


def rows(
    tenant: Tenant,
    kind: str,
    wanted: str,
    limit: int,
    *,
    older_than: int | None = None,
    newer_than: int | None = None,
) -> Sequence[Row]:
    """Return up to `limit` rows of one facet, newest first; with `newer_than`, the nearest newer ones.

    One query unless they fill a megabyte, which is some 10,000.
    """
    partition = Keys(tenant).row(kind, wanted, 0)["pk"]
    condition, values = "pk = :pk", {":pk": partition}
    bound = older_than if older_than is not None else newer_than
    if bound is not None:
        condition += " AND sk < :sk" if older_than is not None else " AND sk > :sk"
        values[":sk"] = Keys(tenant).row(kind, wanted, bound)["sk"]
    found: list[Row] = []
    start: Any = None
    while len(found) < limit:
        page = table().query(condition, values, limit=limit - len(found), newest_first=newer_than is None, start=start)
        found += [Row(int(item["sk"]), item["id"], item.get("created"), item.get("customer_id")) for item in page.items]
        start = page.last_key
        if start is None:
            break
    return found if newer_than is None else found[::-1]
