"""Lists of businesses: the merchant's, and those of one customer."""

from collections.abc import Mapping, Sequence
from typing import Any

from billing.businesses.models import Business, ListBusinesses
from billing.businesses.record import KIND, Record, key_of
from billing.ids import object_id, parse_id
from billing.table import Item, Keys, table
from billing.table.ranked import RankedList
from billing.tenancy import Tenant
from billing.wire import Listing, refuse


def list_businesses(tenant: Tenant, query: ListBusinesses) -> Listing[Business]:
    """Return a page of live businesses, newest first.

    Raises:
        NotFound: what `customer_id` names is no id.
        InvalidFields: a cursor names no business of the tenant.
    """
    if query.customer_id is not None:
        return _of_customer(tenant, query, object_id("cus", "customer", query.customer_id))
    businesses = RankedList(tenant, KIND)
    offset = None
    if query.starting_after is not None:
        page = businesses.older(_place(tenant, "starting_after", query.starting_after), query.limit)
    elif query.ending_before is not None:
        page = businesses.newer(_place(tenant, "ending_before", query.ending_before), query.limit)
    else:
        offset = query.first()
        page = businesses.page(offset, query.limit)
    return Listing(_shown(page.items), page.has_more, query.limit, offset=offset, total=page.total, kind="page")


def _of_customer(tenant: Tenant, query: ListBusinesses, customer_id: str) -> Listing[Business]:
    rows = _rows(tenant, customer_id)
    sequences = [int(row["sk"]) for row in rows]
    first, last, offset = query.first(), query.first() + query.limit, None
    has_more = last < len(rows)
    if query.starting_after is not None:
        place = _place(tenant, "starting_after", query.starting_after)
        first = sum(sequence >= place for sequence in sequences)
        last = first + query.limit
        has_more = last < len(rows)
    elif query.ending_before is not None:
        place = _place(tenant, "ending_before", query.ending_before)
        last = sum(sequence > place for sequence in sequences)
        first = max(last - query.limit, 0)
        has_more = first > 0
    else:
        offset = first
    wanted = rows[first:last]
    items = table().get_all([key_of(tenant, row["business_id"]) for row in wanted]) if wanted else []
    # Between the two reads a business may have been deleted.
    live = [item for item in items if item and "deleted_at" not in item]
    return Listing(_shown(live), has_more, query.limit, offset=offset, total=len(rows), kind="page")


def _rows(tenant: Tenant, customer_id: str) -> list[Item]:
    """Return the rows of all businesses of a customer, newest first: one query unless they fill a megabyte."""
    partition = Keys(tenant).child("customer", customer_id, KIND, 0)["pk"]
    rows: list[Item] = []
    start: Mapping[str, Any] | None = None
    while True:
        page = table().query("pk = :pk", {":pk": partition}, start=start)
        rows += page.items
        start = page.last_key
        if start is None:
            return rows


def _shown(items: Sequence[Item]) -> list[Business]:
    return [Record.from_item(item).to_business() for item in items]


def _place(tenant: Tenant, param: str, text: str) -> int:
    """Return the place of the business that a cursor names: a deleted one keeps it.

    Raises:
        InvalidFields: the tenant has no such business.
    """
    business_id = parse_id("bus", text)
    item = table().get(key_of(tenant, business_id)) if business_id else None
    if item is None:
        raise refuse(param, "must be the id of a business")
    return Record.from_item(item).sequence
