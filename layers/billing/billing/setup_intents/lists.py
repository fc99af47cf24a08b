"""Lists of setup intents: the merchant's, of one state, of one customer."""

from typing import get_args

from billing.ids import object_id, parse_id
from billing.setup_intents.models import ListSetupIntents, SetupIntent, Status
from billing.setup_intents.record import KIND, Record, key_of
from billing.table import Keys, table
from billing.table.partitions import MOST_COUNTED, count, newest
from billing.tenancy import Caller, Tenant
from billing.wire import Listing, refuse


def find(caller: Caller, query: ListSetupIntents) -> Listing[SetupIntent]:
    """Return a page of setup intents, newest first.

    `total_count` is exact up to 1,000 of each state, and up to the newest 1,000 of a customer; beyond, it says so many.

    Raises:
        InvalidFields: a cursor names no setup intent of the tenant.
        NotFound: `customer_id` is no id.
    """
    older_than = _place(caller.tenant, "starting_after", query.starting_after) if query.starting_after else None
    newer_than = _place(caller.tenant, "ending_before", query.ending_before) if query.ending_before else None
    if query.customer_id is not None:
        return _of_customer(caller.tenant, query, older_than, newer_than)
    keys = Keys(caller.tenant)
    states = [query.status] if query.status else get_args(Status.__value__)
    partitions = [keys.listing(KIND, state) for state in states]
    items, has_more = newest(partitions, query.limit, older_than=older_than, newer_than=newer_than)
    data = [Record.from_item(item).to_setup_intent() for item in items]
    return Listing(data, has_more, query.limit, total=sum(map(count, partitions)))


def _of_customer(
    tenant: Tenant, query: ListSetupIntents, older_than: int | None, newer_than: int | None
) -> Listing[SetupIntent]:
    """Read the customer's rows, which are small, and then the intents of the page."""
    customer_id = object_id("cus", "customer", query.customer_id or "")
    partition = Keys(tenant).child("customer", customer_id, KIND, 0)["pk"]
    rows = table().query("pk = :pk", {":pk": partition}, limit=MOST_COUNTED).items
    wanted = [row for row in rows if query.status in (None, row["status"])]
    if newer_than is not None:
        newer = [row for row in wanted if int(row["sk"]) > newer_than]
        page, has_more = newer[-query.limit :], len(newer) > query.limit
    else:
        older = [row for row in wanted if older_than is None or int(row["sk"]) < older_than]
        page, has_more = older[: query.limit], len(older) > query.limit
    items = table().get_all([key_of(tenant, row["id"]) for row in page]) if page else []
    data = [Record.from_item(item).to_setup_intent() for item in items if item]
    return Listing(data, has_more, query.limit, total=len(wanted))


def _place(tenant: Tenant, param: str, text: str) -> int:
    intent_id = parse_id("seti", text)
    item = table().get(key_of(tenant, intent_id)) if intent_id else None
    if item is None:
        raise refuse(param, "must be the id of a setup intent")
    return Record.from_item(item).sequence
