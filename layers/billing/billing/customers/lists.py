"""Lists of customers: all of them, those found by words, the one with an e-mail."""

from datetime import datetime

from billing.customers.models import Customer, ListCustomers
from billing.customers.operations import find_by_email
from billing.customers.record import KIND, Record, key_of
from billing.customers.search import search
from billing.customers.words import have_all, terms_of, words_of
from billing.ids import parse_id
from billing.table import table
from billing.table.ranked import RankedList
from billing.tenancy import Tenant
from billing.wire import Listing, refuse

FURTHEST_SEARCHED = 1_000
"""How many results of a search can be skipped; beyond, a cursor goes on."""


def list_customers(tenant: Tenant, query: ListCustomers, now: datetime) -> Listing[Customer]:
    """Return a page of the tenant's live customers, newest first; of a search, by matched word.

    With `email` there is at most one result and it is immediate; with `search` too, both must hold. `has_more` is
    about the direction of reading: with `ending_before`, whether there are customers before the page.

    Raises:
        InvalidFields: a cursor names no customer of the tenant, or a search can't be read from there.
    """
    if query.email is not None:
        return _with_email(tenant, query, query.email, now)
    if query.search is not None:
        return _found(tenant, query, query.search, now)
    return _ranked(tenant, query, now)


def _ranked(tenant: Tenant, query: ListCustomers, now: datetime) -> Listing[Customer]:
    customers = RankedList(tenant, KIND)
    offset = None
    if query.starting_after is not None:
        page = customers.older(_cursor(tenant, "starting_after", query.starting_after).sequence, query.limit)
    elif query.ending_before is not None:
        page = customers.newer(_cursor(tenant, "ending_before", query.ending_before).sequence, query.limit)
    else:
        offset = query.first()
        page = customers.page(offset, query.limit)
    data = [Record.from_item(item).to_customer(now) for item in page.items]
    return Listing(data, page.has_more, query.limit, offset=offset, total=page.total)


def _found(tenant: Tenant, query: ListCustomers, text: str, now: datetime) -> Listing[Customer]:
    if query.ending_before is not None:
        raise refuse("ending_before", "can't be used with search, which is read forward; use starting_after")
    after, offset = None, None
    if query.starting_after is not None:
        after = _cursor(tenant, "starting_after", query.starting_after)
    else:
        offset = query.first()
        if offset > FURTHEST_SEARCHED:
            raise refuse(
                "page" if query.offset is None else "offset",
                f"can skip at most {FURTHEST_SEARCHED} results of a search; use starting_after to go on",
            )
    found = search(tenant, text, limit=query.limit, skip=offset or 0, after=after)
    return Listing([each.to_customer(now) for each in found.records], found.has_more, query.limit, offset=offset)


def _with_email(tenant: Tenant, query: ListCustomers, email: str, now: datetime) -> Listing[Customer]:
    record = find_by_email(tenant, email)
    if record and query.search is not None:
        terms = terms_of(query.search)
        record = record if terms and have_all(words_of(record.texts), terms) else None
    total = 1 if record else 0
    offset = None
    if query.starting_after is not None:
        cursor = _cursor(tenant, "starting_after", query.starting_after)
        on_page = record is not None and record.sequence < cursor.sequence
    elif query.ending_before is not None:
        cursor = _cursor(tenant, "ending_before", query.ending_before)
        on_page = record is not None and record.sequence > cursor.sequence
    else:
        offset = query.first()
        on_page = offset == 0
    data = [record.to_customer(now)] if record and on_page else []
    return Listing(data, has_more=False, limit=query.limit, offset=offset, total=total)


def _cursor(tenant: Tenant, param: str, text: str) -> Record:
    """Return the customer that a cursor names: a deleted one keeps its place.

    Raises:
        InvalidFields: the tenant has no such customer.
    """
    customer_id = parse_id("cus", text)
    item = table().get(key_of(tenant, customer_id)) if customer_id else None
    if item is None:
        raise refuse(param, "must be the id of a customer")
    return Record.from_item(item)
